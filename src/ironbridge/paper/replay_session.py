"""One client of a replay: its socket, its part in the recording, and the answers that are on their way to it.

Invariants: the answers of one turn come in their recorded order; an answer carries the ids of the request that it is
given to, never the recorded ones; a client that does not read gets nothing more until it does; nothing that a client
sends raises into the event loop.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from ironbridge.errors import InvalidInput, ProtocolError
from ironbridge.paper.casting import Casting
from ironbridge.paper.places import Places
from ironbridge.paper.script import Section, Turn
from ironbridge.wire.account import CancelPositions, ReqAccountUpdates, ReqPositions
from ironbridge.wire.connection import Broken, Connection, Ended, Refused, Undecodable
from ironbridge.wire.contract import Contract
from ironbridge.wire.framing import frame, join_fields
from ironbridge.wire.handshake import Hello
from ironbridge.wire.market import ReqMarketDataType
from ironbridge.wire.orders import CancelOrder, ReqGlobalCancel
from ironbridge.wire.place_order import PlaceOrder
from ironbridge.wire.registry import codec_for
from ironbridge.wire.session import (
    CurrentTime,
    ErrorMessage,
    ManagedAccounts,
    NextValidId,
    ReqCurrentTime,
    ReqIds,
    ReqManagedAccts,
    SetServerLogLevel,
    StartApi,
)
from ironbridge.wire.text import UnknownMessage
from ironbridge.wire.values import Role

logger = logging.getLogger(__name__)

HELLO_SECONDS = 30.0
"""A socket that says nothing for this long is no client."""
SETTLE_SECONDS = 5.0
"""How long a closing socket may take to hand over what was written before it is cut."""
AT_ONCE = 1000
"""Answers that are handed over before others have their turn."""


class Stage(Protocol):
    """What a session needs of the replay that it belongs to."""

    speed: float

    @property
    def version(self) -> int: ...

    @property
    def time(self) -> str: ...

    def epoch(self) -> int: ...

    def opened(self, session: ReplaySession) -> None: ...

    def gone(self, session: ReplaySession) -> None: ...

    def section_for(self, client_id: int) -> Section: ...

    def missing(self, what: str) -> None: ...

    def notice(self, text: str) -> None: ...


@dataclass(order=True, slots=True)
class _Due:
    """An answer on its way: when, which in the order of all, and to which request."""

    at: float
    number: int
    fields: tuple[str, ...] | None = field(compare=False)
    """None is the end of the connection."""
    turn: Turn = field(compare=False)
    request: Any = field(compare=False)


class ReplaySession(asyncio.Protocol):
    """One client."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._connection = Connection(Role.SERVER, max_version=stage.version)
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._section: Section | None = None
        self._casting: Casting | None = None
        self._places: Places | None = None
        self._client_id = 0
        self._due: list[_Due] = []
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._paused = False
        self._guards: list[asyncio.TimerHandle] = []

    # -- the socket

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._stage.opened(self)
        self._guards.append(self._loop.call_later(HELLO_SECONDS, self._overdue))

    def data_received(self, data: bytes) -> None:
        try:
            self._connection.receive_data(data)
            for event in self._connection.events_received():
                self._take(event)
        except Exception:
            # The last line: a fault of ours in one client's request must not reach the loop or the other clients.
            logger.exception("a client of the replay is cut off: its request could not be handled")
            self.cut()

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  the protocol's shape
        for guard in [*self._guards, *([self._timer] if self._timer else [])]:
            guard.cancel()
        self._due.clear()
        self._transport = None
        self._stage.gone(self)

    def cut(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def _close(self) -> None:
        transport = self._transport
        if transport is not None and not transport.is_closing():
            transport.close()
            self._guards.append(self._loop.call_later(SETTLE_SECONDS, transport.abort))

    def _overdue(self) -> None:
        if self._section is None:
            self._close()

    def _write(self, data: bytes) -> None:
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    # -- the client

    def _take(self, event: Any) -> None:
        match event:
            case Hello():
                self._connection.accept(self._stage.time)
                self._write(self._connection.data_to_send())
            case Refused():
                lowest, highest = event.hello.min_version, event.hello.max_version
                self._stage.notice(f"A client speaks versions {lowest} to {highest} only and was turned away.")
                self._close()
            case Broken():
                self._stage.notice(f"A client was cut off: {event.error.message}")
                self._close()
            case Ended():
                pass
            case StartApi() if self._section is None:
                self._start(event)
            case _ if self._section is None:
                pass  # A real gateway does not answer a client that has not said who it is.
            case Undecodable():
                self._tell(-1, 320, f"Error reading request:Unable to parse data. {event.error.message}")
            case UnknownMessage():
                self._tell(-1, 320, f"Error reading request:Message type {event.fields[0]} is not supported.")
            case _:
                self._answer(event)

    def _start(self, message: StartApi) -> None:
        section = self._section = self._stage.section_for(message.client_id)
        self._client_id = message.client_id
        self._casting = Casting(section)
        self._places = Places(section.version)
        self._schedule(section.start, message)
        if section.cut_after is not None:
            self._push(section.cut_after, None, section.start, message)
        self._arm()

    def _answer(self, request: Any) -> None:
        assert self._casting is not None
        self._before(request)
        turn = self._casting.turn_for(request)
        if turn is not None:
            self._schedule(turn, request)
        elif not self._answer_for_session(request) and not _is_silent(request):
            what = _named(request)
            self._stage.missing(what)
            if isinstance(request, PlaceOrder):
                self._tell(request.order_id, 201, f"Order rejected - reason:the recording holds no {what}.")
            else:
                number = getattr(request, "req_id", getattr(request, "order_id", -1))
                self._tell(number, 322, f"Error processing request: the recording holds no {what}.")
        self._arm()

    def _answer_for_session(self, request: Any) -> bool:
        """What any session knows without a recorded turn."""
        assert self._section is not None
        match request:
            case ReqCurrentTime():
                self._say(CurrentTime(self._stage.epoch()))
                return True
            case ReqManagedAccts():
                kind: type = ManagedAccounts
            case ReqIds():
                kind = NextValidId
            case _:
                return False
        codec = codec_for(self._section.version)
        for answer in self._section.start.answers:
            message = codec.decode_fields(answer.fields, Role.SERVER)
            if isinstance(message, kind):
                self._say(message)
                return True
        return False

    def _before(self, request: Any) -> None:
        """What a request means for answers that are still on their way."""
        match request:
            case PlaceOrder() | CancelOrder():
                self._hurry(lambda due: getattr(due.request, "order_id", None) == request.order_id)
            case ReqGlobalCancel():
                self._hurry(lambda due: hasattr(due.request, "order_id"))
            case CancelPositions():
                self._drop(lambda due: isinstance(due.request, ReqPositions))
            case ReqAccountUpdates(subscribe=False):
                self._drop(lambda due: isinstance(due.request, ReqAccountUpdates))
            case _ if type(request).__name__.startswith("Cancel") and hasattr(request, "req_id"):
                self._drop(lambda due: getattr(due.request, "req_id", None) == request.req_id)

    # -- answers on their way

    def _schedule(self, turn: Turn, request: Any) -> None:
        for answer in turn.answers:
            self._push(answer.after, answer.fields, turn, request)

    def _push(self, after: float, fields: tuple[str, ...] | None, turn: Turn, request: Any) -> None:
        self._count += 1
        due = _Due(self._loop.time() + after / self._stage.speed, self._count, fields, turn, request)
        heapq.heappush(self._due, due)

    def _drop(self, fits: Callable[[_Due], bool]) -> None:
        self._due = [due for due in self._due if not fits(due)]
        heapq.heapify(self._due)

    def _hurry(self, fits: Callable[[_Due], bool]) -> None:
        """An order's past is told before its next step."""
        for due in sorted(due for due in self._due if fits(due)):
            self._deliver(due)
        self._drop(fits)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due and not self._paused and self._transport is not None:
            self._timer = self._loop.call_at(self._due[0].at, self._play)

    def _play(self) -> None:
        self._timer = None
        now = self._loop.time()
        for _ in range(AT_ONCE):
            if not self._due or self._paused or self._due[0].at > now:
                break
            due = heapq.heappop(self._due)
            try:
                self._deliver(due)
            except Exception:
                # One answer that cannot be told must not end the others; which one it was is in the log.
                logger.exception("an answer of the recording was left out: %r", due.fields)
        self._arm()

    def _deliver(self, due: _Due) -> None:
        if due.fields is None:
            self._close()
            return
        assert self._section is not None
        fields = self._today(due)
        if self._connection.version == self._section.version:
            self._write(frame(join_fields(fields)))
            return
        try:
            self._say(codec_for(self._section.version).decode_fields(fields, Role.SERVER))
        except (ProtocolError, InvalidInput) as error:
            logger.info("left out at version %d: %s", self._connection.version, error)

    def _today(self, due: _Due) -> list[str]:
        """The answer with the ids that its client uses."""
        assert due.fields is not None
        assert self._places is not None
        fields = list(due.fields)
        try:
            laid = self._places.laid(fields, Role.SERVER)
        except ProtocolError:
            return fields
        if laid is None or isinstance(laid.message, NextValidId):
            return fields
        is_error = isinstance(laid.message, ErrorMessage)
        for path, at in laid.places:
            name = path.rpartition(".")[2]
            if name == "req_id" or (is_error and name == "id"):
                fields[at] = self._number(due, fields[at], orders=is_error)
            elif name in {"order_id", "api_order_id", "parent_id"}:
                fields[at] = self._order(fields[at])
            elif name in {"client_id", "api_client_id"} and fields[at] == str(self._recorded_client):
                fields[at] = str(self._client_id)
        return fields

    @property
    def _recorded_client(self) -> int:
        assert self._section is not None
        return self._section.client_id

    def _number(self, due: _Due, text: str, *, orders: bool) -> str:
        recorded = getattr(due.turn.request, "req_id", None)
        if recorded is not None and text == str(recorded):
            return str(due.request.req_id)
        return self._order(text) if orders else text

    def _order(self, text: str) -> str:
        assert self._casting is not None
        return str(self._casting.today(int(text))) if text.isascii() and text.isdigit() else text

    def _tell(self, number: int, code: int, text: str) -> None:
        self._say(ErrorMessage(number, code, text))

    def _say(self, message: Any) -> None:
        self._connection.send(message)
        self._write(self._connection.data_to_send())


def _is_silent(request: Any) -> bool:
    """Whether a real gateway answers it with nothing, if all is well."""
    is_cancel = type(request).__name__.startswith("Cancel") and not isinstance(request, CancelOrder)
    is_end = isinstance(request, ReqAccountUpdates) and not request.subscribe
    return is_cancel or is_end or isinstance(request, SetServerLogLevel | ReqMarketDataType)


def _named(request: Any) -> str:
    """A request in a few words: `ReqMktData AAPL STK`."""
    contract = getattr(request, "contract", None)
    words = [type(request).__name__]
    if isinstance(request, PlaceOrder):
        quantity = request.order.total_quantity
        words += [request.order.action, str(quantity or ""), request.order.order_type]
    if isinstance(contract, Contract):
        name = contract.symbol or contract.local_symbol or str(contract.con_id)
        words += [name, contract.sec_type, contract.last_trade_date_or_contract_month]
    if isinstance(request, CancelOrder):
        words.append(f"of order {request.order_id}")
    return " ".join(word for word in words if word)
