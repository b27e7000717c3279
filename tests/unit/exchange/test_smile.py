from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ironbridge.exchange import smile

spots = st.floats(50, 8000)
ratios = st.floats(0.5, 1.8)
years = st.floats(1 / 365, 2.5)
symbols = st.sampled_from(["SPX", "SPY", "QQQ", "AAPL"])


def test_black_scholes_gives_a_textbook_value() -> None:
    # Hull, Options, Futures and Other Derivatives, example 15.6.
    args = {"rate": 0.10, "dividend": 0.0}
    assert smile.black_scholes(42, 40, 0.5, 0.2, call=True, **args) == pytest.approx(4.76, abs=5e-3)
    assert smile.black_scholes(42, 40, 0.5, 0.2, call=False, **args) == pytest.approx(0.81, abs=5e-3)


@given(spots, ratios, years, symbols)
def test_puts_and_calls_keep_parity(spot: float, ratio: float, t: float, symbol: str) -> None:
    strike = spot * ratio
    call, put = (smile.value(spot, strike, t, symbol, call=c, american=False) for c in (True, False))
    dividend = smile.DIVIDENDS[symbol]
    assert call - put == pytest.approx(spot * exp(-dividend * t) - strike * exp(-smile.RATE * t), abs=1e-6 * spot)


@given(spots, ratios, years, symbols, st.booleans(), st.booleans())
def test_values_stay_within_the_bounds_of_arbitrage(
    spot: float, ratio: float, t: float, symbol: str, call: bool, american: bool
) -> None:
    strike = spot * ratio
    value = smile.value(spot, strike, t, symbol, call=call, american=american)
    dividend = smile.DIVIDENDS[symbol]
    now = spot - strike if call else strike - spot
    forward = spot * exp(-dividend * t) - strike * exp(-smile.RATE * t)
    least = max(0.0, forward if call else -forward, now if american else 0.0)
    assert least - 1e-6 * spot <= value <= (spot if call else strike) + 1e-6 * spot


@given(spots, st.floats(0.6, 1.6), years, symbols, st.floats(0.002, 0.03))
def test_prices_fall_with_the_strike_and_bend_the_right_way(
    spot: float, ratio: float, t: float, symbol: str, gap: float
) -> None:
    low, middle, high = (
        smile.value(spot, spot * (ratio + n * gap), t, symbol, call=True, american=False) for n in range(3)
    )
    slack = 1e-4 * spot
    assert low >= middle - slack
    assert middle >= high - slack
    assert low - 2 * middle + high >= -slack


def test_the_smile_is_skewed_and_has_wings() -> None:
    put, at_the_money, call = (smile.implied(6800, k, 30 / 365, "SPX") for k in (6200, 6820, 7400))
    assert put > at_the_money
    assert call < put
    assert smile.implied(270, 340, 30 / 365, "AAPL") > smile.implied(270, 285, 30 / 365, "AAPL")


@given(spots, ratios, years, symbols, st.booleans())
def test_greeks_have_their_signs(spot: float, ratio: float, t: float, symbol: str, call: bool) -> None:
    model = smile.model(spot, spot * ratio, t, symbol, call=call, american=True)
    assert (0 <= model.delta <= 1) if call else (-1 <= model.delta <= 0)
    assert model.gamma >= 0
    assert model.vega >= 0
    assert model.volatility > 0


def test_greeks_are_the_slopes_of_the_value() -> None:
    spot, strike, t, volatility = 270.0, 280.0, 0.2, smile.implied(270, 280, 0.2, "AAPL")
    model = smile.model(spot, strike, t, "AAPL", call=True, american=False)

    def value(s: float = spot, v: float = volatility, y: float = t) -> float:
        return smile.black_scholes(s, strike, y, v, call=True, rate=smile.RATE, dividend=0.004)

    assert model.delta == pytest.approx((value(spot + 0.01) - value(spot - 0.01)) / 0.02, rel=1e-4)
    assert model.gamma == pytest.approx((value(spot + 0.1) - 2 * value() + value(spot - 0.1)) / 0.01, rel=1e-3)
    assert model.vega == pytest.approx((value(v=volatility + 1e-4) - value(v=volatility - 1e-4)) / 2e-2, rel=1e-4)
    assert model.theta == pytest.approx((value(y=t - 1e-5) - value(y=t + 1e-5)) / 2e-5 / 365, rel=1e-3)
