"""Asking about accounts: values of accounts beside the followed one, P&L, an advisor's setup.

Every message takes its turn at the pacer and goes out on the session that was there when it was asked for, or not at
all, as all of `gateway` does; this module only knows which messages these are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

from ironbridge.domain.advisor import AdvisorSetup
from ironbridge.domain.session import SessionInfo
from ironbridge.ib import advisor
from ironbridge.ib.account_streams import AccountStreams
from ironbridge.ib.codes import Purpose
from ironbridge.ib.link import Link
from ironbridge.ib.requests import Requests
from ironbridge.interfaces import Lane, Pacer


class Session(Protocol):
    """One session of the gateway."""

    link: Link
    requests: Requests
    accounts: AccountStreams
    info: SessionInfo | None


@dataclass(frozen=True, slots=True)
class Asking:
    """What the gateway does for any request.

    Parameters:
        present: the session that there is.
        still: the session, if it is still the present one.
        take_id: a number for a request.
        run: sends, and waits for the End.
    """

    present: Callable[[], Any]
    still: Callable[[Any], Any]
    take_id: Callable[[], int]
    run: Callable[[Any, Hashable, str, Purpose, Callable[[Any], None]], Awaitable[list[Any]]]


class AccountRequests:
    """The account requests of a gateway.

    Parameters:
        asking: how the gateway asks.
        pacer: admits every message.
    """

    def __init__(self, asking: Asking, pacer: Pacer) -> None:
        self._asking = asking
        self._pacer = pacer

    async def follow_values(self, account: str) -> None:
        """See `Broker.follow_values`."""
        session: Session = self._asking.present()
        before = session.accounts.close_values(account)
        if before is not None:
            (await self._turn(session, Lane.CONTROL)).cancelAccountUpdatesMulti(before)
        await self._pacer.admit(Lane.CONTROL)
        number = self._asking.take_id()
        session.accounts.open_values(number, account)
        await self._asking.run(
            session,
            number,
            f"values of {account}",
            Purpose.VALUES,
            lambda encoder: encoder.reqAccountUpdatesMulti(number, account, "", False),
        )

    async def follow_pnl(self, account: str, con_id: int | None) -> None:
        """See `Broker.follow_pnl`."""
        session: Session = self._asking.present()
        if session.accounts.pnl_number((account, con_id)) is not None:
            return
        number = self._asking.take_id()
        session.accounts.open_pnl(number, (account, con_id))
        try:
            encoder = await self._turn(session, Lane.DATA)
        except BaseException:
            session.accounts.close_pnl((account, con_id))
            raise
        if con_id is None:
            encoder.reqPnL(number, account, "")
        else:
            encoder.reqPnLSingle(number, account, "", con_id)

    async def unfollow_pnl(self, account: str, con_id: int | None) -> None:
        """See `Broker.unfollow_pnl`."""
        session: Session = self._asking.present()
        number = session.accounts.close_pnl((account, con_id))
        if number is not None:
            encoder = await self._turn(session, Lane.DATA)
            (encoder.cancelPnL if con_id is None else encoder.cancelPnLSingle)(number)

    async def advisor(self) -> AdvisorSetup | None:
        """See `Broker.advisor`."""
        session: Session = self._asking.present()
        info = session.info
        if info is None or len(info.accounts) < 2 or not advisor.MASTER.fullmatch(info.accounts[0]):
            return None
        groups = advisor.groups_of(await self._part(session, advisor.GROUPS))
        profiles = None
        if info.server_version < advisor.NO_PROFILES_SINCE:
            profiles = advisor.profiles_of(await self._part(session, advisor.PROFILES))
        aliases = advisor.aliases_of(await self._part(session, advisor.ALIASES))
        return AdvisorSetup(info.accounts[0], groups, profiles, aliases)

    async def _part(self, session: Session, part: int) -> str:
        key = ("advisor", part)
        async with session.requests.turn(key):
            await self._pacer.admit(Lane.CONTROL)
            answer = await self._asking.run(
                session, key, "the advisor's setup", Purpose.LIST, lambda encoder: encoder.requestFA(part)
            )
        return str(answer[-1])

    async def _turn(self, session: Session, lane: Lane) -> Any:
        await self._pacer.admit(lane)
        return self._asking.still(session).link.encoder
