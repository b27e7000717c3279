"""Whether a contract's market is open, as far as its own trading hours tell (I-07).

IB sends hours for the next days only, and a contract is kept for longer: outside what they describe the answer is
"unknown", never "closed".
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ironbridge.domain.instrument import Contract

_SESSION = re.compile(r"(\d{8}):(\d{4})-(\d{8}):(\d{4})")
_CLOSED = re.compile(r"(\d{8}):CLOSED")


def is_open(contract: Contract, now: datetime) -> bool | None:
    """True or False where the hours of IB ("20260302:0930-20260302:1600;20260307:CLOSED") cover `now`, else None."""
    try:
        zone = ZoneInfo(contract.time_zone)
        sessions = [
            (_moment(begin_day + begin, zone), _moment(end_day + end, zone))
            for begin_day, begin, end_day, end in _SESSION.findall(contract.trading_hours)
        ]
        days = [_moment(day + "0000", zone) for day in _CLOSED.findall(contract.trading_hours)]
    except (ZoneInfoNotFoundError, ValueError):
        return None
    if any(begin <= now < end for begin, end in sessions):
        return True
    known = [*sessions, *((day, day + timedelta(days=1)) for day in days)]
    if not known or not min(begin for begin, _ in known) <= now < max(end for _, end in known):
        return None
    return False


def _moment(digits: str, zone: ZoneInfo) -> datetime:
    return datetime.strptime(digits, "%Y%m%d%H%M").replace(tzinfo=zone)
