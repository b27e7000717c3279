"""The venue's orders in the wire's words: openOrder, orderStatus, completedOrder, execDetails, commissionReport.

An openOrder repeats every field that the client sent and fills the empty ones as a real gateway does (tws-protocol,
section 2.5: values recorded from one). Where an order stands is taken from the venue's snapshot, never remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from ironbridge.domain.values import Side, plain
from ironbridge.exchange.accounts import MarginImpact
from ironbridge.exchange.commands import OrderKind
from ironbridge.exchange.events import CommissionCharged, Execution, Hold, Liquidity, OrderSnapshot, OrderStatus
from ironbridge.exchange.listing import Listing
from ironbridge.paper.moments import text_of
from ironbridge.paper.tickets import Ticket
from ironbridge.paper.translate import contract_of
from ironbridge.wire.contract import Contract
from ironbridge.wire.open_order import CompletedOrder, OpenOrder
from ironbridge.wire.order import Order, OrderState
from ironbridge.wire.orders import CommissionReport, ExecDetails
from ironbridge.wire.orders import Execution as WireExecution
from ironbridge.wire.orders import OrderStatus as WireStatus
from ironbridge.wire.values import UNSET, given

_ZERO = Decimal("0.0")
_DEFAULTS: dict[str, Any] = {
    "lmt_price": _ZERO, "aux_price": _ZERO, "tif": "DAY", "origin": 0, "parent_id": 0, "oca_type": 3,
    "outside_rth": False, "hidden": False, "block_order": False, "sweep_to_fill": False, "all_or_none": False,
    "display_size": UNSET, "trigger_method": 0, "discretionary_amt": Decimal(0),
    "discretionary_up_to_limit_price": False, "use_price_mgmt_algo": False, "trigger_price": UNSET,
    "lmt_price_offset": UNSET, "adjusted_trail_stop_price": UNSET, "adjusted_stop_price": UNSET,
    "adjusted_stop_limit_price": UNSET, "adjusted_trailing_amount": UNSET, "adjustable_trailing_unit": 0,
    "adjusted_order_type": "None", "delta_neutral_order_type": "None", "delta_neutral_con_id": 0,
    "delta_neutral_open_close": "?", "delta_neutral_short_sale": False, "delta_neutral_short_sale_slot": 0,
    "short_sale_slot": 0, "exempt_code": -1, "auction_strategy": 0, "volatility_type": 0, "continuous_update": False,
    "reference_price_type": 0, "clearing_intent": "IB", "not_held": False, "solicited": False, "e_trade_only": False,
    "firm_quote_only": False, "opt_out_smart_routing": False, "scale_init_level_size": UNSET,
    "scale_subs_level_size": UNSET, "randomize_size": False, "randomize_price": False, "cash_qty": Decimal(0),
    "dont_use_auto_price_for_hedge": True, "is_oms_container": False, "auto_cancel_parent": False, "what_if": False,
}  # fmt: skip
"""What a gateway says for a field that the client left empty [recorded]."""

_STATUS = {
    OrderStatus.HELD: "PreSubmitted",
    OrderStatus.WORKING: "Submitted",
    OrderStatus.FILLED: "Filled",
    OrderStatus.CANCELLED: "Cancelled",
}
_STOPS = frozenset({OrderKind.STOP, OrderKind.STOP_LIMIT, OrderKind.TRAIL, OrderKind.TRAIL_LIMIT})
_MARGIN_FIELDS = (
    "init_margin_before", "maint_margin_before", "equity_with_loan_before", "init_margin_change",
    "maint_margin_change", "equity_with_loan_change", "init_margin_after", "maint_margin_after",
    "equity_with_loan_after",
)  # fmt: skip
_NO_MARGIN: dict[str, Any] = dict.fromkeys(_MARGIN_FIELDS, UNSET)


def status_of(snapshot: OrderSnapshot) -> str:
    return _STATUS[snapshot.status]


def open_order(
    ticket: Ticket,
    contract: Contract,
    snapshot: OrderSnapshot,
    status: str = "",
    *,
    parent: Ticket | None = None,
    commission: bool = False,
) -> OpenOrder:
    """An order as openOrder shows it.

    Parameters:
        ticket: what the client sent.
        contract: what is traded, as it is shown.
        snapshot: where it stands.
        status: instead of the snapshot's own, "" for that.
        parent: the ticket of its parent.
        commission: whether the order state says what was charged.
    """
    charged = ticket.commission if commission else None
    state = OrderState(
        status=status or status_of(snapshot),
        **_NO_MARGIN,
        commission=UNSET if charged is None else charged,
        min_commission=UNSET,
        max_commission=UNSET,
        commission_currency=ticket.commission_currency if charged is not None else "",
    )
    return OpenOrder(ticket.order_id, contract, echoed(ticket, snapshot, parent), state)


def as_shown(ticket: Ticket, listed: Callable[[int], Listing | None]) -> Contract:
    """What is traded with what an open order repeats of the client's: exchange, legs, delta-neutral part.

    Parameters:
        ticket: what the client sent.
        listed: the listing of a con id. It is asked once for each message of the client.
    """
    if ticket.traded is not None and ticket.traded[0] is ticket.placed:
        return ticket.traded[1]
    sent = ticket.contract
    listing = listed(ticket.con_id) if ticket.con_id else None
    contract = contract_of(listing) if listing is not None else sent
    shown = replace(
        contract,
        exchange=sent.exchange or contract.exchange,
        right=contract.right or "?",
        combo_legs=sent.combo_legs,
        combo_legs_descrip=sent.combo_legs_descrip or legs_text(sent),
        delta_neutral_contract=sent.delta_neutral_contract,
    )
    ticket.traded = (ticket.placed, shown)
    return shown


def as_executed(ticket: Ticket, execution: Execution, listed: Callable[[int], Listing | None]) -> Contract:
    """What an execution was in: a listing, or the combination itself, which has its own beside those of its legs."""
    listing = listed(execution.con_id) if execution.con_id else None
    return contract_of(listing) if listing is not None else replace(as_shown(ticket, listed), combo_legs=())


def legs_text(contract: Contract) -> str:
    """`28812380|1,28812381|-1`."""
    return ",".join(
        f"{leg.con_id}|{leg.ratio if leg.action.upper() == 'BUY' else -leg.ratio}" for leg in contract.combo_legs
    )


def echoed(ticket: Ticket, snapshot: OrderSnapshot, parent: Ticket | None) -> Order:
    """The client's order, its empty fields filled: the very object that was shown last while nothing has changed."""
    known = _shown_before(ticket)
    sent = ticket.order if known is None else known
    trail_stop = _trail_stop(ticket.order, snapshot)
    facts: dict[str, Any] = {
        "perm_id": snapshot.perm_id,
        # The venue computes it from a cash quantity, and shrinks it within an OCA group.
        "total_quantity": snapshot.terms.quantity,
        "trail_stop_price": trail_stop,
        "adjusted_trail_stop_price": trail_stop,
    }
    if snapshot.limit_price is not None and snapshot.terms.kind is OrderKind.TRAIL_LIMIT:
        facts["lmt_price"] = snapshot.limit_price
    if parent is not None and not sent.oca_group:
        facts.update(oca_group=str(parent.perm_id), oca_type=3)
    if known is None:
        return _show(ticket, fillings(ticket) | facts)
    if all(getattr(known, name) == value for name, value in facts.items()):
        return known
    return _show(ticket, facts)


