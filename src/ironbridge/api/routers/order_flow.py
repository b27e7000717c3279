"""What becomes of orders: changes, groups, what-ifs, and the end of many at once.

A change has an idempotency key of its own, so that a repeat changes nothing again; a group's key is that of all its
orders. Everything else is as for one order.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Header, Path, Response

from ironbridge.api import views
from ironbridge.api.context import Context, ContextDep
from ironbridge.api.order_flow_views import changes_of, group_view, impact_view, report_view
from ironbridge.api.order_terms import spec_of
from ironbridge.api.problems import documented
from ironbridge.api.routers.orders import KEY_HEADER, OrderKey, WaitSeconds
from ironbridge.api.schemas.order_flow import (
    BracketCreate,
    CancelMany,
    CancelReportView,
    ExitsCreate,
    ExitTerms,
    GroupView,
    ImpactView,
    OcaCreate,
    OrderChange,
)
from ironbridge.api.schemas.orders import OrderCreate, OrderView
from ironbridge.contracts import parse_instrument
from ironbridge.domain.links import OcaType
from ironbridge.domain.order import KEY_LENGTH, OrderSpec
from ironbridge.domain.values import Side
from ironbridge.errors import IronbridgeError, RequestTimeout
from ironbridge.orders import GroupHandle

router = APIRouter(tags=["orders"], responses=documented(401, 403, 422))

GroupKey = Annotated[str, Path(min_length=1, max_length=KEY_LENGTH, description="The group's key.")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=KEY_LENGTH,
        description="Your name for this. Without one a key is made; with one, a repeat is safe.",
        examples=["breakout-2026-11-20-AAPL"],
    ),
]
_SHOWN: dict[str, Any] = {KEY_HEADER: {"description": "The group's key.", "schema": {"type": "string"}}}
_GROUP: dict[int | str, dict[str, Any]] = {
    201: {"model": GroupView, "description": "Submitted, and the broker has all of it.", "headers": _SHOWN},
    202: {"model": GroupView, "description": "Sent, and not answered within `wait`.", "headers": _SHOWN},
    **documented(400, 403, 404, 409, 413, 415, 422, 503, 504),
}


@router.patch(
    "/orders/{key:path}",
    summary="Modify an order",
    responses={
        200: {"model": OrderView, "description": "The order has the new terms; nothing was sent where it had them."},
        202: {"model": OrderView, "description": "Sent, and not answered within `wait`; see `pending`."},
        **documented(400, 404, 409, 413, 415, 422, 503, 504),
    },
)
async def modify_order(
    context: ContextDep,
    key: OrderKey,
    body: OrderChange,
    response: Response,
    idempotency_key: IdempotencyKey = None,
    wait: WaitSeconds = 2.0,
) -> OrderView:
    """Change an order that the broker holds, and wait briefly for the outcome.

    409 it has ended, is not known to be there, or another change is under way; 422 refused here, or by the broker (slug
    `modify-refused`: the order lives on as it was); 503 no session, or IB out of reach, so nothing was sent; 504
    whether it took is unknown and is being asked: do not send it again.
    """
    handle = await context.bridge.orders.modify(key, token=idempotency_key or "", **changes_of(body))
    try:
        if wait:
            await handle.modified(timeout=wait)
    except RequestTimeout:
        pass
    order = handle.order
    if handle.modification and order.pending is not None:
        response.status_code = 202
    return views.order_view(order)


@router.post("/orders/brackets", status_code=201, summary="Submit a bracket", responses=_GROUP)
async def submit_bracket(
    context: ContextDep,
    body: BracketCreate,
    response: Response,
    idempotency_key: IdempotencyKey = None,
    wait: WaitSeconds = 2.0,
) -> GroupView:
    """An entry whose fill sets its exits to work, of which a fill of one ends the other: all of it or nothing.

    The entry has the group's key, the exits that key with `/tp` and `/sl`. 409 where what could be sent is not the
    whole: the rest is cancelled by itself.
    """
    entry = await _spec(context, body)
    take_profit, stop_loss = await _exits(context, body.take_profit, body.stop_loss, entry)
    return await _submitted(
        lambda: context.bridge.orders.groups.bracket(
            parse_instrument(body.symbol),
            entry,
            take_profit=take_profit,
            stop_loss=stop_loss,
            key=idempotency_key,
            account=body.account,
            strategy=body.strategy,
        ),
        response,
        wait,
    )


@router.post("/orders/exits", status_code=201, summary="Attach exits to an order", responses=_GROUP)
async def attach_exits(
    context: ContextDep,
    body: ExitsCreate,
    response: Response,
    idempotency_key: IdempotencyKey = None,
    wait: WaitSeconds = 2.0,
) -> GroupView:
    """Give exits to an order that the broker holds and that has not filled."""
    terms = context.bridge.orders.get(body.parent).terms
    take_profit, stop_loss = await _exits(context, body.take_profit, body.stop_loss, terms)
    return await _submitted(
        lambda: context.bridge.orders.groups.attach(
            body.parent, take_profit=take_profit, stop_loss=stop_loss, key=idempotency_key
        ),
        response,
        wait,
    )


@router.post("/orders/oca", status_code=201, summary="Submit a one-cancels-all group", responses=_GROUP)
async def submit_oca(
    context: ContextDep,
    body: OcaCreate,
    response: Response,
    idempotency_key: IdempotencyKey = None,
    wait: WaitSeconds = 2.0,
) -> GroupView:
    """Orders of which a fill cancels or reduces the others. Their keys are the group's with `/1`, `/2` and so on."""
    identify = context.bridge.contracts.identify
    orders = [
        (parse_instrument(each.symbol), await spec_of(each, Side(each.side), each.quantity, None, identify))
        for each in body.orders
    ]
    return await _submitted(
        lambda: context.bridge.orders.groups.oca(
            orders,
            kind=OcaType[body.kind.upper()],
            key=idempotency_key,
            account=body.account,
            strategy=body.strategy,
        ),
        response,
        wait,
    )


