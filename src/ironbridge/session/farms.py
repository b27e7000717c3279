"""The layers behind the gateway, watched apart (CON-2): IB itself and each of its data farms.

Owns the reading of IB's connectivity notices. A farm that breaks says nothing about orders, and nothing here ever
leads to a reconnect; only the state of what it names changes (I-08).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from types import MappingProxyType


class FarmState(StrEnum):
    OK = "ok"
    BROKEN = "broken"
    INACTIVE = "inactive"
    """Asleep; IB wakes it on demand. Normal for farms that nobody uses."""
    CONNECTING = "connecting"


class Change(Enum):
    """What a notice changes for the session as a whole."""

    NONE = auto()
    FARMS = auto()
    UPSTREAM_LOST = auto()
    RESTORED = auto()
    """The link to IB is back: catch up, because what happened meanwhile may not have been told."""
    PORT_RESET = auto()
    """The gateway is about to drop the socket."""


FARM_CODES: dict[int, FarmState] = {
    2103: FarmState.BROKEN, 2104: FarmState.OK, 2105: FarmState.BROKEN, 2106: FarmState.OK,
    2107: FarmState.INACTIVE, 2108: FarmState.INACTIVE, 2119: FarmState.CONNECTING,
    2157: FarmState.BROKEN, 2158: FarmState.OK,
}  # fmt: skip
LOST = 1100
SERVER_LINK_BROKEN = 2110
RESTORED = {1101: "data lost, subscriptions made anew", 1102: "data maintained"}
PORT_RESET = 1300

_FARM = re.compile(r"[.:]\s*([A-Za-z][\w.-]*)\s*$")


@dataclass(slots=True)
class Layers:
    """Upstream and farms as the notices of one session tell them."""

    upstream: bool = True
    reason: str = ""
    _by_gateway_alone: bool = False
    """Upstream was lost by 2110, which no 1102 is promised to end: a farm that is OK again ends it too."""
    _farms: dict[str, FarmState] = field(default_factory=dict)

    def reset(self) -> None:
        """A new session: IB tells its farms afresh."""
        self.upstream, self.reason, self._by_gateway_alone = True, "", False
        self._farms.clear()

    def take(self, code: int, text: str) -> Change:
        """Read one notice about the session."""
        if code in (LOST, SERVER_LINK_BROKEN):
            if self.upstream or code == LOST:
                self._by_gateway_alone = code == SERVER_LINK_BROKEN
            was, self.upstream, self.reason = self.upstream, False, f"{text} ({code})"
            return Change.UPSTREAM_LOST if was else Change.NONE
        if code in RESTORED:
            self.upstream, self.reason = True, f"IB is back, {RESTORED[code]} ({code})"
            return Change.RESTORED
        if code == PORT_RESET:
            return Change.PORT_RESET
        if code in FARM_CODES:
            self._farms[_name(text)] = FARM_CODES[code]
            if FARM_CODES[code] is FarmState.OK and not self.upstream and self._by_gateway_alone:
                self.upstream, self.reason = True, f"IB is back: {text} ({code})"
                return Change.RESTORED
            return Change.FARMS
        return Change.NONE

    @property
    def farms(self) -> MappingProxyType[str, FarmState]:
        return MappingProxyType(dict(self._farms))

    @property
    def broken(self) -> tuple[str, ...]:
        """The farms that are down."""
        return tuple(sorted(name for name, state in self._farms.items() if state is FarmState.BROKEN))


def _name(text: str) -> str:
    """The farm in "Market data farm connection is OK:usfarm"; some notices put a full stop where others put a colon."""
    match = _FARM.search(text)
    return match[1] if match else text
