"""A set-up examined: the facts that were found at a gateway, and the findings that follow from them.

Facts (`Examined`) are gathered by `ops.examination`, which judges nothing; findings are made of them by
`session.doctor`, which asks nothing. Both are plain data, so that a judgement can be tested without a socket and an
examination shown without a judgement.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Hurdle(StrEnum):
    """Where the way to a session ended."""

    NO_HOST = "no-host"
    NOTHING_LISTENS = "nothing-listens"
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no-answer"
    """The connection was taken, the API's greeting was not answered."""
    CLOSED = "closed"
    """The connection was taken and ended at the greeting."""
    NOT_TWS = "not-tws"
    """Something answered that is not the TWS protocol."""
    NO_VERSION = "no-version"
    """A gateway answered, of an API version that is not spoken here."""
    SESSION_CLOSED = "session-closed"
    """The greeting was answered; the connection ended once the client id was named."""
    NO_SESSION = "no-session"
    """The greeting was answered; accounts and order id never came."""
    STALLED = "stalled"
    """The session began, and then a plain question was not answered."""
    LOST = "lost"
    """The session began and broke off."""


class OrdersAnswer(StrEnum):
    """What came of asking which orders are open."""

    NOT_ASKED = "not-asked"
    ANSWERED = "answered"
    READ_ONLY = "read-only"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Heard:
    """An error message of the gateway. `id` is -1 where it is about the session."""

    id: int
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class QuoteAnswer:
    """What came of asking for a snapshot of one stock.

    Parameters:
        symbol: the stock.
        ticked: whether a price came.
        said: the error messages about it, in order.
        kind: what prices come as, by IB's number: 1 live, 2 frozen, 3 delayed, 4 delayed frozen.
    """

    symbol: str
    ticked: bool
    said: tuple[Heard, ...] = ()
    kind: int = 1


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found at an address. What was not come to is None or empty.

    Parameters:
        host: that was asked.
        port: that was asked.
        client_id: that the settings name.
        hurdle: where the way ended; None where everything was asked.
        detail: about the hurdle, in the words of what was met.
        client_id_taken: the gateway answered 326 to the client id; the rest was asked under another one.
        server_version: the API version agreed on, or the one it offered.
        accounts: of the login.
        next_order_id: as the gateway gave it.
        skew: seconds by which its clock is ahead of ours; IB tells whole seconds, so within one is none.
        orders: see `OrdersAnswer`.
        quotes: one for each stock asked for.
        heard: error messages that were about the session, in order.
        id_tried: False where another id was used, because a session of our own goes by this one.
        reached: seconds until the connection was taken.
        greeted: seconds until the greeting was answered, from then on.
        round_trip: seconds for a plain question and its answer.
        elsewhere: IB's other usual ports at which a gateway answers, asked where nothing listens at this one.
    """

    host: str
    port: int
    client_id: int
    hurdle: Hurdle | None = None
    detail: str = ""
    client_id_taken: bool = False
    server_version: int | None = None
    accounts: tuple[str, ...] = ()
    next_order_id: int | None = None
    skew: float | None = None
    orders: OrdersAnswer = OrdersAnswer.NOT_ASKED
    quotes: tuple[QuoteAnswer, ...] = ()
    heard: tuple[Heard, ...] = ()
    elsewhere: tuple[int, ...] = ()
    id_tried: bool = True
    reached: float | None = None
    greeted: float | None = None
    round_trip: float | None = None


class Severity(StrEnum):
    ERROR = "error"
    """Ironbridge cannot trade with this set-up."""
    WARNING = "warning"
    """It can, and something will be missing or wrong."""
    INFO = "info"
    """Worth knowing; nothing to mend."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a set-up.

    Parameters:
        id: its name for programs; see `session.doctor`.
        severity: how bad it is.
        sentence: what is so.
        remedy: what a person does about it; empty where there is nothing to do.
    """

    id: str
    severity: Severity
    sentence: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """An examination and what follows from it."""

    examined: Examined
    findings: tuple[Finding, ...]

    @property
    def connects(self) -> bool:
        """Whether a session can be had under the client id of the settings."""
        return self.examined.hurdle is None and not self.examined.client_id_taken

    @property
    def usable(self) -> bool:
        """Whether a session can be had and orders can be sent over it."""
        return self.connects and all(finding.severity is not Severity.ERROR for finding in self.findings)

    @property
    def healthy(self) -> bool:
        """Whether there is nothing to mend."""
        return all(finding.severity is Severity.INFO for finding in self.findings)
