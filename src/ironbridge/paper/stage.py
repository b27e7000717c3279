"""Carries out the faults that befall the gateway itself.

Owns how long they last. What befalls single messages is `plan`'s.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from ironbridge.errors import InvalidInput
from ironbridge.paper.faults import (
    BreakFarm,
    CorrectExecution,
    Drop,
    Hang,
    Latency,
    LoseUpstream,
    MendFarm,
    NextOrderId,
    NotLoggedIn,
    Refuse,
    RepeatExecutions,
    RestoreUpstream,
    Resume,
    SendBytes,
    SendError,
    SendOrderError,
    Silence,
    SlowHandshake,
    StageFault,
    TakeOver,
)
from ironbridge.paper.floor import Floor
from ironbridge.paper.latency import NONE
from ironbridge.paper.order_faults import send_order_errors
from ironbridge.paper.order_news import OrderNews
from ironbridge.paper.quotes import QuoteDesk
from ironbridge.paper.replays import correct_execution, repeat_executions
from ironbridge.paper.session import Session
from ironbridge.paper.texts import text_of_code
from ironbridge.paper.tickets import TicketBook

logger = logging.getLogger(__name__)


class Forgetful(Protocol):
    """What an 1101 takes away without a word."""

    def forget_all(self) -> None: ...


class Stage:
    """The gateway as faults see it.

    Parameters:
        floor: the gateway's shared state.
        quotes: the market-data lines.
        streams: whatever else a loss of data ends.
        news: what tells clients of their orders.
        tickets: who sent which order.
    """

    def __init__(
        self,
        floor: Floor,
        quotes: QuoteDesk,
        streams: Sequence[Forgetful],
        news: OrderNews,
        tickets: TicketBook,
    ) -> None:
        self._floor = floor
        self._quotes = quotes
        self._news = news
        self._tickets = tickets
        self._streams = streams
        self._lingering: dict[int, float] = {}
        self._refusing_until: float | None = None
        self._hanging: set[int | None] = set()
        self.connections: set[Session] = set()
        """Every open socket, started or not."""
        self.handshake_delay = 0.0
        self.latency = NONE
        """How much later what is said arrives, on every line."""
        self.logged_in = True
        self.takes_over = False
        """A new session ends the one that has its client id."""
        self.restarting = False
        """Nobody is let in: the daily restart."""
        self.signing_in = False
        """No session starts: the weekly login."""

    # -- what a new connection meets

    def refuses(self) -> bool:
        return self.restarting or (self._refusing_until is not None and _seconds() < self._refusing_until)

    def hangs(self, client: int | None = None) -> bool:
        return None in self._hanging or client in self._hanging

    def lingers(self, client: int) -> bool:
        """Whether a client id is still taken by a session that has gone."""
        until = self._lingering.get(client)
        return until is not None and _seconds() < until

    # -- what is done

    def perform(self, fault: StageFault) -> None:
        """Do it now."""
        logger.info("fault: %s", fault)
        match fault:
            case Drop():
                self._drop(fault)
            case Refuse():
                self._refusing_until = float("inf") if fault.seconds is None else _seconds() + fault.seconds
            case Hang():
                self._hang(fault)
            case SlowHandshake():
                self.handshake_delay = fault.seconds
            case NotLoggedIn():
                self.logged_in = False
            case Silence():
                self._silence(fault)
            case Resume():
                self._resume()
            case SendError():
                for session in self._floor.sessions(fault.client):
                    session.error(fault.id, fault.code, fault.text or text_of_code(fault.code))
            case SendOrderError():
                send_order_errors(self._floor, self._tickets, fault)
            case TakeOver():
                self.takes_over = True
            case LoseUpstream():
                self._floor.tell(self._floor.upstream.lose(withhold=fault.withhold))
            case RestoreUpstream():
                self._restore(fault)
            case BreakFarm() | MendFarm():
                notice = self._floor.upstream.set_farm(fault.name, up=isinstance(fault, MendFarm))
                self._floor.tell([notice])
                self._quotes.refresh()
            case NextOrderId():
                if fault.order_id < 1:
                    raise InvalidInput(f"{fault.order_id} is no order id.", next_step="Give one or more.")
                self._tickets.force_next(fault.order_id)
            case RepeatExecutions():
                repeat_executions(self._floor, self._tickets, fault)
            case CorrectExecution():
                correct_execution(self._floor, self._tickets, fault)
            case Latency():
                self.latency = fault
            case SendBytes():
                data = bytes.fromhex(fault.data)
                for session in self._floor.sessions(fault.client):
                    session.send_raw(data)
        self._floor.settle()

    def _drop(self, fault: Drop) -> None:
        for session in list(self.connections):
            client = session.client_id
            if fault.client is None or client == fault.client:
                if client is not None and fault.linger > 0:
                    self._lingering[client] = _seconds() + fault.linger
                session.cut()

    def _hang(self, fault: Hang) -> None:
        self._hanging.add(fault.client)
        for session in self.connections:
            if fault.client is None or session.client_id == fault.client:
                session.hang()

    def _silence(self, fault: Silence) -> None:
        for session in self._floor.sessions(fault.client):
            session.deaf = True
            if fault.code is not None:
                for line in self._quotes.lines(session):
                    session.error(line.req_id, fault.code, text_of_code(fault.code))

    def _resume(self) -> None:
        self._refusing_until = None
        self._hanging.clear()
        self._lingering.clear()
        self.handshake_delay = 0.0
        self.logged_in = True
        self.takes_over = False
        for session in self.connections:
            session.deaf = False
            session.resume()
        self._quotes.refresh()

    def _restore(self, fault: RestoreUpstream) -> None:
        notices = self._floor.upstream.restore(data_lost=fault.data_lost)
        if fault.data_lost:
            for gone in (self._quotes, *self._streams):
                gone.forget_all()
        self._floor.tell(notices)
        self._news.release()
        self._quotes.refresh()


def _seconds() -> float:
    return asyncio.get_running_loop().time()
