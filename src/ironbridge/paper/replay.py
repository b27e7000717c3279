"""`Replay`: a gateway that plays a recording.

A client gets the version it had then, or its own highest if that is lower, and the section that its client id had;
each request the answers that it had then, as long after it as they came then, divided by the speed, under the ids that
the client uses today. What nobody asked for comes as long after the session's beginning. If the gateway ended the
connection then, it ends now.

Refuses by name what was never recorded: with an error to the client, under the request's id, and a notice to the
person who runs it. Nothing is made up: not even an empty answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Self

from ironbridge.errors import InvalidInput, IronbridgeError
from ironbridge.paper.recording import Header
from ironbridge.paper.replay_session import ReplaySession
from ironbridge.paper.script import Section

logger = logging.getLogger(__name__)

MAX_SPEED = 1_000_000.0
"""A day in a tenth of a second: beyond it the order of things is all that is left of time."""
CLOSE_SECONDS = 2.0


class Replay:
    """A recording on a port. Use it as an async context manager, or `start` and `stop` it.

    Parameters:
        header: the recording's.
        sections: what was recorded, see `script.sections_of`.
        host: address to listen on.
        port: to listen on; 0 takes a free one, see `port`.
        speed: recorded seconds per second.
        notice: told, in one sentence each, what a person should know.

    Raises:
        InvalidInput: a speed that is none, or no section.
    """

    def __init__(
        self,
        header: Header,
        sections: list[Section],
        host: str = "127.0.0.1",
        port: int = 4002,
        *,
        speed: float = 1.0,
        notice: Callable[[str], None] = logger.warning,
    ) -> None:
        # The comparison is false for NaN too.
        if not 0 < speed <= MAX_SPEED:
            raise InvalidInput(f"A recording cannot be played at {speed!r} times its speed.", next_step=_SPEEDS)
        if not sections:
            raise InvalidInput("There is no section to play.", next_step="Give those of a recording.")
        self.host = host
        self.speed = speed
        self.header = header
        self._sections = sections
        self._plays = [0] * len(sections)
        self._wanted_port = port
        self._server: asyncio.Server | None = None
        self._sessions: set[ReplaySession] = set()
        self._notice = notice
        self._missing: set[str] = set()
        self._begun = 0.0

    @property
    def port(self) -> int:
        """Where it listens; the wanted port before it does."""
        if self._server is None or not self._server.sockets:
            return self._wanted_port
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def version(self) -> int:
        """The highest version that was recorded."""
        return max(section.version for section in self._sections)

    @property
    def time(self) -> str:
        """The gateway's clock, as it said it in the first handshake."""
        return self._sections[0].time

    def epoch(self) -> int:
        """The present moment of the recording, in seconds since 1970."""
        passed = (asyncio.get_running_loop().time() - self._begun) * self.speed
        return int((self.header.started + timedelta(seconds=passed)).timestamp())

    async def start(self) -> None:
        """Listen.

        Raises:
            IronbridgeError: the address is taken, or not this machine's.
        """
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(lambda: ReplaySession(self), self.host, self._wanted_port)
        except OSError as error:
            raise IronbridgeError(
                f"The replay cannot listen on {self.host}:{self._wanted_port}: {error.strerror or error}.",
                next_step="Stop what listens there, or choose another port; 0 takes a free one.",
            ) from error
        self._begun = loop.time()

    async def stop(self) -> None:
        """Close every connection. Stopping twice is stopping once."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        for session in list(self._sessions):
            session.cut()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await server.wait_closed()
        except TimeoutError:
            logger.warning("%d sockets of the replay did not close", len(self._sessions))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    # -- what a session needs of it

    def opened(self, session: ReplaySession) -> None:
        self._sessions.add(session)

    def gone(self, session: ReplaySession) -> None:
        self._sessions.discard(session)

    def section_for(self, client_id: int) -> Section:
        """The section that this client id had and that was played least; any section if it had none."""
        own = [at for at, section in enumerate(self._sections) if section.client_id == client_id]
        at = min(own or range(len(self._sections)), key=lambda at: self._plays[at])
        self._plays[at] += 1
        return self._sections[at]

    def missing(self, what: str) -> None:
        """A client asked for what was never recorded: said once for each thing."""
        if what not in self._missing and len(self._missing) < MAX_NOTICES:
            self._missing.add(what)
            self._notice(f"The recording holds no {what}; the client was told so.")

    def notice(self, text: str) -> None:
        self._notice(text)


MAX_NOTICES = 1000
_SPEEDS = f"Give more than 0 and at most {MAX_SPEED:.0f}; 1 is as it was."
