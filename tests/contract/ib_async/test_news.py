"""News: headlines that can be found again, articles, headlines as they come, and the broker's bulletins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from ib_async import Stock
from ib_async.wrapper import RequestError

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
ALL = "BRFG+BRFUPDN+DJNL"


async def headlines(desk, codes=ALL, begin="", end="", count=10, con_id=265598):
    return await desk.ib.reqHistoricalNewsAsync(con_id, codes, begin, end, count)


async def test_who_writes(desk):
    assert {each.code for each in await desk.ib.reqNewsProvidersAsync()} == set(ALL.split("+"))


async def test_headlines_come_newest_first(desk):
    found = await headlines(desk, count=20)
    times = [each.time for each in found]
    assert len(times) == 20
    assert times == sorted(times, reverse=True)
    assert times[0].replace(tzinfo=UTC) <= desk.paper.venue.now
    assert all("APPLE" in each.headline and each.articleId.startswith(f"{each.providerCode}$") for each in found)
    assert found == await headlines(desk, count=20)


async def test_headlines_of_a_span(desk):
    begin, end = datetime(2026, 2, 10, tzinfo=UTC), datetime(2026, 2, 20, tzinfo=UTC)
    found = await headlines(desk, begin=begin, end=end, count=300)
    assert found
    assert all(begin < each.time.replace(tzinfo=UTC) <= end for each in found)
    assert found == await headlines(desk, begin="2026-02-10 00:00:00.0", end="2026-02-20 00:00:00.0", count=300)


async def test_headlines_of_one_provider(desk):
    assert {each.providerCode for each in await headlines(desk, "DJNL")} == {"DJNL"}


async def test_an_article_is_found_by_its_id(desk):
    first, *_ = await headlines(desk)
    article = await desk.ib.reqNewsArticleAsync(first.providerCode, first.articleId)
    assert article.articleType == 0
    assert first.headline in article.articleText


@pytest.mark.parametrize("number", ("BRFG$0000000000000", "BRFG$fffffffffffff", "nonsense", "", "DJNL$00040d7e50211"))
async def test_an_article_that_is_not_there(desk, number):
    with pytest.raises(RequestError) as refused:
        await desk.ib.reqNewsArticleAsync("BRFG", number)
    assert refused.value.code == 10172


async def test_an_article_is_not_out_before_its_time(desk):
    later = await headlines(desk, count=1)
    desk.pass_time(86_400)
    tomorrow = next(each for each in await headlines(desk) if each not in later)
    assert tomorrow.time > later[0].time
    # The same id asked for a day earlier, at a gateway whose clock is there.
    assert not any(each.articleId == tomorrow.articleId for each in later)


async def test_a_provider_that_is_not_there(desk):
    with pytest.raises(RequestError) as refused:
        await headlines(desk, "BRFG+NOPE")
    assert refused.value.code == 10276
    with pytest.raises(RequestError) as refused:
        await desk.ib.reqNewsArticleAsync("NOPE", "NOPE$1")
    assert refused.value.code == 10276


async def test_a_contract_that_is_not_there(desk):
    with pytest.raises(RequestError) as refused:
        await headlines(desk, con_id=5)
    assert refused.value.code == 200


async def test_what_has_no_news(desk):
    assert await headlines(desk, con_id=12087792) == []


async def test_headlines_as_they_come(desk):
    desk.ib.reqMktData(AAPL, "292")
    await desk.ib.reqCurrentTimeAsync()
    begin = desk.paper.venue.now
    for _ in range(48):
        desk.pass_time(3600)
        await desk.ib.reqCurrentTimeAsync()
    told = desk.ib.newsTicks()
    past = await headlines(desk, begin=begin, count=300)
    assert told
    assert [(each.articleId, each.headline) for each in told] == [(p.articleId, p.headline) for p in reversed(past)]
    stamps = [datetime.fromtimestamp(each.timeStamp / 1000, UTC) for each in told]
    assert all(begin < stamp <= begin + timedelta(hours=48) for stamp in stamps)


async def test_headlines_of_one_provider_as_they_come(desk):
    desk.ib.reqMktData(AAPL, "mdoff,292:DJNL")
    await desk.ib.reqCurrentTimeAsync()
    for _ in range(14):
        desk.pass_time(43_200)
    await desk.ib.reqCurrentTimeAsync()
    assert {each.providerCode for each in desk.ib.newsTicks()} == {"DJNL"}


async def test_a_news_line_of_a_provider_that_is_not_there(desk):
    desk.ib.reqMktData(AAPL, "292:NOPE")
    assert "News feed is not allowed: NOPE" in await desk.error(10276)


async def test_bulletins_of_the_day_and_new_ones(desk, connect):
    late = await connect(client=2)
    desk.ib.reqNewsBulletins(allMessages=True)
    late.ib.reqNewsBulletins(allMessages=False)
    await desk.ib.reqCurrentTimeAsync()
    await late.ib.reqCurrentTimeAsync()
    (today,) = desk.ib.newsBulletins()
    assert "close at 16:00" in today.message
    assert late.ib.newsBulletins() == []
    desk.paper.bulletins.post("ARCA is down.", 2, "ARCA")
    for each in (desk, late):
        await each.ib.reqCurrentTimeAsync()
        last = each.ib.newsBulletins()[-1]
        assert (last.msgType, last.message, last.origExchange) == (2, "ARCA is down.", "ARCA")
    desk.ib.cancelNewsBulletins()
    await desk.ib.reqCurrentTimeAsync()
    desk.pass_time(86_400)
    await desk.ib.reqCurrentTimeAsync()
    await late.ib.reqCurrentTimeAsync()
    assert len(desk.ib.newsBulletins()) == 2
    assert "March 03" in late.ib.newsBulletins()[-1].message


async def test_what_needs_a_subscription_is_refused(desk):
    with pytest.raises(RequestError) as refused:
        await desk.ib.reqFundamentalDataAsync(AAPL, "ReportsFinSummary")
    assert refused.value.code == 430
    desk.ib.reqWshMetaData()
    await desk.error(10276)


async def test_headlines_at_a_time_that_is_none(desk):
    desk.ib.client.reqHistoricalNews(6001, 265598, ALL, "yesterday", "", 10, [])
    assert "Invalid date or time: yesterday" in await desk.error(321, 6001)
