"""Payloads from choices: valid ones of every kind, and what comes of damaging them.

A valid message is invented by running its own layout against a reader that makes up each field as it is asked for, so
that a new message or field is fuzzed the moment it exists. Names that mean something to the gateway (a symbol, a con
id, an order type) are drawn from what it knows, so that requests get past the first check.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from fuzz.choices import Choices
from ironbridge.errors import ProtocolError
from ironbridge.wire import Role
from ironbridge.wire.fields import Scalar
from ironbridge.wire.layout import CompiledStruct
from ironbridge.wire.registry import FORMATS
from ironbridge.wire.text import Format

VERSIONS = (151, 152, 153, 156, 157, 160, 163, 164, 166, 168, 170, 173, 176, 177, 178)
"""Those at which something changed, or whose clients are many."""
REQUESTS = tuple(form for form in FORMATS if form.sender is Role.CLIENT)
ANSWERS = tuple(form for form in FORMATS if form.sender is Role.SERVER)

KNOWN = {
    "symbol": ("AAPL", "SPY", "ES", "EUR", "SPX", "NOPE", ""),
    "con_id": ("265598", "756733", "0", "12087792", "416904"),
    "sec_type": ("STK", "CASH", "OPT", "FUT", "IND", "BAG", "CONTFUT", ""),
    "exchange": ("SMART", "IDEALPRO", "CBOE", "CME", ""),
    "currency": ("USD", "EUR", ""),
    "right": ("C", "P", ""),
    "strike": ("230", "0", "1100"),
    "last_trade_date": ("20261218", "202612", ""),
    "action": ("BUY", "SELL", "SSHORT"),
    "order_type": ("LMT", "MKT", "STP", "STP LMT", "TRAIL", "TRAIL LIMIT", "MIT", "LIT", "MTL", "MOC", "LOC", "REL",
                   "PEG MID", "MIDPRICE"),
    "tif": ("DAY", "GTC", "IOC", "FOK", "GTD", "OPG", ""),
    "total_quantity": ("1", "100", "0", "0.5", ""),
    "lmt_price": ("1", "230.5", "", "1.7976931348623157E308"),
    "aux_price": ("1", "200", ""),
    "transmit": ("1", "0"),
    "account": ("DU1234567", "", "NOBODY"),
    "what_to_show": ("TRADES", "MIDPOINT", "BID", "BID_ASK", "SCHEDULE"),
    "duration": ("1 D", "60 S", "1 W", "1 Y"),
    "bar_size": ("1 min", "1 day", "5 secs", "1 hour"),
    "generic_ticks": ("", "233", "100,101", "bad"),
    "tick_type": ("Last", "AllLast", "BidAsk", "MidPoint", "1"),
    "req_id": ("1", "2", "3", "4", "5"),
    "order_id": ("1", "2", "3", "4", "5", "6", "7", "8"),
    "tags": ("All", "NetLiquidation", "$LEDGER"),
    "group": ("All", ""),
}  # fmt: skip
"""By the last part of a field's name; the rest comes from `TEXTS`."""

TEXTS = ("0", "1", "", "2", "100", "-1", "1.5", "2147483647", "1.7976931348623157E308", "9223372036854775807", "AAPL",
         "20261120 15:00:00 UTC", "20261120-15:00:00", "All", "a=b;", "true", "Infinity", "-9", "1e9", "\\u4e2d",
         "99999", "0.00005", "x" * 300)  # fmt: skip
BAD = (b"NaN", b"inf", b"-", b"\xff\xfe", b"9" * 400, b"1e400", b"--1", b"0x10", b" 1", b"\xd9\xa1")


class Inventor:
    """A reader that makes up what it is asked for, and remembers it.

    Parameters:
        choices: what decides.
    """

    __slots__ = ("_choices", "position", "texts")

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self.position = 0
        self.texts: list[str] = []

    @property
    def remaining(self) -> int:
        return 9

    def take(self, name: str, scalar: Scalar) -> Any:
        known = KNOWN.get(name.rpartition(".")[2], TEXTS)
        start = self._choices.below(len(known))
        for texts, at in ((known, start), (TEXTS, 0)):
            for text in (*texts[at:], *texts[:at]):
                try:
                    value = scalar.parse(text)
                except (ValueError, ArithmeticError):
                    continue
                self.texts.append(text)
                return value
        raise self.fault(f"nothing invented for {name}")

    def next(self, count: int) -> list[str]:  # noqa: ARG002  the reader's shape
        """Nothing stands there yet: each field is asked for by name."""
        return []

    def take_count(self, name: str, each: int) -> int:  # noqa: ARG002  the reader's shape
        count = self._choices.below(4)
        self.texts.append(str(count))
        return count

    def fault(self, what: str) -> ProtocolError:
        return ProtocolError(what)


_COMPILED: dict[tuple[Role, int, int], CompiledStruct] = {}


def layout(form: Format, version: int) -> CompiledStruct:
    key = form.sender, form.id, version
    found = _COMPILED.get(key)
    if found is None:
        found = _COMPILED[key] = form.layout.at(version)
    return found


def valid(choices: Choices, form: Format, version: int) -> bytes:
    """A payload that this format's layout reads."""
    inventor = Inventor(choices)
    # A kind of condition that does not exist may be invented: a message that is only nearly valid.
    with suppress(ProtocolError):
        layout(form, version).read(inventor, form.cls.__name__)  # type: ignore[arg-type]  it reads as a Reader does
    return "\0".join((str(form.id), *inventor.texts, "")).encode()


def damaged(choices: Choices, payload: bytes) -> bytes:
    """The payload with something wrong in it."""
    kind = choices.below(7)
    at = choices.below(len(payload) + 1)
    if kind == 0:
        return payload[:at]
    if kind == 1:
        return payload[:at] + bytes((choices.byte(),)) + payload[at + 1 :]
    if kind == 2:
        return payload[:at] + choices.raw(16) + payload[at:]
    fields = payload.split(b"\0")
    place = choices.below(len(fields))
    if kind == 3:
        fields[place] = choices.one_of(BAD)
    elif kind == 4:
        del fields[place]
    elif kind == 5:
        fields.insert(place, choices.one_of(TEXTS).encode())
    else:
        fields[place] = choices.raw(12)
    return b"\0".join(fields)


def payload(choices: Choices, forms: tuple[Format, ...], version: int) -> bytes:
    """One payload of any sort: valid, damaged, or noise."""
    kind = choices.below(8)
    if kind == 7:
        return choices.raw(64)
    made = valid(choices, choices.one_of(forms), version)
    return damaged(choices, made) if kind >= 5 else made
