"""Which accounts an advisor's order is for, and how much of it is each one's.

    EqualQuantity, Equal     the same for each account of the group
    NetLiq                   by net liquidation
    AvailableEquity          by available funds
    a profile                by its percentages, ratios or shares

The shares are fixed when the order comes, in whole units where it asks for whole units. Other methods of IB's are
refused by name (321): they depend on positions or are told account by account.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from ironbridge.exchange.accounts import AccountView, MarginImpact
from ironbridge.exchange.allotment import shares_of, unit_of
from ironbridge.exchange.commands import OrderTerms, Share
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
    # A combination is divided in whole units, each of all its legs.
    smallest = listing.size_increment if listing is not None else ONE
    return shares_of(accounts, weights, quantity, unit_of([quantity], smallest))


def in_parts(terms: OrderTerms) -> list[OrderTerms]:
    """An order for several accounts as the orders that each of them would have placed."""
    return [replace(terms, account=share.account, quantity=share.quantity, shares=()) for share in terms.shares]


def impact_of(parts: Sequence[MarginImpact], whole: MarginImpact) -> MarginImpact:
    """What an order would do to the margins of all its accounts together, which is what a what-if of it says.

    Parameters:
        parts: what it would do to each.
        whole: the same were it one account's: its commission is that of the whole order.

    Raises:
        Refusal: 321, the accounts are in different currencies, in which nothing can be summed.
    """
    if len({part.currency for part in parts}) > 1:
        raise _refused("The accounts of the allocation have different base currencies; ask for each account")
    sums: dict[str, Any] = {
        each.name: sum((getattr(part, each.name) for part in parts), Decimal(0))
        for each in fields(MarginImpact)
        if each.name.startswith(("initial_", "maintenance_", "equity_"))
    }
    return replace(whole, currency=parts[0].currency, **sums)


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
