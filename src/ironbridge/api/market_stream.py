"""The market-data WebSocket: subscribe and unsubscribe by text, quotes as they change.

The client's symbols are its own words; the hub knows resolved instruments. This module keeps the way from one to the
other for one client. Quotes are encoded by msgspec from plain fields: they are the only messages that come by the
thousand.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
from pydantic import ValidationError

from ironbridge.api.limits import MAX_SYMBOLS
from ironbridge.api.problems import malformed
from ironbridge.api.schemas.stream import (
    GapMessage,
    MarketDataCommand,
    NoticeMessage,
    RefusedMessage,
    SubscribedMessage,
    UnsubscribedMessage,
)
from ironbridge.api.stream import Socket, error_message
from ironbridge.contracts import parse_instrument
from ironbridge.domain.instrument import Contract, Instrument
from ironbridge.domain.market import MarketEvent, MarketGap, MarketNoticed, MarketRefused, Quote
from ironbridge.errors import InvalidInput, IronbridgeError

if TYPE_CHECKING:
    from ironbridge.bridge import Bridge
    from ironbridge.marketdata import MarketStream

_encode = msgspec.json.Encoder().encode


class MarketConversation:
    """One client's subscriptions.

    Parameters:
        socket: where it is spoken.
        bridge: what it is spoken about.
        stream: the client's stream at the hub, entered.
    """

    def __init__(self, socket: Socket, bridge: Bridge, stream: MarketStream) -> None:
        self._socket = socket
        self._bridge = bridge
        self._stream = stream
        self._asked: dict[str, Instrument] = {}
        self._symbols: dict[int, list[str]] = {}

    async def understand(self, text: str) -> None:
        """Do what one message of the client says; each symbol stands or falls alone."""
        try:
            command = MarketDataCommand.model_validate_json(text)
        except ValidationError as error:
            raise malformed(error.errors(include_url=False, include_context=False)) from None
        symbols = dict.fromkeys(command.symbols)
        if command.action == "unsubscribe":
            for symbol in symbols:
                self._drop(symbol)
                await self._socket.send(UnsubscribedMessage(symbol=symbol))
        else:
            await asyncio.gather(*(self._subscribe(symbol) for symbol in symbols))

    async def tell(self) -> None:
        """Send what the hub has, for as long as it has something."""
        async for event in self._stream:
            for symbol in tuple(self._symbols.get(event.instrument.con_id, ())):
                await self._tell(symbol, event)

    async def _tell(self, symbol: str, event: MarketEvent) -> None:
        match event:
            case Quote():
                await self._socket.send(quote_text(symbol, event))
            case MarketGap(since=since, until=until, reason=reason):
                await self._socket.send(GapMessage(symbol=symbol, since=since, until=until, reason=reason))
            case MarketNoticed(code=code, text=text):
                await self._socket.send(NoticeMessage(symbol=symbol, code=code, text=text))
            case MarketRefused(code=code, text=text):
                self._drop(symbol)
                await self._socket.send(RefusedMessage(symbol=symbol, code=code, text=text))

    async def _subscribe(self, symbol: str) -> None:
        try:
            if symbol in self._asked:
                return
            if len(self._asked) >= MAX_SYMBOLS:
                raise InvalidInput(
                    f"This stream has {MAX_SYMBOLS} symbols already.",
                    next_step="Unsubscribe some, or open another stream.",
                )
            instrument = parse_instrument(symbol)
            self._asked[symbol] = instrument
            contract = await self._bridge.contracts.resolve(instrument)
            self._symbols.setdefault(contract.con_id, []).append(symbol)
            await self._socket.send(_subscribed(symbol, contract))
            await self._stream.add(instrument)
        except IronbridgeError as error:
            self._drop(symbol)
            await self._socket.send(error_message(error, symbol))

    def _drop(self, symbol: str) -> None:
        instrument = self._asked.pop(symbol, None)
        for con_id, symbols in tuple(self._symbols.items()):
            if symbol in symbols:
                symbols.remove(symbol)
            if not symbols:
                del self._symbols[con_id]
        if instrument is not None and instrument not in self._asked.values():
            self._stream.drop(instrument)


def quote_text(symbol: str, quote: Quote) -> str:
    """A quote as the text of a `MarketDataMessage`."""
    fields: dict[str, Any] = {
        "type": "market_data",
        "symbol": symbol,
        "timestamp": quote.time,
        "bid": quote.bid,
        "bid_size": quote.bid_size,
        "ask": quote.ask,
        "ask_size": quote.ask_size,
        "last": quote.last,
        "last_size": quote.last_size,
        "volume": quote.volume,
        "open": quote.open,
        "high": quote.high,
        "low": quote.low,
        "close": quote.close,
        "kind": quote.kind.value,
        "quality": quote.quality.value,
        "sequence": quote.sequence,
    }
    return _encode(fields).decode()


def _subscribed(symbol: str, contract: Contract) -> SubscribedMessage:
    return SubscribedMessage(
        symbol=symbol,
        con_id=contract.con_id,
        name=str(contract.instrument),
        long_name=contract.long_name,
        min_tick=float(contract.min_tick),
    )
