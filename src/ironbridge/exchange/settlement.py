"""What ends with the day and with the contract.

At the start of a day futures are paid up to their mark, and daily profit begins anew. A future that expires is paid at
its last price. An option is exercised by itself when it is in the money by a cent or more, unless its owner let it
lapse: index options pay the difference in cash, others deliver stock at the strike. A written option is assigned in
the same cases.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from ironbridge.domain.instrument import Kind, Right
from ironbridge.domain.values import Side
from ironbridge.errors import InvalidInput
from ironbridge.exchange.commands import ExerciseOption
from ironbridge.exchange.credit import Credit
from ironbridge.exchange.desk import Desk
from ironbridge.exchange.events import CancelReason, ContractExpired, Ending, PositionChanged
from ironbridge.exchange.hours import Hours
from ironbridge.exchange.ledger import Account, Holding, Ledger
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.outbox import Outbox
from ironbridge.exchange.tape import settlement_price
from ironbridge.exchange.universe import Universe
from ironbridge.exchange.valuation import worth

ZERO = Decimal(0)
_KEPT = timedelta(days=1)
"""How long finished orders and executions are told of after the day has turned."""
_CENT = Decimal("0.01")


class Settlement:
    """The venue's back office."""

    def __init__(
        self, universe: Universe, ledger: Ledger, credit: Credit, desk: Desk, hours: Hours, outbox: Outbox
    ) -> None:
        self._universe = universe
        self._ledger = ledger
        self._credit = credit
        self._desk = desk
        self._hours = hours
        self._out = outbox
        self.lapsing: dict[tuple[str, int], Decimal] = {}

    def begin_day(self) -> None:
        """Pays the variation of futures, starts the day's profits, and lets the day before yesterday go."""
        for account in self._ledger.accounts.values():
            for holding in account.open_holdings():
                if holding.listing.kind is Kind.FUTURE:
                    account.settle(holding, self._credit.mark(holding.listing))
            account.begin_day(self._credit.mark, worth(account, self._credit.market).net)
        self._desk.forget(self._hours.now - _KEPT)
        self._hours.expect_day()

    def expire(self, listing: Listing) -> None:
        """Ends the orders and positions of a contract."""
        for order in list(self._desk.live.values()):
            if order.terms.con_id == listing.con_id:
                self._desk.end(order, CancelReason.LISTING_EXPIRED, f"{listing.local_symbol} has expired.")
        under = self._universe.by_con_id(listing.under_con_id)
        price = settlement_price(self._hours.tape, listing, under)
        for account in self._ledger.accounts.values():
            holding = account.holdings.get(listing.con_id)
            if holding is None or not holding.quantity:
                continue
            if listing.kind is Kind.FUTURE:
                self._finish(account, holding, price, price, Ending.SETTLED)
            else:
                self._expire_option(account, holding, price, under)

    def _expire_option(self, account: Account, holding: Holding, price: Decimal, under: Listing | None) -> None:
        listing = holding.listing
        lapsed = min(self.lapsing.pop((account.name, listing.con_id), ZERO), max(ZERO, holding.quantity))
        inside = _inside(listing, price)
        if inside < _CENT or under is None or lapsed >= holding.quantity > 0:
            self._finish(account, holding, ZERO, price, Ending.WORTHLESS)
        elif under.kind is Kind.INDEX:
            self._finish(account, holding, inside, price, Ending.SETTLED)
        else:
            exercised = holding.quantity - lapsed
            ending = Ending.EXERCISED if exercised > 0 else Ending.ASSIGNED
            self._deliver(account, holding, exercised, under)
            self._finish(account, holding, ZERO, price, ending)

    def _deliver(self, account: Account, holding: Holding, quantity: Decimal, under: Listing) -> None:
        """Moves the stock of exercised (or, for less than zero, assigned) contracts at the strike."""
        listing = holding.listing
        strike = listing.strike or ZERO
        buys = (listing.right is Right.CALL) == (quantity > 0)
        shares = abs(quantity) * listing.multiplier
        account.book(under, Side.BUY if buys else Side.SELL, shares, strike, ZERO, under.currency)
        self._tell(account, account.holdings[under.con_id])

    def _finish(self, account: Account, holding: Holding, price: Decimal, settled: Decimal, ending: Ending) -> None:
        quantity = holding.quantity
        account.close(holding, price)
        self._out.put(ContractExpired, account.name, holding.listing.con_id, quantity, settled, ending)
        self._tell(account, holding)

    def _tell(self, account: Account, holding: Holding) -> None:
        self._out.put(
            PositionChanged,
            account.name,
            holding.listing.con_id,
            holding.quantity,
            holding.average_cost,
            holding.realized,
        )

    def exercise(self, command: ExerciseOption) -> None:
        """Exercises long options now, or notes that they shall lapse.

        Raises:
            InvalidInput: there is no such account, option or position.
        """
        account = self._ledger.get(command.account)
        holding = account.holdings.get(command.con_id) if account is not None else None
        if account is None or holding is None or holding.listing.kind is not Kind.OPTION:
            raise InvalidInput(f"Account {command.account} holds no option with con id {command.con_id}.")
        if not ZERO < command.quantity <= holding.quantity:
            raise InvalidInput(f"{command.quantity} cannot be exercised: {holding.quantity} are held.")
        if command.lapse:
            self.lapsing[account.name, command.con_id] = command.quantity
            return
        under = self._universe.by_con_id(holding.listing.under_con_id)
        if under is None or under.kind is Kind.INDEX:
            raise InvalidInput(f"{holding.listing} is European: it is exercised at its expiry alone.")
        self._deliver(account, holding, command.quantity, under)
        account.book(holding.listing, Side.SELL, command.quantity, ZERO, ZERO, holding.listing.currency)
        price = self._credit.mark(under)
        self._out.put(ContractExpired, account.name, holding.listing.con_id, command.quantity, price, Ending.EXERCISED)
        self._tell(account, holding)


def _inside(listing: Listing, price: Decimal) -> Decimal:
    """How far an option is in the money."""
    strike = listing.strike or ZERO
    return max(ZERO, price - strike if listing.right is Right.CALL else strike - price)
