"""The text encoding: formats of messages, and the codec that runs them at one negotiated version.

A format says who sends a message, under which id, in which layout. `TextCodec` is one encoding of the message
classes; another one (protobuf, from version 201 on) is another class with the same two methods and its own table
over the same classes, chosen in `registry.codec_for`, and no caller changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from ironbridge.errors import InvalidInput, ProtocolError
from ironbridge.wire.cursor import Reader, Writer
from ironbridge.wire.framing import join_fields, split_fields
from ironbridge.wire.layout import (
    CompiledStruct,
    Fixed,
    FixedStep,
    Kind,
    Step,
    Struct,
    WhenStep,
    of,
)
from ironbridge.wire.runs import ScalarStep
from ironbridge.wire.values import Role


@dataclass(frozen=True, slots=True)
class UnknownMessage:
    """A well-formed message whose id this version of the protocol does not give to that sender.

    Parameters:
        fields: as they came.
        needs: the version that brought the id, where it is one of a later version; 0 for an id of no version.
    """

    fields: tuple[str, ...]
    needs: int = 0


@dataclass(frozen=True, slots=True)
class Format:
    """How one message is said in text.

    Parameters:
        sender: who sends it.
        id: the first field.
        layout: the fields after it.
        first_version: the version that brought it; it is not sent below.
    """

    sender: Role
    id: int
    layout: Struct
    first_version: int = 0

    @property
    def cls(self) -> type:
        return self.layout.cls


def client(
    number: int,
    cls: type,
    /,
    *steps: Step,
    version: int | None = None,
    groups: Mapping[str, type] | None = None,
    first_version: int = 0,
    **kinds: Kind,
) -> Format:
    """A message that the client sends. `version` is its legacy version field, where it has one."""
    legacy = () if version is None else (Fixed(str(version)),)
    return Format(Role.CLIENT, number, Struct(cls, (*legacy, *steps, *of(**kinds)), groups or {}), first_version)


def server(
    number: int,
    cls: type,
    /,
    *steps: Step,
    version: int | None = None,
    groups: Mapping[str, type] | None = None,
    first_version: int = 0,
    **kinds: Kind,
) -> Format:
    """A message that the server sends."""
    legacy = () if version is None else (Fixed(str(version)),)
    return Format(Role.SERVER, number, Struct(cls, (*legacy, *steps, *of(**kinds)), groups or {}), first_version)


class Program:
    """One format at one version."""

    __slots__ = ("_flat", "_id", "_name", "_skip", "_struct", "_width", "row", "sender")

    def __init__(self, form: Format, version: int) -> None:
        self._id = str(form.id)
        self.sender = form.sender
        self._name = form.cls.__name__
        self._struct: CompiledStruct = form.layout.at(version)
        self._flat = flat_parsers(form.cls, self._struct)
        self._skip = 1 + sum(isinstance(step, FixedStep) for step in self._struct.steps)
        self._width = 1 + self._struct.fewest
        self.row = row_of(self._id, self._struct)

    def read(self, fields: Sequence[str]) -> Any:
        skip = self._skip
        if self._flat is not None and len(fields) == self._width and (skip == 1 or fields[1].isdigit()):
            cls, parsers = self._flat
            try:
                return cls(*[parse(text) for parse, text in zip(parsers, fields[skip:], strict=True)])
            except (ValueError, ArithmeticError):
                pass  # The careful reader below names the field.
        reader = Reader(fields, self._name, 1)
        message = self._struct.read(reader, self._name)
        reader.finish()
        return message

    def write(self, message: Any) -> list[str]:
        writer = Writer(self._name, [self._id], may_leave_out=self.sender is Role.SERVER)
        try:
            self._struct.write(writer, self._name, message)
        except (AttributeError, TypeError) as error:
            # A part of the wrong class: a trade where the tick type says quote, None for a contract.
            raise writer.fault(str(error)) from None
        return writer.fields

    def write_in_parts(self, message: Any) -> Iterator[list[str]]:
        """The same fields, some at a time."""
        writer = Writer(self._name, [self._id], may_leave_out=self.sender is Role.SERVER)
        for _ in self._struct.write_in_parts(writer, message):
            fields, writer.fields = writer.fields, []
            yield fields
        yield writer.fields


def flat_parsers(cls: type, compiled: CompiledStruct) -> tuple[type, list[Any]] | None:
    """The parsers of a message that is nothing but its class's fields in order: the shape of every tick."""
    if any(isinstance(step, WhenStep) for step in compiled.steps):
        return None
    steps = [step for step in compiled.steps if step.fewest]
    first = next((at for at, step in enumerate(steps) if not isinstance(step, FixedStep)), len(steps))
    scalars: list[ScalarStep] = [step for step in steps[first:] if isinstance(step, ScalarStep)]
    if len(scalars) != len(steps) - first or [step.path for step in scalars] != [f.name for f in fields(cls)]:
        return None
    return cls, [step.scalar.parse for step in scalars]


