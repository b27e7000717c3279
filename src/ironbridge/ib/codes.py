"""What IB's error codes mean for the request that they came for; `domain.code_table` is the table (ORD-7).

An error message carries an id and a code. The id says what it is about: a request of ours, an order, or (-1) the
session. For a request the table says whether the code ends it. What the table does not know ends nothing: it is passed
on as a notice, and the request lives until its answer or its time-out (I-05 is what guessing costs).

Whether a code ends an *order* is not decided in this package at all: order errors go on as notices, in wire order.
"""

from __future__ import annotations

from ironbridge.domain.code_table import TABLE, WITH_AN_ID, rule_of
from ironbridge.domain.codes import Effect, Purpose

__all__ = ["REFUSED_BY_ALL", "SESSION", "Effect", "Purpose", "effect", "order_id_of"]

REFUSED_BY_ALL = frozenset(code for code, rule in TABLE.items() if rule.refuses == WITH_AN_ID)
"""The request could not be read, validated or processed, or the API version or a right is missing."""

SESSION = frozenset(code for code, rule in TABLE.items() if rule.of_session)
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
    return rule_of(code).effect(purpose)


def order_id_of(message_id: int, code: int) -> int | None:
    """The order that an error message is about, or None where it is about the session."""
    return None if code in SESSION or message_id in NO_ID else message_id
