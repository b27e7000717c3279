"""What is known of the places that show books: the exchanges with depth, and the map of SMART's components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ironbridge.exchange.events import Event
from ironbridge.paper.floor import Handler
from ironbridge.paper.market_centers import STOCK_CENTERS
from ironbridge.paper.quotes import BBO_EXCHANGE
from ironbridge.paper.session import Session
from ironbridge.paper.translate import Refusal
from ironbridge.wire.depth import (
    DepthExchange,
    MktDepthExchanges,
    ReqMktDepthExchanges,
    ReqSmartComponents,
    SmartComponent,
    SmartComponents,
)

BY_PRICE, BY_PLACE = "Deep", "Deep2"
"""IB's names: one row a price, or one row for each participant at a price."""
_AGG_GROUP = 1
_OTHERS = (
    ("CME", "FUT"), ("CBOT", "FUT"), ("NYMEX", "FUT"), ("COMEX", "FUT"), ("IDEALPRO", "CASH"),
)  # fmt: skip


class BookGuideDesk:
    """Answers what there is to know of books; keeps nothing."""

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {ReqMktDepthExchanges: self.exchanges, ReqSmartComponents: self.components}

    def happened(self, events: Sequence[Event]) -> None:
        """No exchange comes or goes."""

    def step(self, now: datetime) -> None:
        """Not with time either."""

    def left(self, session: Session) -> None:
        """Nothing is kept for a session."""

    def exchanges(self, session: Session, _message: ReqMktDepthExchanges) -> None:
        session.send(
            MktDepthExchanges(
                (
                    DepthExchange("SMART", "STK", "", BY_PLACE, _AGG_GROUP),
                    *(DepthExchange(name, "STK", name, BY_PLACE, _AGG_GROUP) for name, _ in STOCK_CENTERS),
                    *(DepthExchange(name, kind, name, BY_PRICE, _AGG_GROUP) for name, kind in _OTHERS),
                )
            )
        )

    def components(self, session: Session, message: ReqSmartComponents) -> None:
        if message.bbo_exchange != BBO_EXCHANGE:
            raise Refusal(
                322,
                f"Error processing request.-'cf' : cause - BBO exchange {message.bbo_exchange!r} is not known",
            )
        session.send(
            SmartComponents(
                message.req_id,
                tuple(SmartComponent(bit, name, letter) for bit, (name, letter) in enumerate(STOCK_CENTERS)),
            )
        )
