"""The broker: one API session with TWS or IB Gateway, as `interfaces.Broker` and `interfaces.MarketFeed`.

Owns the present link and nothing that outlives it but listeners and ids. Invariants: whatever is sent was admitted by
the pacer and goes out on the very link that was there when it was asked for, or not at all; what a link still owed when
it ended is `SessionLost`, and `LinkEnded` is the last report of each session.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ib_async.contract import ContractDetails
from ib_async.objects import ExecutionFilter

from ironbridge.domain.account import Position
from ironbridge.domain.advisor import AdvisorSetup
from ironbridge.domain.impact import OrderImpact
from ironbridge.domain.instrument import Contract, Instrument, PriceIncrement
from ironbridge.domain.market import DataKind
from ironbridge.domain.order import OrderRequest, RiskApproved
from ironbridge.domain.reports import (
    BrokerReport,
    CompletedOrderReport,
    ExecutionReport,
    LinkEnded,
    Notice,
    OpenOrderReport,
)
from ironbridge.domain.session import Endpoint, SessionInfo
from ironbridge.errors import ConnectFailed, NotConnected, ProtocolError
from ironbridge.ib import contracts
from ironbridge.ib.account_requests import AccountRequests, Asking
from ironbridge.ib.account_streams import AccountStreams
from ironbridge.ib.codes import PACE_VIOLATED, Purpose
from ironbridge.ib.feed import KIND_NUMBERS, Lines
from ironbridge.ib.greeting import Greeting
from ironbridge.ib.link import Fault, Link
from ironbridge.ib.orders import ended, order_to_ib
from ironbridge.ib.outgoing import Outgoing
from ironbridge.ib.receiver import Receiver
from ironbridge.ib.requests import ANSWERS, ANSWERS_BY_ID, Ask, Requests
from ironbridge.interfaces import Clock, Lane, Pacer, TickSink

FIRST_REQUEST_ID = 1_000_000_000
"""Request ids begin here, so that an error's id tells a request from an order; order ids begin at 1 and climb."""

TIME_SPACING = 1.0
"""Seconds between two reqCurrentTime: a Gateway was seen to ignore the second within one second."""


@dataclass(slots=True)
class _Session:
    link: Link
    outgoing: Outgoing
    requests: Requests
    lines: Lines
    accounts: AccountStreams
    info: SessionInfo | None = None
    time_asked: float = float("-inf")
    data_type: int = 1
    """The kind of market data that it was asked for; a session begins with live."""


