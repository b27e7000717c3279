"""Instruments and quotes."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from ironbridge.api import views
from ironbridge.api.context import Context, ContextDep
from ironbridge.api.limits import MAX_QUOTES
from ironbridge.api.problems import documented, problem_of
from ironbridge.api.schemas.instruments import ContractView
from ironbridge.api.schemas.quotes import QuoteFailure, QuoteList, QuoteView
from ironbridge.contracts import parse_instrument
from ironbridge.contracts.notation import LENGTH_LIMIT
from ironbridge.errors import InvalidInput, IronbridgeError

router = APIRouter(tags=["market"], responses=documented(401, 403, 422))

Timeout = Annotated[float, Query(gt=0, le=30, description="How long to wait for a bid and an ask, in seconds.")]


@router.get("/instruments", summary="What a text means", responses=documented(404, 503, 504))
async def resolve_instrument(
    context: ContextDep,
    text: Annotated[
        str,
        Query(
            min_length=1,
            max_length=LENGTH_LIMIT,
            examples=["AAPL"],
            description="AAPL, EURUSD, ESZ6, FUT:ES:202612:CME, OPT:SPY:20261218:680:C, IND:SPX.",
        ),
    ],
) -> ContractView:
    """The contract, with its tick sizes and hours. Where several fit, 422 with `details.candidates`."""
    return views.contract_view(text, await context.bridge.contracts.resolve(parse_instrument(text)))


@router.get("/quotes", summary="Quotes of several instruments")
async def list_quotes(
    context: ContextDep,
    request: Request,
    symbols: Annotated[
        str, Query(min_length=1, max_length=2000, description="Separated by commas.", examples=["AAPL,MSFT,EURUSD"])
    ],
    timeout: Timeout = 5.0,  # noqa: ASYNC109 - it is the caller's, and part of the interface
) -> QuoteList:
    """One entry for every symbol: in `quotes`, or in `failures` with its problem."""
    wanted = list(dict.fromkeys(part.strip() for part in symbols.split(",") if part.strip()))
    if not 1 <= len(wanted) <= MAX_QUOTES:
        raise InvalidInput(
            f"{len(wanted)} symbols were asked for.", next_step=f"Give 1 to {MAX_QUOTES}, separated by commas."
        )
    request_id = request.state.request_id
    found = await asyncio.gather(*(_quote_or_failure(context, symbol, timeout, request_id) for symbol in wanted))
    return QuoteList(
        quotes=[one for one in found if isinstance(one, QuoteView)],
        failures=[one for one in found if isinstance(one, QuoteFailure)],
    )


@router.get("/quotes/{symbol}", summary="One quote", responses=documented(404, 503, 504))
async def get_quote(
    context: ContextDep,
    symbol: Annotated[str, Path(min_length=1, max_length=LENGTH_LIMIT, examples=["AAPL"])],
    timeout: Timeout = 5.0,  # noqa: ASYNC109 - it is the caller's, and part of the interface
) -> QuoteView:
    """The first complete bid and ask. For prices that move use the `market-data` WebSocket."""
    return await _quote(context, symbol, timeout)


async def _quote(context: Context, symbol: str, seconds: float) -> QuoteView:
    return views.quote_view(symbol, await context.bridge.market.quote(parse_instrument(symbol), timeout=seconds))


async def _quote_or_failure(context: Context, symbol: str, seconds: float, request_id: str) -> QuoteView | QuoteFailure:
    try:
        return await _quote(context, symbol, seconds)
    except IronbridgeError as error:
        return QuoteFailure(symbol=symbol, problem=problem_of(error, request_id))
