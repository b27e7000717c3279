"""What a fault and a trigger must be to act at all, judged before anything is armed.

A fault that waits for its moment fires long after whoever injected it has gone: nothing about it may be wrong by then.
"""

from __future__ import annotations

from difflib import get_close_matches

from ironbridge.errors import InvalidInput
from ironbridge.paper.faults import (
    After,
    At,
    BreakFarm,
    CorrectExecution,
    Delay,
    Drop,
    Duplicate,
    Fault,
    Ignore,
    Latency,
    MendFarm,
    MessageFault,
    NextOrderId,
    OnConnect,
    OnMessage,
    OnOrder,
    Refuse,
    Reorder,
    Script,
    SendBytes,
    Sentinels,
    SlowHandshake,
    Swallow,
    When,
)
from ironbridge.paper.latency import checked
from ironbridge.paper.upstream import FARMS
from ironbridge.wire.registry import FORMATS
from ironbridge.wire.values import Role

ANSWERS = frozenset(f.cls.__name__ for f in FORMATS if f.sender is Role.SERVER)
REQUESTS = frozenset(f.cls.__name__ for f in FORMATS if f.sender is Role.CLIENT)

MAX_SECONDS = 10.0 * 366 * 24 * 3600
"""The farthest that a fault may lie ahead: beyond it no gateway runs."""
MAX_COPIES = 10_000
"""Of one message: enough for a storm, not for the machine's memory."""
MAX_RAW_BYTES = 1 << 20


def check_fault(fault: Fault | Script) -> None:
    """Judge a fault, or all of a script.

    Raises:
        InvalidInput: it can never act.
    """
    if isinstance(fault, Script):
        _check_script(fault)
        return
    if isinstance(fault, Ignore):
        _check_kind(fault.kind, REQUESTS)
    elif isinstance(fault, (Swallow, Delay, Duplicate, Reorder, Sentinels)):
        _check_kind(fault.kind, ANSWERS)
    if isinstance(fault, MessageFault):
        _check_count(fault.count)
    match fault:
        case Delay(seconds=seconds) | SlowHandshake(seconds) | Drop(linger=seconds) | Refuse(seconds):
            _check_seconds(seconds)
        case Duplicate(copies=number) | Reorder(behind=number):
            _check_number(number, 1, MAX_COPIES)
        case BreakFarm(name) | MendFarm(name):
            if name not in FARMS:
                raise InvalidInput(f"There is no farm {name!r}.", next_step=f"Name one of {', '.join(FARMS)}.")
        case NextOrderId(order_id):
            _check_number(order_id, 1, 2**31 - 1)
        case CorrectExecution(price, quantity):
            if (price is not None and price <= 0) or (quantity is not None and quantity < 0):
                raise InvalidInput(
                    "A correction has a price above 0 and a quantity of 0 or more.",
                    next_step="Leave out what stays as it was; a quantity of 0 is a bust.",
                )
        case Latency():
            checked(fault)
        case SendBytes(data):
            _check_hexadecimal(data)
        case _:
            pass


def check_when(when: When) -> None:
    """Judge a trigger.

    Raises:
        InvalidInput: it can never come.
    """
    match when:
        case OnMessage(kind, nth):
            _check_kind(kind, ANSWERS | REQUESTS)
            _check_count(nth)
        case OnOrder(nth=nth) | OnConnect(nth):
            _check_count(nth)
        case After(seconds):
            _check_seconds(seconds)
        case At(moment) if moment.tzinfo is None:
            raise InvalidInput(f"{moment.isoformat()} has no time zone.", next_step="Give an aware datetime.")
        case _:
            pass


def _check_script(script: Script) -> None:
    if not any(step.faults for step in script.steps):
        raise InvalidInput("A script with nothing in it never acts.", next_step="Give it steps with faults.")
    for step in script.steps:
        check_when(step.when)
        for fault in step.faults:
            check_fault(fault)


def _check_kind(kind: str, known: frozenset[str]) -> None:
    if kind not in known:
        near = " or ".join(get_close_matches(kind, known)) or "OrderStatus or PlaceOrder"
        raise InvalidInput(
            f"{kind!r} is not a message that passes there.",
            next_step=f"Name a message class of ironbridge.wire, such as {near}.",
        )


def _check_count(number: int | None) -> None:
    if number is not None and number < 1:
        raise InvalidInput(f"A count of {number} never acts.", next_step="Give one or more, or None for always.")


def _check_number(number: int, least: int, most: int) -> None:
    if not least <= number <= most:
        raise InvalidInput(f"{number} is out of bounds.", next_step=f"Give {least} to {most}.")


def _check_seconds(seconds: float | None) -> None:
    # The comparison is false for NaN too.
    if seconds is not None and not 0 <= seconds <= MAX_SECONDS:
        raise InvalidInput(f"{seconds!r} seconds are no length of time.", next_step=f"Give 0 to {MAX_SECONDS:.0f}.")


def _check_hexadecimal(data: str) -> None:
    try:
        raw = bytes.fromhex(data)
    except ValueError:
        raise InvalidInput(
            f"{data[:40]!r} is not hexadecimal.", next_step="Give two digits per byte, as in 00000006."
        ) from None
    if not 0 < len(raw) <= MAX_RAW_BYTES:
        raise InvalidInput(f"{len(raw)} bytes cannot be sent at once.", next_step=f"Give 1 to {MAX_RAW_BYTES}.")
