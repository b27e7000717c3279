"""Times as the protocol writes them, both ways.

The gateway has one zone of its own, as a real one has its machine's; what a client sends without a zone is meant in it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ZONE_NAME = "US/Eastern"
"""The zone that recorded gateways of US accounts write."""
ZONE = ZoneInfo("America/New_York")

ZONED_TIMES = 174
"""From this version on times carry their zone."""

_MOMENT = re.compile(r"(\d{8})(?:[ -]{1,2}(\d{2}:\d{2}(?::\d{2})?))?(?: ([A-Za-z_/+\-0-9]+))?", re.ASCII)
_ALIASES = {"EST": "America/New_York", "EDT": "America/New_York", "CST": "America/Chicago", "GMT": "UTC", "UTC": "UTC"}


def text_of(moment: datetime, version: int) -> str:
    """`20260413 15:27:04 US/Eastern`, or before version 174 `20260413  15:27:04`."""
    local = moment.astimezone(ZONE)
    if version >= ZONED_TIMES:
        return f"{local:%Y%m%d %H:%M:%S} {ZONE_NAME}"
    return f"{local:%Y%m%d  %H:%M:%S}"


def order_time_text(moment: datetime) -> str:
    """As notices to people write it: `2026-08-25 09:30:00 US/Eastern`."""
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M:%S} {ZONE_NAME}"


def parse_moment(text: str) -> datetime:
    """The instant that a client means by `yyyymmdd-hh:mm:ss` (UTC) or `yyyymmdd hh:mm:ss [zone]`.

    Raises:
        ValueError: it is no such time, or names no known zone.
    """
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    day, clock, zone = match[1], match[2] or "00:00:00", match[3]
    if len(clock) == len("00:00"):
        clock += ":00"
    moment = datetime.strptime(f"{day} {clock}", "%Y%m%d %H:%M:%S")  # noqa: DTZ007  the zone is put on below
    if "-" in text[8:9]:
        return moment.replace(tzinfo=UTC)
    if not zone:
        return moment.replace(tzinfo=ZONE).astimezone(UTC)
    try:
        return moment.replace(tzinfo=ZoneInfo(_ALIASES.get(zone, zone))).astimezone(UTC)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(text) from None
