"""Scanners: what the document offers can be asked for, and the rows are the venue's own ranking."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from ib_async import ScannerSubscription, TagValue
from ib_async.wrapper import RequestError


def wanted(code="TOP_PERC_GAIN", **options):
    return ScannerSubscription(instrument="STK", locationCode="STK.US.MAJOR", scanCode=code, **options)


def quotes_of(desk, rows):
    return [desk.paper.venue.quote(row.contractDetails.contract.conId) for row in rows]


def change(quote):
    return float(quote.last / quote.close - 1)


async def offered(desk):
    return ET.fromstring(await desk.ib.reqScannerParametersAsync())


async def test_the_document_lists_what_programs_look_for(desk):
    tree = await offered(desk)
    assert {"TOP_PERC_GAIN", "MOST_ACTIVE", "HOT_BY_VOLUME"} <= {each.text for each in tree.iterfind(".//scanCode")}
    assert {"STK.US", "STK.US.MAJOR"} <= {each.text for each in tree.iterfind(".//locationCode")}
    assert "STK" in {each.text for each in tree.iterfind(".//Instrument/type")}
    assert "priceAbove" in {each.text for each in tree.iterfind(".//AbstractField/code")}


async def test_all_that_is_offered_can_be_asked_for(desk):
    tree = await offered(desk)
    for scan in tree.iterfind(".//ScanType"):
        rows = await desk.ib.reqScannerDataAsync(wanted(scan.findtext("scanCode"), numberOfRows=3))
        assert len(rows) == 3, scan.findtext("scanCode")
    for place in tree.iterfind(".//Location"):
        await desk.ib.reqScannerDataAsync(
            ScannerSubscription(
                instrument=place.findtext("instruments"),
                locationCode=place.findtext("locationCode"),
                scanCode="TOP_PERC_GAIN",
            )
        )
    for field in tree.iterfind(".//AbstractField/code"):
        await desk.ib.reqScannerDataAsync(wanted(), [], [TagValue(field.text, "1")])


async def test_gainers_come_first(desk):
    gainers = quotes_of(desk, await desk.ib.reqScannerDataAsync(wanted(numberOfRows=10)))
    losers = quotes_of(desk, await desk.ib.reqScannerDataAsync(wanted("TOP_PERC_LOSE", numberOfRows=10)))
    changes = [change(quote) for quote in gainers]
    assert changes == sorted(changes, reverse=True)
    assert len(changes) == 10
    fallen = [change(quote) for quote in losers]
    assert fallen == sorted(fallen)
    assert fallen[-1] <= changes[-1]


async def test_rows_say_what_they_are(desk):
    rows = await desk.ib.reqScannerDataAsync(wanted("MOST_ACTIVE", numberOfRows=5))
    assert [row.rank for row in rows] == [0, 1, 2, 3, 4]
    first = rows[0].contractDetails
    volumes = [quote.volume for quote in quotes_of(desk, rows)]
    assert volumes == sorted(volumes, reverse=True)
    assert (first.contract.secType, first.contract.exchange, first.contract.currency) == ("STK", "SMART", "USD")
    assert first.marketName == "NMS"
    (found,) = await desk.ib.qualifyContractsAsync(first.contract)
    assert found.conId == first.contract.conId


async def test_filters_keep_what_fits(desk):
    cheap = quotes_of(desk, await desk.ib.reqScannerDataAsync(wanted("MOST_ACTIVE", abovePrice=20, belowPrice=60)))
    assert cheap
    assert all(20 <= quote.last <= 60 for quote in cheap)
    busy = quotes_of(desk, await desk.ib.reqScannerDataAsync(wanted("MOST_ACTIVE", aboveVolume=10_000_000)))
    assert busy
    assert all(quote.volume >= 10_000_000 for quote in busy)
    risen = quotes_of(
        desk, await desk.ib.reqScannerDataAsync(wanted("HOT_BY_PRICE"), [], [TagValue("changePercAbove", "1")])
    )
    assert all(change(quote) >= 0.01 for quote in risen)


async def test_never_more_than_fifty_rows(desk):
    assert len(await desk.ib.reqScannerDataAsync(wanted(numberOfRows=500))) == 50


async def test_nothing_that_fits(desk):
    assert len(await desk.ib.reqScannerDataAsync(wanted(abovePrice=1e6))) == 0
    assert "no items retrieved" in await desk.error(165)


async def test_a_subscription_is_said_again(desk):
    rows = desk.ib.reqScannerSubscription(wanted("TOP_OPEN_PERC_GAIN", numberOfRows=5))
    told = []
    rows.updateEvent += lambda each: told.append([row.contractDetails.contract.conId for row in each])
    await desk.until(lambda: len(told) == 1)
    desk.pass_time(29)
    await desk.ib.reqCurrentTimeAsync()
    assert len(told) == 1
    desk.pass_time(2)
    await desk.until(lambda: len(told) == 2)
    assert len(told[1]) == 5
    desk.ib.cancelScannerSubscription(rows)
    await desk.error(162)
    desk.pass_time(120)
    await desk.ib.reqCurrentTimeAsync()
    assert len(told) == 2


@pytest.mark.parametrize(
    ("subscription", "said"),
    (
        (wanted("NO_SUCH_SCAN"), "NO_SUCH_SCAN is disabled"),
        (ScannerSubscription(instrument="BOND", locationCode="STK.US", scanCode="MOST_ACTIVE"), "Instrument"),
        (ScannerSubscription(instrument="STK", locationCode="MOON", scanCode="MOST_ACTIVE"), "Location MOON"),
        (wanted(moodyRatingAbove="AAA"), "moody_rating_above is not offered"),
        (wanted(stockTypeFilter="XYZ"), "Stock type XYZ"),
    ),
)
async def test_what_is_not_offered(desk, subscription, said):
    with pytest.raises(RequestError) as refused:
        await desk.ib.reqScannerDataAsync(subscription)
    assert refused.value.code == 162
    assert said in await desk.error(162)


@pytest.mark.parametrize("option", (TagValue("noSuchFilter", "1"), TagValue("priceAbove", "much")))
async def test_filters_that_cannot_be(desk, option):
    with pytest.raises(RequestError) as refused:
        await desk.ib.reqScannerDataAsync(wanted(), [], [option])
    assert refused.value.code == 162


async def test_the_eleventh_scanner(desk):
    for number in range(6001, 6012):
        desk.ib.client.reqScannerSubscription(number, wanted(), [], [])
    assert "Only 10 simultaneous API scanner subscriptions" in await desk.error(162, 6011)
