"""News: providers, headlines, articles and bulletins, written by rule, and what the gateway refuses to know.

Headlines are a function of the contract and the day, so that a client finds the same ones again. Fundamentals and
Wall Street Horizon events need subscriptions that a paper account does not have: they are refused in IB's words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from ironbridge.exchange.events import Event
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.walk import keyed, mixed
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.moments import parse_moment
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal, invalid, not_found
from ironbridge.wire.analysis import (
    CancelFundamentalData,
    CancelWshEventData,
    CancelWshMetaData,
    ReqFundamentalData,
    ReqWshEventData,
    ReqWshMetaData,
)
from ironbridge.wire.news import (
    CancelNewsBulletins,
    HistoricalNews,
    HistoricalNewsEnd,
    NewsArticle,
    NewsBulletin,
    NewsProvider,
    NewsProviders,
    ReqHistoricalNews,
    ReqNewsArticle,
    ReqNewsBulletins,
    ReqNewsProviders,
)

PROVIDERS = (
    NewsProvider("BRFG", "Briefing.com General Market Columns"),
    NewsProvider("BRFUPDN", "Briefing.com Analyst Actions"),
    NewsProvider("DJNL", "Dow Jones Newsletters"),
)
_CODES = frozenset(provider.code for provider in PROVIDERS)
_HEADLINES = (
    "{name} shares trade in line with the sector",
    "{name}: analysts hold their targets ahead of the quarter",
    "{name} volume above its average in early trading",
    "{name}: options market expects a quiet week",
    "{name} closes near the middle of its range",
)
MOST_HEADLINES = 300
LONGEST_LOOK = timedelta(days=30)
BULLETIN = NewsBulletin(1, 1, "This is a paper gateway: orders are filled by its own venue.", "")


class NewsDesk:
    """The news desk.

    Parameters:
        floor: the gateway's shared state.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._readers: set[Session] = set()

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {
            ReqNewsProviders: self.providers,
            ReqHistoricalNews: self.headlines,
            ReqNewsArticle: self.article,
            ReqNewsBulletins: self.bulletins,
            CancelNewsBulletins: self.cancel_bulletins,
            ReqFundamentalData: self.fundamentals,
            CancelFundamentalData: self.nothing_to_cancel,
            ReqWshMetaData: self.events_of_companies,
            ReqWshEventData: self.events_of_companies,
            CancelWshMetaData: self.nothing_to_cancel,
            CancelWshEventData: self.nothing_to_cancel,
        }

    def happened(self, events: Sequence[Event]) -> None:
        """No headline follows from what clients trade."""

    def step(self, now: datetime) -> None:
        """Headlines are found when they are asked for."""

    def left(self, session: Session) -> None:
        self._readers.discard(session)

    def providers(self, session: Session, _message: ReqNewsProviders) -> None:
        session.send(NewsProviders(PROVIDERS))

    def headlines(self, session: Session, message: ReqHistoricalNews) -> None:
        listing = self._floor.venue.listing(message.con_id)
        if listing is None:
            raise not_found()
        wanted = [code for code in message.provider_codes.replace(",", "+").split("+") if code]
        unknown = [code for code in wanted if code not in _CODES]
        if unknown or not wanted:
            raise invalid("bN", f"Invalid news provider codes: {message.provider_codes or 'none'}")
        end = self._moment(message.end) or self._floor.now()
        begin = self._moment(message.start) or end - LONGEST_LOOK
        limit = max(1, min(message.total_results or 10, MOST_HEADLINES))
        more = False
        for count, news in enumerate(self._written(listing, max(begin, end - LONGEST_LOOK), end, wanted)):
            if count == limit:
                more = True
                break
            moment, code, number, headline = news
            session.send(
                HistoricalNews(message.req_id, f"{moment:%Y-%m-%d %H:%M:%S}.0", code, f"{code}${number:08x}", headline)
            )
        session.send(HistoricalNewsEnd(message.req_id, more))

    def _moment(self, text: str) -> datetime | None:
        if not text:
            return None
        try:
            # Here clients also write `2026-03-02 15:00:00.0`.
            return parse_moment(text.removesuffix(".0").replace("-", "", 2) if text[4:5] == "-" else text)
        except ValueError:
            raise invalid("bN", f"Invalid date, time or time-zone: {text}") from None

    @staticmethod
    def _written(
        listing: Listing, begin: datetime, end: datetime, codes: Sequence[str]
    ) -> Iterator[tuple[datetime, str, int, str]]:
        """Headlines between two moments, newest first: two a day."""
        day = end.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        name = listing.long_name or listing.symbol
        while day + timedelta(days=1) > begin:
            for part in (1, 0):
                key = keyed(listing.con_id, day.toordinal(), part)
                moment = day + timedelta(hours=12 * part, seconds=mixed(key, 1) % 43_200)
                code = PROVIDERS[mixed(key, 2) % len(PROVIDERS)].code
                if begin <= moment <= end and code in codes:
                    text = _HEADLINES[mixed(key, 3) % len(_HEADLINES)].format(name=name)
                    yield moment, code, mixed(key, 4) & 0xFFFF_FFFF, text
            day -= timedelta(days=1)

    def article(self, session: Session, message: ReqNewsArticle) -> None:
        code, _, number = message.article_id.partition("$")
        if message.provider_code not in _CODES or code != message.provider_code or len(number) != 8:
            raise Refusal(10172, "Failed to request news article:Requested article is not available.")
        session.send(NewsArticle(message.req_id, 0, f"Article {number}, written by rule for a paper account."))

    def bulletins(self, session: Session, message: ReqNewsBulletins) -> None:
        self._readers.add(session)
        if message.all_messages:
            session.send(BULLETIN)

    def cancel_bulletins(self, session: Session, _message: CancelNewsBulletins) -> None:
        self._readers.discard(session)

    def bulletin(self, text: str) -> None:
        """Say something to everybody who reads bulletins."""
        for session in self._readers:
            session.send(NewsBulletin(int(self._floor.now().timestamp()), 1, text, ""))

    # -- what is not known

    def fundamentals(self, _session: Session, _message: ReqFundamentalData) -> None:
        raise Refusal(430, "We are sorry, but fundamentals data for the security specified is not available.")

    def events_of_companies(self, _session: Session, _message: ReqWshMetaData | ReqWshEventData) -> None:
        raise Refusal(10276, "News feed is not allowed.")

    def nothing_to_cancel(
        self, _session: Session, _message: CancelFundamentalData | CancelWshMetaData | CancelWshEventData
    ) -> None:
        """The request was refused: there is nothing left to cancel."""
