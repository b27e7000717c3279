"""The portfolio WebSocket: what is held and what it is worth, then only what has changed.

The portfolio publishes the whole of an account at every change; a client gets the difference to what it was told last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ironbridge.api import views
from ironbridge.api.limits import STREAM_BACKLOG
from ironbridge.api.portfolio_views import pnl_view
from ironbridge.api.schemas.account import AccountView, PositionView
from ironbridge.api.schemas.portfolio import DailyPnlView
from ironbridge.api.schemas.stream import (
    AccountChanged,
    ExecutionsStirred,
    PnlChanged,
    PortfolioSnapshot,
    PositionChanged,
)
from ironbridge.api.stream import Socket
from ironbridge.domain.account import PortfolioChanged, Position
from ironbridge.domain.instrument import Instrument
from ironbridge.errors import IronbridgeError

if TYPE_CHECKING:
    from ironbridge.bridge import Bridge


class PortfolioTeller:
    """What one client has been told, and how it hears of the rest."""

    def __init__(self, socket: Socket, bridge: Bridge) -> None:
        self._socket = socket
        self._bridge = bridge
        self._told: dict[tuple[str, Instrument], Position] = {}
        self._account: AccountView | None = None
        self._stale = False
        self._pnl: DailyPnlView | None = None
        self._executed = 0
        self._number = 0

    async def tell(self) -> None:
        """The snapshot, then every change; a new snapshot where the numbers become old or new again."""
        with self._bridge.topics.portfolio.subscribe(STREAM_BACKLOG) as changes:
            await self._snapshot()
            async for change in changes:
                if bool(change.interrupted) != self._stale:
                    await self._snapshot()
                else:
                    await self._difference(change)

    async def _snapshot(self) -> None:
        portfolio = self._bridge.portfolio
        self._stale = bool(portfolio.interrupted_by)
        positions = portfolio.positions()
        self._told = {(one.account, one.instrument): one for one in positions}
        try:
            summary = portfolio.summary()
            self._account = views.account_view(summary, self._accounts(), stale=self._stale)
            self._pnl = pnl_view(portfolio.pnl())
        except IronbridgeError:
            # Before the first session there is no account: the snapshot says so with null, and the next one has it.
            self._account = self._pnl = None
        message = PortfolioSnapshot(
            account=self._account,
            positions=[views.position_view(one) for one in positions],
            pnl=self._pnl,
            stale=self._stale,
            sequence=self._number,
        )
        await self._socket.send(message)

    async def _difference(self, change: PortfolioChanged) -> None:
        held = {(one.account, one.instrument): one for one in change.positions}
        for key, position in held.items():
            if self._told.get(key) != position:
                await self._position(views.position_view(position))
        for key in [key for key in self._told if key[0] == change.account and key not in held]:
            await self._position(views.closed_position_view(self._told.pop(key)))
        self._told |= held
        account = views.account_view(change.summary, self._accounts(), stale=self._stale)
        if self._account is None or account.account == self._account.account:
            if account != self._account:
                self._number += 1
                await self._socket.send(AccountChanged(account=account, sequence=self._number))
            self._account = account
            await self._profit(change)
        if change.executed != self._executed:
            self._executed = change.executed
            self._number += 1
            await self._socket.send(ExecutionsStirred(count=change.executed, sequence=self._number))

    async def _profit(self, change: PortfolioChanged) -> None:
        """The day's profit, where it is another number: when it was last told changes without end."""
        if change.pnl is None:
            return
        pnl = pnl_view(change.pnl)
        before, self._pnl = self._pnl, pnl
        if before is None or before.model_copy(update={"at": pnl.at}) != pnl:
            self._number += 1
            await self._socket.send(PnlChanged(pnl=pnl, sequence=self._number))

    async def _position(self, position: PositionView) -> None:
        self._number += 1
        await self._socket.send(PositionChanged(position=position, sequence=self._number))

    def _accounts(self) -> tuple[str, ...]:
        return tuple(self._bridge.session.status().accounts)
