"""Each incident's scenario, against an unmodified client: what went wrong for somebody goes wrong on the wire.

The gateway's clock stands still until a test moves it. What Ironbridge does instead is in `test_scenarios_engine`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ib_async import IB, LimitOrder, MarketOrder, Stock

from ironbridge.paper import PaperClock, PaperGateway
from ironbridge.paper.scenario import load, play, shipped

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
FAR = 100
"""A limit that no price comes near."""


class Client:
    """An ib_async client, and what it was told."""

    def __init__(self, paper: PaperGateway, number: int) -> None:
        self.paper = paper
        self.number = number
        self.ib = IB()
        self.errors: list[tuple[int, int]] = []
        self._news = asyncio.Event()
        self.ib.errorEvent += self._failed
        for event in ("updateEvent", "orderStatusEvent", "openOrderEvent", "execDetailsEvent", "commissionReportEvent",
                      "disconnectedEvent", "pendingTickersEvent"):  # fmt: skip
            getattr(self.ib, event).connect(lambda *_: self._news.set())

    def _failed(self, number: int, code: int, _text: str, _contract: Any) -> None:
        self.errors.append((code, number))
        self._news.set()

    async def connect(self, timeout: float = 5) -> Client:  # noqa: ASYNC109  ib_async's own
        await self.ib.connectAsync("127.0.0.1", self.paper.port, clientId=self.number, timeout=timeout)
        return self

    async def until(self, done: Callable[[], Any]) -> None:
        async with asyncio.timeout(10):
            while not done():
                self._news.clear()
                await self._news.wait()

    async def error(self, code: int, number: int | None = None) -> None:
        await self.until(lambda: [each for each in self.errors if each[0] == code and number in {None, each[1]}])

    async def lost(self) -> None:
        await self.until(lambda: not self.ib.isConnected())

    async def answered(self) -> None:
        """Everything that was under way has arrived."""
        await asyncio.wait_for(self.ib.reqCurrentTimeAsync(), 5)

    async def working(self, order: Any) -> Any:
        trade = self.ib.placeOrder(AAPL, order)
        await self.until(lambda: trade.orderStatus.status == "Submitted")
        return trade

    async def filled(self, order: Any) -> Any:
        trade = self.ib.placeOrder(AAPL, order)
        await self.until(lambda: trade.orderStatus.status == "Filled")
        return trade


@pytest.fixture
async def paper() -> AsyncIterator[PaperGateway]:
    async with PaperGateway(
        port=0, seed=7, accounts=("DU1000001",), clock=PaperClock(START, speed=0), step=0.02
    ) as gateway:
        yield gateway


@pytest.fixture
def pass_time(paper: PaperGateway) -> Callable[[float], None]:
    def move(seconds: float) -> None:
        paper.clock.step(timedelta(seconds=seconds))
        paper.step()

    return move


@pytest.fixture
async def connect(paper: PaperGateway) -> AsyncIterator[Callable[..., Awaitable[Client]]]:
    made: list[Client] = []

    async def make(number: int = 1, **options: Any) -> Client:
        made.append(Client(paper, number))
        return await made[-1].connect(**options)

    yield make
    for client in made:
        client.ib.disconnect()


def test_there_is_one_for_each_incident() -> None:
    assert [each.name for each in shipped()] == [f"I-{number:02d}" for number in range(1, 21)]


async def test_i01_events_during_an_outage_and_after_it(paper, connect, pass_time):
    play(load("I-01"), paper)
    client = await connect()
    first = await client.working(LimitOrder("BUY", 1, FAR))
    await client.error(1100)
    client.ib.cancelOrder(first.order)
    await client.until(first.isDone)
    pass_time(31)
    await client.error(1102)
    second = await client.working(LimitOrder("BUY", 1, FAR))
    pass_time(31)
    await client.until(lambda: [code for code, _ in client.errors].count(1100) == 2)
    client.ib.cancelOrder(second.order)
    await client.answered()
    assert paper.venue.orders() == []
    assert second.orderStatus.status == "PendingCancel"
    pass_time(31)
    await client.until(second.isDone)


async def test_i02_the_next_id_goes_back(paper, connect):
    play(load("I-02"), paper)
    client = await connect()
    for _ in range(2):
        trade = client.ib.placeOrder(AAPL, LimitOrder("BUY", 1, FAR))
    await client.lost()
    said = []
    again = IB()
    again.client.apiStart += lambda: said.append(again.client._reqIdSeq)
    await again.client.connectAsync("127.0.0.1", paper.port, 1, 5)
    again.disconnect()
    assert said == [1]
    assert trade.order.orderId > 1


async def test_i03_a_change_becomes_a_second_order(paper, connect, pass_time):
    play(load("I-03"), paper)
    client = await connect()
    order = LimitOrder("BUY", 1, FAR)
    await client.working(order)
    await client.error(1100)
    order.lmtPrice = FAR + 1
    client.ib.placeOrder(AAPL, order)
    await client.answered()
    live = paper.venue.orders()
    assert len(live) == 2
    assert len({each.perm_id for each in live}) == 2
    pass_time(61)
    await client.error(1102)


async def test_i04_answers_without_an_end(paper, connect):
    play(load("I-04"), paper)
    client = await connect(timeout=0.3)
    # ib_async reads the time-out as "none" and goes on.
    assert client.ib.isConnected()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.ib.reqPositionsAsync(), 0.2)
    assert await asyncio.wait_for(client.ib.reqPositionsAsync(), 5) == []


async def test_i05_codes_on_a_live_order(paper, connect):
    play(load("I-05"), paper)
    client = await connect()
    trade = client.ib.placeOrder(AAPL, LimitOrder("BUY", 1, FAR))
    for code in (10349, 399, 10167, 2109, 404):
        await client.error(code, trade.order.orderId)
    assert "Cancelled" in [entry.status for entry in trade.log], "the client believes it"
    assert [each.order_id for each in paper.venue.orders()] == [trade.order.orderId], "and it is not so"


async def test_i06_subscriptions_die_on_a_live_socket(paper, connect, pass_time):
    client = await connect()
    play(load("I-06"), paper)
    ticker = client.ib.reqMktData(AAPL)
    await client.error(1100)
    pass_time(11)
    await client.error(1101)
    last = ticker.volume, ticker.bid
    pass_time(30)
    await client.answered()
    assert (ticker.volume, ticker.bid) == pytest.approx(last, nan_ok=True)
    pass_time(31)
    await client.lost()


async def test_i07_a_stream_falls_silent(paper, connect, pass_time):
    client = await connect()
    play(load("I-07"), paper)
    ticker = client.ib.reqMktData(AAPL)
    await client.error(10197)
    await client.answered()
    volume = ticker.volume
    pass_time(60)
    await client.answered()
    assert ticker.volume == pytest.approx(volume, nan_ok=True)
    pass_time(300)
    await client.until(lambda: ticker.volume != volume)


async def test_i08_a_farm_flaps_and_the_client_id_lingers(paper, connect, pass_time):
    play(load("I-08"), paper)
    client = await connect()
    for _ in range(4):
        pass_time(5)
    await client.answered()
    assert client.ib.isConnected()
    assert {2103, 2104, 2110} <= {code for code, _ in client.errors}
    pass_time(5)
    pass_time(5)
    await client.lost()
    again = Client(paper, 1)
    with pytest.raises((ConnectionError, TimeoutError)):
        await again.connect(timeout=0.5)
    assert 326 in {code for code, _ in again.errors}
    await connect(2)


async def test_i09_the_gateway_is_not_logged_in(paper, connect, pass_time):
    play(load("I-09"), paper)
    client = await connect()
    pass_time(11)
    await client.lost()
    again = Client(paper, 1)
    with pytest.raises(TimeoutError):
        await again.connect(timeout=0.3)
    pass_time(3 * 86400 + 1)
    await connect(1)


async def test_i10_a_socket_that_is_open_and_dead(paper, connect, pass_time):
    play(load("I-10"), paper)
    client = await connect()
    pass_time(11)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.ib.reqCurrentTimeAsync(), 0.2)
    with pytest.raises(TimeoutError):
        await Client(paper, 2).connect(timeout=0.2)
    assert client.ib.isConnected()
    pass_time(301)
    await client.answered()


async def test_i11_orders_vanish_from_a_batch(paper, connect):
    play(load("I-11"), paper)
    client = await connect()
    trades = [client.ib.placeOrder(AAPL, LimitOrder("BUY", number, FAR)) for number in (1, 2, 3, 4, 5)]
    await client.until(lambda: trades[4].orderStatus.status == "Submitted")
    await client.answered()
    status = [trade.orderStatus.status for trade in trades]
    assert status == ["Submitted", "PendingSubmit", "Submitted", "PendingSubmit", "Submitted"]
    assert [int(each.terms.quantity) for each in paper.venue.orders()] == [1, 3, 4, 5]


async def test_i12_an_id_is_used_twice(paper, connect):
    play(load("I-12"), paper)
    client = await connect()
    first = await client.working(LimitOrder("BUY", 1, FAR))
    second = client.ib.placeOrder(AAPL, LimitOrder("BUY", 2, FAR))
    await client.error(103, second.order.orderId)
    await client.lost()
    assert [each.order_id for each in paper.venue.orders()] == [first.order.orderId]


async def test_i13_the_pace_is_held_to(paper, connect):
    play(load("I-13"), paper)
    client = await connect()
    # ib_async paces itself; a client that does not meets the limit.
    client.ib.client.MaxRequests = 0
    for _ in range(100):
        client.ib.client.reqCurrentTime()
    await client.error(100)
    second = await connect(2)
    for number in (90, 91):
        second.ib.client.reqHistoricalData(number, AAPL, "", "60 S", "1 secs", "TRADES", 1, 1, False, [])
    await second.error(162, 91)


async def test_i14_no_value_in_every_number(paper, connect):
    play(load("I-14"), paper)
    client = await connect()
    trade = await client.filled(MarketOrder("BUY", 1))
    await client.until(lambda: trade.fills and trade.fills[0].commissionReport.execId)
    assert trade.fills[0].commissionReport.commission > 1e300
    assert trade.orderStatus.avgFillPrice > 1e300


async def test_i15_executions_come_again_and_corrected(paper, connect, pass_time):
    play(load("I-15"), paper)
    client = await connect()
    trade = await client.filled(MarketOrder("BUY", 1))
    heard: list[str] = []
    client.ib.execDetailsEvent += lambda _, fill: heard.append(fill.execution.execId)
    pass_time(3)
    await client.until(lambda: heard)
    first = trade.fills[0].execution.execId
    assert heard == [first[:-2] + "02"], "ib_async knows the same id again, a corrected one it counts twice"
    assert sum(fill.execution.shares for fill in trade.fills) == 2
    asked = await client.ib.reqExecutionsAsync()
    assert [fill.execution.execId for fill in asked] == [heard[0]], "the venue itself has corrected it"
    pass_time(3)
    await client.lost()


async def test_i16_a_fill_overtakes_its_own_cancel(paper, connect):
    play(load("I-16"), paper)
    client = await connect()
    trade = await client.working(LimitOrder("BUY", 1, FAR))
    heard: list[str] = []
    client.ib.orderStatusEvent += lambda each: heard.append(each.orderStatus.status)
    client.ib.execDetailsEvent += lambda *_: heard.append("fill")
    client.ib.cancelOrder(trade.order)
    await client.until(lambda: "Filled" in heard and "fill" in heard)
    assert heard.index("Filled") < heard.index("fill"), "out of order"
    await client.error(10148, trade.order.orderId)


async def test_i17_the_link_is_cut_at_each_step(paper, connect, pass_time):
    play(load("I-17"), paper)
    client = await connect()
    unheard = client.ib.placeOrder(AAPL, LimitOrder("BUY", 1, FAR))
    await client.lost()
    assert unheard.orderStatus.status == "PendingSubmit"
    assert len(paper.venue.orders()) == 1, "it was taken"
    client = await connect(2)
    client.ib.placeOrder(AAPL, LimitOrder("BUY", 2, FAR))
    await client.answered()
    pass_time(16)
    await client.lost()
    assert len(paper.venue.orders()) == 1, "it never arrived"
    client = await connect(3)
    heard = await client.working(LimitOrder("BUY", 3, FAR))
    pass_time(1)
    await client.lost()
    assert heard.orderStatus.status == "Submitted"
    assert len(paper.venue.orders()) == 2


async def test_i18_orders_are_refused(paper, connect):
    play(load("I-18"), paper)
    client = await connect()
    for code in (200, 460, 201, 110):
        trade = client.ib.placeOrder(AAPL, LimitOrder("BUY", 1, FAR))
        await client.error(code, trade.order.orderId)
    assert paper.venue.orders() == []
    await client.working(LimitOrder("BUY", 1, FAR))


async def test_i19_a_second_session_takes_over(paper, connect):
    play(load("I-19"), paper)
    first = await connect(5)
    second = await connect(5)
    await first.lost()
    assert paper.clients == (5,)
    await second.answered()


async def test_i20_what_cannot_be_read(paper, connect, pass_time):
    play(load("I-20"), paper)
    client = await connect()
    pass_time(6)
    # The first three are framed: ib_async reports what it cannot decode and reads on.
    await client.answered()
    assert client.ib.isConnected()
    pass_time(6)
    # After the last one nothing can be told apart any more; ib_async waits for four gigabytes.
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.ib.reqCurrentTimeAsync(), 0.3)
