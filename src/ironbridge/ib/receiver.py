"""The ear: every message that ib_async's decoder reads arrives here, in wire order, on one link.

Owns the sorting of messages: an answer goes to its request, a tick to its line, and everything that is news about
orders, fills, positions, values and the session goes out as a report, whether it was asked for or not. It keeps no
state of orders and draws no conclusions. The method names are ib_async's; a message without a method here is one that
Ironbridge never asks for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from ib_async.contract import Contract as IbContract
from ib_async.contract import ContractDetails
from ib_async.objects import CommissionReport as IbCommission
from ib_async.objects import Execution as IbExecution
from ib_async.objects import PriceIncrement as IbPriceIncrement
from ib_async.order import Order as IbOrder
from ib_async.order import OrderState as IbOrderState

from ironbridge.domain.reports import AccountValueReport, BrokerReport, Notice, PositionReport
from ironbridge.ib import account, orders
from ironbridge.ib.account_streams import AccountStreams
from ironbridge.ib.codes import REFUSED_BY_ALL, order_id_of
from ironbridge.ib.feed import Lines
from ironbridge.ib.greeting import Greeting
from ironbridge.ib.requests import Ask, Requests

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(slots=True)
class ServerZone:
    """What the decoder asks for when a time comes without its zone: the gateway's own, from the handshake."""

    TimezoneTWS: str = "UTC"


