"""Everything that the venue lists, and how to find it.

Stocks, indices and pairs are held; futures and options are generated from their rules when they are asked for. An
answer depends on the query and the day alone. `find` never guesses: no match is an empty list, and a query that fits
several listings gives them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ironbridge.domain.instrument import Kind, PriceIncrement
from ironbridge.exchange import calendar, catalog, chains, products
from ironbridge.exchange.catalog import Seedling
from ironbridge.exchange.listing import ContractQuery, Listing, MarketRule, OptionParameters, SymbolMatch

_CENT = MarketRule(26, (PriceIncrement(Decimal(0), Decimal("0.01")),))
_PIP_FRACTION = MarketRule(239, (PriceIncrement(Decimal(0), Decimal("0.00005")),))
_YEN_FRACTION = MarketRule(240, (PriceIncrement(Decimal(0), Decimal("0.005")),))
_STOCK_EXCHANGES = (
    "SMART", "AMEX", "NYSE", "CBOE", "PHLX", "ISE", "CHX", "ARCA", "NASDAQ", "DRCTEDGE", "BEX", "BATS", "EDGEA", "BYX",
    "IEX", "EDGX", "FOXRIVER", "PEARL", "NYSENAT", "LTSE", "MEMX", "IBEOS", "OVERNIGHT", "PSX",
)  # fmt: skip
_STOCK_ORDERS = (
    "ACTIVETIM", "ADJUST", "ALGO", "AON", "CASHQTY", "COND", "DAY", "FOK", "FRACT", "GAT", "GTC", "GTD", "GTT", "HID",
    "ICE", "IOC", "LIT", "LMT", "LOC", "MIDPX", "MIT", "MKT", "MOC", "MTL", "OCA", "OPG", "PEGMID", "REL", "STP",
    "STPLMT", "TRAIL", "TRAILLMT", "WHATIF",
)  # fmt: skip
_PAIR_ORDERS = (
    "ACTIVETIM", "CASHQTY", "COND", "DAY", "FOK", "GAT", "GTC", "GTD", "IOC", "LIT", "LMT", "MIT", "MKT", "OCA", "STP",
    "STPLMT", "TRAIL", "TRAILLMT", "WHATIF",
)  # fmt: skip
_GONE_SINCE = timedelta(days=730)
"""How far back expired contracts are still listed, as IB keeps them two years."""
_SEARCH_LIMIT = 16
_MADE = 100_000
"""Listings that are kept once made; more ids than that can be asked for, and a listing is made anew in microseconds."""


def stock(row: Seedling) -> Listing:
    """The listing of a stock or fund of the catalogue's shape."""
    return Listing(
        con_id=row.con_id, kind=Kind.STOCK, symbol=row.symbol, currency="USD", exchange="SMART",
        primary_exchange=row.primary_exchange, local_symbol=row.symbol,
        trading_class="NMS" if row.primary_exchange == "NASDAQ" else row.symbol.replace(" ", ""),
        long_name=row.long_name, rule=_CENT, multiplier=Decimal(1),
        size_increment=Decimal("0.0001"), min_size=Decimal("0.0001"), order_types=_STOCK_ORDERS,
        valid_exchanges=_STOCK_EXCHANGES, time_zone=calendar.NEW_YORK,
        market_name="NMS" if row.primary_exchange == "NASDAQ" else row.symbol.replace(" ", ""),
        industry=row.industry, category=row.category, subcategory=row.subcategory, stock_type=row.stock_type,
    )  # fmt: skip


def _index(row: Seedling) -> Listing:
    return Listing(
        con_id=row.con_id, kind=Kind.INDEX, symbol=row.symbol, currency="USD", exchange=row.primary_exchange,
        primary_exchange=row.primary_exchange, local_symbol=row.symbol, trading_class=row.symbol,
        long_name=row.long_name, rule=_CENT, multiplier=Decimal(1), size_increment=Decimal(1), min_size=Decimal(1),
        order_types=(), valid_exchanges=(row.primary_exchange,), time_zone=calendar.NEW_YORK, market_name=row.symbol,
        industry=row.industry, category=row.category, subcategory=row.subcategory, tradable=False,
    )  # fmt: skip


