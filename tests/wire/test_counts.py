"""How many fields each message has: official clients drop, without a word, one that has another number.

The numbers are those that public clients and recordings show, counted after the message id.
"""

from decimal import Decimal
from typing import Any

import pytest

from ironbridge import wire
from ironbridge.wire import Role, codec_for

CONTRACT = wire.Contract(265598, "AAPL", "STK", exchange="SMART", currency="USD")
LIMIT = wire.Order("BUY", Decimal(100), "LMT", Decimal("150.25"), tif="DAY")
FILL = wire.Execution("0001.01", "20260413 15:27:04 US/Eastern", "DU1", "NYSE", "BOT", Decimal(1), Decimal(2))


def count(message: Any, version: int) -> int:
    sender = Role.CLIENT if type(message).__name__.startswith(("Req", "Place", "Cancel", "Start")) else Role.SERVER
    return len(codec_for(version).encode_fields(message, sender)) - 1


STRICT = (
    # The official decoder reads these by signature: version and parameters, not one more or less.
    (wire.AccountValue("k", "v", "USD", "DU1"), 5),
    (wire.AccountUpdateTime("13:26"), 2),
    (wire.NextValidId(1), 2),
    (wire.NewsBulletin(1, 1, "text", "NYSE"), 5),
    (wire.ManagedAccounts("DU1"), 2),
    (wire.ReceiveFa(1, "<x/>"), 3),
    (wire.ScannerParameters("<x/>"), 2),
    (wire.TickGeneric(1, 49, 0.0), 4),
    (wire.TickString(1, 45, "1"), 4),
    (wire.TickEfp(1, 38, 1.0, "1", 1.0, 1, "20260619", 1.0, 1.0), 10),
    (wire.CurrentTime(1), 2),
    (wire.ContractDataEnd(1), 2),
    (wire.OpenOrderEnd(), 1),
    (wire.AccountDownloadEnd("DU1"), 2),
    (wire.ExecDetailsEnd(1), 2),
    (wire.TickSnapshotEnd(1), 2),
    (wire.MarketDataType(1, 3), 3),
    (wire.PositionEnd(), 1),
    (wire.AccountSummary(1, "DU1", "t", "v", "USD"), 6),
    (wire.AccountSummaryEnd(1), 2),
    (wire.VerifyMessageApi("x"), 2),
    (wire.VerifyCompleted(True, ""), 3),
    (wire.DisplayGroupList(1, "1|2"), 3),
    (wire.DisplayGroupUpdated(1, "x"), 3),
    (wire.VerifyAndAuthMessageApi("x", "y"), 3),
    (wire.VerifyAndAuthCompleted(True, ""), 3),
    (wire.PositionMultiEnd(1), 2),
    (wire.AccountUpdateMulti(1, "DU1", "", "k", "v", "USD"), 7),
    (wire.AccountUpdateMultiEnd(1), 2),
    # ib_async unpacks these into names.
    (wire.TickPrice(1, 1, 1.0, 1.0), 6),
    (wire.PortfolioValue(CONTRACT, Decimal(1), None, None, None, None, None, "DU1"), 19),
    (wire.CommissionReport("0001.01"), 7),
    (wire.Position("DU1", CONTRACT, Decimal(1)), 15),
    (wire.PositionMulti(1, "DU1", CONTRACT, Decimal(1)), 17),
    # And the rest of what the protocol's description counts.
    (wire.TickSize(1, 0, 1.0), 4),
    (wire.OrderStatus(1, "Submitted", Decimal(0), Decimal(1)), 11),
    (wire.OrderBound(1, 2, 3), 3),
    (wire.CompletedOrdersEnd(), 0),
    (wire.TickReqParams(1, 0.01), 4),
    (wire.MarketDepth(1, 0, 0, 1, 1.0, 1.0), 7),
    (wire.MarketDepthL2(1, 0, "X", 0, 1, 1.0, 1.0), 9),
    (wire.RealTimeBar(1, 1, 1.0, 1.0, 1.0, 1.0), 10),
    (wire.HistoricalDataUpdate(1, wire.HistoricalBar("20260413", 1.0, 1.0, 1.0, 1.0)), 9),
    (wire.HeadTimestamp(1, "20040123"), 2),
    (wire.SecDefOptParamsEnd(1), 1),
    (wire.Pnl(1), 4),
    (wire.PnlSingle(1), 6),
    (wire.TickByTick(1, 1, 1, wire.Trade(1.0, 1.0)), 8),
    (wire.TickByTick(1, 3, 1, wire.BidAsk(1.0, 1.0, 1.0, 1.0)), 8),
    (wire.TickByTick(1, 4, 1, wire.MidPoint(1.0)), 4),
)


