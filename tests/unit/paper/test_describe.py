"""One readable line for every message, whatever is in it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ironbridge.paper.describe import Readable, json_for, line_for, understood
from ironbridge.paper.recording import Agreed, Closed, Entry, Greeted, Opened, Said, Torn, Unread
from ironbridge.wire.contract import ComboLeg, Contract
from ironbridge.wire.history import HistoricalBar, HistoricalData
from ironbridge.wire.market import ReqMktData, TickPrice
from ironbridge.wire.order import Order
from ironbridge.wire.orders import OrderStatus
from ironbridge.wire.place_order import PlaceOrder
from ironbridge.wire.registry import codec_for
from ironbridge.wire.session import ErrorMessage
from ironbridge.wire.values import UNSET, Role, TagValue

AAPL = Contract(265598, "AAPL", "STK", exchange="SMART", currency="USD")


def readable(*entries: Entry | Torn, version: int = 178) -> list[Readable]:
    return list(understood([Agreed(1, 0.0, version, "now"), *entries]))[1:]


def line(message: Any, sender: Role = Role.SERVER) -> str:
    fields = codec_for(178).encode_fields(message, sender)
    (found,) = readable(Said(1, 12.5, sender, tuple(fields)))
    return line_for(found)


@pytest.mark.parametrize(
    ("message", "sender", "says"),
    (
        (TickPrice(3, 1, 150.25, 200.0, 1), Role.SERVER, "<- TickPrice req_id=3 tick_type=1 price=150.25 size=200.0 "),
        (
            ErrorMessage(-1, 2104, "Market data farm connection is OK:usfarm"),
            Role.SERVER,
            "<- ErrorMessage id=-1 code=2104 text='Market data farm connection is OK:usfarm'",
        ),
        (
            ReqMktData(3, AAPL, "233"),
            Role.CLIENT,
            "-> ReqMktData req_id=3 contract=(con_id=265598 symbol=AAPL sec_type=STK exchange=SMART currency=USD) ",
        ),
        (
            OrderStatus(7, "Submitted", Decimal(0), Decimal("1.50"), avg_fill_price=UNSET),
            Role.SERVER,
            "<- OrderStatus order_id=7 status=Submitted filled=0 remaining=1.50 avg_fill_price=unset",
        ),
    ),
)
def test_a_message_is_its_name_and_what_is_set(message: Any, sender: Role, says: str) -> None:
    said = line(message, sender)
    assert said.startswith("  12.500000 " + says)


def test_lists_show_their_beginning_and_how_many_more() -> None:
    bars = tuple(HistoricalBar(f"2026030{n}", 1.0, 2.0, 0.5, 1.5, 10.0, 1.2, 3) for n in range(1, 8))
    said = line(HistoricalData(3, "20260301", "20260307", bars))
    assert "bars=[(date=20260301 " in said
    assert said.endswith("and 3 more]")
    legs = (ComboLeg(1, 1, "BUY", "SMART"), ComboLeg(2, 1, "SELL", "SMART"))
    order = Order(total_quantity=Decimal(1), algo_strategy="Twap", algo_params=(TagValue("a", "b c"),))
    said = line(PlaceOrder(7, Contract(symbol="AAPL", sec_type="BAG", combo_legs=legs), order), Role.CLIENT)
    assert "combo_legs=[(con_id=1 ratio=1 action=BUY exchange=SMART), (con_id=2 " in said
    assert "algo_params=[a='b c']" in said


def test_what_means_nothing_is_shown_raw_with_the_reason() -> None:
    unknown, wrong, raw, withheld = readable(
        Said(1, 0.0, Role.SERVER, ("999", "a b", "")),
        Said(1, 0.0, Role.SERVER, ("9", "1", "many")),
        Unread(1, 0.0, Role.CLIENT, 2, b"\x00\xff", "why not"),
        Unread(1, 0.0, Role.CLIENT, 2, None, "why not"),
    )
    assert line_for(unknown).endswith("<- UNREADABLE 999 'a b' '' (the server has no message 999 at 178)")
    assert "<- UNREADABLE 9 1 many (NextValidId: field order_id (number 2) is not an integer" in line_for(wrong)
    assert line_for(raw).endswith("-> UNREADABLE 2 bytes 00 ff (why not)")
    assert line_for(withheld).endswith("-> UNREADABLE 2 bytes withheld by masking (why not)")
    assert all(one.problem for one in (unknown, wrong, raw, withheld))


@pytest.mark.parametrize("version", (150, 187))
def test_another_version_is_named(version: int) -> None:
    (found,) = readable(Said(1, 0.0, Role.SERVER, ("9", "1", "5")), version=version)
    assert f"(version {version} is not one of 151 to 178)" in line_for(found)


def test_each_link_is_read_at_its_own_version() -> None:
    error = ("4", "2", "-1", "2104", "OK")
    entries = [Agreed(1, 0.0, 178, ""), Agreed(2, 0.0, 151, ""), Said(1, 0.0, Role.SERVER, error)]
    entries.append(Said(2, 0.0, Role.SERVER, error))
    first, second = list(understood(entries))[2:]
    assert (first.message, second.message) == (None, ErrorMessage(-1, 2104, "OK"))
    assert line_for(second, links=True).startswith("   0.000000 #2 <- ErrorMessage")


def test_a_link_has_a_beginning_and_an_end() -> None:
    lines = [
        line_for(one)
        for one in understood(
            [
                Opened(1, 0.0),
                Greeted(1, 0.0, 157, 178, "+PACEAPI"),
                Agreed(1, 0.0, 176, "20260302 10:00:00 EST"),
                Closed(1, 1.0, "gateway", "Connection reset by peer"),
                Torn(6),
            ]
        )
    ]
    assert [one.partition(" 0.000000 ")[2] or one for one in lines] == [
        "--- client 1 connects",
        "-> hello, versions 157 to 178 +PACEAPI",
        "<- version 176, time '20260302 10:00:00 EST'",
        "   1.000000 --- client 1 ends, closed by the gateway: 'Connection reset by peer'",
        "--- line 6 is cut short: the recorder was ended while it wrote, or it still writes",
    ]


def test_json_keeps_absent_unset_and_zero_apart() -> None:
    status = OrderStatus(7, "Submitted", Decimal(0), Decimal("1.50"), avg_fill_price=UNSET, parent_id=0)
    fields = codec_for(178).encode_fields(status, Role.SERVER)
    (found,) = readable(Said(1, 12.5, Role.SERVER, tuple(fields)))
    content = json.loads(orjson.dumps(json_for(found)))
    values = content["values"]
    assert (content["message"], content["from"], content["link"]) == ("OrderStatus", "server", 1)
    assert (values["avg_fill_price"], values["perm_id"], values["parent_id"]) == ("UNSET", None, 0)
    assert values["remaining"] == "1.50"
    assert content["fields"] == fields


@given(st.lists(st.text(max_size=12), min_size=1, max_size=8), st.sampled_from(Role))
def test_no_text_ends_a_line_or_steers_a_terminal(texts: list[str], sender: Role) -> None:
    news = ("84" if sender is Role.SERVER else "81", "1", *texts)
    for fields in (tuple(texts), news):
        for found in readable(Said(1, 0.0, sender, fields)):
            assert line_for(found).isprintable()
            assert json_for(found)["fields"] == list(fields)
