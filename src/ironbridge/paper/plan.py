"""The fault plan: which faults are armed, and what they do to each message that passes.

Owns the counting ("the next two", "the third OpenOrder") and the triggers. Invariant: with nothing armed a message
costs one test and passes unchanged; a fault with a count of n acts on exactly n messages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from ironbridge.paper.fault_checks import check_fault, check_when
from ironbridge.paper.faults import (
    NOW,
    After,
    At,
    AtTimeOfDay,
    Delay,
    Duplicate,
    Fault,
    FillFirst,
    Ignore,
    MessageFault,
    Now,
    OnConnect,
    OnMessage,
    OnOrder,
    RejectOrder,
    Reorder,
    Script,
    Sentinels,
    SilentOrder,
    SplitModify,
    StageFault,
    Swallow,
    When,
)
from ironbridge.paper.moments import ZONE
from ironbridge.paper.order_steps import Watch, connects, order_step
from ironbridge.wire.values import UNSET

_OPTIONAL = frozenset({"Money", "Real"})
"""The annotations under which `ironbridge.wire` keeps numbers that may have no value."""

_ALWAYS_GIVEN = frozenset({"total_quantity", "cum_qty"})
"""Numbers that no gateway ever leaves out: without them an order or an execution would mean nothing."""

F = TypeVar("F", RejectOrder, SilentOrder, SplitModify, FillFirst)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to be delivered: now, in `seconds`, or after `behind` others."""

    message: Any
    seconds: float = 0.0
    behind: int = 0


@dataclass(slots=True)
class _Armed:
    """A message fault that is in force."""

    number: int
    fault: MessageFault
    left: int | None


@dataclass(slots=True)
class _Waiting:
    """A fault that waits for its trigger: a moment, or the last of `left` messages that the watch notices.

    Of a script it is the first step that waits, unless the script itself has not begun.
    """

    number: int
    fault: Fault | Script
    due: datetime | None
    watch: Watch | None = None
    left: int = 0
    begun: bool = False


