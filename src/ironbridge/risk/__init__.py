"""Risk: the gate that every order passes, and the limits it goes by (RSK-1 to RSK-4)."""

from ironbridge.risk.gate import RiskGate

__all__ = ["RiskGate"]
