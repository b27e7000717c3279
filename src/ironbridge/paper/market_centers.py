"""The places behind SMART: which exchanges make up one US book, their letters, and which has what part of it.

The venue keeps one book for a listing. A real gateway shows the parts of it, exchange by exchange; here the size at a
price is dealt out among the centres by a fixed rule, so that the parts add up to the venue's book at every price and
the same size lies at the same place in every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.walk import keyed

STOCK_CENTERS = (
    ("AMEX", "A"), ("BEX", "B"), ("NYSENAT", "C"), ("PEARL", "H"), ("EDGEA", "J"), ("DRCTEDGE", "K"), ("LTSE", "L"),
    ("CHX", "M"), ("NYSE", "N"), ("ARCA", "P"), ("NASDAQ", "Q"), ("MEMX", "U"), ("IEX", "V"), ("PSX", "X"),
    ("BYX", "Y"), ("BATS", "Z"),
)  # fmt: skip
"""With the letters of the consolidated tape."""
_BUSY = ("NASDAQ", "ARCA", "BATS", "NYSE", "DRCTEDGE", "IEX", "MEMX", "EDGEA", "BYX")
"""Where the venue's stock liquidity is shown; the others exist and are empty."""
_AT_ONE_PRICE = 3
_ROUND_LOT = 100
_ODD_LOT = "I"
"""The tape's condition of a trade of less than a round lot."""


def places(listing: Listing) -> tuple[str, ...]:
    """The exchanges that make up the listing's book."""
    if listing.kind is Kind.STOCK:
        return _BUSY
    if listing.kind is Kind.OPTION:
        return tuple(name for name in listing.valid_exchanges if name != "SMART")
    return (listing.exchange,)


def parts(listing: Listing, price: Decimal, size: Decimal) -> Iterator[tuple[str, Decimal]]:
    """The size at a price as (exchange, size), which add up to it; whole lots but for the first."""
    names = places(listing)
    lot = _ROUND_LOT if listing.kind is Kind.STOCK else 1
    count = max(1, min(_AT_ONE_PRICE, len(names), int(size) // lot))
    first = keyed(listing.con_id, "centers", f"{price.normalize():f}") % len(names)
    each = Decimal(int(size) // lot // count * lot)
    yield names[first], size - each * (count - 1)
    for n in range(1, count):
        yield names[(first + n) % len(names)], each


def place_of_trade(listing: Listing, price: Decimal) -> str:
    """Where a trade at a price is shown to have happened."""
    name, _ = next(parts(listing, price, Decimal(_ROUND_LOT)))
    return name


def condition_of(listing: Listing, size: float | Decimal) -> str:
    """A trade's special condition as the tape prints it."""
    return _ODD_LOT if listing.kind is Kind.STOCK and size < _ROUND_LOT else ""
