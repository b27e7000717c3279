"""Instruments as one word of text: what people type and what programs send.

Short forms are for hands: ``AAPL`` is a stock, ``EURUSD`` (``EUR.USD``, ``EUR/USD``) a pair where both halves are
currencies, ``ESZ6`` a future by its exchange's symbol. The long form says everything: the kind by IB's code, then
fields in the kind's order, then any others by name, as in ``OPT:SPX:20261218:6800:C:trading_class=SPXW``. Fields that
are left out have their usual value. A combination names its legs: ``BAG:SPY:legs=+1x756733@SMART,-2x320227571@SMART``
buys one of the first and sells two of the second, by con_id. `format_instrument` writes what `parse_instrument` reads
back to an equal instrument.
"""

from __future__ import annotations

import re
from dataclasses import fields
from decimal import Decimal
from typing import Any
from urllib.parse import quote, unquote

from ironbridge.domain.instrument import ComboLeg, Forex, Future, Instrument, Kind, Right, Stock
from ironbridge.domain.values import Side, decimal_of, plain
from ironbridge.errors import InvalidInstrument

LENGTH_LIMIT = 400
"""Longest text: room for every field at its fullest, and nothing that has to be parsed for long."""

FORMS = (
    "AAPL, EURUSD, ESZ6, STK:VOD:LSE:GBP, CASH:EURUSD, FUT:ES:202612:CME, OPT:SPY:20261218:680:C, IND:SPX "
    "or, with fields by name, OPT:SPX:20261218:6800:C:trading_class=SPXW"
)

CURRENCIES = frozenset({
    "AED", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNH", "CNY", "COP", "CZK",
    "DKK", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KRW",
    "KWD", "MXN", "MYR", "NOK", "NZD", "PEN", "PHP", "PLN", "QAR", "RON", "RUB",
    "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "USD", "VND", "ZAR",
})  # fmt: skip
"""ISO 4217 codes of the currencies that IB quotes or settles in."""

_PAIR = re.compile(r"^([A-Z]{3})[./]?([A-Z]{3})$")
_LOCAL = re.compile(r"^([A-Z0-9]{1,5})([FGHJKMNQUVXZ]\d{1,2})$")
_PLAIN_SYMBOL = re.compile(r"^[A-Z0-9][A-Z0-9 .&/_+-]{0,31}$")

_USUAL: dict[Kind, tuple[str, ...]] = {
    Kind.STOCK: ("symbol", "exchange", "currency", "primary_exchange"),
    Kind.OPTION: ("symbol", "expiry", "strike", "right", "exchange", "currency"),
    Kind.FUTURE_OPTION: ("symbol", "expiry", "strike", "right", "exchange", "currency"),
    Kind.WARRANT: ("symbol", "expiry", "strike", "right", "exchange", "currency"),
    Kind.FUTURE: ("symbol", "expiry", "exchange", "currency"),
    Kind.FOREX: ("pair", "exchange"),
}
_OTHERWISE = ("symbol", "exchange", "currency")
_EXCHANGES = {
    Kind.FUTURE: "",
    Kind.INDEX: "",
    Kind.FOREX: "IDEALPRO",
    Kind.CONTINUOUS_FUTURE: "",
    Kind.FUTURE_OPTION: "",
}
_ALIASES = {"FX": Kind.FOREX, "FOREX": Kind.FOREX, "STOCK": Kind.STOCK, "INDEX": Kind.INDEX}
_NAMES = tuple(field.name for field in fields(Instrument) if field.name != "kind")
_LEG = re.compile(r"^([+-])([0-9]{1,6})x([0-9]{1,12})(?:@([A-Za-z0-9.]{1,20}))?$")
_SAFE = " ./&+-_@,"
_ROOTS = {
    "6A": "AUD", "6B": "GBP", "6C": "CAD", "6E": "EUR", "6J": "JPY", "6M": "MXP", "6N": "NZD", "6S": "CHF",
}  # fmt: skip
"""Products that the exchange calls otherwise than IB does."""


def parse_instrument(text: str) -> Instrument:
    """The instrument that `text` names; short forms are read in any case.

    Raises:
        InvalidInstrument: the text is of no form; the message names the forms.
    """
    text = text.strip()
    if not text or len(text) > LENGTH_LIMIT:
        raise _unreadable(text, "it is empty" if not text else f"it is longer than {LENGTH_LIMIT} characters")
    if ":" in text:
        return _parse_long(text)
    text = text.upper()
    if not _PLAIN_SYMBOL.match(text):
        raise _unreadable(text, "no symbol has such characters")
    pair = _PAIR.match(text)
    if pair and {*pair.groups()} <= CURRENCIES:
        return Forex(pair[1] + pair[2])
    local = _LOCAL.match(text)
    if local:
        return Future(_ROOTS.get(local[1], local[1]), local_symbol=text)
    return Stock(text)


def _parse_long(text: str) -> Instrument:
    code, *segments = text.split(":")
    kind = _ALIASES.get(code.upper())
    if kind is None:
        try:
            kind = Kind(code.upper())
        except ValueError:
            raise _unreadable(text, f"{code!r} is no kind of instrument") from None
    order = _USUAL.get(kind, _OTHERWISE)
    given: dict[str, str] = {}
    for position, segment in enumerate(segments):
        name, named, value = segment.partition("=")
        if not named:
            if position >= len(order):
                raise _unreadable(text, f"a {kind} has the fields {', '.join(order)} and no more without a name")
            name, value = order[position], segment
        elif name not in _NAMES:
            raise _unreadable(text, f"{name!r} is no field; there are {', '.join(_NAMES)}")
        if name in given:
            raise _unreadable(text, f"{name} is given twice")
        if named or value:
            given[name] = unquote(value) if named else value
    return _build(text, kind, given)


