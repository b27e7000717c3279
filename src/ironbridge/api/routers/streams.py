"""The WebSockets. Each begins with what is, then tells what changes."""

from __future__ import annotations

from fastapi import APIRouter, WebSocket

from ironbridge.api import risk_views, views
from ironbridge.api.connection_stream import ConnectionTeller
from ironbridge.api.context import Context, OpenContextDep
from ironbridge.api.limits import STREAM_BACKLOG
from ironbridge.api.market_stream import MarketConversation
from ironbridge.api.portfolio_stream import PortfolioTeller
from ironbridge.api.schemas.risk import RiskHappened, RiskSnapshot
from ironbridge.api.schemas.stream import OrderChanged, OrdersSnapshot
from ironbridge.api.stream import Socket, converse, opened
from ironbridge.errors import InvalidInput

router = APIRouter(prefix="/ws")


@router.websocket("/market-data")
async def market_data(websocket: WebSocket, context: OpenContextDep) -> None:
    async with opened(websocket, context, "market-data") as socket:
        if socket is None:
            return
        async with context.bridge.market.subscribe() as stream:
            talk = MarketConversation(socket, context.bridge, stream)
            await converse(websocket, context, "market-data", socket.hear(talk.understand), talk.tell())


@router.websocket("/orders")
async def orders(websocket: WebSocket, context: OpenContextDep) -> None:
    async with opened(websocket, context, "orders") as socket:
        if socket is not None:
            await converse(websocket, context, "orders", socket.hear(_deaf), _tell_orders(socket, context, websocket))


@router.websocket("/connection")
async def connection(websocket: WebSocket, context: OpenContextDep) -> None:
    async with opened(websocket, context, "connection") as socket:
        if socket is not None:
            teller = ConnectionTeller(socket, context.bridge)
            await converse(websocket, context, "connection", socket.hear(_deaf), *teller.tell())


@router.websocket("/portfolio")
async def portfolio(websocket: WebSocket, context: OpenContextDep) -> None:
    async with opened(websocket, context, "portfolio") as socket:
        if socket is not None:
            teller = PortfolioTeller(socket, context.bridge)
            await converse(websocket, context, "portfolio", socket.hear(_deaf), teller.tell())


@router.websocket("/risk")
async def risk(websocket: WebSocket, context: OpenContextDep) -> None:
    async with opened(websocket, context, "risk") as socket:
        if socket is not None:
            await converse(websocket, context, "risk", socket.hear(_deaf), _tell_risk(socket, context))


async def _tell_risk(socket: Socket, context: Context) -> None:
    """How risk stands, then every event with how it stands after it."""
    bridge = context.bridge
    with bridge.topics.risk.subscribe(STREAM_BACKLOG) as events:
        await socket.send(RiskSnapshot(risk=risk_views.risk(bridge.risk), sequence=0))
        number = 0
        async for event in events:
            number += 1
            message = RiskHappened(
                at=event.at,
                event=event.kind.value,
                text=event.text,
                by=event.by,
                risk=risk_views.risk(bridge.risk),
                sequence=number,
            )
            await socket.send(message)


async def _deaf(_text: str) -> None:
    raise InvalidInput("This stream takes no messages.", next_step="Only market-data does: subscribe, unsubscribe.")


async def _tell_orders(socket: Socket, context: Context, websocket: WebSocket) -> None:
    """All orders, or those that changed after `since`; then every change. Nothing falls between the two."""
    bridge = context.bridge
    with bridge.topics.orders.subscribe(STREAM_BACKLOG) as updates:
        text = websocket.query_params.get("since", "")
        resumed = text.isdecimal() and len(text) < 19
        since = int(text) if resumed else 0
        known = views.order_list(order for order in bridge.orders.list() if order.sequence > since)
        newest = max(known.sequence, since)
        await socket.send(OrdersSnapshot(orders=known.orders, sequence=newest, complete=not resumed))
        async for update in updates:
            if update.order.sequence > newest:
                message = OrderChanged(order=views.order_view(update.order), sequence=update.order.sequence)
                await socket.send(message)
