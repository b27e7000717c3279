"""Risk: the gate that every order passes, and the limits it goes by (RSK-1 to RSK-4)."""

from ironbridge.risk.desk import RiskDesk
from ironbridge.risk.gate import RiskGate
from ironbridge.risk.losses import LossWatch
from ironbridge.risk.switch import KillSwitchKeeper

__all__ = ["KillSwitchKeeper", "LossWatch", "RiskDesk", "RiskGate"]
