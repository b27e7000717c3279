"""Account, positions, profit and executions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from ironbridge.api import portfolio_views, views
from ironbridge.api.context import ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.account import AccountLines, AccountView, PositionList
from ironbridge.api.schemas.portfolio import (
    AccountAlerts,
    AccountsView,
    AdvisorView,
    BooksAccepted,
    BooksView,
    DailyPnlView,
    ExecutionPage,
    PnlCourse,
    PnlPoint,
)
from ironbridge.api.schemas.values import SideName
from ironbridge.domain.audit import Act, Deed
from ironbridge.domain.audit_text import moment_of
from ironbridge.domain.execution_text import csv_head, csv_line
from ironbridge.domain.executions import ExecutionFilter
from ironbridge.domain.values import Side
from ironbridge.settings import Settings

if TYPE_CHECKING:
    from ironbridge.bridge import Bridge

router = APIRouter(tags=["account"], responses=documented(401, 403, 422))

AccountQuery = Annotated[str | None, Query(pattern=r"^[A-Z0-9]{1,16}$", description="Left out: the session's account.")]
AnyAccount = Annotated[str | None, Query(pattern=r"^[A-Z0-9]{1,16}$", description="Left out: every account.")]
Since = Annotated[
    str | None,
    Query(alias="from", max_length=40, description="Executed from this moment on, ISO 8601; UTC without a zone."),
]
Until = Annotated[str | None, Query(alias="to", max_length=40, description="Executed before this moment.")]
SymbolQuery = Annotated[str | None, Query(max_length=40, description="The instrument's symbol: AAPL, ES, EUR.")]
ConIdQuery = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
SideQuery = Annotated[SideName | None, Query()]
RefQuery = Annotated[str | None, Query(max_length=200, description="Of orders with exactly this orderRef.")]

EXPORT_PAGE = 500
"""Executions read at a time for an export, so that a large one does not lie in memory as a whole."""


@router.get("/account", summary="The account's summary", responses=documented(404, 503))
async def get_account(context: ContextDep, account: AccountQuery = None) -> AccountView:
    """Cash, net liquidation, buying power and margin, in the base currency."""
    bridge = context.bridge
    return views.account_view(
        bridge.portfolio.summary(account), bridge.session.status().accounts, stale=bool(bridge.portfolio.interrupted_by)
    )


@router.get("/account/values", summary="Every line of the account statement", responses=documented(404, 503))
async def get_account_values(context: ContextDep, account: AccountQuery = None) -> AccountLines:
    """The broker's own lines, by name and currency."""
    return AccountLines(values=[views.account_line(value) for value in context.bridge.portfolio.values(account)])


@router.get("/accounts", summary="Every account of the login", responses=documented(503))
async def list_accounts(context: ContextDep) -> AccountsView:
    """Each with its summary, the day's profit, and the exchange rates by which it is converted."""
    bridge = context.bridge
    return AccountsView(
        accounts=[portfolio_views.overview(bridge, account) for account in bridge.portfolio.accounts],
        stale=bool(bridge.portfolio.interrupted_by),
    )


@router.get("/account/advisor", summary="An advisor's groups, profiles and aliases", responses=documented(503))
async def get_advisor(context: ContextDep) -> AdvisorView:
    """As of the last synchronisation."""
    return portfolio_views.advisor_view(context.bridge.portfolio.advisor)


@router.get("/account/books", summary="Our books beside the broker's", responses=documented(404, 503))
async def get_books(context: ContextDep, account: AccountQuery = None) -> BooksView:
    """Positions and cash folded from executions, and where they have stayed apart from the broker's numbers."""
    portfolio = context.bridge.portfolio
    return portfolio_views.books_view(context.bridge, portfolio.summary(account).account)


@router.post("/account/books/accept", summary="Take the broker's numbers", responses=documented(404, 503))
async def accept_books(context: ContextDep, account: AccountQuery = None) -> BooksAccepted:
    """Set whatever differs in an account to what the broker has: transfers, dividends, trades made elsewhere."""
    bridge = context.bridge
    name = bridge.portfolio.summary(account).account
    count = bridge.portfolio.accept(name)
    await bridge.audit.record(Act(Deed.POSITIONS_ACKNOWLEDGED, name, f"{count} numbers set to the broker's"))
    return BooksAccepted(accepted=count)


