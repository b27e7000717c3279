"""The two option calculators: a volatility for a price, and a price for a volatility.

They reckon as the venue does (its rate, its dividends, its clock, its floor for early exercise), so that the venue's
own price of an option gives back the venue's own volatility. A price that no volatility explains is answered with
"not computed" in every field but the two that were asked with, as IB answers what its model cannot reckon.

A calculation is answered once; it stays open until it is cancelled, so that its id is not used twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import exp, isfinite, log, sqrt
from statistics import NormalDist

from ironbridge.domain.instrument import Kind, Right
from ironbridge.exchange import chains, smile
from ironbridge.exchange.events import Event
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.tape import expiry_instant
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.listings import Listings
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal, invalid, not_found
from ironbridge.wire.analysis import (
    CalculateImpliedVolatility,
    CalculateOptionPrice,
    CancelCalculateImpliedVolatility,
    CancelCalculateOptionPrice,
)
from ironbridge.wire.contract import Contract
from ironbridge.wire.market import TickOptionComputation

CUSTOM_OPTION_COMPUTATION = 53
PRICE_BASED = 1
HIGHEST_VOLATILITY = 10.0
LOWEST_VOLATILITY = 0.0001
SHORTEST_YEARS = 60.0 / smile.YEAR_SECONDS
"""Time value of the last minute is kept, as the venue keeps it."""
_HALVINGS = 60
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Option:
    """What of an option a calculation needs, at one moment and one price of the underlying."""

    spot: float
    strike: float
    years: float
    call: bool
    american: bool
    dividend: float

    @property
    def sign(self) -> float:
        return 1.0 if self.call else -1.0

    def value(self, volatility: float) -> float:
        european = smile.black_scholes(
            self.spot, self.strike, self.years, volatility, call=self.call, rate=smile.RATE, dividend=self.dividend
        )
        return max(european, self.sign * (self.spot - self.strike)) if self.american else european

    def volatility(self, price: float) -> float | None:
        """The one volatility that explains the price; None where none does or where any would."""
        low, high = LOWEST_VOLATILITY, HIGHEST_VOLATILITY
        if not self.value(low) < price < self.value(high):
            return None
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if self.value(middle) < price:
                low = middle
            else:
                high = middle
        return high

    def answer(self, req_id: int, volatility: float, price: float) -> TickOptionComputation:
        """With the Greeks that hold at the volatility: vega a point, theta a day, as IB has them."""
        deviation = volatility * sqrt(self.years)
        carry, discount = exp(-self.dividend * self.years), exp(-smile.RATE * self.years)
        d1 = (log(self.spot / self.strike) + (smile.RATE - self.dividend) * self.years) / deviation + deviation / 2
        density = carry * _NORMAL.pdf(d1)
        in_money = _NORMAL.cdf(self.sign * d1)
        theta = (
            -self.spot * density * volatility / (2 * sqrt(self.years))
            - self.sign * smile.RATE * self.strike * discount * _NORMAL.cdf(self.sign * (d1 - deviation))
            + self.sign * self.dividend * self.spot * carry * in_money
        )
        return TickOptionComputation(
            req_id,
            CUSTOM_OPTION_COMPUTATION,
            PRICE_BASED,
            implied_volatility=volatility,
            delta=self.sign * carry * in_money,
            option_price=price,
            pv_dividend=self.spot * (1 - carry),
            gamma=density / (self.spot * deviation),
            vega=self.spot * density * sqrt(self.years) / 100,
            theta=theta / 365,
            underlying_price=self.spot,
        )


class CalculatorDesk:
    """The calculators' desk.

    Parameters:
        floor: the gateway's shared state.
        listings: how contracts are found.
    """

    def __init__(self, floor: Floor, listings: Listings) -> None:
        self._floor = floor
        self._listings = listings
        self._open: set[tuple[Session, int]] = set()

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {
            CalculateImpliedVolatility: self.volatility,
            CancelCalculateImpliedVolatility: self.cancel,
            CalculateOptionPrice: self.price,
            CancelCalculateOptionPrice: self.cancel,
        }

    def happened(self, events: Sequence[Event]) -> None:
        """A calculation holds for what it was given."""

    def step(self, now: datetime) -> None:
        """And for the moment at which it was asked."""

    def left(self, session: Session) -> None:
        self._open = {key for key in self._open if key[0] is not session}

    def volatility(self, session: Session, message: CalculateImpliedVolatility) -> None:
        option = self._option(message.contract, message.underlying_price)
        price = _positive("option price", message.option_price)
        self._begin(session, message.req_id)
        found = option.volatility(price)
        session.send(
            option.answer(message.req_id, found, price)
            if found is not None
            else TickOptionComputation(
                message.req_id,
                CUSTOM_OPTION_COMPUTATION,
                PRICE_BASED,
                option_price=price,
                underlying_price=option.spot,
            )
        )

    def price(self, session: Session, message: CalculateOptionPrice) -> None:
        option = self._option(message.contract, message.underlying_price)
        volatility = _positive("volatility", message.volatility)
        if not LOWEST_VOLATILITY <= volatility <= HIGHEST_VOLATILITY:
            raise invalid("bX", f"Invalid volatility: {volatility}")
        self._begin(session, message.req_id)
        session.send(option.answer(message.req_id, volatility, option.value(volatility)))

    def cancel(self, session: Session, message: CancelCalculateImpliedVolatility | CancelCalculateOptionPrice) -> None:
        # Clients cancel what was refused as well; a real gateway says nothing to that.
        self._open.discard((session, message.req_id))

    def _begin(self, session: Session, req_id: int) -> None:
        if (session, req_id) in self._open:
            raise Refusal(322, "Error processing request.-'bX' : cause - Duplicate ticker id")
        self._open.add((session, req_id))

    def _option(self, contract: Contract, spot: float) -> Option:
        listing = self._listings.one(contract)
        if listing.kind is not Kind.OPTION or listing.strike is None:
            raise invalid("bX", f"Please enter an option contract: {listing.local_symbol} is none")
        if expiry_instant(listing) <= self._floor.venue.now:
            raise not_found()
        return Option(
            _positive("underlying price", spot),
            float(listing.strike),
            self._years(listing),
            listing.right is Right.CALL,
            _american(listing),
            smile.DIVIDENDS.get(listing.under_symbol, 0.0),
        )

    def _years(self, listing: Listing) -> float:
        left = (expiry_instant(listing) - self._floor.venue.now).total_seconds()
        return max(SHORTEST_YEARS, left / smile.YEAR_SECONDS)


def _american(listing: Listing) -> bool:
    series = chains.series_of(listing.con_id)
    return series is not None and series.american


def _positive(name: str, value: float) -> float:
    if not isfinite(value) or value <= 0:
        raise invalid("bX", f"Invalid {name}: {value}")
    return value
