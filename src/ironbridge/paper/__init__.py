"""A TWS gateway without IB behind it: the counterpart that any unmodified TWS client can talk to.

`PaperGateway` is the server; its `faults` take what `ironbridge.paper.faults` describes, its `clock` is a `PaperClock`,
`Entitlements` say which market data may be seen and a `Schedule` what happens to it every night.
"""

from ironbridge.paper.clock import PaperClock
from ironbridge.paper.entitlements import DELAYED_ONLY, Access, Entitlements, Rule
from ironbridge.paper.faults import Latency
from ironbridge.paper.latency import parse_latency
from ironbridge.paper.limits import Limits, Pacing
from ironbridge.paper.plan import FaultPlan
from ironbridge.paper.schedule import Schedule, parse_schedule
from ironbridge.paper.server import DEFAULT_ACCOUNT, PaperGateway

__all__ = [
    "DEFAULT_ACCOUNT",
    "DELAYED_ONLY",
    "Access",
    "Entitlements",
    "FaultPlan",
    "Latency",
    "Limits",
    "Pacing",
    "PaperClock",
    "PaperGateway",
    "Rule",
    "Schedule",
    "parse_latency",
    "parse_schedule",
]
