"""The news of the venue: headlines that are a function of the seed, the company and the day.

Nothing is stored. An article's id holds its company, day and number, so an article is found again from its id, in any
run with the same seed. Companies and indices have news; what derives from them has none of its own.

Invariant: an item is told with the same time, provider and words however it is asked for, and never before its time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.venue import Venue
from ironbridge.exchange.walk import keyed, mixed

PROVIDERS = {
    "BRFG": "Briefing.com General Market Columns",
    "BRFUPDN": "Briefing.com Analyst Actions",
    "DJNL": "Dow Jones Newsletters",
}
"""What every IB account has without a subscription."""
_MOST_A_DAY = 4
_FIRST_HOUR, _HOURS = 10, 13
"""When news comes, in UTC: from before the opening until after the close."""
_ID = re.compile(r"(?P<provider>[A-Z]+)\$(?P<number>[0-9a-f]{13})", re.ASCII)

_HEADLINES = {
    "BRFG": (
        "{name} trades with its sector as volume picks up",
        "{name}: options market expects a quieter month",
        "{name} to present at industry conference",
        "{name} confirms date of its quarterly report",
    ),
    "BRFUPDN": (
        "{name} upgraded to Buy at Northfield Research",
        "{name} downgraded to Hold at Harbor Street",
        "{name} initiated with Neutral at Alder & Finch",
        "{name}: price target reiterated at Northfield Research",
    ),
    "DJNL": (
        "{name} names new head of operations",
        "{name} widens buyback programme",
        "{name} opens talks with suppliers on prices",
        "{name} shares in focus as peers report",
    ),
}
_ARTICLE = (
    "<p><b>{headline}</b></p><p>{time:%Y-%m-%d %H:%M} UTC, {provider}. This item about {name} ({symbol}) was written "
    "by the paper gateway; it tells of no real event.</p>"
)


@dataclass(frozen=True, slots=True)
class NewsItem:
    time: datetime
    provider: str
    article_id: str
    headline: str
    listing: Listing

    @property
    def article(self) -> str:
        """The whole text, as HTML."""
        return _ARTICLE.format(
            headline=self.headline,
            time=self.time,
            provider=PROVIDERS[self.provider],
            name=self.listing.long_name,
            symbol=self.listing.symbol,
        )


class Newswire:
    """All news there is.

    Parameters:
        venue: whose seed and listings they are of.
    """

    def __init__(self, venue: Venue) -> None:
        self._venue = venue

    def before(self, listing: Listing, end: datetime, providers: AbstractSet[str]) -> Iterator[NewsItem]:
        """Items up to and including a moment, newest first, without end."""
        if listing.kind not in {Kind.STOCK, Kind.INDEX}:
            return
        day = _day_of(end)
        while day > 0:
            for item in reversed(self._of_day(listing, day)):
                if item.time <= end and item.provider in providers:
                    yield item
            day -= 1

    def between(self, listing: Listing, begin: datetime, end: datetime, providers: AbstractSet[str]) -> list[NewsItem]:
        """Items after `begin` up to and including `end`, oldest first."""
        found = []
        for item in self.before(listing, end, providers):
            if item.time <= begin:
                break
            found.append(item)
        return found[::-1]

    def find(self, article_id: str, now: datetime) -> NewsItem | None:
        """The item of an id; None for an id that is none or that is not out yet."""
        match = _ID.fullmatch(article_id)
        if match is None:
            return None
        number = int(match["number"], 16)
        listing = self._venue.listing(number >> 20)
        if listing is None or listing.kind not in {Kind.STOCK, Kind.INDEX}:
            return None
        of_day = self._of_day(listing, (number >> 4) & 0xFFFF)
        return next((item for item in of_day if item.article_id == article_id and item.time <= now), None)

    def _of_day(self, listing: Listing, day: int) -> list[NewsItem]:
        """In the order of time."""
        key = keyed(self._venue.seed, "news", listing.con_id, day)
        midnight = datetime.fromtimestamp(day * 86_400, UTC)
        found = []
        for place in range(1 + key % _MOST_A_DAY):
            draw = mixed(key, place)
            provider = tuple(PROVIDERS)[draw % len(PROVIDERS)]
            words = _HEADLINES[provider][(draw >> 8) % len(_HEADLINES[provider])]
            seconds = _FIRST_HOUR * 3600 + (draw >> 16) % (_HOURS * 3600)
            found.append(
                NewsItem(
                    midnight + timedelta(seconds=seconds),
                    provider,
                    f"{provider}${listing.con_id << 20 | day << 4 | place:013x}",
                    words.format(name=listing.long_name),
                    listing,
                )
            )
        return sorted(found, key=lambda item: (item.time, item.article_id))


def _day_of(moment: datetime) -> int:
    return int(moment.timestamp()) // 86_400
