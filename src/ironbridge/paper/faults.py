"""What can be made to go wrong, as values.

A fault is a frozen value that says what happens; a trigger says when. Both are plain data, so that Python, a scenario
file and the control port speak of the same things. How they act is `plan` (on messages that pass) and `stage` (on the
gateway itself). Message kinds are named by their class in `ironbridge.wire`: "OrderStatus", "OpenOrderEnd",
"PlaceOrder". `client` narrows a fault to one client id; None means every one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

# ------------------------------------------------------------------------------------------ on messages that pass


@dataclass(frozen=True, slots=True)
class Swallow:
    """Answers of this kind never arrive; `count` of them, None for all from now on."""

    kind: str
    count: int | None = 1
    client: int | None = None


@dataclass(frozen=True, slots=True)
class Delay:
    """Answers of this kind arrive `seconds` later (of the machine's time)."""

    kind: str
    seconds: float
    count: int | None = 1
    client: int | None = None


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Answers of this kind arrive `copies` more times."""

    kind: str
    copies: int = 1
    count: int | None = 1
    client: int | None = None


@dataclass(frozen=True, slots=True)
class Reorder:
    """An answer of this kind is held back until `behind` more answers have gone to its client."""

    kind: str
    behind: int = 1
    count: int | None = 1
    client: int | None = None


@dataclass(frozen=True, slots=True)
class Ignore:
    """Requests of this kind are not seen by the gateway, as if lost on the way."""

    kind: str
    count: int | None = 1
    client: int | None = None


@dataclass(frozen=True, slots=True)
class RejectOrder:
    """The next orders are refused with this code and text instead of being placed."""

    code: int = 201
    text: str = "Order rejected - reason:Rejected by the fault plan"
    count: int | None = 1
    client: int | None = None


@dataclass(frozen=True, slots=True)
class SilentOrder:
    """The next orders reach the venue and live there, but nothing is ever said of them until somebody asks (I-11)."""

    count: int | None = 1
    client: int | None = None


@dataclass(frozen=True, slots=True)
class SplitModify:
    """A change of a live order becomes a second live order beside it (I-03)."""

    count: int | None = 1
    client: int | None = None


@dataclass(frozen=True, slots=True)
class FillFirst:
    """The next cancels come too late: the order fills at the market before the cancel reaches it (I-16)."""

    count: int | None = 1
    client: int | None = None


@dataclass(frozen=True, slots=True)
class Sentinels:
    """Optional numbers in answers of this kind come as IB's "no value" (I-14)."""

    kind: str
    count: int | None = None
    client: int | None = None


# ------------------------------------------------------------------------------------------ on the gateway


@dataclass(frozen=True, slots=True)
class Drop:
    """The sockets are closed. With `linger`, the client ids stay taken for so many seconds: 326 (I-08)."""

    client: int | None = None
    linger: float = 0.0


@dataclass(frozen=True, slots=True)
class Refuse:
    """New connections are closed as soon as they come, for `seconds` or until `Resume`."""

    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Hang:
    """Sockets stay open and nothing is read, answered or sent; new ones are accepted and hang too (I-10)."""

    client: int | None = None


@dataclass(frozen=True, slots=True)
class SlowHandshake:
    """The hello of a new connection is answered so many seconds late."""

    seconds: float


@dataclass(frozen=True, slots=True)
class NotLoggedIn:
    """The hello is answered, the session never starts: the gateway waits for its own login (I-09)."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Market data stops while the socket lives; with a code, each line is told (10197 for a competing session)."""

    code: int | None = None
    client: int | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Ends Refuse, Hang, SlowHandshake, NotLoggedIn, TakeOver and Silence."""


@dataclass(frozen=True, slots=True)
class SendError:
    """An error message: `id` is a request or order id, or -1; `text` defaults to IB's words for the code."""

    code: int
    text: str = ""
    id: int = -1
    client: int | None = None


@dataclass(frozen=True, slots=True)
class SendOrderError:
    """The error message, once for each order that is live at the venue, under that order's id (I-05)."""

    code: int
    text: str = ""
    client: int | None = None


@dataclass(frozen=True, slots=True)
class TakeOver:
    """A new session under a client id that is taken ends the old one, in place of being refused with 326 (I-19)."""


@dataclass(frozen=True, slots=True)
class LoseUpstream:
    """1100 (and 2110): the gateway has lost IB. Fills go on at the venue; market data stops.

    With `withhold`, what happens to orders is told only after the link is back.
    """

    withhold: bool = False


@dataclass(frozen=True, slots=True)
class RestoreUpstream:
    """1102, or with `data_lost` 1101: then every market-data line is gone without another word."""

    data_lost: bool = False


@dataclass(frozen=True, slots=True)
class BreakFarm:
    """A farm goes: 2103, 2105 or 2157 by its kind; the lines it serves fall silent."""

    name: str = "usfarm"


@dataclass(frozen=True, slots=True)
class MendFarm:
    """It is back: 2104, 2106 or 2158."""

    name: str = "usfarm"


@dataclass(frozen=True, slots=True)
class NextOrderId:
    """nextValidId says this from now on, however high the ids that were used (I-02)."""

    order_id: int


@dataclass(frozen=True, slots=True)
class RepeatExecutions:
    """Every execution of the day is pushed again; with `corrected`, under a correction number one higher (I-15)."""

    corrected: bool = False
    client: int | None = None


@dataclass(frozen=True, slots=True)
class CorrectExecution:
    """The newest execution is of another price or quantity, under a number one higher; 0 is a bust (I-15)."""

    price: float | None = None
    quantity: float | None = None
    client: int | None = None


@dataclass(frozen=True, slots=True)
class Latency:
    """Everything said to clients arrives this much later, in real seconds, up to `longest`, drawn; 0 ends it."""

    seconds: float
    longest: float | None = None


@dataclass(frozen=True, slots=True)
class SendBytes:
    """Raw bytes on the socket, as hexadecimal text: garbage, a truncated frame, a huge length (I-20)."""

    data: str
    client: int | None = None


MessageFault = (
    Swallow | Delay | Duplicate | Reorder | Ignore | RejectOrder | SilentOrder | SplitModify | FillFirst | Sentinels
)
StageFault = (
    Drop
    | Refuse
    | Hang
    | SlowHandshake
    | NotLoggedIn
    | Silence
    | Resume
    | SendError
    | SendOrderError
    | TakeOver
    | LoseUpstream
    | RestoreUpstream
    | BreakFarm
    | MendFarm
    | NextOrderId
    | RepeatExecutions
    | CorrectExecution
    | Latency
    | SendBytes
)
Fault = MessageFault | StageFault

# ------------------------------------------------------------------------------------------ when


@dataclass(frozen=True, slots=True)
class Now:
    pass


@dataclass(frozen=True, slots=True)
class At:
    """At a moment of the gateway's clock."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class After:
    """So many seconds of the gateway's clock after it was injected."""

    seconds: float


@dataclass(frozen=True, slots=True)
class OnMessage:
    """When the `nth` message of this kind has passed: a request once it is handled, an answer once it is queued."""

    kind: str
    nth: int = 1


@dataclass(frozen=True, slots=True)
class AtTimeOfDay:
    """When the exchange's clock (New York) shows this the next time."""

    time: time


class OrderStep(StrEnum):
    """What happens to an order on its way."""

    SENT = "sent"
    """The client's placeOrder has been handled; a change of an order counts as well."""
    ACCEPTED = "accepted"
    WORKING = "working"
    FILL = "fill"
    """Each execution, whole or in part."""
    FILLED = "filled"
    CANCEL_SENT = "cancel sent"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class OnOrder:
    """When this has been said of the `nth` order. What is said of one order again counts once."""

    step: OrderStep
    nth: int = 1


@dataclass(frozen=True, slots=True)
class OnConnect:
    """When the `nth` session has started."""

    nth: int = 1


When = Now | At | After | AtTimeOfDay | OnMessage | OnOrder | OnConnect
NOW = Now()


@dataclass(frozen=True, slots=True)
class Step:
    """Faults that happen together, and their moment."""

    when: When
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """Steps that follow each other: each begins to wait for its moment when the one before it has happened."""

    steps: tuple[Step, ...]
    name: str = ""
