"""The one shape of every error: RFC 9457 problem details, with what a caller needs to decide."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from ironbridge.api.schemas.values import OutcomeName, Sent


class Problem(Sent):
    """An error. Served as `application/problem+json`, for every status of 400 and above."""

    type: str = Field(description="Identifies the kind of problem.", examples=["urn:ironbridge:problem:not-connected"])
    title: str = Field(description="The kind of problem in words.", examples=["Not connected"])
    status: int = Field(description="The HTTP status.", examples=[503])
    detail: str = Field(description="What is wrong, naming the thing.")
    slug: str = Field(description="Short name of the kind, for programs.", examples=["not-connected"])
    outcome: OutcomeName = Field(
        description="Whether anything happened at the broker: nothing was sent, the broker said no, or it is not known."
    )
    retryable: bool = Field(description="Whether the same request may be made again as it stands.")
    next_step: str = Field(description="What a person does now; may be empty.")
    request_id: str = Field(description="Finds this request in the log; also in the X-Request-ID header.")
    details: dict[str, Any] = Field(
        default_factory=dict,
        description="Particulars: `errors` by field for invalid input, `candidates` for ambiguous instruments, "
        "`rule`, `limit`, `value` for refused orders, `code`, `text` for IB's words, `key` for orders.",
    )


class FieldError(Sent):
    """One entry of `details.errors`."""

    field: str = Field(description="Where, as a path.", examples=["body.quantity"])
    message: str