def _shown_before(ticket: Ticket) -> Order | None:
    """As it was shown last, unless it has been modified since."""
    return ticket.shown[1] if ticket.shown is not None and ticket.shown[0] is ticket.placed else None


def _show(ticket: Ticket, changes: dict[str, Any]) -> Order:
    shown = replace(_shown_before(ticket) or ticket.order, **changes)
    ticket.shown = (ticket.placed, shown)
    return shown


def fillings(ticket: Ticket) -> dict[str, Any]:
    """What a gateway fills into the client's order."""
    sent = ticket.order
    found: dict[str, Any] = {name: default for name, default in _DEFAULTS.items() if _is_empty(getattr(sent, name))}
    found.update(account=ticket.account, client_id=ticket.client)
    if not sent.oca_type:
        found["oca_type"] = 3
    if not sent.hedge_type:
        found["dont_use_auto_price_for_hedge"] = True
    return found


def _is_empty(value: Any) -> bool:
    return value is None or value is UNSET or value == ""


def _trail_stop(sent: Order, snapshot: OrderSnapshot) -> Any:
    """Filled in even where it means nothing: the limit plus one for a limit order, the stop for a stop [recorded]."""
    kind = snapshot.terms.kind
    if kind in {OrderKind.TRAIL, OrderKind.TRAIL_LIMIT}:
        return snapshot.stop_price if snapshot.stop_price is not None else given(sent.trail_stop_price)
    if kind in {OrderKind.STOP, OrderKind.STOP_LIMIT}:
        return given(sent.aux_price)
    limit = given(sent.lmt_price)
    if kind is OrderKind.LIMIT and limit is not None:
        return limit + 1
    return given(sent.trail_stop_price)


