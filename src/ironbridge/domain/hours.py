"""Whether a contract's market is open, as far as its own hours tell (INS-4, I-07).

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


def is_open(contract: Contract, now: datetime, *, regular: bool = False) -> bool | None:
    """Whether the contract trades at this moment.

    Parameters:
        contract: with IB's texts of its hours ("20260302:0930-20260302:1600;20260307:CLOSED").
        now: the moment, aware.
        regular: only the regular session counts (liquid hours), not every one (trading hours).

    Returns:
        True or False where the hours cover the moment, else None.
    """
    text = contract.liquid_hours if regular else contract.trading_hours
    try:
        zone = ZoneInfo(contract.time_zone)
        sessions = [
            (_moment(begin_day + begin, zone), _moment(end_day + end, zone))
            for begin_day, begin, end_day, end in _SESSION.findall(text)
        ]
        days = [_moment(day + "0000", zone) for day in _CLOSED.findall(text)]
    except (ZoneInfoNotFoundError, ValueError):
        return None
    if any(begin <= now < end for begin, end in sessions):
        return True
    # A regular session is described for its whole day: before it opens and after it closes it is known to be closed.
    first_and_last = [(_midnight(begin), _midnight(end) + timedelta(days=1)) for begin, end in sessions if regular]
    known = [*sessions, *first_and_last, *((day, day + timedelta(days=1)) for day in days)]
    if not known or not min(begin for begin, _ in known) <= now < max(end for _, end in known):
        return None
    return False


def _moment(digits: str, zone: ZoneInfo) -> datetime:
    return datetime.strptime(digits, "%Y%m%d%H%M").replace(tzinfo=zone)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0)
