"""How single values are written in JSON: decimals as text, moments in UTC, names of enums as literals.

Decimals come in as text or as numbers and go out as text, so that no reader rounds money. Their length is bounded
before they are read: "1e999999999" is nine digits here and a gigabyte as plain text.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from ironbridge.contracts.notation import LENGTH_LIMIT
from ironbridge.domain.values import decimal_of, plain

DIGITS = 40
"""Longest decimal text taken: more than any price or quantity of any market, in any currency."""

_EXPONENT = 30


def _read_decimal(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError('give a number, or a number as text such as "227.35"')  # noqa: TRY004 - pydantic reads it
    if isinstance(value, int) and value.bit_length() > DIGITS * 4:
        raise ValueError("the number is too large")
    if len(str(value)) > DIGITS:
        raise ValueError(f"the number is longer than {DIGITS} characters")
    number = decimal_of(value.strip() if isinstance(value, str) else value, "it")
    if number and not -_EXPONENT <= number.adjusted() <= _EXPONENT:
        raise ValueError("the number is too large or too small")
    return number


_TEXT = {"type": "string", "format": "decimal", "examples": ["227.35"]}

Amount = Annotated[
    Decimal,
    PlainSerializer(plain, return_type=str),
    WithJsonSchema(_TEXT),
]
"""A decimal that goes out, as text without an exponent."""

AmountIn = Annotated[
    Decimal,
    BeforeValidator(_read_decimal),
    PlainSerializer(plain, return_type=str),
    WithJsonSchema({"anyOf": [_TEXT, {"type": "number"}]}),
]
"""A decimal that comes in, as text (exact) or as a number (read as it prints)."""


def _in_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]
"""A moment, written as ISO 8601 in UTC."""


def _read_moment(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("give a moment in ISO 8601, such as 2026-12-01T20:00:00Z") from None
    if not isinstance(value, datetime):
        raise ValueError("give a moment as text, such as 2026-12-01T20:00:00Z")  # noqa: TRY004 - pydantic reads it
    if value.tzinfo is None:
        raise ValueError("the moment has no time zone: end it with Z for UTC, or with an offset such as -05:00")
    return value.astimezone(UTC)


MomentIn = Annotated[
    datetime,
    BeforeValidator(_read_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-12-01T20:00:00Z"]}),
]
"""A moment that comes in, as ISO 8601 with its zone."""

SideName = Literal["BUY", "SELL"]
OrderTypeName = Literal[
    "MKT", "LMT", "STP", "STP LMT", "TRAIL", "TRAIL LIMIT", "MIT", "LIT", "MOC", "LOC", "MTL", "REL", "PEG MID",
    "MIDPRICE",
]  # fmt: skip
TimeInForceName = Literal["DAY", "GTC", "IOC", "FOK", "GTD", "OPG"]
KindName = Literal[
    "STK", "OPT", "FUT", "CONTFUT", "FOP", "CASH", "IND", "CRYPTO", "BOND", "CFD", "FUND", "CMDTY", "WAR", "BAG",
    "OTHER",
]  # fmt: skip
OrderStateName = Literal[
    "intended", "sent", "accepted", "working", "inactive", "cancelling", "unknown",
    "filled", "cancelled", "rejected", "not_sent", "closed",
]  # fmt: skip
ModifyStateName = Literal["requested", "sent", "accepted", "refused", "overtaken", "not_sent", "unknown"]
RoleName = Literal["entry", "tp", "sl", "member"]
SessionStateName = Literal[
    "disconnected", "connecting", "connected", "syncing", "ready", "degraded", "reconnecting", "failed"
]
DataKindName = Literal["live", "frozen", "delayed", "delayed_frozen"]
QualityName = Literal["pending", "good", "stale", "suspect", "interrupted"]
OutcomeName = Literal["not_sent", "rejected", "unknown"]

SymbolText = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LENGTH_LIMIT,
        description="What to trade, as text: AAPL, EURUSD, ESZ6, FUT:ES:202612:CME, OPT:SPY:20261218:680:C, IND:SPX.",
        examples=["AAPL"],
    ),
]


class Received(BaseModel):
    """Base of what comes in: unknown fields are errors, and no type is guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Sent(BaseModel):
    """Base of what goes out: every field is always there."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)
