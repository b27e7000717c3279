"""The sessions of one engine: one for orders, any number for market data (CON-8), each supervised alone.

Owns their names and their common beginnings and ends. Each has its own supervisor, pace, heartbeat, breaker, calendar
and look-out; commands to one are taken in turn by its own supervisor. The invariant: what happens to a data session, a
command that fails included, reaches nothing of the order session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from ironbridge.domain.alerts import Alert
from ironbridge.domain.gateways import ORDERS
from ironbridge.domain.instrument import Kind
from ironbridge.domain.pacing import Limit
from ironbridge.domain.session import SessionState
from ironbridge.errors import IronbridgeError
from ironbridge.interfaces import Subscription, Topic
from ironbridge.session.governor import Governor
from ironbridge.session.lookout import Lookout
from ironbridge.session.status import SessionHealth, SessionStatus, SupervisorOptions
from ironbridge.session.supervisor import Supervisor
from ironbridge.settings import Settings


class SessionNotFound(IronbridgeError):
    """No session has that name."""

    slug = "session-not-found"


@dataclass(frozen=True, slots=True)
class KeptSession:
    """One session with all that is its own.

    Parameters:
        supervisor: keeps it; has its name.
        pacing: its pace, and what is used of its limits.
        lookout: raises its alerts.
        kinds: what a data session is for; empty for all that no other names.
        apply: hands changed settings to its link and its pace.
        withdraw: takes from it what it carries, for good.
    """

    supervisor: Supervisor
    pacing: Governor
    lookout: Lookout
    kinds: frozenset[Kind] = frozenset()
    apply: Callable[[Settings], None] = lambda _: None
    withdraw: Callable[[], None] = lambda: None

    @property
    def name(self) -> str:
        return self.supervisor.name


@dataclass(frozen=True, slots=True)
class SessionReport:
    """One session as it stands."""

    name: str
    kinds: frozenset[Kind]
    status: SessionStatus
    health: SessionHealth
    lines: int
    """Market-data lines that are placed in it."""
    line_limit: int
    waiting: int
    """Messages that wait for its pace."""
    eta: float
    """Seconds until one more message of the last lane would go."""
    near: frozenset[Limit]
    """Of these limits at least four fifths are used."""

    @property
    def carries_orders(self) -> bool:
        return self.name == ORDERS


class AlertsOf:
    """The topic of alerts as a data session sees it: each that it raises says whose it is.

    Parameters:
        name: of the session.
        alerts: where they go.
    """

    def __init__(self, name: str, alerts: Topic[Alert]) -> None:
        self._name = name
        self._alerts = alerts

    def publish(self, item: Alert) -> None:
        self._alerts.publish(replace(item, text=f"Market-data session {self._name}: {item.text}"))

    def subscribe(self, limit: int = 10_000) -> Subscription[Alert]:
        return self._alerts.subscribe(limit)


class SessionPool:
    """All of them.

    Parameters:
        orders: the order session.
        data: the others.
    """

    def __init__(self, orders: KeptSession, data: Sequence[KeptSession] = ()) -> None:
        self._orders = orders
        self._data = list(data)
        self._running = False

    def __iter__(self) -> Iterator[KeptSession]:
        """The order session, then the others in the order of the settings."""
        yield self._orders
        yield from self._data

    def __getitem__(self, name: str) -> Supervisor:
        """The session of that name; as `kept`."""
        return self.kept(name).supervisor

    def kept(self, name: str) -> KeptSession:
        """The session of that name, with all that is its own.

        Raises:
            SessionNotFound: there is none; the names are listed.
        """
        for each in self:
            if each.name == name:
                return each
        raise SessionNotFound(
            f"There is no session named {name!r}.", next_step=f"There are: {', '.join(each.name for each in self)}."
        )

    @property
    def state(self) -> SessionState:
        """Of the whole: the order session's, but DEGRADED where that is READY and a data session is not."""
        state = self._orders.supervisor.state
        whole = all(each.supervisor.state is SessionState.READY for each in self._data)
        return SessionState.DEGRADED if state is SessionState.READY and not whole else state

    def start(self) -> None:
        """Begin to keep them and to look after them. Nothing is connected before `connect`."""
        self._running = True
        for each in self:
            _start(each)

    def add(self, session: KeptSession) -> None:
        """One more session for market data; where the others are kept it is too, and is not connected yet."""
        self._data.append(session)
        if self._running:
            _start(session)

    async def remove(self, name: str) -> None:
        """End a session for market data for good; what it carried goes elsewhere.

        Raises:
            SessionNotFound: there is none, or it is the one that carries orders.
        """
        kept = self.kept(name)
        if kept is self._orders:
            raise SessionNotFound(f"{name} carries orders; there is always one.")
        self._data.remove(kept)
        kept.withdraw()
        await _stop(kept)

    async def stop(self) -> None:
        """Disconnect and end all."""
        self._running = False
        await asyncio.gather(*(_stop(each) for each in self))

    async def connect_data(self, patience: float) -> None:
        """Connect the data sessions; returns when each carries data, or was tried once. What fails is tried on."""
        await asyncio.gather(*(_until_ready(each.supervisor, patience, again=False) for each in self._data))

    async def reconnect_data(self, patience: float) -> None:
        """As `connect_data`, with an end of those that are up."""
        await asyncio.gather(*(_until_ready(each.supervisor, patience, again=True) for each in self._data))

    async def disconnect_data(self) -> None:
        """End the data sessions and stay disconnected."""
        await asyncio.gather(*(each.supervisor.disconnect() for each in self._data))

    def configure(self, options: SupervisorOptions, settings: Settings) -> None:
        """Use other times and limits from now on."""
        for each in self:
            each.supervisor.configure(options)
            each.apply(settings)

    def report(self) -> tuple[SessionReport, ...]:
        """Each as it stands, the order session first."""
        return tuple(_report(each) for each in self)

    def __repr__(self) -> str:
        return f"<SessionPool {', '.join(f'{each.name} {each.supervisor.state.name}' for each in self)}>"


def _start(each: KeptSession) -> None:
    each.lookout.start()
    each.pacing.usage.start()
    each.supervisor.start()


async def _stop(each: KeptSession) -> None:
    await each.supervisor.stop()
    await each.pacing.usage.stop()
    await each.lookout.stop()


async def _until_ready(supervisor: Supervisor, patience: float, *, again: bool) -> None:
    # What fails is in the session's own status, and is tried again by its supervisor.
    with suppress(IronbridgeError):
        await (supervisor.reconnect() if again else supervisor.connect())
        await supervisor.until(SessionState.READY, patience)


def _report(each: KeptSession) -> SessionReport:
    use = each.pacing.usage.status()
    lines = [limit for limit in use.limits if limit.limit is Limit.LINES]
    return SessionReport(
        each.name,
        each.kinds,
        each.supervisor.status(),
        each.supervisor.health(),
        lines[0].used if lines else 0,
        lines[0].allowed if lines else each.pacing.limits.lines,
        sum(lane.waiting for lane in use.lanes),
        use.lanes[-1].eta if use.lanes else 0.0,
        use.near,
    )
