"""What can be traded, as its owner names it and as the broker has resolved it.

`Instrument` is what a person writes: enough fields to mean one thing. `Contract` is the broker's answer: the same
thing with its identity (`con_id`) and its trading rules. An `Instrument` never carries a guess: a field that was not
given stays empty, and the broker says whether that is enough (`AmbiguousInstrument` lists what it could mean).
Both are frozen and hashable, so they are keys everywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum

from ironbridge.domain.values import Number, Side, decimal_of, plain
from ironbridge.errors import InvalidInstrument


class Kind(StrEnum):
    """The security types, by IB's own codes."""

    STOCK = "STK"
    OPTION = "OPT"
    FUTURE = "FUT"
    CONTINUOUS_FUTURE = "CONTFUT"
    FUTURE_OPTION = "FOP"
    FOREX = "CASH"
    INDEX = "IND"
    CRYPTO = "CRYPTO"
    BOND = "BOND"
    CFD = "CFD"
    FUND = "FUND"
    COMMODITY = "CMDTY"
    WARRANT = "WAR"
    COMBO = "BAG"
    OTHER = "OTHER"
    """A type that Ironbridge does not know. It is shown where an account holds it, and cannot be ordered."""


class Right(StrEnum):
    CALL = "C"
    PUT = "P"


_SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .&/_+-]{0,31}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_EXPIRY = re.compile(r"[0-9]{6}([0-9]{2})?")
_WITH_EXPIRY = frozenset({Kind.OPTION, Kind.FUTURE_OPTION})
_WITH_STRIKE = frozenset({Kind.OPTION, Kind.FUTURE_OPTION, Kind.WARRANT})
_WITH_CLASS = _WITH_STRIKE | {Kind.FUTURE}


@dataclass(frozen=True, slots=True)
class ComboLeg:
    """One leg of a combination; `Leg` makes it of what has been resolved.

    Parameters:
        con_id: IB's identity of what the leg trades.
        ratio: its units in one unit of the combination.
        side: what buying the combination does in it; selling it does the other.
        exchange: where it trades.

    Raises:
        InvalidInstrument: no con_id, or a ratio below one.
    """

    con_id: int
    ratio: int = 1
    side: Side = Side.BUY
    exchange: str = "SMART"

    def __post_init__(self) -> None:
        if self.con_id <= 0:
            raise InvalidInstrument(
                "A leg of a combination names no contract.",
                next_step="Resolve its instrument first: `await bridge.contracts.resolve(...)` gives its con_id.",
            )
        if self.ratio < 1:
            raise InvalidInstrument(f"A leg of a combination has the ratio {self.ratio}.", next_step="Give 1 or more.")


