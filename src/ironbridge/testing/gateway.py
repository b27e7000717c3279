"""A paper gateway on a thread of its own, for tests of anything that speaks TWS.

The program under test may block, run its own event loop, or be another process: it only needs `host` and `port`. The
test holds the other end: `faults`, `clock` and `venue`. Every call on them is carried out on the gateway's own loop and
has returned when it is done, so that a test reads as a sequence.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self, TypeVar

from ironbridge.errors import InvalidInput, IronbridgeError
from ironbridge.exchange.accounts import AccountSpec, AccountView, PositionView
from ironbridge.exchange.events import Execution, OrderSnapshot, Quote
from ironbridge.exchange.listing import ContractQuery
from ironbridge.exchange.venue import VenueOptions
from ironbridge.paper import DEFAULT_ACCOUNT, Entitlements, Limits, PaperClock, PaperGateway
from ironbridge.paper.faults import NOW, Fault, Latency, Script, When
from ironbridge.paper.latency import NONE
from ironbridge.paper.scenario import Scenario, load, play

T = TypeVar("T")

CALL_SECONDS = 30.0
"""No call on the gateway's loop takes longer, but for a clock that is advanced by years."""


class FaultHandle:
    """Makes things go wrong; see `ironbridge.paper.faults` for what can."""

    def __init__(self, gateway: RunningGateway) -> None:
        self._gateway = gateway

    def inject(self, fault: Fault | Script, when: When = NOW) -> int:
        """Arm a fault; returns its number.

        Raises:
            InvalidInput: the fault can never act.
        """
        return self._gateway.call(lambda paper: paper.faults.inject(fault, when))

    def withdraw(self, number: int) -> bool:
        """Disarm one; whether it was still armed."""
        return self._gateway.call(lambda paper: paper.faults.withdraw(number))

    def clear(self) -> None:
        """Disarm all."""
        self._gateway.call(lambda paper: paper.faults.clear())

    def play(self, scenario: str | Path | Scenario) -> int:
        """Begin a scenario: one that comes with Ironbridge by its name, such as "I-05", or a file; returns its number.

        Raises:
            InvalidInput: there is no such scenario, or it means nothing.
        """
        wanted = scenario if isinstance(scenario, Scenario) else load(scenario)
        return self._gateway.call(lambda paper: play(wanted, paper))

    def pending(self) -> list[tuple[int, Fault | Script]]:
        """What is armed or waits for its moment, by number."""
        return self._gateway.call(lambda paper: paper.faults.pending())


class ClockHandle:
    """The gateway's time."""

    def __init__(self, gateway: RunningGateway) -> None:
        self._gateway = gateway

    def now(self) -> datetime:
        return self._gateway.call(lambda paper: paper.clock.now())

    def advance(self, by: timedelta | float) -> datetime:
        """Move on by a time or by seconds; what happens meanwhile has happened, and been said, on return."""
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)

        def move(paper: PaperGateway) -> datetime:
            now = paper.clock.step(step)
            paper.step()
            return now

        return self._gateway.call(move)

    def run_at(self, speed: float) -> None:
        """Seconds of the gateway per second of the machine; 0 stops."""
        self._gateway.call(lambda paper: paper.clock.run_at(speed))


class VenueHandle:
    """What is true at the venue, whatever the client believes."""

    def __init__(self, gateway: RunningGateway) -> None:
        self._gateway = gateway

    def quote(self, instrument: str | int) -> Quote:
        """The present quote of a con id, or of the one listing with this symbol or local symbol.

        Raises:
            InvalidInput: there is none, or there are several.
        """

        def find(paper: PaperGateway) -> Quote:
            if isinstance(instrument, int):
                return paper.venue.quote(instrument)
            found = paper.venue.find(ContractQuery(local_symbol=instrument)) or paper.venue.find(
                ContractQuery(symbol=instrument)
            )
            if len(found) != 1:
                raise InvalidInput(
                    f"{len(found)} listings are called {instrument!r}.", next_step="Give the con id, or a local symbol."
                )
            return paper.venue.quote(found[0].con_id)

        return self._gateway.call(find)

    def orders(self) -> list[OrderSnapshot]:
        """Open orders."""
        return self._gateway.call(lambda paper: paper.venue.orders())

    def completed(self) -> list[OrderSnapshot]:
        """Filled and cancelled orders."""
        return self._gateway.call(lambda paper: paper.venue.completed())

    def executions(self) -> list[Execution]:
        return self._gateway.call(lambda paper: [execution for execution, _ in paper.venue.executions()])

    def account(self, name: str = "") -> AccountView:
        """One account, the first by default."""
        return self._gateway.call(lambda paper: paper.venue.account(name or paper.venue.accounts[0]))

    def positions(self, account: str = "") -> tuple[PositionView, ...]:
        return self.account(account).positions


