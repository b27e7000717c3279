"""Booking a fill: the order, the account, the commission, and the three events that tell of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from ironbridge.domain.instrument import Kind
from ironbridge.domain.values import Side
from ironbridge.exchange import fees
from ironbridge.exchange.allotment import allotted, unit_of
from ironbridge.exchange.combos import LegFill
from ironbridge.exchange.commands import CorrectFill
from ironbridge.exchange.credit import Credit
from ironbridge.exchange.events import (
    CommissionCharged,
    Execution,
    Liquidity,
    OrderFilled,
    OrderStatus,
    PositionChanged,
)
from ironbridge.exchange.floor import Trade
from ironbridge.exchange.ledger import Ledger
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.orders import ZERO, LiveOrder
from ironbridge.exchange.outbox import Outbox
from ironbridge.exchange.universe import Universe

_FEE_STEP = Decimal("0.0001")
Part = tuple[str, Decimal, Decimal]
"""Whose part of a fill, how much it is, and what he had before."""


class Clearing:
    """Parameters:
    run: twelve letters that make the execution ids of this venue its own.
    """

    def __init__(self, universe: Universe, ledger: Ledger, credit: Credit, outbox: Outbox, run: str) -> None:
        self._universe = universe
        self._ledger = ledger
        self._credit = credit
        self._out = outbox
        self.run = run
        self.next_execution = 1
        self.executions: list[tuple[Execution, CommissionCharged]] = []

    def book(self, trade: Trade, listing: Listing) -> None:
        """Books one side of a trade; the order is FILLED afterwards when nothing remains of it."""
        order = trade.order
        self._fill(order, trade.quantity, trade.price)
        contra = trade.contra.perm_id if trade.contra is not None else 0
        currency = fees.commission_currency(listing, self._base(order))
        rate = self._credit.rate(listing.currency, currency)
        total = fees.commission(listing, order.filled, order.spent, rate)
        fee, order.charged = max(ZERO, total - order.charged), max(total, order.charged)
        snapshot, parts = order.snapshot(), _parts(order, trade.quantity, listing)
        for (account, quantity, had), paid in zip(parts, _split(fee, parts, trade.quantity), strict=True):
            execution = self._execution(order, listing, order.terms.side, quantity, trade.price)
            execution = replace(
                execution, account=account, cumulative=had + quantity, liquidity=trade.liquidity, contra=contra
            )
            self._out.put(OrderFilled, snapshot, execution)
            self._charge(order, listing, execution, paid, currency)

    def book_combo(
        self, order: LiveOrder, fills: list[LegFill], units: Decimal, price: Decimal, listing: Listing
    ) -> None:
        """Books a combination: its own fill first, which moves no money, then each leg with its commission."""
        self._fill(order, units, price)
        snapshot = order.snapshot()
        parts = _parts(order, units, listing)
        for account, part, had in parts:
            own = self._execution(order, listing, order.terms.side, part, price)
            own = replace(own, account=account, cumulative=had + part)
            self._out.put(OrderFilled, snapshot, own)
            self._tell(order, own, ZERO, self._base(order), None)
        for fill in fills:
            ratio = order.terms.legs[fill.leg].ratio
            currency = fees.commission_currency(fill.listing, self._base(order))
            rate = self._credit.rate(fill.listing.currency, currency)
            fee = fees.commission(fill.listing, fill.quantity, fill.quantity * fill.price, rate)
            for (account, part, had), paid in zip(parts, _split(fee, parts, units), strict=True):
                execution = self._execution(order, fill.listing, fill.side, part * ratio, fill.price)
                whole = (had + part) * ratio
                execution = replace(
                    execution, account=account, leg=fill.leg, cumulative=whole, average_price=fill.price
                )
                self._out.put(OrderFilled, snapshot, execution)
                self._charge(order, fill.listing, execution, paid, currency)

    def correct(self, what: CorrectFill) -> None:
        """Books a fill of the day anew, as if it had been of another quantity (none: a bust) or price.

        The position is what it would have been; the commission stays, and the order's own sums, as IB leaves them.
        """
        quantity, price, number = what.quantity, what.price, what.number
        at = next(at for at, (each, _) in enumerate(self.executions) if each.execution_id == what.execution_id)
        before, charged = self.executions[at]
        listing = self._universe.by_con_id(before.con_id)
        assert listing is not None
        account = self._ledger.accounts[before.account]
        account.book(listing, before.side.opposite, before.quantity, before.price, ZERO, charged.currency)
        if quantity:
            account.book(listing, before.side, quantity, price, ZERO, charged.currency)
        holding = account.holdings[listing.con_id]
        self._out.put(
            PositionChanged, account.name, listing.con_id, holding.quantity, holding.average_cost, holding.realized
        )
        cumulative = before.cumulative + quantity - before.quantity
        worth = before.cumulative * before.average_price - before.quantity * before.price + quantity * price
        average = worth / cumulative if cumulative else ZERO
        execution = replace(
            before, execution_id=number, quantity=quantity, price=price, cumulative=cumulative, average_price=average
        )
        self.executions[at] = execution, replace(charged, execution_id=number)

    def _fill(self, order: LiveOrder, quantity: Decimal, price: Decimal) -> None:
        order.fill(quantity, price)
        if order.remaining <= 0:
            order.move(OrderStatus.FILLED)
            order.done_at = self._out.time

    def _base(self, order: LiveOrder) -> str:
        return self._ledger.accounts[order.terms.account].currency

    def _charge(self, order: LiveOrder, listing: Listing, execution: Execution, fee: Decimal, currency: str) -> None:
        """Books an execution with its commission, and tells of both."""
        account = self._ledger.accounts[execution.account]
        realized = account.book(listing, execution.side, execution.quantity, execution.price, fee, currency)
        self._tell(order, execution, fee, currency, realized)
        holding = account.holdings[listing.con_id]
        self._out.put(
            PositionChanged, account.name, listing.con_id, holding.quantity, holding.average_cost, holding.realized
        )

    def _tell(
        self, order: LiveOrder, execution: Execution, fee: Decimal, currency: str, realized: Decimal | None
    ) -> None:
        charged = CommissionCharged(
            self._out.sequence + 1,
            self._out.time,
            execution.execution_id,
            order.perm_id,
            execution.account,
            fee,
            currency,
            realized,
        )
        self._out.post(charged)
        self.executions.append((execution, charged))

    def traded(self, account: str, symbol: str, since: datetime) -> bool:
        """Whether an account has had a fill in a symbol since a moment."""
        for execution, _ in reversed(self.executions):
            if execution.time < since:
                return False
            listing = self._universe.by_con_id(execution.con_id)
            if execution.account == account and listing is not None and listing.symbol == symbol:
                return True
        return False

    def forget(self, before: datetime) -> None:
        self.executions = [pair for pair in self.executions if pair[0].time >= before]

    def _execution(
        self, order: LiveOrder, listing: Listing, side: Side, quantity: Decimal, price: Decimal
    ) -> Execution:
        number = self.next_execution
        self.next_execution += 1
        exchange = listing.exchange
        if exchange == "SMART" and listing.kind is not Kind.COMBO:
            exchange = listing.primary_exchange or "CBOE"
        return Execution(
            execution_id=f"0000{self.run[:4]}.{self.run[4:]}.{number:08x}.01",
            perm_id=order.perm_id,
            client=order.client,
            order_id=order.order_id,
            account=order.terms.account,
            con_id=listing.con_id,
            side=side,
            quantity=quantity,
            price=price,
            cumulative=order.filled,
            average_price=order.average_price,
            time=self._out.time,
            exchange=exchange,
            liquidity=Liquidity.REMOVED,
        )


def _split(fee: Decimal, parts: Sequence[Part], quantity: Decimal) -> list[Decimal]:
    """What each pays of a fee; the last one what the others' rounded parts leave."""
    paid = [(fee * part / quantity).quantize(_FEE_STEP) for _, part, _ in parts[:-1]]
    return [*paid, fee - sum(paid, ZERO)]


def _parts(order: LiveOrder, quantity: Decimal, listing: Listing) -> list[Part]:
    """Who gets how much of a fill, and how much he had before; the order's account, unless it is for several."""
    shares = order.terms.shares
    if not shares:
        return [(order.terms.account, quantity, order.filled - quantity)]
    wanted = [share.quantity for share in shares]
    had = order.allotted or (ZERO,) * len(shares)
    given = allotted(wanted, had, quantity, unit_of([*wanted, quantity], listing.size_increment))
    order.allotted = tuple(before + part for before, part in zip(had, given, strict=True))
    return [(share.account, part, before) for share, part, before in zip(shares, given, had, strict=True) if part]
