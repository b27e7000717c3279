"""The past: bars in both notations of time, bars kept up to date, ticks, first dates, histograms; what is refused."""

from __future__ import annotations

import pytest
from tests.conformance.conftest import START
from tests.conformance.vocabulary import AAPL, EURUSD, SPX

NOW = int(START.timestamp())
FRIDAY = "20260227 23:00:00 UTC"


def bars(
    client, number=41, contract=AAPL, end="", duration="1 D", size="5 mins", what="TRADES", rth=1, date=1, live=False
):
    client.ask("reqHistoricalData", number, contract, end, duration, size, what, rth, date, live, [])
    client.wait("historicalDataEnd", number=number)
    return [each.bar for each in client.heard("historicalData", number=number)]


def test_a_day_of_bars(client):
    found = bars(client, end=FRIDAY)
    assert len(found) == 78
    assert found[0]["date"].split()[:2] == ["20260227", "09:30:00"]
    assert found[-1]["date"].split()[:2] == ["20260227", "15:55:00"]
    for bar in found:
        assert bar["low"] <= bar["open"] <= bar["high"]
        assert bar["low"] <= bar["close"] <= bar["high"]
        assert bar["volume"] > 0
        assert bar["barCount"] > 0


def test_times_carry_the_zone_where_the_client_can_read_it(client, driver):
    found = bars(client, end=FRIDAY, duration="3600 S")
    zoned = found[0]["date"].endswith(" US/Eastern")
    assert zoned == (driver.version >= 174)


def test_trading_seconds_over_days(client):
    """28,800 seconds and more were once taken for months that reach before the first year."""
    found = bars(client, end=FRIDAY, duration="46800 S", size="1 hour")
    assert found[0]["date"].split()[0] == "20260226"
    assert len(found) == 14


@pytest.mark.parametrize("duration", ("1 D", "2001 S", "86400 S", "1 W"))
def test_single_seconds_are_had_for_half_an_hour(client, duration):
    """As recorded: 1 D of 1 secs is an invalid step."""
    client.ask("reqHistoricalData", 60, AAPL, "", duration, "1 secs", "TRADES", 0, 1, False, [])
    assert client.error(162, 60) == "Historical Market Data Service error message:invalid step: 1"


def test_times_in_seconds(client):
    found = bars(client, duration="300 S", size="1 min", date=2, rth=0)
    assert [int(bar["date"]) for bar in found] == [NOW - 60 * number for number in range(5, 0, -1)]


@pytest.mark.parametrize("date", (1, 2))
def test_days_are_dates(client, date):
    found = bars(client, duration="1 W", size="1 day", date=date)
    assert found[-1]["date"] == "20260302"
    assert len({bar["date"] for bar in found}) == len(found) == 5


def test_the_end_names_the_span(client):
    bars(client, duration="300 S", size="1 min")
    end = client.wait("historicalDataEnd")
    assert end.start.startswith("20260302")
    assert end.end.startswith("20260302")


@pytest.mark.parametrize("what", ("MIDPOINT", "BID", "ASK", "BID_ASK"))
def test_quotes_of_the_past(client, what):
    found = bars(client, contract=EURUSD, what=what, rth=0, duration="3600 S")
    assert len(found) == 12
    assert all(bar["low"] <= bar["high"] for bar in found)


def test_an_index_has_bars(client):
    assert bars(client, contract=SPX, duration="2 D", size="1 hour")[-1]["close"] > 1000


def test_bars_are_kept_up_to_date(client, gateway):
    found = bars(client, duration="300 S", size="1 min", rth=0, live=True)
    assert len(found) == 5
    gateway.clock.advance(30)
    client.wait("historicalDataUpdate", number=41)
    client.settled()
    gateway.clock.advance(45)
    newest = client.until(
        lambda: {each.bar["date"] for each in client.heard("historicalDataUpdate")} - {bar["date"] for bar in found}
    )
    assert newest
    client.ask("cancelHistoricalData", 41)
    client.settled()
    client.forget()
    gateway.clock.advance(30)
    client.settled()
    assert client.heard("historicalDataUpdate") == []


