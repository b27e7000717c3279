"""The clients that `bench gateway` counts with, in a process of their own: they read, count frames and do no more.

``python -m bench.reader ticks PORT CLIENTS LINES SECONDS [SAVE]`` subscribes each client to the same listings, prints
"ready", and from the first bytes after a line on stdin counts messages for so many seconds. ``python -m bench.reader
orders PORT COUNT [SAVE]`` sends market orders in a pipeline until all are filled. Both print one JSON object last, and
save a stretch of what came, whole messages, for the bare server to send.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path

from ironbridge.wire import Contract, Order, PlaceOrder, ReqMktData, Role, StartApi, codec_for
from ironbridge.wire import frame as framed

VERSION = 176
CODEC = codec_for(VERSION)
SAVED = 1 << 20
"""Bytes of the stream that are kept as the prepared block."""
COMMISSION = b"59\0"


def request(message: object) -> bytes:
    return framed(CODEC.encode(message, Role.CLIENT))


class Client:
    """One connection that counts the messages that come."""

    def __init__(self, port: int, number: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""
        self.count = 0
        hello = f"v{VERSION}..{VERSION}".encode()
        self.socket.sendall(b"API\0" + framed(hello))
        while not self.frames(self.socket.recv(65536)):
            pass
        self.socket.sendall(request(StartApi(number)))

    def frames(self, data: bytes) -> int:
        """Count the messages that are whole with these bytes."""
        data = self.rest + data
        at, found, size = 0, 0, len(data)
        while size - at >= 4:
            end = at + 4 + int.from_bytes(data[at : at + 4], "big")
            if end > size:
                break
            at = end
            found += 1
        self.rest = data[at:]
        self.count += found
        return found


def stocks() -> list[Contract]:
    from ironbridge.exchange.catalog import PAIRS, STOCKS

    listed = [Contract(con_id=row.con_id, exchange="SMART") for row in STOCKS]
    return listed + [Contract(con_id=row.con_id, exchange="IDEALPRO") for row in PAIRS]


def until_quiet(selector: selectors.BaseSelector, quiet: float = 0.5) -> None:
    while events := selector.select(quiet):
        for key, _ in events:
            client: Client = key.data
            client.frames(client.socket.recv(1 << 20))


def ticks(port: int, clients: int, lines: int, seconds: float, save: str | None = None) -> None:
    selector = selectors.DefaultSelector()
    readers = [Client(port, number + 1) for number in range(clients)]
    contracts = stocks()
    for client in readers:
        selector.register(client.socket, selectors.EVENT_READ, client)
    until_quiet(selector)
    print("connected", flush=True)
    sys.stdin.readline()
    for client in readers:
        wanted = [request(ReqMktData(n + 1, contracts[n % len(contracts)])) for n in range(lines)]
        client.socket.sendall(b"".join(wanted))
    until_quiet(selector)
    print("ready", flush=True)
    sys.stdin.readline()
    first = sum(client.count for client in readers)
    volume, begun = 0, 0.0
    kept = bytearray()
    while not begun or time.perf_counter() - begun < seconds:
        for key, _ in selector.select(5):
            client = key.data
            data = client.socket.recv(1 << 20)
            if not data:
                raise SystemExit("the server closed the connection")
            begun = begun or time.perf_counter()
            volume += len(data)
            if client is readers[0] and len(kept) < SAVED:
                kept += data
            client.frames(data)
    spent = time.perf_counter() - begun
    if save is not None:
        Path(save).write_bytes(whole(bytes(kept)))
    messages = sum(client.count for client in readers) - first
    print(json.dumps({"messages": messages, "bytes": volume, "seconds": spent}), flush=True)


def whole(data: bytes) -> bytes:
    """The messages that are whole."""
    at = 0
    while (end := at + 4 + int.from_bytes(data[at : at + 4], "big")) <= len(data):
        if end == at + 4:
            break
        at = end
    return data[:at]


def orders(port: int, count: int, save: str | None = None) -> None:
    contract = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
    client = Client(port, 1)
    selector = selectors.DefaultSelector()
    selector.register(client.socket, selectors.EVENT_READ, client)
    until_quiet(selector)
    wanted = []
    for number in range(count + 1):
        # In turn, so that neither position nor margin grows.
        order = Order(action="BUY" if number % 2 else "SELL", total_quantity=Decimal(1), order_type="MKT", tif="DAY")
        wanted.append(request(PlaceOrder(number + 1, contract, order)))
    answer = fills(client.socket, wanted[:1])
    if save is not None:
        Path(save).write_bytes(answer)
    begun = time.perf_counter()
    volume = len(fills(client.socket, wanted[1:]))
    print(json.dumps({"orders": count, "bytes": volume, "seconds": time.perf_counter() - begun}), flush=True)


def fills(link: socket.socket, wanted: list[bytes]) -> bytes:
    """Send the orders in a pipeline and read until each has its commission: it is filled and all of it is told."""
    sender = threading.Thread(target=link.sendall, args=(b"".join(wanted),), daemon=True)
    sender.start()
    kept = bytearray()
    at = commissions = 0
    while commissions < len(wanted):
        data = link.recv(1 << 20)
        if not data:
            raise SystemExit("the server closed the connection")
        kept += data
        while (end := at + 4 + int.from_bytes(kept[at : at + 4], "big")) <= len(kept):
            commissions += kept.startswith(COMMISSION, at + 4)
            at = end
    sender.join()
    return bytes(kept)


def main(kind: str, *words: str) -> None:
    if kind == "ticks":
        port, clients, lines, seconds, *save = words
        ticks(int(port), int(clients), int(lines), float(seconds), *save)
    else:
        port, count, *save = words
        orders(int(port), int(count), *save)


if __name__ == "__main__":
    main(*sys.argv[1:])