@dataclass(frozen=True, slots=True)
class Instrument:
    """One tradable thing, as its owner names it.

    Build it with `Stock`, `Option`, `Future`, `FutureOption`, `Forex`, `Index`, `Crypto`, `Bond`, `CFD` or `Combo`, or
    directly for the rarer kinds.

    Parameters:
        kind: the security type.
        symbol: the underlying's symbol; for forex the base currency.
        exchange: where orders go; "SMART" lets IB route.
        currency: the quote currency, three capital letters.
        primary_exchange: the listing exchange, to tell apart stocks of one symbol.
        expiry: last trade date as YYYYMMDD, or contract month as YYYYMM.
        strike: strike price, in the quote currency.
        right: call or put.
        multiplier: units of the underlying in one contract.
        trading_class: IB's trading class, e.g. "SPXW" beside "SPX".
        local_symbol: the exchange's own symbol, e.g. "ESZ6".
        con_id: IB's identity of the contract, 0 where it is not known yet, and always for combinations.
        legs: of a combination, and of nothing else.

    Raises:
        InvalidInstrument: a field that its kind needs is missing, or one that cannot be meant is given.
    """

    kind: Kind
    symbol: str
    exchange: str = "SMART"
    currency: str = "USD"
    primary_exchange: str = ""
    expiry: str = ""
    strike: Decimal | None = None
    right: Right | None = None
    multiplier: Decimal | None = None
    trading_class: str = ""
    local_symbol: str = ""
    con_id: int = 0
    legs: tuple[ComboLeg, ...] = ()

    def __post_init__(self) -> None:
        if not _SYMBOL.fullmatch(str(self.symbol)):
            raise InvalidInstrument(
                f"{self.symbol!r} is not a symbol.",
                next_step="Give 1 to 32 letters, digits, spaces or . & / _ + -, beginning with a letter or digit.",
            )
        if not _CURRENCY.fullmatch(self.currency):
            raise InvalidInstrument(
                f"{self.currency!r} is not a currency of {self.symbol}.",
                next_step="Give its three capital letters, such as USD.",
            )
        if self.expiry and not _EXPIRY.fullmatch(self.expiry):
            raise InvalidInstrument(
                f"{self.expiry!r} is not an expiry of {self.symbol}.",
                next_step="Give YYYYMMDD, or YYYYMM for a contract month.",
            )
        if self.kind in _WITH_EXPIRY and not (self.expiry or self.local_symbol or self.con_id):
            raise InvalidInstrument(
                f"A {self.kind.name.lower().replace('_', ' ')} on {self.symbol} needs an expiry.",
                next_step="Give expiry, local_symbol or con_id.",
            )
        if self.kind not in _WITH_STRIKE and (self.strike or self.right):
            raise InvalidInstrument(f"{self.symbol} is no option: it has no strike and no right.")
        if self.strike is not None and (not self.strike.is_finite() or self.strike < 0):
            raise InvalidInstrument(f"{self.strike} is not a strike of {self.symbol}.")
        if self.con_id < 0:
            raise InvalidInstrument(f"{self.con_id} is not a con_id of {self.symbol}.")
        if self.legs and self.kind is not Kind.COMBO:
            raise InvalidInstrument(f"{self.symbol} is no combination: it has no legs.")

    def __str__(self) -> str:
        if self.kind is Kind.COMBO:
            signs = (f"{'+' if leg.side is Side.BUY else '-'}{leg.ratio}x{leg.con_id}" for leg in self.legs)
            return " ".join([self.symbol, "combination", *signs])
        parts = [self.pair if self.kind is Kind.FOREX else self.symbol]
        if self.kind is not Kind.STOCK:
            parts.append(self.local_symbol if self.kind is Kind.FUTURE and self.local_symbol else self.expiry)
            parts.append(plain(self.strike) if self.strike is not None else "")
            parts.append(str(self.right or ""))
        return " ".join(part for part in parts if part)

    @property
    def pair(self) -> str:
        """Both currencies of a forex pair in one word, e.g. EURUSD."""
        return self.symbol + self.currency


def Stock(symbol: str, exchange: str = "SMART", currency: str = "USD", *, primary_exchange: str = "") -> Instrument:
    """A stock or an exchange-traded fund, e.g. ``Stock("AAPL")``."""
    return Instrument(Kind.STOCK, symbol, exchange, currency, primary_exchange)


def Option(
    symbol: str,
    expiry: str | date,
    strike: Number,
    right: Right | str,
    exchange: str = "SMART",
    currency: str = "USD",
    *,
    trading_class: str = "",
) -> Instrument:
    """An equity or index option, e.g. ``Option("SPY", "20261218", 680, "C")``.

    Parameters:
        symbol: the underlying's symbol.
        expiry: last trade date, as YYYYMMDD, YYYY-MM-DD or a date.
        strike: strike price in the quote currency.
        right: "C" or "P" ("CALL" and "PUT" are taken too).
        exchange: where orders go.
        currency: quote currency.
        trading_class: to tell apart series of one expiry, e.g. "SPXW".

    Raises:
        InvalidInstrument: a field that cannot be meant.
    """
    try:
        which = Right(str(right).upper()[:1])
    except ValueError:
        raise InvalidInstrument(f"{right!r} is not an option right.", next_step='Give "C" or "P".') from None
    return Instrument(
        Kind.OPTION,
        symbol,
        exchange,
        currency,
        expiry=_expiry(expiry),
        strike=decimal_of(strike, "strike"),
        right=which,
        trading_class=trading_class,
    )


