"""Requests for news: providers, past headlines, articles, and headlines on market-data lines as they come.

A line hears of news when it asks for generic tick 292: of every provider, or of those it names (`292:BRFG+DJNL`).
Refused: a provider or an article that there is not, in IB's codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from ironbridge.exchange.events import Event
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.moments import parse_moment
from ironbridge.paper.newswire import PROVIDERS, NewsItem, Newswire
from ironbridge.paper.quotes import QuoteDesk
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal, invalid, not_found
from ironbridge.wire.news import (
    HistoricalNews,
    HistoricalNewsEnd,
    NewsArticle,
    NewsProvider,
    NewsProviders,
    ReqHistoricalNews,
    ReqNewsArticle,
    ReqNewsProviders,
    TickNews,
)

MOST_RESULTS = 300
"""IB's limit of one answer."""
HTML = 0


class NewsDesk:
    """The news desk.

    Parameters:
        floor: the gateway's shared state.
        quotes: the market-data lines.
    """

    def __init__(self, floor: Floor, quotes: QuoteDesk) -> None:
        self._floor = floor
        self._quotes = quotes
        self._wire = Newswire(floor.venue)
        self._told = floor.now()

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {
            ReqNewsProviders: self.providers,
            ReqHistoricalNews: self.headlines,
            ReqNewsArticle: self.article,
        }

    def happened(self, events: Sequence[Event]) -> None:
        """News comes with time alone."""

    def step(self, now: datetime) -> None:
        before, self._told = self._told, now
        if before == now or not self._floor.upstream.carries_market_data():
            return
        for line in self._quotes.lines():
            providers = line.generic.news
            if providers and not line.session.deaf:
                for item in self._wire.between(line.listing, before, now, providers):
                    line.session.send(_tick(line.req_id, item))

    def left(self, session: Session) -> None:
        """The lines are the quote desk's."""

    def providers(self, session: Session, _message: ReqNewsProviders) -> None:
        session.send(NewsProviders(tuple(NewsProvider(code, name) for code, name in PROVIDERS.items())))

    def headlines(self, session: Session, message: ReqHistoricalNews) -> None:
        listing = self._floor.venue.listing(message.con_id)
        if listing is None:
            raise not_found()
        wanted = frozenset(code for code in message.provider_codes.replace(",", "+").split("+") if code)
        unknown = wanted - PROVIDERS.keys()
        if unknown or not wanted:
            raise Refusal(10276, f"News feed is not allowed: {'+'.join(sorted(unknown)) or 'no provider is named'}")
        if message.total_results < 0:
            raise invalid("ca", f"Invalid number of headlines: {message.total_results}")
        now = self._floor.now()
        end = min(now, _moment(message.end) or now)
        begin = _moment(message.start)
        most = min(message.total_results or MOST_RESULTS, MOST_RESULTS)
        has_more = False
        for count, item in enumerate(self._wire.before(listing, end, wanted)):
            if begin is not None and item.time <= begin:
                break
            if count == most:
                has_more = True
                break
            session.send(_past(message.req_id, item))
        session.send(HistoricalNewsEnd(message.req_id, has_more))

    def article(self, session: Session, message: ReqNewsArticle) -> None:
        if message.provider_code not in PROVIDERS:
            raise Refusal(10276, f"News feed is not allowed: {message.provider_code or 'no provider is named'}")
        item = self._wire.find(message.article_id, self._floor.now())
        if item is None or item.provider != message.provider_code:
            raise Refusal(10172, f"Failed to request news article:No article is known by id {message.article_id!r}")
        session.send(NewsArticle(message.req_id, HTML, item.article))


def _past(req_id: int, item: NewsItem) -> HistoricalNews:
    stamp = f"{item.time.astimezone(UTC):%Y-%m-%d %H:%M:%S}.0"
    return HistoricalNews(req_id, stamp, item.provider, item.article_id, item.headline)


def _tick(req_id: int, item: NewsItem) -> TickNews:
    return TickNews(req_id, int(item.time.timestamp() * 1000), item.provider, item.article_id, item.headline)


def _moment(text: str) -> datetime | None:
    """`2026-03-02 15:00:00.0` (UTC), as IB writes the times of news, or any of the protocol's other forms."""
    if not text:
        return None
    try:
        if text[4:5] == "-":
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        return parse_moment(text)
    except ValueError:
        raise invalid("ca", f"Invalid date or time: {text}") from None