class RunningGateway:
    """A paper gateway that runs on its own thread. Use it as a context manager, or `start` and `stop` it.

    Parameters:
        host: address to listen on.
        port: to listen on; 0 takes a free one.
        seed: of prices.
        accounts: names, or full specifications.
        start_at: the moment at which its clock begins, aware; None is the present.
        speed: seconds of the gateway per second of the machine; 0 stands still until `clock.advance`.
        state_file: where it keeps its state over restarts.
        limits: what a client may ask for.
        options: of the venue.
        entitlements: which market data the user has paid for; all of it, live, by default.
        latency: how much later everything reaches a client, in real time; nothing by default.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        seed: int = 1,
        accounts: Sequence[str | AccountSpec] = (DEFAULT_ACCOUNT,),
        start_at: datetime | None = None,
        speed: float = 1.0,
        state_file: Path | None = None,
        limits: Limits | None = None,
        options: VenueOptions | None = None,
        entitlements: Entitlements | None = None,
        latency: Latency = NONE,
    ) -> None:
        self.host = host
        self._wanted_port = port
        self._make: Callable[[], PaperGateway] = lambda: PaperGateway(
            host,
            self._wanted_port,
            seed=seed,
            accounts=accounts,
            clock=PaperClock(start_at, speed),
            state_file=state_file,
            limits=limits,
            options=options,
            entitlements=entitlements,
            latency=latency,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._paper: PaperGateway | None = None
        self.faults = FaultHandle(self)
        self.clock = ClockHandle(self)
        self.venue = VenueHandle(self)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._wanted_port if self._paper is None else self._paper.port

    @property
    def clients(self) -> tuple[int, ...]:
        """Client ids of the sessions that have started."""
        return self.call(lambda paper: paper.clients)

    def start(self) -> Self:
        """Start it; it listens on return.

        Raises:
            IronbridgeError: the address cannot be listened on, or the state file cannot be read.
        """
        if self._thread is not None:
            return self
        loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=loop.run_forever, name="paper-gateway", daemon=True)
        self._thread.start()
        self._loop = loop

        async def begin() -> PaperGateway:
            paper = self._make()
            await paper.start()
            return paper

        try:
            self._paper = self._run(begin())
            # A gateway that is started again listens where it did, so that its clients find it.
            self._wanted_port = self._paper.port
        except BaseException:
            self._end_thread()
            raise
        return self

    def stop(self) -> None:
        """Close every socket and end the thread. Stopping twice is stopping once."""
        if self._paper is not None:
            paper, self._paper = self._paper, None
            self._run(paper.stop())
        self._end_thread()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<RunningGateway {self.host}:{self.port} {'running' if self._paper else 'stopped'}>"

    def call(self, ask: Callable[[PaperGateway], T]) -> T:
        """Carry this out on the gateway's loop and give back what it gives.

        Raises:
            IronbridgeError: the gateway does not run.
        """

        async def on_loop() -> T:
            if self._paper is None:
                raise IronbridgeError("The paper gateway is stopped.", next_step="Start it first.")
            return ask(self._paper)

        return self._run(on_loop())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            work.close()
            raise IronbridgeError("The paper gateway is stopped.", next_step="Start it first.")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(CALL_SECONDS)

    def _end_thread(self) -> None:
        if self._loop is None or self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CALL_SECONDS)
        self._loop.close()
        self._loop = self._thread = None
