"""`HOST:PORT` as people type it."""

from __future__ import annotations

import typer


def address(text: str) -> tuple[str, int]:
    """Host and port; a port alone means this machine, and `[::1]:4002` is how an IPv6 address is written.

    Raises:
        BadParameter: it is neither.
    """
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (port.isascii() and port.isdigit() and len(port) < 6 and int(port) <= 65535):
        raise typer.BadParameter(f"{text!r} is not HOST:PORT, 127.0.0.1:4002 for one.")
    return host or "127.0.0.1", int(port)
