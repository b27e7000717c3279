"""Orders and what IB says of them, between our words and IB's.

To IB: exactly the approved request, prices and quantity as exact decimal text, its ref as orderRef (that is how an
order is known again after a crash). From IB: facts, with no judgement about the order's state. An order whose shape
we cannot express is reported with `spec` None: reading it as something simpler would be a lie.
"""

from __future__ import annotations

import re
from decimal import Decimal

from ib_async.contract import Contract as IbContract
from ib_async.objects import CommissionReport as IbCommission
from ib_async.objects import Execution as IbExecution
from ib_async.order import Order as IbOrder
from ib_async.order import OrderState as IbOrderState

from ironbridge.domain.order import NEEDS_LIMIT, NEEDS_STOP, OrderRequest, OrderSpec, OrderType, TimeInForce
from ironbridge.domain.reports import (
    BrokerStatus,
    CommissionReport,
    CompletedOrderReport,
    ExecutionReport,
    OpenOrderReport,
    StatusReport,
)
from ironbridge.domain.values import Side
from ironbridge.errors import InvalidOrder, ProtocolError
from ironbridge.ib.contracts import instrument_of, to_ib
from ironbridge.ib.numbers import optional_decimal, required_decimal

_ACCOUNT = re.compile(r"^[A-Za-z0-9._-]{1,32}$")
_SIDES = {"BUY": Side.BUY, "BOT": Side.BUY, "SELL": Side.SELL, "SLD": Side.SELL, "SSHORT": Side.SELL}
_ENDED = frozenset({BrokerStatus.FILLED, BrokerStatus.CANCELLED, BrokerStatus.API_CANCELLED})


def order_to_ib(request: OrderRequest) -> tuple[IbContract, IbOrder]:
    """The contract and the order of a placeOrder message.

    Raises:
        InvalidOrder: the account is no account name, so it could break the message.
    """
    if not _ACCOUNT.match(request.account):
        raise InvalidOrder(
            f"{request.account!r:.60} is not an account.", next_step="Give it as IB shows it: DU1234567."
        )
    spec = request.spec
    order = IbOrder(
        action=spec.side.value,
        # ib_async declares numbers and writes text as it is: only so do 1E-7 and 1000 go out as they are meant.
        totalQuantity=_exact(spec.quantity),  # type: ignore[arg-type]  # see above
        orderType=spec.order_type.value,
        tif=spec.time_in_force.value,
        account=request.account,
        orderRef=request.ref,
        outsideRth=spec.outside_hours,
        transmit=True,
    )
    if spec.limit_price is not None:
        order.lmtPrice = _exact(spec.limit_price)  # type: ignore[assignment]  # see above
    if spec.stop_price is not None:
        order.auxPrice = _exact(spec.stop_price)  # type: ignore[assignment]  # see above
    return to_ib(request.instrument), order


def _exact(value: Decimal) -> str:
    """The number in full, without an exponent."""
    return format(value, "f")


def status_of(text: str) -> BrokerStatus:
    try:
        return BrokerStatus(text)
    except ValueError:
        return BrokerStatus.UNRECOGNISED


def ended(report: OpenOrderReport) -> bool:
    """Whether this openOrder message says that the order is open no more."""
    return report.status in _ENDED


def open_order(order_id: int, contract: IbContract, order: IbOrder, state: IbOrderState) -> OpenOrderReport:
    return OpenOrderReport(
        order_id=order_id,
        client_id=order.clientId,
        perm_id=order.permId,
        ref=order.orderRef,
        account=order.account,
        instrument=instrument_of(contract),
        side=_side(order.action),
        quantity=required_decimal(order.totalQuantity, "quantity of an open order"),
        order_type=order.orderType,
        spec=_spec(order),
        status=status_of(state.status),
    )


def completed_order(contract: IbContract, order: IbOrder, state: IbOrderState) -> CompletedOrderReport:
    return CompletedOrderReport(
        perm_id=order.permId,
        ref=order.orderRef,
        account=order.account,
        instrument=instrument_of(contract),
        side=_side(order.action),
        quantity=optional_decimal(order.totalQuantity) or Decimal(0),
        filled=optional_decimal(order.filledQuantity) or Decimal(0),
        status=status_of(state.status),
        completed_status=state.completedStatus,
    )


def order_status(
    order_id: int, client_id: int, perm_id: int, status: str, filled: float, remaining: float, average: float, held: str
) -> StatusReport:
    done = required_decimal(filled, "filled quantity")
    return StatusReport(
        order_id=order_id,
        client_id=client_id,
        perm_id=perm_id,
        status=status_of(status),
        filled=done,
        remaining=required_decimal(remaining, "remaining quantity"),
        # Nothing filled has no average price; IB writes 0.
        average_price=optional_decimal(average) if done else None,
        why_held=held,
    )


def execution(contract: IbContract, said: IbExecution) -> ExecutionReport:
    return ExecutionReport(
        execution_id=said.execId,
        order_id=said.orderId,
        client_id=said.clientId,
        perm_id=said.permId,
        ref=said.orderRef,
        account=said.acctNumber,
        instrument=instrument_of(contract),
        side=_side(said.side),
        quantity=required_decimal(said.shares, "quantity of an execution"),
        price=required_decimal(said.price, "price of an execution"),
        cumulative=required_decimal(said.cumQty, "cumulative quantity of an execution"),
        average_price=optional_decimal(said.avgPrice),
        time=said.time,
        exchange=said.exchange,
    )


def commission(said: IbCommission) -> CommissionReport:
    return CommissionReport(
        execution_id=said.execId,
        commission=required_decimal(said.commission, "commission"),
        currency=said.currency,
        realized_pnl=optional_decimal(said.realizedPNL),
    )


def _side(text: str) -> Side:
    try:
        return _SIDES[text.upper()]
    except KeyError:
        raise ProtocolError(f"{text!r} stands where IB sends BUY or SELL.") from None


def _spec(order: IbOrder) -> OrderSpec | None:
    """The shape, or None where ours has no words for it."""
    if (
        order.parentId
        or order.algoStrategy
        or order.conditions
        or order.hidden
        or order.allOrNone
        or order.displaySize not in (0, 2**31 - 1)
        or order.goodAfterTime
        or order.goodTillDate
        or order.whatIf
        or order.orderComboLegs
    ):
        return None
    try:
        kind = OrderType(order.orderType)
        return OrderSpec(
            side=_side(order.action),
            quantity=required_decimal(order.totalQuantity, "quantity"),
            order_type=kind,
            limit_price=optional_decimal(order.lmtPrice) if kind in NEEDS_LIMIT else None,
            stop_price=optional_decimal(order.auxPrice) if kind in NEEDS_STOP else None,
            time_in_force=TimeInForce(order.tif),
            outside_hours=order.outsideRth,
        )
    except (ValueError, InvalidOrder):
        return None
