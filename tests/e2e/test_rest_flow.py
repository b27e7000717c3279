"""Changes, groups, what-ifs and cancels of many over REST, against a paper gateway on a real socket."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Live

pytestmark = pytest.mark.asyncio(loop_scope="module")

REST = {"symbol": "AAPL", "side": "BUY", "quantity": "10", "limit_price": "100"}
BRACKET = REST | {"take_profit": {"limit_price": "400"}, "stop_loss": {"stop_price": "90"}}


async def place(live: Live, key: str, **more: object) -> None:
    made = await live.http.post("/orders", json=REST | more, headers={"Idempotency-Key": key})
    assert made.status_code == 201, made.text


async def test_an_order_is_modified_and_a_repeat_changes_nothing(live: Live) -> None:
    await place(live, "m1")
    change, key = {"limit_price": "101.50", "quantity": 12}, {"Idempotency-Key": "m1-a"}
    changed = await live.http.patch("/orders/m1", json=change, headers=key)
    assert changed.status_code == 200, changed.text
    order = changed.json()
    assert (order["limit_price"], order["quantity"], order["state"], order["pending"]) == (
        "101.5",
        "12",
        "working",
        None,
    )
    again = await live.http.patch("/orders/m1", json=change, headers=key)
    (only,) = again.json()["modifications"]
    assert (only["number"], only["state"], only["token"], only["terms"]) == (1, "accepted", "m1-a", "LMT 101.5 DAY")
    other = await live.http.patch("/orders/m1", json={"quantity": 13}, headers=key)
    assert (other.status_code, other.json()["slug"]) == (409, "key-conflict")
    same = await live.http.patch("/orders/m1", json={"quantity": "12.0"})
    assert (same.status_code, len(same.json()["modifications"])) == (200, 1)


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    (
        ({}, 422, "invalid-order"),
        ({"limit_price": "100.001"}, 422, "invalid-order"),
        ({"quantity": None}, 422, "invalid-order"),
        ({"side": "SELL"}, 422, "invalid-input"),
        ({"stop_price": "90"}, 422, "invalid-order"),
    ),
)
async def test_changes_that_cannot_be(live: Live, body, status, slug) -> None:
    if not any(order.key == "m2" for order in live.bridge.orders.list()):
        await place(live, "m2")
    refused = await live.http.patch("/orders/m2", json=body)
    assert (refused.status_code, refused.json()["slug"]) == (status, slug), refused.text
    assert refused.json()["outcome"] == "not_sent"
    assert (await live.http.patch("/orders/none", json={"quantity": 1})).status_code == 404


async def test_an_order_that_has_ended_is_not_modified(live: Live) -> None:
    await place(live, "m3")
    assert (await live.http.delete("/orders/m3")).json()["state"] == "cancelled"
    refused = await live.http.patch("/orders/m3", json={"quantity": 11})
    assert (refused.status_code, refused.json()["slug"]) == (409, "order-error")


async def test_a_bracket_is_one_group(live: Live) -> None:
    key = {"Idempotency-Key": "b1"}
    made = await live.http.post("/orders/brackets", json=BRACKET, headers=key)
    assert made.status_code == 201, made.text
    group = made.json()
    assert [(o["key"], o["role"], o["parent"]) for o in group["orders"]] == [
        ("b1", "entry", ""), ("b1/tp", "tp", "b1"), ("b1/sl", "sl", "b1"),
    ]  # fmt: skip
    assert [order["state"] for order in group["orders"]] == ["working", "accepted", "accepted"]
    assert group["orders"][2]["time_in_force"] == "GTC"
    assert (await live.http.post("/orders/brackets", json=BRACKET, headers=key)).json()["orders"] == group["orders"]
    assert (await live.http.get(made.headers["Location"].removeprefix("/api/v1/ib"))).json()["whole"]
    moved = await live.http.patch("/orders/b1%2Fsl", json={"stop_price": "91"})
    assert (moved.status_code, moved.json()["stop_price"]) == (200, "91"), moved.text
    ended = await live.http.delete("/order-groups/b1")
    assert (ended.status_code, ended.json()["open"]) == (200, False), ended.text
    assert {order["state"] for order in ended.json()["orders"]} == {"cancelled"}


async def test_a_bracket_plays_out(live: Live) -> None:
    entry = BRACKET | {"limit_price": None, "order_type": "MKT"}
    made = await live.http.post("/orders/brackets", json=entry, headers={"Idempotency-Key": "b2"})
    assert made.status_code == 201, made.text
    await live.bridge.orders.handle("b2").done(20)
    await live.bridge.orders.groups.handle("b2").accepted()
    await (await live.bridge.orders.modify("b2/tp", limit_price="10")).modified()
    group = await live.bridge.orders.groups.handle("b2").done(20)
    assert [str(order.state) for order in group.orders] == ["filled", "filled", "cancelled"]


async def test_what_is_no_bracket_is_refused(live: Live) -> None:
    wrong = await live.http.post("/orders/brackets", json=BRACKET | {"take_profit": {"limit_price": "90"}})
    assert (wrong.status_code, wrong.json()["slug"]) == (422, "invalid-order")
    assert "wrong side" in wrong.json()["detail"]
    none = await live.http.post("/orders/brackets", json=REST)
    assert (none.status_code, none.json()["slug"]) == (422, "invalid-order")
    assert (await live.http.get("/order-groups/nope")).status_code == 404


async def test_exits_are_attached_and_a_fill_of_a_group_ends_the_others(live: Live) -> None:
    await place(live, "p1")
    exits = await live.http.post("/orders/exits", json={"parent": "p1", "stop_loss": {"trail_percent": "3"}})
    assert exits.status_code == 201, exits.text
    assert [order["key"] for order in exits.json()["orders"]] == ["p1/exits/sl"]
    body = {"orders": [REST, REST | {"symbol": "MSFT", "limit_price": None}]}
    oca = await live.http.post("/orders/oca", json=body, headers={"Idempotency-Key": "o1"})
    assert oca.status_code == 201, oca.text
    group = await live.bridge.orders.groups.handle("o1").done(20)
    assert [str(order.state) for order in group.orders] == ["cancelled", "filled"]


async def test_a_preview_orders_nothing(live: Live) -> None:
    before = len(live.bridge.orders.list())
    impact = await live.http.post("/orders/preview", json=REST)
    assert impact.status_code == 200, impact.text
    margin = impact.json()["initial_margin"]
    # Each amount is rounded to the cent by itself.
    assert abs(Decimal(margin["before"]) + Decimal(margin["change"]) - Decimal(margin["after"])) <= Decimal("0.01")
    assert Decimal(margin["change"]) > 0
    assert Decimal(impact.json()["commission"]) > 0
    assert len(live.bridge.orders.list()) == before
    wrong = await live.http.post("/orders/preview", json=REST | {"symbol": "NOPE"})
    assert (wrong.status_code, wrong.json()["slug"]) == (404, "instrument-not-found")


async def test_all_are_cancelled_and_it_is_said(live: Live) -> None:
    await place(live, "c1")
    await place(live, "c2", strategy="momentum")
    some = (await live.http.post("/orders/cancel-all", json={"strategy": "momentum"})).json()
    assert ([order["key"] for order in some["ended"]], some["clear"]) == (["c2"], True)
    everything = (await live.http.post("/orders/cancel-all", json={"everywhere": True})).json()
    assert everything["clear"], everything
    assert "c1" in {order["key"] for order in everything["ended"]}
    assert (await live.http.get("/orders", params={"open": True})).json()["orders"] == []
