"""Groups: orders that are submitted as one under one key, all of them or none.

A bracket is an entry with the exits that its fill sets to work; exits can also be attached to an order that IB holds;
a one-cancels-all group is orders of which a fill ends the others. To IB they are single orders with links; here the
group is one thing: checked as a whole before anything is recorded, recorded as a whole before the first byte, and taken
back as a whole where it could not be sent whole (`guard`). The same key with the same content is the same group.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from ironbridge.domain.instrument import Instrument
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.links import Links, OcaType, Role
from ironbridge.domain.order import OrderSpec, buy, check_key, order_ref, sell
from ironbridge.domain.order_group import OrderGroup
from ironbridge.domain.values import Number, Side, plain
from ironbridge.errors import InvalidOrder, IronbridgeError, OrderError, OrderNotFound
from ironbridge.orders.book import Book
from ironbridge.orders.group_handle import GroupHandle
from ironbridge.orders.handle import OrderHandle
from ironbridge.orders.submitting import Member, Submitter

LARGEST = 20
"""Most orders of one group: more than any bracket has, and few enough to be sent within a second."""

_TAKES_EXITS = frozenset({OrderState.ACCEPTED, OrderState.WORKING})


class Groups:
    """Submits groups and shows how they stand.

    Parameters:
        book: how orders stand.
        submitter: checks and sends.
        handle: makes the handle of one order.
        cancel: cancels one order.
        new_key: makes a key where the caller gives none.
    """

    def __init__(
        self,
        book: Book,
        submitter: Submitter,
        handle: Callable[[str], OrderHandle],
        cancel: Callable[[str], Awaitable[OrderHandle]],
        new_key: Callable[[], str],
    ) -> None:
        self._book = book
        self._submitter = submitter
        self._handle = handle
        self._cancel = cancel
        self._new_key = new_key

    async def bracket(
        self,
        instrument: Instrument,
        entry: OrderSpec,
        *,
        take_profit: OrderSpec | Number | None = None,
        stop_loss: OrderSpec | Number | None = None,
        key: str | None = None,
        account: str | None = None,
        strategy: str = "",
    ) -> GroupHandle:
        """Submit an entry with its exits: a fill of the entry sets them to work, a fill of one ends the other.

        The entry has the group's key, the exits that key with ``/tp`` and ``/sl``.

        Parameters:
            instrument: what to trade.
            entry: the order that opens the position.
            take_profit: the exit with a gain: a whole order for the other side, or a price for a limit order that
                stands until it is cancelled.
            stop_loss: the exit with a loss: a whole order, such as ``sell(10).trail(2)``, or a price for a stop order.
            key: the caller's name for the group; one is made where it is None.
            account, strategy: as for one order.

        Raises:
            InvalidOrder: the orders do not make a bracket. Nothing was recorded or sent, nor for all that
                `OrderService.submit` says so of.
            OrderError: it was recorded, and could not be sent whole: what was sent is cancelled.
        """
        key = self._new_key() if key is None else check_key(key)
        exits = _exits(entry, take_profit, stop_loss)
        _check_prices(entry, exits)
        links = Links(key, Role.ENTRY, is_staged=True)
        members = [Member(key, instrument, entry, links), *_children(key, key, instrument, exits)]
        return await self._submit(key, members, account, strategy)

    async def attach(
        self,
        parent: str,
        *,
        take_profit: OrderSpec | Number | None = None,
        stop_loss: OrderSpec | Number | None = None,
        key: str | None = None,
    ) -> GroupHandle:
        """Give exits to an order that IB holds and that has not filled; otherwise as `bracket`.

        Parameters:
            parent: the order's key.
            take_profit, stop_loss: see `bracket`.
            key: of the new group; None makes it of the parent's, so that asking again attaches nothing again.

        Raises:
            OrderNotFound: no order has the key.
            OrderError: IB does not hold the order, or it has ended.
        """
        order = self._book.require(parent)
        key = check_key(f"{parent}/exits" if key is None else key)
        exits = _exits(order.terms, take_profit, stop_loss)
        members = _children(key, parent, order.instrument, exits)
        if not self._book.group(key) and order.state not in _TAKES_EXITS:
            raise OrderError(
                f"The order {parent!r} is {order.state.replace('_', ' ')}, and only one that IB holds takes exits.",
                next_step="Wait until it is accepted; of a position that is open already, use a one-cancels-all group.",
                key=parent,
            )
        return await self._submit(key, members, order.request.account, order.request.strategy)

    async def oca(
        self,
        orders: Sequence[tuple[Instrument, OrderSpec]],
        *,
        kind: OcaType = OcaType.CANCEL_WITH_BLOCK,
        key: str | None = None,
        account: str | None = None,
        strategy: str = "",
    ) -> GroupHandle:
        """Submit orders of which a fill cancels or reduces the others. Their keys are the group's with ``/1``, ``/2`` …

        Parameters:
            orders: what to trade, and how; at least two.
            kind: what a fill does to the others; see `OcaType`.
            key, account, strategy: see `bracket`.

        Raises:
            InvalidOrder: fewer than two orders, or too many; otherwise as `bracket`.
        """
        if not 2 <= len(orders) <= LARGEST:
            raise InvalidOrder(
                f"A one-cancels-all group has 2 to {LARGEST} orders, and this one has {len(orders)}.",
                next_step="Give the orders of which one fill is to end the others.",
            )
        key = self._new_key() if key is None else check_key(key)
        links = Links(key, Role.MEMBER, oca_group=order_ref(key), oca_type=OcaType(kind))
        members = [
            Member(f"{key}/{n}", instrument, spec, links) for n, (instrument, spec) in enumerate(orders, start=1)
        ]
        return await self._submit(key, members, account, strategy)

    def get(self, key: str) -> OrderGroup:
        """The group as it stands.

        Raises:
            OrderNotFound: no group has the key.
        """
        orders = self._book.group(key)
        if not orders:
            raise OrderNotFound(
                f"No group has the key {key!r}.", next_step="List the orders to see the groups they are of.", key=key
            )
        return OrderGroup(key, orders)

    def handle(self, key: str) -> GroupHandle:
        """A handle of the group.

        Raises:
            OrderNotFound: no group has the key.
        """
        group = self.get(key)
        return GroupHandle(key, tuple(self._handle(order.key) for order in group.orders), self)

    async def cancel(self, key: str) -> GroupHandle:
        """Ask IB to cancel what is alive of the group. The exits of an entry that lives are cancelled with it.

        Raises:
            OrderNotFound: no group has the key.
            OrderError: all of it has ended.
            NotConnected: nothing can be sent now; `UpstreamLost` where the gateway has lost IB.
        """
        handle = self.handle(key)
        alive = [order for order in self.get(key).orders if not order.ended]
        if not alive:
            raise OrderError(
                f"All of the group {key!r} has ended.", next_step="There is nothing left to cancel.", key=key
            )
        entry = alive[0] if alive[0].request.links.role is Role.ENTRY and alive[0].perm_id else None
        failed: list[IronbridgeError] = []
        for order in [entry] if entry is not None else alive:
            try:
                await self._cancel(order.key)
            except IronbridgeError as error:
                # One that has just ended is no reason to leave the others.
                if not self._book.require(order.key).ended:
                    failed.append(error)
        if failed:
            raise failed[0]
        return handle

    async def _submit(self, key: str, members: Sequence[Member], account: str | None, strategy: str) -> GroupHandle:
        for member in members:
            check_key(member.key)
        await self._submitter.submit_group(key, members, account, strategy)
        return self.handle(key)


def _exits(
    entry: OrderSpec, take_profit: OrderSpec | Number | None, stop_loss: OrderSpec | Number | None
) -> dict[Role, OrderSpec]:
    """The exits as whole orders.

    Raises:
        InvalidOrder: there is none, or one that is no exit of the entry.
    """
    leave = sell if entry.side is Side.BUY else buy
    if entry.cash_quantity is not None:
        raise InvalidOrder(
            "An order for an amount of money takes no exits.",
            next_step="Give a quantity: how much the exits are to trade must be known.",
        )
    exits: dict[Role, OrderSpec] = {}
    if take_profit is not None:
        whole = isinstance(take_profit, OrderSpec)
        exits[Role.TAKE_PROFIT] = take_profit if whole else leave(entry.quantity).limit(take_profit).gtc()  # type: ignore[arg-type, assignment]  # mypy does not follow `whole`
    if stop_loss is not None:
        whole = isinstance(stop_loss, OrderSpec)
        exits[Role.STOP_LOSS] = stop_loss if whole else leave(entry.quantity).stop(stop_loss).gtc()  # type: ignore[arg-type, assignment]  # as above
    if not exits:
        raise InvalidOrder(
            "A bracket needs a take profit or a stop loss.", next_step="Give one of them, or submit a single order."
        )
    for role, spec in exits.items():
        if spec.side is entry.side or spec.quantity != entry.quantity:
            raise InvalidOrder(
                f"The {role.name.lower().replace('_', ' ')} {spec} does not leave what {entry} enters.",
                next_step=f"Make it {entry.side.opposite} {plain(entry.quantity)}.",
            )
    return exits


def _check_prices(entry: OrderSpec, exits: dict[Role, OrderSpec]) -> None:
    """Return where the exits are on their own sides of the entry, as far as prices are given."""
    gain, loss = exits.get(Role.TAKE_PROFIT), exits.get(Role.STOP_LOSS)
    sign = entry.side.sign
    start = entry.limit_price if entry.limit_price is not None else entry.stop_price
    target = gain.limit_price if gain is not None else None
    stop = loss.stop_price if loss is not None else None
    for name, better, worse in (
        ("take profit", target, start),
        ("stop loss", start, stop),
        ("take profit", target, stop),
    ):
        if better is not None and worse is not None and (better - worse) * sign <= 0:
            raise InvalidOrder(
                f"The {name} of {entry} is on the wrong side: {plain(better)} is no gain over {plain(worse)}.",
                next_step="Of a purchase the take profit is above and the stop loss below, of a sale the other way.",
            )


def _children(group: str, parent: str, instrument: Instrument, exits: dict[Role, OrderSpec]) -> list[Member]:
    """The exits of a parent; all but the last wait for it to be transmitted."""
    members = [
        Member(f"{group}/{role.value}", instrument, spec, Links(group, role, parent, is_staged=True))
        for role, spec in exits.items()
    ]
    last = members[-1]
    return [*members[:-1], replace(last, links=replace(last.links, is_staged=False))]
