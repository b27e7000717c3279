"""A stretch of bytes read as choices, so that a fuzzer that only knows bytes can write messages and their order.

Whatever the bytes are, every choice has an answer; when they run out, the answer is the first one. So a longer input
is a longer story, and a byte that a fuzzer changes changes one choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """The bytes, and how far they are used up."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def byte(self) -> int:
        at = self._at
        if at >= len(self._data):
            return 0
        self._at = at + 1
        return self._data[at]

    def below(self, end: int) -> int:
        """A number from 0 up to, not including, `end`."""
        if end <= 256:
            return self.byte() * end >> 8
        return (self.byte() << 8 | self.byte()) % end

    def one_of(self, values: Sequence[T]) -> T:
        return values[self.below(len(values))]

    def one_in(self, number: int) -> bool:
        """True once in so many times; false when the bytes have run out."""
        return self.byte() * number >> 8 == number - 1

    def raw(self, most: int) -> bytes:
        size = min(self.below(most + 1), self.left)
        found = self._data[self._at : self._at + size]
        self._at += size
        return found
