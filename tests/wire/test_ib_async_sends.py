"""Every request, as ib_async's own client sends it: decoded by us, compared value by value.

What the client puts on the wire goes through our connection as bytes. Orders have a file of their own.
"""

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import ib_async
import pytest
from ib_async.client import Client
from ib_async.objects import ScannerSubscription, WshEventData

from ironbridge import wire
from ironbridge.wire import UNSET, Connection, Role
from ironbridge.wire.registry import FORMATS
from ironbridge.wire.text import UnknownMessage

VERSIONS = (157, 163, 166, 169, 170, 173, 176, 177, 178)


class Sink:
    """A connection that keeps what is sent."""

    def __init__(self) -> None:
        self.data = b""

    def sendMsg(self, msg: bytes) -> None:
        self.data += msg


def server_at(version: int) -> Connection:
    """Our server, past the greeting."""
    server = Connection(Role.SERVER, max_version=version)
    server.receive_data(b"API\0\0\0\0\x09v157..178")
    assert server.events_received() == [wire.Hello(157, 178)]
    assert server.accept("20260413 15:27:04 EST") == version
    return server


async def sent(version: int, ask: Callable[[Client], object]) -> list[Any]:
    """What our server hears when ib_async's client is asked for something."""
    client = Client(wrapper=None)
    sink = Sink()
    client.conn = sink
    client.clientId = 7
    client.connState = Client.CONNECTED
    client._serverVersion = version
    ask(client)
    server = server_at(version)
    server.receive_data(sink.data)
    return server.events_received()


STOCK = ib_async.Contract(
    secType="STK", conId=265598, symbol="AAPL", exchange="SMART", primaryExchange="NASDAQ", currency="USD",
    localSymbol="AAPL", tradingClass="NMS",
)  # fmt: skip
OURS = wire.Contract(
    265598, "AAPL", "STK", strike=Decimal("0.0"), exchange="SMART", primary_exchange="NASDAQ", currency="USD",
    local_symbol="AAPL", trading_class="NMS",
)  # fmt: skip
LEGS = [ib_async.ComboLeg(1, 2, "BUY", "SMART", 1, 2, "here", 3), ib_async.ComboLeg(4, 1, "SELL", "CBOE")]
BAG = ib_async.Contract(secType="BAG", symbol="SPY", exchange="SMART", currency="USD", comboLegs=LEGS)
OUR_DATA_LEGS = (wire.ComboLeg(1, 2, "BUY", "SMART"), wire.ComboLeg(4, 1, "SELL", "CBOE"))
OUR_BAG = wire.Contract(
    0, "SPY", "BAG", strike=Decimal("0.0"), exchange="SMART", currency="USD", combo_legs=OUR_DATA_LEGS
)
NO_EXCHANGE = dataclasses.replace(OURS, primary_exchange="")
TAGS = [ib_async.TagValue("a", "1"), ib_async.TagValue("b", "2")]
OUR_TAGS = (wire.TagValue("a", "1"), wire.TagValue("b", "2"))
NEUTRAL = dataclasses.replace(STOCK, deltaNeutralContract=ib_async.DeltaNeutralContract(9, 0.5, 10.25))
OUR_NEUTRAL = dataclasses.replace(OURS, delta_neutral_contract=wire.DeltaNeutralContract(9, 0.5, 10.25))
FUNDAMENTAL = dataclasses.replace(OURS, strike=None, trading_class="")
SCAN = ScannerSubscription(-1, "STK", "STK.US", "TOP_PERC_GAIN", abovePrice=5.5, excludeConvertible=True)
OUR_SCAN = wire.ScannerSubscription(
    "STK", "STK.US", "TOP_PERC_GAIN", number_of_rows=-1, above_price=5.5, exclude_convertible=True
)
WSH = WshEventData(conId=8314, filter="{}", fillPortfolio=True, startDate="20260101", totalLimit=5)
OUR_WSH = wire.ReqWshEventData(1, 8314, "{}", fill_portfolio=True, start_date="20260101", total_limit=5)

FILTER = ib_async.ExecutionFilter(2, "DU1", "20260101 00:00:00", "AAPL", "STK", "SMART", "BUY")

