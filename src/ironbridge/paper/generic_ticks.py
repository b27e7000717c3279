"""Generic ticks: what a client may ask for beside the quote, by kind of instrument, and what the gateway says.

Numbers and legal sets are IB's. What comes from the venue (mark price, trades, volume) is the venue's; what the venue
has no model of (52-week range, shortable shares, counts) is derived from the quote by fixed rules, so that a client
sees every field filled, the same in every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.events import Quote, TradePrinted
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.smile import smile_of
from ironbridge.paper.newswire import PROVIDERS
from ironbridge.paper.ticks import Tick
from ironbridge.paper.translate import Refusal, invalid
from ironbridge.wire.market import TickGeneric, TickPrice, TickSize, TickString

_COMMON = frozenset({100, 101, 104, 106, 165, 221, 225, 232, 233, 236, 292, 293, 294, 295, 318, 375, 411, 456})
_FUND_VALUES = {
    576: ((94, 0.9998), (95, 1.0002)),
    577: ((96, 1.0),),
    578: ((92, 0.999), (93, 0.998)),
    614: ((98, 1.004), (99, 0.996)),
    623: ((97, 1.0),),
}
"""A fund's values (bid and ask, last, closes, extremes, frozen): generic tick to (tick, part of its price)."""
_STOCKS = _COMMON | {105, 258, 460, 586, 587, 595, 619} | _FUND_VALUES.keys()
_FUTURES = (_COMMON - {236, 456}) | {162, 588}
_OTHERS = frozenset({104, 106, 165, 221, 225, 232, 233, 292, 293, 294, 295, 318, 375, 411})
_LEGAL = {
    Kind.STOCK: _STOCKS,
    Kind.FUTURE: _FUTURES,
    Kind.OPTION: _COMMON | {105},
    Kind.INDEX: _OTHERS | {162, 100, 101},
}


def legal_ticks(kind: Kind) -> tuple[str, frozenset[int]]:
    """The kind's code and the generic ticks that it takes."""
    return kind.value, _LEGAL.get(kind, _OTHERS)


def parse_ticks(text: str, legal: tuple[str, frozenset[int]]) -> Generic:
    """The generic ticks that a request names.

    Raises:
        Refusal: one that is no number, or not legal for the kind (321, with the legal ones); news of a provider that
            there is not (10276).
    """
    code, allowed = legal
    wanted, news, quotes = set[int](), set[str](), True
    for part in text.split(","):
        name = part.strip()
        if not name:
            continue
        if name == "mdoff":
            quotes = False
            continue
        # "292:BRFG+DJNL" names the providers of news.
        if name == "292" or name.startswith("292:"):
            news |= _news_providers(name)
            continue
        if not (name.isascii() and name.isdigit() and len(name) < 10) or int(name) not in allowed:
            listed = ",".join(str(number) for number in sorted(allowed))
            raise invalid("bP", f"Incorrect generic tick list of {text}.  Legal ones for ({code}) are: {listed}")
        wanted.add(int(name))
    return Generic(frozenset(wanted), frozenset(news), quotes)


def _news_providers(text: str) -> frozenset[str]:
    named = frozenset(code for code in text[len("292:") :].split("+") if code)
    if not named <= PROVIDERS.keys():
        raise Refusal(10276, f"News feed is not allowed: {'+'.join(sorted(named - PROVIDERS.keys()))}")
    return named or frozenset(PROVIDERS)


@dataclass(frozen=True, slots=True)
class Generic:
    """What one line asks for beside its quote, and whether it asks for that.

    Parameters:
        wanted: generic ticks.
        news: providers whose headlines it hears.
        quotes: whether the quote is told; `mdoff` turns it off.
    """

    wanted: frozenset[int]
    news: frozenset[str] = frozenset()
    quotes: bool = True

    @property
    def trades(self) -> bool:
        """Whether the line hears of every trade."""
        return bool(self.wanted & {233, 293, 375})

    def first(self, quote: Quote, listing: Listing) -> list[Tick]:
        """What is said once, when the line opens."""
        found: list[Tick] = []
        for number in sorted(self.wanted):
            found += _first(number, quote, listing)
        return found

    def on_trades(self, trades: Sequence[TradePrinted], quote: Quote | None) -> list[Tick]:
        """RTVolume and its kin: `price;size;time;total volume;vwap;single trade`."""
        found: list[Tick] = []
        if quote is None:
            return found
        mean = quote.mid or quote.last or Decimal(0)
        for trade in trades:
            stamp = int(trade.time.timestamp() * 1000)
            text = f"{trade.price};{trade.size};{stamp};{quote.volume};{mean};true"
            if 233 in self.wanted:
                found.append(_string(48, text))
            if 375 in self.wanted:
                found.append(_string(77, text))
        return found


def _first(number: int, quote: Quote, listing: Listing) -> list[Tick]:
    last = quote.last or quote.mid or quote.close
    price = float(last) if last is not None else 0.0
    volatility = smile_of(listing.under_symbol or listing.symbol).level
    volume = float(quote.volume)
    match number:
        case 100:
            return [_size(29, volume // 50), _size(30, volume // 60)]
        case 101:
            return [_size(27, volume // 5), _size(28, volume // 6)]
        case 104 | 411:
            return [_generic(23 if number == 104 else 58, volatility * 0.9)]
        case 105:
            return [_size(87, volume // 40)]
        case 106:
            return [_generic(24, volatility)]
        case 162:
            return [_generic(31, 0.0)]
        case 165:
            spans = ((19, 0.82), (20, 1.19), (17, 0.88), (18, 1.12), (15, 0.93), (16, 1.06))
            return [*(_price(tick, round(price * factor, 2)) for tick, factor in spans), _size(21, volume)]
        case 221 | 232:
            return [_price(37, price)] if last is not None else []
        case 225:
            return [_size(34, 0), _price(35, price), _size(36, 0)]
        case 236:
            return [_generic(46, 3.0), _size(89, 5_000_000)]
        case 293:
            return [_generic(54, volume // 100)]
        case 294 | 295:
            return [_generic(55 if number == 294 else 56, volume / 390)]
        case 318:
            return [_price(57, price)] if last is not None else []
        case 456:
            return [_string(59, f"{price * 0.006:.2f},{price * 0.006:.2f},,")]
        case 588:
            return [_size(86, volume)]
        case 576 | 577 | 578 | 614 | 623:
            if listing.stock_type != "ETF" or last is None:
                return []
            return [_price(tick, round(price * part, 4)) for tick, part in _FUND_VALUES[number]]
        case 619:
            return [_price(79, price)] if last is not None else []
        case 595:
            return [_size(63, volume / 130), _size(64, volume / 78), _size(65, volume / 39)]
        case _:
            return []


def _price(tick: int, value: float) -> Tick:
    return Tick(TickPrice, (tick, value, 0.0, 0))


def _size(tick: int, value: float) -> Tick:
    return Tick(TickSize, (tick, float(int(value))))


def _generic(tick: int, value: float) -> Tick:
    return Tick(TickGeneric, (tick, value))


def _string(tick: int, text: str) -> Tick:
    return Tick(TickString, (tick, text))
