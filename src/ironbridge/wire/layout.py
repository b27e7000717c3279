"""Layouts: a message's order of fields, written once and run both ways.

A layout is data: a class and a sequence of steps. Compiled for one negotiated version it reads a list of fields into
an instance and writes an instance into a list of fields, so the two can never drift apart, and a second encoding of
the same classes needs no change here. Conditions that the protocol hangs on earlier fields (`when`) and on the
version (`since`, `until`) are steps like any other.

Refuses: a missing field, a field left over, a number that does not parse, a count that the remaining fields cannot
hold. Each is a ProtocolError that names the message, the field and the bytes. A value that cannot be written is an
InvalidInput that names message and field: nothing half-written is ever sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any, Protocol

from ironbridge.wire.cursor import PRESENCE, VERSION, Codec, Reader, Writer
from ironbridge.wire.fields import Scalar
from ironbridge.wire.runs import ScalarRun, ScalarStep

ITEMS_AT_ONCE = 100
"""Of a long list, between two pauses: a millisecond or two."""


class Kind(Protocol):
    """What stands behind a name in a layout: a scalar, a struct, a list of either."""

    def at(self, version: int) -> Scalar | Codec: ...


class Step(Protocol):
    """One move in a layout."""

    def at(self, version: int) -> Sequence[CompiledStep]: ...


class CompiledStep(Protocol):
    @property
    def fewest(self) -> int: ...

    def read(self, reader: Reader, values: dict[str, Any]) -> None: ...

    def write(self, writer: Writer, source: Any) -> None: ...


# ---------------------------------------------------------------------------------------------- steps, as written


@dataclass(frozen=True, slots=True)
class Named:
    """A value under its path: `price`, or `order.lmt_price` where a message interleaves several objects."""

    path: str
    kind: Kind

    def at(self, version: int) -> Sequence[CompiledStep]:
        kind = self.kind.at(version)
        return (ScalarStep(self.path, kind) if isinstance(kind, Scalar) else CodecStep(self.path, kind),)


@dataclass(frozen=True, slots=True)
class Fixed:
    """A field with one value: the legacy version number of a message. Other numbers are read and ignored."""

    text: str

    def at(self, version: int) -> Sequence[CompiledStep]:  # noqa: ARG002  the step's shape
        return (FixedStep(self.text),)


@dataclass(frozen=True, slots=True)
class Versions:
    """Steps for `first <= version < end`."""

    first: int
    end: int
    steps: tuple[Step, ...]

    def at(self, version: int) -> Sequence[CompiledStep]:
        if self.first <= version < self.end:
            return compile_steps(self.steps, version)
        return (LeftOutStep(tuple(step.path for step in self.steps if isinstance(step, Named)), version),)


@dataclass(frozen=True, slots=True)
class When:
    """Steps that are there when a predicate holds for values that came before."""

    paths: tuple[str, ...]
    holds: Callable[..., bool]
    steps: tuple[Step, ...]

    def at(self, version: int) -> Sequence[CompiledStep]:
        return (WhenStep(self.paths, self.holds, compile_steps(self.steps, version)),)


FOREVER = 1 << 30


def of(group: str = "", /, **kinds: Kind) -> tuple[Named, ...]:
    """Values in wire order, by name, of the message itself or of one of its groups."""
    return tuple(Named(f"{group}.{name}" if group else name, kind) for name, kind in kinds.items())


def since(version: int, *steps: Step) -> Versions:
    return Versions(max(version, 0), FOREVER, steps)


def until(version: int, *steps: Step) -> Versions:
    """Steps for the versions below this one."""
    return Versions(0, version, steps)


def when(paths: str | tuple[str, ...], holds: Callable[..., bool], *steps: Step) -> When:
    return When((paths,) if isinstance(paths, str) else paths, holds, steps)


# ------------------------------------------------------------------------------------------------ steps, compiled


class Sweep(Protocol):
    """One step, or several that are taken at once."""

    def read(self, reader: Reader, values: dict[str, Any]) -> None: ...

    def write(self, writer: Writer, source: Any) -> None: ...


def with_runs(steps: Sequence[CompiledStep]) -> list[Sweep]:
    """The steps as they are taken: scalars in runs."""
    found: list[Sweep] = []
    for is_scalar, group in groupby(steps, key=lambda step: isinstance(step, ScalarStep)):
        members = list(group)
        scalars = [step for step in members if isinstance(step, ScalarStep)]
        found += [ScalarRun(scalars)] if is_scalar and len(scalars) > 1 else members
    return found


@dataclass(frozen=True, slots=True)
class CodecStep:
    path: str
    codec: Codec
    fewest: int = field(init=False)
    get: Callable[[Any], Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fewest", self.codec.fewest)
        object.__setattr__(self, "get", attrgetter(self.path))

    def read(self, reader: Reader, values: dict[str, Any]) -> None:
        values[self.path] = self.codec.read(reader, self.path)

    def write(self, writer: Writer, source: Any) -> None:
        self.codec.write(writer, self.path, self.get(source))


@dataclass(frozen=True, slots=True)
class FixedStep:
    text: str
    fewest: int = 1

    def read(self, reader: Reader, values: dict[str, Any]) -> None:  # noqa: ARG002  the step's shape
        reader.take("version", VERSION)

    def write(self, writer: Writer, source: Any) -> None:  # noqa: ARG002  the step's shape
        writer.fields.append(self.text)


@dataclass(frozen=True, slots=True)
class LeftOutStep:
    """Values that this version cannot carry.

    An answer goes without them: the client could not have read them. A request that holds one is refused: an order
    without its duration is another order.
    """

    paths: tuple[str, ...]
    version: int
    fewest: int = 0

    def read(self, reader: Reader, values: dict[str, Any]) -> None:
        pass

    def write(self, writer: Writer, source: Any) -> None:
        if writer.may_leave_out:
            return
        for path in self.paths:
            value = attrgetter(path)(source)
            if value:
                raise writer.fault(f"field {path} is {value!r:.80}, which version {self.version} cannot carry")


@dataclass(frozen=True, slots=True)
class WhenStep:
    paths: tuple[str, ...]
    holds: Callable[..., bool]
    steps: tuple[CompiledStep, ...]
    fewest: int = 0

    def read(self, reader: Reader, values: dict[str, Any]) -> None:
        if self.holds(*[values[path] for path in self.paths]):
            for step in self.steps:
                step.read(reader, values)

    def write(self, writer: Writer, source: Any) -> None:
        if self.holds(*[attrgetter(path)(source) for path in self.paths]):
            for step in self.steps:
                step.write(writer, source)


def compile_steps(steps: Sequence[Step], version: int) -> tuple[CompiledStep, ...]:
    return tuple(compiled for step in steps for compiled in step.at(version))


# --------------------------------------------------------------------------------------------------------- kinds


@dataclass(frozen=True, slots=True)
class Struct:
    """An object of several fields. `groups` names the objects inside it whose fields come interleaved."""

    cls: type
    steps: tuple[Step, ...]
    groups: Mapping[str, type] = field(default_factory=dict)

    def at(self, version: int) -> CompiledStruct:
        return CompiledStruct(self.cls, compile_steps(self.steps, version), self.groups)


def struct(cls: type, *steps: Step, groups: Mapping[str, type] | None = None, **kinds: Kind) -> Struct:
    return Struct(cls, (*steps, *of(**kinds)), groups or {})


class CompiledStruct:
    """A struct at one version."""

    __slots__ = ("_cls", "_groups", "_places", "_sweeps", "fewest", "steps")

    def __init__(self, cls: type, steps: tuple[CompiledStep, ...], groups: Mapping[str, type]) -> None:
        self._cls = cls
        self.steps = steps
        self._sweeps = with_runs(steps)
        self._groups = groups
        # (group, attribute) by path, as they come up.
        self._places: dict[str, tuple[str, str]] = {}
        self.fewest = sum(step.fewest for step in steps)

    def read(self, reader: Reader, name: str) -> Any:  # noqa: ARG002  the codec's shape
        values: dict[str, Any] = {}
        for step in self._sweeps:
            step.read(reader, values)
        if not self._groups:
            return self._cls(**values)
        own: dict[str, Any] = {}
        grouped: dict[str, dict[str, Any]] = {group: {} for group in self._groups}
        places = self._places
        for path, value in values.items():
            place = places.get(path)
            if place is None:
                group, _, attribute = path.rpartition(".")
                place = places[path] = (group, attribute)
            (grouped[place[0]] if place[0] else own)[place[1]] = value
        for group, cls in self._groups.items():
            own[group] = cls(**grouped[group])
        return self._cls(**own)

    def write(self, writer: Writer, name: str, value: Any) -> None:  # noqa: ARG002  the codec's shape
        for step in self._sweeps:
            step.write(writer, value)

    def write_in_parts(self, writer: Writer, value: Any) -> Iterator[None]:
        """The same, pausing now and then within long lists."""
        for step in self._sweeps:
            if isinstance(step, CodecStep) and isinstance(step.codec, CompiledMany):
                yield from step.codec.write_in_parts(writer, step.path, step.get(value))
            else:
                step.write(writer, value)


@dataclass(frozen=True, slots=True)
class Many:
    """A count and that many items, as a tuple."""

    item: Kind

    def at(self, version: int) -> CompiledMany:
        return CompiledMany(as_codec(self.item.at(version)))


def many(item: Kind) -> Many:
    return Many(item)


@dataclass(frozen=True, slots=True)
class CompiledMany:
    item: Codec
    fewest: int = 1

    def read(self, reader: Reader, name: str) -> tuple[Any, ...]:
        count = reader.take_count(f"count of {name}", self.item.fewest)
        return tuple([self.item.read(reader, name) for _ in range(count)])

    def write(self, writer: Writer, name: str, value: Any) -> None:
        writer.fields.append(str(len(value)))
        for item in value:
            self.item.write(writer, name, item)

    def write_in_parts(self, writer: Writer, name: str, value: Any) -> Iterator[None]:
        writer.fields.append(str(len(value)))
        for at in range(0, len(value), ITEMS_AT_ONCE):
            for item in value[at : at + ITEMS_AT_ONCE]:
                self.item.write(writer, name, item)
            yield


@dataclass(frozen=True, slots=True)
class Optional:
    """A flag, and the object if the flag is set."""

    item: Struct

    def at(self, version: int) -> CompiledOptional:
        return CompiledOptional(self.item.at(version))


@dataclass(frozen=True, slots=True)
class CompiledOptional:
    item: CompiledStruct
    fewest: int = 1

    def read(self, reader: Reader, name: str) -> Any:
        return self.item.read(reader, name) if reader.take(f"presence of {name}", PRESENCE) else None

    def write(self, writer: Writer, name: str, value: Any) -> None:
        writer.fields.append("0" if value is None else "1")
        if value is not None:
            self.item.write(writer, name, value)


@dataclass(frozen=True, slots=True)
class SingleField:
    """A scalar where a codec is asked for."""

    scalar: Scalar
    fewest: int = 1

    def read(self, reader: Reader, name: str) -> Any:
        return reader.take(name, self.scalar)

    def write(self, writer: Writer, name: str, value: Any) -> None:
        writer.put(name, self.scalar, value)


def as_codec(kind: Scalar | Codec) -> Codec:
    return SingleField(kind) if isinstance(kind, Scalar) else kind
