"""What all sessions share: the venue, the clock, who is there, and the desks that serve them.

Owns the one path on which things happen: a request goes to its desk, a command to the venue, the venue's events to all
desks in their fixed order, and only then, after what must be kept has been kept, bytes to the sockets. So a client is
never told of an order that a restart would not know.

Invariants: every request is answered or refused by code, whatever a desk does; time at the venue only moves on.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from ironbridge.errors import IronbridgeError
from ironbridge.exchange.commands import Command
from ironbridge.exchange.events import Event
from ironbridge.exchange.venue import Venue
from ironbridge.paper.advisor import Advisor, master_of
from ironbridge.paper.clock import PaperClock
from ironbridge.paper.entitlements import Entitlements
from ironbridge.paper.limits import Limits
from ironbridge.paper.session import WAIT, Session
from ironbridge.paper.translate import Refusal
from ironbridge.paper.upstream import Notice, Upstream

logger = logging.getLogger(__name__)

_DONE = object()
MOST_JOBS = 500
"""Queries of one client that may be in progress, whatever the pacing: they take memory."""

Handler = Callable[[Session, Any], None]
Job = tuple[int, Iterator[object]]
"""The id of a request, and the work on it."""


class Desk(Protocol):
    """One family of requests and what belongs to it."""

    @property
    def handlers(self) -> Mapping[type, Handler]:
        """By message class."""
        ...

    def happened(self, events: Sequence[Event]) -> None:
        """The venue's events of one step, in order."""
        ...

    def step(self, now: datetime) -> None:
        """The clock moved on."""
        ...

    def left(self, session: Session) -> None:
        """A session ended: forget it."""
        ...


