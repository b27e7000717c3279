"""One order's whole story, and the end of one that IB will not tell of: closed by hand, with a reason."""

from __future__ import annotations

from contextlib import suppress

from fastapi import APIRouter

from ironbridge.api import views
from ironbridge.api.context import ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.routers.orders import OrderKey
from ironbridge.api.schemas.audit import ActorView
from ironbridge.api.schemas.orders import OrderView
from ironbridge.api.schemas.story import OrderResolve, OrderStory, StoryEntry
from ironbridge.domain.audit import AuditFilter, present_actor
from ironbridge.errors import IronbridgeError

router = APIRouter(prefix="/orders", tags=["orders"], responses=documented(401, 403, 422))


@router.get("/{key:path}/story", summary="Everything that has happened to an order", responses=documented(404, 503))
async def get_order_story(context: ContextDep, key: OrderKey) -> OrderStory:
    """Who did what, when and why, from the submission to the last commission, as the audit log holds it."""
    bridge = context.bridge
    entries = [entry async for entry in bridge.audit.entries(AuditFilter(what="order", subject=key))]
    if not entries:
        bridge.orders.get(key)
    return OrderStory(
        key=key,
        entries=[
            StoryEntry(
                at=entry.at,
                actor=ActorView(kind=entry.actor.kind.value, name=entry.actor.name, via=entry.actor.via),
                what=entry.what,
                text=entry.text,
                why=entry.actor.why,
                sequence=entry.sequence,
            )
            for entry in entries
        ],
    )


@router.post(
    "/{key:path}/resolve",
    summary="Close an unknown order by hand",
    responses=documented(400, 404, 409, 413, 415, 503),
)
async def resolve_order(context: ContextDep, key: OrderKey, body: OrderResolve) -> OrderView:
    """Take an order that is unknown for ended, on a person's word. Sends nothing, and is recorded with its reason.

    IB is asked once more before: an order that it shows is not unknown any more, and is refused (409). What IB says
    later counts all the same.
    """
    orders = context.bridge.orders
    orders.get(key)
    # Where IB cannot be asked now, the person's word is all there is.
    with suppress(IronbridgeError):
        await orders.synchronise()
    handle = await orders.close_by_hand(key, by=present_actor().name, reason=f"found {body.found}: {body.why}")
    return views.order_view(handle.order)
