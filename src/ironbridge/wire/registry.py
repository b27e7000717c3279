"""Every message there is, and the codec for a negotiated version.

The one place that knows all domains. A message class stands in exactly one format; `codec_for` is where another
encoding of the same classes is chosen by version.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Protocol

from ironbridge.wire import (
    account,
    analysis,
    contracts,
    depth,
    history,
    market,
    news,
    open_order,
    orders,
    place_order,
    scanner,
    session,
    ticks,
)
from ironbridge.wire.text import Format, TextCodec
from ironbridge.wire.values import Role

MIN_VERSION = 151
"""Older clients negotiate price conditions and sizes in ways that no client in use still speaks."""
MAX_VERSION = 178
"""The last version that every text client negotiates; from 201 on messages move to protobuf one by one."""

FORMATS: tuple[Format, ...] = (
    *session.FORMATS,
    *contracts.FORMATS,
    *market.FORMATS,
    *place_order.FORMATS,
    *open_order.FORMATS,
    *orders.FORMATS,
    *account.FORMATS,
    *depth.FORMATS,
    *ticks.FORMATS,
    *history.FORMATS,
    *scanner.FORMATS,
    *news.FORMATS,
    *analysis.FORMATS,
)


class MessageCodec(Protocol):
    """Payloads to messages and back at one version, in whichever encoding that version has."""

    version: int

    def decode(self, payload: bytes, sender: Role) -> Any: ...

    def encode(self, message: Any, sender: Role) -> bytes: ...

    def encode_in_parts(self, message: Any, sender: Role) -> Iterator[bytes]: ...


@cache
def codec_for(version: int) -> TextCodec:
    """The codec of a version between MIN_VERSION and MAX_VERSION."""
    if not MIN_VERSION <= version <= MAX_VERSION:
        raise ValueError(f"version {version} is outside {MIN_VERSION}..{MAX_VERSION}")
    return TextCodec(version, FORMATS)
