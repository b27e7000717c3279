"""Booking a fill: the order, the account, the commission, and the three events that tell of it."""

from __future__ import annotations

from datetime import datetime

from ironbridge.exchange import fees
from ironbridge.exchange.credit import Credit
from ironbridge.exchange.events import CommissionCharged, Execution, OrderFilled, OrderStatus, PositionChanged
from ironbridge.exchange.floor import Trade
from ironbridge.exchange.ledger import Ledger
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.orders import ZERO
from ironbridge.exchange.outbox import Outbox


class Clearing:
    """Parameters:
    run: twelve letters that make the execution ids of this venue its own.
    """

    def __init__(self, ledger: Ledger, credit: Credit, outbox: Outbox, run: str) -> None:
        self._ledger = ledger
        self._credit = credit
        self._out = outbox
        self.run = run
        self.next_execution = 1
        self.executions: list[tuple[Execution, CommissionCharged]] = []

    def book(self, trade: Trade, listing: Listing) -> None:
        """Books one side of a trade; the order is FILLED afterwards when nothing remains of it."""
        order, terms = trade.order, trade.order.terms
        account = self._ledger.accounts[terms.account]
        order.fill(trade.quantity, trade.price)
        if order.remaining <= 0:
            order.move(OrderStatus.FILLED)
            order.done_at = self._out.time
        execution = self._execution(trade, listing)
        self._out.put(OrderFilled, order.snapshot(), execution)
        currency = fees.commission_currency(listing, account.currency)
        rate = self._credit.rate(listing.currency, currency)
        total = fees.commission(listing, order.filled, order.spent, rate)
        fee, order.charged = max(ZERO, total - order.charged), max(total, order.charged)
        realized = account.book(listing, terms.side, trade.quantity, trade.price, fee, currency)
        charged = CommissionCharged(
            self._out.sequence + 1,
            self._out.time,
            execution.execution_id,
            order.perm_id,
            account.name,
            fee,
            currency,
            realized,
        )
        self._out.post(charged)
        self.executions.append((execution, charged))
        holding = account.holdings[listing.con_id]
        self._out.put(
            PositionChanged, account.name, listing.con_id, holding.quantity, holding.average_cost, holding.realized
        )

    def forget(self, before: datetime) -> None:
        self.executions = [pair for pair in self.executions if pair[0].time >= before]

    def _execution(self, trade: Trade, listing: Listing) -> Execution:
        order = trade.order
        number = self.next_execution
        self.next_execution += 1
        exchange = listing.exchange
        if exchange == "SMART":
            exchange = listing.primary_exchange or "CBOE"
        return Execution(
            execution_id=f"0000{self.run[:4]}.{self.run[4:]}.{number:08x}.01",
            perm_id=order.perm_id,
            client=order.client,
            order_id=order.order_id,
            account=order.terms.account,
            con_id=listing.con_id,
            side=order.terms.side,
            quantity=trade.quantity,
            price=trade.price,
            cumulative=order.filled,
            average_price=order.average_price,
            time=self._out.time,
            exchange=exchange,
            liquidity=trade.liquidity,
            contra=trade.contra.perm_id if trade.contra is not None else 0,
        )