def why_held(snapshot: OrderSnapshot) -> str:
    if snapshot.status is not OrderStatus.HELD:
        return ""
    if Hold.PARENT in snapshot.holds:
        return "child,trigger" if snapshot.terms.kind in _STOPS else "child"
    return "trigger" if Hold.TRIGGER in snapshot.holds else ""


def order_status(
    ticket: Ticket, snapshot: OrderSnapshot, status: str = "", *, parent: Ticket | None = None
) -> WireStatus:
    return WireStatus(
        order_id=ticket.order_id,
        status=status or status_of(snapshot),
        filled=snapshot.filled,
        remaining=snapshot.remaining,
        avg_fill_price=snapshot.average_price,
        perm_id=snapshot.perm_id,
        parent_id=parent.order_id if parent is not None else 0,
        last_fill_price=snapshot.last_fill_price,
        client_id=ticket.client,
        why_held=why_held(snapshot),
        mkt_cap_price=Decimal(0),
    )


def what_if(ticket: Ticket, contract: Contract, impact: MarginImpact) -> OpenOrder:
    """The answer to a what-if: an open order that does not exist, with its margin and commission."""
    order = replace(ticket.order, **fillings(ticket) | {"perm_id": 0, "what_if": True})
    state = OrderState(
        status="PreSubmitted",
        init_margin_before=impact.initial_before,
        maint_margin_before=impact.maintenance_before,
        equity_with_loan_before=impact.equity_before,
        init_margin_change=impact.initial_change,
        maint_margin_change=impact.maintenance_change,
        equity_with_loan_change=impact.equity_change,
        init_margin_after=impact.initial_after,
        maint_margin_after=impact.maintenance_after,
        equity_with_loan_after=impact.equity_after,
        commission=impact.commission,
        min_commission=UNSET,
        max_commission=UNSET,
        commission_currency=impact.commission_currency,
        warning_text=impact.warning,
    )
    return OpenOrder(ticket.order_id, contract, order, state)


def completed_order(
    ticket: Ticket, contract: Contract, snapshot: OrderSnapshot, version: int, parent: Ticket | None
) -> CompletedOrder:
    order = echoed(ticket, snapshot, parent)
    done = snapshot.done_at or snapshot.placed_at
    filled = snapshot.status is OrderStatus.FILLED
    order = replace(
        order,
        filled_quantity=snapshot.filled,
        parent_perm_id=parent.perm_id if parent is not None else 0,
        ref_futures_con_id=0,
        imbalance_only=False,
        route_marketable_to_bbo=False,
    )
    state = OrderState(
        status=status_of(snapshot),
        completed_time=text_of(done, max(version, 174)),
        completed_status=f"Filled Size: {plain(snapshot.filled)}" if filled else snapshot.done_text or "Cancelled",
    )
    return CompletedOrder(contract, order, state)


def exec_details(req_id: int, contract: Contract, execution: Execution, ticket: Ticket, version: int) -> ExecDetails:
    """A fill; `req_id` is -1 where nobody asked."""
    return ExecDetails(
        req_id,
        ticket.order_id,
        contract,
        WireExecution(
            exec_id=execution.execution_id,
            time=exec_time(execution.time, version),
            account=execution.account,
            exchange=execution.exchange,
            side="BOT" if execution.side is Side.BUY else "SLD",
            shares=execution.quantity,
            price=execution.price,
            perm_id=execution.perm_id,
            client_id=execution.client,
            liquidation=0,
            cum_qty=execution.cumulative,
            avg_price=execution.average_price,
            order_ref=ticket.order.order_ref,
            last_liquidity=1 if execution.liquidity is Liquidity.ADDED else 2,
            pending_price_revision=False,
        ),
    )


def exec_time(moment: datetime, version: int) -> str:
    return text_of(moment, version)


def commission_report(charged: CommissionCharged) -> CommissionReport:
    return CommissionReport(
        exec_id=charged.execution_id,
        commission=charged.amount,
        currency=charged.currency,
        realized_pnl=UNSET if charged.realized_pnl is None else charged.realized_pnl,
        yield_=UNSET,
        yield_redemption_date=None,
    )
