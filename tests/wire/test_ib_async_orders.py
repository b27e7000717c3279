"""Orders as ib_async's own client sends them, drawn by hypothesis: what it says is what we read."""

import dataclasses
import math
import re
from decimal import Decimal
from operator import attrgetter
from typing import Any

import ib_async
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ib_async.client import Client
from ib_async.order import Order as TheirOrder

from ironbridge.wire import UNSET, PlaceOrder, Role, codec_for, conditions, split_fields
from ironbridge.wire.layout import CodecStep, WhenStep
from ironbridge.wire.registry import FORMATS
from ironbridge.wire.runs import ScalarStep

VERSIONS = (157, 158, 160, 163, 166, 169, 170, 173, 176, 177, 178)
FORM = next(form for form in FORMATS if form.cls is PlaceOrder)

UNSET_DOUBLE = 1.7976931348623157e308
UNSET_INT = 2147483647

TEXTS = st.sampled_from(["", "abc", "x y", "é"])
INTEGERS = st.one_of(st.integers(-1000, 1000), st.just(UNSET_INT))
NUMBERS = st.one_of(st.integers(-(10**6), 10**6).map(lambda n: n / 100), st.just(UNSET_DOUBLE), st.none())
TAGS = st.lists(st.builds(ib_async.TagValue, st.just("tag"), st.sampled_from(["1", "b"])), max_size=2)

BY_HAND = {
    "orderType": st.sampled_from(["LMT", "MKT", "STP", "VOL", "PEG BENCH", "PEG BEST", "PEG MID", "TRAIL LIMIT"]),
    "algoStrategy": st.sampled_from(["", "Adaptive"]),
    "hedgeType": st.sampled_from(["", "D"]),
    "deltaNeutralOrderType": st.sampled_from(["", "MKT"]),
    "algoParams": TAGS,
    "smartComboRoutingParams": TAGS,
    "orderMiscOptions": TAGS,
    "orderComboLegs": st.lists(st.builds(ib_async.OrderComboLeg, st.sampled_from([1.5, UNSET_DOUBLE])), max_size=2),
    "softDollarTier": st.builds(ib_async.SoftDollarTier, TEXTS, TEXTS),
    "conditions": st.lists(
        st.sampled_from(
            [
                ib_async.PriceCondition(1, "a", True, 10.5, 8314, "SMART", 2),
                ib_async.TimeCondition(3, "o", False, "20260413 10:00:00"),
                ib_async.MarginCondition(4, "a", True, 25),
                ib_async.ExecutionCondition(5, "a", "STK", "SMART", "IBM"),
                ib_async.VolumeCondition(6, "o", True, 1000, 8314, "SMART"),
                ib_async.PercentChangeCondition(7, "a", False, 2.5, 8314, "SMART"),
            ]
        ),
        max_size=3,
    ),
    "scalePriceIncrement": st.sampled_from([UNSET_DOUBLE, 0.05, 0.0, -1.0]),
    "competeAgainstBestOffset": st.sampled_from([UNSET_DOUBLE, 0.02, math.inf]),
    "totalQuantity": st.sampled_from([100.0, 0.5, Decimal("12.25")]),
    "lmtPrice": st.sampled_from([UNSET_DOUBLE, 150.25, None, Decimal("10.05"), 0.0]),
}


def of_type(default: object) -> st.SearchStrategy[Any]:
    kinds = {str: TEXTS, int: INTEGERS, float: NUMBERS, bool: st.booleans()}
    return kinds[type(default)]


ORDERS = st.builds(
    TheirOrder,
    **{
        field.name: BY_HAND[field.name] if field.name in BY_HAND else of_type(field.default)
        for field in dataclasses.fields(TheirOrder)
        if field.name not in {"orderId", "clientId", "permId"}
    },
)

LEGS = [ib_async.ComboLeg(1, 2, "BUY", "SMART", 1, 2, "here", 3), ib_async.ComboLeg(4, 1, "SELL", "CBOE")]
CONTRACTS = (
    ib_async.Contract(secType="STK", conId=265598, symbol="AAPL", exchange="SMART", currency="USD"),
    ib_async.Contract(secType="OPT", symbol="SPY", strike=500.5, right="C", exchange="IBKRATS", multiplier="100"),
    ib_async.Contract(secType="BAG", symbol="SPY", exchange="SMART", comboLegs=LEGS),
    ib_async.Contract(secType="STK", symbol="A", deltaNeutralContract=ib_async.DeltaNeutralContract(9, 0.5, 10.25)),
)

RENAMED = {"rule_80a": "rule80A"}


def camel(name: str) -> str:
    return RENAMED.get(name) or re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


