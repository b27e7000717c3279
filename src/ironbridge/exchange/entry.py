"""The door of the venue: whether an order is taken, and what was left open in its terms filled in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ironbridge.exchange import checks, combos, conditions
from ironbridge.exchange.checks import Fault
from ironbridge.exchange.commands import OrderKind, OrderTerms
from ironbridge.exchange.credit import Credit
from ironbridge.exchange.events import RejectReason
from ironbridge.exchange.hours import Hours
from ironbridge.exchange.ledger import Ledger
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.orders import ZERO, LiveOrder
from ironbridge.exchange.universe import Universe


class Entry:
    """Parameters:
    order: the terms of an order that may have children, by perm id; None when there is no such order.
    """

    def __init__(
        self,
        universe: Universe,
        ledger: Ledger,
        credit: Credit,
        hours: Hours,
        order: Callable[[int], OrderTerms | None],
    ) -> None:
        self._universe = universe
        self._ledger = ledger
        self._credit = credit
        self._hours = hours
        self._order = order

    def listing(self, terms: OrderTerms) -> Listing | None:
        """What the terms trade."""
        if terms.legs:
            return combos.listing_of(terms, self._universe)
        return self._universe.by_con_id(terms.con_id)

    def judged(self, terms: OrderTerms, step: int, old: LiveOrder | None = None) -> tuple[OrderTerms, Fault | None]:
        """The completed terms, and the first thing that speaks against them (in place of an `old` order)."""
        account = self._ledger.get(terms.account)
        if account is None:
            return terms, Fault(RejectReason.UNKNOWN_ACCOUNT, f"There is no account {terms.account!r}.", "account")
        listing = self.listing(terms)
        if listing is None:
            what = "A leg of the combination" if terms.legs else f"Con id {terms.con_id}"
            return terms, Fault(RejectReason.UNKNOWN_LISTING, f"{what} is not listed here.", "con_id")
        if self._hours.is_over(listing):
            return terms, Fault(RejectReason.NOT_TRADABLE, f"{listing.local_symbol} has expired.", "con_id")
        terms = self._completed(terms, listing, step)
        fault = checks.fault_of(terms, listing, self._hours.now)
        if fault is None:
            fault = conditions.fault_in(terms.conditions, self._universe.by_con_id)
        if fault is None and terms.parent and not self._order(terms.parent):
            fault = Fault(RejectReason.UNKNOWN_PARENT, f"Parent {terms.parent} is no order that can lead.", "parent")
        if fault is None and terms.shares:
            return terms, self._fault_of_shares(terms, listing, old, step)
        if fault is None and not self._closes_parent(terms):
            fault = self._credit.fault(account, terms, listing, old, step)
        return terms, fault

    def _fault_of_shares(self, terms: OrderTerms, listing: Listing, old: LiveOrder | None, step: int) -> Fault | None:
        """What speaks against an order for several accounts: each must be able to carry its share."""
        if any(share.quantity <= 0 for share in terms.shares) or (
            sum(share.quantity for share in terms.shares) != terms.quantity
        ):
            return Fault(RejectReason.BAD_QUANTITY, "The shares of accounts must add up to the quantity.", "shares")
        had = old.allotted if old is not None and old.allotted else (ZERO,) * len(terms.shares)
        if len(had) != len(terms.shares):
            return Fault(RejectReason.BAD_TERMS, "The accounts of an order that has filled cannot change.", "shares")
        for share, got in zip(terms.shares, had, strict=True):
            account = self._ledger.get(share.account)
            if account is None:
                return Fault(RejectReason.UNKNOWN_ACCOUNT, f"There is no account {share.account!r}.", "shares")
            rest = max(ZERO, share.quantity - got)
            if rest and not self._closes_parent(terms):
                filled = old.filled if old is not None else ZERO
                part = replace(terms, account=share.account, quantity=rest + filled, shares=())
                fault = self._credit.fault(account, part, listing, old, step)
                if fault is not None:
                    return fault
        return None

    def _closes_parent(self, terms: OrderTerms) -> bool:
        """Whether the order does no more than undo what its parent will have done."""
        parent = self._order(terms.parent) if terms.parent else None
        return (
            parent is not None
            and (parent.account, parent.con_id, parent.legs) == (terms.account, terms.con_id, terms.legs)
            and parent.side is terms.side.opposite
            and terms.quantity <= parent.quantity
        )

    def _completed(self, terms: OrderTerms, listing: Listing, step: int) -> OrderTerms:
        if terms.cash_quantity is not None and not terms.quantity and not terms.legs:
            terms = replace(terms, quantity=self._credit.units_for(terms, listing, step))
        stop, limit = terms.stop_price, terms.limit_price
        if (
            terms.kind is OrderKind.TRAIL_LIMIT
            and terms.limit_offset is None
            and stop is not None
            and limit is not None
        ):
            terms = replace(terms, limit_offset=abs(limit - stop))
        return terms
