"""Risk limits as data: what may be limited, for whom, and what becomes of a breach.

A `RiskLimits` is a set of limits, `Scope` says whose orders it counts for, and a `RiskPolicy` holds one set for each
scope. All sets whose scope an order falls into count, each by itself, so that a narrow scope only ever adds to a wide
one. A policy is never changed, it is replaced as a whole: no order is judged by half of an old one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from ironbridge.domain.order import OrderRequest
from ironbridge.domain.scope import Scope, ScopeKind, check_pattern
from ironbridge.errors import InvalidSettings, OrderRefused


class LossAction(StrEnum):
    """What is done when an account reaches its daily loss limit, beside refusing new risk (RSK-3)."""

    REFUSE = "refuse"
    """Nothing more."""
    CANCEL = "cancel"
    """Open orders are cancelled."""
    CLOSE = "close"
    """Open orders are cancelled and positions are closed at the market."""


@dataclass(frozen=True, slots=True)
class OrderRate:
    """At most `count` new orders in any `seconds` seconds."""

    count: int
    seconds: Decimal

    def __str__(self) -> str:
        return f"{self.count} in {self.seconds:f} s"


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """What one scope may do; None is "no limit", and so is an empty set of patterns.

    Units are those of the instrument; money is in the instrument's currency for `max_notional` and in the account's
    base currency for all else.

    Parameters:
        max_quantity: the largest quantity of one order.
        max_notional: the largest quantity times price times multiplier of one order.
        max_position: the largest position in one contract, long or short, with everything open on that side filled.
        max_exposure: the largest sum of the absolute market values of what is held, the order included.
        price_collar: how far, in per cent of the market's price, an order's own price may be beyond it.
        max_open_orders: how many orders may be open at one time, the order included.
        order_rate: how many new orders may be sent in a time.
        duplicate_window: seconds within which the same order under another key is taken for a mistake.
        market_hours: whether orders are refused while the contract's market is closed.
        max_quote_age: seconds that the newest quote may be old; delayed, stale and doubtful quotes are refused.
        min_buying_power: what must be left of the buying power that the broker states, after the full value of the
            order and of all that is open. For futures and short options that is more than the broker asks for.
        allowed: patterns of instruments that may be traded; empty allows all. See `check_pattern`.
        denied: patterns of instruments that may not be traded.
        block_on_unexplained: whether new risk is refused while the broker's positions or cash differ from what our
            books explain, until somebody accepts the difference.
        max_daily_loss: the loss of one account since the start of the day at which new risk is refused.
        on_daily_loss: what else is done then.

    Raises:
        InvalidSettings: a limit that cannot be meant.
    """

    max_quantity: Decimal | None = None
    max_notional: Decimal | None = None
    max_position: Decimal | None = None
    max_exposure: Decimal | None = None
    price_collar: Decimal | None = None
    max_open_orders: int | None = None
    order_rate: OrderRate | None = None
    duplicate_window: Decimal | None = None
    market_hours: bool = False
    max_quote_age: Decimal | None = None
    min_buying_power: Decimal | None = None
    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    block_on_unexplained: bool = False
    max_daily_loss: Decimal | None = None
    on_daily_loss: LossAction = LossAction.REFUSE

    def __post_init__(self) -> None:
        for name in (*_ABOVE_ZERO, *_FROM_ZERO):
            value = getattr(self, name)
            if value is not None and name != "max_open_orders":
                # What a person writes, 500 or "0.5", is exact from here on.
                object.__setattr__(self, name, _decimal(name, value))
            _check(name, getattr(self, name), lowest=Decimal(0) if name in _FROM_ZERO else None)
        if self.order_rate is not None:
            _check("order_rate", Decimal(self.order_rate.count), lowest=Decimal(0))
            _check("order_rate", self.order_rate.seconds, lowest=None)
        for pattern in (*self.allowed, *self.denied):
            check_pattern(pattern)

    @property
    def given(self) -> dict[str, object]:
        """The limits that are set, by name, in the order in which they are declared."""
        values = {each.name: (getattr(self, each.name), each.default) for each in fields(self)}
        return {name: value for name, (value, default) in values.items() if value != default}

    def with_values(self, values: Mapping[str, object]) -> RiskLimits:
        """These limits with some replaced, by name.

        Raises:
            InvalidSettings: a limit that there is not, or one that cannot be meant.
        """
        unknown = sorted(set(values) - {each.name for each in fields(self)})
        if unknown:
            raise InvalidSettings(
                f"{', '.join(unknown)} is not a risk limit.",
                next_step=f"Known are: {', '.join(each.name for each in fields(self))}.",
            )
        return replace(self, **dict(values))  # type: ignore[arg-type]  # each is checked as it is made

    def __bool__(self) -> bool:
        return bool(self.given)


_ABOVE_ZERO = ("max_quantity", "max_notional", "max_exposure", "price_collar", "duplicate_window", "max_quote_age",
               "max_daily_loss")  # fmt: skip
_FROM_ZERO = ("max_position", "max_open_orders", "min_buying_power")
"""Limits for which nothing at all is a meaning: hold none, open none, use it all up."""

_BY_ACCOUNT = ("min_buying_power", "max_daily_loss")
"""Limits that count an account's own numbers: a strategy or an instrument has none of its own."""


def _decimal(name: str, value: Decimal | float | str) -> Decimal:
    try:
        return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except (ArithmeticError, TypeError, ValueError):
        raise InvalidSettings(
            f"The risk limit {name} is {value!r:.60}, which is no number.", next_step="Give a number, or none."
        ) from None


