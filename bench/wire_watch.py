"""A proxy that notes when each order's bytes arrive: the same witness for every client.

It runs on a thread of its own with blocking sockets, so that neither client's loop is what moves its bytes, and reads
the same clock as they do (`time.perf_counter` is one for a whole machine).
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PLACE_ORDER = b"3\0"
"""How a placeOrder message begins, after its four bytes of length."""


class WireWatch:
    """Between one client and the gateway.

    Attributes:
        port: where the client connects.
        placed: when the bytes of each order came in whole, in order.
    """

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.placed: list[float] = []
        self._news = threading.Condition()

    def serve(self) -> None:
        """Take one client; returns when it has gone."""
        client, _ = self._listener.accept()
        gateway = socket.create_connection(("127.0.0.1", self._upstream))
        for each in (client, gateway):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=_pass, args=(gateway, client), daemon=True)
        back.start()
        self._watch(client, gateway)
        back.join()

    def _watch(self, client: socket.socket, gateway: socket.socket) -> None:
        rest, greeted = b"", False
        while data := _read(client):
            now = time.perf_counter()
            gateway.sendall(data)
            rest += data
            if not greeted:
                # "API\0" comes before the first frame.
                if len(rest) < 4:
                    continue
                rest, greeted = rest[4:], True
            while len(rest) >= 4 and len(rest) >= 4 + (size := int.from_bytes(rest[:4], "big")):
                if rest[4:].startswith(PLACE_ORDER):
                    with self._news:
                        self.placed.append(now)
                        self._news.notify_all()
                rest = rest[4 + size :]
        gateway.shutdown(socket.SHUT_WR)

    def until(self, count: int) -> None:
        """Return once so many orders have come."""
        with self._news:
            self._news.wait_for(lambda: len(self.placed) >= count, 30)

    def close(self) -> None:
        self._listener.close()


def _pass(source: socket.socket, target: socket.socket) -> None:
    while data := _read(source):
        try:
            target.sendall(data)
        except OSError:
            return
    source.close()
    target.close()


def _read(source: socket.socket) -> bytes:
    try:
        return source.recv(65536)
    except OSError:
        return b""


@contextmanager
def watched(upstream: int) -> Iterator[WireWatch]:
    """A proxy for one client, for the length of the block."""
    watch = WireWatch(upstream)
    thread = threading.Thread(target=watch.serve, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        thread.join(10)
        watch.close()
