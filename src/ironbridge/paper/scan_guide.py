"""What the scanners offer: instruments, places, rankings and filters, and the document that tells clients of them.

One table for each, from which both the answers and the XML document come, so that whatever the document lists can be
asked for. A ranking is a number for each listing, highest first; None leaves a listing out. The usual volume is
the listing's own, a market value is made of it; the day comes from the quote.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from xml.etree import ElementTree as ET

from ironbridge.domain.instrument import Kind
from ironbridge.exchange import chains
from ironbridge.exchange.events import Quote
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.smile import smile_of

_TURNOVER = 200
"""Days in which a company's shares change hands once: what makes a market value of a volume."""
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Candidate:
    """A listing with its quote, as rankings and filters see it; `usual_volume` is a day's, 0 for what has none."""

    listing: Listing
    quote: Quote
    usual_volume: float

    @property
    def price(self) -> float | None:
        price = self.quote.last or self.quote.mid
        return float(price) if price is not None else None

    @property
    def change(self) -> float | None:
        """Since the last close, in per cent."""
        return _percent(self.price, self.quote.close)

    @property
    def gap(self) -> float | None:
        """From the last close to the opening, in per cent."""
        opened = self.quote.open
        return _percent(float(opened) if opened is not None else None, self.quote.close)

    @property
    def since_open(self) -> float | None:
        return _percent(self.price, self.quote.open)

    @property
    def volume(self) -> float:
        return float(self.quote.volume)

    @property
    def turnover(self) -> float | None:
        return None if self.price is None else self.price * self.volume

    @property
    def market_value(self) -> float | None:
        if self.price is None or not self.usual_volume or self.listing.stock_type != "COMMON":
            return None
        return self.price * self.usual_volume * _TURNOVER

    @property
    def hot(self) -> float | None:
        """Today's volume in usual days."""
        return self.volume / self.usual_volume if self.usual_volume else None

    @property
    def volatility(self) -> float | None:
        return smile_of(self.listing.symbol).level if self.has_options else None

    @property
    def option_volume(self) -> float | None:
        """The same share of the volume that the generic ticks tell."""
        return self.volume // 50 + self.volume // 60 if self.has_options else None

    @property
    def has_options(self) -> bool:
        return bool(chains.classes_of(self.listing.con_id))


def _percent(price: float | None, base: object) -> float | None:
    if price is None or not base:
        return None
    return (price / float(str(base)) - 1) * 100


def _less(value: float | None) -> float | None:
    return None if value is None else -value


Number = Callable[[Candidate], float | None]


@dataclass(frozen=True, slots=True)
class Scan:
    code: str
    name: str
    rank: Number
    stocks_only: bool = False