class IbGateway:
    """One client of a gateway.

    Parameters:
        pacer: admits every message.
        clock: stamps what arrives.
        request_timeout: seconds that an answer may take.
        connect_timeout: seconds for the TCP connection, and again for the greeting.
        market_data_type: IB's number of the kind of market data to ask for: 1 live, 2 frozen, 3 delayed,
            4 delayed frozen.
        fast_lane: whether prices and sizes are read from the bytes of their messages (see `feed`) rather than by
            ib_async's decoder.
    """

    def __init__(
        self,
        pacer: Pacer,
        clock: Clock,
        *,
        request_timeout: float = 15.0,
        connect_timeout: float = 10.0,
        market_data_type: int = 1,
        fast_lane: bool = True,
    ) -> None:
        self._pacer = pacer
        self._clock = clock
        self._request_timeout = request_timeout
        self._connect_timeout = connect_timeout
        self._market_data_type = market_data_type
        self._fast_lane = fast_lane
        self._listeners: list[Callable[[BrokerReport], None]] = []
        self._session: _Session | None = None
        self._first_id = self._next_id = FIRST_REQUEST_ID
        self._accounts = AccountRequests(Asking(self._present, self._still, self._take_id, self._run), pacer)
        self._lost = 0
        self._rules: dict[int, tuple[PriceIncrement, ...]] = {}
        self.faults: Counter[int] = Counter()
        """How many messages could not be read, by code: 505 unknown, 507 length, 508 content, 509 market data."""

    def configure(self, *, request_timeout: float, connect_timeout: float, market_data_type: int) -> None:
        """Use other times from now on, and ask for another kind of data before the next line is opened."""
        self._request_timeout, self._connect_timeout = request_timeout, connect_timeout
        self._market_data_type = market_data_type

    # the session

    @property
    def connected(self) -> bool:
        return self._session is not None and self._session.link.alive

    async def connect(self, endpoint: Endpoint) -> SessionInfo:
        """Open the session; see `interfaces.Broker.connect`."""
        await self.disconnect()
        requests, lines, greeting = Requests(), Lines(), Greeting(endpoint)
        accounts = AccountStreams(self._publish)
        receiver = Receiver(requests, lines, self._publish, greeting, self._is_request, accounts)
        link = Link(
            receiver,
            greeting,
            on_end=lambda reason: self._ended(session, reason),
            on_fault=lambda fault: self._fault(session, fault),
            fast_lane=lines.raw if self._fast_lane else None,
        )
        session = _Session(link, Outgoing(link), requests, lines, accounts)
        await link.open(self._connect_timeout)
        self._session = session
        # What the last session carried will be asked for again.
        self._pacer.foresee(self._lost)
        if self._first_id <= greeting.next_order_id:
            # Order ids from another program's clock can lie up here; requests then count from far above them.
            self._first_id = self._next_id = max(self._next_id, greeting.next_order_id + 10_000_000)
        try:
            if self._market_data_type != 1:
                await self.set_market_data_type(self._market_data_type)
        except NotConnected as error:
            raise ConnectFailed(f"The gateway at {endpoint} ended the session as it began.") from error
        session.info = SessionInfo(
            greeting.server_version, greeting.accounts, greeting.next_order_id, self._clock.now()
        )
        return session.info

    async def disconnect(self) -> None:
        session = self._session
        if session is not None:
            session.link.close("closed here")
            await session.link.wait_closed()

    def listen(self, listener: Callable[[BrokerReport], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    # orders

    def prepare(self, approved: RiskApproved, order_id: int) -> None:
        if self.connected:
            self._present().outgoing.prepare(approved, order_id)

    async def place(self, approved: RiskApproved, order_id: int, *, parent_id: int = 0, transmit: bool = True) -> None:
        session = self._present()
        message = session.outgoing.message(approved, order_id, parent_id, transmit=transmit)
        await self._turn(session, Lane.ORDER)
        session.link.write(message)

    async def modify(
        self, approved: RiskApproved, order_id: int, *, confirm: Callable[[], None], parent_id: int = 0
    ) -> None:
        session = self._present()
        message = session.outgoing.message(approved, order_id, parent_id)
        await self._turn(session, Lane.ORDER, confirm)
        session.link.write(message)

    async def cancel(self, order_id: int, *, confirm: Callable[[], None] | None = None) -> None:
        (await self._turn(self._present(), Lane.CANCEL, confirm)).cancelOrder(order_id)

    async def preview(self, request: OrderRequest, order_id: int) -> OrderImpact:
        """See `interfaces.Broker.preview`. `Receiver` keeps the answer, which is an openOrder, from everybody else."""
        session, subject = self._present(), f"what {request.spec} {request.instrument} would do"
        contract, order = order_to_ib(request, what_if=True)
        await self._pacer.admit(Lane.CONTROL)
        answer = await self._run(
            session, order_id, subject, Purpose.WHAT_IF, lambda encoder: encoder.placeOrder(order_id, contract, order)
        )
        return answer[-1]  # type: ignore[no-any-return]  # the receiver puts impacts there

    async def cancel_all(self) -> None:
        (await self._turn(self._present(), Lane.CANCEL)).reqGlobalCancel()

    async def open_orders(self) -> Sequence[OpenOrderReport]:
        return await self._open_orders(lambda encoder: encoder.reqOpenOrders())

    async def all_open_orders(self) -> Sequence[OpenOrderReport]:
        return await self._open_orders(lambda encoder: encoder.reqAllOpenOrders())

    async def _open_orders(self, send: Callable[[Any], None]) -> list[OpenOrderReport]:
        reports: list[OpenOrderReport] = await self._ask(Ask.OPEN_ORDERS, send)
        # Updates of live orders come between the items of the answer: the last word on each order counts.
        newest = {(report.client_id, report.order_id, report.perm_id): report for report in reports}
        return [report for report in newest.values() if not ended(report)]

    async def completed_orders(self) -> Sequence[CompletedOrderReport]:
        return await self._ask(Ask.COMPLETED_ORDERS, lambda encoder: encoder.reqCompletedOrders(False))

    async def executions(self) -> Sequence[ExecutionReport]:
        return await self._ask_with_id(
            "executions", Purpose.EXECUTIONS, lambda encoder, number: encoder.reqExecutions(number, ExecutionFilter())
        )

    # account

    async def positions(self) -> Sequence[Position]:
        positions: list[Position] = await self._ask(Ask.POSITIONS, lambda encoder: encoder.reqPositions())
        newest = {(position.account, position.instrument.con_id): position for position in positions}
        return list(newest.values())

    async def follow_account(self, account: str) -> None:
        await self._ask(Ask.ACCOUNT, lambda encoder: encoder.reqAccountUpdates(True, account))

    async def follow_values(self, account: str) -> None:
        await self._accounts.follow_values(account)

    async def follow_pnl(self, account: str, con_id: int | None = None) -> None:
        await self._accounts.follow_pnl(account, con_id)

    async def unfollow_pnl(self, account: str, con_id: int | None = None) -> None:
        if self.connected:
            await self._accounts.unfollow_pnl(account, con_id)

    async def advisor(self) -> AdvisorSetup | None:
        return await self._accounts.advisor()

    async def server_time(self) -> datetime:
        session = self._present()
        async with session.requests.turn(Ask.TIME):
            wait = session.time_asked + TIME_SPACING - self._clock.monotonic()
            if wait > 0:
                await self._clock.sleep(wait)
            # In the order lane: this is the heartbeat, and must not wait behind a burst of subscriptions.
            await self._pacer.admit(Lane.ORDER)
            session.time_asked = self._clock.monotonic()
            answer = await self._run(session, Ask.TIME, Ask.TIME.value, Purpose.LIST, lambda e: e.reqCurrentTime())
        return answer[-1]  # type: ignore[no-any-return]  # the receiver puts datetimes there

    # contracts

    async def contracts(self, instrument: Instrument) -> Sequence[Contract]:
        found: list[ContractDetails] = await self._ask_with_id(
            f"contracts for {instrument}",
            Purpose.CONTRACTS,
            lambda encoder, number: encoder.reqContractDetails(number, contracts.to_ib(instrument)),
        )
        for rule in sorted({rule for details in found if (rule := contracts.market_rule_of(details)) is not None}):
            await self._learn_rule(rule)
        now = self._clock.now()
        return [
            contracts.contract_of(details, contracts.increments_for(details, self._rules), now) for details in found
        ]

    async def _learn_rule(self, rule: int) -> None:
        """Market rules are the exchange's price grids, the same for all contracts that name them: asked for once."""
        if rule in self._rules:
            return
        session = self._present()
        key = ("rule", rule)
        async with session.requests.turn(key):
            if rule not in self._rules:
                await self._pacer.admit(Lane.CONTROL)
                answer = await self._run(
                    session, key, f"market rule {rule}", Purpose.LIST, lambda encoder: encoder.reqMarketRule(rule)
                )
                self._rules[rule] = contracts.increments_of(answer[-1])

    # market data

    async def open_line(self, contract: Contract, sink: TickSink) -> int:
        session = self._present()
        if session.data_type != self._market_data_type:
            await self.set_market_data_type(self._market_data_type)
        message = contracts.to_ib(contract.instrument)
        await self._pacer.admit(Lane.DATA)
        self._still(session)
        number = self._take_id()
        session.lines.open(number, sink)
        try:
            session.link.encoder.reqMktData(number, message, "", False, False, [])
        except NotConnected:
            session.lines.close(number)
            raise
        return number

    async def close_line(self, line: int) -> None:
        session = self._session
        if session is None or not session.lines.close(line):
            return
        await self._pacer.admit(Lane.DATA)
        if session is self._session and session.link.alive:
            session.link.encoder.cancelMktData(line)

    async def set_market_data_type(self, market_data_type: int | DataKind) -> None:
        """Ask for this kind of data on all lines opened from now on."""
        number = KIND_NUMBERS[market_data_type] if isinstance(market_data_type, DataKind) else market_data_type
        session = self._present()
        (await self._turn(session, Lane.CONTROL)).reqMarketDataType(number)
        self._market_data_type = session.data_type = number

    # asking

    async def _ask(self, key: Ask, send: Callable[[Any], None]) -> list[Any]:
        """A request that is known by its kind alone."""
        session = self._present()
        async with session.requests.turn(key):
            if session.requests.owes(key):
                # An earlier request of this kind was given up. IB answers in order: once it has told the time, an End
                # that has not come will not come.
                await self.server_time()
                session.requests.forgive(key)
            await self._pacer.admit(Lane.CONTROL)
            return await self._run(session, key, key.value, Purpose.LIST, send)

    async def _ask_with_id(self, subject: str, purpose: Purpose, send: Callable[[Any, int], None]) -> list[Any]:
        session = self._present()
        await self._pacer.admit(Lane.CONTROL)
        number = self._take_id()
        return await self._run(session, number, subject, purpose, lambda encoder: send(encoder, number))

    async def _run(
        self, session: _Session, key: Hashable, subject: str, purpose: Purpose, send: Callable[[Any], None]
    ) -> list[Any]:
        link = self._still(session).link
        return await session.requests.run(key, subject, purpose, lambda: send(link.encoder), self._request_timeout)

    async def _turn(self, session: _Session, lane: Lane, confirm: Callable[[], None] | None = None) -> Any:
        """The encoder, once a message of this lane may go out on this very session; `confirm` may still say no."""
        await self._pacer.admit(lane)
        encoder = self._still(session).link.encoder
        if confirm is not None:
            confirm()
        return encoder

    def _present(self) -> _Session:
        session = self._session
        if session is None or not session.link.alive:
            raise NotConnected("There is no session with a gateway.", next_step="Connect, or wait for the reconnect.")
        return session

    def _still(self, session: _Session) -> _Session:
        """The session, if it is still the present one: what was meant for one session never goes out on the next."""
        if self._present() is not session:
            raise NotConnected(
                "The session ended while this waited for its turn; nothing was sent.",
                next_step="Look at what the new session has found, then decide.",
            )
        return session

    def _take_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def _is_request(self, number: int) -> bool:
        return self._first_id <= number < self._next_id

    # hearing

    def _publish(self, report: BrokerReport) -> None:
        if isinstance(report, Notice) and report.code == PACE_VIOLATED:
            self._pacer.violated(report.text)
        for listener in tuple(self._listeners):
            try:
                listener(report)
            except Exception as error:
                # One listener's mistake must not cost the others the report; the loop's handler shows it.
                asyncio.get_running_loop().call_exception_handler(
                    {"message": f"A listener failed on {type(report).__name__}", "exception": error}
                )

    def _fault(self, session: _Session, fault: Fault) -> None:
        self.faults[fault.code] += 1
        error = ProtocolError(f"A part of the answer could not be read. {fault.text}", next_step="Ask again.")
        if fault.message_id is None:
            session.requests.spoil((*Ask, *session.requests.ids()), error)
        elif fault.message_id in ANSWERS_BY_ID:
            session.requests.spoil(session.requests.ids(), error)
        else:
            session.requests.spoil(ANSWERS.get(fault.message_id, ()), error)
        self._publish(Notice(None, fault.code, fault.text))

    def _ended(self, session: _Session, reason: str) -> None:
        session.requests.end(reason)
        self._lost = len(session.lines) or self._lost  # an attempt that opened none does not tell how many there were
        session.lines.clear()
        if self._session is session:
            self._session = None
            self._publish(LinkEnded(reason))