@pytest.mark.parametrize("version", (157, 166, 176, 178))
@pytest.mark.parametrize(("message", "fields"), STRICT, ids=lambda value: type(value).__name__)
def test_answers_have_the_number_that_strict_clients_want(message: Any, fields: int, version: int) -> None:
    assert count(message, version) == fields


REQUESTS = (
    (wire.StartApi(0), 4),
    (wire.ReqMktData(1, CONTRACT), 20),
    (wire.CancelMktData(1), 3),
    (wire.ReqOpenOrders(), 2),
    (wire.ReqAllOpenOrders(), 2),
    (wire.ReqAutoOpenOrders(True), 3),
    (wire.ReqAccountUpdates(True, "DU1"), 4),
    (wire.ReqExecutions(1), 10),
    (wire.ReqIds(), 3),
    (wire.ReqMktDepth(1, CONTRACT), 18),
    (wire.CancelMktDepth(1), 4),
    (wire.ReqManagedAccts(), 2),
    (wire.ReqHistoricalData(1, CONTRACT), 23),
    (wire.ReqCurrentTime(), 2),
    (wire.ReqRealTimeBars(1, CONTRACT), 19),
    (wire.ReqMarketDataType(3), 3),
    (wire.ReqPositions(), 2),
    (wire.ReqAccountSummary(1, "All", "x"), 5),
    (wire.ReqPositionsMulti(1), 5),
    (wire.ReqAccountUpdatesMulti(1), 6),
    (wire.ReqSecDefOptParams(1, "SPY"), 6),
    (wire.ReqMatchingSymbols(1, "A"), 3),
    (wire.ReqHeadTimestamp(1, CONTRACT), 18),
    (wire.ReqMarketRule(1), 2),
    (wire.ReqPnl(1, "DU1"), 4),
    (wire.ReqPnlSingle(1, "DU1"), 5),
    (wire.ReqHistoricalTicks(1, CONTRACT), 22),
    (wire.ReqTickByTickData(1, CONTRACT, "Last"), 17),
    (wire.ReqCompletedOrders(False), 2),
)


@pytest.mark.parametrize("version", (151, 157, 163, 173, 176, 178))
@pytest.mark.parametrize(("message", "fields"), REQUESTS, ids=lambda value: type(value).__name__)
def test_requests_have_the_same_number_at_every_version(message: Any, fields: int, version: int) -> None:
    assert count(message, version) + 1 == fields


BY_VERSION = (
    (
        wire.OpenOrder(1, CONTRACT, LIMIT),
        {151: 119, 157: 119, 163: 122, 164: 122, 166: 122, 173: 127, 176: 127, 177: 126, 178: 126},
    ),
    (wire.CompletedOrder(CONTRACT, LIMIT), {151: 91, 166: 91, 170: 96, 176: 96, 177: 95, 178: 95}),
    (wire.ContractData(1, CONTRACT), {151: 37, 152: 38, 162: 38, 163: 39, 164: 39, 178: 39}),
    (wire.ExecDetails(-1, 1, CONTRACT, FILL), {151: 30, 176: 30, 178: 31}),
    (wire.ErrorMessage(-1, 2104, "x"), {151: 4, 165: 4, 166: 5, 178: 5}),
    (wire.TickOptionComputation(1, 13), {151: 11, 155: 11, 156: 11, 178: 11}),
    (wire.PlaceOrder(1, CONTRACT, LIMIT), {151: 109, 157: 109, 163: 112, 173: 114, 176: 114, 178: 113}),
    (wire.CancelOrder(1), {151: 2, 163: 2, 173: 3, 178: 3}),
    (wire.ReqContractDetails(1, CONTRACT), {151: 17, 173: 17, 176: 18, 178: 18}),
)


@pytest.mark.parametrize(("message", "counts"), BY_VERSION, ids=lambda value: type(value).__name__)
def test_numbers_that_depend_on_the_version(message: Any, counts: dict[int, int]) -> None:
    assert {version: count(message, version) for version in counts} == counts


def test_a_delta_neutral_order_type_adds_its_block() -> None:
    """The real Gateway says "None" there: 135 fields at 176, as recorded."""
    order = wire.Order(delta_neutral_order_type="None")
    assert count(wire.OpenOrder(1, CONTRACT, order), 176) == 135


def test_the_option_computation_lost_its_version_and_won_an_attribute() -> None:
    old = codec_for(155).encode_fields(wire.TickOptionComputation(7, 13, 1), Role.SERVER)
    new = codec_for(156).encode_fields(wire.TickOptionComputation(7, 13, 1), Role.SERVER)
    assert old[:4] == ["21", "6", "7", "13"]
    assert new[:4] == ["21", "7", "13", "1"]
