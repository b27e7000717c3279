"""Asks an address whether a TWS or IB Gateway answers there, and says in words what is wrong where it does not.

It goes as far as the greeting: the connection, then the versions. It names no client id, so it can neither disturb a
session nor see an order.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ironbridge.domain.diagnosis import Hurdle
from ironbridge.wire.connection import Broken, Connection, Ended, Refused
from ironbridge.wire.handshake import ServerVersion
from ironbridge.wire.values import Role


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried, and how long it took."""

    name: Literal["tcp", "api"]
    ok: bool
    detail: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Probed:
    """What was found. `next_step` is for people, empty where all is well."""

    host: str
    port: int
    steps: tuple[Step, ...]
    server_version: int | None = None
    next_step: str = ""

    @property
    def ok(self) -> bool:
        return self.server_version is not None


async def probe(
    host: str,
    port: int,
    *,
    timeout: float,  # noqa: ASYNC109 - one limit for both steps, each with its own words
    monotonic: Callable[[], float] = time.perf_counter,
) -> Probed:
    """Try the address; failures are answers, never exceptions.

    Parameters:
        host: name or address.
        port: its port.
        timeout: seconds for each of the two steps.
        monotonic: measures them.
    """
    began = monotonic()
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection(host, port)
    except (OSError, UnicodeError) as error:  # TimeoutError is an OSError; UnicodeError: a name that cannot be one
        _, detail, next_step = connection_trouble(host, port, error)
        return Probed(host, port, (Step("tcp", False, detail, monotonic() - began),), None, next_step)
    tcp = Step("tcp", True, f"{host} port {port} takes connections.", monotonic() - began)
    began = monotonic()
    try:
        async with asyncio.timeout(timeout):
            version, detail, next_step = await _greet(reader, writer)
    except TimeoutError:
        version, detail = None, f"It took the connection and then said nothing for {timeout:g} s."
        next_step = "Look at the program there: a dialog may be waiting, the API may be off, or it may hang."
    except OSError as error:
        version, detail, next_step = None, f"It ended the connection: {error.strerror or error}.", _REFUSED
    finally:
        writer.close()
    return Probed(host, port, (tcp, Step("api", version is not None, detail, monotonic() - began)), version, next_step)


_REFUSED = (
    'In TWS or IB Gateway, open Configure > API > Settings: enable socket clients, and put this machine into "Trusted '
    'IPs" or allow only localhost.'
)


async def _greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[int | None, str, str]:
    connection = Connection(Role.CLIENT)
    connection.hello()
    writer.write(connection.data_to_send())
    await writer.drain()
    while True:
        data = await reader.read(4096)
        if data:
            connection.receive_data(data)
        else:
            connection.receive_eof()
        for event in connection.events_received():
            match event:
                case ServerVersion(version=version):
                    return version, f"A gateway of API version {version} answers.", ""
                case Refused(hello=theirs):
                    text = f"A gateway of API version {theirs.max_version} answers, which is not spoken here."
                    return None, text, "Update TWS or IB Gateway."
                case Broken(error=error):
                    return None, f"Something answers, but it is no TWS: {error.message}", "Check host and port."
                case Ended():
                    return None, "It took the connection and closed it without a word.", _REFUSED


def connection_trouble(host: str, port: int, error: Exception) -> tuple[Hurdle, str, str]:
    """Why no connection could be made: for programs, in words, and what to do."""
    if isinstance(error, ConnectionRefusedError) or f"[Errno {errno.ECONNREFUSED}]" in str(error):
        return (
            Hurdle.NOTHING_LISTENS,
            f"Nothing listens on {host} port {port}.",
            "Start TWS or IB Gateway and enable its API (TWS: 7496 live, 7497 paper; Gateway: 4001 live, 4002 paper).",
        )
    if isinstance(error, socket.gaierror | UnicodeError):
        return (
            Hurdle.NO_HOST,
            f"There is no host {host}.",
            "Give a name or an address that this machine can find, such as 127.0.0.1.",
        )
    if isinstance(error, TimeoutError):
        return (
            Hurdle.UNREACHABLE,
            f"{host} port {port} does not answer.",
            "Check that the machine is on and that no firewall drops the connection.",
        )
    words = getattr(error, "strerror", None) or str(error)
    return (
        Hurdle.UNREACHABLE,
        f"{host} port {port} cannot be reached: {words}.",
        "Check host, port and network.",
    )
