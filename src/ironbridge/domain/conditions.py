"""Conditions: what must be true before an order is sent on, or for it to be cancelled.

`Condition` is one thing to look at; the functions below make them, `&` and `|` join them:
``buy(10).when(PriceAbove(spy, 680) & TimeAfter(ten))``.

IB keeps a flat list in which each condition is joined to the next by "and" or "or", and says nowhere which binds first.
So only what means the same either way can be asked for: some that hold together, or any of some others alone. It is
kept in that form (`Conditions`), which makes two ways to write one thing equal; anything else is refused here.

A market is named by con_id and exchange, as IB wants it: give an instrument that has been resolved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from ironbridge.domain.instrument import Contract, Instrument
from ironbridge.domain.order_types import TriggerMethod
from ironbridge.domain.values import Number, decimal_of, plain
from ironbridge.errors import InvalidOrder


class ConditionKind(StrEnum):
    """What a condition looks at."""

    PRICE = "price"
    TIME = "time"
    MARGIN = "margin"
    EXECUTION = "execution"
    VOLUME = "volume"
    CHANGE = "change"


_ON_MARKET = frozenset({ConditionKind.PRICE, ConditionKind.VOLUME, ConditionKind.CHANGE})
_WHOLE = frozenset({ConditionKind.MARGIN, ConditionKind.VOLUME})
"""IB's fields for these are whole numbers (fields: MarginCondition.percent, VolumeCondition.volume)."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition. Make it with `PriceAbove`, `TimeAfter` and the like.

    Parameters:
        kind: what is looked at.
        above: whether it holds at and above the value (after the moment), or at and below it.
        value: a price in the instrument's currency, a volume in units, a change or a margin cushion in per cent.
        moment: of a time condition, in whole seconds.
        con_id: IB's identity of the market that is looked at.
        exchange: where it is looked at.
        method: which price counts, for price conditions.
        symbol: of an execution condition: a fill in it fulfils the condition.
        security: the security type that goes with the symbol, IB's code.

    Raises:
        InvalidOrder: a field that its kind needs is missing or cannot be meant.
    """

    kind: ConditionKind
    above: bool = True
    value: Decimal | None = None
    moment: datetime | None = None
    con_id: int = 0
    exchange: str = ""
    method: TriggerMethod = TriggerMethod.DEFAULT
    symbol: str = ""
    security: str = ""

    def __post_init__(self) -> None:
        kind = self.kind
        if kind is ConditionKind.TIME:
            if self.moment is None:
                raise _bad("A time condition names no moment.")
            check_moment(self.moment, "conditions")
        elif kind is ConditionKind.EXECUTION:
            if not (self.symbol and self.security and self.exchange):
                raise _bad("An execution condition needs a symbol, a security type and an exchange.")
        elif self.value is None or not self.value.is_finite():
            raise _bad(f"A {kind} condition has nothing to compare with.")
        if kind in _ON_MARKET and not (self.con_id > 0 and self.exchange):
            raise _bad(
                f"A {kind} condition names no contract.",
                "Resolve the instrument first: `await bridge.contracts.resolve(...)` gives its con_id.",
            )
        if kind in _WHOLE and self.value is not None and (self.value < 0 or self.value % 1):
            raise _bad(f"The {kind} {plain(self.value)} of a condition is not a whole number from zero up.")
        if kind is ConditionKind.MARGIN and self.value is not None and self.value > 100:
            raise _bad(f"A margin cushion of {plain(self.value)} per cent cannot be: it is a share of the equity.")

    def __and__(self, other: Condition | Conditions) -> Conditions:
        return Conditions((self,)) & other

    def __or__(self, other: Condition | Conditions) -> Conditions:
        return Conditions((self,)) | other

    def __str__(self) -> str:
        what = f"{self.con_id} {self.kind}" if self.con_id else str(self.kind)
        if self.kind is ConditionKind.EXECUTION:
            return f"a fill in {self.symbol} {self.security}"
        if self.moment is not None:
            return f"{'after' if self.above else 'before'} {self.moment:%Y-%m-%d %H:%M:%S}Z"
        return f"{what} {'>=' if self.above else '<='} {plain(self.value or Decimal(0))}"


@dataclass(frozen=True, slots=True)
class Conditions:
    """All of `together` hold, or any one of `alone`.

    Parameters:
        together: at least one condition.
        alone: further ones, each enough by itself.
        cancel: whether they cancel the order instead of sending it on.
        outside_hours: whether they are looked at outside the regular session too.

    Raises:
        InvalidOrder: there is none.
    """

    together: tuple[Condition, ...]
    alone: tuple[Condition, ...] = ()
    cancel: bool = False
    outside_hours: bool = False

    def __post_init__(self) -> None:
        if not self.together:
            raise _bad("There is no condition.")

    def __and__(self, other: Condition | Conditions) -> Conditions:
        other = conditions_of(other)
        if self.alone or other.alone:
            raise _ambiguous()
        return Conditions(self.together + other.together)

    def __or__(self, other: Condition | Conditions) -> Conditions:
        other = conditions_of(other)
        first, second = (other, self) if len(other.together) > 1 else (self, other)
        if len(second.together) > 1:
            raise _ambiguous()
        return Conditions(first.together, first.alone + second.together + second.alone)

    def __str__(self) -> str:
        text = " and ".join(map(str, self.together))
        for each in self.alone:
            text += f" or {each}"
        return text


def conditions_of(condition: Condition | Conditions) -> Conditions:
    return condition if isinstance(condition, Conditions) else Conditions((condition,))


def check_moment(moment: datetime, field: str) -> None:
    """Return where IB can be told this moment.

    Raises:
        InvalidOrder: it has no zone, or a part of a second.
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise InvalidOrder(
            f"The time {moment.isoformat(sep=' ')} has no time zone.",
            next_step="Give an aware datetime: datetime(..., tzinfo=UTC) or ZoneInfo(...).",
            field=field,
        )
    if moment.microsecond:
        raise InvalidOrder(
            f"The time {moment.isoformat(sep=' ')} has a part of a second.",
            next_step="IB knows whole seconds: give moment.replace(microsecond=0).",
            field=field,
        )