@router.post(
    "/orders/preview",
    summary="What an order would do",
    responses=documented(400, 403, 404, 413, 415, 422, 503, 504),
)
async def preview_order(context: ContextDep, body: OrderCreate) -> ImpactView:
    """Margin and commission of an order, asked of the broker (what-if). Nothing is ordered, and no key is used."""
    spec = await _spec(context, body)
    return impact_view(await context.bridge.orders.preview(parse_instrument(body.symbol), spec, account=body.account))


@router.post("/orders/cancel-all", summary="Cancel many orders", responses=documented(400, 403, 413, 415, 503, 504))
async def cancel_many(context: ContextDep, body: CancelMany, wait: WaitSeconds = 10.0) -> CancelReportView:
    """Cancel every open order, or those of an account or a strategy, wait for each, and ask the broker what is left.

    Answered with 200 whatever came of it: `clear` says whether it is known that nothing is left.
    """
    return report_view(
        await context.bridge.orders.cancel_all(
            account=body.account, strategy=body.strategy, everywhere=body.everywhere, timeout=wait
        )
    )


@router.get("/order-groups/{key:path}", summary="One group", responses=documented(404))
async def get_group(context: ContextDep, key: GroupKey) -> GroupView:
    """The group with this key."""
    return group_view(context.bridge.orders.groups.get(key))


@router.delete(
    "/order-groups/{key:path}",
    summary="Cancel a group",
    responses={
        200: {"model": GroupView, "description": "All of it has ended."},
        202: {"model": GroupView, "description": "The cancel is on its way and not answered within `wait`."},
        **documented(404, 409, 503, 504),
    },
)
async def cancel_group(context: ContextDep, key: GroupKey, response: Response, wait: WaitSeconds = 2.0) -> GroupView:
    """Cancel what is alive of the group, and wait briefly for its end."""
    handle = await context.bridge.orders.groups.cancel(key)
    try:
        if wait:
            await handle.cancelled(timeout=wait)
    except RequestTimeout:
        pass
    if not handle.group.ended:
        response.status_code = 202
    return group_view(handle.group)


async def _submitted(submit: Callable[[], Awaitable[GroupHandle]], response: Response, wait: float) -> GroupView:
    handle = await submit()
    response.headers[KEY_HEADER] = handle.key
    response.headers["Location"] = f"/api/v1/ib/order-groups/{quote(handle.key, safe='')}"
    if not await _answered(handle, wait):
        response.status_code = 202
    return group_view(handle.group)


async def _answered(handle: GroupHandle, wait: float) -> bool:
    """Whether the broker has taken all of it within the wait. Its no is raised, and so is a known unknown."""
    if not wait:
        return False
    try:
        await handle.accepted(timeout=wait)
    except RequestTimeout:
        return False
    except IronbridgeError as error:
        error.details.setdefault("group", handle.key)
        raise
    return True


async def _spec(context: Context, body: OrderCreate) -> OrderSpec:
    identify = context.bridge.contracts.identify
    return await spec_of(body, Side(body.side), body.quantity, body.cash_quantity, identify)


async def _exits(
    context: Context, take_profit: ExitTerms | None, stop_loss: ExitTerms | None, entry: OrderSpec
) -> tuple[OrderSpec | None, OrderSpec | None]:
    return await _exit(context, take_profit, entry), await _exit(context, stop_loss, entry)


async def _exit(context: Context, body: ExitTerms | None, entry: OrderSpec) -> OrderSpec | None:
    if body is None:
        return None
    if body.time_in_force is None and body.good_till is None:
        body = body.model_copy(update={"time_in_force": "GTC"})
    return await spec_of(body, entry.side.opposite, entry.quantity, None, context.bridge.contracts.identify)
