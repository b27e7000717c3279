"""Where gateways listen, as people write it down: `host:port`, and for market data `host:port/client?options`.

One notation for environment, TOML, INI, REST and the database: what `str` gives back is what `parse` reads. It refuses
what cannot be meant with a sentence that shows the right form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from ironbridge.domain.instrument import Kind

ORDERS = "orders"
"""The name of the session that orders go over; the one that there always is."""

FORM = "host:port, as 10.0.0.2:4002"
DATA_FORM = "host:port/client_id, as 10.0.0.3:4002/11 or 10.0.0.3:4002/11?kinds=OPT+FUT&lines=200"
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|off")
_OPTIONS = ("kinds", "lines", "name", "restart")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a gateway listens."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `host:port`; an IPv6 address stands in brackets.

        Raises:
            ValueError: it is no address, with the right form.
        """
        host, port, rest, query = _split(text, FORM)
        if rest or query:
            raise ValueError(f"{text!r} has more than an address; write {FORM}")
        return cls(host, port)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class DataGateway:
    """A further session that carries market data and never orders (CON-8).

    Parameters:
        address: where its gateway listens.
        client_id: as whom it comes; not the order session's.
        kinds: the kinds of instruments that it is for; empty for all that no other session names.
        lines: market-data lines of its login; None for the `market_data_lines` of the settings.
        name: what it is called; empty for "data-1", "data-2", … by its place in the list.
        restart: its gateway's daily restart, "23:45" or "off"; None for the `daily_restart` of the settings.
    """

    address: Address
    client_id: int
    kinds: frozenset[Kind] = frozenset()
    lines: int | None = None
    name: str = ""
    restart: str | None = None

    @classmethod
    def parse(cls, text: str) -> DataGateway:
        """Read `host:port/client_id?kinds=OPT+FUT&lines=200&name=options&restart=23:45`; options may be left out.

        Raises:
            ValueError: what cannot be meant, with the right form.
        """
        host, port, client, options = _split(text, DATA_FORM)
        if not client.isascii() or not client.isdecimal() or int(client) >= 2**31:
            raise ValueError(f"{text!r} names no client id; write {DATA_FORM}")
        lines, name, restart = options.get("lines"), options.get("name", ""), options.get("restart")
        if lines is not None and not (lines.isascii() and lines.isdecimal() and 1 <= int(lines) <= 100_000):
            raise ValueError(f"lines={lines} in {text!r} is no number of market-data lines")
        if name and (name == ORDERS or not _NAME.fullmatch(name)):
            raise ValueError(f"name={name} in {text!r}: use small letters, digits and dashes, and not {ORDERS!r}")
        if restart is not None and not _TIME.fullmatch(restart):
            raise ValueError(f"restart={restart} in {text!r} is no time of day; write 23:45 or off")
        kinds = frozenset(_kind(each, text) for each in options.get("kinds", "").split())
        return cls(Address(host, port), int(client), kinds, None if lines is None else int(lines), name, restart)

    def __str__(self) -> str:
        options = {
            "kinds": "+".join(sorted(self.kinds)),
            "lines": "" if self.lines is None else str(self.lines),
            "name": self.name,
            "restart": self.restart or "",
        }
        query = "&".join(f"{name}={value}" for name, value in options.items() if value)
        return f"{self.address}/{self.client_id}{'?' if query else ''}{query}"


def named(gateways: tuple[DataGateway, ...]) -> Mapping[str, DataGateway]:
    """Each data session by its name.

    Raises:
        ValueError: two have one name.
    """
    found = {gateway.name or f"data-{place}": gateway for place, gateway in enumerate(gateways, 1)}
    if len(found) < len(gateways):
        raise ValueError("two data sessions have one name; give each its own with name=")
    return found


def check_backups(primary: Address | None, account: str | None, backups: tuple[Address, ...]) -> None:
    """Raise where backups cannot stand beside these settings.

    Raises:
        ValueError: with what to do.
    """
    if not backups:
        return
    if primary is None:
        raise ValueError("the built-in paper gateway has no backups; set host")
    if account is None:
        raise ValueError(
            "with backups the account must be named, so that orders go to the same one at each; set account"
        )
    if primary in backups or len(set(backups)) < len(backups):
        raise ValueError("each gateway may be there once, the primary included")


def check_data_sessions(client_id: int, sessions: tuple[DataGateway, ...]) -> None:
    """Raise where data sessions cannot stand beside an order session with this client id.

    Raises:
        ValueError: with what to do.
    """
    named(sessions)
    if any(each.client_id == client_id for each in sessions):
        raise ValueError(f"client id {client_id} is the order session's; give data sessions ids of their own")
    if len({(each.address, each.client_id) for each in sessions}) < len(sessions):
        raise ValueError("two data sessions have one client id at one gateway; give each its own")


def _split(text: str, form: str) -> tuple[str, int, str, dict[str, str]]:
    try:
        parts = urlsplit(f"//{text.strip()}")
        host, port = parts.hostname or "", parts.port
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True) if parts.query else []
    except ValueError:
        raise ValueError(f"{text!r} cannot be read; write {form}") from None
    options = dict(query)
    if not port or not _HOST.fullmatch(host) or parts.username is not None or parts.fragment:
        raise ValueError(f"{text!r} is no address; write {form}")
    unknown = sorted(set(options) - set(_OPTIONS))
    if unknown or len(options) < len(query):
        raise ValueError(f"{text!r} has options that are not known or given twice; known are {', '.join(_OPTIONS)}")
    return host, port, parts.path.removeprefix("/"), options


def _kind(code: str, text: str) -> Kind:
    try:
        return Kind(code.upper())
    except ValueError:
        raise ValueError(f"kind {code} in {text!r} is not known; known are {', '.join(Kind)}") from None