class FaultPlan:
    """What goes wrong, and when.

    Parameters:
        now: the gateway's clock.
        perform: what carries out a fault on the gateway itself.
    """

    def __init__(self, now: Callable[[], datetime], perform: Callable[[StageFault], None]) -> None:
        self._now = now
        self._perform = perform
        self._numbers = count(1)
        self._armed: list[_Armed] = []
        self._waiting: list[_Waiting] = []

    def inject(self, fault: Fault | Script, when: When = NOW) -> int:
        """Arm a fault, or a script of them; returns its number, by which it can be withdrawn.

        Raises:
            InvalidInput: a message kind that the protocol does not have, or a count below one.
        """
        check_when(when)
        check_fault(fault)
        number = next(self._numbers)
        self._arm(number, fault, when)
        return number

    def _arm(self, number: int, fault: Fault | Script, when: When, *, begun: bool = False) -> None:
        match when:
            case Now():
                self._happen(_Waiting(number, fault, None, begun=begun))
            case At(moment):
                self._wait(_Waiting(number, fault, moment, begun=begun))
            case After(seconds):
                self._wait(_Waiting(number, fault, self._now() + timedelta(seconds=seconds), begun=begun))
            case AtTimeOfDay():
                self._wait(_Waiting(number, fault, _next(when, self._now()), begun=begun))
            case OnMessage(kind, nth):
                watch: Watch = lambda message: message if type(message).__name__ == kind else None  # noqa: E731
                self._waiting.append(_Waiting(number, fault, None, watch, nth, begun))
            case OnOrder(step, nth):
                self._waiting.append(_Waiting(number, fault, None, order_step(step), nth, begun))
            case OnConnect(nth):
                self._waiting.append(_Waiting(number, fault, None, connects(), nth, begun))

    def withdraw(self, number: int) -> bool:
        """Disarm a fault that is armed or waiting; whether there was one."""
        before = len(self._armed) + len(self._waiting)
        self._armed = [each for each in self._armed if each.number != number]
        self._waiting = [each for each in self._waiting if each.number != number]
        return len(self._armed) + len(self._waiting) < before

    def clear(self) -> None:
        """Disarm everything. What has been done to the gateway stays done; see `Resume`."""
        self._armed.clear()
        self._waiting.clear()

    def pending(self) -> list[tuple[int, Fault | Script]]:
        """What is armed or waiting, by number."""
        both: list[tuple[int, Fault | Script]] = [(a.number, a.fault) for a in self._armed]
        both += [(w.number, w.fault) for w in self._waiting]
        return sorted(both, key=lambda pair: pair[0])

    # -- on the way

    @property
    def idle(self) -> bool:
        """Whether nothing is armed and nothing waits: messages may pass unlooked at."""
        return not self._armed and not self._waiting

    def answers(self, client: int | None, message: Any) -> tuple[Delivery, ...]:
        """What becomes of an answer on its way to a client."""
        if not self._armed:
            return (Delivery(message),)
        kind = type(message).__name__
        seconds, behind, copies = 0.0, 0, 1
        for armed in tuple(self._armed):
            fault = armed.fault
            if getattr(fault, "kind", None) != kind or not _meets(fault, client):
                continue
            match fault:
                case Swallow():
                    self._use(armed)
                    return ()
                case Delay():
                    seconds += fault.seconds
                case Duplicate():
                    copies += fault.copies
                case Reorder():
                    behind += fault.behind
                case Sentinels():
                    message = without_values(message)
                case _:
                    continue
            self._use(armed)
        return (Delivery(message, seconds, behind),) * copies

    def ignores(self, client: int | None, message: Any) -> bool:
        """Whether a request is lost before the gateway sees it."""
        kind = type(message).__name__
        for armed in self._armed:
            if isinstance(armed.fault, Ignore) and armed.fault.kind == kind and _meets(armed.fault, client):
                self._use(armed)
                return True
        return False

    def take(self, which: type[F], client: int | None) -> F | None:
        """Use up one of the faults that concern orders, if one is armed for this client."""
        for armed in self._armed:
            fault = armed.fault
            if isinstance(fault, which) and _meets(fault, client):
                self._use(armed)
                return fault
        return None

    def passed(self, message: Any) -> None:
        """A message has passed: count it for the triggers."""
        if not self._waiting:
            return
        due = []
        for waiting in self._waiting:
            if waiting.watch is not None and waiting.watch(message) is not None:
                waiting.left -= 1
                if waiting.left == 0:
                    due.append(waiting)
        self._fire_all(due)

    def advance(self, now: datetime) -> None:
        """Fire what has come due."""
        if self._waiting:
            self._fire_all([each for each in self._waiting if each.due is not None and each.due <= now])

    # -- inside

    def _wait(self, waiting: _Waiting) -> None:
        self._waiting.append(waiting)
        self.advance(self._now())

    def _fire_all(self, due: list[_Waiting]) -> None:
        for waiting in due:
            self._waiting.remove(waiting)
            self._happen(waiting)

    def _happen(self, waiting: _Waiting) -> None:
        number, fault = waiting.number, waiting.fault
        if not isinstance(fault, Script):
            self._fire(number, fault)
            return
        steps = fault.steps
        if waiting.begun:
            for each in steps[0].faults:
                self._fire(number, each)
            steps = steps[1:]
        if steps:
            self._arm(number, replace(fault, steps=steps), steps[0].when, begun=True)

    def _fire(self, number: int, fault: Fault) -> None:
        if isinstance(fault, MessageFault):
            self._armed.append(_Armed(number, fault, fault.count))
        else:
            self._perform(fault)

    def _use(self, armed: _Armed) -> None:
        if armed.left is not None:
            armed.left -= 1
            if armed.left == 0:
                self._armed.remove(armed)


def without_values(message: Any) -> Any:
    """The message with IB's "no value" in every optional number, nested ones included."""
    changes: dict[str, Any] = {}
    for field in fields(message):
        value = getattr(message, field.name)
        if hasattr(value, "__dataclass_fields__"):
            changes[field.name] = without_values(value)
        elif field.type in _OPTIONAL and value is not None and field.name not in _ALWAYS_GIVEN:
            changes[field.name] = UNSET
    return replace(message, **changes) if changes else message


def _meets(fault: MessageFault, client: int | None) -> bool:
    return fault.client is None or fault.client == client


def _next(when: AtTimeOfDay, now: datetime) -> datetime:
    """The next moment at which the exchange's clock shows it."""
    local = now.astimezone(ZONE)
    moment = datetime.combine(local.date(), when.time, ZONE)
    return moment if moment > local else datetime.combine(local.date() + timedelta(days=1), when.time, ZONE)
