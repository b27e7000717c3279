"""What a person does about a stream that IB will not send: from the one table of IB's codes."""

from __future__ import annotations

from ironbridge.domain.code_table import TABLE
from ironbridge.domain.market import MarketRefused
from ironbridge.errors import RequestRejected


def next_step(code: int) -> str:
    """What a person does about this code."""
    rule = TABLE.get(code)
    return (rule.next_step if rule else "") or f"Look the code up with `ironbridge codes {code}`, then ask again."


def error_of(refusal: MarketRefused) -> RequestRejected:
    """The refusal as the error that a caller of `quote` gets."""
    return RequestRejected(
        f"IB sends no market data for {refusal.instrument}: {refusal.text} (code {refusal.code})",
        code=refusal.code,
        text=refusal.text,
        next_step=next_step(refusal.code),
    )
