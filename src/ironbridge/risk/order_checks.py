"""Limits that look at one order and its market: size, price, hours, what may be traded."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from ironbridge.domain.hours import is_open
from ironbridge.domain.market import DataKind, Quality, Quote
from ironbridge.domain.risk import RiskLimits
from ironbridge.domain.scope import Scope, fits
from ironbridge.domain.values import decimal_of, plain
from ironbridge.risk.case import Case, refusal

HUNDRED = Decimal(100)


def allowed(case: Case, scope: Scope, limits: RiskLimits) -> None:
    """`allowed` and `denied`: only what is named may be traded, and nothing that is named as denied."""
    instrument = case.request.instrument
    denied = next((pattern for pattern in limits.denied if fits(pattern, instrument)), None)
    if denied is not None:
        raise refusal(
            "denied", scope, ", ".join(limits.denied), instrument,
            f"{instrument} may not be traded: {denied} is denied",
            "Trade something else, or change the limit.",
        )  # fmt: skip
    if limits.allowed and not any(fits(pattern, instrument) for pattern in limits.allowed):
        raise refusal(
            "allowed", scope, ", ".join(limits.allowed), instrument, f"{instrument} is not among what may be traded",
            f"Only these may: {', '.join(limits.allowed)}.",
        )  # fmt: skip


def max_quantity(case: Case, scope: Scope, limits: RiskLimits) -> None:
    """`max_quantity`: units of one order."""
    limit = limits.max_quantity
    if limit is not None and (quantity := case.units) > limit:
        raise refusal(
            "max_quantity", scope, limit, quantity,
            f"The quantity {plain(quantity)} is above the limit of {plain(limit)} for one order",
            "Make the order smaller, or raise the limit.",
        )  # fmt: skip


def max_notional(case: Case, scope: Scope, limits: RiskLimits) -> None:
    """`max_notional`: money of one order, in the instrument's currency."""
    limit, currency = limits.max_notional, case.request.instrument.currency
    if limit is None:
        return
    notional = case.known(case.notional, "max_notional", plain(limit), f"A price of {case.request.instrument}")
    if notional > limit:
        raise refusal(
            "max_notional", scope, limit, notional,
            f"The notional {plain(notional)} {currency} is above the limit of {plain(limit)} {currency} for one order",
            "Make the order smaller, or raise the limit.",
        )  # fmt: skip


def price_collar(case: Case, scope: Scope, limits: RiskLimits) -> None:
    """`price_collar`: how far beyond the market, in per cent, the order may trade: a slip of a digit costs a lot."""
    limit = limits.price_collar
    if limit is None:
        return
    market = case.known(
        _reference(case.quote), "price_collar", plain(limit), f"The market of {case.request.instrument}"
    )
    price = case.known(case.price, "price_collar", plain(limit), f"A price of {case.request.instrument}")
    if not market:
        return
    beyond = case.sign * (price - market) / abs(market) * HUNDRED
    if beyond > limit:
        raise refusal(
            "price_collar", scope, limit, round(beyond, 2),
            f"The price {plain(price)} is {plain(round(beyond, 2))} % beyond the market's {plain(market)}, "
            f"and at most {plain(limit)} % are allowed",
            "Look at the price again, or widen the collar.",
        )  # fmt: skip


def max_quote_age(case: Case, scope: Scope, limits: RiskLimits) -> None:
    """`max_quote_age`: no order on prices that are old, late or doubtful (MKT-3)."""
    limit = limits.max_quote_age
    if limit is None:
        return
    quote, what = case.quote, f"A quote of {case.request.instrument}"
    quote = case.known(quote, "max_quote_age", plain(limit), what)
    age = case.now - quote.time
    # A quote that has not moved is as good as new while its stream is watched: STALE is what the watch says otherwise.
    fresh = quote.quality is Quality.GOOD and quote.kind is DataKind.LIVE
    if fresh and age <= timedelta(seconds=float(limit)):
        return
    state = f"{quote.kind.replace('_', ' ')}, {quote.quality}, {max(age.total_seconds(), 0):.1f} s old"
    raise refusal(
        "max_quote_age", scope, limit, state,
        f"The newest quote of {case.request.instrument} is {state}; it must be live and good, and {plain(limit)} s old "
        "at most",
        "Wait for a fresh quote, or change the limit.",
    )  # fmt: skip


def market_hours(case: Case, scope: Scope, limits: RiskLimits) -> None:
    """`market_hours`: only while the contract trades; orders for outside hours, in any of its sessions."""
    if not limits.market_hours:
        return
    regular = not case.spec.outside_hours
    opened = is_open(case.contract, case.now, regular=regular)
    known = case.known(opened, "market_hours", "on", f"Whether the market of {case.request.instrument} is open")
    if not known:
        which = "regular session" if regular else "sessions"
        raise refusal(
            "market_hours", scope, "on", "closed",
            f"The market of {case.request.instrument} is closed: this is outside its {which}",
            "Submit it when the market is open, or take the limit away.",
        )  # fmt: skip


def _reference(quote: Quote | None) -> Decimal | None:
    """The market's price: half-way between bid and ask, else the last one, else the last close."""
    if quote is None:
        return None
    price = next((each for each in (quote.mid, quote.last, quote.close) if each is not None), None)
    return None if price is None else decimal_of(price, "price")
