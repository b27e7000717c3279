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

from ironbridge.errors import InvalidInput
from ironbridge.paper.faults import (
    NOW,
    After,
    At,
    Delay,
    Duplicate,
    Fault,
    Ignore,
    MessageFault,
    Now,
    OnMessage,
    RejectOrder,
    Reorder,
    Sentinels,
    SilentOrder,
    SplitModify,
    StageFault,
    Swallow,
    When,
)
from ironbridge.wire.registry import FORMATS
from ironbridge.wire.values import UNSET, Role

_MESSAGE_FAULTS = (Swallow, Delay, Duplicate, Reorder, Ignore, RejectOrder, SilentOrder, SplitModify, Sentinels)
_ANSWERS = frozenset(f.cls.__name__ for f in FORMATS if f.sender is Role.SERVER)
_REQUESTS = frozenset(f.cls.__name__ for f in FORMATS if f.sender is Role.CLIENT)

_OPTIONAL = frozenset({"Money", "Real"})
"""The annotations under which `ironbridge.wire` keeps numbers that may have no value."""

F = TypeVar("F", RejectOrder, SilentOrder, SplitModify)


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
    """A fault that waits for its trigger."""

    number: int
    fault: Fault
    due: datetime | None
    kind: str
    left: int


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

    def inject(self, fault: Fault, when: When = NOW) -> int:
        """Arm a fault; returns its number, by which it can be withdrawn.

        Raises:
            InvalidInput: a message kind that the protocol does not have, or a count below one.
        """
        _check(fault)
        number = next(self._numbers)
        match when:
            case Now():
                self._fire(number, fault)
            case At(moment):
                self._wait(_Waiting(number, fault, moment, "", 0))
            case After(seconds):
                self._wait(_Waiting(number, fault, self._now() + timedelta(seconds=seconds), "", 0))
            case OnMessage(kind, nth):
                _check_kind(kind, _ANSWERS | _REQUESTS)
                _check_count(nth)
                self._waiting.append(_Waiting(number, fault, None, kind, nth))
        return number

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

    def pending(self) -> list[tuple[int, Fault]]:
        """What is armed or waiting, by number."""
        both = [(a.number, a.fault) for a in self._armed] + [(w.number, w.fault) for w in self._waiting]
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
        kind = type(message).__name__
        due = []
        for waiting in self._waiting:
            if waiting.kind == kind:
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
            self._fire(waiting.number, waiting.fault)

    def _fire(self, number: int, fault: Fault) -> None:
        if isinstance(fault, _MESSAGE_FAULTS):
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
        elif field.type in _OPTIONAL and value is not None:
            changes[field.name] = UNSET
    return replace(message, **changes) if changes else message


def _meets(fault: MessageFault, client: int | None) -> bool:
    return fault.client is None or fault.client == client


def _check(fault: Fault) -> None:
    if isinstance(fault, Ignore):
        _check_kind(fault.kind, _REQUESTS)
    elif isinstance(fault, (Swallow, Delay, Duplicate, Reorder, Sentinels)):
        _check_kind(fault.kind, _ANSWERS)
    if isinstance(fault, _MESSAGE_FAULTS) and fault.count is not None:
        _check_count(fault.count)


def _check_kind(kind: str, known: frozenset[str]) -> None:
    if kind not in known:
        raise InvalidInput(
            f"{kind!r} is not a message that passes there.",
            next_step="Name a message class of ironbridge.wire, such as OrderStatus or PlaceOrder.",
        )


def _check_count(number: int) -> None:
    if number < 1:
        raise InvalidInput(f"A count of {number} never acts.", next_step="Give one or more, or None for always.")