def _pair(row: Seedling) -> Listing:
    base, quoted = row.symbol.split(".")
    return Listing(
        con_id=row.con_id, kind=Kind.FOREX, symbol=base, currency=quoted, exchange="IDEALPRO", primary_exchange="",
        local_symbol=row.symbol, trading_class=row.symbol, long_name=row.long_name,
        rule=_YEN_FRACTION if quoted == "JPY" else _PIP_FRACTION, multiplier=Decimal(1),
        size_increment=Decimal("0.01"), min_size=Decimal(1), order_types=_PAIR_ORDERS,
        valid_exchanges=("IDEALPRO",), time_zone=calendar.NEW_YORK, market_name=row.symbol,
    )  # fmt: skip


class Universe:
    """The listings of the venue.

    Parameters:
        own: stocks of the user's, beside the built-in ones or, under the same con id, in their place.
    """

    def __init__(self, own: tuple[Seedling, ...] = ()) -> None:
        self._spot: dict[int, Listing] = {}
        rows = [
            *(stock(row) for row in catalog.STOCKS),
            *(_index(row) for row in catalog.INDICES),
            *(_pair(row) for row in catalog.PAIRS),
            *(stock(row) for row in own),
        ]
        for listing in rows:
            self._spot[listing.con_id] = listing
        self._by_symbol: dict[str, list[Listing]] = {}
        for listing in self._spot.values():
            self._by_symbol.setdefault(_closed_up(listing.symbol), []).append(listing)
        self._made: dict[int, Listing] = {}

    def by_con_id(self, con_id: int) -> Listing | None:
        """The listing of an identity, expired ones included; None where there is none."""
        known = self._spot.get(con_id) or self._made.get(con_id)
        if known is None:
            known = products.future_by_con_id(con_id) or chains.option_by_con_id(con_id)
            if known is not None:
                if len(self._made) >= _MADE:
                    self._made.clear()
                self._made[con_id] = known
        return known

    def find(self, query: ContractQuery, on: date) -> list[Listing]:
        """All listings that fit the query on a day."""
        return list(self.matching(query, on))

    def matching(self, query: ContractQuery, on: date) -> Iterator[Listing]:
        """The same, one by one: an option chain has tens of thousands."""
        if query.con_id:
            listing = self.by_con_id(query.con_id)
            if listing is not None and _routes(query, listing):
                yield listing
        elif query.symbol or query.local_symbol or query.trading_class:
            yield from (listing for listing in self._candidates(query, on) if _fits(query, listing))

    def _candidates(self, query: ContractQuery, on: date) -> Iterator[Listing]:
        kind = query.kind
        if kind in {None, Kind.STOCK, Kind.INDEX, Kind.FOREX}:
            yield from (
                self._by_symbol.get(_closed_up(query.symbol.upper()), ()) if query.symbol else self._spot.values()
            )
        if kind in {None, Kind.FUTURE, Kind.CONTINUOUS_FUTURE}:
            yield from _futures(query, on)
        # A bare symbol does not mean its thousands of options: they are asked for by kind or by local symbol.
        if kind is Kind.OPTION or (kind is None and len(query.local_symbol) > 15):
            yield from _options(query, on)

    def option_parameters(self, under_con_id: int, on: date) -> list[OptionParameters]:
        """Expiries and strikes, one entry for each exchange and trading class."""
        return [
            OptionParameters(
                exchange=exchange,
                under_con_id=under_con_id,
                trading_class=series.name,
                multiplier=Decimal(100),
                expirations=tuple(f"{day:%Y%m%d}" for day in chains.expiries(series, on)),
                strikes=chains.all_strikes(series),
            )
            for series in chains.classes_of(under_con_id)
            for exchange in series.exchanges
        ]

    def search(self, text: str) -> list[SymbolMatch]:
        """What options and futures stand on, by the start of its symbol or a part of its name, best first."""
        wanted = text.strip().upper()
        if not wanted:
            return []
        ranked: list[tuple[int, str, Listing]] = []
        for listing in (*self._spot.values(), *map(products.underlying, products.PRODUCTS)):
            rank = _rank(wanted, listing)
            if rank is not None and listing.kind is not Kind.FOREX:
                ranked.append((rank, listing.symbol, listing))
        ranked.sort(key=lambda entry: entry[:2])
        return [SymbolMatch(listing, self._derivatives(listing)) for _, _, listing in ranked[:_SEARCH_LIMIT]]

    def _derivatives(self, listing: Listing) -> tuple[Kind, ...]:
        kinds = []
        if chains.classes_of(listing.con_id):
            kinds.append(Kind.OPTION)
        if listing.kind is Kind.INDEX and listing.symbol in products.BY_SYMBOL:
            kinds.append(Kind.FUTURE)
        return tuple(kinds)


