"""Every error as RFC 9457 problem details: one shape, whatever went wrong and wherever.

The table below is the whole mapping from `ironbridge.errors` to HTTP; the nearest class in an error's ancestry wins.
What this process did not foresee becomes a 500 that says so without saying what was inside.
"""

from __future__ import annotations

from typing import Any

from ironbridge import errors
from ironbridge.api.access import CsrfMissing, TooManyAttempts
from ironbridge.api.schemas.problem import Problem

MEDIA_TYPE = "application/problem+json"

STATUS: dict[type[errors.IronbridgeError], int] = {
    errors.IronbridgeError: 500,
    errors.InvalidInput: 422,
    errors.InstrumentNotFound: 404,
    errors.AmbiguousInstrument: 422,
    errors.ConnectFailed: 502,
    errors.ClientIdInUse: 409,
    errors.LiveAccountRefused: 403,
    errors.NotConnected: 503,
    errors.SessionLost: 504,
    errors.RequestTimeout: 504,
    errors.RequestRejected: 422,
    errors.OrderError: 500,
    errors.OrderNotFound: 404,
    errors.KeyConflict: 409,
    errors.OrderRefused: 422,
    errors.OrderRejected: 422,
    errors.OrderUnknown: 504,
    errors.SlowConsumer: 503,
    errors.ProtocolError: 502,
    errors.StorageError: 503,
    errors.ServiceError: 502,
    errors.AccessDenied: 401,
    CsrfMissing: 403,
    TooManyAttempts: 429,
}

_MEANING = {
    400: "The request is malformed: no JSON, or a broken header.",
    401: "Not signed in.",
    403: "Signed in, but not allowed.",
    404: "There is no such thing.",
    409: "It conflicts with what is there: the key belongs to another order, or the client id is taken.",
    413: "The body is too large.",
    422: "It was understood and cannot be done: a field, a limit, or the broker's no.",
    429: "Too many attempts; wait as long as Retry-After says.",
    502: "The gateway could not be reached, or answered nonsense.",
    503: "There is no session now; nothing was sent.",
    504: "No answer in time; the outcome may be unknown.",
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries of these error statuses."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": _MEANING[status], "content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses
    }


def status_of(error: errors.IronbridgeError) -> int:
    """The HTTP status of an error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem_of(error: errors.IronbridgeError, request_id: str = "") -> Problem:
    """An error of ours as a problem."""
    return Problem(
        type=f"urn:ironbridge:problem:{error.slug}",
        title=error.slug.replace("-", " ").capitalize(),
        status=status_of(error),
        detail=error.message,
        slug=error.slug,
        outcome=error.outcome.value,
        retryable=error.retryable,
        next_step=error.next_step,
        request_id=request_id,
        details=error.details,
    )
