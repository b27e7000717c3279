"""Messages made from the layouts themselves: what a layout can carry, hypothesis can draw.

The strategies follow a layout compiled for one version, so a new message or field is covered the moment it exists.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st

from ironbridge.wire import conditions, fields, registry
from ironbridge.wire.analysis import LastOptions
from ironbridge.wire.conditions import CompiledUnion
from ironbridge.wire.fields import Scalar
from ironbridge.wire.layout import (
    CodecStep,
    CompiledMany,
    CompiledOptional,
    CompiledStruct,
    SingleField,
    WhenStep,
)
from ironbridge.wire.runs import ScalarStep
from ironbridge.wire.text import Format
from ironbridge.wire.values import UNSET, TagValue

INTEGERS = st.integers(-(2**31) + 1, 2**31 - 2)
LONGS = st.integers(-(2**62), 2**62)
DECIMALS = st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=4)
FLOATS = st.floats(-1e12, 1e12, allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12)
WORDS = st.text("abcXYZ 0123456789/-.", max_size=8)
OPTION_TEXTS = st.text("abcXYZ0123456789", min_size=1, max_size=6)
OPTIONS = st.lists(st.builds(TagValue, OPTION_TEXTS, OPTION_TEXTS), max_size=3).map(tuple)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(values, st.none(), st.just(UNSET))


def scalars(version: int, texts: st.SearchStrategy[str]) -> dict[Scalar, st.SearchStrategy[Any]]:
    """A strategy for every scalar there is, at one version."""
    kinds: dict[Scalar, st.SearchStrategy[Any]] = {
        fields.INT: INTEGERS,
        fields.INT_ZERO: INTEGERS,
        fields.INT_OPT: maybe(INTEGERS),
        fields.INT_NEVER_EMPTY: maybe(INTEGERS),
        fields.LONG_OPT: maybe(LONGS),
        fields.DECIMAL: DECIMALS,
        fields.DECIMAL_OPT: maybe(DECIMALS),
        fields.DECIMAL_NEVER_EMPTY: maybe(DECIMALS),
        fields.QUANTITY: maybe(DECIMALS),
        fields.OFFSET: st.one_of(maybe(DECIMALS), st.just(Decimal("Infinity"))),
        fields.REAL: FLOATS,
        fields.REAL_OPT: maybe(FLOATS),
        fields.REAL_NEVER_EMPTY: maybe(FLOATS),
        fields.SIZE: maybe(FLOATS),
        fields.SIZE_NEVER_EMPTY: maybe(FLOATS),
        fields.MODEL_PRICE: maybe(FLOATS),
        fields.MODEL_GREEK: maybe(FLOATS),
        fields.BOOL: st.booleans(),
        fields.BOOL_TRUE: st.booleans(),
        fields.BOOL_OPT: st.one_of(st.booleans(), st.none()),
        fields.TEXT: texts,
        fields.ESCAPED_TEXT: texts,
        fields.OPTIONS: OPTIONS,
    }
    return {scalar.at(version): values for scalar, values in kinds.items()}


class Drawing:
    """Draws what a compiled layout carries. `pinned` gives the strategy of a path by hand."""

    def __init__(self, version: int, texts: st.SearchStrategy[str], pinned: dict[str, Any]) -> None:
        self.version = version
        self.scalars = scalars(version, texts)
        self.pinned = pinned

    def codec(self, codec: Any) -> st.SearchStrategy[Any]:
        if isinstance(codec, SingleField):
            return self.scalars[codec.scalar]
        if isinstance(codec, CompiledStruct):
            return self.struct(codec)
        if isinstance(codec, CompiledMany):
            return st.lists(self.codec(codec.item), max_size=3).map(tuple)
        if isinstance(codec, CompiledOptional):
            return st.one_of(st.none(), self.struct(codec.item))
        if isinstance(codec, CompiledUnion):
            return st.one_of([self.struct(kind.at(self.version)) for kind in conditions.KINDS.values()])
        if isinstance(codec, LastOptions):
            return OPTIONS
        raise AssertionError(f"no strategy for {codec!r}")

    def paths(self, steps: Any) -> dict[str, st.SearchStrategy[Any]]:
        found: dict[str, st.SearchStrategy[Any]] = {}
        for step in steps:
            if isinstance(step, ScalarStep):
                found[step.path] = self.pinned.get(step.path, self.scalars[step.scalar])
            elif isinstance(step, CodecStep):
                found[step.path] = self.pinned.get(step.path, self.codec(step.codec))
            elif isinstance(step, WhenStep):
                for path, values in self.paths(step.steps).items():
                    found.setdefault(path, values)
        return found

    def struct(self, struct: CompiledStruct) -> st.SearchStrategy[Any]:
        def build(values: dict[str, Any]) -> Any:
            own = {path: value for path, value in values.items() if "." not in path}
            for group, cls in struct._groups.items():
                own[group] = cls(**{p.split(".")[1]: v for p, v in values.items() if p.startswith(f"{group}.")})
            return struct._cls(**own)

        return st.fixed_dictionaries(self.paths(struct.steps)).map(build)


ORDER_TYPES = st.sampled_from(["LMT", "MKT", "PEG BENCH", "PEG BEST", "PEG MID", "VOL", "TRAIL"])
TICKS = {
    1: {"tick_type": st.sampled_from([1, 2])},
    3: {"tick_type": st.just(3)},
    4: {"tick_type": st.just(4)},
}


def messages_of(form: Format, version: int, texts: st.SearchStrategy[str] = TEXTS, **pinned: Any) -> Any:
    """Every message of a format that a version can carry."""
    pins: dict[str, Any] = {
        "order.order_type": ORDER_TYPES,
        "contract.sec_type": st.sampled_from(["STK", "OPT", "BAG", ""]),
        "contract.exchange": st.sampled_from(["SMART", "IBKRATS", ""]),
        "order.hedge_type": st.sampled_from(["", "D", "B"]),
        "order.algo_strategy": st.sampled_from(["", "Adaptive"]),
        "order.delta_neutral_order_type": st.sampled_from(["", "None", "MKT"]),
        **pinned,
    }
    compiled = form.layout.at(version)
    if form.cls.__name__ == "TickByTick":
        whens = [step for step in compiled.steps if isinstance(step, WhenStep)]
        shapes = []
        for when, tick in zip(whens, TICKS.values(), strict=True):
            drawing = Drawing(version, texts, {**pins, **tick, "tick": None})
            drawing.pinned["tick"] = drawing.codec(when.steps[0].codec)
            shapes.append(drawing.struct(compiled))
        return st.one_of(shapes)
    return Drawing(version, texts, pins).struct(compiled)


@pytest.fixture(scope="session")
def draw_messages() -> Callable[..., Any]:
    """`draw_messages(form, version)` is a strategy for messages of that format."""
    return messages_of


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `form`, `request_form` or `answer_form` runs once for each."""
    formats = {
        "form": registry.FORMATS,
        "request_form": [form for form in registry.FORMATS if form.sender is registry.Role.CLIENT],
        "answer_form": [form for form in registry.FORMATS if form.sender is registry.Role.SERVER],
    }
    for name, forms in formats.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, forms, ids=lambda form: form.cls.__name__)
