"""Profit, executions and books as the interface shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ironbridge.api import views
from ironbridge.api.schemas.portfolio import (
    AccountOverview,
    AdvisorView,
    AliasView,
    BookedCash,
    BooksView,
    CommissionView,
    DailyPnlView,
    DiscrepancyView,
    ExecutionVersion,
    ExecutionView,
    GroupView,
    HoldingView,
    ProfileShares,
    RateView,
    ShareView,
)
from ironbridge.domain.account import FxRate
from ironbridge.domain.advisor import AdvisorSetup
from ironbridge.domain.discrepancy import Discrepancy
from ironbridge.domain.executions import Execution, Holding
from ironbridge.domain.pnl import DailyPnl

if TYPE_CHECKING:
    from ironbridge.bridge import Bridge


def pnl_view(pnl: DailyPnl) -> DailyPnlView:
    return DailyPnlView(
        account=pnl.account,
        currency=pnl.currency,
        amount=pnl.amount,
        source=None if pnl.source is None else pnl.source.value,
        since=pnl.since,
        at=pnl.at,
        unrealized=pnl.unrealized,
        realized=pnl.realized,
        check=pnl.check,
        check_since=pnl.check_since,
    )


def execution_view(execution: Execution) -> ExecutionView:
    report, cost = execution.report, execution.commission
    return ExecutionView(
        number=execution.number,
        execution_id=report.execution_id,
        time=report.time,
        account=report.account,
        symbol=str(report.instrument),
        instrument=views.instrument_view(report.instrument),
        side=report.side.value,
        quantity=report.quantity,
        price=report.price,
        exchange=report.exchange,
        ref=report.ref,
        order_id=report.order_id,
        client_id=report.client_id,
        perm_id=report.perm_id,
        commission=None
        if cost is None
        else CommissionView(amount=cost.commission, currency=cost.currency, realized_pnl=cost.realized_pnl),
        busted=execution.busted,
        replaced=[
            ExecutionVersion(execution_id=one.execution_id, side=one.side.value, quantity=one.quantity, price=one.price)
            for one in execution.replaced
        ],
    )


def holding_view(holding: Holding) -> HoldingView:
    opening = holding.opening
    return HoldingView(
        account=holding.account,
        symbol=str(holding.instrument),
        instrument=views.instrument_view(holding.instrument),
        quantity=holding.quantity,
        average_cost=holding.average_cost,
        realized_pnl=holding.realized,
        fills=holding.fills,
        opening_quantity=opening.quantity if opening else None,
        opening_at=opening.at if opening else None,
        opening_reason=opening.reason if opening else "",
    )


def discrepancy_view(each: Discrepancy) -> DiscrepancyView:
    return DiscrepancyView(
        account=each.account,
        matter=each.matter.value,
        symbol=None if each.instrument is None else str(each.instrument),
        con_id=None if each.instrument is None else each.instrument.con_id,
        currency=each.currency,
        folded=each.folded,
        broker=each.broker,
        difference=each.difference,
        since=each.since,
        text=str(each),
    )


def books_view(bridge: Bridge, account: str) -> BooksView:
    portfolio = bridge.portfolio
    stated = dict(portfolio.summary(account).cash_by_currency)
    folded = portfolio.books.cash(account)
    return BooksView(
        account=account,
        holdings=[holding_view(each) for each in portfolio.books.holdings(account)],
        cash=[
            BookedCash(
                currency=currency,
                folded=folded.get(currency),
                broker=stated.get(currency),
                unforeseeable=portfolio.books.unforeseeable(account, currency),
            )
            for currency in sorted({*stated, *folded})
        ],
        discrepancies=[discrepancy_view(each) for each in portfolio.discrepancies(account)],
        stale=bool(portfolio.interrupted_by),
    )


def overview(bridge: Bridge, account: str) -> AccountOverview:
    portfolio = bridge.portfolio
    summary = portfolio.summary(account)
    used = {currency for currency, _ in summary.cash_by_currency}
    used |= {position.instrument.currency for position in portfolio.positions(account)}
    rates = {currency: portfolio.rate(account, currency) for currency in sorted(used)}
    return AccountOverview(
        summary=views.account_view(summary, bridge.session.status().accounts, stale=bool(portfolio.interrupted_by)),
        pnl=pnl_view(portfolio.pnl(account)),
        rates=[rate_view(rate) for rate in rates.values() if rate is not None],
        missing_rates=[currency for currency, rate in rates.items() if rate is None],
    )


def rate_view(rate: FxRate) -> RateView:
    return RateView(currency=rate.currency, base=rate.base, rate=rate.rate, source=rate.source.value, at=rate.at)


def advisor_view(setup: AdvisorSetup | None) -> AdvisorView:
    if setup is None:
        return AdvisorView(master=None, groups=[], profiles=None, aliases=[])
    return AdvisorView(
        master=setup.master,
        groups=[GroupView(name=one.name, accounts=list(one.accounts), method=one.method) for one in setup.groups],
        profiles=None
        if setup.profiles is None
        else [
            ProfileShares(
                name=one.name,
                kind=one.kind.value,
                shares=[ShareView(account=account, amount=amount) for account, amount in one.shares],
            )
            for one in setup.profiles
        ],
        aliases=[AliasView(account=account, alias=alias) for account, alias in setup.aliases],
    )
