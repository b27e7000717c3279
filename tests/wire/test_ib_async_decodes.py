"""Every answer, read by ib_async's own decoder: the same callbacks, the same values, and not one logged error.

Our reader and our writer come from one layout, so they agree even where both are wrong. This is the judge.
"""

import dataclasses
import logging
import re
from datetime import UTC
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ib_async.decoder import Decoder

from ironbridge.wire import UNSET, Role, codec_for
from ironbridge.wire.text import Format

VERSIONS = (157, 160, 163, 164, 166, 170, 173, 176, 177, 178)
"""All but 158: official clients read the duration from there on, ib_async from 159, and none negotiates 158."""

NO_VALUE = {1.7976931348623157e308, 2147483647, 9223372036854775807}
RENAMED = {
    "trailStopPrice": "adjusted_trail_stop_price",
    "rule80A": "rule_80a",
    "acctNumber": "account",
    "val": "value",
    "exch": "exchange",
    "secIdList": "sec_id_list",
    "barCount": "count",
    "average": "wap",
}
ELSEWHERE = {
    "lastTradeDateOrContractMonth": "contract details split it at a blank or a dash",
    "timeZoneId": "the same",
    "maturity": "the same",
    "time": "ib_async makes a datetime of it",
    "date": "held in its own test",
    "condType": "our conditions are classes",
    "orderId": "belongs to the message here",
    "mdSizeMultiplier": "ib_async drops it",
}

TIMES = st.sampled_from(["20230224  12:04:56", "20260413 15:27:04 US/Eastern"])
EPOCHS = st.integers(1, 2_000_000_000)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)

PINNED: dict[str, dict[str, Any]] = {
    "ExecDetails": {"execution.time": TIMES},
    "TickByTick": {"time": EPOCHS},
    "HistoricalTicks": {"time": EPOCHS},
    "HistoricalTicksBidAsk": {"time": EPOCHS},
    "HistoricalTicksLast": {"time": EPOCHS},
    # ib_async reads a coupon with int(), because its default is 0: a fraction costs it the message.
    "BondContractData": {"details.coupon": st.integers(0, 9).map(Decimal)},
}


class Recorder:
    """A wrapper that takes every callback."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.ib = SimpleNamespace(TimezoneTWS=None)
        self.defaultTimezone = UTC

    def __getattr__(self, name: str) -> Any:
        return lambda *args: self.calls.append((name, args))


def snake(name: str) -> str:
    return RENAMED.get(name) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def whole(text: str) -> str:
    """ib_async leaves the two halves of a character beyond the basic plane apart."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def same(theirs: Any, ours: Any, default: Any) -> bool:
    if isinstance(ours, (tuple, list)):
        pairs = zip(theirs, ours, strict=True)
        return all(differences(t, o) == [] if dataclasses.is_dataclass(t) else same(t, o, None) for t, o in pairs)
    if dataclasses.is_dataclass(ours):
        if dataclasses.is_dataclass(theirs):
            return differences(theirs, ours) == []
        mine = [getattr(ours, field.name) for field in dataclasses.fields(ours)]
        return all(same(t, o, None) for t, o in zip(theirs, mine, strict=True))
    if ours is None:
        return theirs == default or theirs in {"", 0} or theirs is None
    if ours is UNSET:
        return (float(theirs) if isinstance(theirs, str) else theirs) in NO_VALUE
    if isinstance(ours, (Decimal, float)):
        return float(theirs) == float(ours) or theirs == default
    if isinstance(ours, str):
        return whole(str(theirs)) == ours
    return bool(theirs == ours)


def differences(theirs: Any, ours: Any) -> list[str]:
    """The fields of one of ib_async's objects that hold something else than ours."""
    found = []
    for field in dataclasses.fields(theirs):
        name = snake(field.name)
        if field.name in ELSEWHERE or not hasattr(ours, name):
            continue
        default = field.default if field.default is not dataclasses.MISSING else None
        theirs_value, ours_value = getattr(theirs, field.name), getattr(ours, name)
        if name == "compete_against_best_offset" and ours_value == Decimal("Infinity"):
            continue
        if not same(theirs_value, ours_value, default):
            found.append(f"{field.name}: ib_async has {theirs_value!r}, we have {ours_value!r}")
    return found


