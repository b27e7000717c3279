"""Finds for a request of today the turn of the recording that answers it.

First one with the same content, ids and masked fields aside; else one of the same kind about the same thing (the
contract, and what else makes an answer this answer). A turn that was not played yet comes before one that was; a
request that is made more often than it was recorded gets the last answer again. An order is never played twice: a
second order that was not recorded has no fate to tell. Pure: what was played is kept here, nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from operator import attrgetter
from typing import Any

from ironbridge.paper.masking import HIDDEN
from ironbridge.paper.script import Section, Turn
from ironbridge.wire.contract import Contract
from ironbridge.wire.orders import CancelOrder
from ironbridge.wire.place_order import PlaceOrder

_IDS = frozenset({"req_id", "order_id", "client_id", "parent_id"})
_ABOUT: dict[str, tuple[str, ...]] = {
    "PlaceOrder": ("order.action", "order.order_type", "order.total_quantity", "order.what_if"),
    "ReqHistoricalData": ("bar_size", "what_to_show", "keep_up_to_date"),
    "ReqHistoricalTicks": ("what_to_show",),
    "ReqHeadTimestamp": ("what_to_show",),
    "ReqRealTimeBars": ("what_to_show",),
    "ReqTickByTickData": ("tick_type",),
    "ReqMktData": ("snapshot",),
    "ReqMarketRule": ("market_rule_id",),
    "ReqSecDefOptParams": ("underlying_symbol", "underlying_con_id"),
    "ReqMatchingSymbols": ("pattern",),
    "ReqScannerSubscription": ("subscription.scan_code", "subscription.location_code"),
    "ReqNewsArticle": ("provider_code", "article_id"),
    "ReqHistoricalNews": ("con_id",),
    "ReqWshEventData": ("con_id",),
    "ReqPnlSingle": ("con_id",),
    "ReqSmartComponents": ("bbo_exchange",),
    "RequestFa": ("data_type",),
    "ReqAccountUpdates": ("subscribe",),
    "ReqAutoOpenOrders": ("auto_bind",),
}
"""What two requests of a kind must share, besides their contract, for the answer of one to suit the other."""


class Casting:
    """One section being played to one client.

    Parameters:
        section: what was recorded.
    """

    def __init__(self, section: Section) -> None:
        self._turns = section.turns
        self._played: set[int] = set()
        self._kinds: dict[type, list[int]] = defaultdict(list)
        self._same: dict[tuple[type, frozenset[Any]], list[int]] = defaultdict(list)
        for at, turn in enumerate(self._turns):
            kind = type(turn.request)
            self._kinds[kind].append(at)
            self._same[kind, _content(turn.request)].append(at)
        self._placed = {turn.request.order_id for turn in self._turns if isinstance(turn.request, PlaceOrder)}
        self._recorded: dict[int, int] = {}
        self._today: dict[int, int] = {}

    def today(self, order_id: int) -> int:
        """The id that this client uses for an order of the recording; the same for one that is not its own."""
        return self._today.get(order_id, order_id)

    def turn_for(self, request: Any) -> Turn | None:
        """The turn that answers it, from now on played; None if it was never recorded."""
        if isinstance(request, PlaceOrder | CancelOrder):
            return self._order_turn(request)
        for found in self._candidates(request):
            if found:
                return self._play(next((at for at in found if at not in self._played), found[-1]))
        return None

    def _candidates(self, request: Any) -> Iterator[list[int]]:
        kind = type(request)
        yield self._same.get((kind, _content(request)), [])
        yield [at for at in self._kinds.get(kind, ()) if _is_alike(self._turns[at].request, request)]

    def _order_turn(self, request: PlaceOrder | CancelOrder) -> Turn | None:
        recorded = self._recorded.get(request.order_id)
        if recorded is None and isinstance(request, CancelOrder) and request.order_id not in self._placed:
            recorded = request.order_id  # An order from before the recording keeps its id.
        for found in self._candidates(request):
            for at in found:
                number = self._turns[at].request.order_id
                # The first request for an order is for one that is nobody's yet; the next ones are for that order.
                is_free = isinstance(request, PlaceOrder) and number not in self._today
                if at not in self._played and (number == recorded if recorded is not None else is_free):
                    self._recorded[request.order_id] = number
                    self._today[number] = request.order_id
                    return self._play(at)
        return None

    def _play(self, at: int) -> Turn:
        self._played.add(at)
        return self._turns[at]


def _content(request: Any) -> frozenset[Any]:
    """Everything that is set, but ids and what masking hides."""
    return frozenset(_set(request, ""))


def _set(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    for one in fields(value):
        held = getattr(value, one.name)
        if one.name in _IDS or one.name in HIDDEN:
            continue
        if is_dataclass(held) and not isinstance(held, type):
            yield from _set(held, f"{path}{one.name}.")
        elif held:  # One client leaves empty what another says is zero: neither sets it.
            yield f"{path}{one.name}", held


def _is_alike(recorded: Any, request: Any) -> bool:
    about = _ABOUT.get(type(request).__name__, ())
    if any((attrgetter(path)(recorded) or None) != (attrgetter(path)(request) or None) for path in about):
        return False
    contract = getattr(request, "contract", None)
    return not isinstance(contract, Contract) or _is_same_contract(recorded.contract, contract)


def _is_same_contract(one: Contract, other: Contract) -> bool:
    if one.con_id and other.con_id:
        return one.con_id == other.con_id
    if one.symbol and other.symbol:
        names = ("symbol", "sec_type", "last_trade_date_or_contract_month", "strike", "right")
        return all((getattr(one, name) or None) == (getattr(other, name) or None) for name in names)
    return bool(one.local_symbol) and one.local_symbol == other.local_symbol
