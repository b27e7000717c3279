"""The connection, told over a WebSocket: how it stands, then every move, heartbeat and alert, and the pace.

Owns the numbers: messages of five topics go out on one socket, one at a time, in the order of their numbers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from pydantic import BaseModel

from ironbridge.api import pacing_views, session_views
from ironbridge.api.limits import STREAM_BACKLOG
from ironbridge.api.schemas.stream import (
    AlertRaised,
    ConnectionChanged,
    ConnectionMeasured,
    ConnectionSnapshot,
    PacingMeasured,
    SessionMoved,
)
from ironbridge.api.stream import Socket

if TYPE_CHECKING:
    from ironbridge.bridge import Bridge


class ConnectionTeller:
    """One conversation.

    Parameters:
        socket: its client.
        bridge: the engine.
    """

    def __init__(self, socket: Socket, bridge: Bridge) -> None:
        self._socket = socket
        self._bridge = bridge
        self._turn = asyncio.Lock()
        self._begun = asyncio.Event()
        self._sequence = 0

    def tell(self) -> tuple[Awaitable[None], ...]:
        """What is to be told, each until it ends; the snapshot goes first."""
        return self._moves(), self._heartbeats(), self._others(), self._alerts(), self._pace()

    async def _moves(self) -> None:
        with self._bridge.topics.session.subscribe(STREAM_BACKLOG) as changes:
            status = session_views.connection_status(self._bridge)
            pacing, *data = (pacing_views.pacing(each.pacing.usage.status()) for each in self._bridge.sessions)
            await self._socket.send(ConnectionSnapshot(status=status, pacing=pacing, data_pacing=data, sequence=0))
            self._begun.set()
            async for change in changes:
                await self._say(
                    partial(
                        ConnectionChanged,
                        at=change.at,
                        before=change.before.value,
                        after=change.after.value,
                        reason=change.reason,
                        status=session_views.connection_status(self._bridge),
                    )
                )

    async def _heartbeats(self) -> None:
        with self._bridge.topics.heartbeats.subscribe(STREAM_BACKLOG) as beats:
            await self._begun.wait()
            async for _ in beats:
                await self._say(partial(ConnectionMeasured, status=session_views.connection_status(self._bridge)))

    async def _others(self) -> None:
        with self._bridge.topics.sessions.subscribe(STREAM_BACKLOG) as changes:
            await self._begun.wait()
            async for change in changes:
                await self._say(
                    partial(
                        SessionMoved,
                        session=change.session,
                        at=change.at,
                        before=change.before.value,
                        after=change.after.value,
                        reason=change.reason,
                        status=session_views.connection_status(self._bridge),
                    )
                )

    async def _alerts(self) -> None:
        with self._bridge.topics.alerts.subscribe(STREAM_BACKLOG) as alerts:
            await self._begun.wait()
            async for alert in alerts:
                await self._say(
                    partial(
                        AlertRaised,
                        at=alert.at,
                        kind=alert.kind,
                        severity=alert.severity.value,
                        text=alert.text,
                        next_step=alert.next_step,
                    )
                )

    async def _pace(self) -> None:
        with self._bridge.topics.pacing.subscribe(STREAM_BACKLOG) as changes:
            await self._begun.wait()
            async for status in changes:
                await self._say(partial(PacingMeasured, pacing=pacing_views.pacing(status)))

    async def _say(self, message: Callable[..., BaseModel]) -> None:
        async with self._turn:
            self._sequence += 1
            await self._socket.send(message(sequence=self._sequence))