CASES: tuple[tuple[Callable[[Client], object], Any], ...] = (
    (lambda c: c.startApi(), wire.StartApi(7)),
    (
        lambda c: c.reqMktData(1, STOCK, "233", True, False, TAGS),
        wire.ReqMktData(1, OURS, "233", True, False, OUR_TAGS),
    ),
    (lambda c: c.reqMktData(1, BAG, "", False, False, []), wire.ReqMktData(1, OUR_BAG)),
    (lambda c: c.reqMktData(1, NEUTRAL, "", False, False, []), wire.ReqMktData(1, OUR_NEUTRAL)),
    (lambda c: c.cancelMktData(1), wire.CancelMktData(1)),
    (lambda c: c.cancelOrder(5), wire.CancelOrder(5)),
    (lambda c: c.reqOpenOrders(), wire.ReqOpenOrders()),
    (lambda c: c.reqAccountUpdates(True, "DU1"), wire.ReqAccountUpdates(True, "DU1")),
    (
        lambda c: c.reqExecutions(3, FILTER),
        wire.ReqExecutions(3, 2, "DU1", "20260101 00:00:00", "AAPL", "STK", "SMART", "BUY"),
    ),
    (lambda c: c.reqIds(1), wire.ReqIds(1)),
    (lambda c: c.reqContractDetails(2, STOCK), wire.ReqContractDetails(2, OURS)),
    (lambda c: c.reqMktDepth(1, STOCK, 5, True, TAGS), wire.ReqMktDepth(1, OURS, 5, True, OUR_TAGS)),
    (lambda c: c.cancelMktDepth(1, True), wire.CancelMktDepth(1, True)),
    (lambda c: c.reqNewsBulletins(True), wire.ReqNewsBulletins(True)),
    (lambda c: c.cancelNewsBulletins(), wire.CancelNewsBulletins()),
    (lambda c: c.setServerLogLevel(5), wire.SetServerLogLevel(5)),
    (lambda c: c.reqAutoOpenOrders(True), wire.ReqAutoOpenOrders(True)),
    (lambda c: c.reqAllOpenOrders(), wire.ReqAllOpenOrders()),
    (lambda c: c.reqManagedAccts(), wire.ReqManagedAccts()),
    (lambda c: c.requestFA(1), wire.RequestFa(1)),
    (lambda c: c.replaceFA(4, 1, "<x/>"), wire.ReplaceFa(1, "<x/>", 4)),
    (
        lambda c: c.reqHistoricalData(1, STOCK, "20260413 00:00:00", "2 D", "1 min", "BID_ASK", True, 2, False, TAGS),
        wire.ReqHistoricalData(1, OURS, "20260413 00:00:00", "1 min", "2 D", 1, "BID_ASK", 2, False, OUR_TAGS),
    ),
    (
        lambda c: c.reqHistoricalData(1, BAG, "", "1 D", "1 day", "TRADES", False, 1, True, []),
        wire.ReqHistoricalData(1, OUR_BAG, use_rth=0, keep_up_to_date=True),
    ),
    (lambda c: c.cancelHistoricalData(1), wire.CancelHistoricalData(1)),
    (lambda c: c.exerciseOptions(1, STOCK, 1, 10, "DU1", 0), wire.ExerciseOptions(1, NO_EXCHANGE, 1, 10, "DU1", 0)),
    (lambda c: c.reqScannerSubscription(1, SCAN, [], TAGS), wire.ReqScannerSubscription(1, OUR_SCAN, OUR_TAGS)),
    (lambda c: c.cancelScannerSubscription(1), wire.CancelScannerSubscription(1)),
    (lambda c: c.reqScannerParameters(), wire.ReqScannerParameters()),
    (lambda c: c.reqCurrentTime(), wire.ReqCurrentTime()),
    (
        lambda c: c.reqRealTimeBars(1, STOCK, 5, "TRADES", True, TAGS),
        wire.ReqRealTimeBars(1, OURS, 5, "TRADES", True, OUR_TAGS),
    ),
    (lambda c: c.cancelRealTimeBars(1), wire.CancelRealTimeBars(1)),
    (
        lambda c: c.reqFundamentalData(1, STOCK, "ReportSnapshot", TAGS),
        wire.ReqFundamentalData(1, FUNDAMENTAL, "ReportSnapshot", OUR_TAGS),
    ),
    (lambda c: c.cancelFundamentalData(1), wire.CancelFundamentalData(1)),
    (
        lambda c: c.calculateImpliedVolatility(1, STOCK, 2.5, 150.0, TAGS),
        wire.CalculateImpliedVolatility(1, OURS, 2.5, 150.0, OUR_TAGS),
    ),
    (lambda c: c.calculateOptionPrice(1, STOCK, 0.25, 150.0, []), wire.CalculateOptionPrice(1, OURS, 0.25, 150.0)),
    (lambda c: c.cancelCalculateImpliedVolatility(1), wire.CancelCalculateImpliedVolatility(1)),
    (lambda c: c.cancelCalculateOptionPrice(1), wire.CancelCalculateOptionPrice(1)),
    (lambda c: c.reqGlobalCancel(), wire.ReqGlobalCancel()),
    (lambda c: c.reqMarketDataType(3), wire.ReqMarketDataType(3)),
    (lambda c: c.reqPositions(), wire.ReqPositions()),
    (lambda c: c.reqAccountSummary(1, "All", "NetLiquidation"), wire.ReqAccountSummary(1, "All", "NetLiquidation")),
    (lambda c: c.cancelAccountSummary(1), wire.CancelAccountSummary(1)),
    (lambda c: c.cancelPositions(), wire.CancelPositions()),
    (lambda c: c.verifyRequest("a", "b"), wire.VerifyRequest("a", "b")),
    (lambda c: c.verifyMessage("a"), wire.VerifyMessage("a")),
    (lambda c: c.queryDisplayGroups(1), wire.QueryDisplayGroups(1)),
    (lambda c: c.subscribeToGroupEvents(1, 2), wire.SubscribeToGroupEvents(1, 2)),
    (lambda c: c.updateDisplayGroup(1, "8314@SMART"), wire.UpdateDisplayGroup(1, "8314@SMART")),
    (lambda c: c.unsubscribeFromGroupEvents(1), wire.UnsubscribeFromGroupEvents(1)),
    (lambda c: c.verifyAndAuthRequest("a", "b", "c"), wire.VerifyAndAuthRequest("a", "b", "c")),
    (lambda c: c.verifyAndAuthMessage("a", "b"), wire.VerifyAndAuthMessage("a", "b")),
    (lambda c: c.reqPositionsMulti(1, "DU1", "m"), wire.ReqPositionsMulti(1, "DU1", "m")),
    (lambda c: c.cancelPositionsMulti(1), wire.CancelPositionsMulti(1)),
    (lambda c: c.reqAccountUpdatesMulti(1, "DU1", "m", True), wire.ReqAccountUpdatesMulti(1, "DU1", "m", True)),
    (lambda c: c.cancelAccountUpdatesMulti(1), wire.CancelAccountUpdatesMulti(1)),
    (lambda c: c.reqSecDefOptParams(1, "SPY", "", "STK", 756733), wire.ReqSecDefOptParams(1, "SPY", "", "STK", 756733)),
    (lambda c: c.reqSoftDollarTiers(1), wire.ReqSoftDollarTiers(1)),
    (lambda c: c.reqFamilyCodes(), wire.ReqFamilyCodes()),
    (lambda c: c.reqMatchingSymbols(1, "AA"), wire.ReqMatchingSymbols(1, "AA")),
    (lambda c: c.reqMktDepthExchanges(), wire.ReqMktDepthExchanges()),
    (lambda c: c.reqSmartComponents(1, "a6"), wire.ReqSmartComponents(1, "a6")),
    (lambda c: c.reqNewsArticle(1, "BZ", "BZ$1", TAGS), wire.ReqNewsArticle(1, "BZ", "BZ$1", OUR_TAGS)),
    (lambda c: c.reqNewsProviders(), wire.ReqNewsProviders()),
    (
        lambda c: c.reqHistoricalNews(1, 8314, "BZ+FLY", "a", "b", 10, []),
        wire.ReqHistoricalNews(1, 8314, "BZ+FLY", "a", "b", 10),
    ),
    (lambda c: c.reqHeadTimeStamp(1, STOCK, "TRADES", True, 1), wire.ReqHeadTimestamp(1, OURS, 1, "TRADES", 1)),
    (lambda c: c.reqHistogramData(1, STOCK, True, "1 week"), wire.ReqHistogramData(1, OURS, True, "1 week")),
    (lambda c: c.cancelHistogramData(1), wire.CancelHistogramData(1)),
    (lambda c: c.cancelHeadTimeStamp(1), wire.CancelHeadTimestamp(1)),
    (lambda c: c.reqMarketRule(26), wire.ReqMarketRule(26)),
    (lambda c: c.reqPnL(1, "DU1", "m"), wire.ReqPnl(1, "DU1", "m")),
    (lambda c: c.cancelPnL(1), wire.CancelPnl(1)),
    (lambda c: c.reqPnLSingle(1, "DU1", "m", 8314), wire.ReqPnlSingle(1, "DU1", "m", 8314)),
    (lambda c: c.cancelPnLSingle(1), wire.CancelPnlSingle(1)),
    (
        lambda c: c.reqHistoricalTicks(1, STOCK, "a", "b", 100, "BID_ASK", 0, True, TAGS),
        wire.ReqHistoricalTicks(1, OURS, "a", "b", 100, "BID_ASK", 0, True, OUR_TAGS),
    ),
    (lambda c: c.reqTickByTickData(1, STOCK, "AllLast", 3, True), wire.ReqTickByTickData(1, OURS, "AllLast", 3, True)),
    (lambda c: c.cancelTickByTickData(1), wire.CancelTickByTickData(1)),
    (lambda c: c.reqCompletedOrders(True), wire.ReqCompletedOrders(True)),
    (lambda c: c.reqWshMetaData(1), wire.ReqWshMetaData(1)),
    (lambda c: c.cancelWshMetaData(1), wire.CancelWshMetaData(1)),
    (lambda c: c.cancelWshEventData(1), wire.CancelWshEventData(1)),
    (lambda c: c.reqUserInfo(1), wire.ReqUserInfo(1)),
)


