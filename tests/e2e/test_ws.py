"""The WebSockets: a snapshot first, then what changes, through cuts and bad input alike."""

from __future__ import annotations

from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ironbridge.api.schemas import stream as messages
from ironbridge.domain.alerts import Alert, AlertSeverity

from .conftest import running

if TYPE_CHECKING:
    from .conftest import Live

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARKET: TypeAdapter[Any] = TypeAdapter(messages.MarketDataServerMessage)


def quote_of(symbol: str) -> Any:
    return lambda message: message["type"] == "market_data" and message["symbol"] == symbol


async def test_quotes_move(live: Live) -> None:
    async with live.stream("market-data") as stream:
        await stream.send({"action": "subscribe", "symbols": ["AAPL", "EURUSD"]})
        first = await stream.next()
        assert first["type"] == "subscribed"
        before = await stream.until(quote_of("AAPL"))
        after = await stream.until(lambda m: quote_of("AAPL")(m) and m["sequence"] > before["sequence"])
        assert after["timestamp"] >= before["timestamp"]
        assert isinstance(after["bid"], float)
        assert MARKET.validate_python(after)
        assert set(after) == set(messages.MarketDataMessage.model_fields)
        assert (await stream.until(quote_of("EURUSD")))["symbol"] == "EURUSD"


async def test_a_symbol_that_is_dropped_is_silent_and_can_come_back(live: Live) -> None:
    async with live.stream("market-data") as stream:
        await stream.send({"action": "subscribe", "symbols": ["AAPL", "MSFT"]})
        await stream.until(quote_of("MSFT"))
        await stream.send({"action": "unsubscribe", "symbols": ["MSFT"]})
        await stream.until(lambda m: m["type"] == "unsubscribed")
        for _ in range(20):
            assert (await stream.until(lambda m: m["type"] == "market_data"))["symbol"] == "AAPL"
        await stream.send({"action": "subscribe", "symbols": ["MSFT", "MSFT"]})
        assert (await stream.until(quote_of("MSFT")))["symbol"] == "MSFT"


async def test_two_names_of_one_thing_both_get_it(live: Live) -> None:
    async with live.stream("market-data") as stream:
        await stream.send({"action": "subscribe", "symbols": ["EURUSD", "EUR.USD"]})
        assert (await stream.until(quote_of("EURUSD")))["bid"]
        assert (await stream.until(quote_of("EUR.USD")))["bid"]
        await stream.send({"action": "unsubscribe", "symbols": ["EURUSD"]})
        await stream.until(lambda m: m["type"] == "unsubscribed")
        assert (await stream.until(quote_of("EUR.USD")))["bid"]


async def test_what_cannot_be_understood_is_answered_and_the_stream_goes_on(live: Live) -> None:
    async with live.stream("market-data") as stream:
        bad: list[Any] = [
            "{not json",
            "[]",
            {"action": "buy", "symbols": ["AAPL"]},
            {"action": "subscribe"},
            {"action": "subscribe", "symbols": []},
            {"action": "subscribe", "symbols": "AAPL"},
            {"action": "subscribe", "symbols": ["A" * 500]},
            {"action": "subscribe", "symbols": ["AAPL"], "more": 1},
        ]
        for message in bad:
            await stream.send(message)
            answer = await stream.next()
            assert (answer["type"], answer["slug"]) == ("error", "invalid-input"), message
            assert answer["next_step"]
        await stream.send({"action": "subscribe", "symbols": ["NOPE", "FUT:ES", "AAPL", "x:y:z"]})
        slugs = {}
        while len(slugs) < 3:
            failed = await stream.until(lambda m: m["type"] == "error")
            slugs[failed["symbol"]] = failed["slug"]
        assert slugs["NOPE"] == "instrument-not-found"
        assert slugs["FUT:ES"] == "ambiguous-instrument"
        assert (await stream.until(quote_of("AAPL")))["ask"]


async def test_a_cut_is_a_gap_and_then_goes_on(live: Live) -> None:
    async with live.stream("market-data") as stream:
        await stream.send({"action": "subscribe", "symbols": ["AAPL"]})
        await stream.until(quote_of("AAPL"))
        assert (await live.http.post("/connection/reconnect")).status_code == 200
        gap = await stream.until(lambda m: m["type"] == "gap")
        assert (gap["symbol"], gap["since"] <= gap["until"]) == ("AAPL", True)
        good = await stream.until(lambda m: quote_of("AAPL")(m) and m["quality"] == "good")
        assert good["timestamp"] >= gap["since"]
        await live.ready()


async def test_orders_come_as_they_change_and_can_be_taken_up_again(live: Live) -> None:
    async with live.stream("orders") as stream:
        snapshot = await stream.next()
        assert (snapshot["type"], snapshot["complete"]) == ("snapshot", True)
        made = await live.http.post("/orders", json={"symbol": "AAPL", "side": "BUY", "quantity": "5"})
        key = made.json()["key"]
        seen = [
            await stream.until(
                lambda m: m["type"] == "order" and m["order"]["key"] == key and m["order"]["fills"] == []
            )
        ]
        while not (seen[-1]["order"]["state"] == "filled" and seen[-1]["order"]["commissions"]):
            seen.append(await stream.until(lambda m: m["type"] == "order" and m["order"]["key"] == key))
        numbers = [message["sequence"] for message in seen]
        assert numbers == sorted(set(numbers))
        assert numbers[0] > snapshot["sequence"]
        await stream.send("hello")
        assert (await stream.until(lambda m: m["type"] == "error"))["slug"] == "invalid-input"
    async with live.stream(f"orders?since={numbers[0]}") as stream:
        resumed = await stream.next()
        assert not resumed["complete"]
        assert [order["key"] for order in resumed["orders"]] == [key]
        assert resumed["orders"][0]["state"] == "filled"
        assert resumed["sequence"] >= numbers[-1]


