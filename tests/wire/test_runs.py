"""Runs remember what they read and wrote last; what they say never depends on it."""

import dataclasses
import sys
import threading
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ironbridge.errors import InvalidInput, ProtocolError
from ironbridge.wire import UNSET, Contract, OpenOrder, Order, OrderState, PlaceOrder, ReqMktData, Role, codec_for
from ironbridge.wire.registry import FORMATS
from ironbridge.wire.text import Format, TextCodec

VERSION = 178
APPLE = Contract(265598, "AAPL", "STK", strike=Decimal(0), exchange="SMART", currency="USD")
ORDER = Order(action="BUY", total_quantity=Decimal(100), order_type="LMT", lmt_price=Decimal("1.50"), tif="DAY")


def alone(message: Any, sender: Role) -> bytes:
    """As a codec says it that has said nothing before."""
    return TextCodec(VERSION, FORMATS).encode(message, sender)


def test_what_was_said_before_changes_nothing(form: Format, draw_messages: Any) -> None:
    codec = TextCodec(VERSION, FORMATS)

    @settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(draw_messages(form, VERSION), min_size=2, max_size=3))
    def same(messages: list[Any]) -> None:
        for message in (*messages, messages[0]):
            said = codec.encode(message, form.sender)
            assert said == alone(message, form.sender)
            assert codec.decode(said, form.sender) == TextCodec(VERSION, FORMATS).decode(said, form.sender)

    same()


@pytest.mark.parametrize(
    ("first", "second"),
    (
        ({"lmt_price": Decimal("1.50")}, {"lmt_price": Decimal("1.5")}),
        ({"lmt_price": Decimal(0)}, {"lmt_price": Decimal("0.0")}),
        ({"aux_price": None}, {"aux_price": UNSET}),
        ({"min_qty": 0}, {"min_qty": None}),
    ),
)
def test_equal_values_keep_their_own_texts(first: dict[str, Any], second: dict[str, Any]) -> None:
    codec = codec_for(VERSION)
    for changes in (first, second, first):
        message = OpenOrder(7, APPLE, dataclasses.replace(ORDER, **changes), OrderState(status="Submitted"))
        assert codec.encode(message, Role.SERVER) == alone(message, Role.SERVER)


def test_what_equals_a_good_value_is_refused_all_the_same() -> None:
    codec = codec_for(VERSION)
    codec.encode(OpenOrder(7, APPLE, dataclasses.replace(ORDER, origin=1, hidden=True)), Role.SERVER)
    for field, value in (("origin", True), ("hidden", 1)):
        message = OpenOrder(7, APPLE, dataclasses.replace(ORDER, **{field: value}))
        with pytest.raises(InvalidInput, match=f"field order.{field} cannot be written"):
            codec.encode(message, Role.SERVER)


def test_what_could_change_after_it_was_said_cannot_be_said() -> None:
    options: Any = []
    with pytest.raises(InvalidInput, match=r"field options .* a tuple is needed"):
        codec_for(VERSION).encode(ReqMktData(1, APPLE, options=options), Role.CLIENT)


def test_a_bad_field_is_named_after_a_good_one() -> None:
    codec = codec_for(VERSION)
    said = codec.encode(PlaceOrder(7, APPLE, ORDER), Role.CLIENT)
    assert codec.decode(said, Role.CLIENT).order.lmt_price == Decimal("1.50")
    with pytest.raises(ProtocolError, match=r"field order.lmt_price .* is not a decimal"):
        codec.decode(said.replace(b"\x001.50\0", b"\x001.5x\0"), Role.CLIENT)
    assert codec.decode(said, Role.CLIENT).order.lmt_price == Decimal("1.50")


def test_threads_that_share_a_codec_do_not_mix_their_messages() -> None:
    codec = codec_for(VERSION)
    wrong: list[bytes] = []

    def speak(price: Decimal) -> None:
        message = OpenOrder(7, APPLE, dataclasses.replace(ORDER, lmt_price=price, aux_price=price))
        expected = alone(message, Role.SERVER)
        wrong.extend(said for _ in range(400) if (said := codec.encode(message, Role.SERVER)) != expected)

    threads = [threading.Thread(target=speak, args=(Decimal(n),)) for n in range(4)]
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(usual)
    assert wrong == []
