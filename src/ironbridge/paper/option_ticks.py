"""The option model's numbers as ticks, for lines on options."""

from __future__ import annotations

from datetime import datetime

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.events import Quote
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.smile import OptionModel
from ironbridge.paper.floor import Floor
from ironbridge.paper.ticks import Tick
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
        self._said: dict[tuple[int, bool], OptionModel] = {}

    def ticks(
        self, listing: Listing, quote: Quote, *, delayed: bool, force: bool, moment: datetime | None = None
    ) -> list[Tick]:
        """The model's ticks of an option where they changed since the last time, or in any case with `force`.

        Parameters:
            listing: what the ticks are of.
            quote: its quote.
            delayed: whether they are numbered as delayed ones.
            force: whether they are said unchanged too.
            moment: that they tell of, None for the present.
        """
        if listing.kind is not Kind.OPTION and listing.kind is not Kind.FUTURE_OPTION:
            return []
        model = self._floor.venue.option_model(listing.con_id, moment)
        if model is None or (not force and self._said.get((listing.con_id, delayed)) == model):
            return []
        self._said[listing.con_id, delayed] = model
        found = [_tick(DELAYED[MODEL] if delayed else MODEL, model, model.price)]
        for tick, price in ((BID, quote.bid), (ASK, quote.ask), (LAST, quote.last)):
            if price is not None:
                found.append(_tick(DELAYED[tick] if delayed else tick, model, float(price)))
        return found


def _tick(tick: int, model: OptionModel, price: float) -> Tick:
    return Tick(
        TickOptionComputation,
        (
            tick,
            PRICE_BASED,
            model.volatility,
            model.delta,
            price,
            model.dividends,
            model.gamma,
            model.vega,
            model.theta,
            model.underlying,
        ),
    )
