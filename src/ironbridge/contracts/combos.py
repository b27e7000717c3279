"""Combinations: what the broker knows of the legs, made into a contract that orders can be checked by.

IB has no contract details of a combination. It is what its legs are: their currency, their multiplier, the hours of the
first. Which order types go is left to IB. Prices of combinations of stocks and options move in cents at the least,
whatever their legs' steps are; those of futures spreads have steps of their own at each exchange, which nobody tells:
there the step is 0, which is "not known", and IB judges it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal

from ironbridge.domain.instrument import ComboLeg, Contract, Instrument, Kind
from ironbridge.errors import InvalidInstrument

_IN_CENTS = frozenset({Kind.STOCK, Kind.OPTION})
_CENT = Decimal("0.01")
_TRADED = frozenset({Kind.STOCK, Kind.OPTION, Kind.FUTURE, Kind.FUTURE_OPTION, Kind.CFD, Kind.FOREX, Kind.WARRANT})


async def combination(
    instrument: Instrument, resolve: Callable[[Instrument], Awaitable[Contract]], now: datetime
) -> Contract:
    """The contract of a combination.

    Parameters:
        instrument: the combination.
        resolve: makes a contract of a leg.
        now: the moment.

    Raises:
        InvalidInstrument: it has fewer than two legs, or legs that cannot be traded as one.
        InstrumentNotFound: the broker knows no such leg.
        NotConnected, SessionLost, RequestTimeout, RequestRejected: the broker could not be asked.
    """
    if len(instrument.legs) < 2:
        raise InvalidInstrument(
            f"The combination on {instrument.symbol} has {len(instrument.legs)} legs.",
            next_step="Give at least two: Combo(symbol, Leg(...), Leg(...)).",
        )
    legs = [await resolve(by_id(leg)) for leg in instrument.legs]
    for leg in legs:
        if leg.instrument.kind not in _TRADED:
            raise InvalidInstrument(f"{leg} cannot be a leg of a combination.", next_step="Trade it alone.")
        if leg.instrument.currency != instrument.currency:
            raise InvalidInstrument(
                f"{leg} is in {leg.instrument.currency}, and the combination in {instrument.currency}.",
                next_step="The legs of a combination share its currency.",
            )
    first = legs[0]
    multipliers = {leg.multiplier for leg in legs}
    return Contract(
        instrument=instrument,
        long_name=" / ".join(str(leg.instrument) for leg in legs),
        min_tick=_CENT if all(leg.instrument.kind in _IN_CENTS for leg in legs) else Decimal(0),
        increments=(),
        size_increment=Decimal(1),
        min_size=Decimal(1),
        multiplier=multipliers.pop() if len(multipliers) == 1 else Decimal(1),
        order_types=frozenset(),
        valid_exchanges=(),
        time_zone=first.time_zone,
        trading_hours=first.trading_hours,
        liquid_hours=first.liquid_hours,
        under_con_id=first.under_con_id,
        resolved_at=now,
    )


def by_id(leg: ComboLeg) -> Instrument:
    """What IB is asked for to know a leg: its identity alone."""
    return Instrument(Kind.OTHER, f"CON{leg.con_id}", leg.exchange, con_id=leg.con_id)