class Row:
    """A message that is nothing but scalars in a row: written in one sweep, or the part of it after its first field.

    Parameters:
        head: the id and the legacy version, as they stand before the scalars.
        scalars: in order.
    """

    __slots__ = ("_formats", "_rest", "_values", "head")

    def __init__(self, head: str, scalars: Sequence[ScalarStep]) -> None:
        self.head = head
        self._formats = [step.scalar.format for step in scalars]
        self._rest = self._formats[1:]
        self._values = attrgetter(*(step.path for step in scalars))

    def write(self, message: Any) -> str:
        """All of it. Raises what a scalar raises."""
        texts = [form(value) for form, value in zip(self._formats, self._values(message), strict=True)]
        return self.head + "\0".join(texts) + "\0"

    def rest(self, values: Sequence[Any]) -> bytes:
        """What follows the first field. Raises what a scalar raises."""
        texts = [form(value) for form, value in zip(self._rest, values, strict=True)]
        return ("\0" + "\0".join(texts) + "\0").encode("utf-8", "backslashreplace")


def row_of(number: str, compiled: CompiledStruct) -> Row | None:
    """Such a message's row; None for any other."""
    steps = list(compiled.steps)
    first = next((at for at, step in enumerate(steps) if not isinstance(step, FixedStep)), len(steps))
    scalars = [step for step in steps[first:] if isinstance(step, ScalarStep)]
    if len(scalars) != len(steps) - first or len(scalars) < 2:  # attrgetter gives a tuple from two on
        return None
    head = "\0".join((number, *(step.text for step in steps[:first] if isinstance(step, FixedStep)), ""))
    return Row(head, scalars)


class TextCodec:
    """Payloads to messages and back, at one version.

    Parameters:
        version: the negotiated version.
        formats: every format there is, of both senders.
    """

    __slots__ = ("_by_class", "_by_id", "_programs", "version")

    def __init__(self, version: int, formats: Sequence[Format]) -> None:
        self.version = version
        self._by_id = {role: {str(f.id): f for f in formats if f.sender is role} for role in Role}
        self._by_class = {f.cls: f for f in formats}
        self._programs: dict[type, Program] = {}

    def decode(self, payload: bytes, sender: Role) -> Any:
        """The message in a payload, or UnknownMessage. Raises ProtocolError for what is neither."""
        return self.decode_fields(split_fields(payload), sender)

    def decode_fields(self, fields: Sequence[str], sender: Role) -> Any:
        """The same, for a payload that is split already."""
        form = self._by_id[sender].get(fields[0])
        if form is None:
            if not (fields[0].isascii() and fields[0].isdigit()):
                raise ProtocolError(
                    f"A message does not begin with its id: {fields[0][:64].encode()!r}.",
                    raw=join_fields(list(fields[:64])),
                )
            return UnknownMessage(tuple(fields))
        if form.first_version > self.version:
            # Its layout at this version does not exist, and its answer could not be said: reading it would be a guess.
            return UnknownMessage(tuple(fields), form.first_version)
        return self._program(form).read(fields)

    def encode(self, message: Any, sender: Role) -> bytes:
        """The payload of a message. Raises InvalidInput for what this sender cannot say at this version."""
        program = self._programs.get(type(message))
        if program is not None and program.row is not None and program.sender is sender:
            try:
                return program.row.write(message).encode("utf-8", "backslashreplace")
            except (ValueError, ArithmeticError, TypeError, AttributeError):
                pass  # The careful writer below names the field.
        return join_fields(self.encode_fields(message, sender))

    def encode_in_parts(self, message: Any, sender: Role) -> Iterator[bytes]:
        """The payload, part by part, each of which takes a moment: for one who must not be kept from other work."""
        for part in self._program(self._said_by(message, sender)).write_in_parts(message):
            if part:
                yield join_fields(part)

    def encode_around(self, kind: type, values: Sequence[Any], sender: Role) -> tuple[bytes, bytes]:
        """The payload of a message before and after its first field, for those who say it to many under their own ids.

        Parameters:
            kind: the message's class; its first field, which the wire says first as well, is a number.
            values: of its other fields, in order.
            sender: who says it.
        """
        program = self._programs.get(kind)
        if program is not None and program.row is not None and program.sender is sender:
            try:
                return program.row.head.encode(), program.row.rest(values)
            except (ValueError, ArithmeticError, TypeError, AttributeError):
                pass  # The careful writer below names the field.
        # Before the first field, which is 0 here, stand the id and a legacy version: neither is 0.
        head, _, tail = self.encode(kind(0, *values), sender).partition(b"\x000\x00")
        return head + b"\0", b"\0" + tail

    def encode_fields(self, message: Any, sender: Role) -> list[str]:
        """The same, not joined yet."""
        return self._program(self._said_by(message, sender)).write(message)

    def _said_by(self, message: Any, sender: Role) -> Format:
        form = self._by_class.get(type(message))
        if form is None or form.sender is not sender:
            raise InvalidInput(f"{type(message).__name__} is not a message that the {sender.value} sends.")
        if form.first_version > self.version:
            raise InvalidInput(
                f"{form.cls.__name__} needs protocol version {form.first_version}; "
                f"this connection speaks {self.version}.",
                next_step="Update TWS or IB Gateway.",
            )
        return form

    def _program(self, form: Format) -> Program:
        program = self._programs.get(form.cls)
        if program is None:
            program = self._programs[form.cls] = Program(form, self.version)
        return program