SCANS = {
    scan.code: scan
    for scan in (
        Scan("TOP_PERC_GAIN", "Top % Gainers", lambda c: c.change),
        Scan("TOP_PERC_LOSE", "Top % Losers", lambda c: _less(c.change)),
        Scan("TOP_OPEN_PERC_GAIN", "Top % Gainers Since Open", lambda c: c.since_open),
        Scan("TOP_OPEN_PERC_LOSE", "Top % Losers Since Open", lambda c: _less(c.since_open)),
        Scan("HIGH_OPEN_GAP", "Top Close-to-Open % Gainers", lambda c: c.gap),
        Scan("LOW_OPEN_GAP", "Top Close-to-Open % Losers", lambda c: _less(c.gap)),
        Scan("HOT_BY_PRICE", "Hot Contracts by Price", lambda c: None if c.change is None else abs(c.change)),
        Scan("MOST_ACTIVE", "Most Active", lambda c: c.volume or None, stocks_only=True),
        Scan("MOST_ACTIVE_USD", "Most Active ($)", lambda c: c.turnover or None, stocks_only=True),
        Scan("HOT_BY_VOLUME", "Hot Contracts by Volume", lambda c: c.hot, stocks_only=True),
        Scan("TOP_TRADE_COUNT", "Top Trade Count", lambda c: c.volume // 100 or None, stocks_only=True),
        Scan("TOP_TRADE_RATE", "Top Trade Rate", lambda c: c.volume / 390 or None, stocks_only=True),
        Scan("TOP_VOLUME_RATE", "Top Volume Rate", lambda c: c.volume / _DAY_SECONDS or None, stocks_only=True),
        Scan("OPT_VOLUME_MOST_ACTIVE", "Most Active by Opt Volume", lambda c: c.option_volume, stocks_only=True),
        Scan("HOT_BY_OPT_VOLUME", "Hot by Option Volume", lambda c: c.hot if c.has_options else None, stocks_only=True),
        Scan("HIGH_OPT_IMP_VOLAT", "Highest Option Imp Vol", lambda c: c.volatility, stocks_only=True),
        Scan("LOW_OPT_IMP_VOLAT", "Lowest Option Imp Vol", lambda c: _less(c.volatility), stocks_only=True),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Instrument:
    """What is scanned. `places` maps location codes to the primary exchanges they mean; empty means every one."""

    code: str
    name: str
    fits: Callable[[Listing], bool]
    places: dict[str, frozenset[str]]


_NASDAQ, _NYSE, _ARCA = frozenset({"NASDAQ"}), frozenset({"NYSE"}), frozenset({"ARCA"})
INSTRUMENTS = {
    each.code: each
    for each in (
        Instrument(
            "STK", "US Stocks", lambda listing: listing.kind is Kind.STOCK,
            {
                "STK.US": frozenset(), "STK.US.MAJOR": frozenset(), "STK.NASDAQ": _NASDAQ, "STK.NASDAQ.NMS": _NASDAQ,
                "STK.NYSE": _NYSE, "STK.ARCA": _ARCA, "STK.AMEX": frozenset({"AMEX"}),
            },
        ),
        Instrument(
            "ETF.EQ.US", "US Equity ETFs", lambda listing: listing.stock_type == "ETF",
            {"ETF.EQ.US": frozenset(), "ETF.EQ.US.MAJOR": frozenset(), "ETF.EQ.ARCA": _ARCA},
        ),
        Instrument(
            "IND.US", "US Indexes", lambda listing: listing.kind is Kind.INDEX,
            {"IND.US": frozenset()},
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filter:
    """Keeps what has at least (`above`) or at most so much of a number, counted in `unit`."""

    code: str
    name: str
    number: Number
    above: bool
    unit: float = 1.0

    def keeps(self, candidate: Candidate, bound: float) -> bool:
        value = self.number(candidate)
        if value is None:
            return False
        return value >= bound * self.unit if self.above else value <= bound * self.unit


_BOTH: tuple[tuple[str, str, str, Number, float], ...] = (
    ("price", "", "Price", lambda c: c.price, 1.0),
    ("volume", "", "Volume", lambda c: c.volume, 1.0),
    ("usdVolume", "", "Volume in USD", lambda c: c.turnover, 1.0),
    ("marketCap", "1e6", "Market Cap (M)", lambda c: c.market_value, 1e6),
    ("changePerc", "", "Price % Change", lambda c: c.change, 1.0),
    ("openGapPerc", "", "Gap from Open %", lambda c: c.gap, 1.0),
    ("changeOpenPerc", "", "Price % Change Since Open", lambda c: c.since_open, 1.0),
    ("impVolat", "", "Option Implied Volatility", lambda c: c.volatility, 1.0),
    ("optVolume", "", "Option Volume", lambda c: c.option_volume, 1.0),
    ("avgVolume", "", "Average Volume", lambda c: c.usual_volume, 1.0),
)
FILTERS = {
    f"{stem}{word}{tail}": Filter(f"{stem}{word}{tail}", f"{name} {word}", number, word == "Above", unit)
    for stem, tail, name, number, unit in _BOTH
    for word in ("Above", "Below")
}


@cache
def document() -> str:
    """What can be asked for, as the XML document that clients read their menus from."""
    root = ET.Element("ScanParameterResponse")
    instruments = ET.SubElement(root, "InstrumentList", varName="instrumentList")
    tree = ET.SubElement(root, "LocationTree", varName="locationTree")
    scans = ET.SubElement(root, "ScanTypeList", varName="scanTypeList")
    for each in INSTRUMENTS.values():
        node = ET.SubElement(instruments, "Instrument")
        _texts(node, name=each.name, type=each.code, filters=",".join(FILTERS), group=each.code)
        top, *inner = each.places
        place = ET.SubElement(tree, "Location")
        _texts(place, displayName=each.name, locationCode=top, instruments=each.code, routeExchange="SMART")
        if inner:
            below = ET.SubElement(place, "LocationTree", varName="locationTree")
            for code in inner:
                leaf = ET.SubElement(below, "Location")
                _texts(leaf, displayName=code, locationCode=code, instruments=each.code, routeExchange="SMART")
    for scan in SCANS.values():
        offered = [code for code in INSTRUMENTS if not (scan.stocks_only and code == "IND.US")]
        _texts(ET.SubElement(scans, "ScanType"), displayName=scan.name, scanCode=scan.code,
               instruments=",".join(offered))  # fmt: skip
    filters = ET.SubElement(root, "FilterList", varName="filterList")
    for stem, tail, name, _, _ in _BOTH:
        node = ET.SubElement(filters, "RangeFilter")
        _texts(node, id=f"{stem}{tail}".upper(), category=name)
        fields = ET.SubElement(node, "Columns", varName="columns")
        for word in ("Above", "Below"):
            field = ET.SubElement(fields, "AbstractField", type="scanner.filter.DoubleField")
            _texts(field, code=f"{stem}{word}{tail}", displayName=f"{name} {word}")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _texts(node: ET.Element, **texts: str) -> None:
    for name, text in texts.items():
        ET.SubElement(node, name).text = text