@pytest.mark.parametrize(
    ("asked", "code", "text"),
    (
        ({"size": "7 mins"}, 321, "Legal ones are"),
        ({"duration": "1 fortnight"}, 321, "duration format"),
        ({"what": "GOSSIP"}, 321, "Invalid data type requested"),
        ({"what": "YIELD_BID"}, 162, "HMDS query returned no data: AAPL@SMART"),
        ({"end": "tomorrow"}, 10314, "End Date/Time"),
        ({"end": FRIDAY, "live": True}, 321, "End date not supported with live updates"),
        ({"duration": "20 Y", "size": "5 secs"}, 162, "too many bars"),
    ),
    ids=("size", "duration", "what", "no-data", "end", "live-end", "too-many"),
)
def test_what_is_refused(client, asked, code, text):
    wanted = {"end": "", "duration": "1 D", "size": "1 day", "what": "TRADES", "live": False, **asked}
    client.ask(
        "reqHistoricalData", 42, AAPL, wanted["end"], wanted["duration"], wanted["size"], wanted["what"], 1, 1,
        wanted["live"], [],
    )  # fmt: skip
    assert text in client.error(code, 42)
    client.settled()
    assert client.heard("historicalDataEnd") == []


def test_a_query_is_cancelled(client):
    client.ask("reqHistoricalData", 43, AAPL, "", "10 Y", "1 day", "TRADES", 1, 1, False, [])
    client.ask("cancelHistoricalData", 43)
    assert client.error(162, 43).endswith("API historical data query cancelled: 43")
    client.ask("cancelHistoricalData", 43)
    assert client.error(366, 43) == "No historical data query found for ticker id:43"


def test_the_first_date(client):
    client.ask("reqHeadTimeStamp", 44, AAPL, "TRADES", 1, 1)
    assert client.wait("headTimestamp", number=44).time.startswith("20040123")
    client.ask("reqHeadTimeStamp", 45, AAPL, "TRADES", 1, 2)
    assert client.wait("headTimestamp", number=45).time == "1074868200"


def test_a_histogram(client):
    client.ask("reqHistogramData", 46, AAPL, True, "1 week")
    items = client.wait("histogramData", number=46).items
    prices = [item["price"] for item in items]
    assert prices == sorted(prices)
    assert sum(item.get("size", item.get("count")) for item in items) > 0


def test_the_schedule(client, driver):
    client.ask("reqHistoricalData", 47, AAPL, "20260227-23:00:00", "5 D", "1 day", "SCHEDULE", 1, 1, False, [])
    if driver.version < 165:
        assert "schedule cannot be told" in client.error(321, 47)
        return
    told = client.wait("historicalSchedule", number=47)
    assert told.zone == "US/Eastern"
    last = told.sessions[-1]
    assert (last["refDate"], last["startDateTime"], last["endDateTime"]) == (
        "20260227",
        "20260227-09:30:00",
        "20260227-16:00:00",
    )


@pytest.mark.parametrize(
    ("what", "callback"),
    (("TRADES", "historicalTicksLast"), ("BID_ASK", "historicalTicksBidAsk"), ("MIDPOINT", "historicalTicks")),
)
def test_ticks_of_the_past(client, what, callback):
    client.ask("reqHistoricalTicks", 48, AAPL, "", "20260302-15:00:00", 50, what, 0, False, [])
    client.until(lambda: [each for each in client.heard(callback, number=48) if each.done], callback)
    ticks = [tick for each in client.heard(callback, number=48) for tick in each.ticks]
    # An answer goes on to the end of its last second.
    assert 50 <= len(ticks) < 60
    for tick in ticks:
        if what == "BID_ASK":
            assert tick["priceBid"] < tick["priceAsk"]
        else:
            assert tick["price"] > 0
