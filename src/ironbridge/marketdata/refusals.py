"""What a person does about a stream that IB will not send: IB's codes as data."""

from __future__ import annotations

from ironbridge.domain.market import MarketRefused
from ironbridge.errors import RequestRejected

_SUBSCRIBE = (
    "Ask for delayed data (setting market_data_type=delayed), or subscribe to the market's data in IB's Client Portal "
    "and share it with the paper account."
)
_DELAYED_OFF = "Turn delayed data on in the gateway's API settings, or subscribe to the market's data at IB."

NEXT_STEPS: dict[int, str] = {
    101: "Read fewer instruments at once, or buy a quote booster pack from IB.",
    200: "Check symbol, exchange, currency and expiry.",
    300: "The stream had ended before; ask for it again.",
    354: _SUBSCRIBE,
    10089: _SUBSCRIBE,
    10090: _SUBSCRIBE,
    10091: _SUBSCRIBE,
    10168: _DELAYED_OFF,
    10186: _DELAYED_OFF,
    10197: "Another session of this user shows live data; log it out, or use a user of your own for the API.",
}


def next_step(code: int) -> str:
    """What a person does about this code."""
    return NEXT_STEPS.get(code, "Look the code up in IB's list of message codes, then ask again.")


def error_of(refusal: MarketRefused) -> RequestRejected:
    """The refusal as the error that a caller of `quote` gets."""
    return RequestRejected(
        f"IB sends no market data for {refusal.instrument}: {refusal.text} (code {refusal.code})",
        code=refusal.code,
        text=refusal.text,
        next_step=next_step(refusal.code),
    )
