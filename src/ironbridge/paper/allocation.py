"""Which accounts an advisor's order is for, and how much of it is each one's.

    EqualQuantity, Equal     the same for each account of the group
    NetLiq                   by net liquidation
    AvailableEquity          by available funds
    a profile                by its percentages, ratios or shares

The shares are fixed when the order comes, in whole units where it asks for whole units. Other methods of IB's are
refused by name (321): they depend on positions or are told account by account.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from ironbridge.exchange.accounts import AccountView
from ironbridge.exchange.allotment import shares_of, unit_of
from ironbridge.exchange.commands import Share
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.venue import Venue
from ironbridge.paper.advisor import Advisor, Group
from ironbridge.paper.translate import Refusal, invalid
from ironbridge.wire.order import Order
from ironbridge.wire.values import given

ONE = Decimal(1)
METHODS: dict[str, Callable[[AccountView], Decimal]] = {
    "EqualQuantity": lambda _: ONE,
    "Equal": lambda _: ONE,
    "NetLiq": lambda view: view.net_liquidation,
    "AvailableEquity": lambda view: view.available_funds,
}


def is_for_several(order: Order) -> bool:
    return bool(order.fa_group or order.fa_profile)


def shares(order: Order, listing: Listing | None, advisor: Advisor, venue: Venue) -> tuple[Share, ...]:
    """Whose the order is.

    Raises:
        Refusal: 321, there is no such group or profile, or it cannot divide this order.
    """
    quantity = given(order.total_quantity) or Decimal(0)
    if listing is None:
        raise _refused("A combination cannot be allocated here")
    if quantity <= 0:
        raise _refused("An allocated order needs a quantity")
    name = order.fa_group or order.fa_profile
    group, profile = advisor.group(name), advisor.profile(name)
    if group is not None and not order.fa_profile:
        accounts, weights = _of_group(order, group, venue)
    elif profile is not None:
        accounts = [account for account, _ in profile.amounts]
        weights = [amount for _, amount in profile.amounts]
    else:
        raise _refused(f"Unknown {'FA profile' if order.fa_profile else 'FA group'} '{name}'")
    return shares_of(accounts, weights, quantity, unit_of([quantity], listing.size_increment))


def _of_group(order: Order, group: Group, venue: Venue) -> tuple[list[str], list[Decimal]]:
    method = order.fa_method or group.method
    weigh = METHODS.get(method)
    if weigh is None:
        served = ", ".join(METHODS)
        raise _refused(f"FA allocation method '{method or 'none'}' is not served by this gateway; {served} are")
    weights = [max(Decimal(0), weigh(venue.account(account))) for account in group.accounts]
    if not any(weights):
        raise _refused(f"No account of group '{group.name}' has anything by which {method} could divide")
    return list(group.accounts), weights


def _refused(cause: str) -> Refusal:
    return invalid("bX", cause)