def placed(version: int, contract: Any, order: Any) -> list[str]:
    """The fields of the message that ib_async's client makes of an order."""
    client = Client(wrapper=None)
    client.connState = Client.CONNECTED
    client._serverVersion = version
    said: list[str] = []
    client.sendMsg = said.append
    client.placeOrder(17, contract, order)
    [text] = said
    return split_fields(text.encode())


def carried(steps: Any, message: PlaceOrder) -> list[str]:
    found = []
    for step in steps:
        if isinstance(step, (ScalarStep, CodecStep)):
            found.append(step.path)
        elif isinstance(step, WhenStep) and step.holds(*[attrgetter(path)(message) for path in step.paths]):
            found += carried(step.steps, message)
    return found


def means_the_same(theirs: Any, ours: Any) -> bool:
    if theirs is None or theirs in (UNSET_DOUBLE, UNSET_INT):
        # ib_async writes both as an empty field.
        return ours is None
    if ours is UNSET:
        return False
    if isinstance(theirs, float) and math.isinf(theirs):
        return bool(ours == Decimal("Infinity"))
    if isinstance(ours, Decimal):
        return float(ours) == float(theirs)
    return bool(ours == theirs)


def check_objects(theirs: list[Any], ours: tuple[Any, ...]) -> None:
    """Two lists of objects with the same attributes under either spelling."""
    assert len(theirs) == len(ours)
    for their, our in zip(theirs, ours, strict=True):
        for field in dataclasses.fields(our):
            name = "exch" if field.name == "exchange" and hasattr(their, "exch") else camel(field.name)
            assert means_the_same(getattr(their, name), getattr(our, field.name)), f"{our}: {field.name}"


@pytest.mark.parametrize("version", VERSIONS)
def test_orders_are_heard_as_they_were_meant(version: int) -> None:
    codec = codec_for(version)
    steps = FORM.layout.at(version).steps

    # Without shrinking: ib_async's client changes the order it is given, and a hundred fields shrink for minutes.
    @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
    @given(st.integers(0, len(CONTRACTS) - 1), ORDERS)
    def prove(which: int, order: Any) -> None:
        contract = CONTRACTS[which]
        fields = placed(version, contract, order)
        message = codec.decode_fields(fields, Role.CLIENT)
        assert (message.order_id, message.contract.symbol) == (17, contract.symbol)
        for path in carried(steps, message):
            group, _, name = path.partition(".")
            if group == "order":
                check_order_field(name, order, message)
            elif name == "combo_legs":
                check_objects(contract.comboLegs, message.contract.combo_legs)
            elif name == "delta_neutral_contract":
                check_neutral(contract, message)
            elif group == "contract":
                assert means_the_same(getattr(contract, camel(name)), getattr(message.contract, name)), path

    prove()


def check_neutral(contract: Any, message: PlaceOrder) -> None:
    theirs, ours = contract.deltaNeutralContract, message.contract.delta_neutral_contract
    assert (theirs is None) == (ours is None)
    if theirs is not None and ours is not None:
        assert (theirs.conId, theirs.delta, theirs.price) == (ours.con_id, ours.delta, ours.price)


def check_order_field(name: str, order: Any, message: PlaceOrder) -> None:
    ours = getattr(message.order, name)
    if name == "shares_allocation":
        assert ours == ""
    elif name in {"algo_params", "smart_combo_routing_params", "order_misc_options"}:
        assert [(tag.tag, tag.value) for tag in ours] == [tuple(tag) for tag in getattr(order, camel(name))]
    elif name == "order_combo_legs":
        assert [means_the_same(leg.price, price) for leg, price in zip(order.orderComboLegs, ours, strict=True)] == [
            True
        ] * len(ours)
    elif name == "soft_dollar_tier":
        assert (ours.name, ours.value) == (order.softDollarTier.name, order.softDollarTier.val)
    elif name == "conditions":
        check_objects(order.conditions, ours)
        kinds = {kind.cls: number for number, kind in conditions.KINDS.items()}
        assert [kinds[type(condition)] for condition in ours] == [theirs.condType for theirs in order.conditions]
    else:
        assert means_the_same(getattr(order, camel(name)), ours), name


@pytest.mark.parametrize(
    ("version", "count"),
    (
        (157, 110),
        (158, 111),
        (160, 112),
        (162, 113),
        (163, 113),
        (166, 114),
        (169, 115),
        (176, 115),
        (177, 114),
        (178, 114),
    ),
)
def test_a_plain_limit_order_has_the_known_number_of_fields(version: int, count: int) -> None:
    contract = ib_async.Stock("AAPL", "SMART", "USD")
    fields = placed(version, contract, ib_async.LimitOrder("BUY", 100, 150.25))
    assert len(fields) == count
    message = codec_for(version).decode_fields(fields, Role.CLIENT)
    assert message.order.transmit is True
    assert message.order.lmt_price == Decimal("150.25")
    said = codec_for(version).encode_fields(message, Role.CLIENT)
    assert said == fields
