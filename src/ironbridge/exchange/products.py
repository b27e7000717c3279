"""Futures: the products, and when each of their contracts trades last.

The rules are CME Group's: ES and NQ end on the third Friday of the contract month; CL three business days before the
25th of the month before (four when the 25th is no business day), its micro one business day earlier; GC on the
third-last business day of the contract month; ZN on the seventh business day before the last one. A day of the rule
that is a holiday moves back. Months and con ids follow from the product and the month alone, so a contract has the
same identity in every run.
"""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ironbridge.domain.instrument import Kind, PriceIncrement
from ironbridge.exchange.calendar import (
    CHICAGO,
    NEW_YORK,
    business_days_before,
    is_business_day,
    month_end,
    third_friday,
)
from ironbridge.exchange.listing import Listing, MarketRule

MONTH_CODES = "FGHJKMNQUVXZ"
_FIRST_CON_ID = 710_000_000
_QUARTERS = (3, 6, 9, 12)
_EVEN_MONTHS = (2, 4, 6, 8, 10, 12)
_EVERY_MONTH = tuple(range(1, 13))


def _equity_index(year: int, month: int) -> date:
    return business_days_before(third_friday(year, month), 0)


def _crude(year: int, month: int) -> date:
    year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    day = date(year, month, 25)
    return business_days_before(day, 3 if is_business_day(day) else 4)


def _micro_crude(year: int, month: int) -> date:
    return business_days_before(_crude(year, month), 1)


def _gold(year: int, month: int) -> date:
    return business_days_before(business_days_before(month_end(year, month), 0), 2)


def _note(year: int, month: int) -> date:
    return business_days_before(business_days_before(month_end(year, month), 0), 7)


@dataclass(frozen=True, slots=True)
class FutureProduct:
    """One futures product.

    Parameters:
        number: its place in the numbering of con ids; never reused.
        symbol: IB's symbol, which is the trading class too.
        months: the contract months.
        listed: how many contracts are listed at a time.
        last_trade: the rule, from year and month.
        under_con_id: IB's identity of what the future stands on: an index that bears the future's own symbol and is
            not traded; 0 where it is not known.
        full_size: the product whose price it shares; itself, but for the micros.
        initial, maintenance: margin of one contract.
        fee: commission of one contract.
    """

    number: int
    symbol: str
    exchange: str
    long_name: str
    multiplier: Decimal
    rule: MarketRule
    months: tuple[int, ...]
    listed: int
    last_trade: Callable[[int, int], date]
    last_trade_time: str
    zone: str
    initial: Decimal
    maintenance: Decimal
    fee: Decimal
    under_con_id: int
    full_size: str


def _product(
    number: int,
    symbol: str,
    exchange: str,
    long_name: str,
    multiplier: str,
    tick: str,
    rule: int,
    months: tuple[int, ...],
    last_trade: Callable[[int, int], date],
    margins: tuple[int, int],
    fee: str,
    under_con_id: int,
    full_size: str = "",
) -> FutureProduct:
    increments = (PriceIncrement(Decimal(0), Decimal(tick)),)
    is_equity_index = last_trade is _equity_index
    at = "08:30" if is_equity_index else "14:30" if exchange == "NYMEX" else "13:30" if exchange == "COMEX" else "12:01"
    return FutureProduct(
        number=number,
        symbol=symbol,
        exchange=exchange,
        long_name=long_name,
        multiplier=Decimal(multiplier),
        rule=MarketRule(rule, increments),
        months=months,
        listed=24 if months is _EVERY_MONTH else 12 if months is _EVEN_MONTHS else 5 if is_equity_index else 3,
        last_trade=last_trade,
        last_trade_time=at,
        zone=CHICAGO if exchange in {"CME", "CBOT"} else NEW_YORK,
        initial=Decimal(margins[0]),
        maintenance=Decimal(margins[1]),
        fee=Decimal(fee),
        under_con_id=under_con_id,
        full_size=full_size or symbol,
    )


