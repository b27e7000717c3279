"""A session that carries market data and has no way to send an order: `interfaces.Link` and `interfaces.MarketFeed`.

Owns the refusal: what would place, modify or cancel an order is not there, so that no mistake elsewhere can reach it.
The engine's orders belong to the order session's client id; this one has another (CON-8).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ironbridge.domain.instrument import Contract
from ironbridge.domain.reports import BrokerReport
from ironbridge.domain.session import Endpoint, SessionInfo
from ironbridge.ib.gateway import IbGateway
from ironbridge.interfaces import Clock, Pacer, TickSink


class IbDataLink:
    """One client of a gateway, for market data alone.

    Parameters:
        pacer: admits every message.
        clock: stamps what arrives.
        request_timeout: seconds that an answer may take.
        connect_timeout: seconds for the TCP connection, and again for the greeting.
        market_data_type: IB's number of the kind of market data to ask for.
    """

    __slots__ = ("__gateway",)

    def __init__(
        self,
        pacer: Pacer,
        clock: Clock,
        *,
        request_timeout: float = 15.0,
        connect_timeout: float = 10.0,
        market_data_type: int = 1,
    ) -> None:
        self.__gateway = IbGateway(
            pacer,
            clock,
            request_timeout=request_timeout,
            connect_timeout=connect_timeout,
            market_data_type=market_data_type,
        )

    def configure(self, *, request_timeout: float, connect_timeout: float, market_data_type: int) -> None:
        """Ask by other time-outs, and for another kind of market data, from now on."""
        self.__gateway.configure(
            request_timeout=request_timeout, connect_timeout=connect_timeout, market_data_type=market_data_type
        )

    @property
    def connected(self) -> bool:
        return self.__gateway.connected

    async def connect(self, endpoint: Endpoint) -> SessionInfo:
        """Open the session; see `interfaces.Link.connect`."""
        return await self.__gateway.connect(endpoint)

    async def disconnect(self) -> None:
        await self.__gateway.disconnect()

    def listen(self, listener: Callable[[BrokerReport], None]) -> Callable[[], None]:
        return self.__gateway.listen(listener)

    async def server_time(self) -> datetime:
        return await self.__gateway.server_time()

    async def open_line(self, contract: Contract, sink: TickSink) -> int:
        return await self.__gateway.open_line(contract, sink)

    async def close_line(self, line: int) -> None:
        await self.__gateway.close_line(line)
