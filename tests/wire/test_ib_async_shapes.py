"""Answers whose callbacks are shaped unlike the message: the values ib_async's decoder makes of them, one by one."""

import logging
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from ib_async import objects
from ib_async.decoder import Decoder

from ironbridge import wire
from ironbridge.wire import Role, codec_for


def heard(message: Any, caplog: pytest.LogCaptureFixture, version: int = 178) -> list[tuple[str, tuple[Any, ...]]]:
    calls: list[tuple[str, tuple[Any, ...]]] = []

    class Recorder:
        ib = SimpleNamespace(TimezoneTWS=None)
        defaultTimezone = UTC  # noqa: N815  the name ib_async looks for

        def __getattr__(self, name: str) -> Any:
            return lambda *args: calls.append((name, args))

    with caplog.at_level(logging.DEBUG, "ib_async.Decoder"):
        Decoder(Recorder(), version).interpret(codec_for(version).encode_fields(message, Role.SERVER))
    assert [record.getMessage() for record in caplog.records] == []
    return calls


def at(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def test_tick_price(caplog: pytest.LogCaptureFixture) -> None:
    assert heard(wire.TickPrice(1, 2, 150.25, 100.0, 1), caplog) == [("priceSizeTick", (1, 2, 150.25, 100.0))]


@pytest.mark.parametrize(
    ("tick", "kind", "name", "values"),
    (
        (wire.Trade(10.5, 100.0, 2, "NYSE", "T"), 2, "tickByTickAllLast", (10.5, 100.0)),
        (wire.BidAsk(10.0, 10.5, 3.0, 4.0, 1), 3, "tickByTickBidAsk", (10.0, 10.5, 3.0, 4.0)),
        (wire.MidPoint(10.25), 4, "tickByTickMidPoint", (10.25,)),
    ),
)
def test_tick_by_tick(
    tick: Any, kind: int, name: str, values: tuple[float, ...], caplog: pytest.LogCaptureFixture
) -> None:
    [(called, args)] = heard(wire.TickByTick(7, kind, 1_700_000_000, tick), caplog)
    assert called == name
    assert tuple(arg for arg in args if isinstance(arg, float)) == values
    assert args[0] == 7
    assert 1_700_000_000 in args


def test_option_computation_says_what_is_not_computed(caplog: pytest.LogCaptureFixture) -> None:
    message = wire.TickOptionComputation(1, 13, 0, delta=0.5, option_price=2.25)
    [(_, args)] = heard(message, caplog)
    assert args == (1, 13, 0, -1.0, 0.5, 2.25, -1.0, -2.0, -2.0, -2.0, -1.0)


def test_historical_data(caplog: pytest.LogCaptureFixture) -> None:
    bar = wire.HistoricalBar("20260413", 1.0, 4.0, 0.5, 2.0, 1000.0, 1.75, 12)
    calls = heard(wire.HistoricalData(3, "20260101", "20260413", (bar, bar)), caplog)
    expected = objects.BarData("20260413", 1.0, 4.0, 0.5, 2.0, 1000.0, 1.75, 12)
    assert calls == [
        ("historicalData", (3, expected)),
        ("historicalData", (3, expected)),
        ("historicalDataEnd", (3, "20260101", "20260413")),
    ]


def test_historical_ticks(caplog: pytest.LogCaptureFixture) -> None:
    [(_, args)] = heard(wire.HistoricalTicks(1, (wire.HistoricalTick(1_700_000_000, 10.5, 0.0),), False), caplog)
    assert args == (1, [objects.HistoricalTick(at(1_700_000_000), 10.5, 0.0)], False)

    quote = wire.HistoricalTickBidAsk(1_700_000_000, 1, 10.0, 11.0, 1.0, 2.0)
    [(_, args)] = heard(wire.HistoricalTicksBidAsk(1, (quote,)), caplog)
    attributes = objects.TickAttribBidAsk(bidPastLow=False, askPastHigh=True)
    assert args == (1, [objects.HistoricalTickBidAsk(at(1_700_000_000), attributes, 10.0, 11.0, 1.0, 2.0)], True)

    trade = wire.HistoricalTickLast(1_700_000_000, 2, 10.0, 5.0, "NYSE", "T")
    [(_, args)] = heard(wire.HistoricalTicksLast(1, (trade,)), caplog)
    unreported = objects.TickAttribLast(pastLimit=False, unreported=True)
    assert args == (1, [objects.HistoricalTickLast(at(1_700_000_000), unreported, 10.0, 5.0, "NYSE", "T")], True)


def test_schedule(caplog: pytest.LogCaptureFixture) -> None:
    message = wire.HistoricalSchedule(1, "a", "b", "US/Eastern", (wire.HistoricalSession("c", "d", "e"),))
    [(_, args)] = heard(message, caplog)
    assert args == (1, "a", "b", "US/Eastern", [objects.HistoricalSession("c", "d", "e")])


def test_scanner_rows(caplog: pytest.LogCaptureFixture) -> None:
    contract = wire.Contract(1, "SPY", "OPT", "20260619", Decimal("500.5"), "C", exchange="SMART", currency="USD")
    row = wire.ScannerRow(0, contract, "SPY market", "d", "b", "p", "l")
    calls = heard(wire.ScannerData(9, (row,)), caplog)
    assert [name for name, _ in calls] == ["scannerData", "scannerDataEnd"]
    req_id, rank, details, *rest = calls[0][1]
    assert (req_id, rank, rest) == (9, 0, ["d", "b", "p", "l"])
    assert (details.marketName, details.contract.strike, details.contract.exchange) == ("SPY market", 500.5, "SMART")


def test_option_chain(caplog: pytest.LogCaptureFixture) -> None:
    message = wire.SecDefOptParams(1, "CBOE", 756733, "SPY", "100", ("20260619",), (Decimal(500), Decimal("500.5")))
    [(_, args)] = heard(message, caplog)
    assert args == (1, "CBOE", "756733", "SPY", "100", ["20260619"], [500.0, 500.5])


@pytest.mark.parametrize("version", (157, 176))
def test_symbol_samples(version: int, caplog: pytest.LogCaptureFixture) -> None:
    sample = wire.SymbolSample(8314, "IBM", "STK", "NYSE", "USD", ("OPT", "WAR"), "IBM Corp", "e123")
    [(_, (req_id, found))] = heard(wire.SymbolSamples(4, (sample, sample)), caplog, version)
    assert req_id == 4
    assert [(f.contract.conId, f.contract.symbol, f.derivativeSecTypes) for f in found] == [
        (8314, "IBM", ["OPT", "WAR"])
    ] * 2
    assert found[0].contract.description == ("IBM Corp" if version == 176 else "")


def test_components_and_validation(caplog: pytest.LogCaptureFixture) -> None:
    [(_, args)] = heard(wire.SmartComponents(1, (wire.SmartComponent(3, "ARCA", "P"),)), caplog)
    assert args == (1, [objects.SmartComponent(3, "ARCA", "P")])
    [(_, args)] = heard(wire.DeltaNeutralValidation(1, wire.DeltaNeutralContract(5, 0.5, 10.0)), caplog)
    assert (args[0], args[1].conId, args[1].delta, args[1].price) == (1, 5, 0.5, 10.0)


def test_a_long_name_beyond_ascii(caplog: pytest.LogCaptureFixture) -> None:
    details = wire.ContractDetails(long_name="Moët \\ Chandon", min_tick=Decimal("0.01"))
    message = wire.ContractData(1, wire.Contract(1, "MC"), details)
    [(_, (_, found))] = heard(message, caplog)
    assert found.longName == "Moët \\ Chandon"


def test_a_profit_that_is_absent_is_not_zero(caplog: pytest.LogCaptureFixture) -> None:
    """I-14: absent goes out as IB's own "unset", which no client takes for 0.0."""
    [(_, args)] = heard(wire.Pnl(1, Decimal("12.5")), caplog)
    assert args == (1, 12.5, 1.7976931348623157e308, 1.7976931348623157e308)
