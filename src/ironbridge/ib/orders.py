"""Orders and what IB says of them, between our words and IB's.

To IB: exactly the approved request, its shape field by field (`order_shape`), its ref as orderRef (that is how an order
is known again after a crash). From IB: facts, with no judgement about the order's state. An order whose shape we cannot
express is reported with `spec` None: reading it as something simpler would be a lie.
"""

from __future__ import annotations

import re
from decimal import Decimal

from ib_async.contract import Contract as IbContract
from ib_async.objects import CommissionReport as IbCommission
from ib_async.objects import Execution as IbExecution
from ib_async.order import Order as IbOrder
from ib_async.order import OrderState as IbOrderState

from ironbridge.domain.impact import Change, OrderImpact
from ironbridge.domain.links import OcaType
from ironbridge.domain.order import OrderRequest
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
from ironbridge.ib.order_shape import put_spec, spec_of

_ACCOUNT = re.compile(r"^[A-Za-z0-9._-]{1,32}$")
_SIDES = {"BUY": Side.BUY, "BOT": Side.BUY, "SELL": Side.SELL, "SLD": Side.SELL, "SSHORT": Side.SELL}
_ENDED = frozenset({BrokerStatus.FILLED, BrokerStatus.CANCELLED, BrokerStatus.API_CANCELLED})


def order_to_ib(
    request: OrderRequest, *, parent_id: int = 0, transmit: bool = True, what_if: bool = False
) -> tuple[IbContract, IbOrder]:
    """The contract and the order of a placeOrder message.

    Parameters:
        request: the order.
        parent_id: the order id of its parent, 0 for none.
        transmit: whether it goes on to IB at once.
        what_if: whether IB is only to say what it would do.

    Raises:
        InvalidOrder: the account is no account name, so it could break the message.
    """
    if not _ACCOUNT.match(request.account):
        raise InvalidOrder(
            f"{request.account!r:.60} is not an account.", next_step="Give it as IB shows it: DU1234567."
        )
    order = IbOrder(account=request.account, orderRef=request.ref, transmit=transmit, parentId=parent_id)
    order.whatIf = what_if
    if request.links.oca_group:
        order.ocaGroup = request.links.oca_group
        order.ocaType = int(request.links.oca_type or OcaType.CANCEL_WITH_BLOCK)
    put_spec(request.spec, order)
    return to_ib(request.instrument), order


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
        spec=spec_of(order, _side(order.action)),
        status=status_of(state.status),
    )


def impact(state: IbOrderState) -> OrderImpact:
    """The answer to a what-if."""

    def change(name: str) -> Change:
        before, change, after = (
            optional_decimal(getattr(state, name + when)) for when in ("Before", "Change", "After")
        )
        return Change(before, change, after)

    return OrderImpact(
        initial_margin=change("initMargin"),
        maintenance_margin=change("maintMargin"),
        equity_with_loan=change("equityWithLoan"),
        commission=optional_decimal(state.commission),
        commission_min=optional_decimal(state.minCommission),
        commission_max=optional_decimal(state.maxCommission),
        commission_currency=state.commissionCurrency,
        warning=state.warningText,
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
        cumulative=optional_decimal(said.cumQty),
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
