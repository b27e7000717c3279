"""One readable line for each entry of a recording, and the same as JSON.

A line is the time, who speaks (`->` the client to the gateway, `<-` the gateway to the client), the message's name and
what is set in it; a field that holds what it holds by default is not shown. A message whose id is not known is shown
raw, one that cannot be read raw and with the reason.

Invariant: an entry is exactly one line, whatever is in it: no text can end the line early or steer a terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from ironbridge.errors import ProtocolError
from ironbridge.paper.recording import Agreed, Closed, Entry, Greeted, Opened, Said, Torn, Unread
from ironbridge.wire.registry import MAX_VERSION, MIN_VERSION, codec_for
from ironbridge.wire.text import UnknownMessage
from ironbridge.wire.values import Role, TagValue, Unset

_ARROWS = {Role.CLIENT: "->", Role.SERVER: "<-"}
SHOWN_ITEMS = 4
"""Of a list: more would not be one readable line. JSON has them all."""


@dataclass(frozen=True, slots=True)
class Readable:
    """An entry and what its fields mean. `message` is None where they mean nothing; then `problem` says why."""

    entry: Entry | Torn
    message: Any = None
    problem: str = ""


def understood(entries: Iterable[Entry | Torn]) -> Iterator[Readable]:
    """Each entry with its message, decoded at the version that its link agreed on."""
    versions: dict[int, int] = {}
    for entry in entries:
        if isinstance(entry, Opened):
            versions.pop(entry.link, None)
        elif isinstance(entry, Agreed):
            versions[entry.link] = entry.version
        elif isinstance(entry, Said):
            yield _read(entry, versions.get(entry.link, 0))
            continue
        yield Readable(entry, problem=entry.reason if isinstance(entry, Unread) else "")


def _read(entry: Said, version: int) -> Readable:
    if version == 0:
        return Readable(entry, problem="said before a version was agreed")
    if not MIN_VERSION <= version <= MAX_VERSION:
        return Readable(entry, problem=f"version {version} is not one of {MIN_VERSION} to {MAX_VERSION}")
    try:
        message = codec_for(version).decode_fields(entry.fields, entry.sender)
    except ProtocolError as error:
        return Readable(entry, problem=error.message)
    if isinstance(message, UnknownMessage):
        return Readable(entry, problem=f"the {entry.sender.value} has no message {entry.fields[0]} at {version}")
    return Readable(entry, message)


def line_for(readable: Readable, *, links: bool = False) -> str:
    """One line for people. `links` puts the number of the link into it."""
    entry = readable.entry
    if isinstance(entry, Torn):
        return f"--- line {entry.line} is cut short: the recorder was ended while it wrote, or it still writes"
    head = f"{entry.at:11.6f} " + (f"#{entry.link} " if links else "")
    return head + _said(readable)


def _said(readable: Readable) -> str:
    match readable.entry:
        case Opened(link=link):
            return f"--- client {link} connects"
        case Greeted() as hello:
            options = f" {_text(hello.options)}" if hello.options else ""
            return f"-> hello, versions {hello.min_version} to {hello.max_version}{options}"
        case Agreed() as choice:
            return f"<- version {choice.version}, time {_text(choice.time)}"
        case Closed() as closed:
            reason = f": {_text(closed.reason)}" if closed.reason else ""
            return f"--- client {closed.link} ends, closed by the {closed.by}{reason}"
        case Unread() as unread:
            raw = "withheld by masking" if unread.raw is None else unread.raw.hex(" ")
            return f"{_ARROWS[unread.sender]} UNREADABLE {unread.size} bytes {raw} ({_plain(unread.reason)})"
        case Said() as said if readable.message is None:
            fields = " ".join(map(_text, said.fields))
            return f"{_ARROWS[said.sender]} UNREADABLE {fields} ({_plain(readable.problem)})"
        case Said() as said:
            name = type(readable.message).__name__
            return f"{_ARROWS[said.sender]} {name} {_parts(readable.message)}".rstrip()
        case _:
            return ""


def json_for(readable: Readable) -> dict[str, Any]:
    """The same for programs: every field, with None as null, IB's "no value" as "UNSET", decimals as strings."""
    entry = readable.entry
    if isinstance(entry, Torn):
        return {"kind": "torn", "line": entry.line}
    content: dict[str, Any] = {"kind": type(entry).__name__.lower(), "link": entry.link, "at": entry.at}
    match entry:
        case Greeted():
            content |= {"kind": "hello", "versions": [entry.min_version, entry.max_version], "options": entry.options}
        case Agreed():
            content |= {"kind": "version", "version": entry.version, "time": entry.time}
        case Closed():
            content |= {"by": entry.by, "reason": entry.reason}
        case Unread():
            raw = None if entry.raw is None else entry.raw.hex()
            content |= {"from": entry.sender.value, "size": entry.size, "raw": raw, "problem": entry.reason}
        case Said():
            content |= {"kind": "message", "from": entry.sender.value}
            if readable.message is None:
                content |= {"message": None, "problem": readable.problem}
            else:
                content |= {"message": type(readable.message).__name__, "values": _json(readable.message)}
            content["fields"] = list(entry.fields)
        case _:
            pass
    return content


def _parts(value: Any) -> str:
    """What is set in an object, as `name=value` after `name=value`."""
    shown = []
    for one in fields(value):
        held = getattr(value, one.name)
        default = one.default_factory() if one.default_factory is not MISSING else one.default
        if default is MISSING or held != default:
            shown.append(f"{one.name.rstrip('_')}={_value(held)}")
    return " ".join(shown)


def _value(value: Any) -> str:
    match value:
        case TagValue():
            return f"{_text(value.tag)}={_text(value.value)}"
        case tuple():
            shown = [_value(one) for one in value[:SHOWN_ITEMS]]
            more = [f"and {len(value) - SHOWN_ITEMS} more"] if len(value) > SHOWN_ITEMS else []
            return f"[{', '.join(shown + more)}]"
        case str():
            return _text(value)
        case bool():
            return "yes" if value else "no"
        case Decimal() if value.is_finite():
            return f"{value:f}"
        case Unset():
            return "unset"
        case Enum():
            return str(value.value)
        case None:
            return "none"
        case _ if is_dataclass(value):
            return f"({_parts(value)})"
        case _:
            return str(value)


def _text(text: str) -> str:
    """A text that cannot be taken for anything else: quoted where it holds more than a word."""
    return text if text and text.isprintable() and not set(text) & set(" '\"=()[],") else repr(text)


def _plain(text: str) -> str:
    return text if text.isprintable() else repr(text)


def _json(value: Any) -> Any:
    match value:
        case Unset():
            return "UNSET"
        case Decimal():
            return str(value)
        case Enum():
            return value.value
        case tuple():
            return [_json(one) for one in value]
        case float() if value in {float("inf"), float("-inf")} or value != value:  # noqa: PLR0124  NaN has no name
            return str(value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {one.name.rstrip("_"): _json(getattr(value, one.name)) for one in fields(value)}
        case _:
            return value
