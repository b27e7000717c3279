"""Instruments and contracts, between our words and IB's.

To IB every field is exactly what the owner gave. From IB nothing is refused: what an account holds must be shown
even where its symbol, currency or type is one that nobody could have asked for here, because a fill or a position that
cannot be named would otherwise be lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from ib_async.contract import ComboLeg as IbLeg
from ib_async.contract import Contract as IbContract
from ib_async.contract import ContractDetails

from ironbridge.domain.instrument import ComboLeg, Contract, Instrument, Kind, PriceIncrement, Right
from ironbridge.domain.values import Side, plain
from ironbridge.errors import InvalidInstrument, ProtocolError
from ironbridge.ib.numbers import optional_decimal, required_decimal

_EXPIRY = re.compile(r"^\d{6}(\d{2})?")
_KINDS = {"BILL": Kind.BOND, "FIXED": Kind.BOND, "IOPT": Kind.WARRANT, "BSK": Kind.COMBO}
"""IB's rarer names for kinds that we have."""
_WITH_STRIKE = frozenset({Kind.OPTION, Kind.FUTURE_OPTION, Kind.WARRANT})
NO_CURRENCY = "XXX"
"""ISO 4217's code for "no currency"."""


def to_ib(instrument: Instrument) -> IbContract:
    """The contract message of an instrument."""
    if instrument.kind is Kind.OTHER and instrument.con_id:
        return IbContract(conId=instrument.con_id, exchange=instrument.exchange)
    return IbContract(
        secType=instrument.kind.value,
        conId=instrument.con_id,
        symbol=instrument.symbol,
        lastTradeDateOrContractMonth=instrument.expiry,
        strike=float(instrument.strike) if instrument.strike is not None else 0.0,
        right=instrument.right.value if instrument.right else "",
        multiplier=plain(instrument.multiplier) if instrument.multiplier is not None else "",
        exchange=instrument.exchange,
        primaryExchange=instrument.primary_exchange,
        currency=instrument.currency,
        localSymbol=instrument.local_symbol,
        tradingClass=instrument.trading_class,
        comboLegs=[
            IbLeg(conId=leg.con_id, ratio=leg.ratio, action=leg.side.value, exchange=leg.exchange)
            for leg in instrument.legs
        ],
    )


def instrument_of(contract: IbContract) -> Instrument:
    """The instrument that a message of IB names. Never refuses one."""
    kind = _kind(contract.secType)
    expiry = _EXPIRY.match(contract.lastTradeDateOrContractMonth or "")
    with_strike = kind in _WITH_STRIKE
    strike = optional_decimal(contract.strike) if with_strike else None
    try:
        return Instrument(
            kind,
            contract.symbol,
            contract.exchange,
            contract.currency,
            contract.primaryExchange,
            expiry.group() if expiry else "",
            strike,
            _right(contract.right) if with_strike else None,
            _multiplier(contract.multiplier),
            contract.tradingClass,
            contract.localSymbol,
            # IB gives every combination one and the same id, which identifies none of them.
            0 if kind is Kind.COMBO else contract.conId,
            _legs(contract) if kind is Kind.COMBO else (),
        )
    except InvalidInstrument:
        return Instrument(
            kind,
            f"CON{max(contract.conId, 0)}",
            exchange=contract.exchange,
            currency=contract.currency if re.fullmatch(r"[A-Z]{3}", contract.currency or "") else NO_CURRENCY,
            local_symbol=contract.localSymbol or contract.symbol or str(contract.conId),
            con_id=max(contract.conId, 0),
        )


def contract_of(details: ContractDetails, increments: Sequence[PriceIncrement], now: datetime) -> Contract:
    """A resolved contract.

    Raises:
        ProtocolError: the details carry no contract, or numbers that are none.
    """
    if details.contract is None:
        raise ProtocolError("Contract details came without a contract.")
    instrument = instrument_of(details.contract)
    return Contract(
        instrument=instrument,
        long_name=details.longName,
        min_tick=optional_decimal(details.minTick) or Decimal(0),
        increments=tuple(increments),
        size_increment=optional_decimal(details.sizeIncrement) or Decimal(1),
        min_size=optional_decimal(details.minSize) or Decimal(0),
        multiplier=instrument.multiplier or Decimal(1),
        order_types=frozenset(_split(details.orderTypes)),
        valid_exchanges=tuple(_split(details.validExchanges)),
        time_zone=details.timeZoneId,
        trading_hours=details.tradingHours,
        liquid_hours=details.liquidHours,
        under_con_id=details.underConId,
        resolved_at=now,
    )


def market_rule_of(details: ContractDetails) -> int | None:
    """The market rule that holds on the contract's exchange; IB lists one rule for each valid exchange, in order."""
    rules = _split(details.marketRuleIds)
    exchanges = _split(details.validExchanges)
    if not rules or details.contract is None:
        return None
    by_exchange = dict(zip(exchanges, rules, strict=False))
    rule = by_exchange.get(details.contract.exchange, rules[0])
    try:
        return int(rule)
    except ValueError:
        raise ProtocolError(f"{details.marketRuleIds!r} stands where IB sends market rule ids.") from None


def increments_of(rule: Sequence[tuple[float, float]]) -> tuple[PriceIncrement, ...]:
    """The price steps of a market rule, lowest edge first."""
    steps = [
        PriceIncrement(required_decimal(edge, "low edge"), required_decimal(step, "price increment"))
        for edge, step in rule
    ]
    return tuple(sorted(steps, key=lambda step: step.low_edge))


def increments_for(
    details: ContractDetails, rules: Mapping[int, tuple[PriceIncrement, ...]]
) -> tuple[PriceIncrement, ...]:
    rule = market_rule_of(details)
    return rules[rule] if rule is not None else ()


def _split(text: str) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _kind(text: str) -> Kind:
    try:
        return _KINDS.get(text) or Kind(text)
    except ValueError:
        return Kind.OTHER


def _right(text: str) -> Right | None:
    return {"C": Right.CALL, "P": Right.PUT}.get((text or "")[:1].upper())


def _legs(contract: IbContract) -> tuple[ComboLeg, ...]:
    return tuple(
        ComboLeg(leg.conId, leg.ratio, Side.BUY if leg.action.upper() == "BUY" else Side.SELL, leg.exchange)
        for leg in contract.comboLegs or ()
    )


def _multiplier(text: str) -> Decimal | None:
    """IB's multiplier is text; what is no positive number says nothing."""
    try:
        number = optional_decimal(text)
    except ProtocolError:
        return None
    return number if number is not None and number > 0 else None