@pytest.mark.parametrize("version", VERSIONS)
async def test_requests_are_heard_as_they_were_meant(version: int) -> None:
    came_with = {form.cls: form.first_version for form in FORMATS}
    for ask, message in CASES:
        heard = await sent(version, ask)
        if version < came_with[type(message)]:
            # ib_async asks all the same; what it says is known not to be of this version.
            assert [type(each) for each in heard] == [UnknownMessage], message
            assert heard[0].needs == came_with[type(message)]
        else:
            assert heard == [message], message


def test_every_request_is_in_the_cases() -> None:
    asked = {type(message).__name__ for _, message in CASES} | {"PlaceOrder", "ReqWshEventData"}
    assert {form.cls.__name__ for form in FORMATS if form.sender is Role.CLIENT} - asked == set()


@pytest.mark.parametrize(
    ("version", "expected"),
    (
        (166, wire.ReqWshEventData(1, 8314)),
        (171, dataclasses.replace(OUR_WSH, start_date="", total_limit=None)),
        (173, OUR_WSH),
    ),
)
async def test_corporate_events_by_version(version: int, expected: wire.ReqWshEventData) -> None:
    assert await sent(version, lambda client: client.reqWshEventData(1, WSH)) == [expected]


async def test_corporate_events_without_a_contract() -> None:
    """ib_async writes this one's unset integers as IB's own number; it is no contract's id."""
    [event] = await sent(178, lambda client: client.reqWshEventData(1, WshEventData(filter="{}")))
    assert event.con_id is UNSET


async def test_an_order_can_be_cancelled_at_a_stated_time() -> None:
    [event] = await sent(176, lambda client: client.cancelOrder(5, "20260413 10:00:00"))
    assert event == wire.CancelOrder(5, "20260413 10:00:00")


async def test_the_issuer_is_asked_for_from_176_on() -> None:
    bond = ib_async.Contract(secType="BOND", issuerId="e1453318")
    [event] = await sent(176, lambda client: client.reqContractDetails(1, bond))
    assert event.contract.issuer_id == "e1453318"
    [event] = await sent(173, lambda client: client.reqContractDetails(1, bond))
    assert event.contract.issuer_id == ""
