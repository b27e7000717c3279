"""Carries out what `Pilot` decides: one task that owns the connection.

Everything that can move the session comes through one inbox and is decided in turn: commands of people, the end of the
link, IB's notices, heartbeats, and the outcome of the step at hand. One step is carried out at a time; before the next
begins the last has been cancelled and awaited, so two sockets, or a connect racing a disconnect, cannot be.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ironbridge.domain.alerts import Alert
from ironbridge.domain.gateways import ORDERS
from ironbridge.domain.reports import BrokerReport, LinkEnded, Notice
from ironbridge.domain.session import Endpoint, Route, SessionChanged, SessionInfo, SessionState, as_route
from ironbridge.errors import ConnectFailed, IronbridgeError, NotConnected
from ironbridge.interfaces import Clock, Link, Synchroniser, Topic
from ironbridge.session.accounts import check_account
from ironbridge.session.calendar import NOTHING_EXPECTED, SessionCalendar
from ironbridge.session.deadline import within
from ironbridge.session.failover import OrdersInFlight
from ironbridge.session.heartbeat import Heartbeat
from ironbridge.session.moves import (
    REST,
    BeatMissed,
    Closed,
    ConnectAsked,
    DisconnectAsked,
    Do,
    Event,
    FailbackAsked,
    LinkLost,
    Opened,
    OpenFailed,
    ReconnectAsked,
    Said,
    Step,
    Synchronised,
    SynchroniseFailed,
    Waited,
)
from ironbridge.session.pilot import Pilot
from ironbridge.session.status import SessionHealth, SessionStatus, SupervisorOptions
from ironbridge.session.telling import health_of, obstacle, standing_of, status_of
from ironbridge.session.waiting import Waiting
from ironbridge.session.watch import Standing

S = SessionState


class Supervisor:
    """The session, kept alive; `interfaces.Session`.

    Parameters:
        broker: the link.
        route: where the gateway listens and as which client we come; with backups where there are some (CON-8).
        clock: measures waits and stamps changes.
        changes: told each change of state or reason.
        live_account: the one live account that may be traded (CON-11).
        account: the account to use; None for the login's own.
        synchronisers: services that catch up, in this order, before the session is READY.
        options: times and limits.
        measured: told after each heartbeat.
        alerts: told of moves to another gateway.
        name: of the session, where there are several.
        carries_orders: False for a session that only carries market data: any login will do for it.
        dice: numbers in [0, 1) for the jitter.
    """

    def __init__(
        self,
        broker: Link,
        route: Route | Endpoint,
        clock: Clock,
        changes: Topic[SessionChanged],
        *,
        live_account: str | None = None,
        account: str | None = None,
        synchronisers: Sequence[Synchroniser] = (),
        options: SupervisorOptions | None = None,
        measured: Topic[SessionHealth] | None = None,
        alerts: Topic[Alert] | None = None,
        name: str = ORDERS,
        carries_orders: bool = True,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._broker = broker
        self._clock = clock
        self._synchronisers = list(synchronisers)
        self.changes = changes
        self.name = name
        self._pilot = Pilot(
            as_route(route),
            clock,
            dice,
            account=account,
            live_account=live_account,
            options=options or SupervisorOptions(),
            changed=self._publish,
            interrupted=self._interrupt,
            alert=alerts.publish if alerts is not None else lambda _: None,
            carries_orders=carries_orders,
        )
        self.calendar: Callable[[], SessionCalendar] = lambda: NOTHING_EXPECTED
        """Which drops are expected of the present gateway; set by whoever knows it."""
        self.fence: Callable[[int], None] = lambda _client_id: None
        """Raises where this process does not own the client id; set by whoever knows it."""
        self._measured = measured
        self.heartbeat = Heartbeat(broker, clock, self._beaten)
        self._inbox: asyncio.Queue[tuple[int | None, Event, asyncio.Future[None] | None]] = asyncio.Queue()
        self._step_number = 0
        self._waiting = Waiting(self._pilot, broker)
        self._task: asyncio.Task[None] | None = None

    # interfaces.Session

    @property
    def state(self) -> SessionState:
        return self._pilot.state

    @property
    def info(self) -> SessionInfo | None:
        return self._pilot.info

    @property
    def client_id(self) -> int:
        return self._pilot.endpoint.client_id

    @property
    def account(self) -> str | None:
        """The account that orders go to where none is named; None until a session was open."""
        return self._pilot.account

    def require_orders(self) -> None:
        """See `interfaces.Session.require_orders`."""
        self.fence(self.client_id)
        if (error := obstacle(self._pilot)) is not None:
            raise error

    def check_account(self, account: str) -> None:
        """Raise `LiveAccountRefused` where an order for this account must not be sent (CON-11)."""
        check_account(account, self._pilot.live_account)

    # for its owner

    def add_synchroniser(self, synchroniser: Synchroniser) -> None:
        """One more service that must catch up, after those before it."""
        self._synchronisers.append(synchroniser)

    def watch_orders(self, in_flight: Callable[[], int]) -> None:
        """`in_flight` counts the orders that wait for their answers: a return to the primary waits for them."""
        self._pilot.in_flight = in_flight

    def start(self) -> None:
        """Begin to keep the session. Nothing is connected before `connect`."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="session supervisor")

    async def stop(self) -> None:
        """Disconnect and end. Waiting commands fail with `NotConnected`."""
        if self._task is None:
            return
        task, self._task = self._task, None
        if not task.done():
            task.cancel()
        await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None:
            asyncio.get_running_loop().call_exception_handler({"message": "A session task failed", "exception": error})
            raise error

    async def connect(self, route: Route | Endpoint | None = None) -> None:
        """Return when a session is open; it then catches up (`until(SessionState.READY)`).

        Parameters:
            route: the gateways to use from now on, or the only one; None for those that are used already. Where a
                session is up it stays, at a backup too, unless the primary is to be another.

        Raises:
            ConnectFailed: the attempt failed, and why. Unless `retryable` is False, further attempts follow by
                themselves until `disconnect`.
        """
        await self._command(ConnectAsked(None if route is None else as_route(route)))

    async def reconnect(self, route: Route | Endpoint | None = None) -> None:
        """Close the session, if there is one, and open it again; as `connect`."""
        await self._command(ReconnectAsked(None if route is None else as_route(route)))

    async def fail_back(self, *, force: bool = False) -> None:
        """Leave the backup and open the session at the primary; where it is there already, nothing is done.

        Parameters:
            force: though orders wait for their answers: they are reconciled at the primary.

        Raises:
            OrdersInFlight: orders wait for their answers and `force` is not set; the session stays where it is.
            ConnectFailed: the primary cannot be had; the session goes on to where it can be.
        """
        await self._command(FailbackAsked(force))
        if not self._pilot.gateways.at_primary:
            raise ConnectFailed(
                f"The primary could not be entered; the session is at the backup {self._pilot.endpoint}.",
                next_step="The connection log says why. Mend the primary, then ask again.",
            )

    async def disconnect(self) -> None:
        """Close the session and stop trying."""
        await self._command(DisconnectAsked())

    async def until(self, state: SessionState, timeout: float = 30.0) -> None:  # noqa: ASYNC109 - the caller's patience
        """Return when the session is in `state`.

        Raises:
            NotConnected: it is not after `timeout` seconds; says where it is and why.
            IronbridgeError: it has FAILED, with the reason.
        """
        await self._waiting.until(state, timeout)

    @property
    def options(self) -> SupervisorOptions:
        """The times and limits in force."""
        return self._pilot.options

    def configure(self, options: SupervisorOptions) -> None:
        """Use other times and limits from now on."""
        self._pilot.configure(options)
        self.heartbeat.retime()

    def retarget(self, route: Route | Endpoint, account: str | None, live_account: str | None) -> None:
        """Use these gateways and accounts from the next connect on; the present session goes on."""
        self._pilot.retarget(as_route(route), account, live_account)

    def expected(self) -> SessionCalendar:
        """Which drops are expected of the present gateway."""
        return self.calendar()

    def standing(self) -> Standing:
        """How the session stands, for those who look after it (`Lookout`)."""
        return standing_of(self._pilot)

    def status(self) -> SessionStatus:
        return status_of(self._pilot, self.heartbeat, self.calendar(), self._clock)

    def health(self) -> SessionHealth:
        return health_of(self._pilot, self.heartbeat)

    # the task

    async def _run(self) -> None:
        end_listening = self._broker.listen(self._hear)
        pulse: asyncio.Task[None] | None = None
        step = REST
        try:
            while True:
                self._step_number += 1
                action = asyncio.create_task(self._perform(step, self._step_number), name=f"session {step.do.name}")
                try:
                    while (next_step := await self._decide()) is None:
                        pulse = await self._keep_pulse(pulse)
                finally:
                    await _end(action)
                step = next_step
                pulse = await self._keep_pulse(pulse)
        finally:
            await _end(pulse)
            end_listening()
            self._shut_down()
            await self._broker.disconnect()

    async def _decide(self) -> Step | None:
        number, event, command = await self._inbox.get()
        if number is not None and number != self._step_number:
            return None  # the outcome of a step that was replaced meanwhile
        try:
            step = self._pilot.take(event)
        except OrdersInFlight as error:
            if command is not None and not command.done():
                command.set_exception(error)
            return None
        self._waiting.decided(event, command)
        return step

    async def _perform(self, step: Step, number: int) -> None:
        """Carry out one step and post its outcome."""
        outcome: Event
        match step.do:
            case Do.REST:
                return
            case Do.OPEN:
                outcome = await self._open()
            case Do.WAIT:
                await self._broker.disconnect()
                await self._clock.sleep(step.after)
                outcome = Waited()
            case Do.SYNCHRONISE:
                if step.after > 0:
                    await self._clock.sleep(step.after)
                outcome = await self._synchronise()
            case Do.CLOSE:
                await self._broker.disconnect()
                outcome = Closed()
        self._inbox.put_nowait((number, outcome, None))

    async def _open(self) -> Event:
        try:
            return Opened(await self._broker.connect(self._pilot.endpoint))
        except IronbridgeError as error:
            return OpenFailed(error)
        except Exception as error:
            # A mistake in the way to the socket must be shown and retried, not end the one task that keeps the session.
            return OpenFailed(ConnectFailed(f"The connection failed in an unforeseen way: {error!r}."))

    async def _synchronise(self) -> Event:
        for synchroniser in tuple(self._synchronisers):
            who = type(synchroniser).__name__
            try:
                await within(self._clock, self._pilot.options.synchronise_timeout, synchroniser.synchronise())
            except Exception as error:
                # Whatever keeps a service from catching up keeps the session from READY, and is tried again.
                return SynchroniseFailed(who, error)
        return Synchronised()

    async def _keep_pulse(self, pulse: asyncio.Task[None] | None) -> asyncio.Task[None] | None:
        """The heartbeat runs exactly while a link is held."""
        if self._pilot.held and (pulse is None or pulse.done()):
            return asyncio.create_task(self._beat(), name="session heartbeat")
        if not self._pilot.held and pulse is not None:
            await _end(pulse)
            return None
        return pulse

    async def _beat(self) -> None:
        reason = await self.heartbeat.run(lambda: self._pilot.options)
        self._inbox.put_nowait((None, BeatMissed(self._explained(reason)), None))

    def _beaten(self) -> None:
        if self._measured is not None:
            self._measured.publish(self.health())

    def _explained(self, reason: str) -> str:
        """The reason of a loss, with what the calendar knows of it."""
        window = self.calendar().within(self._clock.now())
        return reason if window is None else f"{reason} (expected: {window})"

    # hearing and telling

    def _hear(self, report: BrokerReport) -> None:
        match report:
            case LinkEnded(reason):
                self._inbox.put_nowait((None, LinkLost(self._explained(reason)), None))
            case Notice(None, code, text):
                self._inbox.put_nowait((None, Said(code, text), None))
            case _:
                pass

    def _publish(self, change: SessionChanged) -> None:
        self.changes.publish(replace(change, session=self.name))
        self._waiting.moved(change.after)

    def _interrupt(self, reason: str) -> None:
        for synchroniser in tuple(self._synchronisers):
            try:
                synchroniser.interrupted(reason)
            except Exception as error:
                # One service's mistake must not keep the others from hearing that the link is gone.
                asyncio.get_running_loop().call_exception_handler(
                    {"message": f"{type(synchroniser).__name__} failed on an interruption", "exception": error}
                )

    # commands

    async def _command(self, event: Event) -> None:
        if self._task is None or self._task.done():
            raise NotConnected("The session is not being kept.", next_step="Start the supervisor first.")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._inbox.put_nowait((None, event, future))
        await future

    def _shut_down(self) -> None:
        self._pilot.take(DisconnectAsked("the supervisor was stopped"))
        while not self._inbox.empty():
            _, event, command = self._inbox.get_nowait()
            self._waiting.late(event, command)
        self._waiting.stop()

    def __repr__(self) -> str:
        return f"<Supervisor {self._pilot.endpoint}: {self.state.name}, {self._pilot.reason}>"


async def _end(task: asyncio.Task[Any] | None) -> None:
    """Cancel and see it end."""
    if task is not None:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None:
            asyncio.get_running_loop().call_exception_handler({"message": "A session task failed", "exception": error})
