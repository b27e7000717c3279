"""What a trade costs: commissions in the manner of IB's fixed pricing.

Stocks 0.005 a share, at least 1.00 an order, at most 1 % of its value; options 0.65 a contract, at least 1.00; futures
by product; currencies 0.2 basis points, at least 2.00. Minima hold for the order, not for each fill: an order pays the
total for what it has filled, less what it has paid. Exchange and regulatory fees are in these numbers or not charged.
"""

from __future__ import annotations

from decimal import Decimal

from ironbridge.domain.instrument import Kind
from ironbridge.exchange.listing import Listing
from ironbridge.exchange.products import BY_SYMBOL

_CENTI_CENT = Decimal("0.0001")
_SHARE, _SHARE_MIN, _SHARE_CAP = Decimal("0.005"), Decimal(1), Decimal("0.01")
_OPTION, _OPTION_MIN = Decimal("0.65"), Decimal(1)
_PAIR, _PAIR_MIN = Decimal("0.00002"), Decimal(2)


def commission(listing: Listing, quantity: Decimal, value: Decimal, rate: Decimal) -> Decimal:
    """The total commission of an order that has filled `quantity`.

    Parameters:
        listing: what was traded.
        quantity: units filled, positive.
        value: sum of price times quantity, without multiplier, positive.
        rate: value of one unit of the listing's currency in the currency of the commission.
    """
    if listing.kind is Kind.OPTION:
        total = max(_OPTION * quantity, _OPTION_MIN)
    elif listing.kind is Kind.FUTURE:
        total = BY_SYMBOL[listing.symbol].fee * quantity
    elif listing.kind is Kind.FOREX:
        total = max(_PAIR * value * rate, _PAIR_MIN)
    else:
        total = min(max(_SHARE * quantity, _SHARE_MIN), _SHARE_CAP * value)
    return total.quantize(_CENTI_CENT)


def commission_currency(listing: Listing, base: str) -> str:
    """IB charges currency trades in the account's base currency, all else in the listing's."""
    return base if listing.kind is Kind.FOREX else listing.currency
