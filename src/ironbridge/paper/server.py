"""`PaperGateway`: a TWS gateway without IB behind it.

Owns the listening socket, the step that moves the venue's time on, and the order in which everything is built and torn
down. All of it runs on the loop that `start` was awaited on; nothing here may be touched from another thread (see
`ironbridge.testing` for a gateway on its own).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from ironbridge.errors import InvalidInput, IronbridgeError, StorageError
from ironbridge.exchange.accounts import AccountSpec
from ironbridge.exchange.venue import Venue, VenueOptions
from ironbridge.paper.account_desk import AccountDesk
from ironbridge.paper.advisor_desk import AdvisorDesk
from ironbridge.paper.answers import AnswerDesk
from ironbridge.paper.book_guide import BookGuideDesk
from ironbridge.paper.bulletins import BulletinDesk
from ironbridge.paper.calculators import CalculatorDesk
from ironbridge.paper.clock import PaperClock
from ironbridge.paper.contracts import ContractDesk
from ironbridge.paper.depth import DepthDesk
from ironbridge.paper.entitlements import Entitlements
from ironbridge.paper.faults import Latency
from ironbridge.paper.floor import Floor
from ironbridge.paper.history import HistoryDesk
from ironbridge.paper.history_facts import HistoryFactsDesk
from ironbridge.paper.keep import StateFile
from ironbridge.paper.latency import NONE, LateTransport, checked
from ironbridge.paper.limits import Limits, Pacing
from ironbridge.paper.listings import Listings
from ironbridge.paper.moments import ZONE
from ironbridge.paper.news import NewsDesk
from ironbridge.paper.not_offered import NotOfferedDesk
from ironbridge.paper.order_news import OrderNews
from ironbridge.paper.orders import OrderDesk
from ironbridge.paper.past_ticks import PastTickDesk
from ironbridge.paper.plan import FaultPlan
from ironbridge.paper.quotes import QuoteDesk
from ironbridge.paper.scanners import ScannerDesk
from ironbridge.paper.schedule import Rounds, Schedule
from ironbridge.paper.session import Session, clock_text
from ironbridge.paper.session import Stage as SessionStage
from ironbridge.paper.stage import Stage
from ironbridge.paper.streams import StreamDesk
from ironbridge.paper.tick_by_tick import TickByTickDesk
from ironbridge.paper.tickets import TicketBook
from ironbridge.paper.upstream import Upstream
from ironbridge.wire.session import ErrorMessage, ManagedAccounts, NextValidId, StartApi

logger = logging.getLogger(__name__)

STEP_SECONDS = 0.1
"""How often the venue's time catches up with the clock, in seconds of the machine."""
SLICE_SECONDS = 0.005
"""How long a historical query may keep everybody else waiting."""
DEFAULT_ACCOUNT = "DU1234567"
CLOSE_SECONDS = 2.0
"""How long `stop` waits for the sockets to close."""


