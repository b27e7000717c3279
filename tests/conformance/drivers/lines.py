"""What every driver has in common: commands in and callbacks out as JSON, one per line.

In:   {"to": 1, "do": "connect", "args": ["127.0.0.1", 4002, 7]}      to: which of the driver's clients
      {"to": 1, "do": "reqIds", "args": [1]}                          any request, by the official client's name for it
      {"to": 1, "do": "raw", "args": ["1", "11", "x"]}                a message of these fields, whatever they mean
      {"to": 1, "do": "disconnect", "args": []}
      {"to": 0, "do": "sync", "args": []}                             say "synced" when all of the above is done
Out:  {"to": 1, "said": "nextValidId", "args": [1]}                   a callback, by the official client's name for it
      {"to": 1, "trouble": "..."}                                     what the client could not take, in its own words

An object of the client's own classes is {"$": class name, attribute: value, ...}, in both directions. This module runs
inside the client's environment and imports nothing but the standard library.
"""

from __future__ import annotations

import json
import logging
import math
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

UNSET_NUMBERS = {2**31 - 1, 2**63 - 1}
LARGEST = 1.7e308
"""IB's "no value" among floats is 1.797e308; among decimals it is larger than any of 30 digits."""


def plain(value: Any) -> Any:
    """A value of a callback as JSON can carry it; IB's "no value" is None."""
    match value:
        case None | bool() | str():
            return value
        case Enum():
            return value.name
        case int():
            return None if value in UNSET_NUMBERS else value
        case float() | Decimal():
            number = float(value)
            return (
                None if math.isnan(number) or abs(number) > (LARGEST if isinstance(value, float) else 1e30) else number
            )
        case bytes():
            return value.decode("latin-1")
        case date() | datetime():
            return value.isoformat()
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case set() | frozenset():
            return sorted(plain(item) for item in value)
        case tuple() if hasattr(value, "_asdict"):
            return plain(value._asdict())
        case Iterable():
            return [plain(item) for item in value]
    fields = getattr(value, "__dict__", None) or {
        name: getattr(value, name) for name in getattr(value, "__slots__", ())
    }
    return {name: plain(item) for name, item in fields.items()}


def built(value: Any, make: Callable[[str, dict[str, Any]], Any]) -> Any:
    """An argument of a request, made of the client's own classes.

    Parameters:
        value: as it came.
        make: makes an object of the class of this name with these attributes.
    """
    if isinstance(value, list):
        return [built(item, make) for item in value]
    if not isinstance(value, dict):
        return value
    return make(value["$"], {name: built(item, make) for name, item in value.items() if name != "$"})


def filled(made: Any, attributes: dict[str, Any]) -> Any:
    """An object of a client's class with these of its attributes set."""
    for name, value in attributes.items():
        if not hasattr(made, name):
            raise AttributeError(f"{type(made).__name__} of this client has no {name}")
        setattr(made, name, value)
    return made


class Line:
    """Standard output, a line at a time, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def said(self, to: int, name: str, args: Iterable[Any]) -> None:
        self._write({"to": to, "said": name, "args": [plain(arg) for arg in args]})

    def trouble(self, to: int, text: str) -> None:
        self._write({"to": to, "trouble": text})

    def _write(self, what: dict[str, Any]) -> None:
        text = json.dumps(what, allow_nan=False)
        with self._lock:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()


class Witness(logging.Handler):
    """Takes what the client's library logs, and passes on what means that something was not understood.

    Parameters:
        line: where it is reported.
        matters: whether a record tells of that.
        whose: the number of the driver's client that the record is of.
    """

    def __init__(self, line: Line, matters: Callable[[logging.LogRecord], bool], whose: Callable[[], int]) -> None:
        super().__init__(logging.DEBUG)
        self._line = line
        self._whose = whose
        self.addFilter(matters)

    def emit(self, record: logging.LogRecord) -> None:
        self._line.trouble(self._whose(), f"{record.name}: {self.format(record)}"[:2000])


def commands() -> Iterator[tuple[int, str, list[Any]]]:
    for line in sys.stdin:
        asked = json.loads(line)
        yield asked["to"], asked["do"], asked["args"]
