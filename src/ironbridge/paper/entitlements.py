"""Which market data the gateway's user has paid for, and in which words IB says so when he has not.

Owns the decision by listing: live, delayed only, or none. By default everything is live. What goes through the
historical and the streaming services needs live data, as at IB, where a subscription is the condition for bars of the
past too; delayed data is quotes alone.

The words are recorded ones: 10089 with the market at its end, "No market data permissions for ISLAND STK" (IB's
historical service still calls Nasdaq by its old name).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from ironbridge.domain.instrument import Kind
from ironbridge.errors import InvalidInput
from ironbridge.exchange.listing import Listing
from ironbridge.paper.texts import text_of_code
from ironbridge.paper.translate import Refusal, market_of

DELAY = timedelta(minutes=15)
"""How late the delayed data of US exchanges is."""
_OLD_NAMES = {"NASDAQ": "ISLAND"}


class Access(IntEnum):
    """In the order of what it gives."""

    NONE = 0
    DELAYED = 1
    LIVE = 2


@dataclass(frozen=True, slots=True)
class Rule:
    """Access to the listings that fit; what is left out fits any.

    Parameters:
        access: what is given.
        symbol: "AAPL".
        exchange: the primary exchange, or where there is none the only one: "NASDAQ", "CME".
        kind: of instrument.
    """

    access: Access
    symbol: str = ""
    exchange: str = ""
    kind: Kind | None = None

    def fits(self, listing: Listing) -> bool:
        return (
            self.symbol.upper() in {"", listing.symbol.upper()}
            and self.exchange.upper() in {"", listing.primary_exchange or listing.exchange}
            and self.kind in {None, listing.kind}
        )


@dataclass(frozen=True, slots=True)
class Entitlements:
    """What may be seen.

    Parameters:
        rules: the first that fits a listing holds.
        otherwise: for listings that no rule fits.
        delay: how late delayed data is, by the venue's clock.

    Raises:
        InvalidInput: a delay below zero.
    """

    rules: tuple[Rule, ...] = ()
    otherwise: Access = Access.LIVE
    delay: timedelta = DELAY

    def __post_init__(self) -> None:
        if self.delay < timedelta(0):
            raise InvalidInput(f"Data cannot be late by {self.delay}.", next_step="Give a delay of zero or more.")

    def access(self, listing: Listing) -> Access:
        return next((rule.access for rule in self.rules if rule.fits(listing)), self.otherwise)

    def demand_live(self, listing: Listing, refusal: Refusal) -> None:
        """Let pass what may be seen live.

        Raises:
            Refusal: the given one, where it may not.
        """
        if self.access(listing) is not Access.LIVE:
            raise refusal


DELAYED_ONLY = Entitlements(otherwise=Access.DELAYED)
"""A user without any subscription, as every paper account begins."""


def not_live(access: Access, listing: Listing) -> Refusal:
    """What answers a request for a live line where there is none."""
    if access is Access.DELAYED:
        return Refusal(10089, f"{text_of_code(10089)}{listing.symbol} {market_of(listing)}/TOP/ALL")
    return Refusal(354, text_of_code(354))


def no_depth() -> Refusal:
    return Refusal(10092, "Deep market data is not supported for this combination of security type/exchange")


def no_ticks(listing: Listing) -> Refusal:
    return Refusal(10189, f"Failed to request tick-by-tick data.{_no_permission(listing)}")


def no_live_bars(listing: Listing) -> Refusal:
    return Refusal(420, f"Invalid Real-time Query:{_no_permission(listing)}")


def no_past_bars(listing: Listing) -> Refusal:
    return Refusal(
        162,
        f"Historical Market Data Service error message:{_no_permission(listing)}. Requested market data requires "
        "additional subscription for API. See link in 'Market Data Connections' dialog for more details.",
    )


def no_past_ticks(listing: Listing) -> Refusal:
    return Refusal(10187, f"Failed to request historical ticks:{_no_permission(listing)}")


def no_past_facts() -> Refusal:
    """For the head timestamp and the histogram."""
    return Refusal(354, text_of_code(354))


def _no_permission(listing: Listing) -> str:
    exchange = listing.primary_exchange or listing.exchange
    return f"No market data permissions for {_OLD_NAMES.get(exchange, exchange)} {listing.kind.value}"
