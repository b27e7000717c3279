"""Order events as JSON, with a version on each, so that a journal stays readable for good.

Each kind of event has a name and a version of its own. Reading an older version goes through its upgrades, one version
at a time; a newer one, or a kind that is not known, is refused, since reading half of it would be guessing. Decimals
are strings, moments are ISO 8601 in UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from ironbridge.domain.events import (
    CommissionReceived,
    DuplicateFound,
    FillReceived,
    ModifyMoved,
    ModifyRequested,
    OrderClosedByHand,
    OrderEvent,
    OrderIntended,
    OrderMoved,
    OrderNoticed,
    TermsChanged,
)
from ironbridge.errors import IronbridgeError, StorageError

Document = dict[str, Any]
Upgrade = Callable[[Document], Document]


@dataclass(frozen=True, slots=True)
class EventKind:
    """How one kind of event is kept.

    Parameters:
        name: what it is called in the journal; never changed, whatever the class is called.
        event: the class.
        version: what is written today.
        upgrades: from a version to the next, for each version before today's.
    """

    name: str
    event: type[OrderEvent]
    version: int = 1
    upgrades: Mapping[int, Upgrade] | None = None


def _as_it_is(document: Document) -> Document:
    """A version that only added fields: what was written before means what their defaults mean."""
    return document


KINDS = (
    # Version 2: order types beyond the first four and all that goes with them, combinations.
    EventKind("order_intended", OrderIntended, 2, {1: _as_it_is}),
    EventKind("order_moved", OrderMoved),
    EventKind("fill_received", FillReceived),
    EventKind("commission_received", CommissionReceived),
    EventKind("order_noticed", OrderNoticed),
    EventKind("duplicate_found", DuplicateFound),
    EventKind("modify_requested", ModifyRequested),
    EventKind("modify_moved", ModifyMoved),
    EventKind("terms_changed", TermsChanged),
    EventKind("order_closed_by_hand", OrderClosedByHand),
)

_BY_NAME = {kind.name: kind for kind in KINDS}
_BY_CLASS = {kind.event: kind for kind in KINDS}
_ENCODER = msgspec.json.Encoder()
_DECODERS = {kind.name: msgspec.json.Decoder(kind.event) for kind in KINDS}


def encode(event: OrderEvent) -> tuple[str, int, str]:
    """The event as its kind, its version and its JSON."""
    kind = _BY_CLASS[type(event)]
    return kind.name, kind.version, _ENCODER.encode(event).decode()


def decode(name: str, version: int, payload: str) -> OrderEvent:
    """The event that was kept.

    Raises:
        StorageError: a kind or version from a newer Ironbridge, or a payload that is damaged.
    """
    kind = _BY_NAME.get(name)
    if kind is None or version > kind.version:
        raise StorageError(
            f"The journal holds {name} in version {version}, which this Ironbridge does not know.",
            next_step="It was written by a newer version: install that one.",
        )
    try:
        if version == kind.version:
            return _DECODERS[name].decode(payload)
        document = msgspec.json.decode(payload)
        for step in range(version, kind.version):
            document = (kind.upgrades or {})[step](document)
        return msgspec.convert(document, kind.event)
    # A domain class refuses what it cannot mean with an error of our own tree.
    except (msgspec.MsgspecError, IronbridgeError, KeyError) as error:
        raise StorageError(
            f"The journal holds {name} that cannot be read: {error}.",
            next_step="The file is damaged or was edited; restore it from a copy.",
        ) from error
