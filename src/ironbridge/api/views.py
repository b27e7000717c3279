"""Domain objects as the service shows them: one function for each schema, no decision in any of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from ironbridge.api.order_terms import terms_view
from ironbridge.api.schemas.account import AccountLine, AccountView, CashBalance, PositionView
from ironbridge.api.schemas.instruments import ContractView, Increment, InstrumentView
from ironbridge.api.schemas.orders import (
    CommissionView,
    FillView,
    ModificationView,
    NoticeView,
    OrderList,
    OrderView,
)
from ironbridge.api.schemas.quotes import QuoteView
from ironbridge.contracts import format_instrument
from ironbridge.domain.account import AccountSummary, AccountValue, Position
from ironbridge.domain.instrument import Contract, Instrument
from ironbridge.domain.lifecycle import LIVE, OrderState
from ironbridge.domain.market import Quote
from ironbridge.domain.modification import Modification
from ironbridge.domain.order_state import Order
from ironbridge.domain.order_words import terms

_OPEN = LIVE | {OrderState.INTENDED}

AVERAGE_PLACES = 8
"""Places of a mean price: it is a quotient and has no last digit of its own."""


def instrument_view(instrument: Instrument) -> InstrumentView:
    return InstrumentView(
        name=str(instrument),
        text=format_instrument(instrument),
        kind=instrument.kind.value,
        symbol=instrument.symbol,
        exchange=instrument.exchange,
        currency=instrument.currency,
        primary_exchange=instrument.primary_exchange,
        expiry=instrument.expiry,
        strike=instrument.strike,
        right=instrument.right.value if instrument.right else None,
        multiplier=instrument.multiplier,
        trading_class=instrument.trading_class,
        local_symbol=instrument.local_symbol,
        con_id=instrument.con_id,
    )


def contract_view(symbol: str, contract: Contract) -> ContractView:
    return ContractView(
        symbol=symbol,
        instrument=instrument_view(contract.instrument),
        long_name=contract.long_name,
        min_tick=contract.min_tick,
        increments=[Increment(low_edge=rule.low_edge, increment=rule.increment) for rule in contract.increments],
        size_increment=contract.size_increment,
        min_size=contract.min_size,
        multiplier=contract.multiplier,
        order_types=sorted(contract.order_types),
        valid_exchanges=list(contract.valid_exchanges),
        time_zone=contract.time_zone,
        trading_hours=contract.trading_hours,
        liquid_hours=contract.liquid_hours,
        resolved_at=contract.resolved_at,
    )


def quote_view(symbol: str, quote: Quote) -> QuoteView:
    return QuoteView(
        symbol=symbol,
        instrument=instrument_view(quote.instrument),
        timestamp=quote.time,
        bid=quote.bid,
        bid_size=quote.bid_size,
        ask=quote.ask,
        ask_size=quote.ask_size,
        last=quote.last,
        last_size=quote.last_size,
        mid=quote.mid,
        volume=quote.volume,
        open=quote.open,
        high=quote.high,
        low=quote.low,
        close=quote.close,
        kind=quote.kind.value,
        quality=quote.quality.value,
        sequence=quote.sequence,
    )


def order_view(order: Order) -> OrderView:
    spec = order.terms
    average = order.average_price
    return OrderView(
        key=order.key,
        order_id=order.order_id,
        client_id=order.client_id,
        perm_id=order.perm_id,
        ref=order.request.ref,
        symbol=str(order.instrument),
        instrument=instrument_view(order.instrument),
        side=spec.side.value,
        quantity=spec.quantity,
        **terms_view(spec),
        account=order.request.account,
        strategy=order.request.strategy,
        state=order.state.value,
        open=order.state in _OPEN,
        filled=order.filled,
        remaining=order.remaining,
        average_price=None if average is None else round(average, AVERAGE_PLACES),
        commissions=[CommissionView(currency=c, amount=a) for c, a in sorted(order.commission.items())],
        fills=[
            FillView(
                execution_id=fill.execution_id,
                side=fill.side.value,
                quantity=fill.quantity,
                price=fill.price,
                time=fill.time,
                exchange=fill.exchange,
            )
            for fill in order.fills
        ],
        code=order.code,
        reason=order.reason,
        notices=[NoticeView(code=code, text=text) for code, text in order.notices],
        duplicates=list(order.duplicates),
        pending=None if order.pending is None else _modification(order.pending),
        modifications=[_modification(each) for each in order.modifications],
        group=order.request.links.group,
        role=None if order.request.links.role is None else order.request.links.role.value,
        parent=order.request.links.parent,
        created_at=order.created_at,
        updated_at=order.updated_at,
        sequence=order.sequence,
        summary=str(order),
    )


def _modification(change: Modification) -> ModificationView:
    return ModificationView(
        number=change.number,
        state=change.state.value,
        side=change.spec.side.value,
        quantity=change.spec.quantity,
        terms=terms(change.spec),
        token=change.token,
        code=change.code,
        reason=change.reason,
        requested_at=change.requested_at,
    )


def order_list(orders: Iterable[Order]) -> OrderList:
    known = list(orders)
    return OrderList(
        orders=[order_view(order) for order in known],
        sequence=max((order.sequence for order in known), default=0),
    )


def position_view(position: Position) -> PositionView:
    return PositionView(
        account=position.account,
        symbol=str(position.instrument),
        instrument=instrument_view(position.instrument),
        quantity=position.quantity,
        average_cost=position.average_cost,
        market_price=position.market_price,
        market_value=position.market_value,
        unrealized_pnl=position.unrealized_pnl,
        realized_pnl=position.realized_pnl,
        daily_pnl=position.daily_pnl,
    )


def closed_position_view(position: Position) -> PositionView:
    """A position that is no longer held: what it was, at quantity zero."""
    return position_view(position).model_copy(
        update={"quantity": Decimal(0), "market_value": Decimal(0), "unrealized_pnl": Decimal(0)}
    )


def account_view(summary: AccountSummary, accounts: Sequence[str], *, stale: bool) -> AccountView:
    return AccountView(
        account=summary.account,
        accounts=list(accounts),
        currency=summary.currency,
        time=summary.time,
        net_liquidation=summary.net_liquidation,
        cash=summary.cash,
        buying_power=summary.buying_power,
        available_funds=summary.available_funds,
        initial_margin=summary.initial_margin,
        maintenance_margin=summary.maintenance_margin,
        unrealized_pnl=summary.unrealized_pnl,
        realized_pnl=summary.realized_pnl,
        cash_by_currency=[CashBalance(currency=c, amount=a) for c, a in summary.cash_by_currency],
        excess_liquidity=summary.excess_liquidity,
        cushion=summary.cushion,
        stale=stale,
    )


def account_line(value: AccountValue) -> AccountLine:
    return AccountLine(account=value.account, name=value.name, value=value.value, currency=value.currency)
