"""Requests about an advisor's configuration; for everybody else they are refused, as IB does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ironbridge.exchange.events import Event
from ironbridge.paper.advisor import Advisor, Part
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.session import Session
from ironbridge.paper.translate import invalid
from ironbridge.wire.account import ReceiveFa, ReplaceFa, ReplaceFaEnd, RequestFa

ENDS_SINCE = 157
"""The version from which on a replacement is answered."""
NO_PROFILES_SINCE = 177


class AdvisorDesk:
    """The advisor's desk.

    Parameters:
        floor: the gateway's shared state.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {RequestFa: self.ask, ReplaceFa: self.replace}

    def happened(self, events: Sequence[Event]) -> None:
        """Nothing at the venue changes a configuration."""

    def step(self, now: datetime) -> None:
        """Nor does time."""

    def left(self, session: Session) -> None:
        """Nothing is kept for a session."""

    def ask(self, session: Session, message: RequestFa) -> None:
        advisor, part = self._wanted(session, message.data_type)
        session.send(ReceiveFa(part.value, advisor.xml(part)))

    def replace(self, session: Session, message: ReplaceFa) -> None:
        advisor, part = self._wanted(session, message.data_type)
        advisor.replace(part, message.xml)
        self._floor.changed()
        if session.version >= ENDS_SINCE:
            session.send(ReplaceFaEnd(message.req_id, "success"))

    def _wanted(self, session: Session, data_type: int) -> tuple[Advisor, Part]:
        if self._floor.advisor is None:
            raise invalid("bY", "FA data operations ignored for non FA customers.")
        if data_type not in set(Part):
            raise invalid("bY", f"Invalid FA data type: {data_type}")
        part = Part(data_type)
        if part is Part.PROFILES and session.version >= NO_PROFILES_SINCE:
            raise invalid("bY", "FA Profile is not supported anymore, use FA Group instead.")
        return self._floor.advisor, part
