"""What IB says, heard in order, in our words; and what cannot be read, counted."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ironbridge.domain.instrument import Kind, Stock
from ironbridge.domain.order import OrderRequest, RiskApproved, buy, sell
from ironbridge.domain.reports import (
    AccountValueReport,
    BrokerStatus,
    CommissionReport,
    ExecutionReport,
    LinkEnded,
    Notice,
    PositionReport,
    StatusReport,
)
from ironbridge.errors import InvalidOrder, NotConnected
from ironbridge.interfaces import Lane

UNSET = "1.7976931348623157E308"


@pytest.fixture
async def open_(gateway, server, ear):
    await gateway.connect(server.endpoint)
    return gateway


def approved(spec, account="DU1", key="k"):
    request = OrderRequest(key, Stock("AAPL"), spec, account)
    return RiskApproved(request, ("size",), datetime.now(UTC))


async def test_an_order_goes_out_exactly_as_it_was_approved(open_, server, pace):
    await open_.place(approved(buy("0.1").limit("227.350").gtc().outside_regular_hours(), key="first"), 41)
    fields = await server.hears(3)
    assert fields[1] == "41"
    assert fields[2:14] == ["0", "AAPL", "STK", "", "0.0", "", "", "SMART", "", "USD", "", ""]
    assert fields[16:22] == ["BUY", "0.1", "LMT", "227.350", "", "GTC"]
    assert fields[23] == "DU1"
    assert fields[26:28] == ["first", "1"], "orderRef, and transmit"
    assert fields[33] == "1", "outside regular hours"
    assert pace.lanes == [Lane.ORDER]


async def test_large_and_small_numbers_have_no_exponent(open_, server):
    await open_.place(approved(sell(Decimal("1E+3")).stop(Decimal("1E-7"))), 42)
    fields = await server.hears(3)
    assert fields[16:21] == ["SELL", "1000", "STP", "", "0.0000001"]


@pytest.mark.parametrize("account", ("", "DU1\0", "D U", "x" * 40))
async def test_an_account_that_could_break_the_message_is_refused(open_, server, account):
    with pytest.raises(InvalidOrder, match="is not an account"):
        await open_.place(approved(buy(1), account), 43)
    assert all(fields[0] != "3" for fields in server.received._queue)


async def test_a_cancel_has_its_own_lane(open_, server, pace):
    await open_.cancel(41)
    assert await server.hears(4) == ["4", "1", "41", ""]
    assert pace.lanes == [Lane.CANCEL]


async def test_nothing_is_placed_on_a_dead_link(open_, server, ear):
    server.hang_up()
    await ear.hears(LinkEnded)
    with pytest.raises(NotConnected):
        await open_.place(approved(buy(1)), 41)


async def test_reports_come_in_wire_order(open_, server, ear):
    server.say(3, 41, "PreSubmitted", 0, 10, 0, 900, 0, 0, 7, "", 0)
    server.say(4, 2, 41, 10349, "Order TIF was set to DAY based on order preset.", "")
    server.say(3, 41, "Submitted", 0, 10, 0, 900, 0, 0, 7, "", 0)
    server.say(59, 1, "e.01", 1.0, "USD", UNSET, UNSET, "")
    await ear.hears(CommissionReport)
    assert ear.reports == [
        StatusReport(41, 7, 900, BrokerStatus.PRE_SUBMITTED, Decimal(0), Decimal(10), None, ""),
        Notice(41, 10349, "Order TIF was set to DAY based on order preset."),
        StatusReport(41, 7, 900, BrokerStatus.SUBMITTED, Decimal(0), Decimal(10), None, ""),
        CommissionReport("e.01", Decimal(1), "USD", None),
    ]


async def test_an_unheard_of_status_is_unrecognised(open_, server, ear):
    server.say(3, 41, "Pondering", 0, 10, 0, 900, 0, 0, 7, "", 0)
    assert (await ear.hears(StatusReport)).status is BrokerStatus.UNRECOGNISED


def execution(symbol="AAPL", kind="STK", currency="USD", price=101.5, when="20261120 10:00:00 US/Eastern", so_far=10):
    return (
        11, -1, 41, 265598, symbol, kind, "", 0, "", "", "NASDAQ", currency, "AAPL", "NMS", "0001.01.01", when, "DU1",
        "NASDAQ", "BOT", 10, price, 900, 7, 0, so_far, price, "first", "", "", "", 2, 0,
    )  # fmt: skip


async def test_a_fill_is_told_with_its_time_in_utc(open_, server, ear):
    server.say(*execution())
    fill = await ear.hears(ExecutionReport)
    assert fill.time == datetime(2026, 11, 20, 15, tzinfo=UTC)
    assert (fill.price, fill.quantity, fill.ref) == (Decimal("101.5"), Decimal(10), "first")


async def test_a_fill_of_something_that_we_have_no_name_for_is_not_lost(open_, server, ear):
    server.say(*execution(symbol="", kind="NEWKIND", currency=""))
    fill = await ear.hears(ExecutionReport)
    assert (fill.instrument.kind, fill.instrument.con_id, fill.instrument.currency) == (Kind.OTHER, 265598, "XXX")


async def test_a_fill_counts_by_its_own_shares_where_the_orders_total_is_unset(open_, server, ear):
    """I-14: the total is told beside the fill and is not needed to count it."""
    server.say(*execution(so_far=UNSET))
    fill = await ear.hears(ExecutionReport)
    assert (fill.quantity, fill.cumulative) == (Decimal(10), None)


async def test_a_fill_without_a_price_is_a_fault_and_no_fill(open_, server, ear):
    server.say(*execution(price=UNSET))
    notice = await ear.hears(Notice)
    assert (notice.code, notice.order_id) == (508, None)
    assert "price of an execution" in notice.text


@pytest.mark.parametrize(
    ("fields", "code"),
    (
        ((999, 1, 2), 505),
        (("abc", 1), 505),
        (("",), 505),
        ((3, "x"), 508),
        ((5, 1, 2, 3), 508),
        ((49, 1, "soon"), 508),
        ((7, 8, "short"), 508),
    ),
)
async def test_what_cannot_be_read_is_told_and_the_stream_goes_on(open_, server, ear, fields, code):
    server.say(*fields)
    server.say(4, 2, -1, 2104, "Market data farm connection is OK:usfarm", "")
    await ear.hears(Notice)
    while len(ear.reports) < 2:
        ear._news.clear()
        await ear._news.wait()
    assert [report.code for report in ear.reports] == [code, 2104]
    assert open_.faults.total() == 1


async def test_a_message_without_its_last_nul_is_a_fault(open_, server, ear):
    server.raw(b"\0\0\0\x03abc")
    assert (await ear.hears(Notice)).code == 508
    assert open_.connected


async def test_a_length_that_no_message_has_ends_the_link_aloud(open_, server, ear):
    server.raw(b"\xff\xff\xff\xff")
    assert (await ear.hears(Notice)).code == 507
    assert "longest allowed" in (await ear.hears(LinkEnded)).reason
    assert not open_.connected


async def test_a_listener_that_fails_costs_the_others_nothing(gateway, server, event_loop_errors):
    heard = []
    gateway.listen(lambda _: 1 / 0)
    gateway.listen(heard.append)
    server.greeting = (*server.greeting, (4, 2, -1, 2104, "Market data farm connection is OK:usfarm", ""))
    await gateway.connect(server.endpoint)
    while not heard:
        await event_loop_errors.wait()
    assert isinstance(event_loop_errors.seen[0]["exception"], ZeroDivisionError)


async def test_ids_of_requests_and_orders_never_meet(gateway, server, ear):
    server.greeting = ((15, 1, "DU1"), (9, 1, 1_795_000_000))
    await gateway.connect(server.endpoint)
    server.say(4, 2, 1_795_000_000, 201, "Order rejected - reason:no", "")
    assert (await ear.hears(Notice)).order_id == 1_795_000_000


async def test_account_values_lose_their_sentinels(open_, server, ear):
    server.say(6, 2, "NetLiquidation", "1000.50", "USD", "DU1")
    server.say(6, 2, "Cushion", UNSET, "", "DU1")
    server.say(6, 2, "AccountType", "INDIVIDUAL", "", "DU1")
    server.say(
        7, 8, 1, "AAPL", "STK", "", 0, "", "", "NASDAQ", "USD", "AAPL", "NMS", 5, UNSET, UNSET, 100, UNSET, 0, "DU1"
    )
    report = await ear.hears(PositionReport)
    assert [item.value.value for item in ear.reports if isinstance(item, AccountValueReport)] == [
        "1000.50",
        "",
        "INDIVIDUAL",
    ]
    assert (report.position.market_price, report.position.realized_pnl) == (None, Decimal(0))


async def test_a_complaint_about_the_pace_reaches_the_pacer(open_, server, ear, pace):
    server.say(4, 2, -1, 100, "Max rate of messages per second has been exceeded:max=50 rec=51 (1)", "")
    await ear.hears(Notice)
    assert pace.complaints == ["Max rate of messages per second has been exceeded:max=50 rec=51 (1)"]
