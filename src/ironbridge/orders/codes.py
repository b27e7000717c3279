"""IB's codes about orders, as data: what each says of the order's fate (ORD-7).

A code does not end an order that IB has already taken, except where it is the end itself (201, 202). A code that
refuses an order ends it only while nothing has been heard of it. What the table does not know ends nothing: it is kept
with the order and logged (I-05). Codes and texts are from IB's "TWS API message codes"; the advisory ones beyond that
list are those that users saw on live orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """What a code says of the order it comes with."""

    ADVISORY = "advisory"
    """Information or a warning: the order goes on."""
    REFUSES = "refuses"
    """The order is refused, whatever it was before."""
    REFUSES_NEW = "refuses_new"
    """A new order is refused. Of one that IB has already taken, it says that some request about it was."""
    DOUBTFUL = "doubtful"
    """Refused as it was sent, and yet an order may live under its id: ask."""
    CANCELLED = "cancelled"
    CANCEL_REFUSED = "cancel_refused"
    """A cancel failed: ask how the order stands."""
    NOT_FOUND = "not_found"
    """IB knows no order under the id: ask."""
    UNRECOGNISED = "unrecognised"


@dataclass(frozen=True, slots=True)
class CodeRule:
    """What one code means, and what a person does about it."""

    code: int
    meaning: Meaning
    next_step: str = ""


CHECK = "Check the order against what IB allows for this instrument and account, then submit it under a new key."
PERMISSION = "Ask for the trading permission in IB's account management, then submit it under a new key."

_ADVISORY = (
    104,  # a filled order cannot be modified: it is filled
    165, 2100, 2101, 2102, 2103, 2104, 2105, 2106, 2107, 2108, 2109, 2110, 2119, 2137, 2148, 2150, 2157, 2158, 2161,
    399,  # "Order Message": such as "will not be placed at the exchange until ..."
    404,  # shares are being located for a short sale
    492,
    10089, 10167,
    10349,  # the time in force was set by a preset
)  # fmt: skip

_REFUSES_NEW: dict[int, str] = {
    **dict.fromkeys(
        (
            105, 106, 113, 117, 119, 120, 121, 122, 123, 125, 126, 129, 131, 132, 133, 140, 141, 144, 145, 146, 147,
            148, 151, 152, 153, 164, 168, 320, 322, 325, 328, 335, 362, 389, 407, 10005, 10244, 10318,
        ),
        CHECK,
    ),
    107: "Give every field that the order's type needs.",
    109: "The price is outside TWS's precautionary settings: change the price or the setting.",
    110: "Give a price on the instrument's tick.",
    111: "Choose a time in force that goes with the order type.",
    115: "Give a size that the instrument allows.",
    116: "Route the order to SMART or to one of the instrument's exchanges.",
    154: "The instrument is halted: submit the order under a new key when it trades again.",
    163: "The price is outside the percentage constraint of TWS's presets: change the price or the preset.",
    200: "IB does not know the instrument: resolve it again.",
    203: PERMISSION,
    321: "The text says which field IB does not take. If the API is in read-only mode, end that in TWS's API settings.",
    355: "Give a size that the instrument's market rule allows.",
    361: "Give a trigger price that IB allows.",
    387: "Choose an order type that the exchange takes for this instrument.",
    388: "Give at least the instrument's minimum size.",
    391: "Choose another time in force.",
    403: "Give a stop price that IB allows.",
    413: "A what-if order must be transmitted.",
    434: "Give a size above zero.",
    435: "Name an account of this login.",
    436: "Name the account that the order is for.",
    460: PERMISSION,
    10006: "IB does not know the parent order.",
    10052: "Choose another time in force.",
    10243: "This instrument takes no fractional size over the API.",
    10247: "This order takes no cash quantity.",
    10255: "Leave out the attribute that IB's text names.",
    10268: "Leave out the attributes EtradeOnly and FirmQuoteOnly.",
}  # fmt: skip

TABLE: Mapping[int, CodeRule] = {
    rule.code: rule
    for rule in (
        *(CodeRule(code, Meaning.ADVISORY) for code in _ADVISORY),
        *(CodeRule(code, Meaning.REFUSES_NEW, step) for code, step in _REFUSES_NEW.items()),
        CodeRule(103, Meaning.DOUBTFUL, "Another program uses this client id: give each its own."),
        CodeRule(135, Meaning.NOT_FOUND),
        CodeRule(136, Meaning.CANCEL_REFUSED),
        CodeRule(161, Meaning.CANCEL_REFUSED),
        CodeRule(201, Meaning.REFUSES, "IB's text says why; put that right and submit the order under a new key."),
        CodeRule(202, Meaning.CANCELLED),
        CodeRule(10147, Meaning.NOT_FOUND),
        CodeRule(10148, Meaning.CANCEL_REFUSED),
    )
}


class Codes:
    """The table, with rules of the owner's own before it.

    Parameters:
        overrides: rules that count before the table's, by code.
    """

    def __init__(self, overrides: Mapping[int, CodeRule] | None = None) -> None:
        self._overrides = dict(overrides or {})

    def __getitem__(self, code: int) -> CodeRule:
        rule = self._overrides.get(code) or TABLE.get(code)
        return rule or CodeRule(code, Meaning.UNRECOGNISED, "This code is not known to Ironbridge; see IB's documents.")
