"""The two option calculators: volatility from a price, and price from a volatility.

Reckoned with the venue's own formulas, so that what a client is told agrees with what its orders trade at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isfinite

from ironbridge.domain.instrument import Kind, Right
from ironbridge.exchange import smile
from ironbridge.exchange.events import Event
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.tape import expiry_instant
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.listings import Listings
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal, invalid
from ironbridge.wire.analysis import (
    CalculateImpliedVolatility,
    CalculateOptionPrice,
    CancelCalculateImpliedVolatility,
    CancelCalculateOptionPrice,
)
from ironbridge.wire.market import TickOptionComputation

CUSTOM = 53
"""The tick type of an answer to a calculation."""
LOWEST, HIGHEST = 0.001, 10.0
HALVINGS = 60


class ComputationDesk:
    """The calculators' desk.

    Parameters:
        floor: the gateway's shared state.
        listings: how contracts are found.
    """

    def __init__(self, floor: Floor, listings: Listings) -> None:
        self._floor = floor
        self._listings = listings

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {
            CalculateImpliedVolatility: self.volatility,
            CalculateOptionPrice: self.price,
            CancelCalculateImpliedVolatility: self.cancel,
            CancelCalculateOptionPrice: self.cancel,
        }

    def happened(self, events: Sequence[Event]) -> None:
        """A calculation knows only what it is given."""

    def step(self, now: datetime) -> None:
        """And the time at which it was asked for."""

    def left(self, session: Session) -> None:
        """Nothing is kept for a session."""

    def volatility(self, session: Session, message: CalculateImpliedVolatility) -> None:
        option = self._option(message)
        target = message.option_price
        if not isfinite(target) or target <= 0:
            raise invalid("bK", f"Invalid option price: {target}")
        low, high = LOWEST, HIGHEST
        if (
            not self._worth(option, message.underlying_price, low)
            <= target
            <= self._worth(option, message.underlying_price, high)
        ):
            raise Refusal(10091, "The option price cannot be reached at any volatility.")
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            if self._worth(option, message.underlying_price, middle) < target:
                low = middle
            else:
                high = middle
        self._answer(session, message.req_id, option, message.underlying_price, (low + high) / 2)

    def price(self, session: Session, message: CalculateOptionPrice) -> None:
        option = self._option(message)
        if not isfinite(message.volatility) or not LOWEST <= message.volatility <= HIGHEST:
            raise invalid("bK", f"Invalid volatility: {message.volatility}")
        self._answer(session, message.req_id, option, message.underlying_price, message.volatility)

    def cancel(
        self, _session: Session, _message: CancelCalculateImpliedVolatility | CancelCalculateOptionPrice
    ) -> None:
        """It was answered at once: there is nothing left to cancel."""

    def _option(self, message: CalculateImpliedVolatility | CalculateOptionPrice) -> Listing:
        listing = self._listings.one(message.contract)
        if listing.kind not in {Kind.OPTION, Kind.FUTURE_OPTION}:
            raise invalid("bK", f"{listing.local_symbol} is no option")
        if not isfinite(message.underlying_price) or message.underlying_price <= 0:
            raise invalid("bK", f"Invalid underlying price: {message.underlying_price}")
        return listing

    def _worth(self, option: Listing, spot: float, volatility: float) -> float:
        return smile.black_scholes(
            spot,
            float(option.strike or 0),
            self._years(option),
            volatility,
            call=option.right is Right.CALL,
            rate=smile.RATE,
            dividend=smile.DIVIDENDS.get(option.under_symbol, 0.0),
        )

    def _years(self, option: Listing) -> float:
        return max(0.0, (expiry_instant(option) - self._floor.now()).total_seconds()) / smile.YEAR_SECONDS

    def _answer(self, session: Session, req_id: int, option: Listing, spot: float, volatility: float) -> None:
        worth = self._worth(option, spot, volatility)
        bump, point = spot * 1e-4, 1e-4
        up, down = self._worth(option, spot + bump, volatility), self._worth(option, spot - bump, volatility)
        day = 1 / 365
        session.send(
            TickOptionComputation(
                req_id,
                CUSTOM,
                1,
                implied_volatility=volatility,
                delta=(up - down) / (2 * bump),
                option_price=worth,
                pv_dividend=0.0,
                gamma=(up - 2 * worth + down) / bump**2,
                vega=(self._worth(option, spot, volatility + point) - worth) / point / 100,
                theta=-(worth - self._later(option, spot, volatility, day)),
                underlying_price=spot,
            )
        )

    def _later(self, option: Listing, spot: float, volatility: float, years: float) -> float:
        return smile.black_scholes(
            spot,
            float(option.strike or 0),
            max(0.0, self._years(option) - years),
            volatility,
            call=option.right is Right.CALL,
            rate=smile.RATE,
            dividend=smile.DIVIDENDS.get(option.under_symbol, 0.0),
        )
