"""A recording as a script: for every link a section, for every request a turn, with the answers that it had.

Owns the question which answer belongs to which request. Most answers carry their request's id or their order's; those
that carry none belong to the last request of the kind that they answer; what nobody asked for (notices, a lost link)
belongs to the beginning of the session. Invariant: every message that the gateway sent is in exactly one turn, so many
seconds after its request.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ironbridge.errors import InvalidInput
from ironbridge.paper.describe import Readable, understood
from ironbridge.paper.recording import Agreed, Closed, Entry, Said, Torn
from ironbridge.wire.account import (
    AccountDownloadEnd,
    AccountUpdateTime,
    AccountValue,
    FamilyCodes,
    PortfolioValue,
    Position,
    PositionEnd,
    ReceiveFa,
    ReqAccountUpdates,
    ReqFamilyCodes,
    ReqPositions,
    RequestFa,
)
from ironbridge.wire.contracts import MarketRule, ReqMarketRule
from ironbridge.wire.depth import MktDepthExchanges, ReqMktDepthExchanges
from ironbridge.wire.news import NewsBulletin, NewsProviders, ReqNewsBulletins, ReqNewsProviders
from ironbridge.wire.open_order import CompletedOrder, OpenOrder
from ironbridge.wire.orders import (
    CommissionReport,
    CompletedOrdersEnd,
    ExecDetails,
    OpenOrderEnd,
    OrderStatus,
    ReqAllOpenOrders,
    ReqAutoOpenOrders,
    ReqCompletedOrders,
    ReqGlobalCancel,
    ReqOpenOrders,
)
from ironbridge.wire.registry import MAX_VERSION, MIN_VERSION
from ironbridge.wire.scanner import ReqScannerParameters, ScannerParameters
from ironbridge.wire.session import (
    CurrentTime,
    ErrorMessage,
    ManagedAccounts,
    NextValidId,
    ReqCurrentTime,
    ReqIds,
    ReqManagedAccts,
    StartApi,
)
from ironbridge.wire.values import Role


@dataclass(frozen=True, slots=True)
class Answer:
    """A message of the gateway, so many seconds after its request."""

    after: float
    fields: tuple[str, ...]


@dataclass(slots=True)
class Turn:
    """A request and what came of it."""

    at: float
    request: Any
    answers: list[Answer] = field(default_factory=list)


@dataclass(slots=True)
class Section:
    """One link from its beginning to its end. `cut_after` seconds the gateway ended it, if it did."""

    version: int
    time: str
    start: Turn
    turns: list[Turn] = field(default_factory=list)
    cut_after: float | None = None

    @property
    def client_id(self) -> int:
        return int(self.start.request.client_id)


_LISTINGS = (ReqOpenOrders, ReqAllOpenOrders, ReqAutoOpenOrders)
_ASKED_BY: dict[type, tuple[type, ...]] = {
    ManagedAccounts: (ReqManagedAccts,),
    NextValidId: (ReqIds,),
    CurrentTime: (ReqCurrentTime,),
    Position: (ReqPositions,),
    PositionEnd: (ReqPositions,),
    AccountValue: (ReqAccountUpdates,),
    PortfolioValue: (ReqAccountUpdates,),
    AccountUpdateTime: (ReqAccountUpdates,),
    AccountDownloadEnd: (ReqAccountUpdates,),
    OpenOrderEnd: _LISTINGS,
    CompletedOrder: (ReqCompletedOrders,),
    CompletedOrdersEnd: (ReqCompletedOrders,),
    FamilyCodes: (ReqFamilyCodes,),
    MktDepthExchanges: (ReqMktDepthExchanges,),
    ScannerParameters: (ReqScannerParameters,),
    NewsProviders: (ReqNewsProviders,),
    NewsBulletin: (ReqNewsBulletins,),
}
"""Answers that carry no id, and the requests they answer."""


def sections_of(entries: Iterable[Entry | Torn]) -> list[Section]:
    """The sections that can be played, in the order in which their clients connected.

    Raises:
        InvalidInput: there is none.
    """
    links: dict[int, _Sorting] = {}
    seen = 0
    for readable in understood(entries):
        entry = readable.entry
        if isinstance(entry, Torn):
            continue
        seen = max(seen, entry.link)
        if isinstance(entry, Agreed) and MIN_VERSION <= entry.version <= MAX_VERSION:
            links[entry.link] = _Sorting(entry)
        elif entry.link in links:
            links[entry.link].take(readable)
    found = [sorting.section for sorting in links.values() if sorting.section is not None]
    if not found:
        raise InvalidInput(
            f"The recording holds nothing that can be replayed: of {seen} clients none began a session at a version "
            f"from {MIN_VERSION} to {MAX_VERSION}.",
            next_step="Record again, with a program that connects; `ironbridge decode` shows what is in the file.",
        )
    return found


class _Sorting:
    """One link, while its messages are given to their turns."""

    def __init__(self, choice: Agreed) -> None:
        self._choice = choice
        self.section: Section | None = None
        self._by_request: dict[int, Turn] = {}
        self._by_order: dict[int, Turn] = {}
        self._by_kind: dict[type, Turn] = {}
        self._by_number: dict[tuple[type, int], Turn] = {}
        self._by_execution: dict[str, Turn] = {}
        self._listing: Turn | None = None

    def take(self, readable: Readable) -> None:
        entry, message = readable.entry, readable.message
        if isinstance(entry, Said) and entry.sender is Role.CLIENT:
            if message is not None:
                self._ask(message, entry.at)
        elif self.section is not None and isinstance(entry, Said):
            turn = self._turn_of(message, self.section.start)
            turn.answers.append(Answer(entry.at - turn.at, entry.fields))
        elif self.section is not None and isinstance(entry, Closed) and entry.by == "gateway":
            self.section.cut_after = entry.at - self.section.start.at

    def _ask(self, message: Any, at: float) -> None:
        turn = Turn(at, message)
        if self.section is None:
            if isinstance(message, StartApi):
                self.section = Section(self._choice.version, self._choice.time, turn)
            return
        self.section.turns.append(turn)
        self._by_kind[type(message)] = turn
        match message:
            case ReqGlobalCancel():
                self._by_order = dict.fromkeys(self._by_order, turn)
            case ReqMarketRule():
                self._by_number[MarketRule, message.market_rule_id] = turn
            case RequestFa():
                self._by_number[ReceiveFa, message.data_type] = turn
            case ReqOpenOrders() | ReqAllOpenOrders() | ReqAutoOpenOrders():
                self._listing = turn
        if hasattr(message, "order_id"):
            self._by_order[message.order_id] = turn
        elif hasattr(message, "req_id"):
            self._by_request[message.req_id] = turn

    def _turn_of(self, message: Any, start: Turn) -> Turn:
        found: Turn | None
        match message:
            case ErrorMessage():
                both = (self._by_request.get(message.id), self._by_order.get(message.id))
                found = max((turn for turn in both if turn is not None), key=lambda turn: turn.at, default=None)
            case OpenOrder() | OrderStatus():
                found = self._listing or self._by_order.get(message.order_id)
            case ExecDetails():
                asked = self._by_request.get(message.req_id)
                found = self._by_execution[message.execution.exec_id] = (
                    asked or self._by_order.get(message.order_id) or start
                )
            case CommissionReport():
                found = self._by_execution.get(message.exec_id)
            case MarketRule():
                found = self._by_number.get((MarketRule, message.market_rule_id))
            case ReceiveFa():
                found = self._by_number.get((ReceiveFa, message.data_type))
            case OpenOrderEnd():
                found, self._listing = self._listing, None
            case _ if type(message) in _ASKED_BY:
                asked_by = [self._by_kind[kind] for kind in _ASKED_BY[type(message)] if kind in self._by_kind]
                found = max(asked_by, key=lambda turn: turn.at, default=None)
            case _:
                found = self._by_request.get(getattr(message, "req_id", -1))
        return found or start
