"""How a session begins, and the words for how it fails to.

A session is open when the gateway has named its version, its accounts and the next order id. Each way in which that
can stop halfway looks alike on the screen ("it does not connect") and needs another remedy, so each has its own
sentence and next step here.
"""

from __future__ import annotations

import asyncio
import errno
import re
import socket
from zoneinfo import ZoneInfo

from ironbridge.domain.session import Endpoint
from ironbridge.errors import ClientIdInUse, ConnectFailed
from ironbridge.ib.codes import CLIENT_ID_IN_USE

PORTS = "IB's defaults are 7497 (TWS, paper), 4002 (Gateway, paper), 7496 (TWS, live) and 4001 (Gateway, live)"
_ZONE = re.compile(r"^\d{8} \d{2}:\d{2}:\d{2} (.+)$")


class Greeting:
    """What the gateway has said of itself so far."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.server_version = 0
        self.accounts: tuple[str, ...] = ()
        self.next_order_id = 0
        self._last_words = ""

    def version(self, number: int) -> None:
        self.server_version = number

    def managed(self, accounts: tuple[str, ...]) -> None:
        self.accounts = accounts
        self._open_if_whole()

    def next_id(self, order_id: int) -> None:
        self.next_order_id = order_id
        self._open_if_whole()

    def said(self, code: int, text: str) -> bool:
        """An error message. Returns whether it decided the greeting."""
        if self.opened.done():
            return False
        if code == CLIENT_ID_IN_USE:
            self.fail(
                ClientIdInUse(
                    f"Client id {self.endpoint.client_id} is in use at {self.endpoint.host}:{self.endpoint.port}.",
                    next_step="End the other program that uses it. Another id could not manage this id's orders.",
                )
            )
            return True
        self._last_words = f" The gateway said: {text} ({code})"
        return False

    def fail(self, error: ConnectFailed) -> None:
        if not self.opened.done():
            self.opened.set_exception(error)

    def abandon(self) -> None:
        """Nobody waits for it any more: what becomes of it is no news to anybody."""
        if not self.opened.cancel() and not self.opened.cancelled():
            self.opened.exception()

    def ended(self, reason: str) -> None:
        """The socket closed before the session was open."""
        where = f"{self.endpoint.host}:{self.endpoint.port}"
        if self.server_version:
            message = f"The gateway at {where} closed the connection after the client id was named ({reason})."
            step = "The client id may be in use, or this machine may not be among the gateway's trusted addresses."
        else:
            message = f"{where} took the connection and closed it without an answer ({reason})."
            step = "In the gateway's API settings, enable the socket and add this machine to the trusted addresses."
        self.fail(ConnectFailed(message + self._last_words, next_step=step))

    def silent(self, seconds: float) -> ConnectFailed:
        """The error for a greeting that did not come in time."""
        where = f"{self.endpoint.host}:{self.endpoint.port}"
        if self.server_version:
            message = f"The gateway at {where} answers but gave no {self._missing()} within {seconds:g} s."
            step = "It is probably not logged in to IB, or shows a dialog: look at its window."
            return ConnectFailed(message + self._last_words, next_step=step, cause="not-logged-in")
        message = f"{where} took the connection but did not answer the API greeting within {seconds:g} s."
        step = "Restart the gateway if it is one (a hung one looks so); otherwise another program has this port."
        return ConnectFailed(message + self._last_words, next_step=step)

    def _missing(self) -> str:
        missing = [name for name, have in (("accounts", self.accounts), ("order id", self.next_order_id)) if not have]
        return " and no ".join(missing)

    def _open_if_whole(self) -> None:
        if self.accounts and self.next_order_id and not self.opened.done():
            self.opened.set_result(None)


def no_socket(endpoint: Endpoint, error: OSError | TimeoutError, seconds: float) -> ConnectFailed:
    """The error for a TCP connection that could not be made."""
    where = f"{endpoint.host}:{endpoint.port}"
    # A name with several addresses gives one error of all their texts.
    if isinstance(error, ConnectionRefusedError) or f"[Errno {errno.ECONNREFUSED}]" in str(error):
        return ConnectFailed(
            f"Nothing listens on {where}.",
            next_step=f"Start TWS or IB Gateway, enable its API socket, and check the port: {PORTS}.",
        )
    if isinstance(error, socket.gaierror):
        return ConnectFailed(f"There is no host named {endpoint.host}.", next_step="Check the host setting.")
    if isinstance(error, TimeoutError):
        return ConnectFailed(
            f"{where} did not take the connection within {seconds:g} s.",
            next_step="Check host and port, and whether a firewall is between.",
        )
    return ConnectFailed(f"{where} could not be reached: {error}.", next_step="Check host, port and network.")


def zone_of(connection_time: str) -> str:
    """The time zone in the gateway's greeting ("20231021 13:28:15 EST"); UTC where it names none that is known."""
    match = _ZONE.match(connection_time)
    if match is None:
        return "UTC"
    try:
        ZoneInfo(match[1])
    except (KeyError, ValueError, OSError):
        return "UTC"  # Gateways on Windows send names such as "Central European Standard Time".
    return match[1]