def _check(name: str, limit: Decimal | int | None, *, lowest: Decimal | None) -> None:
    if limit is None:
        return
    number = Decimal(limit)
    if number.is_finite() and (number > 0 or (lowest is not None and number >= lowest)):
        return
    below = "not above zero" if lowest is None else "below zero"
    raise InvalidSettings(
        f"The risk limit {name} is {limit}, which is {below if number.is_finite() else 'no number'}.",
        next_step="Give a number above zero, or none for no limit.",
    )


@dataclass(frozen=True, slots=True)
class RiskPolicy:
    """All limits in force, by scope.

    Parameters:
        limits: a set of limits for each scope that has one.

    Raises:
        InvalidSettings: a limit that its scope cannot have.
    """

    limits: Mapping[Scope, RiskLimits] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for scope, limits in self.limits.items():
            if scope.kind in {ScopeKind.ALL, ScopeKind.ACCOUNT}:
                continue
            for name in _BY_ACCOUNT:
                if getattr(limits, name) is not None:
                    raise InvalidSettings(
                        f"The limit {name} counts a whole account and cannot be set for {scope}.",
                        next_step="Set it for all, or for account:NAME.",
                    )

    @classmethod
    def of(cls, limits: RiskLimits) -> RiskPolicy:
        """These limits for all orders."""
        return cls().with_limits(Scope(), limits)

    def applying(self, request: OrderRequest) -> Iterator[tuple[Scope, RiskLimits]]:
        """Every set of limits that the order must keep, the widest scope first."""
        return ((scope, limits) for scope, limits in self.limits.items() if scope.covers(request))

    def with_limits(self, scope: Scope, limits: RiskLimits | None) -> RiskPolicy:
        """This policy with one scope's limits replaced, or taken away where `limits` is None or empty."""
        changed = {each: known for each, known in self.limits.items() if each != scope}
        if limits:
            changed[scope] = limits
        order = list(ScopeKind)
        ranked = sorted(changed, key=lambda each: (order.index(each.kind), each.name))
        return RiskPolicy({each: changed[each] for each in ranked})


class SwitchState(StrEnum):
    """Where the kill switch stands."""

    OFF = "off"
    """Orders may be sent."""
    CANCELLING = "cancelling"
    """No new order is sent; open ones are being cancelled."""
    VERIFIED = "verified"
    """No new order is sent, and the broker, asked in full, holds none open."""
    INCOMPLETE = "incomplete"
    """No new order is sent, and not everything is known to be cancelled: see what is left."""


@dataclass(frozen=True, slots=True)
class KillSwitch:
    """The kill switch as it stands (RSK-4).

    Parameters:
        state: see `SwitchState`.
        since: when it was engaged, None where it is off and never was.
        by: who engaged or released it last.
        reason: why, in that person's words.
        left: orders that are not known to be cancelled, in words.
    """

    state: SwitchState = SwitchState.OFF
    since: datetime | None = None
    by: str = ""
    reason: str = ""
    left: tuple[str, ...] = ()

    @property
    def engaged(self) -> bool:
        """Whether new orders are refused."""
        return self.state is not SwitchState.OFF


@dataclass(frozen=True, slots=True)
class DailyLoss:
    """An account that has reached its daily loss limit, which counts until the day is over.

    Parameters:
        account: whose it is.
        day: the trading day, as the date in New York (ISO 8601).
        loss: how much was lost when the limit was reached, in base currency.
        limit: the limit.
        at: when.
        action: what is done beside refusing new risk.
    """

    account: str
    day: str
    loss: Decimal
    limit: Decimal
    at: datetime
    action: LossAction


class RiskEventKind(StrEnum):
    """What has happened in the risk department."""

    LIMITS_CHANGED = "limits_changed"
    ORDER_REFUSED = "order_refused"
    SWITCH_MOVED = "switch_moved"
    LOSS_REACHED = "loss_reached"


@dataclass(frozen=True, slots=True)
class RiskEvent:
    """One event of the risk department.

    Parameters:
        at: when.
        kind: what happened.
        text: the event in words.
        by: who caused it; empty where nobody did.
    """

    at: datetime
    kind: RiskEventKind
    text: str
    by: str = ""


_DAY_ZONE = ZoneInfo("America/New_York")


def trading_day(now: datetime) -> str:
    """The day that daily losses count for, as an ISO date: it begins at midnight in New York."""
    return now.astimezone(_DAY_ZONE).date().isoformat()


@dataclass(frozen=True, slots=True)
class RiskUse:
    """How much of its limits an account uses; None is "not known".

    Parameters:
        account: whose it is.
        open_orders: orders that may trade.
        exposure: absolute market values of what it holds, in base currency.
        daily_pnl: profit or loss since the day began, in base currency.
        available_funds: equity with loan value less initial margin, in base currency.
        currency: the base currency.
        loss: the daily loss limit that it has reached today, None where it has not.
    """

    account: str
    open_orders: int
    exposure: Decimal | None
    daily_pnl: Decimal | None
    available_funds: Decimal | None
    currency: str | None
    loss: DailyLoss | None


def kill_switch_engaged() -> OrderRefused:
    """What is said where the journal's own database says so; the gate says it sooner and with more words."""
    return OrderRefused(
        "The kill switch is engaged.",
        rule="kill_switch",
        limit="off",
        value="engaged",
        next_step="Nothing is sent until a person releases it: `ironbridge release`, or in the console.",
    )
