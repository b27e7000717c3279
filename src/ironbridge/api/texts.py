"""Instruments as clients write them.

The engine behind `contracts` is imported at the first use, not before: printing the OpenAPI document starts nothing.
"""

from __future__ import annotations

from ironbridge.domain.instrument import Instrument


def instrument_of(text: str) -> Instrument:
    """What the text means: ``AAPL``, ``EURUSD``, ``ESZ6``, ``OPT:SPY:20261218:680:C``.

    Raises:
        InvalidInstrument: it means nothing.
    """
    from ironbridge.contracts import parse_instrument

    return parse_instrument(text)
