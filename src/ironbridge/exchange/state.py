"""The venue as plain data, so that it can be kept in a file and go on after a restart as if nothing had been.

What is kept: the clock, the counters, accounts, live and finished orders, executions, what clients took from the books
and added to the day. What is not kept follows from it: books, waiting lists and alarms are built again, and the market
is a function of the seed. Decimals and times are texts; the whole is JSON-compatible. A state that does not fit is
refused with `InvalidInput`, never half taken.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from ironbridge.errors import InvalidInput
from ironbridge.exchange.accounts import AccountSpec
from ironbridge.exchange.clearing import Clearing
from ironbridge.exchange.desk import Desk
from ironbridge.exchange.events import CommissionCharged, Execution, OrderSnapshot
from ironbridge.exchange.floor import ClientTrades
from ironbridge.exchange.ledger import Account, Holding, Ledger
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.orders import LiveOrder
from ironbridge.exchange.outbox import Outbox
from ironbridge.exchange.settlement import Settlement
from ironbridge.exchange.universe import Universe

FORMAT = 1
"""Of the state; a state of another format is refused."""


def plain(value: Any) -> Any:
    """A value of the venue's types as JSON-compatible data."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


@lru_cache(maxsize=64)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def read(kind: Any, data: Any) -> Any:
    """The value of a type that `plain` made data of."""
    if get_origin(kind) is UnionType:
        if data is None:
            return None
        return read(next(arm for arm in get_args(kind) if arm is not NoneType), data)
    if get_origin(kind) is tuple:
        arms = get_args(kind)
        if arms[-1] is Ellipsis:
            return tuple(read(arms[0], item) for item in data)
        return tuple(read(arm, item) for arm, item in zip(arms, data, strict=True))
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: read(hints[name], item) for name, item in data.items()})
    if kind is datetime:
        return datetime.fromisoformat(data)
    if kind is Decimal or (isinstance(kind, type) and issubclass(kind, Enum)):
        return kind(data)
    return data


class Keeper:
    """Exports and restores the parts of one venue.

    What never changes again (executions, finished orders) is made plain once: a state can be asked for after every
    order without the day's trades being walked each time.
    """

    def __init__(
        self,
        universe: Universe,
        ledger: Ledger,
        desk: Desk,
        clearing: Clearing,
        settlement: Settlement,
        outbox: Outbox,
    ) -> None:
        self._universe = universe
        self._ledger = ledger
        self._desk = desk
        self._clearing = clearing
        self._settlement = settlement
        self._out = outbox
        self._executions: dict[str, Any] = {}
        self._done: dict[int, Any] = {}

    def export(self, seed: int) -> dict[str, Any]:
        desk, clearing = self._desk, self._clearing
        known = self._executions
        self._executions = {
            execution.execution_id: known.get(execution.execution_id) or [plain(execution), plain(charged)]
            for execution, charged in clearing.executions
        }
        self._done = {perm_id: self._done.get(perm_id) or plain(order) for perm_id, order in desk.done.items()}
        return {
            "format": FORMAT,
            "seed": seed,
            "time": self._out.time.isoformat(),
            "sequence": self._out.sequence,
            "perm_id": desk.next_perm_id,
            "rank": desk.next_rank,
            "execution": clearing.next_execution,
            "run": clearing.run,
            "accounts": [_account(account) for account in self._ledger.accounts.values()],
            "orders": [plain(order) for order in desk.live.values()],
            "done": list(self._done.values()),
            "executions": list(self._executions.values()),
            "owed": [order.perm_id for owed in desk.floor.owed.values() for order in owed],
            "taken": [
                [con_id, *key, epoch, str(quantity)]
                for con_id, book in desk.floor.books.items()
                for key, (epoch, quantity) in book.taken.items()
            ],
            "trades": [[con_id, plain(trades)] for con_id, trades in desk.floor.trades.items()],
            "lapsing": [[*key, str(quantity)] for key, quantity in self._settlement.lapsing.items()],
        }

    def restore(self, state: dict[str, Any]) -> None:
        desk, clearing = self._desk, self._clearing
        self._out.sequence = state["sequence"]
        desk.next_perm_id, desk.next_rank = state["perm_id"], state["rank"]
        clearing.next_execution, clearing.run = state["execution"], state["run"]
        for data in state["accounts"]:
            account = self._restored(data)
            self._ledger.accounts[account.name] = account
            for holding in account.open_holdings():
                desk.expect_end(holding.listing)
        clearing.executions.extend(
            (read(Execution, pair[0]), read(CommissionCharged, pair[1])) for pair in state["executions"]
        )
        for data in state["done"]:
            order = read(OrderSnapshot, data)
            desk.done[order.perm_id] = order
        for con_id, side, price, epoch, quantity in state["taken"]:
            desk.floor.book(self._listing(con_id)).taken[side, price] = (epoch, Decimal(quantity))
        for con_id, data in state["trades"]:
            desk.floor.trades[con_id] = read(ClientTrades, data)
        for name, con_id, quantity in state["lapsing"]:
            self._settlement.lapsing[name, con_id] = Decimal(quantity)
        owed = set(state["owed"])
        for order in sorted((read(LiveOrder, data) for data in state["orders"]), key=lambda o: o.perm_id):
            desk.readmit(order, owed=order.perm_id in owed)

    def _restored(self, data: dict[str, Any]) -> Account:
        account = Account(
            data["name"],
            data["currency"],
            data["margin"],
            {currency: Decimal(amount) for currency, amount in data["cash"].items()},
            commissions=Decimal(data["commissions"]),
            day_equity=None if data["day_equity"] is None else Decimal(data["day_equity"]),
        )
        for con_id, *numbers in data["holdings"]:
            account.holdings[con_id] = Holding(self._listing(con_id), *(Decimal(number) for number in numbers))
        return account

    def _listing(self, con_id: int) -> Listing:
        listing = self._universe.by_con_id(con_id)
        if listing is None:
            raise InvalidInput(f"The state names con id {con_id}, which the venue does not list.")
        return listing


def _account(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "currency": account.currency,
        "margin": account.margin,
        "cash": {currency: str(amount) for currency, amount in account.cash.items()},
        "commissions": str(account.commissions),
        "day_equity": None if account.day_equity is None else str(account.day_equity),
        "holdings": [
            [con_id, *(str(n) for n in (h.quantity, h.cost, h.settled, h.realized, h.day_value, h.day_flow))]
            for con_id, h in account.holdings.items()
        ],
    }


def specs(state: dict[str, Any]) -> tuple[AccountSpec, ...]:
    """The accounts of a state, to open a venue with.

    Raises:
        InvalidInput: it is no state of this format.
    """
    if state.get("format") != FORMAT:
        raise InvalidInput(
            f"The venue's state is of format {state.get('format')!r}, not {FORMAT}.",
            next_step="Move the state away to begin with an empty venue.",
        )
    return tuple(AccountSpec(data["name"], (), data["currency"], margin=data["margin"]) for data in state["accounts"])
