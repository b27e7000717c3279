"""The connection to the broker, kept: supervised, paced, and never in doubt about its own state."""

from ironbridge.session.clock import SystemClock
from ironbridge.session.pacing import PaceStatus, SlidingWindowPacer
from ironbridge.session.status import SessionHealth, SessionStatus, SupervisorOptions
from ironbridge.session.supervisor import Supervisor

__all__ = [
    "PaceStatus",
    "SessionHealth",
    "SessionStatus",
    "SlidingWindowPacer",
    "Supervisor",
    "SupervisorOptions",
    "SystemClock",
]
