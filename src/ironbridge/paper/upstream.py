"""The gateway's own links: to IB, and to each farm behind it.

Owns what is up and what is down, and the codes and words in which a gateway says so (gateway-behaviour, section 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ironbridge.errors import InvalidInput


class FarmKind(Enum):
    """Kind of farm: code of "broken", code of "OK", and its name in the notice."""

    MARKET = (2103, 2104, "Market data farm")
    HISTORY = (2105, 2106, "HMDS data farm")
    DEFINITIONS = (2157, 2158, "Sec-def data farm")

    @property
    def broken(self) -> int:
        return self.value[0]

    @property
    def mended(self) -> int:
        return self.value[1]


FARMS: dict[str, FarmKind] = {
    "usfarm.nj": FarmKind.MARKET,
    "usfuture": FarmKind.MARKET,
    "cashfarm": FarmKind.MARKET,
    "usfarm": FarmKind.MARKET,
    "ushmds": FarmKind.HISTORY,
    "secdefil": FarmKind.DEFINITIONS,
}

LOST = (1100, "Connectivity between IB and Trader Workstation has been lost.")
BROKEN = (
    2110,
    "Connectivity between Trader Workstation and server is broken. It will be restored automatically.",
)
RESTORED_WITHOUT_DATA = (
    1101,
    "Connectivity between IB and Trader Workstation has been restored - data lost.",
)


@dataclass(frozen=True, slots=True)
class Notice:
    code: int
    text: str


class Upstream:
    """What the gateway is connected to."""

    def __init__(self) -> None:
        self.connected = True
        self.withheld = False
        """What happens to orders is kept back until the link is up again."""
        self.farms: dict[str, bool] = dict.fromkeys(FARMS, True)

    def greeting(self) -> list[Notice]:
        """What a client is told at the start of its session."""
        return ([] if self.connected else [Notice(*BROKEN)]) + [self.farm_notice(name) for name in self.farms]

    def farm_notice(self, name: str) -> Notice:
        kind, up = FARMS[name], self.farms[name]
        return Notice(
            kind.mended if up else kind.broken,
            f"{kind.value[2]} connection is {'OK' if up else 'broken'}:{name}",
        )

    def set_farm(self, name: str, *, up: bool) -> Notice:
        """Mend or break one farm.

        Raises:
            InvalidInput: there is no such farm.
        """
        if name not in FARMS:
            raise InvalidInput(f"There is no farm {name!r}.", next_step=f"Name one of {', '.join(FARMS)}.")
        self.farms[name] = up
        return self.farm_notice(name)

    def lose(self, *, withhold: bool) -> list[Notice]:
        self.connected = False
        self.withheld = withhold
        return [Notice(*LOST), Notice(*BROKEN)]

    def restore(self, *, data_lost: bool) -> list[Notice]:
        self.connected = True
        self.withheld = False
        if data_lost:
            return [Notice(*RESTORED_WITHOUT_DATA)]
        names = "; ".join(self.farms)
        return [
            Notice(
                1102,
                "Connectivity between IB and Trader Workstation has been restored - data maintained. "
                f"All data farms are connected: {names}.",
            )
        ]

    def carries_market_data(self) -> bool:
        """Whether ticks flow: the link and the market-data farms are up."""
        return self.connected and all(up for name, up in self.farms.items() if FARMS[name] is FarmKind.MARKET)

    def carries_history(self) -> bool:
        """Whether the past can be asked: the link and the historical-data farms are up."""
        return self.connected and all(up for name, up in self.farms.items() if FARMS[name] is FarmKind.HISTORY)
