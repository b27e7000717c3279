"""The connection to the broker, kept: supervised, paced, and never in doubt about its own state."""

from ironbridge.session.clock import SystemClock
from ironbridge.session.governor import Governor
from ironbridge.session.history_pace import HistoryPace
from ironbridge.session.limits import LIMITS, LimitRule, Limits
from ironbridge.session.pacing import PaceStatus, SlidingWindowPacer
from ironbridge.session.places import LimitedStreams
from ironbridge.session.status import SessionHealth, SessionStatus, SupervisorOptions
from ironbridge.session.supervisor import Supervisor
from ironbridge.session.usage import Usage

__all__ = [
    "LIMITS",
    "Governor",
    "HistoryPace",
    "LimitRule",
    "LimitedStreams",
    "Limits",
    "PaceStatus",
    "SessionHealth",
    "SessionStatus",
    "SlidingWindowPacer",
    "Supervisor",
    "SupervisorOptions",
    "SystemClock",
    "Usage",
]
