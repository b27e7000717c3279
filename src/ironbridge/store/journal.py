"""The order journal in SQL: append-only, durable before anything is sent.

Owns the numbers: an event's sequence is one above the last, an order's id is above every id that its client id has
used, and both are given within the transaction that records what they are for, so that no crash and no second process
can give one twice (I-02, I-12). A key is a primary key: it can be taken once. Each event is recorded in the audit log
in the same transaction, so that neither holds what the other lacks, at the price of one commit.

Several processes may write one journal, each under the client id that it owns: every transaction checks the owner's
fencing token (`store.leases`), so that one that was taken over records nothing more, and sends nothing new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, select, update

from ironbridge.domain.audit import EMPTY, ENGINE, Actor, AuditHead, present_actor
from ironbridge.domain.events import Claimed, OrderEvent, OrderIntended, Recorded
from ironbridge.domain.order import OrderRequest
from ironbridge.domain.risk import kill_switch_engaged
from ironbridge.errors import LeaseLost, StorageError
from ironbridge.interfaces import Clock
from ironbridge.store.audit import extend
from ironbridge.store.codec import decode, encode
from ironbridge.store.engine import Database
from ironbridge.store.journal_audit import act_of
from ironbridge.store.leases import SqlLeases
from ironbridge.store.prepared import Prepared
from ironbridge.store.tables import AUDIT, KILL_SWITCH, LEASES, ORDER_EVENTS, ORDER_IDS, ORDER_KEYS, RISK_LATCHES

_EVENTS = select(
    ORDER_EVENTS.c.sequence, ORDER_EVENTS.c.at, ORDER_EVENTS.c.kind, ORDER_EVENTS.c.version, ORDER_EVENTS.c.payload
).order_by(ORDER_EVENTS.c.sequence)

_LAST = select(func.max(ORDER_EVENTS.c.sequence)).scalar_subquery()
_HEAD = (AUDIT.c.number, AUDIT.c.hash)
_HEAD_NUMBER, _HEAD_HASH = (
    select(column).order_by(AUDIT.c.number.desc()).limit(1).scalar_subquery() for column in _HEAD
)
_FENCE = select(LEASES.c.token).where(LEASES.c.client_id == bindparam("client_id")).scalar_subquery()
_ENDS = Prepared(select(_LAST, _HEAD_NUMBER, _HEAD_HASH, _FENCE))
_MARK = select(ORDER_IDS.c.mark).where(ORDER_IDS.c.client_id == bindparam("client_id"))
_HALTED = select(RISK_LATCHES.c.engaged).where(RISK_LATCHES.c.name == KILL_SWITCH)
_STANDING = Prepared(
    select(
        select(ORDER_KEYS.c.sequence).where(ORDER_KEYS.c.key == bindparam("key")).scalar_subquery(),
        _MARK.scalar_subquery(),
        _LAST,
        _HEAD_NUMBER,
        _HEAD_HASH,
        _HALTED.scalar_subquery(),
        _FENCE,
    )
)
_FIRST_MARK = Prepared(insert(ORDER_IDS).values(client_id=bindparam("client"), mark=bindparam("to")))
_NEXT_MARK = Prepared(
    update(ORDER_IDS).where(ORDER_IDS.c.client_id == bindparam("client")).values(mark=bindparam("to"))
)
_TAKE = Prepared(insert(ORDER_KEYS))
_RECORD = Prepared(insert(ORDER_EVENTS))

MAX_ORDER_ID = 2**31 - 1
"""Order ids are 32-bit signed on the wire, and the largest of them means "unset"."""


class SqlJournal:
    """An `ironbridge.interfaces.Journal` in a database.

    Parameters:
        database: where it is kept; opened by its owner.
        clock: dates what is recorded.
        leases: says under which client id this process writes; None for a journal of one process alone.
    """

    def __init__(self, database: Database, clock: Clock, leases: SqlLeases | None = None) -> None:
        self._database = database
        self._clock = clock
        self._leases = leases

    async def claim(
        self, request: OrderRequest, client_id: int, floor: int, meanwhile: Callable[[Claimed], None] | None = None
    ) -> Claimed:
        """See `Journal.claim`."""
        at, actor = self._clock.now(), present_actor()
        fence = self._fence(client_id)
        return await self._database.write(
            lambda connection: _claim(connection, request, client_id, floor, at, actor, fence), meanwhile
        )

    async def claim_all(self, requests: Sequence[OrderRequest], client_id: int, floor: int) -> Sequence[Claimed]:
        """See `Journal.claim_all`."""
        at, actor = self._clock.now(), present_actor()
        fence = self._fence(client_id)
        return await self._database.write(
            lambda connection: _claim_all(connection, requests, client_id, floor, at, actor, fence)
        )

    async def reserve_id(self, client_id: int, floor: int) -> int:
        """See `Journal.reserve_id`."""
        return await self._database.write(
            lambda connection: _next_id(
                connection, client_id, floor, connection.execute(_MARK, {"client_id": client_id}).scalar()
            )
        )

    async def append(self, events: Sequence[OrderEvent], by: Sequence[Actor] = ()) -> Sequence[Recorded]:
        """See `Journal.append`."""
        if not events:
            return ()
        at = self._clock.now()
        actors = by or [ENGINE] * len(events)
        fence = None if self._leases is None else self._leases.fence
        return await self._database.write(lambda connection: _append(connection, events, actors, at, fence))

    async def halted(self) -> bool:
        """See `Journal.halted`."""
        return bool(await self._database.read(lambda connection: connection.execute(_HALTED).scalar()))

    async def replay(self) -> Sequence[Recorded]:
        """See `Journal.replay`."""
        return await self._database.read(lambda connection: _fetch(connection, _EVENTS))

    async def since(self, sequence: int) -> Sequence[Recorded]:
        """See `Journal.since`."""
        query = _EVENTS.where(ORDER_EVENTS.c.sequence > sequence)
        return await self._database.read(lambda connection: _fetch(connection, query))

    async def story(self, key: str) -> Sequence[Recorded]:
        """See `Journal.story`."""
        query = _EVENTS.where(ORDER_EVENTS.c.key == key)
        return await self._database.read(lambda connection: _fetch(connection, query))

    def _fence(self, client_id: int) -> Fence:
        return None if self._leases is None else (client_id, self._leases.token(client_id))


Fence = tuple[int, int | None] | None
"""A client id and the token under which it is owned; None where nothing is checked."""


def _check(fence: Fence, found: int | None) -> None:
    if fence is not None and (fence[1] is None or fence[1] != found):
        raise LeaseLost(
            f"Client id {fence[0]} is owned by another process now: nothing was recorded, and nothing sent.",
            next_step="Look at what is open there, or connect again under a client id of your own.",
        )


def _claim(
    connection: Connection,
    request: OrderRequest,
    client_id: int,
    floor: int,
    at: datetime,
    actor: Actor,
    fence: Fence,
) -> Claimed:
    standing = _STANDING.one(connection, {"key": request.key, "client_id": client_id})
    taken, mark, last, number, digest, killed, token = standing
    _check(fence, token)
    if taken is not None:
        return Claimed(_fetch(connection, _EVENTS.where(ORDER_EVENTS.c.sequence == taken))[0], fresh=False)
    if killed:
        # The gate refuses sooner and with more words, where its own process has been told. Another's may not have been.
        raise kill_switch_engaged()
    order_id = _next_id(connection, client_id, floor, mark)
    intent = Recorded((last or 0) + 1, at, OrderIntended(request.key, request, client_id, order_id))
    _insert(connection, (intent,), (actor,), _head(number, digest))
    taking = {
        "key": request.key,
        "fingerprint": request.fingerprint,
        "client_id": client_id,
        "order_id": order_id,
        "sequence": intent.sequence,
    }
    _TAKE.run(connection, (taking,))
    return Claimed(intent, fresh=True)


def _claim_all(
    connection: Connection,
    requests: Sequence[OrderRequest],
    client_id: int,
    floor: int,
    at: datetime,
    actor: Actor,
    fence: Fence,
) -> list[Claimed]:
    taken = select(ORDER_KEYS.c.sequence).where(ORDER_KEYS.c.key.in_([request.key for request in requests]))
    known = _fetch(connection, _EVENTS.where(ORDER_EVENTS.c.sequence.in_(taken)))
    if known:
        return [Claimed(intent, fresh=False) for intent in known]
    return [_claim(connection, request, client_id, floor, at, actor, fence) for request in requests]


def _next_id(connection: Connection, client_id: int, floor: int, mark: int | None) -> int:
    order_id = max(floor, 1 if mark is None else mark + 1)
    if order_id >= MAX_ORDER_ID:
        raise StorageError(
            f"Client id {client_id} has used up its order ids.",
            next_step="Reset the API order id sequence in TWS, and use another client id.",
        )
    (_FIRST_MARK if mark is None else _NEXT_MARK).run(connection, ({"client": client_id, "to": order_id},))
    return order_id


def _append(
    connection: Connection, events: Sequence[OrderEvent], actors: Sequence[Actor], at: datetime, fence: Fence
) -> list[Recorded]:
    client_id = None if fence is None else fence[0]
    last, number, digest, token = _ENDS.one(connection, {"client_id": client_id})
    _check(fence, token)
    recorded = [Recorded((last or 0) + n, at, event) for n, event in enumerate(events, start=1)]
    _insert(connection, recorded, actors, _head(number, digest))
    return recorded


def _head(number: int | None, digest: str | None) -> AuditHead:
    return EMPTY if number is None or digest is None else AuditHead(number, digest)


def _insert(connection: Connection, recorded: Sequence[Recorded], actors: Sequence[Actor], head: AuditHead) -> None:
    rows, acts = [], []
    for each, actor in zip(recorded, actors, strict=True):
        kind, version, payload = encode(each.event)
        rows.append(
            {
                "sequence": each.sequence,
                "at": each.at.isoformat(),
                "key": each.event.key,
                "kind": kind,
                "version": version,
                "payload": payload,
            }
        )
        acts.append((actor, act_of(each.event, rows[-1])))
    _RECORD.run(connection, rows)
    extend(connection, acts, recorded[0].at, head)


def _fetch(connection: Connection, query: Select[Any]) -> list[Recorded]:
    rows: Iterable[Any] = connection.execute(query)
    return [
        Recorded(sequence, datetime.fromisoformat(at), decode(kind, version, payload))
        for sequence, at, kind, version, payload in rows
    ]
