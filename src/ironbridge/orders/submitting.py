"""The path of an order up to its first byte, and why each step stands where it does.

Its content is checked; its key is looked up, so that what was asked for before is not asked for again; the session must
be able to take orders and the risk gate must approve, while a refusal still leaves nothing behind. Only then does
`sending` make the intent durable and let the bytes go.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ironbridge.domain.instrument import Contract, Instrument
from ironbridge.domain.links import Links
from ironbridge.domain.order import OrderRequest, OrderSpec, RiskApproved
from ironbridge.errors import InvalidOrder, IronbridgeError, KeyConflict, NotConnected, OrderRefused
from ironbridge.interfaces import Session
from ironbridge.orders.approval import Approval
from ironbridge.orders.book import Book
from ironbridge.orders.content import check_same, means
from ironbridge.orders.sending import Sender


@dataclass(frozen=True, slots=True)
class Member:
    """One order of a group that is asked for."""

    key: str
    instrument: Instrument
    spec: OrderSpec
    links: Links


class Submitter:
    """Submits orders.

    Parameters:
        session: tells which accounts there are.
        approval: checks orders.
        resolve: what an order is for; see `OrderService`.
        book, sender: what is known already, and what sends.
        account: the account of an order that names none, or what tells it; None takes the login's only one.
    """

    def __init__(
        self,
        session: Session,
        approval: Approval,
        resolve: Callable[[Instrument], Awaitable[Contract]],
        *,
        book: Book,
        sender: Sender,
        account: str | Callable[[], str | None] | None,
    ) -> None:
        self._session = session
        self._approval = approval
        self._resolve = resolve
        self._book = book
        self._sender = sender
        self._default_account = account

    async def submit(
        self, key: str, instrument: Instrument, spec: OrderSpec, account: str | None, strategy: str
    ) -> None:
        """Send the order, or return where its key has it already; see `OrderService.submit`."""
        group = self._book.group(key)
        if group and self._book.get(key) is None:
            raise KeyConflict(
                f"The key {key!r} already stands for a group: {', '.join(order.key for order in group)}.",
                next_step="Use a new key for a new order.",
                key=key,
                differs=["group"],
            )
        if self._taken(key) is None:
            contract = await self._approval.contract(instrument, spec)
            request = OrderRequest(key, contract.instrument, spec, self.account(account), strategy)
            quote = await self._approval.quote(request)
            # While contract and quote were asked for, somebody else may have taken the key.
            if self._taken(key) is None:
                try:
                    unrecorded = self._sender.unrecorded()
                    self._sender.begin(self._approval.approve(request, contract, quote, pending=unrecorded))
                except OrderRefused as refusal:
                    await self._approval.refused(request, refusal)
                    raise
                await self._sender.finish(key)
                return
        request = self._taken(key) or self._book.require(key).request
        if not means(instrument, request.instrument):
            # It may be another way to write the same thing. Where nobody can say, it is a conflict.
            with suppress(IronbridgeError):
                instrument = (await self._resolve(instrument)).instrument
        check_same(request, instrument, spec, account, strategy)
        await self._sender.finish(key)

    async def submit_group(self, group: str, members: Sequence[Member], account: str | None, strategy: str) -> None:
        """Send the group, or return where its key has it already; see `groups`.

        Every order of it is checked and approved before any is recorded.
        """
        if not self._group_taken(group, members):
            contracts = [await self._approval.contract(each.instrument, each.spec) for each in members]
            requests = [
                OrderRequest(each.key, contract.instrument, each.spec, self.account(account), strategy, each.links)
                for each, contract in zip(members, contracts, strict=True)
            ]
            quotes = [await self._approval.quote(request) for request in requests]
            if not self._group_taken(group, members):
                approved: list[RiskApproved] = []
                for request, contract, quote in zip(requests, contracts, quotes, strict=True):
                    pending = [*self._sender.unrecorded(), *(each.request for each in approved)]
                    try:
                        approved.append(self._approval.approve(request, contract, quote, pending=pending))
                    except OrderRefused as refusal:
                        await self._approval.refused(request, refusal)
                        raise
                self._sender.begin(*approved)
                await self._sender.finish(members[0].key)
                return
        for each in members:
            request = self._taken(each.key) or self._book.require(each.key).request
            instrument = each.instrument
            if not means(instrument, request.instrument):
                with suppress(IronbridgeError):
                    instrument = (await self._resolve(instrument)).instrument
            check_same(request, instrument, each.spec, account, strategy, each.links)
        await self._sender.finish(members[0].key)

    def _group_taken(self, group: str, members: Sequence[Member]) -> bool:
        """Whether the key stands for a group of just these keys already.

        Raises:
            KeyConflict: it stands for something else.
        """
        keys = [each.key for each in members]
        known = [order.key for order in self._book.group(group)] or [
            key for key in keys if self._taken(key) is not None
        ]
        if known and known != keys:
            raise KeyConflict(
                f"The key {group!r} already stands for {', '.join(known)}, and not for {', '.join(keys)}.",
                next_step="Use a new key for a new group.",
                key=group,
                differs=["group"],
            )
        return bool(known)

    def account(self, account: str | None) -> str:
        """The account that an order is for which names this one, or none.

        Raises:
            InvalidOrder: the login has no such account, or several to choose from.
            NotConnected: nobody says which accounts there are.
        """
        info = self._session.info
        default = self._default_account
        wanted = account or (default() if callable(default) else default)
        if info is None:
            self._session.require_orders()
            raise NotConnected("No session says which accounts there are.", next_step="Connect first.")
        if wanted is None and len(info.accounts) == 1:
            return info.accounts[0]
        if wanted is None:
            raise InvalidOrder(
                "This login has several accounts and the order names none.",
                next_step=f"Name one of {', '.join(info.accounts)}.",
            )
        if wanted not in info.accounts:
            raise InvalidOrder(
                f"{wanted!r:.60} is not an account of this login.", next_step=f"Name one of {', '.join(info.accounts)}."
            )
        return wanted

    def _taken(self, key: str) -> OrderRequest | None:
        order = self._book.get(key)
        return self._sender.request(key) if order is None else order.request
