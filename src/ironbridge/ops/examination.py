"""Examines a gateway as `ironbridge doctor` needs it: opens a session, asks harmless questions, and writes down what
came. It judges nothing (`session.doctor` does) and raises nothing: a failure is a fact.

Nothing that it sends can trade, change or cancel anything. Its messages are those of `_ASKED`, all questions; a test
holds it to them. Whether the API is read-only is told by asking for open orders: a read-only gateway refuses that
plain question with 321 as it refuses an order (seen with ib_insync, whose connect asks it), so neither a what-if order
nor a cancel of an invented id is needed, which a gateway that errs could take for real. Client 0 asks for all open
orders instead of its own, since for client 0 the latter binds orders that were made by hand in TWS.

It speaks `ironbridge.wire` and not the engine's own link, so that a fault of the one does not hide in the other.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from ironbridge.domain.diagnosis import Examined, Heard, Hurdle, OrdersAnswer, QuoteAnswer
from ironbridge.ops.probe import connection_trouble, probe
from ironbridge.wire.connection import Broken, Connection, Ended, Refused
from ironbridge.wire.contract import Contract
from ironbridge.wire.handshake import ServerVersion
from ironbridge.wire.market import MarketDataType, ReqMarketDataType, ReqMktData, TickPrice, TickSnapshotEnd
from ironbridge.wire.orders import OpenOrderEnd, ReqAllOpenOrders, ReqOpenOrders
from ironbridge.wire.session import (
    CurrentTime,
    ErrorMessage,
    ManagedAccounts,
    NextValidId,
    ReqCurrentTime,
    StartApi,
)
from ironbridge.wire.values import Role

USUAL_PORTS = (7496, 7497, 4001, 4002)
SYMBOLS = ("SPY", "AAPL")
"""Two stocks that everybody may see who has any US data: one listed at Arca, one at Nasdaq, which are sold apart."""

LIVE = 1
"""The kind of data that is meant where IB names none."""
CLIENT_ID_IN_USE = 326
READ_ONLY = 321

_ASKED = (StartApi, ReqCurrentTime, ReqOpenOrders, ReqAllOpenOrders, ReqMarketDataType, ReqMktData)
"""All that is ever sent after the greeting."""

_FIRST_REQUEST = 1_900_000_000
"""Far from any order id, so that an error about a request is never read as one about an order."""


async def examine(
    host: str,
    port: int,
    client_id: int,
    *,
    timeout: float,  # noqa: ASYNC109 - one limit for each step, whose end is a fact and not an error
    within: float = math.inf,
    market_data_type: int = 1,
    id_is_ours: bool = False,
    usual_ports: Sequence[int] = USUAL_PORTS,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    monotonic: Callable[[], float] = time.perf_counter,
    spare_id: Callable[[], int] = lambda: random.randrange(1_000_000, 2**31 - 1),  # noqa: S311 - no secret
) -> Examined:
    """What is found at an address.

    Parameters:
        host: name or address.
        port: its port.
        client_id: the one that the settings name.
        timeout: seconds for each step.
        within: seconds for all of them together; what is not asked by then is left out.
        market_data_type: IB's number of the kind of data that the settings ask for.
        id_is_ours: a session of our own holds the client id at this moment, so that another one is used at once.
        usual_ports: where else to look if nothing listens there.
        now: the wall clock, for the skew.
        monotonic: measures.
        spare_id: a client id that nobody uses, for the rest of the questions where ours is taken.
    """
    questions = _Questions(host, port, timeout, monotonic() + within, market_data_type, now, monotonic)
    if id_is_ours:
        return replace(await questions.ask(spare_id()), client_id=client_id, id_tried=False)
    found = await questions.ask(client_id)
    if found.client_id_taken:
        found = replace(await questions.ask(spare_id()), client_id=client_id, client_id_taken=True)
    if found.hurdle is Hurdle.NOTHING_LISTENS:
        others = [other for other in usual_ports if other != port]
        probed = [await probe(host, other, timeout=min(timeout, 1.0), monotonic=monotonic) for other in others]
        found = replace(found, elsewhere=tuple(each.port for each in probed if each.ok))
    return found


@dataclass(slots=True)
class _Notes:
    """What one session has said so far."""

    version: int | None = None
    accounts: tuple[str, ...] | None = None
    next_order_id: int | None = None
    epoch: int | None = None
    orders_ended: bool = False
    heard: list[Heard] = field(default_factory=list)
    ticked: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)
    kinds: dict[int, int] = field(default_factory=dict)
    ending: tuple[Hurdle, str] | None = None

    @property
    def open(self) -> bool:
        return self.accounts is not None and self.next_order_id is not None

    def codes(self) -> set[int]:
        return {heard.code for heard in self.heard}

    def read_only(self) -> bool:
        return any(heard.code == READ_ONLY and "read-only" in heard.text.lower() for heard in self.heard)

    def about(self, request: int) -> tuple[Heard, ...]:
        return tuple(heard for heard in self.heard if heard.id == request)


@dataclass(frozen=True, slots=True)
class _Questions:
    """The questions, asked in one session at a time."""

    host: str
    port: int
    timeout: float
    deadline: float
    market_data_type: int
    now: Callable[[], datetime]
    monotonic: Callable[[], float]

    def patience(self) -> float:
        """Seconds for the next step."""
        return max(min(self.timeout, self.deadline - self.monotonic()), 0.0)

    async def ask(self, client_id: int) -> Examined:
        """All of them under one client id, as far as the answers let it go."""
        blank, began = Examined(self.host, self.port, client_id), self.monotonic()
        try:
            async with asyncio.timeout(self.patience()):
                reader, writer = await asyncio.open_connection(self.host, self.port)
        except (OSError, UnicodeError) as error:  # as in `probe`
            hurdle, detail, _ = connection_trouble(self.host, self.port, error)
            return replace(blank, hurdle=hurdle, detail=detail)
        talk = _Talk(reader, writer, self.patience)
        try:
            return await self._converse(talk, replace(blank, reached=self.monotonic() - began))
        finally:
            await talk.close()

    async def _converse(self, talk: _Talk, blank: Examined) -> Examined:
        notes, began = talk.notes, self.monotonic()
        talk.connection.hello()
        if not await talk.until(lambda: notes.version is not None):
            hurdle, detail = notes.ending or (Hurdle.NO_ANSWER, "")
            return self._written(blank, notes, hurdle, detail)
        blank = replace(blank, greeted=self.monotonic() - began)
        talk.say(StartApi(blank.client_id))
        if not await talk.until(lambda: notes.open or CLIENT_ID_IN_USE in notes.codes()):
            missing = " and ".join(
                word for word, known in (("accounts", notes.accounts), ("order id", notes.next_order_id)) if not known
            )
            hurdle = Hurdle.SESSION_CLOSED if notes.ending else Hurdle.NO_SESSION
            return self._written(blank, notes, hurdle, missing)
        if CLIENT_ID_IN_USE in notes.codes():
            return replace(self._written(blank, notes), client_id_taken=True)
        talk.say(ReqCurrentTime())
        began = self.monotonic()
        told = await talk.until(lambda: notes.epoch is not None)
        blank = replace(blank, round_trip=self.monotonic() - began if told else None)
        skew = self._skew(notes.epoch) if notes.epoch is not None else None
        if not told:
            return self._written(blank, notes, Hurdle.LOST if notes.ending else Hurdle.STALLED)
        talk.say(ReqAllOpenOrders() if blank.client_id == 0 else ReqOpenOrders())
        answered = await talk.until(lambda: notes.orders_ended or notes.read_only())
        orders = OrdersAnswer.SILENT
        if notes.read_only():
            orders = OrdersAnswer.READ_ONLY
        elif answered:
            orders = OrdersAnswer.ANSWERED
        quotes = await self._quotes(talk)
        lost = Hurdle.LOST if notes.ending else None
        return replace(self._written(blank, notes, lost), skew=skew, orders=orders, quotes=quotes)

    async def _quotes(self, talk: _Talk) -> tuple[QuoteAnswer, ...]:
        notes = talk.notes
        if self.market_data_type != 1:
            talk.say(ReqMarketDataType(self.market_data_type))
        requests = {_FIRST_REQUEST + n: symbol for n, symbol in enumerate(SYMBOLS)}
        for number, symbol in requests.items():
            contract = Contract(symbol=symbol, sec_type="STK", exchange="SMART", currency="USD")
            talk.say(ReqMktData(number, contract, snapshot=True))
        await talk.until(
            lambda: all(number in notes.ended | notes.ticked or notes.about(number) for number in requests)
        )
        return tuple(
            QuoteAnswer(symbol, number in notes.ticked, notes.about(number), notes.kinds.get(number, LIVE))
            for number, symbol in requests.items()
        )

    def _skew(self, epoch: int) -> float:
        ahead = (datetime.fromtimestamp(epoch, UTC) - self.now()).total_seconds()
        return ahead if ahead > 0 else min(ahead + 1.0, 0.0)

    @staticmethod
    def _written(blank: Examined, notes: _Notes, hurdle: Hurdle | None = None, detail: str = "") -> Examined:
        return replace(
            blank,
            hurdle=hurdle,
            detail=detail,
            server_version=notes.version,
            accounts=notes.accounts or (),
            next_order_id=notes.next_order_id,
            heard=tuple(heard for heard in notes.heard if heard.id < _FIRST_REQUEST or heard.id == 2**31 - 1),
        )


class _Talk:
    """One connection, and what it has said."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, patience: Callable[[], float]
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._patience = patience
        self.connection = Connection(Role.CLIENT)
        self.notes = _Notes()

    def say(self, message: Any) -> None:
        """Queue one question; on a connection that has ended, nothing."""
        assert isinstance(message, _ASKED), "the doctor asks, and does nothing else"
        if self.notes.ending is None:
            self.connection.send(message)

    async def until(self, known: Callable[[], bool]) -> bool:
        """Send what is queued and read until `known`; whether it is, in time and before the end."""
        try:
            async with asyncio.timeout(self._patience()):
                self._writer.write(self.connection.data_to_send())
                while not known() and self.notes.ending is None:
                    data = await self._reader.read(65536)
                    if data:
                        self.connection.receive_data(data)
                    else:
                        self.connection.receive_eof()
                    for event in self.connection.events_received():
                        self._note(event)
        except TimeoutError:
            return known()
        except OSError as error:
            self.notes.ending = (Hurdle.CLOSED, error.strerror or str(error))
        return known()

    async def close(self) -> None:
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1.0):
                await self._writer.wait_closed()

    def _note(self, event: Any) -> None:
        notes = self.notes
        match event:
            case ServerVersion(version=version):
                notes.version = version
            case Refused(hello=theirs):
                notes.version, notes.ending = None, (Hurdle.NO_VERSION, str(theirs.max_version))
            case Broken(error=error):
                notes.ending = (Hurdle.NOT_TWS if notes.version is None else Hurdle.LOST, error.message)
            case Ended():
                notes.ending = (Hurdle.CLOSED, "")
            case ManagedAccounts():
                notes.accounts = event.names or None
            case NextValidId(order_id=order_id):
                notes.next_order_id = order_id
            case CurrentTime(epoch=epoch):
                notes.epoch = epoch
            case OpenOrderEnd():
                notes.orders_ended = True
            case TickPrice(req_id=number):
                notes.ticked.add(number)
            case MarketDataType(req_id=number, market_data_type=kind):
                notes.kinds[number] = kind
            case TickSnapshotEnd(req_id=number):
                notes.ended.add(number)
            case ErrorMessage(id=number, code=code, text=text):
                notes.heard.append(Heard(number, code, text))
            case _:
                pass
