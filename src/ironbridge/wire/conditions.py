"""Order conditions: what must be true before an order is sent on, as a tagged union.

On the wire each begins with its kind's number; the six kinds share `conjunction` (`a` and, `o` or: how the condition
joins the next one) and, but for executions, `is_more`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ironbridge.wire.cursor import Reader, Writer
from ironbridge.wire.fields import BOOL, DECIMAL_OPT, INT, INT_OPT, INT_ZERO, TEXT
from ironbridge.wire.layout import CompiledStruct, Struct, struct
from ironbridge.wire.values import Money, Whole


@dataclass(frozen=True, slots=True)
class PriceCondition:
    conjunction: str = "a"
    is_more: bool = True
    price: Money = None
    con_id: int = 0
    exchange: str = ""
    trigger_method: int = 0


@dataclass(frozen=True, slots=True)
class TimeCondition:
    conjunction: str = "a"
    is_more: bool = True
    time: str = ""


@dataclass(frozen=True, slots=True)
class MarginCondition:
    conjunction: str = "a"
    is_more: bool = True
    percent: Whole = None


@dataclass(frozen=True, slots=True)
class ExecutionCondition:
    conjunction: str = "a"
    sec_type: str = ""
    exchange: str = ""
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class VolumeCondition:
    conjunction: str = "a"
    is_more: bool = True
    volume: Whole = None
    con_id: int = 0
    exchange: str = ""


@dataclass(frozen=True, slots=True)
class PercentChangeCondition:
    conjunction: str = "a"
    is_more: bool = True
    change_percent: Money = None
    con_id: int = 0
    exchange: str = ""


Condition = (
    PriceCondition | TimeCondition | MarginCondition | ExecutionCondition | VolumeCondition | PercentChangeCondition
)

KINDS: dict[int, Struct] = {
    1: struct(
        PriceCondition,
        conjunction=TEXT,
        is_more=BOOL,
        price=DECIMAL_OPT,
        con_id=INT_ZERO,
        exchange=TEXT,
        trigger_method=INT_ZERO,
    ),
    3: struct(TimeCondition, conjunction=TEXT, is_more=BOOL, time=TEXT),
    4: struct(MarginCondition, conjunction=TEXT, is_more=BOOL, percent=INT_OPT),
    5: struct(ExecutionCondition, conjunction=TEXT, sec_type=TEXT, exchange=TEXT, symbol=TEXT),
    6: struct(VolumeCondition, conjunction=TEXT, is_more=BOOL, volume=INT_OPT, con_id=INT_ZERO, exchange=TEXT),
    7: struct(
        PercentChangeCondition,
        conjunction=TEXT,
        is_more=BOOL,
        change_percent=DECIMAL_OPT,
        con_id=INT_ZERO,
        exchange=TEXT,
    ),
}


class CompiledUnion:
    """A kind's number, and the struct of that kind."""

    __slots__ = ("_by_class", "_by_number", "fewest")

    def __init__(self, kinds: dict[int, CompiledStruct], classes: dict[type, int]) -> None:
        self._by_number = kinds
        self._by_class = classes
        self.fewest = 1 + min(kind.fewest for kind in kinds.values())

    def read(self, reader: Reader, name: str) -> Any:
        number = reader.take(f"kind of {name}", INT)
        kind = self._by_number.get(number)
        if kind is None:
            raise reader.fault(f"field kind of {name} is {number}; the kinds are {sorted(self._by_number)}")
        return kind.read(reader, name)

    def write(self, writer: Writer, name: str, value: Any) -> None:
        number = self._by_class.get(type(value))
        if number is None:
            raise writer.fault(f"field {name} holds {type(value).__name__}, which is no condition")
        writer.fields.append(str(number))
        self._by_number[number].write(writer, name, value)


class ConditionKind:
    """The kind of one condition in a layout."""

    __slots__ = ()

    def at(self, version: int) -> CompiledUnion:
        return CompiledUnion(
            {number: kind.at(version) for number, kind in KINDS.items()},
            {kind.cls: number for number, kind in KINDS.items()},
        )


CONDITION = ConditionKind()
