"""Where in a message's list of fields each named value stands, so that one of them can be changed and no other.

Encoding a decoded message again would say the same in this codec's words; a recording keeps the peer's own words. So
masking and replay change single fields in place, and this is how they find them. The layouts themselves are run, with
a cursor that remembers: a place is right by construction, at every version, for every branch of a layout.

Refuses what the codec refuses, with the same ProtocolError.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ironbridge.errors import ProtocolError
from ironbridge.wire.cursor import Reader
from ironbridge.wire.fields import Scalar
from ironbridge.wire.layout import (
    CodecStep,
    CompiledMany,
    CompiledOptional,
    CompiledStruct,
    FixedStep,
    LeftOutStep,
    SingleField,
    WhenStep,
)
from ironbridge.wire.registry import FORMATS
from ironbridge.wire.runs import ScalarStep
from ironbridge.wire.text import Format
from ironbridge.wire.values import Role


@dataclass(frozen=True, slots=True)
class Laid:
    """A message, and the name and place of each of its fields: `order.order_ref`, `contract.symbol`, `account`.

    Inside lists and nested objects a name stands alone, and once for each item.
    """

    message: Any
    places: tuple[tuple[str, int], ...]


class Places:
    """The layouts of one version.

    Parameters:
        version: the negotiated one, between MIN_VERSION and MAX_VERSION.
    """

    def __init__(self, version: int) -> None:
        self.version = version
        self._formats = {(form.sender, str(form.id)): form for form in FORMATS}
        self._compiled: dict[type, CompiledStruct] = {}
        self._names: dict[tuple[Role, str], frozenset[str]] = {}

    def laid(self, fields: Sequence[str], sender: Role) -> Laid | None:
        """The message in these fields with its places; None for an id that means nothing.

        Raises:
            ProtocolError: the fields are not that message.
        """
        form = self._formats.get((sender, fields[0]))
        if form is None:
            if not (fields[0].isascii() and fields[0].isdigit()):
                raise ProtocolError(f"A message does not begin with its id: {fields[0][:64].encode()!r}.")
            return None
        cursor = _Noting(fields, form.cls.__name__)
        message = self._struct(form).read(cast("Reader", cursor), form.cls.__name__)
        cursor.finish()
        return Laid(message, tuple(cursor.noted))

    def names(self, number: str, sender: Role) -> frozenset[str]:
        """Every name that a message of this id can have, without what it stands in; none for an id that means nothing.

        A part that does not tell its names counts as `UNTOLD`.
        """
        known = self._names.get((sender, number))
        if known is None:
            form = self._formats.get((sender, number))
            known = frozenset(_names(self._struct(form))) if form is not None else frozenset()
            self._names[sender, number] = known
        return known

    def _struct(self, form: Format) -> CompiledStruct:
        known = self._compiled.get(form.cls)
        if known is None:
            known = self._compiled[form.cls] = form.layout.at(self.version)
        return known


UNTOLD = "?"


def _names(part: Any) -> Iterator[str]:
    match part:
        case ScalarStep():
            yield part.path.rpartition(".")[2]
        case CompiledStruct() | WhenStep():
            for step in part.steps:
                yield from _names(step)
        case CodecStep():
            yield part.path.rpartition(".")[2]
            yield from _names(part.codec)
        case CompiledMany() | CompiledOptional():
            yield from _names(part.item)
        case FixedStep() | LeftOutStep() | SingleField():
            pass
        case _:
            yield UNTOLD


class _Noting:
    """The codec's cursor, and a note of what was taken where."""

    __slots__ = ("_reader", "noted")

    def __init__(self, fields: Sequence[str], message: str) -> None:
        self._reader = Reader(fields, message, 1)
        self.noted: list[tuple[str, int]] = []

    @property
    def remaining(self) -> int:
        return self._reader.remaining

    def next(self, _count: int) -> Sequence[str]:
        """Nothing ahead: so every field is taken, and noted, one by one."""
        return ()

    def take(self, name: str, scalar: Scalar) -> Any:
        self.noted.append((name, self._reader.position))
        return self._reader.take(name, scalar)

    def take_count(self, name: str, each: int) -> int:
        return self._reader.take_count(name, each)

    def finish(self) -> None:
        self._reader.finish()

    def fault(self, what: str) -> ProtocolError:
        return self._reader.fault(what)
