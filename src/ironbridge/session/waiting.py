"""Those who wait for the session: commands for their outcome, others for a state.

Invariant: nobody waits for what can no longer come. A failed attempt, a FAILED session, a contrary command and the end
of the supervisor each settle whoever they concern.
"""

from __future__ import annotations

import asyncio

from ironbridge.domain.session import SessionState
from ironbridge.errors import ConnectFailed, NotConnected
from ironbridge.interfaces import Link
from ironbridge.session.moves import DisconnectAsked, Event, Opened, OpenFailed
from ironbridge.session.pilot import Pilot

S = SessionState


def what_to_do(state: SessionState) -> str:
    """The next step for a person who needs the session READY."""
    return {
        S.DISCONNECTED: "Connect first.",
        S.FAILED: "Mend the cause, then connect again.",
        S.SYNCING: "Wait until it has caught up with the broker.",
    }.get(state, "Wait until it is READY; nothing was sent.")


class Waiting:
    """The futures of commands and of `until`."""

    def __init__(self, pilot: Pilot, broker: Link) -> None:
        self._pilot = pilot
        self._broker = broker
        self._commands: list[tuple[Event, asyncio.Future[None]]] = []
        self._watchers: list[tuple[SessionState, asyncio.Future[None]]] = []

    async def until(self, state: SessionState, seconds: float) -> None:
        """Return when the session is in `state`; see `Supervisor.until`."""
        if self._pilot.state is state:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        watcher = (state, future)
        self._watchers.append(watcher)
        try:
            self._tell_failed()
            async with asyncio.timeout(seconds):
                await future
        except TimeoutError:
            now = self._pilot.state
            raise NotConnected(
                f"The session is {now.name} after {seconds:g} s, not {state.name}: {self._pilot.reason}",
                next_step=what_to_do(now),
            ) from None
        finally:
            self._watchers.remove(watcher)

    def moved(self, state: SessionState) -> None:
        """The session is in this state now."""
        for wanted, future in self._watchers:
            if wanted is state and not future.done():
                future.set_result(None)
        self._tell_failed()

    def decided(self, event: Event, command: asyncio.Future[None] | None) -> None:
        """`event` was decided; `command` waits for it, if it was a command. Settles what that has settled."""
        if command is not None:
            self._commands.append((event, command))
        self._commands = [
            (asked, future)
            for asked, future in self._commands
            if not future.done() and not self._settle(asked, future, event)
        ]

    def late(self, event: Event, command: asyncio.Future[None] | None) -> None:
        """A command that came too late to be decided."""
        if command is not None:
            self._commands.append((event, command))

    def stop(self) -> None:
        """Nothing will be decided any more."""
        for asked, future in self._commands:
            if future.done():
                continue
            if isinstance(asked, DisconnectAsked):
                future.set_result(None)
            else:
                future.set_exception(NotConnected("The session was stopped."))
        for _, future in self._watchers:
            if not future.done():
                future.set_exception(NotConnected("The session was stopped."))
        self._commands.clear()

    def _settle(self, asked: Event, future: asyncio.Future[None], event: Event) -> bool:
        """Settle a command if what has happened decides it."""
        pilot = self._pilot
        if isinstance(asked, DisconnectAsked):
            if pilot.held or self._broker.connected:
                return False
            future.set_result(None)
        elif pilot.held:
            future.set_result(None)
        elif pilot.state is S.RECONNECTING and isinstance(event, OpenFailed | Opened):
            if pilot.hopeful:
                return False
            future.set_exception(pilot.last_error or ConnectFailed(pilot.reason))
        elif pilot.state is S.FAILED:
            future.set_exception(pilot.last_error or ConnectFailed(pilot.reason))
        elif pilot.state is S.DISCONNECTED:
            future.set_exception(NotConnected(f"The connect was given up: {pilot.reason}"))
        else:
            return False
        return True

    def _tell_failed(self) -> None:
        """Nothing but a person moves a FAILED session: whoever waits for it is told now."""
        if self._pilot.state is S.FAILED:
            error = self._pilot.last_error or ConnectFailed(self._pilot.reason)
            for _, future in self._watchers:
                if not future.done():
                    future.set_exception(error)
