"""Orders: submit, list, look up, cancel.

Never twice, never lost: every order has a key. The caller gives it in `Idempotency-Key`, or one is made and returned.
The same key with the same body is the same order; with another body it is a conflict.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Header, Path, Query, Response

from ironbridge.api import views
from ironbridge.api.context import ContextDep
from ironbridge.api.order_terms import order_types_view, spec_of
from ironbridge.api.problems import documented
from ironbridge.api.schemas.order_terms import OrderTypesView
from ironbridge.api.schemas.orders import OrderCreate, OrderList, OrderView
from ironbridge.contracts import parse_instrument
from ironbridge.domain.order import KEY_LENGTH
from ironbridge.domain.values import Side
from ironbridge.errors import IronbridgeError, OrderNotFound, OrderUnknown, RequestTimeout
from ironbridge.orders import OrderHandle, OrderService

router = APIRouter(prefix="/orders", tags=["orders"], responses=documented(401, 403, 422))

tables = APIRouter(tags=["orders"], responses=documented(401, 403))
"""Apart from the orders themselves: any path below `/orders` may be a key."""

KEY_HEADER = "Idempotency-Key"

WaitSeconds = Annotated[
    float, Query(ge=0, le=30, description="How long to wait for the broker's answer, in seconds; 0 does not wait.")
]
OrderKey = Annotated[str, Path(min_length=1, max_length=KEY_LENGTH, description="The order's key.")]

_KEY_SHOWN: dict[str, Any] = {
    KEY_HEADER: {"description": "The order's key, yours or the one that was made.", "schema": {"type": "string"}}
}


@router.post(
    "",
    status_code=201,
    summary="Submit an order",
    responses={
        200: {
            "model": OrderView,
            "description": "The key was used before for this very order; here it is, as it stands.",
            "headers": _KEY_SHOWN,
        },
        201: {"model": OrderView, "description": "Submitted, and the broker has it.", "headers": _KEY_SHOWN},
        202: {
            "model": OrderView,
            "description": "Sent, and not answered within `wait`: look it up by its key.",
            "headers": _KEY_SHOWN,
        },
        **documented(400, 403, 409, 413, 415, 422, 503, 504),
    },
)
async def submit_order(
    context: ContextDep,
    body: OrderCreate,
    response: Response,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=KEY_LENGTH,
            description="Your name for this order. Without one a key is made; with one, a repeat is safe.",
            examples=["rebalance-2026-11-20-AAPL"],
        ),
    ] = None,
    wait: WaitSeconds = 2.0,
) -> OrderView:
    """Check, record, send, and wait briefly for the broker's answer.

    201 the broker has it; 200 this key was used before for this very order; 202 no answer yet; 409 the key belongs to
    another order; 422 refused here (slug `order-refused` with rule, limit and value; `invalid-order`) or by the broker
    (`order-rejected` with IB's code and text); 503 no session, nothing was sent; 504 its fate is unknown and is
    being reconciled: do not send it again under another key.
    """
    orders = context.bridge.orders
    spec = await spec_of(body, Side(body.side), body.quantity, body.cash_quantity, context.bridge.contracts.identify)
    instrument = parse_instrument(body.symbol)
    repeated = idempotency_key is not None and _is_known(orders, idempotency_key)
    key = idempotency_key
    try:
        handle = await orders.submit(instrument, spec, key=key, account=body.account, strategy=body.strategy)
        key = handle.key
        response.headers[KEY_HEADER] = key
        response.headers["Location"] = f"/api/v1/ib/orders/{quote(key, safe='')}"
        if repeated:
            response.status_code = 200
        elif not await _answered(handle, wait):
            response.status_code = 202
    except IronbridgeError as error:
        if key is not None:
            error.details.setdefault("key", key)
        raise
    return views.order_view(handle.order)


@tables.get("/order-types", summary="What orders may be")
async def order_types() -> OrderTypesView:
    """Order types, times in force, what may be added to them and IB's algorithms: the tables orders are judged by.

    A contract takes of them what its `order_types` list; a ticket shows the fields that go and no others.
    """
    return order_types_view()


@router.get("", summary="List orders")
async def list_orders(
    context: ContextDep,
    open_only: Annotated[bool, Query(alias="open", description="Only those that may still trade.")] = False,  # noqa: FBT002 - a query parameter
) -> OrderList:
    """All orders that this service knows, oldest first."""
    return views.order_list(context.bridge.orders.list(open_only=open_only))


@router.get("/{key:path}", summary="One order", responses=documented(404))
async def get_order(context: ContextDep, key: OrderKey) -> OrderView:
    """The order with this key."""
    return views.order_view(context.bridge.orders.get(key))


@router.delete(
    "/{key:path}",
    summary="Cancel an order",
    responses={
        200: {"model": OrderView, "description": "It has ended: cancelled, or filled before the cancel came."},
        202: {"model": OrderView, "description": "The cancel is on its way and not answered within `wait`."},
        **documented(404, 409, 503, 504),
    },
)
async def cancel_order(context: ContextDep, key: OrderKey, response: Response, wait: WaitSeconds = 2.0) -> OrderView:
    """Ask the broker to cancel, and wait briefly for the end. A fill that comes first wins.

    422 with slug `cancel-refused`: the broker refuses it, and the order lives on. 409 it has ended already: there is
    nothing left to cancel.
    """
    handle = await context.bridge.orders.cancel(key)
    try:
        if not handle.order.ended and wait:
            await handle.cancelled(timeout=wait)
    except RequestTimeout:
        pass
    except OrderUnknown:
        # IB is being asked what became of it: that may be known well within the wait.
        with suppress(RequestTimeout, OrderUnknown):
            await handle.done(timeout=wait)
    if not handle.order.ended:
        response.status_code = 202
    return views.order_view(handle.order)


async def _answered(handle: OrderHandle, wait: float) -> bool:
    """Whether the broker has said anything of it within the wait. Its no is raised, and so is a known unknown."""
    if not wait:
        return False
    try:
        await handle.accepted(timeout=wait)
    except RequestTimeout:
        return False
    return True


def _is_known(orders: OrderService, key: str) -> bool:
    try:
        orders.get(key)
    except OrderNotFound:
        return False
    return True
