"""The option calculators agree with the venue that they stand beside."""

from __future__ import annotations

import math

import pytest
from ib_async import Option, Stock
from ib_async.wrapper import RequestError

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)


async def an_option(desk, right="C"):
    """An option of AAPL near the money, some weeks out."""
    (chain,) = [
        each
        for each in await desk.ib.reqSecDefOptParamsAsync("AAPL", "", "STK", 265598)
        if each.exchange == "SMART" and each.tradingClass == "AAPL"
    ]
    spot = float(desk.paper.venue.quote(265598).mid)
    strike = min(chain.strikes, key=lambda each: abs(each - spot))
    (found,) = await desk.ib.qualifyContractsAsync(Option("AAPL", sorted(chain.expirations)[3], strike, right, "SMART"))
    assert found is not None
    return found


@pytest.mark.parametrize("right", ("C", "P"))
async def test_the_venues_price_gives_back_its_volatility(desk, right):
    option = await an_option(desk, right)
    model = desk.paper.venue.option_model(option.conId)
    found = await desk.ib.calculateImpliedVolatilityAsync(option, model.price, model.underlying)
    assert found.impliedVol == pytest.approx(model.volatility, rel=1e-6)
    assert found.undPrice == model.underlying
    assert found.optPrice == model.price
    for name in ("delta", "gamma", "vega", "theta"):
        assert getattr(found, name) == pytest.approx(getattr(model, name), rel=1e-4), name
    assert found.pvDividend == pytest.approx(model.dividends, rel=1e-4)


@pytest.mark.parametrize("right", ("C", "P"))
async def test_the_venues_volatility_gives_back_its_price(desk, right):
    option = await an_option(desk, right)
    model = desk.paper.venue.option_model(option.conId)
    found = await desk.ib.calculateOptionPriceAsync(option, model.volatility, model.underlying)
    assert found.optPrice == pytest.approx(model.price, rel=1e-6)
    assert found.delta == pytest.approx(model.delta, rel=1e-4)


async def test_there_and_back(desk):
    option = await an_option(desk)
    for volatility in (0.05, 0.2, 0.8, 2.5):
        priced = await desk.ib.calculateOptionPriceAsync(option, volatility, 210.0)
        found = await desk.ib.calculateImpliedVolatilityAsync(option, priced.optPrice, 210.0)
        assert found.impliedVol == pytest.approx(volatility, rel=1e-4)


async def test_a_price_that_no_volatility_explains(desk):
    option = await an_option(desk)
    found = await desk.ib.calculateImpliedVolatilityAsync(option, 5000.0, 210.0)
    assert found.impliedVol is None
    assert found.delta is None
    assert found.optPrice == 5000.0


async def test_what_is_no_option(desk):
    desk.ib.client.calculateImpliedVolatility(6001, AAPL, 5.0, 210.0, [])
    assert "Please enter an option contract" in await desk.error(321, 6001)
    with pytest.raises(RequestError) as refused:
        await desk.ib.calculateOptionPriceAsync(Option("AAPL", "20260320", 211.37, "C", "SMART"), 0.3, 210.0)
    assert refused.value.code == 200


@pytest.mark.parametrize(("price", "spot"), ((0.0, 210.0), (-1.0, 210.0), (5.0, 0.0)))
async def test_numbers_that_cannot_be(desk, price, spot):
    option = await an_option(desk)
    desk.ib.client.calculateImpliedVolatility(6001, option, price, spot, [])
    assert "Invalid" in await desk.error(321, 6001)
    desk.ib.client.calculateOptionPrice(6002, option, price, spot, [])
    assert "Invalid" in await desk.error(321, 6002)


async def test_an_answer_has_no_sentinels(desk):
    found = await desk.ib.calculateOptionPriceAsync(await an_option(desk), 0.3, 210.0)
    numbers = (found.impliedVol, found.delta, found.gamma, found.vega, found.theta, found.optPrice, found.pvDividend)
    assert all(number is not None and math.isfinite(number) for number in numbers)
