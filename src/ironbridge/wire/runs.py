"""Scalars in a row: the steps of a layout that most of every message is made of.

A step reads and writes one field and names it when it cannot; a run does several in one sweep, and leaves the naming
to its steps. A run remembers what it read and wrote last: most fields of most messages say what the message before
said, and what is the very same need not be worked out again. So an order that is shown three times is written once.

Invariant: a run reads and writes what its steps would, byte for byte, whatever came before. Texts are compared as they
are; values by identity, as equal ones can have different texts (1, 1.0 and true), and all of them are immutable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter, is_
from typing import Any

from ironbridge.wire.cursor import Reader, Writer
from ironbridge.wire.fields import Scalar


@dataclass(frozen=True, slots=True)
class ScalarStep:
    path: str
    scalar: Scalar
    fewest: int = 1
    get: Callable[[Any], Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "get", attrgetter(self.path))

    def read(self, reader: Reader, values: dict[str, Any]) -> None:
        values[self.path] = reader.take(self.path, self.scalar)

    def write(self, writer: Writer, source: Any) -> None:
        writer.put(self.path, self.scalar, self.get(source))


class ScalarRun:
    """Scalars that follow each other, read and written in one sweep."""

    __slots__ = ("_formats", "_get", "_parsers", "_paths", "_read", "_steps", "_written")

    def __init__(self, steps: Sequence[ScalarStep]) -> None:
        self._steps = tuple(steps)
        self._formats = [step.scalar.format for step in steps]
        self._parsers = [step.scalar.parse for step in steps]
        self._paths = [step.path for step in steps]
        self._get = attrgetter(*self._paths)
        # One tuple each, so that a reader on another thread never sees half of an update.
        self._read: tuple[Sequence[str] | None, list[Any]] = (None, [])
        nothing: Any = object()
        self._written: tuple[Sequence[Any], list[str]] = ([nothing] * len(self._paths), [""] * len(self._paths))

    def read(self, reader: Reader, values: dict[str, Any]) -> None:
        texts = reader.next(len(self._parsers))
        known, found = self._read
        if texts != known:
            try:
                # Fewer texts than parsers are a ValueError like one that cannot be parsed.
                found = [parse(text) for parse, text in zip(self._parsers, texts, strict=True)]
            except (ValueError, ArithmeticError):
                # One by one, the field that is missing or cannot be read is named.
                for step in self._steps:
                    step.read(reader, values)
                return
            self._read = texts, found
        reader.position += len(found)
        values.update(zip(self._paths, found, strict=True))

    def write(self, writer: Writer, source: Any) -> None:
        known, texts = self._written
        try:
            values = self._get(source)
            if not all(map(is_, values, known)):
                texts = [
                    text if value is old else form(value)
                    for form, value, old, text in zip(self._formats, values, known, texts, strict=True)
                ]
                self._written = values, texts
        except (ValueError, ArithmeticError, TypeError, AttributeError):
            # One by one, the field that cannot be written is named.
            for step in self._steps:
                step.write(writer, source)
        else:
            writer.fields += texts