def _build(text: str, kind: Kind, given: dict[str, str]) -> Instrument:
    values: dict[str, Any] = {"exchange": _EXCHANGES.get(kind, "SMART"), **given}
    if "pair" in values:
        pair = _PAIR.match(values.pop("pair").upper())
        if not pair:
            raise _unreadable(text, "a pair is two currencies, such as EURUSD")
        values.update(symbol=pair[1], currency=pair[2])
    if "symbol" not in values:
        raise _unreadable(text, "it names no symbol")
    try:
        for name in ("strike", "multiplier"):
            if name in values:
                values[name] = decimal_of(values[name], name)
        if "right" in values:
            values["right"] = Right(values["right"].upper()[:1])
        if "con_id" in values:
            values["con_id"] = int(values["con_id"])
        if "legs" in values:
            values["legs"] = tuple(_leg(leg) for leg in values["legs"].split(","))
    except ValueError as error:
        raise _unreadable(text, str(error)) from None
    if "expiry" in values:
        values["expiry"] = values["expiry"].replace("-", "")
    return Instrument(kind, **values)


def format_instrument(instrument: Instrument, *, brief: bool = False) -> str:
    """The instrument as text.

    Parameters:
        instrument: what to write.
        brief: leave out what the broker fills in (con_id, primary exchange, local symbol, class, multiplier) where the
            rest means the same: what a person would type. Otherwise the text gives back an equal instrument.
    """
    short = _short(instrument, brief=brief)
    if short is not None:
        return short
    placed = {name: _text(getattr(instrument, name)) for name in _USUAL.get(instrument.kind, _OTHERWISE)}
    if "pair" in placed and not _PAIR.match(placed["pair"]):
        placed["pair"] = ""
    usual = {"exchange": _EXCHANGES.get(instrument.kind, "SMART"), "currency": "USD"}
    segments = []
    said = {"symbol", "currency"} if placed.get("pair") else set()
    for name, text in placed.items():
        fits = text == text.strip() and _encoded(text) == text and (text or not usual.get(name))
        said |= {name} if fits else set()
        segments.append(text if fits and text != usual.get(name) else "")
    while segments and not segments[-1]:
        segments.pop()
    said |= _filled_in(instrument) if brief else set()
    for name in _NAMES:
        text = _text(getattr(instrument, name))
        if name not in said and text != usual.get(name, ""):
            segments.append(f"{name}={_encoded(text)}")
    return ":".join([str(instrument.kind), *segments])


def _short(instrument: Instrument, *, brief: bool) -> str | None:
    """The form for hands, where it means this very instrument."""
    if instrument.kind is Kind.FUTURE and (not instrument.local_symbol or not _LOCAL.match(instrument.local_symbol)):
        return None
    text = {
        Kind.STOCK: instrument.symbol,
        Kind.FOREX: instrument.pair,
        Kind.FUTURE: instrument.local_symbol,
    }.get(instrument.kind)
    if text is None or text != text.strip() or not _PLAIN_SYMBOL.match(text):
        return None
    read = parse_instrument(text)
    if read == instrument:
        return text
    same = ("kind", "symbol", "currency", "exchange")[: 3 if instrument.kind is Kind.FUTURE else 4]
    means_it = brief and all(getattr(read, name) == getattr(instrument, name) for name in same)
    return text if means_it else None


def _filled_in(instrument: Instrument) -> frozenset[str]:
    """Fields that the broker fills in and that tell nothing more."""
    names = {"con_id", "multiplier"}
    if instrument.expiry or instrument.kind is not Kind.FUTURE:
        names.add("local_symbol")
    if instrument.kind not in {Kind.OPTION, Kind.FUTURE_OPTION} or instrument.trading_class == instrument.symbol:
        names.add("trading_class")
    if instrument.kind is not Kind.STOCK or instrument.exchange == "SMART":
        names.add("primary_exchange")
    return frozenset(names)


def _leg(text: str) -> ComboLeg:
    match = _LEG.match(text.strip())
    if not match:
        raise ValueError(f"{text!r} is no leg; write +1x265598@SMART to buy it, -1x265598@SMART to sell it")
    sign, ratio, con_id, exchange = match.groups()
    return ComboLeg(int(con_id), int(ratio), Side.BUY if sign == "+" else Side.SELL, exchange or "SMART")


def _text(value: Decimal | int | str | tuple[ComboLeg, ...] | None) -> str:
    if isinstance(value, tuple):
        return ",".join(
            f"{'+' if leg.side is Side.BUY else '-'}{leg.ratio}x{leg.con_id}@{leg.exchange}" for leg in value
        )
    if isinstance(value, Decimal):
        return plain(value)
    return str(value or "")


def _encoded(text: str) -> str:
    return quote(text, safe=_SAFE if text == text.strip() else _SAFE.strip())


def _unreadable(text: str, why: str) -> InvalidInstrument:
    return InvalidInstrument(f"{text[:60]!r} is not an instrument: {why}.", next_step=f"Write it like {FORMS}.")
