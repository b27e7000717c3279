"""Every event that can be meant is read back as it was written, in any version."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ironbridge.domain.events import (
    CommissionReceived,
    DuplicateFound,
    Fill,
    FillReceived,
    ModifyMoved,
    ModifyRequested,
    OrderClosedByHand,
    OrderEvent,
    OrderIntended,
    OrderMoved,
    OrderNoticed,
    TermsChanged,
)
from ironbridge.domain.instrument import Forex, Future, Option, Stock
from ironbridge.domain.lifecycle import Trigger
from ironbridge.domain.modification import ModifyTrigger
from ironbridge.domain.order import OrderRequest, buy, sell
from ironbridge.domain.values import Side
from ironbridge.errors import StorageError
from ironbridge.store import codec
from ironbridge.store.codec import KINDS, EventKind, decode, encode

decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12)
prices = st.decimals(min_value="0.0001", max_value=10**9, places=6)
quantities = st.decimals(min_value="0.0001", max_value=10**9, places=4)
texts = st.text(max_size=60)
keys = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=200)
ids = st.integers(0, 2**31 - 1)
moments = st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (hypothesis adds it)
instruments = st.sampled_from(
    (Stock("AAPL"), Option("SPY", "20261218", "680.5", "C"), Future("ES", "202612", "CME"), Forex("EURUSD"))
)
specs = st.one_of(
    st.builds(buy, quantities),
    st.builds(lambda quantity, price: sell(quantity).limit(price).gtc(), quantities, prices),
    st.builds(lambda q, a, b: buy(q).stop(a).limit(b).ioc().outside_regular_hours(), quantities, prices, prices),
)
requests = st.builds(OrderRequest, keys, instruments, specs, texts, texts)
fills = st.builds(Fill, texts, st.sampled_from(Side), quantities, prices, moments, texts)
optional_codes = st.none() | ids

EVENTS: dict[type[OrderEvent], st.SearchStrategy[OrderEvent]] = {
    OrderIntended: st.builds(OrderIntended, keys, requests, ids, ids),
    OrderMoved: st.builds(OrderMoved, keys, st.sampled_from(Trigger), texts, optional_codes, ids, st.none() | decimals),
    FillReceived: st.builds(FillReceived, keys, fills, ids),
    CommissionReceived: st.builds(CommissionReceived, keys, texts, decimals, texts, st.none() | decimals),
    OrderNoticed: st.builds(OrderNoticed, keys, ids, texts),
    DuplicateFound: st.builds(DuplicateFound, keys, ids, ids),
    ModifyRequested: st.builds(ModifyRequested, keys, ids, specs, texts),
    ModifyMoved: st.builds(ModifyMoved, keys, ids, st.sampled_from(ModifyTrigger), texts, optional_codes),
    TermsChanged: st.builds(TermsChanged, keys, specs),
    OrderClosedByHand: st.builds(OrderClosedByHand, keys, texts, texts),
}


def test_every_kind_of_event_has_a_name_and_a_strategy_here() -> None:
    union = set(OrderEvent.__args__)
    assert {kind.event for kind in KINDS} == union == set(EVENTS)
    assert len({kind.name for kind in KINDS}) == len(KINDS)


@given(st.one_of(*EVENTS.values()))
def test_round_trip(event: OrderEvent) -> None:
    assert decode(*encode(event)) == event


def test_money_is_text_and_time_says_its_zone() -> None:
    moment = datetime(2026, 3, 2, 14, 30, 0, 250000, tzinfo=UTC)
    fill = Fill("e.01", Side.BUY, Decimal(10), Decimal("227.350"), moment, "NASDAQ")
    name, version, payload = encode(FillReceived("k", fill))
    assert (name, version) == ("fill_received", 1)
    kept = json.loads(payload)["fill"]
    assert kept["price"] == "227.350"
    assert kept["time"] == "2026-03-02T14:30:00.250000Z"


def test_a_journal_written_by_the_first_version_is_still_read() -> None:
    payload = '{"key":"k","trigger":"held","reason":"","code":null,"perm_id":7}'
    assert decode("order_moved", 1, payload) == OrderMoved("k", Trigger.HELD, perm_id=7)


def test_older_versions_go_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = EventKind(
        "order_noticed",
        OrderNoticed,
        version=3,
        upgrades={1: lambda d: {**d, "number": d["no"]}, 2: lambda d: {**d, "code": d["number"], "text": ""}},
    )
    monkeypatch.setitem(codec._BY_NAME, kind.name, kind)
    assert decode("order_noticed", 1, '{"key":"k","no":399}') == OrderNoticed("k", 399, "")
    assert decode("order_noticed", 2, '{"key":"k","number":399}') == OrderNoticed("k", 399, "")
    with pytest.raises(StorageError, match="version 4"):
        decode("order_noticed", 4, "{}")


@pytest.mark.parametrize(
    ("kind", "version", "payload", "says"),
    (
        ("order_teleported", 1, "{}", "order_teleported in version 1.*newer version"),
        ("order_moved", 2, "{}", "order_moved in version 2.*newer version"),
        ("order_moved", 1, "{", "cannot be read"),
        ("order_moved", 1, '{"key":"k","trigger":"sideways"}', "cannot be read.*sideways"),
        ("order_moved", 1, msgspec.json.encode({"key": "k"}).decode(), "cannot be read.*trigger"),
    ),
)
def test_what_cannot_be_read_is_refused(kind: str, version: int, payload: str, says: str) -> None:
    with pytest.raises(StorageError, match=says):
        decode(kind, version, payload)


def test_an_intent_that_could_not_be_meant_is_refused() -> None:
    name, version, payload = encode(OrderIntended("k", OrderRequest("k", Stock("AAPL"), buy(1), "DU1"), 1, 1))
    with pytest.raises(StorageError, match="not positive"):
        decode(name, version, payload.replace('"quantity":"1"', '"quantity":"-1"'))
