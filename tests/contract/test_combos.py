"""A combination, from the library to the paper gateway and back: its fills are its legs', its quantity its own."""

from __future__ import annotations

from decimal import Decimal

import pytest

import ironbridge as ib
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.values import Side
from ironbridge.errors import InvalidInstrument


async def test_a_combination_is_filled_in_its_own_units():
    async with ib.connect() as bridge:
        bought, sold = [await bridge.contracts.resolve(ib.Stock(symbol)) for symbol in ("SPY", "QQQ")]
        combo = ib.Combo("SPY", ib.Leg(bought, "BUY"), ib.Leg(sold, "SELL"))
        order = await bridge.orders.submit(combo, ib.buy(2), key="pair")
        done = await order.done(timeout=10)
        assert (done.state, done.filled, done.remaining) == (OrderState.FILLED, 2, 0)
        prices = {fill.side: fill.price for fill in done.fills}
        assert done.average_price == prices[Side.BUY] - prices[Side.SELL]
        rests = await bridge.orders.submit(combo, ib.buy(1).limit("-500.25"), key="below-zero")
        assert (await rests.accepted(timeout=10)).terms.limit_price == Decimal("-500.25")
        again = await bridge.orders.submit(combo, ib.buy(2), key="pair")
        assert again.order.perm_id == done.perm_id, "the same key is the same order"


async def test_a_leg_must_be_something():
    with pytest.raises(InvalidInstrument, match="names no contract"):
        ib.Leg(ib.Stock("SPY"))
    async with ib.connect() as bridge:
        spy = await bridge.contracts.resolve(ib.Stock("SPY"))
        with pytest.raises(InvalidInstrument, match="has 1 legs"):
            ib.Combo("SPY", ib.Leg(spy))