def _rank(wanted: str, listing: Listing) -> int | None:
    if listing.symbol == wanted:
        return 0
    if listing.symbol.startswith(wanted):
        return 1
    return 2 if wanted in listing.long_name.upper() else None


def _routes(query: ContractQuery, listing: Listing) -> bool:
    """Whether orders for the listing can go to the exchange that the query names."""
    wanted = query.exchange.upper()
    return (
        not wanted
        or wanted in {"SMART", listing.exchange, listing.primary_exchange}
        or wanted in listing.valid_exchanges
    )


def _fits(query: ContractQuery, listing: Listing) -> bool:
    kind = Kind.FUTURE if query.kind is Kind.CONTINUOUS_FUTURE else query.kind
    text = listing.expiry_text
    return (
        (kind is None or listing.kind is kind)
        and (not query.symbol or _same(query.symbol, listing.symbol))
        and (not query.currency or query.currency.upper() == listing.currency)
        and (not query.local_symbol or _same(query.local_symbol, listing.local_symbol))
        and (not query.trading_class or query.trading_class.upper() == listing.trading_class)
        and (not query.primary_exchange or query.primary_exchange.upper() == listing.primary_exchange)
        and (
            not query.expiry
            or text == query.expiry
            or (len(query.expiry) == 6 and listing.contract_month == query.expiry)
        )
        and (query.strike is None or listing.strike == query.strike)
        and (query.right is None or listing.right is query.right)
        and (query.multiplier is None or listing.multiplier == query.multiplier)
        and _routes(query, listing)
    )


def _same(wanted: str, name: str) -> bool:
    return wanted.strip().upper() == name or _closed_up(wanted.upper()) == _closed_up(name)


def _closed_up(name: str) -> str:
    """A name without its spaces: clients write BRK B in several ways."""
    return "".join(name.split())


def _futures(query: ContractQuery, on: date) -> Iterator[Listing]:
    for product in products.PRODUCTS:
        if query.symbol and not _same(query.symbol, product.symbol):
            continue
        if query.include_expired:
            yield from products.contracts_since(product, on - _GONE_SINCE, on)
        elif query.kind is Kind.CONTINUOUS_FUTURE:
            yield next(products.contracts(product, on))
        else:
            yield from products.contracts(product, on)


def _options(query: ContractQuery, on: date) -> Iterator[Listing]:
    if query.local_symbol:
        named = chains.option_by_symbol(query.local_symbol)
        if named is not None and named.expiry is not None and (query.include_expired or named.expiry >= on):
            yield named
        return
    strike, right, expiry = query.strike, query.right, query.expiry
    for series in chains.CLASSES:
        if not _may_hold(query, series):
            continue
        days = chains.expiries(series, on)
        if query.include_expired and len(expiry) == 8:
            days = (*days, *_expired(expiry, on))
        if expiry:
            days = tuple(day for day in days if f"{day:%Y%m%d}".startswith(expiry))
        yield from chains.options(series, days, strike, right)


def _may_hold(query: ContractQuery, series: chains.OptionClass) -> bool:
    """Whether any option of a class can fit: what none of them has must not be looked for in each of them."""
    return (
        (not query.symbol or _same(query.symbol, series.under_symbol))
        and query.trading_class.upper() in {"", series.name}
        and query.currency.upper() in {"", chains.CURRENCY}
        and query.multiplier in {None, chains.MULTIPLIER}
        and not query.primary_exchange
        and query.exchange.upper() in {"", "SMART", *series.exchanges}
    )


def _expired(expiry: str, on: date) -> tuple[date, ...]:
    try:
        day = datetime.strptime(expiry, "%Y%m%d").replace(tzinfo=ZoneInfo("UTC")).date()
    except ValueError:
        return ()
    return (day,) if on - _GONE_SINCE <= day < on and calendar.is_business_day(day) else ()


def schedule_of(listing: Listing) -> calendar.Schedule:
    """The hours that a listing keeps."""
    if listing.kind is Kind.STOCK:
        return calendar.STOCKS
    if listing.kind is Kind.INDEX:
        return calendar.INDICES
    if listing.kind is Kind.FOREX:
        return calendar.FOREX
    if listing.kind is Kind.OPTION:
        return calendar.LATE_OPTIONS if listing.last_trade_time == "16:15" else calendar.OPTIONS
    return calendar.CME if listing.exchange in {"CME", "CBOT"} else calendar.NYMEX
