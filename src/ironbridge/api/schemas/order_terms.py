"""The terms of an order, in JSON: type, prices, time and all that may be added; and the tables that say what goes.

Which fields go with which order type is served by `GET /order-types`, from the tables that the service judges by.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ironbridge.api.schemas.values import (
    Amount,
    AmountIn,
    Moment,
    MomentIn,
    OrderTypeName,
    Received,
    Sent,
    SymbolText,
    TimeInForceName,
)

ConditionName = Literal["price", "time", "margin", "execution", "volume", "change"]
MethodName = Literal["default", "double_bid_ask", "last", "double_last", "bid_ask", "last_or_bid_ask", "midpoint"]
_Units = Annotated[int, Field(ge=1, le=2**31 - 2)]
_Text = Annotated[str, Field(max_length=100)]


class ConditionIn(Received):
    """One thing to look at."""

    kind: ConditionName
    symbol: SymbolText | None = Field(default=None, description="Whose price, volume, change or fill; resolved here.")
    above: bool = Field(default=True, description="At and above the value, or after the moment; else below, or before.")
    value: AmountIn | None = Field(
        default=None, description="A price, a volume in units, a change or a margin cushion in per cent."
    )
    moment: MomentIn | None = Field(default=None, description="Of a time condition.")
    method: MethodName = Field(default="default", description="Which price counts.")


class ConditionsIn(Received):
    """All of `together` hold, or any one of `alone`."""

    together: list[ConditionIn] = Field(min_length=1, max_length=20)
    alone: list[ConditionIn] = Field(default=[], max_length=20)
    cancel: bool = Field(default=False, description="They cancel the order instead of sending it on.")
    outside_hours: bool = Field(default=False, description="They are looked at outside the regular session too.")


class AlgorithmIn(Received):
    """An algorithm of IB's that works the order."""

    name: str = Field(max_length=40, examples=["Adaptive"])
    parameters: dict[_Text, _Text] = Field(default={}, max_length=40, examples=[{"adaptivePriority": "Normal"}])


class ScaleIn(Received):
    """How the order is split into levels."""

    initial_size: _Units = Field(description="Units of the first level.")
    increment: AmountIn = Field(description="How far each level lies beyond the one before, in price.")
    next_size: _Units | None = Field(default=None, description="Units of each further level; else the first's.")
    profit_offset: AmountIn | None = Field(default=None, description="Each filled part is closed this far in profit.")
    auto_reset: bool = Field(default=False, description="What was closed goes back into the order.")
    adjust_by: AmountIn | None = Field(default=None, description="By how much the starting price moves.")
    adjust_seconds: _Units | None = Field(default=None, description="Every how many seconds it moves.")
    initial_position: int | None = None
    initial_fill: int | None = None
    random_size: bool = False


class OrderTerms(Received):
    """How an order finds its price, how long it stands, and what else goes with it."""

    order_type: OrderTypeName | None = Field(
        default=None,
        description="Left out: follows from the prices given (none: MKT; limit: LMT; stop: STP; both: STP LMT; "
        "a trail: TRAIL, with a limit offset TRAIL LIMIT).",
    )
    limit_price: AmountIn | None = Field(default=None, description="Worst price; the cap of a pegged order.")
    stop_price: AmountIn | None = Field(
        default=None, description="Price that sets the order off; where a trailing stop starts."
    )
    trail_amount: AmountIn | None = Field(default=None, description="Distance of a trailing stop, in price.")
    trail_percent: AmountIn | None = Field(default=None, description="Distance of a trailing stop, in per cent.")
    limit_offset: AmountIn | None = Field(
        default=None, description="How far beyond its stop a trailing stop limit may trade, in price."
    )
    offset: AmountIn | None = Field(default=None, description="How far from its reference a pegged order stands.")
    time_in_force: TimeInForceName | None = Field(
        default=None, description="Left out: DAY, or GTD where `good_till` is given."
    )
    good_till: MomentIn | None = Field(default=None, description="Until when a GTD order stands.")
    good_after: MomentIn | None = Field(default=None, description="When the order begins to work.")
    outside_hours: bool = Field(default=False, description="May trade outside the regular session.")
    conditions: ConditionsIn | None = None
    algorithm: AlgorithmIn | None = None
    scaling: ScaleIn | None = None
    display_size: _Units | None = Field(default=None, description="How many units the book shows (iceberg).")
    min_quantity: _Units | None = Field(default=None, description="The fewest units that one fill may be.")
    all_or_none: bool = False
    hidden: bool = False
    trigger_method: MethodName = Field(default="default", description="Which price sets the order off.")
    discretionary_amount: AmountIn | None = Field(
        default=None, description="How much worse than its limit it may trade, unseen, in price."
    )
    guaranteed: bool = Field(default=True, description="Of a combination: its legs fill together.")


