"""The terms of an order as people type them, as the fields of a request: ``--trail 2%``, ``--when "SPY price > 680"``.

Nothing is judged here but how it is written; what goes with what, the service says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ironbridge.errors import InvalidOrder

_COMPARED = re.compile(
    r"^\s*(?:(?P<symbol>\S+)\s+)?(?P<kind>price|volume|change)\s*(?P<sign>[<>])=?\s*(?P<value>\S+)\s*$"
)
_CUSHION = re.compile(r"^\s*margin\s*(?P<sign>[<>])=?\s*(?P<value>\S+?)\s*%?\s*$")
_TIME = re.compile(r"^\s*time\s*(?P<sign>[<>])=?\s*(?P<moment>\S+)\s*$")
_FILLED = re.compile(r"^\s*(?P<symbol>\S+)\s+filled\s*$")
_FORMS = (
    'Write "SPY price >= 680", "price <= 200" (of what is ordered), "SPY volume >= 1000000", "SPY change <= -3" '
    '(per cent), "time >= 2026-12-01T15:00:00Z", "margin <= 30" (per cent) or "SPY filled".'
)


def trail_of(text: str | None) -> dict[str, str]:
    """The distance of a trailing stop: an amount, or with a sign per cent."""
    if text is None:
        return {}
    if text.rstrip().endswith("%"):
        return {"trail_percent": text.rstrip().removesuffix("%").strip()}
    return {"trail_amount": text}


def algorithm_of(text: str | None) -> dict[str, Any]:
    """An algorithm: its name, then its parameters: ``Adaptive:adaptivePriority=Urgent``, several with commas."""
    if text is None:
        return {}
    name, _, rest = text.partition(":")
    parameters = {}
    for part in filter(None, (part.strip() for part in rest.split(","))):
        tag, named, value = part.partition("=")
        if not named:
            raise InvalidOrder(
                f"{part!r} is no parameter of {name}.",
                next_step="Write it like Adaptive:adaptivePriority=Urgent, several with commas between them.",
                field="algorithm",
            )
        parameters[tag.strip()] = value.strip()
    return {"algorithm": {"name": name.strip(), "parameters": parameters}}


def conditions_of(
    symbol: str, together: Sequence[str], alone: Sequence[str], *, cancel: bool, outside_hours: bool
) -> dict[str, Any]:
    """Conditions: those that hold together, and those that are each enough.

    Parameters:
        symbol: what is ordered, for conditions that name nothing else.
        together, alone: as they were typed.
        cancel: whether they cancel the order.
        outside_hours: whether they are looked at outside the regular session too.

    Raises:
        InvalidOrder: one that is none.
    """
    if not together and not alone:
        return {}
    first, rest = (together, alone) if together else (alone[:1], alone[1:])
    return {
        "conditions": {
            "together": [_condition(text, symbol) for text in first],
            "alone": [_condition(text, symbol) for text in rest],
            "cancel": cancel,
            "outside_hours": outside_hours,
        }
    }


def _condition(text: str, symbol: str) -> dict[str, Any]:
    if match := _COMPARED.match(text):
        return {
            "kind": match["kind"],
            "symbol": match["symbol"] or symbol,
            "above": match["sign"] == ">",
            "value": match["value"].removesuffix("%"),
        }
    if match := _CUSHION.match(text):
        return {"kind": "margin", "above": match["sign"] == ">", "value": match["value"]}
    if match := _TIME.match(text):
        return {"kind": "time", "above": match["sign"] == ">", "moment": match["moment"]}
    if match := _FILLED.match(text):
        return {"kind": "execution", "symbol": match["symbol"]}
    raise InvalidOrder(f"{text!r} is no condition.", next_step=_FORMS, field="conditions")
