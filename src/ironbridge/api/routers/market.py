"""Instruments and quotes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from ironbridge.api.context import ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.instruments import ContractView
from ironbridge.api.schemas.quotes import QuoteList, QuoteView

router = APIRouter(tags=["market"], responses=documented(401, 403))

Timeout = Annotated[float, Query(gt=0, le=30, description="How long to wait for a bid and an ask, in seconds.")]


@router.get("/instruments", summary="What a text means", responses=documented(404, 422, 503, 504))
async def resolve_instrument(
    context: ContextDep,
    text: Annotated[
        str,
        Query(min_length=1, max_length=80, examples=["AAPL"],
              description="AAPL, EURUSD, ESZ6, FUT:ES:202612:CME, OPT:SPY:20261218:680:C, IND:SPX."),
    ],
) -> ContractView:  # fmt: skip
    """The contract, with its tick sizes and hours. Where several fit, 422 with `details.candidates`."""
    raise NotImplementedError


@router.get("/quotes", summary="Quotes of several instruments", responses=documented(422))
async def list_quotes(
    context: ContextDep,
    symbols: Annotated[str, Query(min_length=1, max_length=1000, description="Separated by commas.",
                                  examples=["AAPL,MSFT,EURUSD"])],
    timeout: Timeout = 5.0,  # noqa: ASYNC109 - it is the caller's, and part of the interface
) -> QuoteList:  # fmt: skip
    """One entry for every symbol: in `quotes`, or in `failures` with its problem."""
    raise NotImplementedError


@router.get("/quotes/{symbol}", summary="One quote", responses=documented(404, 422, 503, 504))
async def get_quote(
    context: ContextDep,
    symbol: Annotated[str, Path(min_length=1, max_length=80, examples=["AAPL"])],
    timeout: Timeout = 5.0,  # noqa: ASYNC109 - it is the caller's, and part of the interface
) -> QuoteView:
    """The first complete bid and ask. For prices that move use the `market-data` WebSocket."""
    raise NotImplementedError
