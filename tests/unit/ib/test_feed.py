"""Market-data lines: ticks sorted, missing quotes None, refusals final."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ironbridge.domain.instrument import Contract, Stock
from ironbridge.domain.market import DataKind, TickField
from ironbridge.domain.reports import LinkEnded, Notice
from ironbridge.errors import NotConnected
from ironbridge.ib import IbGateway
from ironbridge.interfaces import Lane
from ironbridge.session.clock import SystemClock

UNSET = "1.7976931348623157E308"
CONTRACT = Contract(
    Stock("AAPL"), "", Decimal("0.01"), (), Decimal(1), Decimal(1), Decimal(1), frozenset(), (), "", "", "", 0,
    datetime(2026, 1, 1, tzinfo=UTC),
)  # fmt: skip


class Sink:
    def __init__(self):
        self.seen = []
        self.news = asyncio.Event()

    def _add(self, *item):
        self.seen.append(item)
        self.news.set()

    def tick(self, field, value, size=None):
        self._add(field, value, size)

    def kind(self, kind):
        self._add(kind)

    def notice(self, code, text):
        self._add("notice", code, text)

    def refused(self, code, text):
        self._add("refused", code, text)

    async def until(self, count):
        async with asyncio.timeout(5):
            while len(self.seen) < count:
                self.news.clear()
                await self.news.wait()
        return self.seen


@pytest.fixture(params=[True, False], ids=["fast lane", "ib_async's decoder"])
async def line(request, pace, server):
    gateway = IbGateway(pace, SystemClock(), request_timeout=0.3, connect_timeout=0.3, fast_lane=request.param)
    await gateway.connect(server.endpoint)
    sink = Sink()
    number = await gateway.open_line(CONTRACT, sink)
    yield gateway, number, sink
    await gateway.disconnect()


TICKS = (
    ((1, 6, 0, 1, 101.25, 300, 1), (TickField.BID, 101.25, 300.0)),
    ((1, 6, 0, 2, 101.26, 200, 1), (TickField.ASK, 101.26, 200.0)),
    ((1, 6, 0, 4, 101.25, 100, 0), (TickField.LAST, 101.25, 100.0)),
    ((1, 6, 0, 68, 99.5, 10, 0), (TickField.LAST, 99.5, 10.0)),
    ((1, 6, 0, 66, 99.5, 10, 0), (TickField.BID, 99.5, 10.0)),
    ((1, 6, 0, 1, -1, 0, 0), (TickField.BID, None, 0.0)),
    ((1, 6, 0, 2, 0, 0, 0), (TickField.ASK, None, 0.0)),
    ((1, 6, 0, 1, -1, 5, 0), (TickField.BID, -1.0, 5.0)),
    ((1, 6, 0, 4, -37.63, 5, 0), (TickField.LAST, -37.63, 5.0)),
    ((1, 6, 0, 1, UNSET, 0, 0), (TickField.BID, None, 0.0)),
    ((1, 6, 0, 1, 101.5, "", 0), (TickField.BID, 101.5, 0.0)),
    ((1, 6, 0, 6, 105, 0, 0), (TickField.HIGH, 105.0, None)),
    ((1, 6, 0, 9, -1, 0, 0), (TickField.CLOSE, None, None)),
    ((1, 6, 0, 75, 100.5, 0, 0), (TickField.CLOSE, 100.5, None)),
    ((2, 6, 0, 0, 700), (TickField.BID_SIZE, 700.0, None)),
    ((2, 6, 0, 74, 12345), (TickField.VOLUME, 12345.0, None)),
    ((2, 6, 0, 8, -1), (TickField.VOLUME, None, None)),
    ((2, 6, 0, 8, ""), (TickField.VOLUME, 0.0, None)),
    ((46, 6, 0, 45, "1795219165"), (TickField.LAST_TIME, 1795219165.0, None)),
    ((46, 6, 0, 88, "1795219166"), (TickField.LAST_TIME, 1795219166.0, None)),
    ((58, 1, 0, 3), (DataKind.DELAYED,)),
    ((58, 1, 0, 1), (DataKind.LIVE,)),
)


@pytest.mark.parametrize(("message", "meant"), TICKS, ids=lambda part: "-".join(str(item) for item in part)[:40])
async def test_a_tick_means_one_thing(line, server, message, meant):
    _, number, sink = line
    server.say(*message[:2], number, *message[3:])
    assert await sink.until(1) == [meant]


async def test_what_is_no_quote_is_passed_over(line, server):
    gateway, number, sink = line
    server.say(45, 6, number, 49, 0)
    server.say(46, 6, number, 32, "NASDAQ")
    server.say(81, number, 0.01, "9c0001", 3)
    server.say(21, number, 13, 0, -1, -2, -1, -1, -2, -2, -2, -1)
    server.say(1, 6, number, 999, 5, 5, 0)
    server.say(1, 6, number, 1, "", 0, 0)
    server.say(1, 6, number, 1, 7, 1, 0)
    assert await sink.until(1) == [(TickField.BID, 7.0, 1.0)]
    assert not gateway.faults


@pytest.mark.parametrize(
    "message", ((1, 6, 0, 1, "abc", 1, 0), (1, 6, 0), (1, 6), (1,), (2, 6, 0, 8, "x"), (2, 6, 0), (2, 6)), ids=str
)
async def test_a_tick_that_cannot_be_read_is_counted(line, server, message):
    gateway, number, sink = line
    server.say(*(number if index == 2 else field for index, field in enumerate(message)))
    server.say(1, 6, number, 1, 7, 1, 0)
    assert await sink.until(1) == [(TickField.BID, 7.0, 1.0)]
    assert gateway.faults == {509: 1}


async def test_a_sink_that_fails_costs_the_others_nothing(line, server):
    gateway, number, sink = line

    class Failing(Sink):
        def tick(self, field, value, size=None):
            raise ZeroDivisionError("in the sink")

    other = await gateway.open_line(CONTRACT, Failing())
    server.say(1, 6, other, 1, 7, 1, 0)
    server.say(1, 6, number, 1, 7, 1, 0)
    assert await sink.until(1) == [(TickField.BID, 7.0, 1.0)]
    assert gateway.faults == {509: 1}
    assert gateway.connected


async def test_the_request_and_its_cancel(line, server, pace):
    gateway, number, _ = line
    request = await server.hears(1)
    assert request[:3] == ["1", "11", str(number)]
    assert request[4:6] == ["AAPL", "STK"]
    await gateway.close_line(number)
    assert await server.hears(2) == ["2", "2", str(number)]
    await gateway.close_line(number)
    assert pace.lanes == [Lane.DATA, Lane.DATA]


@pytest.mark.parametrize("code", (101, 200, 354, 10089, 10168))
async def test_a_refusal_ends_the_line(line, server, code):
    gateway, number, sink = line
    server.say(4, 2, number, code, "no", "")
    server.say(1, 6, number, 1, 7, 1, 0)
    assert await sink.until(1) == [("refused", code, "no")]
    await gateway.close_line(number)


async def test_what_is_no_refusal_ends_nothing(line, server):
    gateway, number, sink = line
    notices = []
    gateway.listen(notices.append)
    server.say(4, 2, number, 10167, "Displaying delayed market data.", "")
    server.say(58, 1, number, 3)
    server.say(1, 6, number, 66, 7, 1, 0)
    said = ("notice", 10167, "Displaying delayed market data.")
    assert await sink.until(3) == [said, (DataKind.DELAYED,), (TickField.BID, 7.0, 1.0)]
    assert notices == [Notice(None, 10167, "Displaying delayed market data.")]


async def test_lines_end_with_the_link(line, server):
    gateway, number, sink = line
    heard = asyncio.Event()
    gateway.listen(lambda report: heard.set() if isinstance(report, LinkEnded) else None)
    server.hang_up()
    await asyncio.wait_for(heard.wait(), 5)
    await gateway.close_line(number)
    with pytest.raises(NotConnected):
        await gateway.open_line(CONTRACT, sink)


async def test_delayed_data_is_asked_for_at_the_start(pace, server):
    gateway = IbGateway(pace, SystemClock(), market_data_type=3)
    await gateway.connect(server.endpoint)
    assert await server.hears(59) == ["59", "1", "3"]
    await gateway.set_market_data_type(DataKind.LIVE)
    assert await server.hears(59) == ["59", "1", "1"]
    await gateway.disconnect()


async def test_what_a_session_carried_is_foreseen_in_the_next_though_attempts_fail_between(
    gateway, server, pace, ear
) -> None:
    await gateway.connect(server.endpoint)
    for _ in range(3):
        await gateway.open_line(CONTRACT, Sink())
    server.hang_up()
    await ear.hears(LinkEnded)
    await gateway.connect(server.endpoint)
    server.hang_up()
    await ear.hears(LinkEnded)
    await gateway.connect(server.endpoint)
    assert pace.foreseen == [0, 3, 3]
