"""What is to be traded: the order as it is asked for, and the order that may be sent.

Three types, one after the other, so that no step can be left out: `OrderSpec` (its own module, `order_spec`) is the
shape that a strategy writes (``buy(10).limit("227.35")``), `OrderRequest` ties it to an instrument, an account and a
key, `RiskApproved` is a request that has passed the gate. The broker takes nothing but the last.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from ironbridge.domain.fingerprint import fingerprint_of
from ironbridge.domain.instrument import Instrument, Kind
from ironbridge.domain.links import UNLINKED, Links
from ironbridge.domain.order_spec import OrderSpec, buy, sell
from ironbridge.domain.order_types import NEEDS_LIMIT, NEEDS_STOP, OrderType, TimeInForce
from ironbridge.errors import InvalidOrder

__all__ = [
    "KEY_LENGTH",
    "NEEDS_LIMIT",
    "NEEDS_STOP",
    "OrderRequest",
    "OrderSpec",
    "OrderType",
    "RiskApproved",
    "TimeInForce",
    "buy",
    "check_key",
    "order_ref",
    "sell",
]


KEY_LENGTH = 200
"""Longest key, in characters: room for any UUID, URL or composed name, small enough to index."""

_KEY = re.compile(rf"^[\x20-\x7e]{{1,{KEY_LENGTH}}}\Z")
_REF = re.compile(r"^[A-Za-z0-9._:-]{1,32}\Z")


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order as it is asked for. Its key makes it one order however often it is asked for (ORD-2).

    Parameters:
        key: the caller's name for this order, 1 to 200 printable ASCII characters.
        instrument: what to trade, resolved (`con_id` known).
        spec: the shape of the order.
        account: the account it is for.
        strategy: who asks, for limits and the audit; free text.
        links: the group that it belongs to, and its parent.

    Raises:
        InvalidOrder: a key that is empty or too long, or an instrument that cannot be ordered.
    """

    key: str
    instrument: Instrument
    spec: OrderSpec
    account: str
    strategy: str = ""
    links: Links = UNLINKED

    def __post_init__(self) -> None:
        check_key(self.key)
        if self.instrument.kind is Kind.INDEX:
            raise InvalidOrder(
                f"{self.instrument} is an index and cannot be ordered.",
                next_step="Order a future, option or fund on it.",
            )

    @property
    def fingerprint(self) -> str:
        """Hash of the content: the same key with another fingerprint is a conflict."""
        return fingerprint_of(self)

    @property
    def ref(self) -> str:
        """What the order carries at IB as its orderRef, made from the key alone.

        Open orders, completed orders and executions bring it back, so that an order can be told from any other even
        where its id is not known. A key of up to 32 plain characters is its own ref, so that people see it in TWS.
        """
        return order_ref(self.key)


def check_key(key: str) -> str:
    """The key, if it can be one.

    Raises:
        InvalidOrder: it is empty, too long or not printable ASCII.
    """
    if not _KEY.match(str(key)):
        raise InvalidOrder(
            f"{key!r:.60} is not an order key.",
            next_step=f"Give 1 to {KEY_LENGTH} printable ASCII characters.",
        )
    return key


def order_ref(key: str) -> str:
    """The orderRef that stands for a key; see `OrderRequest.ref`."""
    return key if _REF.match(key) else "#" + hashlib.sha256(key.encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class RiskApproved:
    """A request that has passed the gate. Only `ironbridge.risk.gate` makes one (tests/arch holds it to that).

    Parameters:
        request: the request that was checked.
        checks: the names of the limits it passed.
        at: when.
    """

    request: OrderRequest
    checks: tuple[str, ...]
    at: datetime
