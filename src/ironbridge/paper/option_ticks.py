"""The option model's numbers as ticks, for lines on options."""

from __future__ import annotations

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.smile import OptionModel
from ironbridge.paper.floor import Floor
from ironbridge.paper.ticks import Maker
from ironbridge.wire.market import TickOptionComputation

BID, ASK, LAST, MODEL = 10, 11, 12, 13
DELAYED = {BID: 80, ASK: 81, LAST: 82, MODEL: 83}
PRICE_BASED = 1
"""The tick attribute of US equity options: computed from prices, not returns."""


class OptionTicks:
    """Says what the model says.

    Parameters:
        floor: the gateway's shared state.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._said: dict[int, OptionModel] = {}

    def makers(self, listing: Listing, *, delayed: bool, force: bool) -> list[Maker]:
        """The model's ticks of an option where they changed since the last time, or in any case with `force`."""
        if listing.kind not in {Kind.OPTION, Kind.FUTURE_OPTION}:
            return []
        model = self._floor.venue.option_model(listing.con_id)
        if model is None or (not force and self._said.get(listing.con_id) == model):
            return []
        self._said[listing.con_id] = model
        quote = self._floor.venue.quote(listing.con_id)
        found = [_maker(DELAYED[MODEL] if delayed else MODEL, model, model.price)]
        for tick, price in ((BID, quote.bid), (ASK, quote.ask), (LAST, quote.last)):
            if price is not None:
                found.append(_maker(DELAYED[tick] if delayed else tick, model, float(price)))
        return found


def _maker(tick: int, model: OptionModel, price: float) -> Maker:
    return lambda req_id: TickOptionComputation(
        req_id,
        tick,
        PRICE_BASED,
        implied_volatility=model.volatility,
        delta=model.delta,
        option_price=price,
        pv_dividend=model.dividends,
        gamma=model.gamma,
        vega=model.vega,
        theta=model.theta,
        underlying_price=model.underlying,
    )
