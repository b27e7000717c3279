"""What an engine does because others may share its home: it joins their paper gateway, and yields a lost client id."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from pathlib import Path

from ironbridge.bridge import Bridge
from ironbridge.domain.alerts import Alert, AlertSeverity
from ironbridge.errors import HomeInUse, InvalidSettings, StorageError
from ironbridge.home import holder, sole
from ironbridge.paper import PaperGateway
from ironbridge.settings import Settings
from ironbridge.sources import Origin, Source
from ironbridge.store import SqlLeases

PAPER_FILE = "paper.json"
PAPER_ROLE = "paper-gateway"
PAPER_START_SECONDS = 15.0
"""How long another process may take to start the paper gateway that this one joins."""
PAPER_LOOK_SECONDS = 0.05
FOLLOW_SECONDS = 1.0
"""Between two looks at whether another process has changed the profile in use."""

_LOG = logging.getLogger(__name__)


async def paper_of(settings: Settings, home: Path, program: str, stack: AsyncExitStack) -> PaperGateway | int:
    """The embedded gateway, for the length of the stack: this process's own, or the port of another process's."""
    if "home" not in settings.explicit:
        return await _own(settings, None, stack)
    try:
        tell = stack.enter_context(sole(home, PAPER_ROLE, program))
    except HomeInUse as held:
        return await _port(home, held)
    paper = await _own(settings, home / PAPER_FILE, stack)
    tell({"port": paper.port})
    return paper


def joined(given: Settings, port: int) -> Settings:
    """The settings as if an argument had named another process's paper gateway."""
    return given.over({"host": "127.0.0.1", "port": port}, Source(Origin.ARGUMENT))


def yield_when_lost(leases: SqlLeases, data: SqlLeases, bridge: Bridge, stack: AsyncExitStack) -> None:
    """End the session of a client id that another process has taken over, tell people, and send nothing more.

    Parameters:
        leases: the client id of the order session.
        data: those of the sessions for market data.
        bridge: the engine.
        stack: ends what is begun here.
    """
    ending: set[asyncio.Task[None]] = set()

    def lost(client_id: int, why: str) -> None:
        step = "Connect again under a client id of your own, or end the other process."
        bridge.topics.alerts.publish(Alert(bridge.clock.now(), "lease-lost", AlertSeverity.CRITICAL, why, step))
        for kept in bridge.sessions:
            if kept.supervisor.client_id == client_id:
                ending.add(asyncio.create_task(kept.supervisor.disconnect(), name="lease lost"))

    async def end() -> None:
        if ending:
            await asyncio.wait(ending)

    leases.lost = data.lost = lost
    bridge.session.fence = leases.require
    stack.push_async_callback(end)


class Following:
    """Uses what another process of the home changes of the current profile, and says so.

    Parameters:
        bridge: the engine.
    """

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._refused = ""

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            await self._bridge.clock.sleep(FOLLOW_SECONDS)
            try:
                found = await self._bridge.profiles.follow()
            except StorageError as error:
                _LOG.warning("The profiles cannot be read: %s", error)
            except InvalidSettings as error:
                if self._refused != error.message:
                    self._refused = error.message
                    text = f"Another process changed the profile in use, and it cannot count here: {error.message}"
                    self._tell(AlertSeverity.WARNING, text, error.next_step)
            else:
                if found is not None:
                    self._refused = ""
                    text = f"Another process changed the settings: the profile {found.name} counts here too."
                    self._tell(AlertSeverity.INFO, text, "`ironbridge settings` shows what waits for a reconnect.")

    def _tell(self, severity: AlertSeverity, text: str, step: str) -> None:
        alert = Alert(self._bridge.clock.now(), "settings-changed-elsewhere", severity, text, step)
        self._bridge.topics.alerts.publish(alert)


async def _port(home: Path, held: HomeInUse) -> int:
    """Where the paper gateway of this home listens, once the process that starts it has said so."""
    for _ in range(int(PAPER_START_SECONDS / PAPER_LOOK_SECONDS)):
        note = holder(home, PAPER_ROLE)
        if "port" in note:
            return int(note["port"])
        await asyncio.sleep(PAPER_LOOK_SECONDS)
    raise held


async def _own(settings: Settings, state_file: Path | None, stack: AsyncExitStack) -> PaperGateway:
    paper = PaperGateway(
        "127.0.0.1",
        settings.paper_port if "paper_port" in settings.explicit else 0,
        seed=settings.paper_seed,
        accounts=(settings.paper_account,),
        state_file=state_file,
    )
    await paper.start()
    stack.push_async_callback(paper.stop)
    return paper
