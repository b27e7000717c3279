"""`Contract`, IB's own bundle of ways to name an instrument, and the orders in which messages lay it out.

Kept in IB's words and spellings. Which of the names are filled, and whether they name one instrument, is not
decided here.
"""

from __future__ import annotations

from dataclasses import dataclass

from ironbridge.wire.fields import BOOL, DECIMAL_OPT, INT_ZERO, REAL_OPT, TEXT
from ironbridge.wire.layout import Optional, Step, many, of, struct, when
from ironbridge.wire.values import Money, Real, TagValue, Whole


@dataclass(frozen=True, slots=True)
class ComboLeg:
    con_id: int = 0
    ratio: int = 0
    action: str = ""
    exchange: str = ""
    open_close: Whole = None
    short_sale_slot: Whole = None
    designated_location: str = ""
    exempt_code: Whole = None


@dataclass(frozen=True, slots=True)
class DeltaNeutralContract:
    con_id: int
    delta: Real = None
    price: Real = None


@dataclass(frozen=True, slots=True)
class Contract:
    """An instrument in IB's words. `con_id` 0 means that it is named by the other fields."""

    con_id: int = 0
    symbol: str = ""
    sec_type: str = ""
    last_trade_date_or_contract_month: str = ""
    strike: Money = None
    right: str = ""
    multiplier: str = ""
    exchange: str = ""
    primary_exchange: str = ""
    currency: str = ""
    local_symbol: str = ""
    trading_class: str = ""
    include_expired: bool = False
    sec_id_type: str = ""
    sec_id: str = ""
    description: str = ""
    issuer_id: str = ""
    combo_legs_descrip: str = ""
    combo_legs: tuple[ComboLeg, ...] = ()
    delta_neutral_contract: DeltaNeutralContract | None = None


IN_CONTRACT = {"contract": Contract}

CONTRACT_12: tuple[Step, ...] = of(
    "contract",
    con_id=INT_ZERO,
    symbol=TEXT,
    sec_type=TEXT,
    last_trade_date_or_contract_month=TEXT,
    strike=DECIMAL_OPT,
    right=TEXT,
    multiplier=TEXT,
    exchange=TEXT,
    primary_exchange=TEXT,
    currency=TEXT,
    local_symbol=TEXT,
    trading_class=TEXT,
)
"""As requests name a contract."""

CONTRACT_11: tuple[Step, ...] = of(
    "contract",
    con_id=INT_ZERO,
    symbol=TEXT,
    sec_type=TEXT,
    last_trade_date_or_contract_month=TEXT,
    strike=DECIMAL_OPT,
    right=TEXT,
    multiplier=TEXT,
    exchange=TEXT,
    currency=TEXT,
    local_symbol=TEXT,
    trading_class=TEXT,
)
"""As most answers do: the same without the primary exchange."""

INCLUDE_EXPIRED: tuple[Step, ...] = of("contract", include_expired=BOOL)


def is_bag(sec_type: str) -> bool:
    return sec_type == "BAG"


DATA_LEG = struct(ComboLeg, con_id=INT_ZERO, ratio=INT_ZERO, action=TEXT, exchange=TEXT)
DATA_LEGS = when("contract.sec_type", is_bag, *of("contract", combo_legs=many(DATA_LEG)))
"""The legs as requests for data name them: four fields each, and only for a combo."""

DELTA_NEUTRAL_FIELDS = struct(DeltaNeutralContract, con_id=INT_ZERO, delta=REAL_OPT, price=REAL_OPT)
DELTA_NEUTRAL = Optional(DELTA_NEUTRAL_FIELDS)

TAG_VALUE = struct(TagValue, tag=TEXT, value=TEXT)
