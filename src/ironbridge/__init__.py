"""Ironbridge: Python strategies and people to Interactive Brokers.

The whole public surface: `connect` opens a `Bridge`; instruments are made with `Stock`, `Option`, `Future` and their
like, combinations with `Combo` and `Leg`; orders with `buy` and `sell`, conditions with `PriceAbove` and its like, IB's
algorithms with `Adaptive`, `Twap` and theirs; everything that can go wrong is in `ironbridge.errors`. More types are in
`ironbridge.domain`, tools for tests in `ironbridge.testing`; all else may change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ironbridge.domain.algos import (
    AccumulateDistribute,
    Adaptive,
    Algo,
    ArrivalPrice,
    ClosePrice,
    DarkIce,
    PctVol,
    Twap,
    Vwap,
)
from ironbridge.domain.conditions import (
    ChangeAbove,
    ChangeBelow,
    Executed,
    MarginAbove,
    MarginBelow,
    PriceAbove,
    PriceBelow,
    TimeAfter,
    TimeBefore,
    VolumeAbove,
    VolumeBelow,
)
from ironbridge.domain.instrument import (
    CFD,
    Bond,
    Combo,
    Crypto,
    Forex,
    Future,
    FutureOption,
    Index,
    Instrument,
    Leg,
    Option,
    Stock,
)
from ironbridge.domain.order_spec import OrderSpec, buy, sell
from ironbridge.domain.order_types import OrderType, TimeInForce, TriggerMethod
from ironbridge.domain.scale import Scale
from ironbridge.errors import IronbridgeError

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from ironbridge.bridge import Bridge

__all__ = [
    "CFD",
    "AccumulateDistribute",
    "Adaptive",
    "Algo",
    "ArrivalPrice",
    "Bond",
    "Bridge",
    "ChangeAbove",
    "ChangeBelow",
    "ClosePrice",
    "Combo",
    "Crypto",
    "DarkIce",
    "Executed",
    "Forex",
    "Future",
    "FutureOption",
    "Index",
    "Instrument",
    "IronbridgeError",
    "Leg",
    "MarginAbove",
    "MarginBelow",
    "Option",
    "OrderSpec",
    "OrderType",
    "PctVol",
    "PriceAbove",
    "PriceBelow",
    "Scale",
    "Stock",
    "TimeAfter",
    "TimeBefore",
    "TimeInForce",
    "TriggerMethod",
    "Twap",
    "VolumeAbove",
    "VolumeBelow",
    "Vwap",
    "buy",
    "connect",
    "sell",
]

__version__ = "0.1.0"


def connect(host: str | None = None, port: int | None = None, **settings: Any) -> AbstractAsyncContextManager[Bridge]:
    """Open a bridge, for use with ``async with``.

    With no address, here or in the environment, an embedded paper gateway is started and ends with the block; its
    journal lasts as long, unless `home` says where to keep it. With an address, the journal is kept in the platform's
    data folder or in `home`.

    Parameters:
        host: where TWS or IB Gateway listens.
        port: its port; TWS live 7496, TWS paper 7497, Gateway live 4001, Gateway paper 4002 (the default).
        settings: any other field of `ironbridge.settings.Settings`, such as client_id, account or home.

    Returns:
        An async context manager. Entering it returns the bridge when the session is READY: connected and reconciled.

    Raises:
        InvalidSettings: at once, for a setting that cannot be meant.
        ConnectFailed: on entering, where no session could be made, with the reason and what to do.
        HomeInUse: on entering, where another program uses the same home folder.
    """
    from ironbridge.bootstrap import open_bridge
    from ironbridge.settings import load_settings

    return open_bridge(load_settings({"host": host, "port": port, **settings}))


def __getattr__(name: str) -> Any:
    # The engine's parts are imported when they are used: a program that only wants `Stock` starts at once.
    if name == "Bridge":
        from ironbridge.bridge import Bridge

        return Bridge
    raise AttributeError(f"module 'ironbridge' has no attribute {name!r}")