def Future(
    symbol: str, expiry: str | date = "", exchange: str = "", currency: str = "USD", *, local_symbol: str = ""
) -> Instrument:
    """A future, e.g. ``Future("ES", "202612", "CME")``.

    Without an expiry it stands for the whole chain: enough to ask with, and resolving it lists what it could mean.

    Parameters:
        symbol: the product's symbol.
        expiry: contract month as YYYYMM, or last trade date as YYYYMMDD.
        exchange: the futures exchange; empty lets the broker say which it is.
        currency: settlement currency.
        local_symbol: the exchange's own symbol instead of an expiry, e.g. "ESZ6".

    Raises:
        InvalidInstrument: a field that cannot be meant.
    """
    return Instrument(Kind.FUTURE, symbol, exchange, currency, expiry=_expiry(expiry), local_symbol=local_symbol)


def Forex(pair: str, exchange: str = "IDEALPRO") -> Instrument:
    """A currency pair, e.g. ``Forex("EURUSD")`` or ``Forex("EUR.USD")``.

    Raises:
        InvalidInstrument: the pair is not two currencies.
    """
    letters = pair.replace(".", "").replace("/", "").upper()
    if not re.fullmatch(r"[A-Z]{6}", letters):
        raise InvalidInstrument(f"{pair!r} is not a currency pair.", next_step="Give six letters, such as EURUSD.")
    return Instrument(Kind.FOREX, letters[:3], exchange, letters[3:])


def Index(symbol: str, exchange: str = "", currency: str = "USD") -> Instrument:
    """An index, e.g. ``Index("SPX", "CBOE")``. It has prices but cannot be ordered."""
    return Instrument(Kind.INDEX, symbol, exchange, currency)


def FutureOption(
    symbol: str,
    expiry: str | date,
    strike: Number,
    right: Right | str,
    exchange: str = "",
    currency: str = "USD",
    *,
    trading_class: str = "",
) -> Instrument:
    """An option on a future, e.g. ``FutureOption("ES", "20261218", 6800, "P", "CME")``; parameters as `Option`."""
    option = Option(symbol, expiry, strike, right, exchange, currency, trading_class=trading_class)
    return replace(option, kind=Kind.FUTURE_OPTION)


def Crypto(symbol: str, exchange: str = "PAXOS", currency: str = "USD") -> Instrument:
    """A cryptocurrency, e.g. ``Crypto("BTC")``."""
    return Instrument(Kind.CRYPTO, symbol, exchange, currency)


def Bond(symbol: str, exchange: str = "SMART", currency: str = "USD") -> Instrument:
    """A bond by its CUSIP or by its issuer's symbol, e.g. ``Bond("912828C57")``."""
    return Instrument(Kind.BOND, symbol, exchange, currency)


def CFD(symbol: str, exchange: str = "SMART", currency: str = "USD") -> Instrument:
    """A contract for difference, e.g. ``CFD("IBUS500")``."""
    return Instrument(Kind.CFD, symbol, exchange, currency)


def Leg(instrument: Instrument | Contract, side: Side | str = Side.BUY, ratio: int = 1) -> ComboLeg:
    """A leg of a combination: buys (or sells) `ratio` units of what has been resolved when the combination is bought.

    Raises:
        InvalidInstrument: the instrument has not been resolved, or the side or ratio cannot be.
    """
    what = instrument.instrument if isinstance(instrument, Contract) else instrument
    try:
        which = Side(str(side).upper())
    except ValueError:
        raise InvalidInstrument(f"{side!r} is no side of a leg.", next_step='Give "BUY" or "SELL".') from None
    return ComboLeg(what.con_id, ratio, which, what.exchange)


