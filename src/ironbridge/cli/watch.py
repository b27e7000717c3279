"""Quotes as they move: one WebSocket, drawn in place or printed line by line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from rich.live import Live
from rich.table import Table
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from ironbridge.cli import show
from ironbridge.cli.exits import ServiceAbsent, ServiceSaid, complain, warn
from ironbridge.cli.service import PREFIX, Service
from ironbridge.errors import SlowConsumer

CLOSE_SECONDS = 1.0
"""How long Ctrl-C waits for the service's goodbye: a person who ends a watch wants it ended."""


def watch_quotes(
    service: Service, symbols: list[str], *, as_json: bool, draw: Callable[[list[dict[str, Any]]], Table]
) -> None:
    """Show quotes until Ctrl-C, or until the service ends the stream.

    Parameters:
        service: where they come from.
        symbols: which.
        as_json: print every message as one line of JSON instead of a table.
        draw: makes the table.

    Raises:
        ServiceAbsent: the service is not there, or has gone.
        ServiceSaid: none of the symbols can be shown.
    """
    parts = urlsplit(service.url)
    address = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}{PREFIX}/ws/market-data"
    try:
        with connect(
            address,
            additional_headers={"Authorization": f"Bearer {service.token}"},
            proxy=None,
            open_timeout=10,
            close_timeout=CLOSE_SECONDS,
        ) as socket:
            socket.send(json.dumps({"action": "subscribe", "symbols": symbols}))
            _print(socket) if as_json else _show(socket, symbols, draw)
    except ConnectionClosed as error:
        reason = error.rcvd.reason if error.rcvd else "the connection was lost"
        if error.rcvd and error.rcvd.code == 1013:
            raise SlowConsumer(f"The stream was ended: {reason}") from None
        raise ServiceAbsent(
            f"The stream was ended: {reason}", next_step="Start the service, then watch again."
        ) from None
    except InvalidStatus as error:
        raise ServiceSaid(
            f"The service refused the stream (HTTP {error.response.status_code}).",
            slug="access-denied",
            outcome="not_sent",
            next_step="Check the token with `ironbridge token`.",
        ) from None
    except (OSError, WebSocketException) as error:
        raise ServiceAbsent(
            f"No stream from {service.url}: {error}.", next_step="Start it with `ironbridge run`."
        ) from None


def _print(socket: ClientConnection) -> None:
    for message in socket:
        sys.stdout.write(f"{message if isinstance(message, str) else message.decode()}\n")
        sys.stdout.flush()


def _show(socket: ClientConnection, symbols: list[str], draw: Callable[[list[dict[str, Any]]], Table]) -> None:
    quotes: dict[str, dict[str, Any]] = {}
    failed: set[str] = set()
    with Live(console=show.out(), auto_refresh=False) as live:
        for text in socket:
            message = json.loads(text)
            kind, symbol = message["type"], message.get("symbol")
            if kind == "market_data":
                quotes[symbol] = message
                live.update(draw([quotes[one] for one in symbols if one in quotes]), refresh=True)
            elif kind == "gap":
                live.console.print(
                    f"{symbol}: no data from {message['since']} to {message['until']}: {message['reason']}"
                )
            elif kind == "notice":
                warn(f"{symbol}: {message['text']} (IB {message['code']})")
            elif kind in {"error", "refused"}:
                detail = message.get("detail") or f"{symbol}: {message.get('text')} (IB {message.get('code')})"
                failed.add(symbol)
                if failed >= set(symbols):
                    raise ServiceSaid(
                        detail,
                        slug=message.get("slug", "request-rejected"),
                        outcome=message.get("outcome", "rejected"),
                        next_step=message.get("next_step", ""),
                    )
                complain(detail, message.get("next_step", ""))
