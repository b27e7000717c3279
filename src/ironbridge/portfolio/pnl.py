"""Profit and loss of the day (ACC-3): IB's own, and the change of net liquidation beside it.

IB's number counts while its stream is alive; an interruption makes it unknown until it speaks again. Ours is what the
account is worth now less what it was worth as the day began, at midnight in New York: a check of IB's, and what is
shown where IB says nothing. Where the day's beginning was not seen it counts from the first worth that was, and says
so; and it has deposits and withdrawals in it, which IB's has not.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from ironbridge.domain.pnl import DailyPnl, DayStart, PnlSource
from ironbridge.domain.reports import PnlReport
from ironbridge.portfolio.positions import day_of

SPACING = timedelta(seconds=15)
"""Between two points of the day's course: 5,760 a day, more than a screen has columns."""


class PnlBook:
    """The day of every account."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[PnlReport, datetime]] = {}
        self._starts: dict[str, DayStart] = {}
        self._worth: dict[str, tuple[Decimal, datetime]] = {}
        self._course: dict[str, list[tuple[datetime, Decimal]]] = {}

    def restore(self, starts: Iterable[DayStart]) -> None:
        """Take the beginnings that were kept."""
        self._starts |= {start.account: start for start in starts}

    def apply(self, report: PnlReport, now: datetime) -> bool:
        """Take what IB says of an account; whether it changed anything."""
        before = self._said.get(report.account)
        self._said[report.account] = (report, now)
        return before is None or before[0] != report

    def note_worth(self, account: str, currency: str, amount: Decimal, now: datetime) -> DayStart | None:
        """The account is worth so much; a day's beginning where this tells one, which is to be kept."""
        last, day = self._worth.get(account), day_of(now)
        self._worth[account] = (amount, now)
        start = self._starts.get(account)
        if start is not None and start.day == day and start.currency == currency:
            return None
        if last is not None and day_of(last[1]) < day:
            # Followed without a break over midnight: the last word before it is what the day began with.
            made = DayStart(account, day, currency, last[0], last[1], whole=True)
        else:
            made = DayStart(account, day, currency, amount, now, whole=False)
        self._starts[account] = made
        return made

    def interrupt(self) -> None:
        """The session ended: IB's numbers, and what was followed over midnight, are unknown until told again."""
        self._said.clear()
        self._worth.clear()

    def daily(self, account: str, currency: str | None, now: datetime) -> DailyPnl:
        """The day so far."""
        said, own = self._said.get(account), self._own(account, day_of(now))
        if said is not None and said[0].daily is not None:
            report, at = said
            return DailyPnl(
                account, currency, report.daily, PnlSource.BROKER, None, at, report.unrealized, report.realized,
                own[0] if own else None, own[1].at if own else None,
            )  # fmt: skip
        unrealized = said[0].unrealized if said else None
        realized = said[0].realized if said else None
        if own is None:
            return DailyPnl(account, currency, unrealized=unrealized, realized=realized)
        amount, start, at = own
        return DailyPnl(account, currency, amount, PnlSource.NET_LIQUIDATION, start.at, at, unrealized, realized)

    def sample(self, pnl: DailyPnl, now: datetime) -> None:
        """Note how the day goes: at most one point in `SPACING`, of the present day alone."""
        if pnl.amount is None:
            return
        course = self._course.setdefault(pnl.account, [])
        if course and day_of(course[-1][0]) != day_of(now):
            course.clear()
        if not course or now - course[-1][0] >= SPACING:
            course.append((now, pnl.amount))

    def course(self, account: str) -> list[tuple[datetime, Decimal]]:
        """How the day has gone, as far as it was followed."""
        return list(self._course.get(account, ()))

    def for_limits(self, account: str, now: datetime) -> Decimal | None:
        """The day's profit or loss as a limit may use it: IB's, or ours of the whole day, and never of a part."""
        said = self._said.get(account)
        if said is not None and said[0].daily is not None:
            return said[0].daily
        own = self._own(account, day_of(now))
        return own[0] if own is not None and own[1].whole else None

    def _own(self, account: str, day: date) -> tuple[Decimal, DayStart, datetime] | None:
        start, worth = self._starts.get(account), self._worth.get(account)
        if start is None or worth is None or start.day != day:
            return None
        return worth[0] - start.amount, start, worth[1]
