"""What a client may ask of the venue.

`OrderTerms` says everything about an order but who asks; `PlaceOrder` adds the asker. To modify is to give the whole
terms again, as TWS clients do. Amounts are Decimal, times aware UTC. Prices and quantities are judged by the venue,
not here: a command is what somebody wants, and may be nonsense.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum

from ironbridge.domain.values import Side


class OrderKind(StrEnum):
    """How an order finds its price; the values are IB's names."""

    MARKET = "MKT"
    LIMIT = "LMT"
    STOP = "STP"
    STOP_LIMIT = "STP LMT"
    TRAIL = "TRAIL"
    TRAIL_LIMIT = "TRAIL LIMIT"
    MARKET_IF_TOUCHED = "MIT"
    LIMIT_IF_TOUCHED = "LIT"
    MARKET_TO_LIMIT = "MTL"
    MARKET_ON_CLOSE = "MOC"
    LIMIT_ON_CLOSE = "LOC"
    MARKET_ON_OPEN = "MOO"
    LIMIT_ON_OPEN = "LOO"
    RELATIVE = "REL"
    PEG_MIDPOINT = "PEG MID"
    MIDPRICE = "MIDPRICE"


class TimeInForce(StrEnum):
    DAY = "DAY"
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GTD = "GTD"
    OPG = "OPG"


class OcaType(IntEnum):
    """What a fill does to the other orders of its one-cancels-all group; the values are IB's."""

    NONE = 0
    CANCEL_WITH_BLOCK = 1
    REDUCE_WITH_BLOCK = 2
    REDUCE_WITHOUT_BLOCK = 3


@dataclass(frozen=True, slots=True)
class ComboLeg:
    """One leg of a combination: `ratio` units of the listing per unit of the order, on `side` when the order buys."""

    con_id: int
    ratio: int
    side: Side
    exchange: str = "SMART"


class ConditionKind(IntEnum):
    """The values are IB's condition types."""

    PRICE = 1
    TIME = 3
    MARGIN = 4
    EXECUTION = 5
    VOLUME = 6
    PERCENT_CHANGE = 7


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition that an order waits for.

    Parameters:
        kind: what is looked at.
        above: true when the value must be at or above `value` (or the time past), false for at or below.
        joined_by_and: how it combines with the next condition.
        con_id: the listing whose price, volume or change is looked at.
        value: price, cushion per cent, volume or per cent change.
        time: the instant of a TIME condition.
        symbol: the symbol of an EXECUTION condition.
    """

    kind: ConditionKind
    above: bool = True
    joined_by_and: bool = True
    con_id: int = 0
    value: Decimal | None = None
    time: datetime | None = None
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """One account's part of an order that is placed for several."""

    account: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """An order without its sender.

    Parameters:
        account: whose money it is.
        con_id: the listing; 0 when `legs` says what is traded.
        side: buy or sell (a sale beyond the position is a short sale).
        quantity: units or contracts; 0 when `cash_quantity` says how much.
        kind: how the price is found.
        limit_price: the worst price that may be paid; the cap of MIDPRICE, REL and PEG MID.
        stop_price: the trigger of STP, STP LMT, MIT, LIT; the starting stop of TRAIL and TRAIL LIMIT.
        trail_amount: distance of TRAIL, in price.
        trail_percent: distance of TRAIL in per cent, instead of an amount.
        limit_offset: for TRAIL LIMIT, how far the limit lies beyond the stop.
        offset: for REL and PEG MID, how far from the reference, in price.
        tif: how long it lives.
        good_after: not before this instant.
        good_till: for GTD, until this instant.
        outside_hours: whether it may fill outside liquid hours (matters when the venue keeps real sessions).
        parent: perm id of the order whose fill activates this one.
        oca_group: name of the one-cancels-all group, empty for none.
        oca_type: what a fill does to the group.
        conditions: to be met before the order works, or, with `conditions_cancel`, to cancel it.
        conditions_cancel: whether the conditions cancel instead of release.
        conditions_outside_hours: whether conditions are looked at outside liquid hours.
        cash_quantity: amount of money to trade for, instead of a quantity.
        all_or_none: fill completely or not at all.
        min_quantity: the least that one fill may be.
        display_size: what the book shows of it; None shows all, 0 nothing.
        legs: the legs of a combination; prices are then of one unit of the combination.
        note: the owner's reference, kept and echoed.
        shares: whose money it is, where it is that of several accounts; they add up to the quantity. `account` is then
            who places it.
    """

    account: str
    con_id: int
    side: Side
    quantity: Decimal
    kind: OrderKind = OrderKind.MARKET
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_amount: Decimal | None = None
    trail_percent: Decimal | None = None
    limit_offset: Decimal | None = None
    offset: Decimal | None = None
    tif: TimeInForce = TimeInForce.DAY
    good_after: datetime | None = None
    good_till: datetime | None = None
    outside_hours: bool = False
    parent: int = 0
    oca_group: str = ""
    oca_type: OcaType = OcaType.NONE
    conditions: tuple[Condition, ...] = ()
    conditions_cancel: bool = False
    conditions_outside_hours: bool = False
    cash_quantity: Decimal | None = None
    all_or_none: bool = False
    min_quantity: Decimal | None = None
    display_size: Decimal | None = None
    legs: tuple[ComboLeg, ...] = ()
    note: str = ""
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """`client` and `order_id` name the sender and its own number; the venue echoes them and gives a perm id."""

    client: int
    order_id: int
    terms: OrderTerms


@dataclass(frozen=True, slots=True)
class ModifyOrder:
    perm_id: int
    terms: OrderTerms


@dataclass(frozen=True, slots=True)
class CancelOrder:
    perm_id: int


@dataclass(frozen=True, slots=True)
class CancelAll:
    """Cancels every working order, or those of one account."""

    account: str = ""


@dataclass(frozen=True, slots=True)
class ExerciseOption:
    """Exercises long options, or with `lapse` lets them expire without automatic exercise."""

    account: str
    con_id: int
    quantity: Decimal
    lapse: bool = False


@dataclass(frozen=True, slots=True)
class CorrectFill:
    """Books an execution of the day anew, as if it had been of another quantity or price.

    Parameters:
        execution_id: as it is known so far.
        number: as it is known from now on.
        quantity: 0 for one that never was.
    """

    execution_id: str
    number: str
    quantity: Decimal
    price: Decimal


Command = PlaceOrder | ModifyOrder | CancelOrder | CancelAll | ExerciseOption | CorrectFill