def to_second(moment: datetime) -> datetime:
    """The moment in UTC and whole seconds, which is all that IB can be told; one without a zone stays as it is."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(microsecond=0)


def PriceAbove(
    instrument: Instrument | Contract, price: Number, *, method: TriggerMethod = TriggerMethod.DEFAULT
) -> Condition:
    """The instrument trades at or above `price`, in its currency. `method` says which price counts."""
    return _on_market(ConditionKind.PRICE, instrument, price, above=True, method=method)


def PriceBelow(
    instrument: Instrument | Contract, price: Number, *, method: TriggerMethod = TriggerMethod.DEFAULT
) -> Condition:
    """The instrument trades at or below `price`, in its currency. `method` says which price counts."""
    return _on_market(ConditionKind.PRICE, instrument, price, above=False, method=method)


def VolumeAbove(instrument: Instrument | Contract, volume: Number) -> Condition:
    """At least `volume` units have been traded today."""
    return _on_market(ConditionKind.VOLUME, instrument, volume, above=True)


def VolumeBelow(instrument: Instrument | Contract, volume: Number) -> Condition:
    """At most `volume` units have been traded today."""
    return _on_market(ConditionKind.VOLUME, instrument, volume, above=False)


def ChangeAbove(instrument: Instrument | Contract, percent: Number) -> Condition:
    """The price is `percent` per cent or more above yesterday's close; -2 is a loss of two per cent."""
    return _on_market(ConditionKind.CHANGE, instrument, percent, above=True)


def ChangeBelow(instrument: Instrument | Contract, percent: Number) -> Condition:
    """The price has changed by `percent` per cent or less since yesterday's close; -2 is a loss of two per cent."""
    return _on_market(ConditionKind.CHANGE, instrument, percent, above=False)


def TimeAfter(moment: datetime) -> Condition:
    """It is `moment` (aware) or later; a part of a second is dropped."""
    return Condition(ConditionKind.TIME, above=True, moment=to_second(moment))


def TimeBefore(moment: datetime) -> Condition:
    """It is `moment` (aware) or earlier; a part of a second is dropped."""
    return Condition(ConditionKind.TIME, above=False, moment=to_second(moment))


def MarginAbove(percent: Number) -> Condition:
    """The account's cushion (excess liquidity over net liquidation) is `percent` per cent or more."""
    return Condition(ConditionKind.MARGIN, above=True, value=decimal_of(percent, "margin cushion"))


def MarginBelow(percent: Number) -> Condition:
    """The account's cushion (excess liquidity over net liquidation) is `percent` per cent or less."""
    return Condition(ConditionKind.MARGIN, above=False, value=decimal_of(percent, "margin cushion"))


def Executed(instrument: Instrument | Contract) -> Condition:
    """The account has had a fill in the instrument's symbol since the order was placed."""
    what = instrument.instrument if isinstance(instrument, Contract) else instrument
    return Condition(ConditionKind.EXECUTION, exchange=what.exchange, symbol=what.symbol, security=what.kind.value)


def _on_market(
    kind: ConditionKind,
    instrument: Instrument | Contract,
    value: Number,
    *,
    above: bool,
    method: TriggerMethod = TriggerMethod.DEFAULT,
) -> Condition:
    what = instrument.instrument if isinstance(instrument, Contract) else instrument
    number = decimal_of(value, f"{kind} of a condition")
    return Condition(kind, above=above, value=number, con_id=what.con_id, exchange=what.exchange, method=method)


def _bad(message: str, next_step: str = "") -> InvalidOrder:
    return InvalidOrder(message, next_step=next_step, field="conditions")


def _ambiguous() -> InvalidOrder:
    return _bad(
        'These conditions mix "and" and "or" in a way that IB could read in two ways.',
        "Ask for conditions that hold together, or any of some others alone: (a & b) | c | d.",
    )
