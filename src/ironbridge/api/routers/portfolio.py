"""Account and positions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from ironbridge.api import views
from ironbridge.api.context import ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.account import AccountLines, AccountView, PositionList

router = APIRouter(tags=["account"], responses=documented(401, 403, 422))

AccountQuery = Annotated[str | None, Query(pattern=r"^[A-Z0-9]{1,16}$", description="Left out: the session's account.")]


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


@router.get("/positions", summary="Positions", responses=documented(503))
async def list_positions(context: ContextDep) -> PositionList:
    """What is held, by account."""
    bridge = context.bridge
    positions = [views.position_view(position) for position in bridge.portfolio.positions()]
    return PositionList(positions=positions, stale=bool(bridge.portfolio.interrupted_by))
