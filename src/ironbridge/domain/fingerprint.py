"""One text for one content: what tells whether two orders ask for the same.

A request's fingerprint is kept with its key for good. So it never changes for content that could be asked for earlier:
the first fields are hashed as they always were, and what came later is added only where it is set. Numbers are written
in full and without trailing zeros, moments in UTC, so that the same content has one fingerprint however it is written.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from ironbridge.domain.links import UNLINKED
from ironbridge.domain.order_spec import OrderSpec
from ironbridge.domain.values import plain

if TYPE_CHECKING:
    from ironbridge.domain.order import OrderRequest

_FIRST = frozenset({
    "side", "quantity", "order_type", "limit_price", "stop_price", "time_in_force", "outside_hours",
})  # fmt: skip
"""The fields of a spec that the first version hashed."""
_LATER = tuple((field.name, field.default) for field in fields(OrderSpec) if field.name not in _FIRST)


def fingerprint_of(request: OrderRequest) -> str:
    """The fingerprint of a request's content."""
    i, s = request.instrument, request.spec
    first = (
        i.kind, i.con_id, i.exchange, s.side, plain(s.quantity), s.order_type,
        "" if s.limit_price is None else plain(s.limit_price),
        "" if s.stop_price is None else plain(s.stop_price),
        s.time_in_force, s.outside_hours, request.account, request.strategy,
    )  # fmt: skip
    digest = _digest("\x1f".join(str(part) for part in first))
    more = {name: canonical(getattr(s, name)) for name, default in _LATER if getattr(s, name) != default}
    if i.legs:
        more["legs"] = canonical(i.legs)
    if request.links != UNLINKED:
        more["links"] = canonical(request.links)
    # No content of the first version begins with a digest, so the two forms cannot be taken for one another.
    return _digest(f"{digest}\n{json.dumps(more, sort_keys=True)}") if more else digest


def canonical(value: Any) -> Any:
    """The value in JSON's types, the same for equal values."""
    match value:
        case Enum():
            return value.value
        case Decimal():
            return plain(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case tuple():
            return [canonical(each) for each in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {field.name: canonical(getattr(value, field.name)) for field in fields(value)}
        case _:
            return value


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
