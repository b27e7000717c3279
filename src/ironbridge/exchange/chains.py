"""Option series: which expiries and strikes exist, and the identity of each option.

Nothing is stored: an option's con id encodes class, expiry, strike and right, so it is found from its id and has the
same id in every run, and listings are made when somebody asks. Strikes lie on fixed grids around the catalogue's
anchor prices; expiries follow the exchanges' cycles (daily for the index funds and SPXW, Fridays, month ends, third
Fridays; a holiday moves back one business day). The SPX class settles in the morning: its last trade date is the
business day before the third Friday.
"""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from ironbridge.domain.instrument import Kind, PriceIncrement, Right
from ironbridge.exchange.calendar import (
    NEW_YORK,
    business_days_before,
    is_business_day,
    month_end,
    third_friday,
)
from ironbridge.exchange.listing import Listing, MarketRule

_ORIGIN = date(2020, 1, 1)
_FIRST_CON_ID = 900_000_000
CURRENCY, MULTIPLIER = "USD", Decimal(100)
"""Of every option here."""
_STRIKES = 4096
_DAYS = 8192
_DAY = timedelta(days=1)
_FRIDAY = 4

_OCC = re.compile(r"^(?P<name>[A-Z]{1,6}) *(?P<year>\d\d)(?P<month>\d\d)(?P<day>\d\d)(?P<right>[CP])(?P<strike>\d{8})$")

_PENNY = MarketRule(115, (PriceIncrement(Decimal(0), Decimal("0.01")),))
_PENNY_PILOT = MarketRule(
    110, (PriceIncrement(Decimal(0), Decimal("0.01")), PriceIncrement(Decimal(3), Decimal("0.05")))
)
_NICKEL = MarketRule(109, (PriceIncrement(Decimal(0), Decimal("0.05")), PriceIncrement(Decimal(3), Decimal("0.1"))))

_EXCHANGES = ("SMART", "AMEX", "BATS", "BOX", "CBOE", "CBOE2", "EDGX", "EMERALD", "GEMINI", "IBUSOPT", "ISE", "MEMX",
              "MERCURY", "MIAX", "NASDAQBX", "NASDAQOM", "PEARL", "PHLX", "PSE", "SAPPHIRE")  # fmt: skip
