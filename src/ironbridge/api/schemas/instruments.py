"""Instruments and contracts, in JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ironbridge.api.schemas.values import Amount, KindName, Moment, Sent


class InstrumentView(Sent):
    """One tradable thing."""

    name: str = Field(description="For people.", examples=["AAPL"])
    text: str = Field(description="What to write as a symbol to mean exactly this.", examples=["AAPL"])
    kind: KindName
    symbol: str
    exchange: str
    currency: str
    primary_exchange: str
    expiry: str
    strike: Amount | None
    right: Literal["C", "P"] | None
    multiplier: Amount | None
    trading_class: str
    local_symbol: str
    con_id: int = Field(description="IB's identity of the contract; 0 while it is not resolved.")


class Increment(Sent):
    """From `low_edge` upward, prices move in steps of `increment`."""

    low_edge: Amount
    increment: Amount


class ContractView(Sent):
    """An instrument as the broker has resolved it."""

    symbol: str = Field(description="The text that was asked for.")
    instrument: InstrumentView
    long_name: str
    min_tick: Amount
    increments: list[Increment]
    size_increment: Amount
    min_size: Amount
    multiplier: Amount
    order_types: list[str]
    valid_exchanges: list[str]
    time_zone: str
    trading_hours: str
    liquid_hours: str
    resolved_at: Moment
