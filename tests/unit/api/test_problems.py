"""Every error is one shape, and none is forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from ironbridge import errors
from ironbridge.api import problems
from ironbridge.api.access import TooManyAttempts


def every_kind(kind: type[errors.IronbridgeError] = errors.IronbridgeError) -> Iterator[type[errors.IronbridgeError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from every_kind(each)


OURS = sorted((kind for kind in every_kind() if kind.__module__ == "ironbridge.errors"), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", OURS)
def test_every_error_has_a_status_that_fits_its_outcome(kind: type[errors.IronbridgeError]) -> None:
    status = next(problems.STATUS[each] for each in kind.__mro__ if each in problems.STATUS)
    assert 400 <= status < 600
    if kind is not errors.IronbridgeError:
        assert status != 500, f"{kind.__name__} falls through to 500"
    if kind.outcome is errors.Outcome.UNKNOWN:
        assert status in {502, 504}
    if kind.outcome is errors.Outcome.REJECTED:
        assert status == 422


def test_an_error_keeps_what_a_caller_decides_by() -> None:
    error = errors.OrderRejected(
        "IB refused it.", code=201, text="no", next_step="Ask IB.", key="k", price=Decimal("1.5")
    )
    response = problems.respond(problems.problem_of(error, "r1"))
    body = json.loads(response.body)
    assert (response.status_code, response.media_type) == (422, "application/problem+json")
    assert response.headers["Idempotency-Key"] == "k"
    assert (body["slug"], body["outcome"], body["retryable"]) == ("order-rejected", "rejected", False)
    assert body["details"] == {"code": 201, "text": "no", "key": "k", "price": "1.5"}
    assert body["next_step"] == "Ask IB."
    assert body["request_id"] == "r1"


def test_waiting_is_said_in_the_header_too() -> None:
    response = problems.respond(problems.problem_of(TooManyAttempts("Too many.", retry_after=7)))
    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")


def test_what_was_wrong_is_named_and_its_value_is_not_repeated() -> None:
    found = [
        {"type": "string_type", "loc": ("body", "token"), "msg": "Input should be a valid string", "input": "s3cret"}
    ]
    problem = problems.invalid_request(found)
    assert problem.details["errors"] == [{"field": "body.token", "message": "input should be a valid string"}]
    assert "s3cret" not in problem.model_dump_json()


def test_what_nobody_foresaw_says_nothing_of_the_inside() -> None:
    problem = problems.unforeseen("r2")
    assert (problem.status, problem.outcome, problem.request_id) == (500, "unknown", "r2")
