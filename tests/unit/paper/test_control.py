"""The control port: what it answers, what it does, and whom it refuses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from ib_async import IB, MarketOrder, Stock

from ironbridge.errors import InvalidInput, IronbridgeError
from ironbridge.paper import Pacing, PaperClock, PaperGateway
from ironbridge.paper.control import Control
from ironbridge.paper.control_http import MAX_BODY_BYTES, ControlServer

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


@pytest.fixture
async def gateway() -> AsyncIterator[PaperGateway]:
    async with PaperGateway(port=0, seed=7, accounts=("DU1000001", "DU1000002"), clock=PaperClock(START, 0)) as paper:
        yield paper


@pytest.fixture
async def control(gateway) -> AsyncIterator[Control]:
    made = Control(gateway)
    async with made.server:
        yield made


@pytest.fixture
async def http(control) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{control.server.port}", trust_env=False) as client:
        yield client


async def ask(http, path, status=200, **body):
    answer = await (http.post(path, json=body) if body else http.get(path))
    assert answer.status_code == status, answer.text
    kind = "application/json" if status == 200 else "application/problem+json"
    assert answer.headers["content-type"] == kind
    return answer.json()


async def test_what_can_be_asked(http, gateway):
    status = await ask(http, "/status")
    assert (status["port"], status["clients"], status["pacing"]) == (gateway.port, 0, "lenient")
    assert status["clock"] == {"now": START.isoformat(), "venue": START.isoformat(), "speed": 0.0}
    book = await ask(http, "/book?symbol=AAPL&depth=3")
    assert (book["con_id"], len(book["bids"]), len(book["asks"])) == (265598, 3, 3)
    assert float(book["bids"][0]["price"]) < float(book["asks"][0]["price"])
    assert await ask(http, "/book?con_id=265598&depth=3") == book
    accounts = (await ask(http, "/account"))["accounts"]
    assert [each["name"] for each in accounts] == ["DU1000001", "DU1000002"]
    assert accounts[0]["cash"] == {"USD": "1000000"}
    assert [each["name"] for each in (await ask(http, "/account?name=DU1000002"))["accounts"]] == ["DU1000002"]
    assert (await ask(http, "/scenarios"))["scenarios"][0]["name"] == "I-01"
    assert "/inject" in await ask(http, "/")
    assert "Drop" in (await ask(http, "/faults"))["known"]


async def test_a_client_and_what_it_holds_are_shown(http, gateway):
    ib = IB()
    await ib.connectAsync("127.0.0.1", gateway.port, clientId=4, timeout=5)
    order = MarketOrder("BUY", 3, account="DU1000002")
    trade = ib.placeOrder(Stock("AAPL", "SMART", "USD"), order)
    async with asyncio.timeout(10):
        while not trade.isDone():
            await trade.statusEvent
    [client] = (await ask(http, "/clients"))["clients"]
    assert (client["client"], client["version"]) == (4, 178)
    [account] = (await ask(http, "/account?name=DU1000002"))["accounts"]
    assert [(each["symbol"], each["quantity"]) for each in account["positions"]] == [("AAPL", "3")]
    await ask(http, "/inject", fault={"Drop": {"client": 4}})
    async with asyncio.timeout(10):
        while ib.isConnected():
            await ib.disconnectedEvent
    assert (await ask(http, "/status"))["clients"] == 0


async def test_time_moves_by_hand(http, gateway):
    assert (await ask(http, "/clock", step="90s"))["now"] == "2026-03-02T15:01:30+00:00"
    assert gateway.venue.now == gateway.clock.now()
    assert (await ask(http, "/clock", set="2026-03-02T10:30"))["now"] == "2026-03-02T15:30:00+00:00"
    assert (await ask(http, "/clock", speed=60))["speed"] == 60.0
    assert "before" in (await ask(http, "/clock", 400, set="2026-03-02T09:00"))["detail"]


async def test_faults_are_armed_and_withdrawn(http, gateway):
    first = await ask(http, "/inject", fault="Hang", when={"after": "5m"})
    await ask(http, "/scenario", name="I-01")
    pending = (await ask(http, "/faults"))["pending"]
    assert pending[0] == {"number": first["number"], "fault": {"Hang": {"client": None}}}
    assert pending[1]["scenario"] == "I-01"
    mine = {"name": "mine", "about": "x", "good_client": "y", "pacing": "strict", "steps": [{"do": "LoseUpstream"}]}
    await ask(http, "/scenario", **mine)
    assert gateway.limits.pacing is Pacing.STRICT
    assert not gateway.upstream.connected
    answer = await http.post("/reset-faults")
    assert answer.status_code == 200
    assert gateway.upstream.connected
    assert (await ask(http, "/faults"))["pending"] == []


@pytest.mark.parametrize(
    ("path", "body", "words"),
    (
        ("/inject", {"fault": "Dropp"}, "there is no fault 'Dropp'"),
        ("/inject", {"fault": {"Drop": {"clint": 1}}}, "'clint' is not known"),
        ("/inject", {"fault": {"SendBytes": {"data": "xyz"}}}, "not hexadecimal"),
        ("/inject", {"fault": {"BreakFarm": {"name": "nofarm"}}}, "no farm 'nofarm'"),
        ("/inject", {"fault": "Drop", "when": {"after": "soon"}}, "no length of time"),
        ("/inject", {"when": "now"}, "'fault' is missing"),
        ("/clock", {"speed": True}, "no number"),
        ("/clock", {"speed": -1}, "-1"),
        ("/clock", {"step": 1e9}, "year"),
        ("/clock", {"set": "tomorrow"}, "no time"),
        ("/clock", {"speed": 1, "step": 1}, "one thing"),
        ("/scenario", {"name": "I-99"}, "no scenario 'I-99'"),
        ("/scenario", {"name": "/etc/passwd"}, "no scenario"),
        ("/book", None, "No instrument"),
        ("/book?symbol=NOPE", None, "0 listings"),
        ("/book?symbol=AAPL&depth=0", None, "depth"),
        ("/account?name=DU9", None, "no account"),
    ),
)
async def test_what_cannot_be_meant(http, path, body, words):
    answer = await ask(http, path, 400, **(body or {}))
    assert words in answer["detail"]
    assert answer["type"].startswith("urn:ironbridge:invalid")


async def test_paths_and_methods_that_there_are_not(http):
    assert "/status" in (await ask(http, "/nothing", 404))["next_step"]
    assert "GET" in (await ask(http, "/status", 405, speed=1))["detail"]
    assert (await http.head("/status")).status_code == 200
    assert (await http.post("/inject", content=b"not json")).status_code == 400


@pytest.mark.parametrize(
    "headers",
    ({"host": "evil.example"}, {"origin": "http://127.0.0.1"}, {"sec-fetch-site": "same-origin"}),
)
async def test_pages_in_a_browser_are_refused(http, headers):
    answer = await http.post("/reset-faults", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:ironbridge:forbidden")


async def test_bodies_are_bounded(http):
    answer = await http.post("/inject", content=b" " * (MAX_BODY_BYTES + 1))
    assert answer.status_code == 413


async def raw(control, data):
    reader, writer = await asyncio.open_connection("127.0.0.1", control.server.port)
    writer.write(data)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_what_is_no_http_is_told_so(control):
    answer = await raw(control, b"\x00\x01\x02 nonsense\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["detail"].startswith("This is not HTTP")
    assert (await raw(control, b"GET /" + b"a" * 70_000)).startswith(b"HTTP/1.1 400")


async def test_clients_that_stay_do_not_keep_the_port_from_closing(gateway):
    server = ControlServer(Control(gateway).answer)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    await server.stop()
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()


async def test_it_listens_on_the_machine_itself_alone(control):
    with pytest.raises(InvalidInput, match="loopback"):
        ControlServer(control.answer, 0, "0.0.0.0")
    with pytest.raises(IronbridgeError, match="cannot listen"):
        await ControlServer(control.answer, control.server.port).start()