def objects_of(message: Any) -> dict[str, Any]:
    """Our objects under the names of ib_async's classes."""
    parts = {
        "Contract": getattr(message, "contract", None),
        "Order": getattr(message, "order", None),
        "OrderState": getattr(message, "state", None),
        "Execution": getattr(message, "execution", None),
        "ContractDetails": getattr(message, "details", None),
        "CommissionReport": message if type(message).__name__ == "CommissionReport" else None,
        "BarData": getattr(message, "bar", None),
    }
    return {name: part for name, part in parts.items() if part is not None}


def compared(message: Any, calls: list[tuple[str, tuple[Any, ...]]]) -> int:
    """How many values of the callbacks were compared; each has to be the same."""
    ours = objects_of(message)
    count = 0
    for name, args in calls:
        for arg in args:
            part = ours.get(type(arg).__name__)
            if part is not None and type(message).__name__ not in {"ScannerData", "HistoricalData"}:
                assert differences(arg, part) == [], name
                count += 1
                if type(arg).__name__ == "ContractDetails":
                    assert differences(arg.contract, message.contract) == []
    values = [getattr(message, field.name) for field in dataclasses.fields(message)]
    if len(calls) == 1 and len(values) == len(calls[0][1]) and not ours and type(message).__name__ not in SHAPED:
        for theirs, value in zip(calls[0][1], values, strict=True):
            assert same(theirs, value, None), f"{calls[0][0]}: ib_async has {theirs!r}, we have {value!r}"
            count += 1
    return count


SHAPED = {
    "TickPrice": "the attributes are left out",
    "TickByTick": "by kind",
    "ErrorMessage": "ib_async does not undo the escapes of an error's text",
    "TickOptionComputation": "not computed is -1 or -2 there",
    "SecDefOptParams": "the underlying stays text",
    "HistoricalTicks": "datetimes",
    "HistoricalTicksBidAsk": "datetimes",
    "HistoricalTicksLast": "datetimes",
    "SymbolSamples": "descriptions hold contracts",
    "SmartComponents": "named tuples",
    "HistoricalSchedule": "names of its own",
}

COMPARED = {"OpenOrder": 3, "CompletedOrder": 3, "ExecDetails": 2, "ContractData": 1, "OrderStatus": 11, "Position": 1}
"""How many objects or values are compared at the least, lest the comparison fade out unseen."""

EMPTY_LISTS = {"ScannerData": "scannerDataEnd", "HistoricalData": "historicalDataEnd"}


@pytest.mark.parametrize("version", VERSIONS)
def test_ib_async_reads_every_answer(
    answer_form: Format, version: int, draw_messages: Any, caplog: pytest.LogCaptureFixture
) -> None:
    form = answer_form
    version = max(version, form.first_version)
    codec = codec_for(version)
    name = form.cls.__name__

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(draw_messages(form, version, TEXTS, **PINNED.get(name, {})))
    def prove(message: Any) -> None:
        caplog.clear()
        fields = codec.encode_fields(message, Role.SERVER)
        heard = codec.decode_fields(fields, Role.SERVER)
        recorder = Recorder()
        with caplog.at_level(logging.DEBUG, "ib_async.Decoder"):
            Decoder(recorder, version).interpret(list(fields))
        assert [record.getMessage() for record in caplog.records] == []
        if name == "TickPrice" and heard.price is None:
            assert recorder.calls == []
            return
        assert recorder.calls
        if name in EMPTY_LISTS:
            assert recorder.calls[-1][0] == EMPTY_LISTS[name]
        counts.append(compared(heard, recorder.calls))

    counts: list[int] = []
    prove()
    assert min(counts, default=0) >= COMPARED.get(name, 0)


def test_the_values_of_an_open_order_are_compared() -> None:
    """The guard of the test above: its comparison finds a difference where there is one."""
    from ib_async.order import Order as Theirs

    from ironbridge.wire import Order

    assert (
        differences(Theirs(lmtPrice=10.5, tif="DAY"), Order(lmt_price=Decimal("10.5"), tif="DAY", open_close="O")) == []
    )
    assert differences(Theirs(lmtPrice=10.5), Order(lmt_price=Decimal("10.4"), open_close="O")) != []
    assert differences(Theirs(lmtPrice=0.0), Order(lmt_price=UNSET, open_close="O")) != []
