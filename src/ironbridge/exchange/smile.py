"""What an option is worth: Black-Scholes under a volatility smile.

Owns the venue's own option prices, with the standard formulas in plain floats (one option costs a few microseconds).
The smile is linear and quadratic in standardised log-moneyness, flattens with maturity, and is clamped, so that prices
stay within the bounds that arbitrage sets: puts and calls of one strike share one volatility (put-call parity), and
values are never below the intrinsic value of the forward. American options are priced as European ones, but not below
what exercise pays at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, exp, log, pi, sqrt

RATE = 0.038
"""Riskless rate a year."""
DIVIDENDS = {"SPX": 0.012, "NDX": 0.007, "SPY": 0.012, "QQQ": 0.006, "AAPL": 0.004}
"""Dividend yield a year, by underlying."""
YEAR_SECONDS = 365 * 86400.0
SHORTEST = 60.0 / YEAR_SECONDS
"""Time value of the last minute is kept, so that Greeks stay finite."""


@dataclass(frozen=True, slots=True)
class Smile:
    """The shape of an underlying's implied volatility.

    Parameters:
        level: at the money, long maturities.
        skew: change of volatility per standard deviation of log-moneyness; negative makes puts dear.
        curvature: of the wings.
    """

    level: float
    skew: float
    curvature: float

    def volatility(self, moneyness: float, years: float) -> float:
        """Implied volatility at log(strike / forward)."""
        deviations = moneyness / (self.level * sqrt(max(years, 1 / 365)))
        deviations = max(-6.0, min(6.0, deviations))
        bend = 1.0 + self.skew * deviations + self.curvature * deviations * deviations
        return self.level * max(0.6, min(2.2, bend))


SMILES = {
    "SPX": Smile(0.155, -0.11, 0.018),
    "SPY": Smile(0.155, -0.11, 0.018),
    "QQQ": Smile(0.205, -0.09, 0.018),
    "AAPL": Smile(0.265, -0.05, 0.022),
}
_PLAIN = Smile(0.30, -0.05, 0.02)


def smile_of(symbol: str) -> Smile:
    return SMILES.get(symbol, _PLAIN)


@dataclass(frozen=True, slots=True)
class OptionModel:
    """What the venue's model says of an option; per unit of the underlying.

    `vega` is per point of volatility (0.01), `theta` per calendar day, `dividends` the present value of dividends
    until expiry.
    """

    price: float
    volatility: float
    delta: float
    gamma: float
    vega: float
    theta: float
    underlying: float
    dividends: float


def _normal(x: float) -> float:
    return 0.5 * (1.0 + erf(x / sqrt(2.0)))


def black_scholes(
    spot: float, strike: float, years: float, volatility: float, *, call: bool, rate: float, dividend: float
) -> float:
    """Value of a European option."""
    years = max(years, SHORTEST)
    deviation = volatility * sqrt(years)
    forward = spot * exp((rate - dividend) * years)
    d1 = log(forward / strike) / deviation + deviation / 2
    d2 = d1 - deviation
    discount = exp(-rate * years)
    if call:
        return discount * (forward * _normal(d1) - strike * _normal(d2))
    return discount * (strike * _normal(-d2) - forward * _normal(-d1))


def implied(spot: float, strike: float, years: float, symbol: str) -> float:
    """The smile's volatility of a strike, with the underlying at `spot`."""
    drift = (RATE - DIVIDENDS.get(symbol, 0.0)) * years
    return smile_of(symbol).volatility(log(strike / spot) - drift, years)


def value(spot: float, strike: float, years: float, symbol: str, *, call: bool, american: bool) -> float:
    """Value of an option under its underlying's smile."""
    volatility = implied(spot, strike, years, symbol)
    dividend = DIVIDENDS.get(symbol, 0.0)
    european = black_scholes(spot, strike, years, volatility, call=call, rate=RATE, dividend=dividend)
    if not american:
        return european
    return max(european, spot - strike if call else strike - spot)


def model(spot: float, strike: float, years: float, symbol: str, *, call: bool, american: bool) -> OptionModel:
    """Value and Greeks of an option under its underlying's smile, volatility held at the strike."""
    years = max(years, SHORTEST)
    volatility = implied(spot, strike, years, symbol)
    dividend = DIVIDENDS.get(symbol, 0.0)
    deviation = volatility * sqrt(years)
    carry = exp(-dividend * years)
    discount = exp(-RATE * years)
    d1 = (log(spot / strike) + (RATE - dividend) * years) / deviation + deviation / 2
    d2 = d1 - deviation
    density = exp(-d1 * d1 / 2) / sqrt(2 * pi)
    sign = 1.0 if call else -1.0
    theta = (
        -spot * carry * density * volatility / (2 * sqrt(years))
        - sign * RATE * strike * discount * _normal(sign * d2)
        + sign * dividend * spot * carry * _normal(sign * d1)
    )
    return OptionModel(
        price=value(spot, strike, years, symbol, call=call, american=american),
        volatility=volatility,
        delta=sign * carry * _normal(sign * d1),
        gamma=carry * density / (spot * deviation),
        vega=spot * carry * density * sqrt(years) / 100,
        theta=theta / 365,
        underlying=spot,
        dividends=spot * (1 - carry),
    )
