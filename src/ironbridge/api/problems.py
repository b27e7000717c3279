"""Every error as RFC 9457 problem details: one shape, whatever went wrong and wherever.

`STATUS` is the whole mapping from `ironbridge.errors` to HTTP; the nearest class in an error's ancestry wins. What this
process did not foresee becomes a 500 that says so without saying what was inside; what was inside is in the log, under
the request id that the problem names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

from ironbridge import errors
from ironbridge.api.access import CsrfMissing, ForeignOrigin, TooManyAttempts
from ironbridge.api.limits import TooManyStreams
from ironbridge.api.schemas.problem import Problem
from ironbridge.session.failover import OrdersInFlight
from ironbridge.session.pool import SessionNotFound

MEDIA_TYPE = "application/problem+json"

STATUS: dict[type[errors.IronbridgeError], int] = {
    errors.IronbridgeError: 500,
    errors.InvalidInput: 422,
    errors.SettingFixed: 409,
    errors.InstrumentNotFound: 404,
    errors.AmbiguousInstrument: 422,
    errors.ConnectFailed: 502,
    errors.ClientIdInUse: 409,
    errors.LiveAccountRefused: 403,
    errors.NotConnected: 503,
    errors.SessionLost: 504,
    errors.RequestTimeout: 504,
    errors.RequestRejected: 422,
    errors.LineLimitReached: 503,
    errors.OrderError: 409,
    OrdersInFlight: 409,
    SessionNotFound: 404,
    errors.OrderNotFound: 404,
    errors.KeyConflict: 409,
    errors.OrderRefused: 422,
    errors.OrderRejected: 422,
    errors.ModifyRefused: 422,
    errors.CancelRefused: 422,
    errors.OrderUnknown: 504,
    errors.ProfileError: 409,
    errors.ProfileNotFound: 404,
    errors.ProfileChanged: 412,
    errors.CredentialNotFound: 404,
    errors.SlowConsumer: 503,
    errors.ProtocolError: 502,
    errors.StorageError: 503,
    errors.ServiceError: 502,
    errors.AccessDenied: 401,
    CsrfMissing: 403,
    ForeignOrigin: 403,
    TooManyStreams: 503,
    TooManyAttempts: 429,
}

MEANING = {
    400: "The request is malformed: no JSON, or a broken header.",
    401: "Not signed in.",
    403: "Signed in, but not allowed.",
    404: "There is no such thing.",
    405: "The address exists, but not with this method.",
    409: "It conflicts with what is there: the key belongs to another order, the client id is taken, a name is in use.",
    412: "It was meant for a version that has been changed meanwhile (If-Match).",
    413: "The body is too large.",
    415: "The body is not declared as JSON.",
    422: "It was understood and cannot be done: a field, a limit, or the broker's no.",
    429: "Too many attempts; wait as long as Retry-After says.",
    502: "The gateway could not be reached, or answered nonsense.",
    503: "There is no session now; nothing was sent.",
    504: "No answer in time; the outcome may be unknown.",
}

_NEXT_STEP = {
    400: "Send one JSON document that fits the schema in /api/v1/ib/openapi.json.",
    404: "See /api/v1/ib/openapi.json for the addresses there are.",
    405: "Use a method that the Allow header names.",
    413: "Send less.",
    415: "Send the header `Content-Type: application/json`.",
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries of these error statuses."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": MEANING[status], "content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses
    }


def status_of(error: errors.IronbridgeError) -> int:
    """The HTTP status of an error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem_of(error: errors.IronbridgeError, request_id: str = "") -> Problem:
    """An error of ours as a problem."""
    return Problem(
        type=f"urn:ironbridge:problem:{error.slug}",
        title=_title(error.slug),
        status=status_of(error),
        detail=error.message,
        slug=error.slug,
        outcome=error.outcome.value,
        retryable=error.retryable,
        next_step=error.next_step,
        request_id=request_id,
        details=_plain(error.details),
    )


def http_problem(status: int, detail: str, request_id: str = "") -> Problem:
    """What HTTP itself has to say: no such address, wrong method, too large, malformed."""
    phrase = HTTPStatus(status).phrase
    slug = phrase.lower().replace(" ", "-").replace("'", "")
    return Problem(
        type=f"urn:ironbridge:problem:{slug}",
        title=_title(slug),
        status=status,
        detail=detail if detail and detail != phrase else MEANING.get(status, phrase),
        slug=slug,
        outcome="not_sent",
        retryable=False,
        next_step=_NEXT_STEP.get(status, ""),
        request_id=request_id,
    )


def unforeseen(request_id: str) -> Problem:
    """A mistake of this process. Whether anything was sent is not known, so it says so."""
    return Problem(
        type="urn:ironbridge:problem:internal-error",
        title="Internal error",
        status=500,
        detail="The service made a mistake while it handled this request.",
        slug="internal-error",
        outcome="unknown",
        retryable=False,
        next_step="Look at the state of what you asked for before you ask again; the log has the particulars.",
        request_id=request_id,
    )


def invalid_request(found: Sequence[Mapping[str, Any]], request_id: str = "") -> Problem:
    """What pydantic found in a request, without the values themselves: one of them may be a secret.

    Parameters:
        found: pydantic's list of errors.
        request_id: see `Problem`.
    """
    if any(one["type"] == "json_invalid" for one in found):
        return http_problem(400, f"The body is not JSON: {_json_trouble(found)}.", request_id)
    if any(one["loc"] == ("body",) and isinstance(one.get("input"), bytes) for one in found):
        return http_problem(415, "", request_id)
    return problem_of(malformed(found), request_id)


def malformed(found: Sequence[Mapping[str, Any]]) -> errors.InvalidInput:
    """What pydantic found, as an error that names the fields and not their values."""
    fields = [{"field": ".".join(str(part) for part in one["loc"]), "message": _message(one)} for one in found]
    first = fields[0]
    more = f" (and {len(fields) - 1} more)" if len(fields) > 1 else ""
    return errors.InvalidInput(
        f"{first['field'] or 'message'}: {first['message']}{more}.",
        next_step="Mend what `details.errors` names; the schema is in /api/v1/ib/openapi.json.",
        errors=fields,
    )


def respond(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as an HTTP response."""
    extra = dict(headers or {})
    if problem.status == HTTPStatus.UNAUTHORIZED:
        extra["WWW-Authenticate"] = 'Bearer realm="ironbridge"'
    if "key" in problem.details:
        extra["Idempotency-Key"] = str(problem.details["key"])
    if "retry_after" in problem.details:
        extra["Retry-After"] = str(problem.details["retry_after"])
    return Response(orjson.dumps(problem.model_dump(mode="json")), problem.status, headers=extra, media_type=MEDIA_TYPE)


def _title(slug: str) -> str:
    return slug.replace("-", " ").capitalize()


def _message(found: Mapping[str, Any]) -> str:
    text = str(found["msg"]).removeprefix("Value error, ")
    return text[:1].lower() + text[1:].removesuffix(".")


def _json_trouble(found: Sequence[Mapping[str, Any]]) -> str:
    first = next(one for one in found if one["type"] == "json_invalid")
    position = first["loc"][-1]
    return f"{first.get('ctx', {}).get('error', 'invalid')} at character {position}"


def _plain(details: Mapping[str, Any]) -> dict[str, Any]:
    # Errors promise JSON-compatible particulars; a Decimal or a date that slipped in is written as text, not lost.
    loaded: dict[str, Any] = orjson.loads(orjson.dumps(dict(details), default=str, option=orjson.OPT_NON_STR_KEYS))
    return loaded