async def test_the_connection_tells_of_every_state(live: Live) -> None:
    async with live.stream("connection") as stream:
        first = await stream.next()
        assert (first["type"], first["status"]["state"], first["sequence"]) == ("snapshot", "ready", 0)
        await live.http.post("/connection/disconnect")
        down = await stream.until(lambda m: m.get("after") == "disconnected")
        assert (down["before"], down["status"]["ready"]) == ("ready", False)
        await live.http.post("/connection/connect")
        up = await stream.until(lambda m: m.get("after") == "ready")
        assert up["sequence"] > down["sequence"]
        assert up["reason"]
        await live.ready()


async def test_positions_come_as_they_change(live: Live) -> None:
    async with live.stream("portfolio") as stream:
        snapshot = await stream.next()
        assert snapshot["type"] == "snapshot"
        assert snapshot["account"]["account"] == "DU1000001"
        held = {one["symbol"]: Decimal(one["quantity"]) for one in snapshot["positions"]}
        await live.http.post("/orders", json={"symbol": "NVDA", "side": "BUY", "quantity": "2"})
        changed = await stream.until(lambda m: m["type"] == "position" and m["position"]["symbol"] == "NVDA")
        assert Decimal(changed["position"]["quantity"]) == held.get("NVDA", Decimal(0)) + 2
        await stream.until(lambda m: m["type"] == "account")
        await live.http.post("/orders", json={"symbol": "NVDA", "side": "SELL", "quantity": "2"})
        closed = await stream.until(
            lambda m: m["type"] == "position" and m["position"]["symbol"] == "NVDA" and m["position"]["quantity"] == "0"
        )
        assert closed["sequence"] > changed["sequence"]


@pytest.mark.parametrize("path", ("market-data", "orders", "connection", "portfolio"))
async def test_strangers_get_no_stream(live: Live, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": "ironbridge_session=wrong"}):
        with pytest.raises(InvalidStatus) as refused:
            async with live.stream(path, headers):
                pytest.fail("a stranger was let in")
        assert refused.value.response.status_code == 401


async def test_a_cookie_opens_streams_for_this_services_own_pages_alone(live: Live) -> None:
    async with live.stranger() as browser:
        await browser.post("/session", json={"token": live.token})
        cookie = f"ironbridge_session={browser.cookies['ironbridge_session']}"
    for origin in ("https://evil.example", "null", ""):
        with pytest.raises(InvalidStatus) as refused:
            async with live.stream("orders", {"Cookie": cookie, "Origin": origin}):
                pytest.fail("a foreign page was let in")
        assert refused.value.response.status_code == 403
    async with live.stream("orders", {"Cookie": cookie, "Origin": live.url}) as stream:
        assert (await stream.next())["type"] == "snapshot"


async def test_closed_streams_are_counted_off(live: Live) -> None:
    async with live.stream("orders") as stream:
        await stream.next()
        metrics = (await live.http.get("/health-metrics")).json()
        assert metrics["stream_clients"]["orders"] == 1
    page = (await live.http.get(f"{live.url}/metrics")).text
    assert "ironbridge_stream_messages_total" in page


async def test_a_service_that_stops_ends_its_streams(tmp_path: Path) -> None:
    async with AsyncExitStack() as clients:
        async with running(tmp_path / "home") as own:
            streams = [await clients.enter_async_context(own.stream(path)) for path in ("market-data", "orders")]
            await streams[0].send({"action": "subscribe", "symbols": ["AAPL"]})
            await streams[0].until(quote_of("AAPL"))
            assert (await streams[1].next())["type"] == "snapshot"
        for stream in streams:
            with pytest.raises(ConnectionClosed) as ended:
                await stream.until(lambda _: False)
            assert ended.value.rcvd is not None
            assert ended.value.rcvd.code in {1001, 1012}


async def test_the_connection_stream_tells_each_heartbeat_and_each_alert(tmp_path: Path) -> None:
    async with running(tmp_path / "home", heartbeat_interval=0.2) as live, live.stream("connection") as stream:
        assert (await stream.next())["type"] == "snapshot"
        beat = await stream.until(lambda m: m["type"] == "health")
        assert beat["status"]["round_trip_ms"] > 0
        assert beat["status"]["next_expected"] is None, "nothing is expected of the embedded gateway"
        now = live.bridge.clock.now()
        live.bridge.topics.alerts.publish(Alert(now, "test", AlertSeverity.WARNING, "Look.", "There."))
        alert = await stream.until(lambda m: m["type"] == "alert")
        assert (alert["kind"], alert["text"], alert["next_step"]) == ("test", "Look.", "There.")
        assert alert["sequence"] > beat["sequence"]