def Combo(symbol: str, *legs: ComboLeg, exchange: str = "SMART", currency: str = "USD") -> Instrument:
    """A combination, traded as one: ``Combo("SPY", Leg(near, "SELL"), Leg(far, "BUY"))``. Its price may be negative.

    Raises:
        InvalidInstrument: fewer than two legs.
    """
    if len(legs) < 2:
        raise InvalidInstrument(
            f"A combination on {symbol} has {len(legs)} legs.", next_step="Give at least two: Leg(instrument, side)."
        )
    return Instrument(Kind.COMBO, symbol, exchange, currency, legs=legs)


def _expiry(value: str | date) -> str:
    if isinstance(value, date):
        return value.strftime("%Y%m%d")
    return value.replace("-", "")


@dataclass(frozen=True, slots=True)
class PriceIncrement:
    """From `low_edge` upward, prices move in steps of `increment` (IB's market rules)."""

    low_edge: Decimal
    increment: Decimal


@dataclass(frozen=True, slots=True)
class Contract:
    """An instrument as the broker has resolved it: its identity and its trading rules.

    Parameters:
        instrument: all identifying fields, `con_id` included.
        long_name: the name for people.
        min_tick: the smallest price step at any price.
        increments: the price steps by price, lowest edge first; empty means `min_tick` everywhere.
        size_increment: the smallest quantity step.
        min_size: the smallest quantity.
        multiplier: units of the underlying that one contract stands for; 1 where there is no such thing.
        order_types: IB's names of the order types that the contract takes.
        valid_exchanges: the exchanges that take orders for it.
        time_zone: IANA name of the exchange's zone.
        trading_hours: IB's text of all sessions, in that zone.
        liquid_hours: IB's text of the regular sessions, in that zone.
        under_con_id: the underlying's identity, 0 where there is none.
        resolved_at: when the broker said so.
    """

    instrument: Instrument
    long_name: str
    min_tick: Decimal
    increments: tuple[PriceIncrement, ...]
    size_increment: Decimal
    min_size: Decimal
    multiplier: Decimal
    order_types: frozenset[str]
    valid_exchanges: tuple[str, ...]
    time_zone: str
    trading_hours: str
    liquid_hours: str
    under_con_id: int
    resolved_at: datetime

    def __str__(self) -> str:
        """One line that tells this contract from any other, for people who must choose."""
        i = self.instrument
        where = i.exchange + (f" (listed {i.primary_exchange})" if i.primary_exchange not in {"", i.exchange} else "")
        parts = [str(i), i.kind.name.lower().replace("_", " "), self.long_name, where, i.currency]
        if i.expiry and i.expiry not in parts[0]:
            parts.append(f"expires {i.expiry}")
        if i.kind in _WITH_CLASS and i.trading_class not in {"", i.symbol}:
            parts.append(f"class {i.trading_class}")
        if i.multiplier is not None:
            parts.append(f"multiplier {plain(i.multiplier)}")
        return ", ".join(part for part in (*parts, f"conId {i.con_id}") if part)

    @property
    def con_id(self) -> int:
        return self.instrument.con_id

    def increment_at(self, price: Decimal) -> Decimal:
        """The price step that holds at `price`."""
        step = self.min_tick
        for rule in self.increments:
            if rule.low_edge <= abs(price):
                step = rule.increment
        return step

    def conforms(self, price: Decimal) -> bool:
        """Whether an order may carry this price."""
        step = self.increment_at(price)
        return step == 0 or price % step == 0

    def round_price(self, price: Decimal, side: Side) -> Decimal:
        """The nearest conforming price that is no worse for the owner: down for a buy, up for a sell."""
        step = self.increment_at(price)
        if step == 0:
            return price
        rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
        return (price / step).to_integral_value(rounding=rounding) * step