PRODUCTS: tuple[FutureProduct, ...] = (
    _product(1, "ES", "CME", "E-mini S&P 500", "50", "0.25", 67, _QUARTERS, _equity_index, (25300, 22000), "2.25", 11004968),
    _product(2, "NQ", "CME", "E-mini NASDAQ 100 ", "20", "0.25", 67, _QUARTERS, _equity_index, (38000, 33000), "2.25", 11004958),
    _product(3, "CL", "NYMEX", "Light Sweet Crude Oil", "1000", "0.01", 32, _EVERY_MONTH, _crude, (6600, 5700), "2.37", 17340715),
    _product(4, "GC", "COMEX", "Gold", "100", "0.10", 239, _EVEN_MONTHS, _gold, (24000, 20900), "2.47", 17340718),
    _product(5, "ZN", "CBOT", "10 Year US Treasury Note", "1000", "0.015625", 145, _QUARTERS, _note, (2300, 2000), "1.67", 17340721),
    _product(6, "MES", "CME", "Micro E-Mini S&P 500 Stock Price Index", "5", "0.25", 67, _QUARTERS, _equity_index, (2530, 2200), "0.62", 362673777, "ES"),
    _product(7, "MNQ", "CME", "Micro E-Mini Nasdaq-100 Index", "2", "0.25", 67, _QUARTERS, _equity_index, (3800, 3300), "0.62", 362687422, "NQ"),
    _product(8, "MCL", "NYMEX", "Micro WTI Crude Oil", "100", "0.01", 32, _EVERY_MONTH, _micro_crude, (660, 570), "0.77", 500567051, "CL"),
    _product(9, "MGC", "COMEX", "E-Micro Gold", "10", "0.10", 239, _EVEN_MONTHS, _gold, (2400, 2090), "0.87", 79702479, "GC"),
    _product(10, "MTN", "CBOT", "Micro 10 Year US Treasury Note", "100", "0.015625", 145, _QUARTERS, _note, (230, 200), "0.52", 0, "ZN"),
)  # fmt: skip
BY_SYMBOL = {product.symbol: product for product in PRODUCTS}
_BY_NUMBER = {product.number: product for product in PRODUCTS}

ORDER_TYPES = (
    "ACTIVETIM", "ADJUST", "COND", "DAY", "FOK", "GAT", "GTC", "GTD", "GTT", "IOC", "LIT", "LMT", "MIT", "MKT", "MTL",
    "OCA", "REL", "STP", "STPLMT", "TRAIL", "TRAILLMT", "WHATIF",
)  # fmt: skip


def con_id_of(product: FutureProduct, year: int, month: int) -> int:
    return _FIRST_CON_ID + product.number * 10_000 + (year - 2000) * 12 + month


def future(product: FutureProduct, year: int, month: int) -> Listing:
    return Listing(
        con_id=con_id_of(product, year, month),
        kind=Kind.FUTURE,
        symbol=product.symbol,
        currency="USD",
        exchange=product.exchange,
        primary_exchange=product.exchange,
        local_symbol=f"{product.symbol}{MONTH_CODES[month - 1]}{year % 10}",
        trading_class=product.symbol,
        long_name=product.long_name,
        rule=product.rule,
        multiplier=product.multiplier,
        size_increment=Decimal(1),
        min_size=Decimal(1),
        order_types=ORDER_TYPES,
        valid_exchanges=(product.exchange,),
        time_zone=product.zone,
        market_name=product.symbol,
        expiry=product.last_trade(year, month),
        real_expiry=product.last_trade(year, month),
        last_trade_time=product.last_trade_time,
        contract_month=f"{year:04}{month:02}",
        under_con_id=product.under_con_id,
        under_symbol=product.symbol,
        under_kind=Kind.INDEX,
    )


def underlying(product: FutureProduct) -> Listing:
    """What the future stands on, as a symbol search names it; it is not listed itself and has no price."""
    return Listing(
        con_id=product.under_con_id,
        kind=Kind.INDEX,
        symbol=product.symbol,
        currency="USD",
        exchange=product.exchange,
        primary_exchange=product.exchange,
        local_symbol=product.symbol,
        trading_class=product.symbol,
        long_name=product.long_name,
        rule=product.rule,
        multiplier=Decimal(1),
        size_increment=Decimal(1),
        min_size=Decimal(1),
        order_types=(),
        valid_exchanges=(product.exchange,),
        time_zone=product.zone,
        market_name=product.symbol,
        tradable=False,
    )


def future_by_con_id(con_id: int) -> Listing | None:
    number, months = divmod(con_id - _FIRST_CON_ID, 10_000)
    product = _BY_NUMBER.get(number)
    year, month = divmod(months - 1, 12)
    if product is None or year >= 100 or month + 1 not in product.months:
        return None
    return future(product, 2000 + year, month + 1)


def contracts(product: FutureProduct, on: date) -> Iterator[Listing]:
    """The contracts that are listed on a day, front month first."""
    year, month, count = on.year, on.month, 0
    while count < product.listed:
        if month in product.months and product.last_trade(year, month) >= on:
            yield future(product, year, month)
            count += 1
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def contracts_since(product: FutureProduct, first: date, on: date) -> Iterator[Listing]:
    """The contracts listed on a day, and before them those that ended since `first`."""
    year, month = first.year, first.month
    while (year, month) <= (on.year + 1, on.month):
        if month in product.months and first <= product.last_trade(year, month) < on:
            yield future(product, year, month)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    yield from contracts(product, on)
