"""Where the words of the wire and the words of the venue meet, and the only place.

Contracts here; orders and their answers in `order_terms` and `order_echo`. What cannot be said in the venue's words is
refused with a `Refusal` that carries IB's code and text, never guessed.
"""

from __future__ import annotations

from decimal import Decimal

from ironbridge.domain.instrument import Kind, Right
from ironbridge.domain.values import plain
from ironbridge.errors import IronbridgeError, Outcome
from ironbridge.exchange.listing import ContractQuery, Listing
from ironbridge.wire import contract as wire
from ironbridge.wire.values import given

_RIGHTS = {"C": Right.CALL, "CALL": Right.CALL, "P": Right.PUT, "PUT": Right.PUT}
_NO_RIGHT = frozenset({"", "?", "0"})
NOT_FOUND = "No security definition has been found for the request"


class Refusal(IronbridgeError):
    """A request that is answered with an error message: `code` and `text` are what the client gets."""

    slug = "refusal"
    outcome = Outcome.REJECTED

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}", code=code, text=text)
        self.code = code
        self.text = text


def not_found() -> Refusal:
    return Refusal(200, NOT_FOUND)


def invalid(request: str, cause: str) -> Refusal:
    """Error 321 in IB's words; `request` is its two-letter name of the message kind."""
    return Refusal(321, f"Error validating request.-'{request}' : cause - {cause}")


def query_of(contract: wire.Contract) -> ContractQuery:
    """What the client's description asks of the listing.

    Raises:
        Refusal: a field that no listing could have.
    """
    kind: Kind | None = None
    if contract.sec_type:
        try:
            kind = Kind(contract.sec_type.upper())
        except ValueError:
            raise invalid("bP", f"Please enter a valid security type: {contract.sec_type}") from None
    elif not contract.con_id:
        raise invalid("bP", "Please enter a valid security type")
    if not (contract.con_id or contract.symbol or contract.local_symbol):
        raise invalid("bP", "Please enter a local symbol or a symbol")
    right: Right | None = None
    if contract.right.upper() not in _NO_RIGHT:
        right = _RIGHTS.get(contract.right.upper())
        if right is None:
            raise invalid("bP", "Please enter a valid right")
    strike = given(contract.strike)
    return ContractQuery(
        con_id=contract.con_id,
        symbol=contract.symbol.upper() if kind is not Kind.CRYPTO else contract.symbol,
        kind=kind,
        currency=contract.currency.upper(),
        exchange=contract.exchange.upper(),
        primary_exchange=contract.primary_exchange.upper(),
        expiry=contract.last_trade_date_or_contract_month.replace("-", ""),
        # IB's clients send 0 for "no strike"; no listing here has a strike of zero.
        strike=strike or None,
        right=right,
        multiplier=_multiplier(contract.multiplier),
        local_symbol=contract.local_symbol,
        trading_class=contract.trading_class,
        include_expired=contract.include_expired,
    )


def _multiplier(text: str) -> Decimal | None:
    if not text or not text.isascii() or not text.replace(".", "", 1).isdigit():
        return None
    return Decimal(text)


def contract_of(listing: Listing, *, exchange: str = "") -> wire.Contract:
    """A listing in the wire's words.

    Parameters:
        listing: the venue's.
        exchange: where the answer says it trades; the listing's own by default.
    """
    return wire.Contract(
        con_id=listing.con_id,
        symbol=listing.symbol,
        sec_type=listing.kind.value,
        last_trade_date_or_contract_month=listing.expiry_text,
        strike=listing.strike if listing.strike is not None else Decimal(0),
        right=listing.right.value if listing.right is not None else "",
        multiplier=multiplier_text(listing),
        exchange=exchange or listing.exchange,
        primary_exchange=listing.primary_exchange,
        currency=listing.currency,
        local_symbol=listing.local_symbol,
        trading_class=listing.trading_class,
    )


def market_of(listing: Listing) -> str:
    """The listing's home market as notices name it: `NASDAQ.NMS`, `ARCA`, `CME` [recorded]."""
    home = listing.primary_exchange or listing.exchange
    return f"{home}.{listing.market_name}" if home == "NASDAQ" and listing.market_name else home


_WITH_MULTIPLIER = frozenset({Kind.OPTION, Kind.FUTURE, Kind.FUTURE_OPTION, Kind.CONTINUOUS_FUTURE})


def multiplier_text(listing: Listing) -> str:
    """IB leaves it empty where a unit is a unit."""
    return plain(listing.multiplier) if listing.kind in _WITH_MULTIPLIER else ""