class ConditionView(Sent):
    kind: ConditionName
    above: bool
    value: Amount | None
    moment: Moment | None
    con_id: int = Field(description="IB's identity of the market that is looked at; 0 where none is.")
    exchange: str
    symbol: str
    security: str
    method: MethodName


class ConditionsView(Sent):
    together: list[ConditionView]
    alone: list[ConditionView]
    cancel: bool
    outside_hours: bool


class AlgorithmView(Sent):
    name: str
    parameters: dict[str, str]


class ScaleView(Sent):
    initial_size: int
    increment: Amount
    next_size: int | None
    profit_offset: Amount | None
    auto_reset: bool
    adjust_by: Amount | None
    adjust_seconds: int | None
    initial_position: int | None
    initial_fill: int | None
    random_size: bool


class TermsView(Sent):
    """The terms of an order as it stands."""

    order_type: OrderTypeName
    limit_price: Amount | None
    stop_price: Amount | None
    trail_amount: Amount | None
    trail_percent: Amount | None
    limit_offset: Amount | None
    offset: Amount | None
    time_in_force: TimeInForceName
    good_till: Moment | None
    good_after: Moment | None
    outside_hours: bool
    cash_quantity: Amount | None
    conditions: ConditionsView | None
    algorithm: AlgorithmView | None
    scaling: ScaleView | None
    display_size: int | None
    min_quantity: int | None
    all_or_none: bool
    hidden: bool
    trigger_method: MethodName
    discretionary_amount: Amount | None
    guaranteed: bool
    terms: str = Field(description="All of it in one line for people.", examples=["LMT 227.35 GTC"])


class TypeRow(Sent):
    """One order type and what it takes."""

    order_type: OrderTypeName
    title: str
    prices: dict[str, Literal["required", "optional", "one_of"]] = Field(
        description="The price fields that it has; `one_of`: exactly one of those. Any other must be left out."
    )
    times: list[TimeInForceName] = Field(description="How long it may stand.")
    listed_as: list[str] = Field(description="What contracts call it in their `order_types`.")
    fractions: bool = Field(description="Whether it trades fractions of a share.")


class AttributeRow(Sent):
    """One thing that may be added to an order."""

    field: str
    title: str
    types: list[OrderTypeName] = Field(description="The order types that take it.")
    not_with: list[str] = Field(description="Fields that it does not go with.")
    not_while: list[TimeInForceName] = Field(description="Times in force that it does not go with.")
    listed_as: str | None = Field(description="What contracts call it in their `order_types`; null: they do not say.")


class ParameterRow(Sent):
    tag: str
    form: Literal["number", "whole", "moment", "choice", "flag"]
    required: bool
    lowest: Amount | None
    highest: Amount | None
    choices: list[str]


class AlgorithmRow(Sent):
    name: str
    parameters: list[ParameterRow]


class TimeRow(Sent):
    time_in_force: TimeInForceName
    listed_as: str | None = Field(description="What contracts call it in their `order_types`; null: they do not say.")


class OrderTypesView(Sent):
    """What orders may be: the tables that the service judges by."""

    types: list[TypeRow]
    times: list[TimeRow]
    attributes: list[AttributeRow]
    algorithms: list[AlgorithmRow]
    trigger_methods: list[MethodName]
