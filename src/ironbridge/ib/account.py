"""What the account holds, from IB's words into ours."""

from __future__ import annotations

from ib_async.contract import Contract as IbContract

from ironbridge.domain.account import AccountValue, Position
from ironbridge.errors import ProtocolError
from ironbridge.ib.contracts import instrument_of
from ironbridge.ib.numbers import optional_decimal, required_decimal


def value(account: str, name: str, text: str, currency: str) -> AccountValue:
    """One account value. IB's "not set" numbers become empty text (I-14)."""
    try:
        unset = bool(text) and optional_decimal(text) is None
    except ProtocolError:
        unset = False  # words, not a number: "INDIVIDUAL", "true"
    return AccountValue(account, name, "" if unset else text, currency)


def position(account: str, contract: IbContract, quantity: float, average_cost: float) -> Position:
    return Position(
        account=account,
        instrument=instrument_of(contract),
        quantity=required_decimal(quantity, "position"),
        average_cost=required_decimal(average_cost, "average cost"),
    )


def portfolio(
    account: str,
    contract: IbContract,
    quantity: float,
    price: float,
    market_value: float,
    average_cost: float,
    unrealized: float,
    realized: float,
) -> Position:
    return Position(
        account=account,
        instrument=instrument_of(contract),
        quantity=required_decimal(quantity, "position"),
        average_cost=required_decimal(average_cost, "average cost"),
        market_price=optional_decimal(price),
        market_value=optional_decimal(market_value),
        unrealized_pnl=optional_decimal(unrealized),
        realized_pnl=optional_decimal(realized),
    )
