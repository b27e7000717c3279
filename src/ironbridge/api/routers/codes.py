"""IB's message codes: what each means, and the owner's own rules about them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from ironbridge.api.context import ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.codes import CodeList, CodeOverride, CodeView
from ironbridge.domain.codes import CodeRule
from ironbridge.orders import CodeDesk

router = APIRouter(prefix="/codes", tags=["codes"], responses=documented(401, 403))

Number = Annotated[int, Path(ge=0, le=2**31 - 1, description="IB's number.")]


@router.get("", summary="Every code that is known")
async def list_codes(context: ContextDep) -> CodeList:
    """The whole table, with what was overridden and what was met without being known."""
    desk = context.bridge.codes
    return CodeList(codes=[_view(rule, desk) for rule in desk.list()])


@router.get("/{code}", summary="What one code means", responses=documented(422))
async def get_code(context: ContextDep, code: Number) -> CodeView:
    """In sentences, for an order and for requests. One that is not known ends nothing."""
    desk = context.bridge.codes
    return _view(desk.codes[code], desk)


@router.put("/{code}", summary="Let a code mean something else", responses=documented(400, 413, 415, 422, 503))
async def put_code(context: ContextDep, code: Number, body: CodeOverride) -> CodeView:
    """Counts from now on and for good, for orders; what the code does to requests stays as the table says."""
    desk = context.bridge.codes
    return _view(await desk.override(code, body.meaning, body.next_step), desk)


@router.delete("/{code}", summary="Take the table's word again", responses=documented(422, 503))
async def delete_code(context: ContextDep, code: Number) -> CodeView:
    """One that is not overridden stays as it is."""
    desk = context.bridge.codes
    return _view(await desk.restore(code), desk)


def _view(rule: CodeRule, desk: CodeDesk) -> CodeView:
    return CodeView(
        code=rule.code,
        meaning=rule.meaning,
        words=rule.words,
        next_step=rule.next_step,
        explained=rule.explained,
        overridden=rule.code in desk.codes.overrides,
        met=desk.codes.met.get(rule.code, 0),
    )
