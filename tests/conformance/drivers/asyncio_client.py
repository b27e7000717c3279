"""Drives ib_async: its own client, its own decoder and its own wrapper, each callback told on its way.

Requests are made as `ib_async.IB` makes them: registered with the wrapper, then sent by the client. A message for which
nothing is called is reported, and so is whatever the library logs as an error, but for its log of error messages.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from typing import Any

import ib_async
from lines import Line, Witness, built, commands, filled

LINE = Line()
SIZE_OF = {1: 0, 2: 3, 4: 5, 66: 69, 67: 70, 68: 71}
"""The official client makes two callbacks of one message, price and size; ib_async makes one of both."""
TICKERS = {"reqMktData": "mktData", "reqMktDepth": "mktDepth", "reqTickByTickData": "tickByTick"}
SUBSCRIPTIONS: dict[str, Any] = {
    "reqRealTimeBars": ib_async.RealTimeBarList,
    "reqScannerSubscription": ib_async.ScanDataList,
}
NAMED = {
    "reqAllOpenOrders": "openOrders",
    "reqCompletedOrders": "completedOrders",
    "reqCurrentTime": "currentTime",
    "reqMktDepthExchanges": "mktDepthExchanges",
    "reqNewsProviders": "newsProviders",
    "reqOpenOrders": "openOrders",
    "reqPositions": "positions",
    "reqScannerParameters": "scannerParams",
    "requestFA": "requestFA",
}
"""Requests that carry no number wait under a name."""
UNNUMBERED = {"reqIds", "reqMarketDataType", "cancelOrder", "setServerLogLevel", "requestFA", "reqMarketRule"}
LEFT_TO_USERS = ("displayGroupList", "displayGroupUpdated", "replaceFAEnd", "rerouteMktDataReq", "rerouteMktDepthReq")
"""The decoder reads these, and calls them where a user's wrapper has them; its own has not."""
UNASKED = ("_", "tcpData", "start", "end", "set", "reset", "orderKey", "priceSizeTick")


def make(name: str, attributes: dict[str, Any]) -> Any:
    """An object of one of the library's classes."""
    found = getattr(ib_async, name)
    if name.endswith("Condition") and "exchange" in attributes:
        attributes["exch"] = attributes.pop("exchange")
    return found(**attributes) if name == "TagValue" else filled(found(), attributes)


class Program:
    """One client."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.heard = 0
        self.ib = ib_async.IB()
        # The limits under test are the gateway's, not the library's own.
        self.ib.client.MaxRequests = 0
        wrapper = self.ib.wrapper
        for name in dir(ib_async.wrapper.Wrapper):
            if not name.startswith(UNASKED) and callable(getattr(wrapper, name)):
                setattr(wrapper, name, self._tapped(name, getattr(wrapper, name)))
        for name in LEFT_TO_USERS:
            setattr(wrapper, name, self._tapped(name, lambda *_: None))
        self.ib.client.apiError += lambda reason: self.tell("notConnected", reason)
        inner = wrapper.priceSizeTick

        def price_size(req_id: int, kind: int, price: float, size: float) -> None:
            self.tell("tickPrice", req_id, kind, price, None)
            if kind in SIZE_OF:
                self.tell("tickSize", req_id, SIZE_OF[kind], size)
            inner(req_id, kind, price, size)

        wrapper.priceSizeTick = self.ib.client._priceSizeTick = price_size
        interpret = self.ib.client.decoder.interpret

        def interpreted(fields: list[str]) -> None:
            before = self.heard
            interpret(fields)
            if self.heard == before:
                LINE.trouble(self.number, f"a message was read and no callback came of it: {fields}")

        self.ib.client.decoder.interpret = interpreted

    def tell(self, name: str, *args: Any) -> None:
        self.heard += 1
        LINE.said(self.number, name, args)

    def _tapped(self, name: str, inner: Any) -> Any:
        def told(*args: Any) -> Any:
            self.tell(name, *args)
            return inner(*args)

        return told

    async def connect(self, host: str, port: int, client_id: int) -> None:
        self.ib.wrapper.clientId = client_id
        try:
            await self.ib.client.connectAsync(host, port, client_id, timeout=10)
        except (OSError, TimeoutError):
            # The library has said so on its event.
            return
        self.tell("connected", self.ib.client.serverVersion())

    def ask(self, name: str, args: list[Any]) -> None:
        wrapper, client = self.ib.wrapper, self.ib.client
        number = args[0] if args else None
        if name in TICKERS:
            # The library keeps tickers by contracts that are resolved; any other stands for itself here.
            about = args[1] if args[1].isHashable() else ib_async.Contract(conId=-number)
            wrapper.startTicker(number, about, TICKERS[name])
        elif name in SUBSCRIPTIONS:
            wrapper.startSubscription(number, SUBSCRIPTIONS[name]())
        elif name == "reqHistoricalData" and args[8]:
            bars = ib_async.BarDataList()
            wrapper.startReq(number, args[1], container=bars)
            wrapper.startSubscription(number, bars, args[1])
        elif name == "placeOrder" and not args[2].whatIf and not self._is_over(number):
            args[2].orderId = number
            self.ib.placeOrder(args[1], args[2])
            return
        elif name in NAMED:
            wrapper.startReq(NAMED[name])
        elif type(number) is int and name not in UNNUMBERED:
            about = args[1] if len(args) > 1 and isinstance(args[1], ib_async.Contract) else None
            wrapper.startReq(number, about)
        getattr(client, name)(*args)

    def _is_over(self, number: int) -> bool:
        """The library's `placeOrder` does not let what is over be changed; here it is the gateway that must refuse."""
        trade = self.ib.wrapper.trades.get((self.ib.wrapper.clientId, number))
        return trade is not None and trade.isDone()

    def raw(self, fields: list[str]) -> None:
        self.ib.client.send(*fields)


def matters(record: logging.LogRecord) -> bool:
    """Its log of the gateway's error messages, and of a connection that ends, is no complaint of its own."""
    told = record.getMessage().startswith(("Error ", "Peer closed", "API connection failed", "[Errno"))
    return record.levelno >= logging.ERROR and not (told and record.name in {"ib_async.wrapper", "ib_async.client"})


async def main() -> None:
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger().addHandler(Witness(LINE, matters, lambda: 0))
    loop = asyncio.get_running_loop()
    asked: asyncio.Queue[tuple[int, str, list[Any]] | None] = asyncio.Queue()

    def read() -> None:
        for command in commands():
            loop.call_soon_threadsafe(asked.put_nowait, command)
        loop.call_soon_threadsafe(asked.put_nowait, None)

    reading = asyncio.create_task(asyncio.to_thread(read))
    programs: dict[int, Program] = {}
    connecting: set[asyncio.Task[None]] = set()
    while (command := await asked.get()) is not None:
        to, do, args = command
        if do == "sync":
            LINE.said(to, "synced", [])
            continue
        if to not in programs:
            programs[to] = Program(to)
        program = programs[to]
        try:
            if do == "connect":
                task = asyncio.create_task(program.connect(*args))
                connecting.add(task)
                task.add_done_callback(connecting.discard)
            elif do == "disconnect":
                programs.pop(to).ib.client.disconnect()
            elif do == "raw":
                program.raw(args)
            else:
                program.ask(do, built(args, make))
        except ConnectionError as error:
            LINE.said(to, "notSent", [repr(error)])
        except Exception:
            # The test that asked is told, whatever it was; the other clients of this driver go on.
            LINE.trouble(to, traceback.format_exc())
    await reading


asyncio.run(main())
