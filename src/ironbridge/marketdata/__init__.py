"""Quotes and streams of quotes, shared, labelled and restored."""

from ironbridge.marketdata.hub import MarketData, Watched
from ironbridge.marketdata.line import LineState
from ironbridge.marketdata.pairs import PairQuotes
from ironbridge.marketdata.quality import Flaw
from ironbridge.marketdata.stream import MarketStream

__all__ = ["Flaw", "LineState", "MarketData", "MarketStream", "PairQuotes", "Watched"]
