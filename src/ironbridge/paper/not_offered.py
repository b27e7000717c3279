"""Requests for what this gateway does not have, refused as a real one refuses an account without the subscription.

Fundamental data is gone from IB for most accounts, Wall Street Horizon needs a subscription, and the verification of
third-party programs needs a key from IB. A client that asks must hear it: silence would leave it waiting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ironbridge.exchange.events import Event
from ironbridge.paper.floor import Handler
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal, invalid
from ironbridge.wire.analysis import (
    CancelFundamentalData,
    CancelWshEventData,
    CancelWshMetaData,
    ReqFundamentalData,
    ReqWshEventData,
    ReqWshMetaData,
)
from ironbridge.wire.session import VerifyAndAuthMessage, VerifyAndAuthRequest, VerifyMessage, VerifyRequest

Cancel = CancelFundamentalData | CancelWshMetaData | CancelWshEventData


class NotOfferedDesk:
    """The desk that says no."""

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {
            ReqFundamentalData: self.fundamentals,
            CancelFundamentalData: self.nothing_to_cancel,
            ReqWshMetaData: self.corporate_events,
            ReqWshEventData: self.corporate_events,
            CancelWshMetaData: self.nothing_to_cancel,
            CancelWshEventData: self.nothing_to_cancel,
            VerifyRequest: self.verification,
            VerifyMessage: self.verification,
            VerifyAndAuthRequest: self.verification,
            VerifyAndAuthMessage: self.verification,
        }

    def happened(self, events: Sequence[Event]) -> None:
        """Nothing makes it say yes."""

    def step(self, now: datetime) -> None:
        """Nor does time."""

    def left(self, session: Session) -> None:
        """Nothing is kept for a session."""

    def fundamentals(self, _session: Session, _message: ReqFundamentalData) -> None:
        raise Refusal(430, "We are sorry, but fundamentals data for the security specified is not available.")

    def corporate_events(self, _session: Session, _message: ReqWshMetaData | ReqWshEventData) -> None:
        raise Refusal(10276, "News feed is not allowed.")

    def verification(self, _session: Session, _message: object) -> None:
        raise invalid("bU", "Intent to authenticate needs to be expressed during initial connect request")

    def nothing_to_cancel(self, _session: Session, _message: Cancel) -> None:
        """What is cancelled was refused when it was asked; a real gateway is silent here as well."""
