"""What IB's error codes mean for the thing they came for. Codes are data here, never branches elsewhere (ORD-7).

An error message carries an id and a code. The id says what it is about: a request of ours, an order, or (-1) the
session. For a request this table says whether the code ends it. What the table does not know ends nothing: it is passed
on as a notice, and the request lives until its answer or its time-out (I-05 is what guessing costs).

Whether a code ends an *order* is not decided in this package at all: order errors go on as notices, in wire order.
Source: IB's "Message Codes" page, and the codes that a real Gateway was seen to send.
"""

from __future__ import annotations

from enum import Enum, auto


class Purpose(Enum):
    """What a request is for: one code means different things to different requests."""

    CONTRACTS = auto()
    EXECUTIONS = auto()
    VALUES = auto()
    """The values of an account."""
    LINE = auto()
    """A market-data line."""
    WHAT_IF = auto()
    """A question that is sent as an order and is none, with an order's id."""
    LIST = auto()
    """A request without an id: open orders, completed orders, positions, account, time, market rule."""


class Effect(Enum):
    NOTICE = auto()
    """Something was said; the request goes on."""
    NOTHING = auto()
    """The request is answered: there is nothing of the kind."""
    REFUSED = auto()
    """The request is over, refused."""


REFUSED_BY_ALL = frozenset({320, 321, 322, 10276, 10285})
"""The request could not be read, validated or processed; 10276 and 10285 are refusals of the API version or right."""

REFUSED: dict[Purpose, frozenset[int]] = {
    Purpose.CONTRACTS: frozenset({203, 10268}),
    Purpose.EXECUTIONS: frozenset(),
    Purpose.VALUES: frozenset(),
    Purpose.LINE: frozenset(
        {
            101,  # the line budget is used up
            102,  # duplicate ticker id
            200,  # no such contract
            203,  # not allowed for this account
            300,  # the line is gone on IB's side
            354,  # not subscribed
            10089,  # API needs a further subscription
            10168,  # not subscribed, delayed not enabled
            10186,  # not subscribed, delayed not enabled (another wording)
        }
    ),
    Purpose.WHAT_IF: frozenset(
        {
            103,
            104,
            105,
            106,
            107,
            109,
            110,
            111,
            113,
            115,
            116,
            125,
            152,
            163,
            200,
            201,
            203,
            325,
            328,
            335,
            355,
            361,
            387,
            388,
            391,
            403,
            413,
            434,
            435,
            436,
            460,
            10005,
            10006,
            10052,
            10147,
            10243,
            10244,
            10247,
            10255,
            10268,
            10318,
        }
    ),  # an order that is no order is refused by what refuses an order
    Purpose.LIST: frozenset(),
}

NOTHING: dict[Purpose, frozenset[int]] = {Purpose.CONTRACTS: frozenset({200})}
"""200 to a contract request is its answer; no End follows it (seen on a real Gateway)."""

SESSION = frozenset(
    {
        100, 1100, 1101, 1102, 1300, 326, 327, 502, 503, 504, 505, 507, 508, 509,
        2103, 2104, 2105, 2106, 2107, 2108, 2110, 2119, 2150, 2157, 2158,
    }
)  # fmt: skip
"""Codes that speak of the session whatever id they carry."""

PACE_VIOLATED = 100
CLIENT_ID_IN_USE = 326
UNKNOWN_MESSAGE = 505
"""The official client's own codes for what it could not read; we say the same with them."""
BAD_LENGTH = 507
BAD_MESSAGE = 508
BAD_TICK = 509
"""As 508, of market data: nothing about orders or the account was lost. Free in the official client's list."""

MARKET_DATA = frozenset({1, 2, 12, 13, 21, 45, 46, 47, 57, 58, 81, 84, 99})
"""Ids of messages that carry market data alone."""

NO_ID = frozenset({-1, 0, 2**31 - 1})
"""Ids that mean "about no request and no order"."""


def effect(purpose: Purpose, code: int) -> Effect:
    """What `code` does to a request of this purpose."""
    if code in NOTHING.get(purpose, ()):
        return Effect.NOTHING
    if code in REFUSED[purpose] or (purpose is not Purpose.LIST and code in REFUSED_BY_ALL):
        return Effect.REFUSED
    return Effect.NOTICE


def order_id_of(message_id: int, code: int) -> int | None:
    """The order that an error message is about, or None where it is about the session."""
    return None if code in SESSION or message_id in NO_ID else message_id
