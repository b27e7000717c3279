"""News: bulletins of the broker, headlines, articles, providers."""

from __future__ import annotations

from dataclasses import dataclass

from ironbridge.wire.fields import BOOL, INT, INT_ZERO, OPTIONS, TEXT
from ironbridge.wire.layout import many, struct
from ironbridge.wire.text import client, server
from ironbridge.wire.values import TagValue


@dataclass(frozen=True, slots=True)
class ReqNewsBulletins:
    """`all_messages` asks for today's as well as for new ones."""

    all_messages: bool


@dataclass(frozen=True, slots=True)
class CancelNewsBulletins:
    pass


@dataclass(frozen=True, slots=True)
class NewsBulletin:
    """`type`: 1 regular, 2 exchange closed, 3 exchange open again."""

    id: int
    type: int
    text: str
    exchange: str = ""


@dataclass(frozen=True, slots=True)
class ReqNewsProviders:
    pass


@dataclass(frozen=True, slots=True)
class NewsProvider:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class NewsProviders:
    providers: tuple[NewsProvider, ...] = ()


@dataclass(frozen=True, slots=True)
class ReqNewsArticle:
    req_id: int
    provider_code: str
    article_id: str
    options: tuple[TagValue, ...] = ()


@dataclass(frozen=True, slots=True)
class NewsArticle:
    """`type`: 0 text or HTML, 1 PDF in base64."""

    req_id: int
    type: int
    text: str


@dataclass(frozen=True, slots=True)
class ReqHistoricalNews:
    """`provider_codes` are joined with `+`."""

    req_id: int
    con_id: int
    provider_codes: str
    start: str = ""
    end: str = ""
    total_results: int = 10
    options: tuple[TagValue, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoricalNews:
    req_id: int
    time: str
    provider_code: str
    article_id: str
    headline: str


@dataclass(frozen=True, slots=True)
class HistoricalNewsEnd:
    req_id: int
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class TickNews:
    """A headline on a market-data subscription. `time` is milliseconds since the epoch."""

    req_id: int
    time: int
    provider_code: str
    article_id: str
    headline: str
    extra_data: str = ""


FORMATS = (
    client(12, ReqNewsBulletins, version=1, all_messages=BOOL),
    client(13, CancelNewsBulletins, version=1),
    server(14, NewsBulletin, version=1, id=INT, type=INT_ZERO, text=TEXT, exchange=TEXT),
    client(85, ReqNewsProviders),
    server(85, NewsProviders, providers=many(struct(NewsProvider, code=TEXT, name=TEXT))),
    client(84, ReqNewsArticle, req_id=INT, provider_code=TEXT, article_id=TEXT, options=OPTIONS),
    server(83, NewsArticle, req_id=INT, type=INT_ZERO, text=TEXT),
    client(
        86,
        ReqHistoricalNews,
        req_id=INT,
        con_id=INT_ZERO,
        provider_codes=TEXT,
        start=TEXT,
        end=TEXT,
        total_results=INT_ZERO,
        options=OPTIONS,
    ),
    server(86, HistoricalNews, req_id=INT, time=TEXT, provider_code=TEXT, article_id=TEXT, headline=TEXT),
    server(87, HistoricalNewsEnd, req_id=INT, has_more=BOOL),
    server(
        84,
        TickNews,
        req_id=INT,
        time=INT_ZERO,
        provider_code=TEXT,
        article_id=TEXT,
        headline=TEXT,
        extra_data=TEXT,
    ),
)
