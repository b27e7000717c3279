"""What the venue lists, and how a client asks for it.

A `Listing` is immutable and carries everything that a contract-details answer needs. A `ContractQuery` is a partial
description in IB's manner: every field that is given narrows, every field that is empty does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from ironbridge.domain.instrument import Kind, PriceIncrement, Right


@dataclass(frozen=True, slots=True)
class MarketRule:
    """Price steps by price, lowest edge first, under IB's number of the rule."""

    number: int
    increments: tuple[PriceIncrement, ...]

    def step_at(self, price: Decimal) -> Decimal:
        step = self.increments[0].increment
        size = abs(price)
        for rule in self.increments[1:]:
            if rule.low_edge > size:
                break
            step = rule.increment
        return step

    def conforms(self, price: Decimal) -> bool:
        return price % self.step_at(price) == 0

    def nearest(self, price: Decimal) -> Decimal:
        step = self.step_at(price)
        return (price / step).to_integral_value(rounding=ROUND_HALF_EVEN) * step


@dataclass(frozen=True, slots=True)
class Listing:
    """One contract as the venue lists it.

    Parameters:
        con_id: its identity; unique and the same in every run.
        exchange: where orders go by default: SMART, IDEALPRO, or the futures or index exchange.
        expiry: last trade date, None for what does not expire.
        real_expiry: the day of settlement, where it is not the last trade date.
        last_trade_time: local "HH:MM" of the last trade on that date, empty for what does not expire.
        contract_month: YYYYMM of futures and options.
        rule: price steps; `min_tick` is the smallest of them.
        size_increment, min_size: quantity steps; fractional for stocks.
        market_name: e.g. "NMS".
        stock_type: COMMON or ETF for stocks.
        currency: of prices.
        time_zone: IANA name of the exchange's zone.
        order_types: IB's names of what orders it takes; empty for an index.
        under_con_id, under_symbol, under_kind: of the underlying; 0 and empty where there is none.
        tradable: false for indices.
    """

    con_id: int
    kind: Kind
    symbol: str
    currency: str
    exchange: str
    primary_exchange: str
    local_symbol: str
    trading_class: str
    long_name: str
    rule: MarketRule
    multiplier: Decimal
    size_increment: Decimal
    min_size: Decimal
    order_types: tuple[str, ...]
    valid_exchanges: tuple[str, ...]
    time_zone: str
    market_name: str
    expiry: date | None = None
    real_expiry: date | None = None
    last_trade_time: str = ""
    contract_month: str = ""
    strike: Decimal | None = None
    right: Right | None = None
    industry: str = ""
    category: str = ""
    subcategory: str = ""
    stock_type: str = ""
    under_con_id: int = 0
    under_symbol: str = ""
    under_kind: Kind | None = None
    tradable: bool = True
    price_magnifier: int = 1

    @property
    def min_tick(self) -> Decimal:
        return self.rule.increments[0].increment

    @property
    def expiry_text(self) -> str:
        """YYYYMMDD, or empty."""
        return self.expiry.strftime("%Y%m%d") if self.expiry else ""

    def __str__(self) -> str:
        return f"{self.local_symbol} ({self.kind.value} {self.con_id})"


@dataclass(frozen=True, slots=True)
class ContractQuery:
    """A partial description of a contract.

    Parameters:
        kind: security type; None asks for any. CONTINUOUS_FUTURE means the front month of a future.
        expiry: YYYYMMDD or YYYYMM.
        exchange: SMART and empty mean any.
        include_expired: whether contracts past their last trade date are listed too.
    """

    con_id: int = 0
    symbol: str = ""
    kind: Kind | None = None
    currency: str = ""
    exchange: str = ""
    primary_exchange: str = ""
    expiry: str = ""
    strike: Decimal | None = None
    right: Right | None = None
    multiplier: Decimal | None = None
    local_symbol: str = ""
    trading_class: str = ""
    include_expired: bool = False


@dataclass(frozen=True, slots=True)
class OptionParameters:
    """The options of one trading class on one exchange: every expiry with every strike may be asked for."""

    exchange: str
    under_con_id: int
    trading_class: str
    multiplier: Decimal
    expirations: tuple[str, ...]
    strikes: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class SymbolMatch:
    """One answer to a symbol search."""

    listing: Listing
    derivative_kinds: tuple[Kind, ...]
