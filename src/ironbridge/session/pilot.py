"""Decides: given what has happened, which state the session is in and what is to be done next.

Pure but for the clock and the dice it is handed: no awaits, no sockets. `Supervisor` tells it events and carries out
its steps, one at a time; so a command of a person and a broken socket can never pull in two directions. Invariants: the
state moves only along `domain.session.TRANSITIONS`; a step to open is given only where no link is held; a state that
allows orders is entered only from a synchronisation that succeeded on the link that is held. Where to go is decided by
`Failover`, when by this.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ironbridge.domain.alerts import Alert
from ironbridge.domain.session import Endpoint, Route, SessionChanged, SessionInfo, SessionState, check_move
from ironbridge.errors import ClientIdInUse, ConnectFailed, IronbridgeError, LiveAccountRefused
from ironbridge.interfaces import Clock
from ironbridge.session.accounts import choose_account
from ironbridge.session.breaker import Breaker
from ironbridge.session.failover import Failover, OrdersInFlight, moved, refused
from ironbridge.session.farms import Change, Layers
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
from ironbridge.session.status import SupervisorOptions

S = SessionState

HELD = frozenset({S.CONNECTED, S.SYNCING, S.READY, S.DEGRADED})
"""States in which a link is held."""

UNREADABLE = 508
"""The broker's notice that a message could not be read: what it said is not known."""


