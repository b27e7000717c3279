"""The gateway's order book of its clients: which order id of which client is which order at the venue.

Owns order ids and perm ids and what each client sent, field by field, so that it can be echoed. Says nothing about
where an order stands: that is the venue's alone. A ticket is kept for good; an order id is never free again.

In the state file a ticket is the placeOrder message itself, in the wire's own text at its highest version, which loses
no field that a client can send.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ironbridge.errors import ProtocolError, StorageError
from ironbridge.wire.contract import Contract
from ironbridge.wire.order import Order
from ironbridge.wire.place_order import PlaceOrder
from ironbridge.wire.registry import MAX_VERSION, codec_for
from ironbridge.wire.values import Role


@dataclass(slots=True, eq=False)
class Ticket:
    """One order of one client.

    Parameters:
        client, order_id: its name among clients.
        placed: as last sent by the client.
        con_id: the listing, 0 for a combination.
        account: for which it was placed.
        venue_id: the order id under which the venue has it: the client's own, but for the second of two orders that a
            fault made out of one.
        perm_id: the venue's name for it; 0 until the venue has taken it.
        commission: charged so far.
        silent: nothing is said of it until somebody asks (a fault).
        cancelled_by: the client that has cancelled it, where that is not its own.
        shown: the message it was shown for last, and the order as it was shown.
        traded: the same message, and the contract as it was shown.
    """

    client: int
    order_id: int
    placed: PlaceOrder
    con_id: int
    account: str
    venue_id: int
    perm_id: int = 0
    commission: Decimal | None = None
    commission_currency: str = ""
    silent: bool = False
    cancelled_by: int | None = None
    shown: tuple[PlaceOrder, Order] | None = None
    traded: tuple[PlaceOrder, Contract] | None = None
    _kept: tuple[PlaceOrder, list[str]] | None = None

    def kept(self) -> dict[str, Any]:
        """JSON-compatible. The message is encoded once: a day's orders are written at every change of one."""
        if self._kept is None or self._kept[0] is not self.placed:
            self._kept = (self.placed, codec_for(MAX_VERSION).encode_fields(self.placed, Role.CLIENT))
        return {
            "client": self.client,
            "con_id": self.con_id,
            "account": self.account,
            "venue_id": self.venue_id,
            "perm_id": self.perm_id,
            "commission": None if self.commission is None else str(self.commission),
            "currency": self.commission_currency,
            "silent": self.silent,
            "placed": self._kept[1],
        }

    @property
    def order(self) -> Order:
        return self.placed.order

    @property
    def contract(self) -> Contract:
        return self.placed.contract