class Floor:
    """The shared state and the path.

    Parameters:
        venue: where orders go.
        clock: the gateway's time.
        limits: what a client may ask for.
        keep: called when something that must survive has changed, before anybody is told.
        wake: called when there is long work to do.
        entitlements: which market data may be seen.
    """

    def __init__(
        self,
        venue: Venue,
        clock: PaperClock,
        limits: Limits,
        keep: Callable[[], None],
        wake: Callable[[], None],
        entitlements: Entitlements | None = None,
    ) -> None:
        self.venue = venue
        self.clock = clock
        self.limits = limits
        self.entitlements = entitlements or Entitlements()
        self.upstream = Upstream()
        self.advisor = Advisor(venue.accounts) if master_of(venue.accounts) else None
        """What an advisor has set up, where the accounts are an advisor's."""
        self._keep = keep
        self._unkept = False
        self._wake = wake
        self._jobs: dict[Session, deque[Job]] = {}
        self._waiting: list[tuple[Session, Job]] = []
        self._sessions: dict[int, Session] = {}
        self._dirty: dict[Session, None] = {}
        self._desks: tuple[Desk, ...] = ()
        self._handlers: dict[type, Handler] = {}
        # A venue that was kept may be ahead of a clock that was started anew.
        self._last = max(clock.now(), venue.now)

    def install(self, desks: Sequence[Desk]) -> None:
        """Put the desks to work; events reach them in this order."""
        self._desks = tuple(desks)
        for desk in desks:
            self._handlers.update(desk.handlers)

    @property
    def served(self) -> frozenset[type]:
        """The requests that have a desk."""
        return frozenset(self._handlers)

    # -- who is there

    def session(self, client: int) -> Session | None:
        return self._sessions.get(client)

    def sessions(self, client: int | None = None) -> Iterator[Session]:
        """Started sessions, of one client or of all."""
        found = list(self._sessions.values()) if client is None else [self._sessions.get(client)]
        return (session for session in found if session is not None)

    def admit(self, client: int, session: Session) -> None:
        self._sessions[client] = session

    def gone(self, session: Session) -> None:
        self._dirty.pop(session, None)
        # Nobody waits for the rest of its queries, and others would wait for them.
        self._jobs.pop(session, None)
        self._waiting = [entry for entry in self._waiting if entry[0] is not session]
        if session.client_id is not None and self._sessions.get(session.client_id) is session:
            del self._sessions[session.client_id]
            for desk in self._desks:
                desk.left(session)

    def tell(self, notices: Iterable[Notice]) -> None:
        """Say something about the gateway to everybody."""
        for notice in notices:
            for session in self.sessions():
                session.error(-1, notice.code, notice.text)

    # -- the path

    def now(self) -> datetime:
        """The venue's present; it never goes back."""
        self._last = max(self._last, self.clock.now())
        return self._last

    def act(self, command: Command) -> list[Event]:
        """Give the venue a command and tell everybody what came of it."""
        events = list(self.venue.apply(command, self.now()))
        self.publish(events)
        return events

    def step(self) -> None:
        """Let the venue's time catch up with the clock."""
        now = self.now()
        self.publish(self.venue.advance(now))
        for desk in self._desks:
            desk.step(now)
        waiting, self._waiting = self._waiting, []
        for session, job in waiting:
            self._queue(session, job)

    def publish(self, events: Sequence[Event]) -> None:
        if events:
            for desk in self._desks:
                desk.happened(events)

    # -- long work

    def begin(self, session: Session, number: int, job: Iterator[object]) -> None:
        """Work on this in slices, each up to the next value that it yields, between which others are served.

        Parameters:
            session: who waits for it.
            number: the request's id.
            job: does the work, and answers. It yields `WAIT` where it cannot go on before the next step.
        """
        if sum(1 for each, _ in self._waiting if each is session) + len(self._jobs.get(session, ())) >= MOST_JOBS:
            raise Refusal(322, f"Error processing request.-'query' : cause - Only {MOST_JOBS} may wait at one time.")
        self._queue(session, (number, job))

    def _queue(self, session: Session, job: Job) -> None:
        self._jobs.setdefault(session, deque()).append(job)
        self._wake()

    def work(self, enough: Callable[[], bool]) -> bool:
        """Do slices of the jobs until it is enough, each client's in turn; whether any job is left."""
        while self._jobs and not enough():
            session = next(iter(self._jobs))
            mine = self._jobs.pop(session)
            number, job = mine.popleft()
            said = self._guarded(session, number, "query", partial(next, job, _DONE))
            if said is WAIT:
                self._waiting.append((session, (number, job)))
            elif said is not _DONE:
                mine.append((number, job))
            if mine and session.started:
                # At the end of the line: a client with many jobs does not hold up one with few.
                self._jobs[session] = mine
        return bool(self._jobs)

    def changed(self) -> None:
        """Something that must survive has changed."""
        self._unkept = True

    def request(self, session: Session, message: Any) -> None:
        """Answer one request, or refuse it."""
        handler = self._handlers.get(type(message))
        number = number_of(message)
        if handler is None:
            name = type(message).__name__
            session.error(number, 320, f"Error reading request:Message type {name} is not served by this gateway.")
            return
        self._guarded(session, number, type(message).__name__, lambda: handler(session, message))

    def _guarded(self, session: Session, number: int, name: str, work: Callable[[], object]) -> object:
        """Do it, and answer what goes wrong with an error message; gives back what it gives, or that it is over."""
        try:
            return work()
        except Refusal as refusal:
            session.error(number, refusal.code, refusal.text)
        except IronbridgeError as error:
            session.error(number, 322, f"Error processing request.-'{name}' : cause - {error}")
        except Exception:
            # A fault of ours in one request is answered like any other refusal; the client must not hang on it.
            logger.exception("%r: %s could not be served", session, name)
            session.error(number, 322, f"Error processing request.-'{name}' : cause - internal error")
        return _DONE

    def settle(self) -> None:
        """Keep what must be kept, then let everybody hear."""
        if self._unkept:
            self._unkept = False
            self._keep()
        while self._dirty:
            dirty, self._dirty = self._dirty, {}
            for session in dirty:
                session.flush()

    def touched(self, session: Session) -> None:
        self._dirty[session] = None


def number_of(message: Any) -> int:
    """The request's or order's id that an error about it carries."""
    for name in ("req_id", "order_id"):
        number = getattr(message, name, None)
        if isinstance(number, int):
            return number
    return -1