ORDER_TYPES = (
    "ACTIVETIM", "ADJUST", "AON", "CASHQTY", "COND", "DAY", "FOK", "GAT", "GTC", "GTD", "GTT", "IOC", "LIT", "LMT", "MIT",
    "MKT", "MTL", "OCA", "PEGMID", "REL", "STP", "STPLMT", "TRAIL", "TRAILLMT", "WHATIF",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OptionClass:
    """One trading class of options.

    Parameters:
        number: its place in the numbering of con ids; never reused.
        unit: strikes are multiples of this; the con id counts in it.
        near: (step, lowest, highest) of the strikes that every expiry has.
        far: the wider grid of monthly expiries.
        daily: whether there is an expiry on every business day of the next two weeks.
        morning: whether it settles at the opening of the expiry day.
        american: exercise before expiry; cash-settled index options are European.
        late: whether it trades until 16:15.
    """

    number: int
    name: str
    under_symbol: str
    under_con_id: int
    under_kind: Kind
    under_name: str
    rule: MarketRule
    unit: Decimal
    near: tuple[int, int, int]
    far: tuple[int, int, int]
    daily: bool
    weekly: bool
    morning: bool
    american: bool
    late: bool
    exchanges: tuple[str, ...]

    @property
    def cash_settled(self) -> bool:
        return self.under_kind is Kind.INDEX


_HALF, _FIVE = Decimal("0.5"), Decimal(5)
CLASSES: tuple[OptionClass, ...] = (
    OptionClass(1, "AAPL", "AAPL", 265598, Kind.STOCK, "APPLE INC", _PENNY_PILOT, _HALF, (5, 360, 740), (10, 160, 1100), False, True, False, True, False, _EXCHANGES),
    OptionClass(2, "SPY", "SPY", 756733, Kind.STOCK, "SS SPDR S&P 500 ETF TRUST-US", _PENNY, _HALF, (2, 900, 1700), (10, 400, 2400), True, True, False, True, True, _EXCHANGES),
    OptionClass(3, "QQQ", "QQQ", 320227571, Kind.STOCK, "INVESCO QQQ TRUST SERIES 1", _PENNY, _HALF, (2, 800, 1600), (10, 400, 2200), True, True, False, True, True, _EXCHANGES),
    OptionClass(4, "SPX", "SPX", 416904, Kind.INDEX, "S&P 500 Stock Index", _NICKEL, _FIVE, (1, 1100, 1650), (5, 400, 2200), False, False, True, False, True, ("SMART", "CBOE", "IBUSOPT")),
    OptionClass(5, "SPXW", "SPX", 416904, Kind.INDEX, "S&P 500 Stock Index", _NICKEL, _FIVE, (1, 1100, 1650), (5, 400, 2200), True, True, False, False, True, ("SMART", "CBOE", "IBUSOPT")),
)  # fmt: skip
_BY_NUMBER = {c.number: c for c in CLASSES}


def classes_of(under_con_id: int) -> tuple[OptionClass, ...]:
    return tuple(c for c in CLASSES if c.under_con_id == under_con_id)


def _monthly(year: int, month: int) -> date:
    return business_days_before(third_friday(year, month), 0)


def _last_trade(series: OptionClass, settles: date) -> date:
    return business_days_before(settles, 1) if series.morning else settles


def settlement_day(series: OptionClass, expiry: date) -> date:
    """The day on which an option that trades last on `expiry` is settled."""
    if not series.morning:
        return expiry
    day = expiry + _DAY
    while not is_business_day(day):
        day += _DAY
    return day


@lru_cache(maxsize=64)
def expiries(series: OptionClass, on: date) -> tuple[date, ...]:
    """Last trade dates that are listed on a day, in order."""
    days: set[date] = set()
    year, month = on.year, on.month
    for ahead in range(30):
        # A year of months, then Junes, Decembers and Januaries.
        if ahead < 12 or month in {1, 6, 12}:
            days.add(_last_trade(series, _monthly(year, month)))
            if series.daily and ahead < 4:
                days.add(business_days_before(month_end(year, month), 0))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    if series.daily:
        days.update(on + n * _DAY for n in range(15) if is_business_day(on + n * _DAY))
    if series.weekly:
        friday = on + timedelta(days=(_FRIDAY - on.weekday()) % 7)
        days.update(business_days_before(friday + n * 7 * _DAY, 0) for n in range(8))
    return tuple(sorted(day for day in days if day >= on))


def _is_monthly(series: OptionClass, expiry: date) -> bool:
    day = settlement_day(series, expiry)
    return day == _monthly(day.year, day.month)


@lru_cache(maxsize=64)
def _grid(series: OptionClass, *, monthly: bool) -> frozenset[int]:
    step, low, high = series.near
    units = set(range(low, high + 1, step))
    if monthly:
        step, low, high = series.far
        units.update(range(low, high + 1, step))
    return frozenset(units)


@lru_cache(maxsize=64)
def _strikes(series: OptionClass, *, monthly: bool) -> tuple[Decimal, ...]:
    return tuple((n * series.unit).normalize() + 0 for n in sorted(_grid(series, monthly=monthly)))


def strikes(series: OptionClass, expiry: date) -> tuple[Decimal, ...]:
    return _strikes(series, monthly=_is_monthly(series, expiry))


def all_strikes(series: OptionClass) -> tuple[Decimal, ...]:
    """Of every expiry together."""
    return _strikes(series, monthly=True)


def con_id_of(series: OptionClass, expiry: date, strike: Decimal, right: Right) -> int:
    number = series.number * _DAYS + (expiry - _ORIGIN).days
    number = number * _STRIKES + int(strike / series.unit)
    return _FIRST_CON_ID + number * 2 + (right is Right.PUT)


def option(series: OptionClass, expiry: date, strike: Decimal, right: Right) -> Listing:
    settles = settlement_day(series, expiry)
    return Listing(
        con_id=con_id_of(series, expiry, strike, right),
        kind=Kind.OPTION,
        symbol=series.under_symbol,
        currency=CURRENCY,
        exchange="SMART",
        primary_exchange="",
        local_symbol=f"{series.name:<6}{settles:%y%m%d}{right.value}{int(strike * 1000):08}",
        trading_class=series.name,
        long_name=series.under_name,
        rule=series.rule,
        multiplier=MULTIPLIER,
        size_increment=Decimal(1),
        min_size=Decimal(1),
        order_types=ORDER_TYPES,
        valid_exchanges=series.exchanges,
        time_zone=NEW_YORK,
        market_name=series.name,
        expiry=expiry,
        real_expiry=settles,
        last_trade_time="16:15" if series.late else "16:00",
        contract_month=f"{settles:%Y%m}",
        strike=strike,
        right=right,
        under_con_id=series.under_con_id,
        under_symbol=series.under_symbol,
        under_kind=series.under_kind,
    )


def series_of(con_id: int) -> OptionClass | None:
    return _BY_NUMBER.get((con_id - _FIRST_CON_ID) // (2 * _STRIKES * _DAYS))


def option_by_con_id(con_id: int) -> Listing | None:
    """The option that the id encodes, or None where it encodes no strike or day that can be listed."""
    series = series_of(con_id)
    if series is None:
        return None
    number, put = divmod(con_id - _FIRST_CON_ID, 2)
    number, units = divmod(number, _STRIKES)
    expiry = _ORIGIN + (number % _DAYS) * _DAY
    if not is_business_day(expiry) or units not in _grid(series, monthly=_is_monthly(series, expiry)):
        return None
    strike = (units * series.unit).normalize() + 0
    return option(series, expiry, strike, Right.PUT if put else Right.CALL)


def option_by_symbol(local_symbol: str) -> Listing | None:
    """The option of an OCC symbol such as "SPY   261218C00680000", or None where it names none that can be listed."""
    match = _OCC.match(local_symbol.strip().upper())
    series = next((c for c in CLASSES if match and c.name == match["name"]), None)
    if match is None or series is None:
        return None
    strike = Decimal(match["strike"]) / 1000
    try:
        settles = date(2000 + int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None
    if not is_business_day(settles) or strike % series.unit:
        return None
    return option_by_con_id(con_id_of(series, _last_trade(series, settles), strike, Right(match["right"])))


def options(
    series: OptionClass,
    days: tuple[date, ...],
    strike: Decimal | None = None,
    right: Right | None = None,
) -> Iterator[Listing]:
    """The options of a class on the given expiries, narrowed by strike and right."""
    for day in days:
        wanted = strikes(series, day)
        for price in wanted if strike is None else (k for k in wanted if k == strike):
            for side in (Right.CALL, Right.PUT) if right is None else (right,):
                yield option(series, day, price, side)