class Pilot:
    """The session's state and its next step.

    Parameters:
        route: where to connect, and where else where that cannot be.
        clock: stamps changes.
        random: a number in [0, 1) at each call.
        account: the account to use, or None for the login's own.
        live_account: the one live account that may be traded, or None.
        options: times and limits; replaceable at any moment.
        changed: told each change of state or of its reason.
        interrupted: told when the link, or IB behind it, is lost.
        alert: told what a person should know of.
        carries_orders: whether orders go over it; where none can, any login will do.
    """

    def __init__(
        self,
        route: Route,
        clock: Clock,
        random: Callable[[], float],
        *,
        account: str | None,
        live_account: str | None,
        options: SupervisorOptions,
        changed: Callable[[SessionChanged], None],
        interrupted: Callable[[str], None],
        alert: Callable[[Alert], None] = lambda _: None,
        carries_orders: bool = True,
    ) -> None:
        self.gateways = Failover(route, options)
        self._target: Route | None = None
        """Where to go from the next attempt on, where that is not as it was."""
        self._why_here = ""
        self.options = options
        self._alert = alert
        self.in_flight: Callable[[], int] = lambda: 0
        """How many orders wait for their answers."""
        self.carries_orders = carries_orders
        self._clock = clock
        self._random = random
        self._wanted_account = account
        self._live_account = live_account
        self._changed = changed
        self._interrupted = interrupted
        self.state = S.DISCONNECTED
        self.reason = "not connected yet"
        self.since: datetime = clock.now()
        self.info: SessionInfo | None = None
        self.account: str | None = account
        self.layers = Layers()
        self.failures = 0
        self.last_error: Exception | None = None
        self.next_attempt_at: datetime | None = None
        self.attempts = self.successes = self.links_lost = 0
        self.time_to_reconnect: float | None = None
        self._lost_at: float | None = None
        self._doubted_at = float("-inf")
        self._synchronise_failures = 0

    @property
    def endpoint(self) -> Endpoint:
        """Of the present session, or of the next where there is none."""
        return self.gateways.current.endpoint

    @property
    def breaker(self) -> Breaker:
        """Of the gateway at hand."""
        return self.gateways.current.breaker

    @property
    def hopeful(self) -> bool:
        """Whether the attempt goes on at once, here or elsewhere, so that a person who waits for it may wait on."""
        taken = isinstance(self.last_error, ClientIdInUse)
        return self.state is S.RECONNECTING and not taken and self.gateways.hopeful(self._clock.monotonic())

    def configure(self, options: SupervisorOptions) -> None:
        """Use other times and limits from now on."""
        self.options = options
        self.gateways.configure(options)

    @property
    def held(self) -> bool:
        return self.state in HELD

    @property
    def lost(self) -> bool:
        """Whether a link, or IB behind it, was lost without anybody asking for that, and is not back yet."""
        return self._lost_at is not None or (self.held and not self.layers.upstream)

    @property
    def live_account(self) -> str | None:
        """The one live account that may be traded."""
        return self._live_account

    def retarget(self, route: Route, account: str | None, live_account: str | None) -> None:
        """Whom to connect to from the next attempt on; a session that is held goes on as it is.

        Only disarming takes effect at once: what must not be traded any more is not traded until the next connect.
        """
        self._target = route
        self._wanted_account = account
        self._live_account = live_account
        if not self.held:
            self._adopt()
            self.account = account

    def take(self, event: Event) -> Step | None:
        """The step that follows from `event`; None to go on with the present one."""
        match event:
            case ConnectAsked(route) if route is None or route.primary == self.gateways.route.primary:
                self._target = route or self._target
                under_way = self.held or self.state is S.CONNECTING
                return None if under_way else self._open_anew("a connect was asked for")
            case ConnectAsked(route):
                return self.take(ReconnectAsked(route, "a connect elsewhere was asked for"))
            case ReconnectAsked(route, reason):
                self._target = route or self._target
                return self._open_anew(reason)
            case FailbackAsked(force):
                return self._fail_back(force=force)
            case DisconnectAsked(reason):
                return self._disconnect(reason)
            case Opened(info):
                return self._opened(info)
            case OpenFailed(error):
                return self._open_failed(error)
            case Waited():
                return self._open("trying again") if self.state is S.RECONNECTING else None
            case LinkLost(reason) | BeatMissed(reason):
                return self._lost(reason) if self.held else None
            case Said(code, text):
                return self._said(code, text)
            case Synchronised():
                return self._synchronised() if self.state is S.SYNCING else None
            case SynchroniseFailed(who, error):
                return self._synchronise_failed(who, error) if self.state is S.SYNCING else None
            case Closed():
                return None

    def _adopt(self) -> None:
        if self._target is not None:
            self.gateways.retarget(self._target)
            self._target = None

    def _open_anew(self, reason: str, *, primary: bool = False) -> Step:
        """Because a person asks for it."""
        if self.held:
            self._interrupted(reason)
            self._move(S.RECONNECTING, reason)
        self._adopt()
        self.gateways.asked(primary=primary)
        self._why_here = reason
        return self._open(reason)

    def _fail_back(self, *, force: bool) -> Step | None:
        if self.gateways.at_primary:
            return self.take(ConnectAsked())
        if not force and self.held and (count := self.in_flight()):
            raise OrdersInFlight(
                f"{count} orders wait for their answers from {self.endpoint}; the session stays there.",
                next_step="Ask again when they are answered, or force it: they are then reconciled at the primary.",
            )
        return self._open_anew("a return to the primary was asked for", primary=True)

    def _open(self, reason: str) -> Step:
        self.info = None
        self.layers.reset()
        self.next_attempt_at = None
        self.attempts += 1
        self._move(S.CONNECTING, f"{reason}: {self.endpoint}")
        return Step(Do.OPEN)

    def _disconnect(self, reason: str) -> Step | None:
        if self.state is S.DISCONNECTED:
            return None
        if self.held:
            self._interrupted(reason)
        self.info = None
        self.next_attempt_at = None
        self._lost_at = None
        self.failures = 0
        self._move(S.DISCONNECTED, reason)
        return Step(Do.CLOSE)

    def _opened(self, info: SessionInfo) -> Step | None:
        if self.state is not S.CONNECTING:
            return None
        self.successes += 1
        self.info = info
        self._move(S.CONNECTED, f"connected to {self.endpoint}")
        if self.carries_orders:
            try:
                self.account = choose_account(info.accounts, self._wanted_account, self._live_account)
            except (LiveAccountRefused, ConnectFailed) as error:
                self.last_error = error
                self.info = None
                return self._refused(error)
        if (before := self.gateways.opened(self._clock.monotonic())) is not None:
            self._alert(moved(self._clock.now(), self.gateways, before, self._why_here))
        if not self.layers.upstream:
            self._move(S.SYNCING, "the gateway is connected, IB is not")
            self._move(S.DEGRADED, self.layers.reason)
            return REST
        return self._synchronise("catching up with the broker")

    def _open_failed(self, error: IronbridgeError) -> Step | None:
        if self.state is not S.CONNECTING:
            return None
        self.last_error = error
        self.failures += 1
        if not error.retryable:
            return self._refused(error)
        if isinstance(error, ClientIdInUse):
            # The gateway is well: no failure for the breaker. Another id would connect at once, and could neither see
            # nor cancel this id's orders (CON-4).
            self.gateways.taken()
            return self._go_on(error.message, "The same id is tried again", self.options.client_id_cap)
        self.gateways.failed(self._clock.monotonic())
        return self._go_on(str(error), "Trying again", self.options.backoff_cap)

    def _refused(self, error: IronbridgeError) -> Step:
        """The gateway cannot serve this session. At the primary a person must act; a backup is passed over."""
        if self.gateways.at_primary:
            return self._give_up(str(error))
        self.gateways.refuse(str(error))
        alert = refused(self._clock.now(), self.endpoint, error)
        self._alert(alert)
        return self._go_on(alert.text, "Trying again", self.options.backoff_cap)

    def _go_on(self, what: str, again: str, cap: float) -> Step:
        """Wait and try again: here, or at once at another gateway."""
        if (alert := self.gateways.broken(self._clock.now(), what)) is not None:
            self._alert(alert)
        here, course = self.endpoint, self.gateways.next(self._clock.monotonic())
        if course is None:
            each = " at each gateway" if self.gateways.several else ""
            limit = self.options.retry_attempts
            return self._give_up(f"Given up after {limit} failed attempts{each} (retry_attempts): {what}")
        delay = course.wait if course.moved else max(self._backoff(cap), course.wait)
        if course.moved:
            self._why_here = f"{here} cannot be had: {what}"
            again = f"Going to {self.gateways.role} {course.endpoint}"
        rest = " (too many failures in a row: the breaker is open)" if course.wait > 0 else ""
        self._move(S.RECONNECTING, f"{what} {again} in {delay:.1f} s{rest}")
        return self._wait(delay)

    def _give_up(self, reason: str) -> Step:
        """A person must act; the next connect begins to count afresh."""
        self._move(S.FAILED, reason)
        return Step(Do.CLOSE)

    def _lost(self, reason: str) -> Step:
        self.links_lost += 1
        self._lost_at = self._lost_at if self._lost_at is not None else self._clock.monotonic()
        self.info = None
        self.failures += 1
        # Asked before anybody hears of the loss: from then on these orders are UNKNOWN.
        self.gateways.lost(self._clock.monotonic(), in_flight=self.in_flight() > 0)
        self._interrupted(reason)
        self._adopt()
        return self._go_on(f"The link was lost: {reason}.", "Trying again", self.options.backoff_cap)

    def _wait(self, delay: float) -> Step:
        self.next_attempt_at = self._clock.now() + timedelta(seconds=delay)
        return Step(Do.WAIT, delay)

    def _said(self, code: int, text: str) -> Step | None:
        change = self.layers.take(code, text)
        if not self.held:
            return None
        match change:
            case Change.UPSTREAM_LOST:
                self._interrupted(self.layers.reason)
                self._move(S.DEGRADED, self.layers.reason)
                return REST
            case Change.RESTORED:
                return self._synchronise(self.layers.reason)
            case Change.PORT_RESET:
                return self._lost(f"{text} ({code})")
            case Change.FARMS:
                if self.state in (S.READY, S.DEGRADED) and self.layers.upstream:
                    self._settle()
            case Change.NONE:
                return self._doubt(text) if code == UNREADABLE else None
        return None

    def _doubt(self, text: str) -> Step | None:
        """A message was lost on us; what it said is asked for again, but not without end (I-20)."""
        now = self._clock.monotonic()
        orderly = self.state is S.READY or (self.state is S.DEGRADED and self.layers.upstream)
        if not orderly or now - self._doubted_at < self.options.doubt_interval:
            return None
        self._doubted_at = now
        return self._synchronise(text)

    def _synchronise(self, reason: str) -> Step:
        self._synchronise_failures = 0
        self._move(S.SYNCING, reason)
        return Step(Do.SYNCHRONISE)

    def _synchronised(self) -> Step:
        self.failures = 0
        self.gateways.settled()
        self.last_error = None
        if self._lost_at is not None:
            self.time_to_reconnect = self._clock.monotonic() - self._lost_at
            self._lost_at = None
        self._settle()
        return REST

    def _synchronise_failed(self, who: str, error: Exception) -> Step:
        """Nothing is known until everything is: stay, say so, and try again (I-04)."""
        self._synchronise_failures += 1
        self.last_error = error
        delay = self._jitter(self._synchronise_failures, self.options.backoff_cap)
        self._move(S.SYNCING, f"{who} could not catch up: {error} Trying again in {delay:.1f} s")
        return Step(Do.SYNCHRONISE, delay)

    def _settle(self) -> None:
        broken = self.layers.broken
        if broken:
            self._move(S.DEGRADED, f"data farms are down: {', '.join(broken)}; orders are not affected")
        else:
            self._move(S.READY, "orders, positions and subscriptions are up to date")

    def _backoff(self, cap: float) -> float:
        return self._jitter(self.gateways.current.failures, cap)

    def _jitter(self, failures: int, cap: float) -> float:
        """Exponential backoff with full jitter: anywhere between nothing and the bound, so that clients spread."""
        # The exponent is bounded because 2**1024 is no float; the cap is reached long before.
        bound = min(cap, self.options.backoff_base * 2.0 ** min(max(failures - 1, 0), 64))
        return self._random() * bound

    def _move(self, after: SessionState, reason: str) -> None:
        before = self.state
        if after is before:
            if reason == self.reason:
                return
        else:
            check_move(before, after)
            self.since = self._clock.now()
        self.state, self.reason = after, reason
        self._changed(SessionChanged(self._clock.now(), before, after, reason))
