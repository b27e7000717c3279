"""For tests of programs that trade: a paper gateway to connect to, and clocks that move by hand.

`RunningGateway` is the gateway; with pytest, the fixture `paper_gateway` gives each test its own.
"""

from ironbridge.testing.clock import ManualClock
from ironbridge.testing.gateway import RunningGateway

__all__ = ["ManualClock", "RunningGateway"]
