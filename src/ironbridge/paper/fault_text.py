"""Faults and triggers as scenario files and the control port write them.

A fault is the name of its class, alone or with its parameters: `Resume`, `{Drop: {client: 1}}`. Names, parameters and
their types are taken from the classes themselves, so what is added there can be written at once. A trigger is one of

    now   {after: 90}   {after: 5m}   {time: "09:45"}   {time: 2026-11-20T09:45}   {connect: 2}
    {message: PlaceOrder, nth: 3}   {order: accepted, nth: 2}

in seconds or s, m, h, d of the gateway's clock; a time without a zone is the exchange's (New York).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import MISSING, fields
from datetime import datetime, time
from types import NoneType
from typing import Any, get_args, get_type_hints

from ironbridge.errors import InvalidInput
from ironbridge.paper.fault_checks import check_fault, check_when
from ironbridge.paper.faults import (
    NOW,
    After,
    At,
    AtTimeOfDay,
    Fault,
    OnConnect,
    OnMessage,
    OnOrder,
    OrderStep,
    When,
)
from ironbridge.paper.moments import ZONE
from ironbridge.paper.yaml_text import Document, Path

FAULTS: dict[str, type] = {each.__name__: each for each in get_args(Fault)}
"""Every fault by its name."""

FIRST_YEAR, LAST_YEAR = 1990, 2150
"""Of moments that a gateway can be told: the calendars of exchanges are known there."""

_TRIGGERS = ("after", "time", "message", "order", "connect")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)", re.ASCII)
_NOTHING: dict[str, Any] = {}
_TYPE_NAMES = {int: "a whole number", float: "a number", str: "text", bool: "true or false", NoneType: "null"}


# -- shapes


def checked_keys(
    document: Document, path: Path, value: object, known: Sequence[str], *, needed: Sequence[str] = ()
) -> dict[str, Any]:
    """The value as a mapping with these keys and no others.

    Raises:
        InvalidInput: it is none, a key is unknown, or one is missing.
    """
    allowed = f"Known here: {', '.join(known)}." if known else "Nothing is known here."
    if not isinstance(value, dict):
        raise document.wrong(path, f"{value!r} is no mapping.", next_step=allowed)
    for key in value:
        if key not in known:
            raise document.wrong((*path, key), f"{key!r} is not known.", next_step=allowed)
    for key in needed:
        if key not in value:
            raise document.wrong(path, f"{key!r} is missing.", next_step=allowed)
    return value


def text_of(document: Document, path: Path, value: object, *, may_be_empty: bool = False) -> str:
    """The value as text of one or more lines, without space around it.

    Raises:
        InvalidInput: it is none.
    """
    if not isinstance(value, str) or not (value.strip() or may_be_empty):
        raise document.wrong(path, f"{value!r} is no text.", next_step="Give a sentence.")
    return value.strip()


# -- faults


def faults_of(document: Document, path: Path, value: object) -> tuple[Fault, ...]:
    """One fault, or a list of them.

    Raises:
        InvalidInput: one means nothing.
    """
    if isinstance(value, list):
        if not value:
            raise document.wrong(path, "nothing is to be done.", next_step="Name a fault.")
        return tuple(fault_of(document, (*path, at), each) for at, each in enumerate(value))
    return (fault_of(document, path, value),)


def fault_of(document: Document, path: Path, value: object) -> Fault:
    """One fault.

    Raises:
        InvalidInput: there is no such fault, or a parameter that it does not have or cannot have.
    """
    if isinstance(value, str):
        name, given = value, _NOTHING
    elif isinstance(value, dict) and len(value) == 1:
        name, given = next(iter(value.items()))
        given = _NOTHING if given is None else given
        path = (*path, name)
    else:
        raise document.wrong(
            path, f"{value!r} is no fault.", next_step="Write its name, or {Name: {parameter: value}}, one per entry."
        )
    if name not in FAULTS:
        raise document.wrong(path, f"there is no fault {name!r}.", next_step=f"Known: {', '.join(sorted(FAULTS))}.")
    kind = FAULTS[name]
    types = get_type_hints(kind)
    needed = [each.name for each in fields(kind) if each.default is MISSING]
    given = checked_keys(document, path, given, tuple(types), needed=needed)
    parameters = {key: _typed(document, (*path, key), each, types[key]) for key, each in given.items()}
    fault: Fault = kind(**parameters)
    _sound(document, path, fault)
    return fault


def _typed(document: Document, path: Path, value: object, hint: Any) -> object:
    """A parameter of the declared type; a whole number is a number too, a truth is not."""
    kinds = get_args(hint) or (hint,)
    if type(value) in kinds:
        return value
    if float in kinds and type(value) is int:
        return float(value)
    wanted = " or ".join(_TYPE_NAMES[kind] for kind in kinds)
    raise document.wrong(path, f"{value!r} is not {wanted}.")


def _sound(document: Document, path: Path, fault: Fault) -> None:
    try:
        check_fault(fault)
    except InvalidInput as error:
        raise document.wrong(path, error.message, next_step=error.next_step) from None


# -- triggers


def when_of(document: Document, path: Path, value: object) -> When:
    """A trigger.

    Raises:
        InvalidInput: it can never come, or is none.
    """
    if value == "now":
        return NOW
    given = checked_keys(document, path, value, (*_TRIGGERS, "nth"))
    names = [name for name in _TRIGGERS if name in given]
    if len(names) != 1:
        raise document.wrong(path, "a trigger has one of these.", next_step=f"Give {', '.join(_TRIGGERS)} or now.")
    name = names[0]
    if "nth" in given and name not in {"message", "order"}:
        raise document.wrong((*path, "nth"), f"'nth' does not go with {name!r}.")
    when = _trigger(document, (*path, name), name, given[name], _whole(document, (*path, "nth"), given.get("nth", 1)))
    try:
        check_when(when)
    except InvalidInput as error:
        raise document.wrong((*path, name), error.message, next_step=error.next_step) from None
    return when


def _trigger(document: Document, path: Path, name: str, value: object, nth: int) -> When:
    match name:
        case "after":
            return After(seconds_of(document, path, value))
        case "time":
            return _moment(document, path, value)
        case "message":
            return OnMessage(text_of(document, path, value), nth)
        case "order":
            if value not in set(OrderStep):
                raise document.wrong(
                    path, f"{value!r} is no step of an order.", next_step=f"Known: {', '.join(OrderStep)}."
                )
            return OnOrder(OrderStep(str(value)), nth)
        case _:
            return OnConnect(_whole(document, path, value))


def seconds_of(document: Document, path: Path, value: object) -> float:
    """`90`, `1.5`, "90s", "5m", "2h" or "1d" in seconds.

    Raises:
        InvalidInput: it is none of them.
    """
    match = _SPAN.fullmatch(str(value)) if isinstance(value, int | float | str) and value is not True else None
    if match is None:
        raise document.wrong(path, f"{value!r} is no length of time.", next_step="Give seconds, or as in 90s, 5m, 2h.")
    return float(match[1]) * _UNITS[match[2]]


def _moment(document: Document, path: Path, value: object) -> At | AtTimeOfDay:
    text = str(value)
    try:
        return AtTimeOfDay(time.fromisoformat(text)) if len(text) <= len("09:45:00") else At(moment_of(text))
    except ValueError:
        raise document.wrong(
            path, f"{value!r} is no time.", next_step='Give as in "09:45", 2026-11-20T09:45 or 2026-11-20T14:45Z.'
        ) from None


def moment_of(text: str) -> datetime:
    """An ISO moment; without a zone it is the exchange's.

    Raises:
        ValueError: it is none.
    """
    moment = datetime.fromisoformat(text)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=ZONE)


def _whole(document: Document, path: Path, value: object) -> int:
    if type(value) is not int:
        raise document.wrong(path, f"{value!r} is not a whole number.")
    return value
