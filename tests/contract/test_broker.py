"""`interfaces.Broker` and `interfaces.MarketFeed` over a real socket, against the paper gateway."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ironbridge.domain.instrument import Forex, Future, Index, Option, Stock
from ironbridge.domain.links import Links, OcaType
from ironbridge.domain.market import DataKind, TickField
from ironbridge.domain.order import OrderRequest, RiskApproved, buy, sell
from ironbridge.domain.reports import (
    AccountValueReport,
    BrokerStatus,
    CommissionReport,
    ExecutionReport,
    LinkEnded,
    Notice,
    OpenOrderReport,
    PnlReport,
    PositionReport,
    StatusReport,
)
from ironbridge.errors import ClientIdInUse, NotConnected, RequestRejected, RequestTimeout, SessionLost, UpstreamLost
from ironbridge.ib import IbGateway
from ironbridge.paper.faults import Drop, Ignore, Sentinels, Swallow
from ironbridge.session import SlidingWindowPacer, SystemClock

ACCOUNT = "DU1000001"


class Sink:
    """A quote under construction."""

    def __init__(self) -> None:
        self.values: dict[TickField, float | None] = {}
        self.kinds: list[DataKind] = []
        self.refusal: tuple[int, str] | None = None
        self.notices: list[tuple[int, str]] = []
        self.news = asyncio.Event()

    def tick(self, field, value, size=None):
        self.values[field] = value
        self.news.set()

    def kind(self, kind):
        self.kinds.append(kind)

    def notice(self, code, text):
        self.notices.append((code, text))
        self.news.set()

    def refused(self, code, text):
        self.refusal = (code, text)
        self.news.set()

    async def until(self, done):
        async with asyncio.timeout(10):
            while not done():
                self.news.clear()
                await self.news.wait()


@pytest.fixture
async def session(broker, endpoint):
    return await broker.connect(endpoint)


async def approved(broker, key, spec, instrument=None):
    found = await broker.contracts(instrument or Stock("AAPL"))
    return RiskApproved(OrderRequest(key, found[0].instrument, spec, ACCOUNT), (), datetime.now(UTC))


async def test_a_session_opens(session, broker):
    assert session.accounts == (ACCOUNT,)
    assert session.server_version == 178
    assert session.next_order_id >= 1
    assert abs(await broker.server_time() - datetime.now(UTC)) < timedelta(seconds=5)


async def test_a_taken_client_id_is_told(session, broker, endpoint):
    clock = SystemClock()
    second = IbGateway(SlidingWindowPacer(clock), clock)
    with pytest.raises(ClientIdInUse, match="Client id 5"):
        await second.connect(endpoint)
    assert broker.connected


@pytest.mark.parametrize("instrument", (Stock("AAPL"), Forex("EURUSD"), Index("SPX"), Stock("SPY")), ids=str)
async def test_contracts_are_resolved(session, broker, instrument):
    found = await broker.contracts(instrument)
    assert len(found) == 1
    contract = found[0]
    assert contract.con_id > 0
    assert contract.instrument.symbol == instrument.symbol
    assert contract.min_tick > 0
    assert contract.time_zone
    assert contract.increments, "market rules were asked for"


async def test_futures_and_options_carry_what_identifies_them(session, broker):
    futures = await broker.contracts(Future("ES", "202612", "CME"))
    assert len(futures) == 1
    assert futures[0].multiplier == 50
    assert futures[0].instrument.expiry.startswith("202612")
    options = await broker.contracts(Option("SPY", "20261218", 680, "C"))
    assert options
    assert {(str(each.instrument.strike), each.instrument.right) for each in options} == {("680", "C")}
    assert options[0].under_con_id > 0


async def test_what_does_not_exist_is_none(session, broker):
    assert await broker.contracts(Stock("NOSUCH")) == []


async def test_a_line_gives_a_quote_and_ends(session, broker):
    contract = (await broker.contracts(Stock("AAPL")))[0]
    sink = Sink()
    line = await broker.open_line(contract, sink)
    await sink.until(lambda: {TickField.BID, TickField.ASK, TickField.LAST} <= sink.values.keys())
    assert 0 < sink.values[TickField.BID] < sink.values[TickField.ASK]
    await broker.close_line(line)
    await broker.close_line(line)
    assert sink.refusal is None


async def test_a_market_order_is_told_in_full(session, broker, ear):
    await broker.place(await approved(broker, "buy-ten", buy(10)), session.next_order_id)
    fill = await ear.hears(ExecutionReport)
    done = await ear.hears(StatusReport, lambda report: report.status is BrokerStatus.FILLED)
    cost = await ear.hears(CommissionReport, lambda report: report.execution_id == fill.execution_id)
    assert (fill.ref, fill.order_id, fill.client_id, fill.account) == ("buy-ten", session.next_order_id, 5, ACCOUNT)
    assert done.filled == Decimal(10)
    assert done.average_price is not None
    assert cost.commission > 0
    assert cost.realized_pnl is None
    assert ear.of(OpenOrderReport)[0].spec == buy(10)


async def test_a_limit_order_rests_is_listed_and_is_cancelled(session, broker, ear):
    number = session.next_order_id
    spec = buy("10").limit("100.25").gtc()
    await broker.place(await approved(broker, "rest", spec), number)
    await ear.hears(StatusReport, lambda report: report.status is BrokerStatus.SUBMITTED)
    listed = await broker.open_orders()
    assert [(order.order_id, order.ref, order.spec) for order in listed] == [(number, "rest", spec)]
    await broker.cancel(number)
    await ear.hears(StatusReport, lambda report: report.status is BrokerStatus.CANCELLED)
    assert (await ear.hears(Notice, lambda notice: notice.order_id == number)).code == 202
    assert await broker.open_orders() == []
    completed = await broker.completed_orders()
    assert [(order.ref, order.status) for order in completed] == [("rest", BrokerStatus.CANCELLED)]


async def test_an_order_is_modified_under_its_own_id(session, broker, ear):
    number = session.next_order_id
    await broker.place(await approved(broker, "rest", buy(10).limit("100.25")), number)
    first = await ear.hears(OpenOrderReport, lambda report: report.status is BrokerStatus.SUBMITTED)
    wanted = buy(12).limit("100.50").gtc()
    await broker.modify(await approved(broker, "rest", wanted), number, confirm=lambda: None)
    changed = await ear.hears(OpenOrderReport, lambda report: report.spec == wanted)
    assert (changed.order_id, changed.perm_id, changed.ref) == (number, first.perm_id, "rest")
    assert [(order.perm_id, order.spec) for order in await broker.open_orders()] == [(first.perm_id, wanted)]


async def test_a_change_that_is_no_longer_wanted_at_its_turn_is_not_sent(session, broker, ear):
    number = session.next_order_id
    spec = buy(10).limit("100.25")
    await broker.place(await approved(broker, "rest", spec), number)
    await ear.hears(OpenOrderReport, lambda report: report.status is BrokerStatus.SUBMITTED)

    def no() -> None:
        raise UpstreamLost("IB is gone.")

    with pytest.raises(UpstreamLost):
        await broker.modify(await approved(broker, "rest", buy(11).limit("100.25")), number, confirm=no)
    assert [order.spec for order in await broker.open_orders()] == [spec]


async def test_a_change_of_a_filled_order_is_refused_aloud(session, broker, ear):
    number = session.next_order_id
    await broker.place(await approved(broker, "in", buy(10)), number)
    await ear.hears(StatusReport, lambda report: report.status is BrokerStatus.FILLED)
    await broker.modify(await approved(broker, "in", buy(11)), number, confirm=lambda: None)
    assert (await ear.hears(Notice, lambda notice: notice.order_id == number)).code == 104


def linked(approved, links):
    return replace(approved, request=replace(approved.request, links=links))


async def test_a_bracket_is_silent_until_its_last_order_and_then_whole(session, broker, ear):
    number = session.next_order_id
    entry = await approved(broker, "b", buy(10).limit("100.25"))
    gain = await approved(broker, "b/tp", sell(10).limit("400").gtc())
    loss = await approved(broker, "b/sl", sell(10).stop("90").gtc())
    await broker.place(entry, number, transmit=False)
    await broker.place(gain, number + 1, parent_id=number, transmit=False)
    assert await broker.open_orders() == [], "an untransmitted order is shown nowhere"
    await broker.place(loss, number + 2, parent_id=number)
    await ear.hears(StatusReport, lambda report: report.order_id == number + 2)
    listed = {order.order_id: order for order in await broker.open_orders()}
    assert [listed[number + n].spec for n in range(3)] == [each.request.spec for each in (entry, gain, loss)]
    assert ear.of(StatusReport)[-1].why_held in {"child", "child,trigger"}
    await broker.cancel(number)
    for n in range(3):
        await ear.hears(StatusReport, lambda r, n=n: (r.order_id, r.status) == (number + n, BrokerStatus.CANCELLED))


async def test_an_untransmitted_order_is_taken_back_by_its_id(session, broker, ear):
    number = session.next_order_id
    await broker.place(await approved(broker, "b", buy(10).limit("100.25")), number, transmit=False)
    await broker.cancel(number)
    assert (await ear.hears(Notice, lambda notice: notice.order_id == number)).code == 202
    await broker.cancel(number)
    assert (await ear.hears(Notice, lambda n: n.order_id == number and n.code != 202)).code in {10147, 10148}


async def test_a_fill_cancels_the_others_of_its_group(session, broker, ear):
    links = Links("o", oca_group="o", oca_type=OcaType.CANCEL_WITH_BLOCK)
    number = session.next_order_id
    await broker.place(linked(await approved(broker, "o/1", buy(10).limit("100.25")), links), number)
    await ear.hears(StatusReport, lambda report: report.status is BrokerStatus.SUBMITTED)
    await broker.place(linked(await approved(broker, "o/2", buy(10)), links), number + 1)
    await ear.hears(StatusReport, lambda r: (r.order_id, r.status) == (number, BrokerStatus.CANCELLED))


async def test_a_what_if_says_margin_and_cost_and_is_no_order(session, broker, ear):
    number = session.next_order_id
    request = (await approved(broker, "what", buy(10).limit("100.25"))).request
    impact = await broker.preview(request, number)
    assert impact.initial_margin.change > 0
    margin = impact.initial_margin
    assert abs(margin.after - margin.before - margin.change) <= Decimal("0.01"), "each is rounded by itself"
    assert impact.maintenance_margin.change > 0
    assert impact.equity_with_loan.before > 0
    assert impact.commission > 0
    assert (impact.commission_currency, impact.commission_min, impact.commission_max) == ("USD", None, None)
    assert await broker.open_orders() == []
    assert ear.of(OpenOrderReport) == [], "nobody hears of it as of an order"


async def test_a_what_if_that_ib_would_refuse_is_refused(session, broker, paper):
    number = session.next_order_id
    request = (await approved(broker, "what", buy(10).limit("100.251"))).request
    with pytest.raises(RequestRejected, match="minimum price variation") as refused:
        await broker.preview(request, number)
    assert refused.value.code == 110
    paper.faults.inject(Swallow("OpenOrder"))
    with pytest.raises(RequestTimeout, match=r"what BUY 10 .* would do"):
        await broker.preview((await approved(broker, "late", buy(10).limit("100.25"))).request, number + 1)


async def test_everything_open_is_cancelled_at_once(session, broker, ear):
    number = session.next_order_id
    for n in range(3):
        await broker.place(await approved(broker, f"k{n}", buy(1).limit("100.25")), number + n)
    await ear.hears(StatusReport, lambda r: (r.order_id, r.status) == (number + 2, BrokerStatus.SUBMITTED))
    await broker.cancel_all()
    for n in range(3):
        await ear.hears(StatusReport, lambda r, n=n: (r.order_id, r.status) == (number + n, BrokerStatus.CANCELLED))
    assert await broker.open_orders() == []


async def test_fills_positions_and_account_agree(session, broker, ear):
    await broker.place(await approved(broker, "in", buy(10)), session.next_order_id)
    await ear.hears(StatusReport, lambda report: report.status is BrokerStatus.FILLED)
    executions = await broker.executions()
    assert [(fill.ref, fill.quantity) for fill in executions] == [("in", Decimal(10))]
    positions = await broker.positions()
    assert [(held.instrument.symbol, held.quantity) for held in positions] == [("AAPL", Decimal(10))]
    assert positions[0].average_cost > 0
    await broker.follow_account(ACCOUNT)
    names = {report.value.name for report in ear.of(AccountValueReport)}
    assert {"NetLiquidation", "BuyingPower", "TotalCashValue"} <= names
    assert any(report.position.market_price is not None for report in ear.of(PositionReport))


async def test_an_empty_account_is_empty_and_not_late(session, broker):
    assert await broker.open_orders() == []
    assert await broker.completed_orders() == []
    assert await broker.executions() == []
    assert await broker.positions() == []


async def test_a_cancel_of_nothing_is_told(session, broker, ear):
    await broker.cancel(4242)
    notice = await ear.hears(Notice, lambda report: report.order_id == 4242)
    assert notice.code == 10147


async def test_an_order_off_the_tick_is_refused_aloud(session, broker, ear):
    await broker.place(await approved(broker, "off", buy(1).limit("100.251")), session.next_order_id)
    notice = await ear.hears(Notice, lambda report: report.order_id == session.next_order_id)
    assert notice.code == 110


@pytest.mark.parametrize(
    ("ask", "end"),
    (
        ("open_orders", "OpenOrderEnd"),
        ("positions", "PositionEnd"),
        ("completed_orders", "CompletedOrdersEnd"),
        ("executions", "ExecDetailsEnd"),
    ),
)
async def test_an_end_that_never_comes_is_never_none(session, broker, paper, ask, end):
    paper.faults.inject(Swallow(end))
    with pytest.raises(RequestTimeout):
        await getattr(broker, ask)()
    assert await getattr(broker, ask)() == [], "and the next answer is the next question's own"


async def test_an_end_that_comes_late_completes_nothing_else(session, broker, paper, ear):
    await broker.place(await approved(broker, "held", buy(1).limit(50)), session.next_order_id)
    await ear.hears(StatusReport, lambda report: report.status is BrokerStatus.SUBMITTED)
    from ironbridge.paper.faults import Delay

    paper.faults.inject(Delay("OpenOrderEnd", seconds=0.7))
    with pytest.raises(RequestTimeout):
        await broker.open_orders()
    assert [order.ref for order in await broker.open_orders()] == ["held"]


async def test_a_request_that_is_lost_times_out(session, broker, paper):
    paper.faults.inject(Ignore("ReqCurrentTime"))
    with pytest.raises(RequestTimeout):
        await broker.server_time()


async def test_the_end_of_the_link_ends_what_waits(session, broker, paper, ear):
    paper.faults.inject(Ignore("ReqPositions"))
    waiting = asyncio.create_task(broker.positions())
    paper.faults.inject(Drop())
    with pytest.raises(SessionLost):
        await waiting
    await ear.hears(LinkEnded)
    with pytest.raises(NotConnected):
        await broker.place(RiskApproved(OrderRequest("k", Stock("AAPL"), sell(1), ACCOUNT), (), datetime.now(UTC)), 9)


async def test_no_sentinel_is_a_number(session, broker, paper, ear):
    for kind in ("OpenOrder", "OrderStatus", "CommissionReport"):
        paper.faults.inject(Sentinels(kind))
    await broker.place(await approved(broker, "unset", buy(10)), session.next_order_id)
    await ear.hears(ExecutionReport)
    await broker.open_orders()
    numbers = [value for report in ear.reports for value in _numbers(report)]
    assert numbers
    assert all(abs(number) < Decimal("1e12") for number in numbers)


def _numbers(report):
    return [value for name in report.__slots__ if isinstance(value := getattr(report, name), Decimal)]


async def test_daily_pnl_streams_until_it_is_ended(session, broker, ear):
    await broker.place(await approved(broker, "pnl", buy(10)), session.next_order_id)
    fill = await ear.hears(ExecutionReport)
    con_id = fill.instrument.con_id
    await broker.follow_pnl(ACCOUNT)
    await broker.follow_pnl(ACCOUNT)
    await broker.follow_pnl(ACCOUNT, con_id)
    whole = await ear.hears(PnlReport, lambda report: report.con_id is None)
    assert (whole.account, whole.quantity, whole.market_value) == (ACCOUNT, None, None)
    assert whole.daily is not None
    one = await ear.hears(PnlReport, lambda report: report.con_id == con_id)
    assert one.quantity == 10
    assert one.market_value is not None
    await broker.unfollow_pnl(ACCOUNT)
    await broker.unfollow_pnl(ACCOUNT)
    ear.reports.clear()
    await ear.hears(PnlReport, lambda report: report.con_id == con_id)
    await broker.server_time()
    assert not [report for report in ear.of(PnlReport) if report.con_id is None]


async def test_a_pnl_that_ib_has_not_set_is_none(session, broker, paper, ear):
    paper.faults.inject(Sentinels("Pnl"))
    await broker.follow_pnl(ACCOUNT)
    await broker.follow_pnl(ACCOUNT, 265598)
    report = await ear.hears(PnlReport, lambda report: report.con_id is None)
    assert (report.daily, report.unrealized, report.realized) == (None, None, None)
    nothing = await ear.hears(PnlReport, lambda report: report.con_id == 265598)
    assert (nothing.quantity, nothing.daily, nothing.market_value) == (0, None, None)


async def test_pnl_is_asked_for_anew_after_a_cut(session, broker, endpoint, paper, ear):
    await broker.follow_pnl(ACCOUNT)
    await ear.hears(PnlReport)
    paper.faults.inject(Drop())
    await ear.hears(LinkEnded)
    await broker.unfollow_pnl(ACCOUNT)
    with pytest.raises(NotConnected):
        await broker.follow_pnl(ACCOUNT)
    await broker.connect(endpoint)
    ear.reports.clear()
    await broker.follow_pnl(ACCOUNT)
    await ear.hears(PnlReport)
