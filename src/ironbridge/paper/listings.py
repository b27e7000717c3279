"""How a client's description becomes one listing of the venue, or a refusal in IB's words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ironbridge.exchange.listing import Listing
from ironbridge.exchange.venue import Venue
from ironbridge.paper.translate import Refusal, not_found, query_of
from ironbridge.wire.contract import Contract


class Listings:
    """Finds contracts.

    Parameters:
        venue: what lists them.
    """

    def __init__(self, venue: Venue) -> None:
        self._venue = venue

    def each(self, contract: Contract) -> Iterator[Listing]:
        """Every listing that fits, one by one; none is a refusal with code 200."""
        found = self._venue.matching(query_of(contract))
        first = next(found, None)
        if first is None:
            raise not_found()
        yield first
        yield from found

    def one(self, contract: Contract) -> Listing:
        """The one listing that is meant.

        Raises:
            Refusal: 200 where there is none, or several.
        """
        found = list(islice(self.each(contract), 2))
        if len(found) > 1:
            raise Refusal(
                200, f"The contract description specified for {contract.symbol or contract.local_symbol} is ambiguous."
            )
        return found[0]