class TicketBook:
    """All tickets, by client and order id, and by perm id."""

    def __init__(self) -> None:
        self._by_name: dict[tuple[int, int], Ticket] = {}
        self._by_perm: dict[int, Ticket] = {}
        self._held: dict[tuple[int, int], PlaceOrder] = {}
        self._highest: dict[int, int] = {}
        self._forced_next: int | None = None

    def get(self, client: int, order_id: int) -> Ticket | None:
        return self._by_name.get((client, order_id))

    def by_perm(self, perm_id: int) -> Ticket | None:
        return self._by_perm.get(perm_id)

    def of_client(self, client: int) -> Iterator[Ticket]:
        return (ticket for ticket in self._by_name.values() if ticket.client == client)

    def of_others(self, client: int, order_id: int) -> list[Ticket]:
        """Other clients' orders of this id, newest first."""
        found = (ticket for ticket in self._by_perm.values() if ticket.order_id == order_id and ticket.client != client)
        return sorted(found, key=lambda ticket: ticket.perm_id, reverse=True)

    def next_id(self, client: int) -> int:
        """The lowest order id that this client may use next."""
        if self._forced_next is not None:
            return self._forced_next
        return self._highest.get(client, 0) + 1

    def force_next(self, order_id: int) -> None:
        """Say this for the next id from now on, and take ids from there (a fault, I-02)."""
        self._forced_next = order_id
        self._highest = {client: min(highest, order_id - 1) for client, highest in self._highest.items()}

    def is_spent(self, client: int, order_id: int) -> bool:
        """Whether a new order may no longer have this id."""
        return order_id <= self._highest.get(client, 0)

    def second_id(self, client: int) -> int:
        """An order id that no client uses, for a second order under one id."""
        return -1 - sum(1 for owner, number in self._by_name if owner == client and number < 0)

    def hold(self, client: int, message: PlaceOrder) -> None:
        """Keep an order that is not to be transmitted yet."""
        self._held[client, message.order_id] = message
        self._use(client, message.order_id)

    def release(self, client: int, message: PlaceOrder) -> list[PlaceOrder]:
        """What a transmitted order sets free, in the order in which it goes to the venue, itself last.

        That is its held parent, and every held order of the same parent; with the parent itself, its held children.
        """
        self._held.pop((client, message.order_id), None)
        family = message.order.parent_id or message.order_id
        kin = [
            held
            for (owner, order_id), held in self._held.items()
            if owner == client and family in (order_id, held.order.parent_id)
        ]
        for held in kin:
            del self._held[client, held.order_id]
        kin.sort(key=lambda held: (held.order_id != family, held.order_id))
        own = [message]
        return own + kin if message.order_id == family else kin + own

    def is_held(self, client: int, order_id: int) -> bool:
        return (client, order_id) in self._held

    def drop_held(self, client: int, order_id: int) -> bool:
        return self._held.pop((client, order_id), None) is not None

    def add(self, ticket: Ticket) -> None:
        self._by_name[ticket.client, ticket.venue_id] = ticket
        self._use(ticket.client, ticket.order_id)

    def remove(self, ticket: Ticket) -> None:
        """Forget an order that the venue refused; its id stays spent."""
        if self._by_name.get((ticket.client, ticket.venue_id)) is ticket:
            del self._by_name[ticket.client, ticket.venue_id]

    def bind(self, ticket: Ticket, perm_id: int) -> None:
        ticket.perm_id = perm_id
        self._by_perm[perm_id] = ticket

    def _use(self, client: int, order_id: int) -> None:
        self._highest[client] = max(self._highest.get(client, 0), order_id)
        if self._forced_next is not None and order_id >= self._forced_next:
            self._forced_next = order_id + 1

    # -- keeping

    def export_state(self) -> dict[str, Any]:
        """JSON-compatible; `import_state` makes the same book of it."""
        return {
            "highest": sorted(self._highest.items()),
            "tickets": [ticket.kept() for ticket in self._by_perm.values()],
        }

    def forget(self, is_known: Callable[[int], bool]) -> None:
        """Drop the tickets of orders that the venue knows no more; their ids stay spent."""
        gone = [perm_id for perm_id in self._by_perm if not is_known(perm_id)]
        for perm_id in gone:
            self.remove(self._by_perm.pop(perm_id))

    def import_state(self, state: dict[str, Any]) -> None:
        """Take over what `export_state` gave.

        Raises:
            StorageError: it is not that.
        """
        try:
            for each in state["tickets"]:
                self._take(each["placed"], each)
            self._highest = {int(client): int(highest) for client, highest in state["highest"]}
        except (KeyError, TypeError, ValueError, ProtocolError) as error:
            raise StorageError(
                f"The gateway's kept orders cannot be read: {error!r}.",
                next_step="Move the state file away to begin with an empty gateway.",
            ) from error

    def _take(self, fields: Sequence[str], kept: dict[str, Any]) -> None:
        placed: PlaceOrder = codec_for(MAX_VERSION).decode_fields(fields, Role.CLIENT)
        ticket = Ticket(
            int(kept["client"]),
            placed.order_id,
            placed,
            int(kept["con_id"]),
            str(kept["account"]),
            int(kept["venue_id"]),
            commission=None if kept["commission"] is None else Decimal(kept["commission"]),
            commission_currency=str(kept["currency"]),
            silent=bool(kept["silent"]),
        )
        self.add(ticket)
        self.bind(ticket, int(kept["perm_id"]))
