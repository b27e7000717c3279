"""Orders: submit, list, look up, cancel.

Never twice, never lost: every order has a key. The caller gives it in `Idempotency-Key`, or one is made and returned.
The same key with the same body is the same order; with another body it is a conflict.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response

from ironbridge.api.context import ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.orders import OrderCreate, OrderList, OrderView
from ironbridge.domain.order import KEY_LENGTH

router = APIRouter(prefix="/orders", tags=["orders"], responses=documented(401, 403, 422))

WaitSeconds = Annotated[
    float, Query(ge=0, le=30, description="How long to wait for the broker's answer, in seconds; 0 does not wait.")
]
OrderKey = Annotated[str, Path(min_length=1, max_length=KEY_LENGTH, description="The order's key.")]

_KEY_HEADER = {
    "Idempotency-Key": {"description": "The order's key, yours or the one that was made.", "schema": {"type": "string"}}
}


@router.post(
    "",
    status_code=201,
    summary="Submit an order",
    responses={
        200: {"model": OrderView, "description": "The key was used before for this very order; here it is.",
              "headers": _KEY_HEADER},
        201: {"model": OrderView, "description": "Submitted, and the broker has it.", "headers": _KEY_HEADER},
        202: {"model": OrderView, "description": "Sent, and not answered within `wait`: look it up by its key.",
              "headers": _KEY_HEADER},
        **documented(400, 409, 413, 422, 503, 504),
    },
)  # fmt: skip
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
    raise NotImplementedError


@router.get("", summary="List orders")
async def list_orders(
    context: ContextDep,
    open_only: Annotated[bool, Query(alias="open", description="Only those that may still trade.")] = False,  # noqa: FBT002 - a query parameter
) -> OrderList:
    """All orders that this service knows, oldest first."""
    raise NotImplementedError


@router.get("/{key:path}", summary="One order", responses=documented(404, 422))
async def get_order(context: ContextDep, key: OrderKey) -> OrderView:
    """The order with this key."""
    raise NotImplementedError


@router.delete(
    "/{key:path}",
    summary="Cancel an order",
    responses={
        200: {"model": OrderView, "description": "It has ended: cancelled, or filled before the cancel came."},
        202: {"model": OrderView, "description": "The cancel is on its way and not answered within `wait`."},
        **documented(404, 409, 422, 503, 504),
    },
)
async def cancel_order(context: ContextDep, key: OrderKey, response: Response, wait: WaitSeconds = 2.0) -> OrderView:
    """Ask the broker to cancel, and wait briefly for the end. A fill that comes first wins."""
    raise NotImplementedError
