"""News bulletins: what the broker tells everybody who listens.

Each day of the venue has one, about the day's hours at the exchanges; more are posted by whoever runs the gateway.
Those of the day are kept, so that a client which asks for all messages gets them, and each is told once to a client.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ironbridge.errors import InvalidInput
from ironbridge.exchange import calendar
from ironbridge.exchange.events import Event
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.session import Session
from ironbridge.wire.news import CancelNewsBulletins, NewsBulletin, ReqNewsBulletins

REGULAR, EXCHANGE_CLOSED, EXCHANGE_OPEN = 1, 2, 3
"""IB's kinds of bulletins."""


class BulletinDesk:
    """The board on which bulletins hang.

    Parameters:
        floor: the gateway's shared state.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._day: date = floor.venue.today
        self._board: list[NewsBulletin] = []
        self._readers: set[Session] = set()
        self._begin_day()

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {ReqNewsBulletins: self.follow, CancelNewsBulletins: self.cancel}

    def happened(self, events: Sequence[Event]) -> None:
        """No bulletin comes of a trade."""

    def step(self, _now: datetime) -> None:
        today = self._floor.venue.today
        if today != self._day:
            self._day = today
            self._board.clear()
            self._begin_day()

    def left(self, session: Session) -> None:
        self._readers.discard(session)

    def follow(self, session: Session, message: ReqNewsBulletins) -> None:
        if message.all_messages and session not in self._readers:
            for bulletin in self._board:
                session.send(bulletin)
        self._readers.add(session)

    def cancel(self, session: Session, _message: CancelNewsBulletins) -> None:
        self._readers.discard(session)

    def post(self, text: str, kind: int = REGULAR, exchange: str = "") -> NewsBulletin:
        """Hang up a bulletin and tell it to everybody who listens.

        Parameters:
            text: what it says.
            kind: REGULAR, EXCHANGE_CLOSED or EXCHANGE_OPEN.
            exchange: which one it is about, if any.

        Raises:
            InvalidInput: there is no such kind, or nothing is said.
        """
        if kind not in {REGULAR, EXCHANGE_CLOSED, EXCHANGE_OPEN} or not text:
            raise InvalidInput(f"A bulletin of kind {kind} with text {text!r} cannot be posted.")
        # Numbers rise within a day and from day to day.
        number = self._day.toordinal() % 100_000 * 1000 + len(self._board)
        bulletin = NewsBulletin(number, kind, text, exchange)
        self._board.append(bulletin)
        for session in self._readers:
            session.send(bulletin)
        return bulletin

    def _begin_day(self) -> None:
        session = calendar.STOCKS.session(self._day, liquid=True)
        if session is None:
            self.post(f"US stock exchanges are closed on {self._day:%A, %B %d, %Y}.")
        else:
            closes = session.closes.astimezone(ZoneInfo(calendar.NEW_YORK))
            self.post(f"US stock exchanges close at {closes:%H:%M} US/Eastern on {self._day:%A, %B %d, %Y}.")