@router.get("/account/alerts", summary="When a person is told of an account")
async def get_account_alerts(context: ContextDep) -> AccountAlerts:
    """The thresholds in force."""
    return _alerts(context.bridge.settings)


@router.put("/account/alerts", summary="Change when a person is told", responses=documented(503))
async def put_account_alerts(context: ContextDep, alerts: AccountAlerts) -> AccountAlerts:
    """In force at once, and kept."""
    return _alerts(await context.bridge.change_settings(alerts.model_dump()))


@router.get("/pnl", summary="The day's profit or loss", responses=documented(404, 503))
async def get_pnl(context: ContextDep, account: AccountQuery = None) -> DailyPnlView:
    """IB's own where it says so, the change of net liquidation otherwise; labelled."""
    return portfolio_views.pnl_view(context.bridge.portfolio.pnl(account))


@router.get("/pnl/history", summary="How the day's profit has gone", responses=documented(404, 503))
async def get_pnl_history(context: ContextDep, account: AccountQuery = None) -> PnlCourse:
    """A point every quarter of a minute at most, of the present day, since it was first followed."""
    portfolio = context.bridge.portfolio
    name = portfolio.pnl(account).account
    return PnlCourse(account=name, points=[PnlPoint(at=at, amount=amount) for at, amount in portfolio.pnl_course(name)])


@router.get("/positions", summary="Positions", responses=documented(404, 503))
async def list_positions(context: ContextDep, account: AnyAccount = None) -> PositionList:
    """What is held, by account."""
    bridge = context.bridge
    positions = [views.position_view(position) for position in bridge.portfolio.positions(account)]
    return PositionList(positions=positions, stale=bool(bridge.portfolio.interrupted_by))


@router.get("/executions", summary="Executions, newest first", responses=documented(503))
async def list_executions(
    context: ContextDep,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, description="`next_before` of the page before.")] = None,
    account: AnyAccount = None,
    symbol: SymbolQuery = None,
    con_id: ConIdQuery = None,
    side: SideQuery = None,
    since: Since = None,
    until: Until = None,
    ref: RefQuery = None,
) -> ExecutionPage:
    """Every fill that was ever heard of, ours or not, each once in its newest correction, with its commission."""
    chosen = _chosen(account, symbol, con_id, side, since, until, ref)
    found = await context.bridge.portfolio.executions(chosen, limit=limit + 1, before=before)
    page = found[:limit]
    return ExecutionPage(
        executions=[portfolio_views.execution_view(each) for each in page],
        next_before=page[-1].number if len(found) > limit else None,
    )


@router.get(
    "/executions/export",
    summary="Executions as CSV",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "One execution a line, newest first.",
            "content": {"text/csv": {"schema": {"type": "string"}}},
        },
        **documented(503),
    },
)
async def export_executions(
    context: ContextDep,
    account: AnyAccount = None,
    symbol: SymbolQuery = None,
    con_id: ConIdQuery = None,
    side: SideQuery = None,
    since: Since = None,
    until: Until = None,
    ref: RefQuery = None,
) -> StreamingResponse:
    """All that are asked for, made safe for spreadsheets."""
    chosen = _chosen(account, symbol, con_id, side, since, until, ref)
    return StreamingResponse(
        _lines(context.bridge, chosen),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="ironbridge-executions.csv"'},
    )


async def _lines(bridge: Bridge, chosen: ExecutionFilter) -> AsyncIterator[str]:
    yield csv_head() + "\r\n"
    before: int | None = None
    while page := await bridge.portfolio.executions(chosen, limit=EXPORT_PAGE, before=before):
        for execution in page:
            yield csv_line(execution) + "\r\n"
        before = page[-1].number


def _chosen(
    account: str | None,
    symbol: str | None,
    con_id: int | None,
    side: SideName | None,
    since: str | None,
    until: str | None,
    ref: str | None,
) -> ExecutionFilter:
    return ExecutionFilter(
        account,
        symbol,
        con_id,
        None if side is None else Side(side),
        None if since is None else moment_of(since, "from"),
        None if until is None else moment_of(until, "to"),
        ref,
    )


def _alerts(settings: Settings) -> AccountAlerts:
    return AccountAlerts(
        alert_cushion=settings.alert_cushion,
        alert_excess_liquidity=settings.alert_excess_liquidity,
        alert_change=settings.alert_change,
        alert_position_change=settings.alert_position_change,
        alert_window=settings.alert_window,
    )
