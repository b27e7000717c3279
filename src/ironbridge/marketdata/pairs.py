"""Exchange rates from the quotes of currency pairs, as `interfaces.FxQuotes`.

Opens no line of its own: a pair gives a rate where somebody watches it and its quote is good and live.
"""

from __future__ import annotations

from ironbridge.domain.account import FxRate, RateSource
from ironbridge.domain.instrument import Forex
from ironbridge.domain.market import DataKind, Quality
from ironbridge.domain.values import decimal_of
from ironbridge.errors import IronbridgeError
from ironbridge.marketdata.hub import MarketData


class PairQuotes:
    """The rates that the hub's lines give.

    Parameters:
        market: where pairs are quoted.
    """

    def __init__(self, market: MarketData) -> None:
        self._market = market

    def last(self, currency: str, base: str) -> FxRate | None:
        """See `FxQuotes.last`."""
        try:
            quote = self._market.last(Forex(currency + base))
        except IronbridgeError:
            return None  # not a pair: IB's account statement knows things, such as BASE, that are no currency
        if quote is None or quote.mid is None or quote.quality is not Quality.GOOD or quote.kind is not DataKind.LIVE:
            return None
        return FxRate(currency, base, decimal_of(quote.mid, "rate"), RateSource.QUOTE, quote.time)
