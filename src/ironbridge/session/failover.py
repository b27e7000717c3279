"""Which gateway a session goes to: the primary, or a backup while the primary cannot be had (CON-8).

Pure: told what happened and when, it answers where to go next. Its rules:

- A gateway is let alone while its circuit breaker is open: after so many failed attempts in a row, or where there is
  another one, after so many links in a row that did not last. The next is then tried at once, the primary before the
  backups, these in their order. Where all are let alone, the first to be probed again is waited for.
- Every gateway is entered as the same client and for the same account; a backup that cannot be (another account, a live
  one that is not armed) is refused until a person connects again. The primary is never passed over for that: there a
  person must act.
- A client id that is taken is waited for where it is taken: another gateway would not free it (CON-4).
- Back to the primary: by `failback` "reconnect" whenever a new link must be made anyway, by "asked" only when a person
  asks. A link that was lost with orders in flight is made again to the gateway that they went to, if it can be had.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ironbridge.domain.alerts import Alert, AlertSeverity
from ironbridge.domain.session import Endpoint, Route
from ironbridge.errors import IronbridgeError
from ironbridge.session.breaker import Breaker
from ironbridge.session.status import GatewayStatus, SupervisorOptions


class OrdersInFlight(IronbridgeError):
    """A move to another gateway was asked for while orders await their answers. Nothing was done."""

    slug = "orders-in-flight"
    retryable = True


@dataclass(slots=True)
class Berth:
    """One gateway, and what is known of it."""

    endpoint: Endpoint
    breaker: Breaker
    attempts: int = 0
    """Attempts in a row that failed: what `retry_attempts` bounds."""
    failures: int = 0
    """Failed attempts and lost links since the session was last READY here: what the waits grow with."""
    drops: int = 0
    """Links in a row that did not last."""
    opened_at: float | None = None
    refused: str = ""
    """Why it cannot serve this session; empty where it may."""
    told: bool = False
    """Whether a person has been told that its breaker is open."""


@dataclass(frozen=True, slots=True)
class Course:
    """Where to go next.

    Parameters:
        endpoint: the gateway.
        moved: whether it is another one than before.
        wait: seconds for which its breaker wants it let alone.
    """

    endpoint: Endpoint
    moved: bool
    wait: float


class Failover:
    """The gateways of one session; `current` is the one that it is at, or goes to next.

    Parameters:
        route: primary and backups.
        options: the breaker's limits, `retry_attempts`, `steady_after` and `failback`.
    """

    def __init__(self, route: Route, options: SupervisorOptions) -> None:
        self.route = route
        self._options = options
        self._berths = [self._berth(endpoint) for endpoint in route.gateways]
        self.current = self._berths[0]
        self._stay = False
        self._served: Endpoint | None = None
        self.moves = 0
        """How often a link was opened to another gateway than the one before."""

    @property
    def primary(self) -> Berth:
        return self._berths[0]

    @property
    def at_primary(self) -> bool:
        return self.current is self.primary

    @property
    def role(self) -> str:
        """What the present gateway is, in words."""
        return "the primary" if self.at_primary else "the backup"

    @property
    def several(self) -> bool:
        return len(self._berths) > 1

    def hopeful(self, now: float) -> bool:
        """Whether there is another gateway, and one of them may be tried now."""
        return self.several and any(not each.refused and each.breaker.wait(now) <= 0 for each in self._berths)

    def configure(self, options: SupervisorOptions) -> None:
        """Use other limits from now on."""
        self._options = options
        for berth in self._berths:
            berth.breaker.limit, berth.breaker.cooldown = options.breaker_limit, options.breaker_cooldown

    def retarget(self, route: Route) -> None:
        """Use these gateways from now on; what is known of those that stay is kept, and so is the place."""
        known = {berth.endpoint: berth for berth in self._berths}
        self.route = route
        self._berths = [known.get(endpoint) or self._berth(endpoint) for endpoint in route.gateways]
        for berth in self._berths:
            berth.attempts = 0
        if self.current not in self._berths:
            self.current = self._berths[0]

    def asked(self, *, primary: bool = False) -> None:
        """A person wants a link now: what was held against a gateway is forgotten but for its breaker."""
        for berth in self._berths:
            berth.attempts, berth.failures, berth.drops, berth.refused = 0, 0, 0, ""
        self._stay = False
        if primary or self._options.failback == "reconnect":
            self.current = self.primary

    def failed(self, now: float) -> None:
        """An attempt here failed."""
        self.current.breaker.failed(now)
        self.taken()

    def taken(self) -> None:
        """An attempt here failed because the client id is taken: no fault of the gateway."""
        self.current.attempts += 1
        self.current.failures += 1

    def broken(self, at: datetime, why: str) -> Alert | None:
        """The alert of a breaker that has opened here: once for all the probes that fail, until a link is open."""
        here, breaker = self.current, self.current.breaker
        if here.told or breaker.opened_at is None:
            return None
        here.told = True
        text = f"The circuit breaker of {self.role} {here.endpoint} is open after {breaker.failures} failures in a row"
        pause = f"nothing is tried there for {breaker.cooldown:g} s, then one probe is. {why}"
        step = "`ironbridge doctor` says what is wrong; breaker_failures and breaker_cooldown say when it opens."
        return Alert(at, "breaker-open", AlertSeverity.WARNING, f"{text}: {pause}", step)

    def refuse(self, reason: str) -> None:
        """This gateway cannot serve the session."""
        self.current.refused = reason
        self.current.opened_at = None

    def opened(self, now: float) -> Endpoint | None:
        """A link is open here; returns the gateway of the link before where that was another one."""
        here = self.current
        here.attempts = 0
        here.breaker.succeeded()
        here.told = False
        here.opened_at = now
        before, self._served = self._served, here.endpoint
        if before in (None, here.endpoint):
            return None
        self.moves += 1
        return before

    def settled(self) -> None:
        """The session is READY here."""
        self.current.failures = 0
        self._stay = False

    def lost(self, now: float, *, in_flight: bool) -> None:
        """The link here was lost; `in_flight`: orders were waiting for their answers on it."""
        here = self.current
        here.failures += 1
        self._stay = self._stay or in_flight
        lasted = here.opened_at is not None and now - here.opened_at >= self._options.steady_after
        here.opened_at = None
        here.drops = 0 if lasted else here.drops + 1
        if self.several and here.drops >= self._options.breaker_limit:
            here.breaker.trip(now)

    def next(self, now: float) -> Course | None:
        """Where to go now, and it becomes `current`; None where every gateway has had its attempts."""
        limit = self._options.retry_attempts
        able = [berth for berth in self._preferred() if not berth.refused and not 0 < limit <= berth.attempts]
        if not able:
            return None
        chosen = min(able, key=lambda berth: berth.breaker.wait(now))  # the first of those that need not be waited for
        course = Course(chosen.endpoint, chosen is not self.current, chosen.breaker.wait(now))
        self.current = chosen
        return course

    def status(self, now: float) -> tuple[GatewayStatus, ...]:
        """Each gateway as it stands."""
        return tuple(
            GatewayStatus(
                berth.endpoint, berth is self.primary, berth is self.current, berth.breaker.state(now), berth.refused
            )
            for berth in self._berths
        )

    def _preferred(self) -> list[Berth]:
        if self._options.failback == "reconnect" and not self._stay:
            return self._berths
        place = self._berths.index(self.current)
        return self._berths[place:] + self._berths[:place]

    def _berth(self, endpoint: Endpoint) -> Berth:
        return Berth(endpoint, Breaker(self._options.breaker_limit, self._options.breaker_cooldown))

    def __repr__(self) -> str:
        return f"<Failover at {self.current.endpoint}, {len(self._berths)} gateways>"


def moved(at: datetime, gateways: Failover, before: Endpoint, why: str) -> Alert:
    """The alert of a session that is at another gateway than it was."""
    here = f"The session is at {gateways.role} {gateways.current.endpoint} now, no more at {before}: {why}"
    if gateways.at_primary:
        return Alert(at, "failback", AlertSeverity.INFO, here)
    return Alert(at, "failover", AlertSeverity.WARNING, here, "Mend the primary; until then this one serves.")


def refused(at: datetime, endpoint: Endpoint, error: IronbridgeError) -> Alert:
    """The alert of a backup that cannot serve."""
    text = f"The backup {endpoint} cannot be used: {error.message}"
    step = f"{error.next_step} It is not tried again before the next connect."
    return Alert(at, "backup-refused", AlertSeverity.WARNING, text, step.lstrip())
