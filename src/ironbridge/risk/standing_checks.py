"""Limits that look at what is held, open and lost already: the order is judged together with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from ironbridge.domain.instrument import Instrument
from ironbridge.domain.order import OrderRequest
from ironbridge.domain.order_state import ZERO
from ironbridge.domain.risk import RiskLimits
from ironbridge.domain.scope import Scope, ScopeKind, fits
from ironbridge.domain.values import plain
from ironbridge.risk.case import Case, Open, multiplier_of, own_price, refusal
from ironbridge.risk.legs import moves_of


def max_position(case: Case, scope: Scope, limits: RiskLimits) -> None:
    """`max_position`: units of one contract, long or short, with everything open on the order's side filled.

    Of a combination, each leg's contract is held to it.
    """
    limit = limits.max_position
    if limit is None or case.reduces():
        return
    for con_id in case.moves:
        named = case.request.instrument if con_id == case.con_id else f"contract {con_id}, a leg of the combination,"
        what = f"What {case.request.account} holds of {named}"
        position = case.known(case.position_after(scope, con_id), "max_position", plain(limit), what)
        if position > limit:
            raise refusal(
                "max_position", scope, limit, position,
                f"The position in {named} could come to {plain(position)}, open orders included, "
                f"which is above the limit of {plain(limit)}",
                "Make the order smaller, cancel what is open, or raise the limit.",
            )  # fmt: skip


def max_exposure(case: Case, scope: Scope, limits: RiskLimits) -> None:
    """`max_exposure`: absolute market values of all that is held, at its worst with all that is open, in base money.

    A combination counts by its legs, at the broker's prices of them: the net price says nothing of their size. A leg
    that is not held has none, and what cannot be counted is not passed.
    """
    limit = limits.max_exposure
    if limit is None or case.reduces():
        return
    exposure = case.known(
        _exposure(case, scope), "max_exposure", plain(limit), f"The exposure of {case.request.account}"
    )
    if exposure > limit:
        raise refusal(
            "max_exposure", scope, limit, round(exposure, 2),
            f"The exposure of {case.request.account} could come to {plain(round(exposure, 2))}, open orders included, "
            f"which is above the limit of {plain(limit)}",
            "Make the order smaller, close or cancel something, or raise the limit.",
        )  # fmt: skip


def block_on_unexplained(case: Case, scope: Scope, limits: RiskLimits) -> None:
    """`block_on_unexplained`: no new risk on top of positions or cash that nobody can explain."""
    if not limits.block_on_unexplained or case.reduces():
        return
    found = case.facts.discrepancies(case.request.account)
    if found:
        words = "; ".join(str(each) for each in found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
        raise refusal(
            "block_on_unexplained", scope, "on", len(found),
            f"The broker's numbers of {case.request.account} are not explained by our books: {words}",
            "Find out why and accept the difference: POST /account/books/accept, or Portfolio in the console.",
        )  # fmt: skip


def min_buying_power(case: Case, scope: Scope, limits: RiskLimits) -> None:
    """`min_buying_power`: what the broker states, less the full value of the order and of all that is open."""
    limit = limits.min_buying_power
    if limit is None or case.reduces():
        return
    what = f"The buying power of {case.request.account}"
    left = case.known(case.facts.funds(case.request.account).buying_power, "min_buying_power", plain(limit), what)
    for each in (*case.open_orders(Scope()), Open(case.request, case.quantity)):
        worth = _worth(case, each.request.instrument, each.quantity, own_price(each.request.spec))
        left -= abs(case.known(worth, "min_buying_power", plain(limit), f"The value of {each.request.spec}"))
    if left < limit:
        raise refusal(
            "min_buying_power", scope, limit, round(left, 2),
            f"It would leave {plain(round(left, 2))} of buying power, open orders included, "
            f"and at least {plain(limit)} must be left",
            "Make the order smaller, cancel what is open, or change the limit.",
        )  # fmt: skip


def max_open_orders(case: Case, scope: Scope, limits: RiskLimits) -> None:
    """`max_open_orders`: how many may be open at one time, this one included."""
    limit = limits.max_open_orders
    if limit is None or case.replacing is not None:
        return
    count = 1 + sum(1 for _ in case.open_orders(scope))
    if count > limit:
        raise refusal(
            "max_open_orders", scope, limit, count,
            f"It would be open order number {count}, and {limit} may be open at one time",
            "Wait until one has ended, cancel one, or raise the limit.",
        )  # fmt: skip


def order_rate(case: Case, scope: Scope, limits: RiskLimits) -> None:
    """`order_rate`: new orders in a time; a strategy that has lost its mind is stopped here."""
    rate = limits.order_rate
    if rate is None or case.replacing is not None:
        return
    since = case.now - timedelta(seconds=float(rate.seconds))
    recent = sum(1 for request in _recent(case, scope, since)) + 1
    if recent > rate.count:
        raise refusal(
            "order_rate", scope, rate, recent,
            f"It would be new order number {recent} within {plain(rate.seconds)} s, and {rate.count} are allowed",
            "Wait, find out what sends so many, or raise the limit.",
        )  # fmt: skip


def duplicate_window(case: Case, scope: Scope, limits: RiskLimits) -> None:
    """`duplicate_window`: the same order again, under another key, so soon, is taken for a mistake."""
    window = limits.duplicate_window
    if window is None or case.replacing is not None:
        return
    since = case.now - timedelta(seconds=float(window))
    twin = next((each for each in _recent(case, scope, since) if _alike(each, case.request)), None)
    if twin is not None:
        raise refusal(
            "duplicate_window", scope, window, twin.key,
            f"The same order, {twin.spec} {twin.instrument}, was sent within the last {plain(window)} s "
            f"under the key {twin.key!r}",
            "If it is meant, wait or change the limit. To ask for the same order again, use its key.",
        )  # fmt: skip


def _recent(case: Case, scope: Scope, since: datetime) -> list[OrderRequest]:
    """Orders of the scope and account that were made since then, those under way first, then the newest first."""
    requests = [*case.pending, *case.tally.made_since(since)]
    account, own = case.request.account, case.request.key
    return [each for each in requests if each.account == account and each.key != own and scope.covers(each)]


def _alike(one: OrderRequest, other: OrderRequest) -> bool:
    return (one.instrument.con_id, one.spec, one.account, one.strategy) == (
        other.instrument.con_id, other.spec, other.account, other.strategy,
    )  # fmt: skip


def _exposure(case: Case, scope: Scope) -> Decimal | None:
    """The worst sum of absolute market values in the scope, in base currency; None where a part is not known."""
    held = _values(case, scope)
    if held is None:
        return None
    # By contract: how far it could come on the long side, and on the short one.
    longest = defaultdict(Decimal, held)
    shortest = defaultdict(Decimal, {con_id: -value for con_id, value in held.items()})
    for con_id, value in _moved(case, scope):
        if value is None:
            return None
        units, worth = value
        (longest if units > 0 else shortest)[con_id] += abs(worth)
    return sum((max(abs(longest[key]), abs(shortest[key])) for key in longest.keys() | shortest.keys()), ZERO)


def _moved(case: Case, scope: Scope) -> Iterator[tuple[int, tuple[Decimal, Decimal] | None]]:
    """What all that is open or not settled would move of each contract: signed units and worth; None is not known."""
    rows = {row.instrument.con_id: row for row in case.facts.held(case.request.account) or ()}

    def leg(con_id: int, units: Decimal) -> tuple[Decimal, Decimal] | None:
        row = rows.get(con_id)
        worth = None if row is None else _worth(case, row.instrument, units, row.market_price)
        return None if worth is None else (units, worth)

    def alone(request: OrderRequest, units: Decimal) -> tuple[Decimal, Decimal] | None:
        worth = _worth(case, request.instrument, units, own_price(request.spec))
        return None if worth is None else (units, worth)

    for each in (*case.open_orders(scope), Open(case.request, case.quantity)):
        instrument = each.request.instrument
        for con_id, each_moves in moves_of(instrument, each.request.spec.side).items():
            moved = each_moves * each.quantity
            yield con_id, leg(con_id, moved) if instrument.legs else alone(each.request, moved)
    for con_id, units in case.unsettled(scope):
        if units:
            yield con_id, alone(case.request, units) if con_id == case.con_id else leg(con_id, units)


def _values(case: Case, scope: Scope) -> dict[int, Decimal] | None:
    """Signed market values in base currency, by con_id, of what the scope holds; None where one is not known."""
    rows = case.facts.held(case.request.account)
    if rows is None:
        return None
    by_id = {row.instrument.con_id: row for row in rows}
    instruments = {con_id: row.instrument for con_id, row in by_id.items()} | {case.con_id: case.request.instrument}
    if scope.kind is ScopeKind.STRATEGY:
        positions = case.tally.strategy_positions(scope.name, case.request.account)
    else:
        every = scope.kind is not ScopeKind.INSTRUMENT
        positions = {key: row.quantity for key, row in by_id.items() if every or fits(scope.name, row.instrument)}
    values: dict[int, Decimal] = {}
    for con_id, quantity in positions.items():
        # A strategy may hold what the account, on balance, does not, and then nothing says what that is worth.
        instrument, row = instruments.get(con_id), by_id.get(con_id)
        value = _worth(case, instrument, quantity, row.market_price if row else None) if instrument else None
        if value is None:
            return None
        values[con_id] = value
    return values


def _worth(case: Case, instrument: Instrument, quantity: Decimal, price: Decimal | None) -> Decimal | None:
    """Signed value in base currency, by this price or by the last one that the contract was judged by."""
    if not quantity:
        return ZERO
    if price is None:
        price = case.price if instrument.con_id == case.con_id else case.prices.get(instrument.con_id)
    if price is None:
        return None
    own = instrument.con_id == case.con_id
    multiplier = case.contract.multiplier if own else multiplier_of(instrument)
    return case.in_base(quantity * price * multiplier, instrument.currency)
