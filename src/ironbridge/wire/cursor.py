"""The cursor over a message's fields, and the list a message is written to.

Both turn a scalar's ValueError into the error of this package that names message, field and bytes: a ProtocolError
for what came, an InvalidInput for what should go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from ironbridge.errors import InvalidInput, ProtocolError
from ironbridge.wire.fields import Scalar
from ironbridge.wire.framing import join_fields

NEXT_STEP = "Record the message with its fields and compare it with the layout for this server version."


class Reader:
    """A cursor over the fields of one message."""

    __slots__ = ("_fields", "_message", "position")

    def __init__(self, fields: Sequence[str], message: str, position: int) -> None:
        self._fields = fields
        self._message = message
        self.position = position

    @property
    def remaining(self) -> int:
        return len(self._fields) - self.position

    def next(self, count: int) -> Sequence[str]:
        """The next fields as they stand, at most so many; none is taken."""
        return self._fields[self.position : self.position + count]

    def take(self, name: str, scalar: Scalar) -> Any:
        if self.position >= len(self._fields):
            raise self.fault(f"field {name} is missing; the message has {len(self._fields)} fields")
        text = self._fields[self.position]
        try:
            value = scalar.parse(text)
        except (ValueError, ArithmeticError):
            cut = text[:64]
            raise self.fault(
                f"field {name} (number {self.position}) is not {scalar.expects}: {cut.encode()!r}"
            ) from None
        self.position += 1
        return value

    def take_count(self, name: str, each: int) -> int:
        """A count of items of at least `each` fields, which the rest of the message must be able to hold."""
        at = self.position
        count: int = self.take(name, COUNT)
        if count * each > self.remaining:
            raise self.fault(f"field {name} (number {at}) counts {count} items; only {self.remaining} fields follow")
        return count

    def finish(self) -> None:
        if self.remaining:
            extra = join_fields(list(self._fields[self.position : self.position + 4]))
            raise self.fault(f"{self.remaining} fields are left over, beginning with {extra!r}")

    def fault(self, what: str) -> ProtocolError:
        return ProtocolError(f"{self._message}: {what}.", raw=join_fields(list(self._fields[:64])), next_step=NEXT_STEP)


class Writer:
    """The fields of one message, as they come to be.

    Parameters:
        message: its name, for errors.
        fields: what stands before its first field.
        may_leave_out: whether values that the version cannot carry go unsaid.
    """

    __slots__ = ("_message", "fields", "may_leave_out")

    def __init__(self, message: str, fields: list[str], *, may_leave_out: bool = True) -> None:
        self._message = message
        self.fields = fields
        self.may_leave_out = may_leave_out

    def put(self, name: str, scalar: Scalar, value: Any) -> None:
        try:
            self.fields.append(scalar.format(value))
        except (ValueError, ArithmeticError, TypeError, AttributeError) as error:
            raise self.fault(f"field {name} cannot be written as {value!r:.80}: {error}") from None

    def fault(self, what: str) -> InvalidInput:
        return InvalidInput(f"{self._message}: {what}.", next_step="Nothing was sent; correct the value.")


class Codec(Protocol):
    """Reads and writes one value of any size at one version."""

    @property
    def fewest(self) -> int:
        """The fewest fields that such a value takes."""

    def read(self, reader: Reader, name: str) -> Any: ...

    def write(self, writer: Writer, name: str, value: Any) -> None: ...


def _parse_count(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError(text)
    return int(text)


def _parse_version(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise ValueError(text)
    return int(text)


COUNT = Scalar("a count", _parse_count, str)
VERSION = Scalar("a version number", _parse_version, str)
PRESENCE = Scalar("0 or 1", lambda text: _parse_version(text) != 0, str)