class PaperGateway:
    """A paper gateway. Use it as an async context manager, or `start` and `stop` it.

    Parameters:
        host: address to listen on.
        port: to listen on; 0 takes a free one, see `port`.
        seed: of prices; the same seed gives the same tape.
        accounts: names, or full specifications; a master (DF...) first and others after it are an advisor's.
        clock: its time; real time by default.
        state_file: keeps orders, executions, positions and cash over restarts of the process; None keeps nothing.
        limits: what a client may ask for, and what follows when it asks for more.
        options: of the venue.
        entitlements: which market data may be seen; all of it live by default.
        schedule: its nightly reset, daily restart and weekly login; none by default.
        cancel_across_clients: whether a client may cancel another's order by its id. IB's documents say no (10147); a
            gateway has been recorded that let it.
        latency: how much later everything reaches a client, in real time; nothing by default. The fault `Latency`
            changes it.
        step: seconds of the machine between two steps of the venue.

    Raises:
        InvalidInput: a line cannot have this latency.
        StorageError: the state file is not a state of this gateway.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 4002,
        *,
        seed: int = 1,
        accounts: Sequence[str | AccountSpec] = (DEFAULT_ACCOUNT,),
        clock: PaperClock | None = None,
        state_file: Path | None = None,
        limits: Limits | None = None,
        options: VenueOptions | None = None,
        entitlements: Entitlements | None = None,
        schedule: Schedule | None = None,
        cancel_across_clients: bool = False,
        latency: Latency = NONE,
        step: float = STEP_SECONDS,
    ) -> None:
        self.host = host
        self.clock = clock or PaperClock()
        self.limits = limits or Limits()
        self._wanted_port = port
        self._step_seconds = step
        self._file = StateFile(state_file) if state_file is not None else None
        self._server: asyncio.Server | None = None
        self._pulse: asyncio.Task[None] | None = None
        self._worker: asyncio.Handle | None = None
        self._tickets = TicketBook()
        self._lines = 0
        specs = [AccountSpec(each) if isinstance(each, str) else each for each in accounts]
        kept = self._file.load() if self._file is not None else None
        self.venue = (
            Venue(seed, specs, self.clock.now(), options=options) if kept is None else self._take_over(kept, options)
        )
        self._floor = Floor(self.venue, self.clock, self.limits, self._save, self._wake, entitlements)
        if self._floor.advisor is not None and kept is not None and "advisor" in kept:
            self._floor.advisor.import_state(kept["advisor"])
        listings = Listings(self.venue)
        news = OrderNews(self._floor, self._tickets)
        quotes, streams = QuoteDesk(self._floor, listings), StreamDesk(self._floor, listings)
        ticks, depth = TickByTickDesk(self._floor, listings), DepthDesk(self._floor, listings)
        self.bulletins = BulletinDesk(self._floor)
        history = HistoryDesk(self._floor, listings)
        self._stage = Stage(self._floor, quotes, (ticks, streams, depth, history), news, self._tickets)
        self._stage.latency = checked(latency)
        self._rounds = Rounds(schedule or Schedule(), self._floor.now(), self._stage)
        self.faults = FaultPlan(self._floor.now, self._stage.perform)
        self._floor.install(
            (
                OrderDesk(self._floor, listings, self._tickets, news, self.faults, across=cancel_across_clients),
                AccountDesk(self._floor),
                quotes,
                ticks,
                streams,
                depth,
                BookGuideDesk(),
                ContractDesk(self._floor, listings),
                history,
                HistoryFactsDesk(self._floor, listings),
                PastTickDesk(self._floor, listings),
                CalculatorDesk(self._floor, listings),
                NewsDesk(self._floor, quotes),
                self.bulletins,
                ScannerDesk(self._floor),
                NotOfferedDesk(),
                AnswerDesk(self._floor),
                AdvisorDesk(self._floor),
            )
        )

    def _take_over(self, kept: dict[str, Any], options: VenueOptions | None) -> Venue:
        try:
            venue = Venue.import_state(kept["venue"], options=options)
            self._tickets.import_state(kept["tickets"])
        except (InvalidInput, KeyError, TypeError, ValueError) as error:
            raise StorageError(
                f"The gateway's kept state cannot be read: {error!r}.",
                next_step="Move the state file away to begin with an empty gateway.",
            ) from error
        return venue

    def _save(self) -> None:
        if self._file is not None:
            self._tickets.forget(lambda perm_id: self.venue.order(perm_id) is not None)
            state: dict[str, Any] = {"venue": self.venue.export_state(), "tickets": self._tickets.export_state()}
            if self._floor.advisor is not None:
                state["advisor"] = self._floor.advisor.export_state()
            self._file.save(state)

    # -- life

    @property
    def port(self) -> int:
        """Where it listens; the wanted port before it does."""
        if self._server is None or not self._server.sockets:
            return self._wanted_port
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The sessions that have started."""
        return tuple(self._floor.sessions())

    @property
    def upstream(self) -> Upstream:
        """What it is connected to itself."""
        return self._floor.upstream

    def pace(self, pacing: Pacing) -> None:
        """Be as patient as this from now on; a session that began with pacing off stays so."""
        self.limits = self._floor.limits = replace(self.limits, pacing=pacing)

    @property
    def running(self) -> bool:
        return self._server is not None

    @property
    def clients(self) -> tuple[int, ...]:
        """Client ids of the sessions that have started."""
        return tuple(session.client_id for session in self._floor.sessions() if session.client_id is not None)

    @property
    def served(self) -> frozenset[type]:
        """The message classes that it answers or refuses by name."""
        return self._floor.served

    @property
    def unread(self) -> int:
        """The most that any one client has left unread, in bytes; `limits.unread_bytes` is where it is cut off."""
        return max((session.unread for session in self._stage.connections), default=0)

    async def start(self) -> None:
        """Listen and let time run.

        Raises:
            IronbridgeError: the address cannot be listened on; most often something else does already.
        """
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._connected, self.host, self._wanted_port)
        except OSError as error:
            raise IronbridgeError(
                f"The paper gateway cannot listen on {self.host}:{self._wanted_port}: {error.strerror or error}.",
                next_step="Stop what listens there, or choose another port.",
            ) from error
        self._pulse = loop.create_task(self._beat(), name="paper-gateway-step")
        logger.info("paper gateway listens on %s:%d", self.host, self.port)

    async def stop(self) -> None:
        """Close every socket and keep what must be kept. Stopping twice is stopping once."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        if self._pulse is not None:
            self._pulse.cancel()
            await asyncio.gather(self._pulse, return_exceptions=True)
        if self._worker is not None:
            self._worker.cancel()
            self._worker = None
        for session in list(self._stage.connections):
            session.cut()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await server.wait_closed()
        except TimeoutError:
            logger.warning("%d sockets of the paper gateway did not close", len(self._stage.connections))
        self._save()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    def __repr__(self) -> str:
        state = f"{len(self.clients)} clients" if self.running else "stopped"
        return f"<PaperGateway {self.host}:{self.port} {state}>"

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._step_seconds)
            self.step()

    def step(self) -> None:
        """Let everything catch up with the clock now; done by itself every `step` seconds."""
        try:
            self._floor.step()
            self.faults.advance(self._floor.now())
            self._rounds.advance(self._floor.now())
            self._floor.settle()
        except Exception:
            # A fault of ours in one step must not stop time for everybody: it is logged and the next step goes on.
            logger.exception("a step of the paper gateway failed")

    def _wake(self) -> None:
        if self._worker is None and self._server is not None:
            self._worker = asyncio.get_running_loop().call_soon(self._work)

    def _work(self) -> None:
        self._worker = None
        loop = asyncio.get_running_loop()
        until = loop.time() + SLICE_SECONDS
        left = self._floor.work(lambda: loop.time() >= until)
        self._floor.settle()
        if left:
            self._wake()

    # -- the house that sessions belong to

    def _connected(self) -> Session:
        return Session(self)

    def greeting(self) -> str:
        moment: datetime = self._floor.now().astimezone(ZONE)
        return clock_text(moment, moment.tzname() or "")

    def handshake_delay(self) -> float:
        return self._stage.handshake_delay

    def line(self, transport: asyncio.Transport) -> asyncio.Transport:
        self._lines += 1
        return LateTransport(transport, lambda: self._stage.latency, f"{self.venue.seed}/{self._lines}")

    def opened(self, session: Session) -> bool:
        if self._stage.refuses() or len(self._stage.connections) >= 2 * self.limits.clients:
            return False
        self._stage.connections.add(session)
        if self._stage.hangs():
            session.hang()
        return True

    def start_session(self, session: Session, message: StartApi) -> None:
        if not self._stage.logged_in or self._stage.signing_in:
            return
        client = message.client_id
        if self._stage.takes_over:
            for before in self._floor.sessions(client):
                before.cut()
                self._floor.gone(before)
        if client < 0:
            session.refuse(
                ErrorMessage(-1, 321, f"Error validating request.-'bA' : cause - Invalid client id: {client}")
            )
        elif self._floor.session(client) is not None or self._stage.lingers(client):
            session.refuse(
                ErrorMessage(
                    -1, 326, "Unable to connect as the client id is already in use. Retry with a unique client id."
                )
            )
        elif len(self.clients) >= self.limits.clients:
            session.refuse(
                ErrorMessage(
                    -1, 507, f"Bad Message Length: only {self.limits.clients} clients may connect at one time."
                )
            )
        else:
            self._begin(session, client)

    def _begin(self, session: Session, client: int) -> None:
        session.client_id = client
        session.stage = SessionStage.STARTED
        if self._stage.hangs(client):
            session.hang()
            return
        self._floor.admit(client, session)
        session.send(ManagedAccounts(",".join(self.venue.accounts)))
        session.send(NextValidId(self._tickets.next_id(client)))
        for notice in self._floor.upstream.greeting():
            session.error(-1, notice.code, notice.text)

    def received(self, session: Session, message: Any) -> None:
        self._floor.request(session, message)

    def gone(self, session: Session) -> None:
        self._stage.connections.discard(session)
        self._floor.gone(session)

    def settle(self) -> None:
        self._floor.settle()

    def touched(self, session: Session) -> None:
        self._floor.touched(session)