class Receiver:
    """The wrapper that ib_async's `Decoder` calls.

    Parameters:
        requests: where answers go.
        lines: where ticks go.
        publish: where reports go.
        greeting: told the accounts, the next order id and early errors, which open the session or refuse it.
        is_request: whether an id was given to a request of ours, so that it cannot be an order's.
        accounts: where rows of account streams with an id go.
    """

    defaultTimezone: tzinfo = UTC  # noqa: N815 - ib_async's name

    def __init__(
        self,
        requests: Requests,
        lines: Lines,
        publish: Callable[[BrokerReport], None],
        greeting: Greeting,
        is_request: Callable[[int], bool],
        accounts: AccountStreams,
    ) -> None:
        self._requests = requests
        self._lines = lines
        self._publish = publish
        self._greeting = greeting
        self._is_request = is_request
        self._accounts = accounts
        self.ib = ServerZone()

    # the session

    def managedAccounts(self, names: str) -> None:
        self._greeting.managed(tuple(name for name in names.split(",") if name))

    def nextValidId(self, order_id: int) -> None:
        self._greeting.next_id(order_id)

    def currentTime(self, epoch: int) -> None:
        self._requests.add(Ask.TIME, datetime.fromtimestamp(epoch, UTC))
        self._requests.finish(Ask.TIME)

    def error(self, message_id: int, code: int, text: str, _advanced: str = "") -> None:
        words = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
        if self._greeting.said(code, words):
            return
        if self._lines.said(message_id, code, words) or self._requests.said(message_id, code, words):
            return
        if code in REFUSED_BY_ALL:
            self._accounts.refused(message_id)
        order_id = None if self._is_request(message_id) else order_id_of(message_id, code)
        if order_id is None:
            self._requests.overheard(code, words)
        self._publish(Notice(order_id, code, words))

    # orders

    def openOrder(self, order_id: int, contract: IbContract, order: IbOrder, state: IbOrderState) -> None:
        if order.whatIf:
            # The answer to a what-if is no order: nobody but its asker may hear of it, least of all when it is late.
            self._requests.add(order_id, orders.impact(state))
            self._requests.finish(order_id)
            return
        report = orders.open_order(order_id, contract, order, state)
        self._requests.add(Ask.OPEN_ORDERS, report)
        self._publish(report)

    def openOrderEnd(self) -> None:
        self._requests.finish(Ask.OPEN_ORDERS)

    def orderStatus(
        self,
        order_id: int,
        status: str,
        filled: float,
        remaining: float,
        average: float,
        perm_id: int,
        _parent_id: int,
        _last_price: float,
        client_id: int,
        why_held: str,
        _cap: float = 0.0,
    ) -> None:
        self._publish(orders.order_status(order_id, client_id, perm_id, status, filled, remaining, average, why_held))

    def completedOrder(self, contract: IbContract, order: IbOrder, state: IbOrderState) -> None:
        report = orders.completed_order(contract, order, state)
        self._requests.add(Ask.COMPLETED_ORDERS, report)
        self._publish(report)

    def completedOrdersEnd(self) -> None:
        self._requests.finish(Ask.COMPLETED_ORDERS)

    def execDetails(self, request_id: int, contract: IbContract, said: IbExecution) -> None:
        report = orders.execution(contract, said)
        self._requests.add(request_id, report)
        self._publish(report)

    def execDetailsEnd(self, request_id: int) -> None:
        self._requests.finish(request_id)

    def commissionReport(self, said: IbCommission) -> None:
        self._publish(orders.commission(said))

    # account

    def updateAccountValue(self, name: str, value: str, currency: str, account_name: str) -> None:
        self._publish(AccountValueReport(account.value(account_name, name, value, currency)))

    def updateAccountTime(self, time: str) -> None:
        """The minute of the values above; reports carry the time of their arrival."""

    def accountDownloadEnd(self, _account: str) -> None:
        self._requests.finish(Ask.ACCOUNT)

    def updatePortfolio(
        self,
        contract: IbContract,
        quantity: float,
        price: float,
        value: float,
        cost: float,
        unrealized: float,
        realized: float,
        account_name: str,
    ) -> None:
        position = account.portfolio(account_name, contract, quantity, price, value, cost, unrealized, realized)
        self._publish(PositionReport(position))

    def position(self, account_name: str, contract: IbContract, quantity: float, cost: float) -> None:
        position = account.position(account_name, contract, quantity, cost)
        self._requests.add(Ask.POSITIONS, position)
        self._publish(PositionReport(position))

    def positionEnd(self) -> None:
        self._requests.finish(Ask.POSITIONS)

    def accountUpdateMulti(
        self, _request_id: int, account_name: str, _model: str, name: str, value: str, currency: str
    ) -> None:
        self._accounts.update(account_name, name, value, currency)

    def accountUpdateMultiEnd(self, request_id: int) -> None:
        self._requests.finish(request_id)

    def pnl(self, request_id: int, daily: float, unrealized: float, realized: float) -> None:
        self._accounts.pnl(request_id, daily, unrealized, realized)

    def pnlSingle(
        self, request_id: int, quantity: float, daily: float, unrealized: float, realized: float, value: float
    ) -> None:
        self._accounts.pnl_single(request_id, quantity, daily, unrealized, realized, value)

    def receiveFA(self, part: int, text: str) -> None:
        self._requests.add(("advisor", part), text)
        self._requests.finish(("advisor", part))

    # contracts

    def contractDetails(self, request_id: int, details: ContractDetails) -> None:
        self._requests.add(request_id, details)

    def bondContractDetails(self, request_id: int, details: ContractDetails) -> None:
        self._requests.add(request_id, details)

    def contractDetailsEnd(self, request_id: int) -> None:
        self._requests.finish(request_id)

    def marketRule(self, rule_id: int, steps: list[IbPriceIncrement]) -> None:
        self._requests.add(("rule", rule_id), steps)
        self._requests.finish(("rule", rule_id))

    # market data

    def priceSizeTick(self, line: int, tick_type: int, price: float, size: float) -> None:
        self._lines.price(line, tick_type, price, size)

    def tickSize(self, line: int, tick_type: int, size: float) -> None:
        self._lines.number(line, tick_type, size)

    def tickGeneric(self, line: int, tick_type: int, value: float) -> None:
        self._lines.number(line, tick_type, value)

    def tickString(self, line: int, tick_type: int, value: str) -> None:
        self._lines.text(line, tick_type, value)

    def marketDataType(self, line: int, data_type: int) -> None:
        self._lines.kind(line, data_type)

    def tickOptionComputation(self, *_values: object) -> None:
        """IB sends Greeks on every option line, asked or not; quotes carry none."""
