"""Moments of orders as IB writes them, both ways.

To IB in UTC, by its own form for that: ``20261201-20:00:00``. From IB in that form or with a zone, by the names that
gateways use. A moment without a zone is in the zone of the gateway's machine, which nobody tells us: it is not read.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_UTC_FORM = re.compile(r"\d{8}-\d{2}:\d{2}:\d{2}")
_ZONED = re.compile(r"(\d{8}) {1,2}(\d{2}:\d{2}(?::\d{2})?) ([A-Za-z][A-Za-z0-9_/+-]*)")
_NAMES = {"EST": "America/New_York", "EDT": "America/New_York", "CST": "America/Chicago", "GMT": "UTC", "UTC": "UTC"}
"""Abbreviations of gateways that the zone database does not have, or has otherwise."""


def text_of(moment: datetime | None) -> str:
    """The moment for IB, empty where there is none."""
    return "" if moment is None else f"{moment.astimezone(UTC):%Y%m%d-%H:%M:%S}"


def moment_of(text: str) -> datetime | None:
    """The moment that IB means, None for an empty text.

    Raises:
        ValueError: it is of no form, or in no zone that is known.
    """
    if not text:
        return None
    if _UTC_FORM.fullmatch(text):
        return datetime.strptime(text, "%Y%m%d-%H:%M:%S").replace(tzinfo=UTC)
    match = _ZONED.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no moment with a zone")
    day, clock, zone = match.groups()
    clock += ":00" if len(clock) == len("00:00") else ""
    try:
        where = ZoneInfo(_NAMES.get(zone, zone))
    except (KeyError, OSError) as error:
        raise ValueError(f"{zone!r} is no zone that is known") from error
    return datetime.strptime(f"{day} {clock}", "%Y%m%d %H:%M:%S").replace(tzinfo=where).astimezone(UTC)
