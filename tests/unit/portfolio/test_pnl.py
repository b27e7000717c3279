"""The day's profit: IB's where it says, ours from midnight in New York otherwise, each with its source."""

from datetime import date
from decimal import Decimal

from ironbridge.domain.pnl import DailyPnl, DayStart, PnlSource
from ironbridge.domain.reports import PnlReport
from ironbridge.portfolio.pnl import PnlBook
from ironbridge.testing.clock import START, ManualClock

D = Decimal
DAY = 24 * 3600


def said(daily: str | None) -> PnlReport:
    return PnlReport("DU1", None, None if daily is None else D(daily), D(7), None)


async def test_ibs_number_comes_first_and_ours_beside_it() -> None:
    clock, book = ManualClock(), PnlBook()
    assert book.daily("DU1", "USD", clock.now()) == DailyPnl("DU1", "USD")
    start = book.note_worth("DU1", "USD", D(1000), clock.now())
    assert start == DayStart("DU1", date(2026, 3, 2), "USD", D(1000), START, whole=False)
    assert book.note_worth("DU1", "USD", D(990), clock.now()) is None
    assert book.apply(said("-12.5"), clock.now())
    assert not book.apply(said("-12.5"), clock.now())
    day = book.daily("DU1", "USD", clock.now())
    assert (day.amount, day.source, day.since) == (D("-12.5"), PnlSource.BROKER, None)
    assert (day.check, day.check_since, day.unrealized, day.realized) == (D(-10), START, D(7), None)
    assert book.for_limits("DU1", clock.now()) == D("-12.5")


async def test_a_number_that_ib_has_not_set_is_ours_and_never_a_limits_unless_the_day_is_whole() -> None:
    clock, book = ManualClock(), PnlBook()
    book.note_worth("DU1", "USD", D(1000), clock.now())
    book.apply(said(None), clock.now())
    book.note_worth("DU1", "USD", D(1005), clock.now())
    day = book.daily("DU1", "USD", clock.now())
    assert (day.amount, day.source, day.since) == (D(5), PnlSource.NET_LIQUIDATION, START)
    assert book.for_limits("DU1", clock.now()) is None, "a part of a day is no day"
    await clock.advance(DAY)
    start = book.note_worth("DU1", "USD", D(1100), clock.now())
    assert start is not None
    assert (start.day, start.amount, start.whole) == (date(2026, 3, 3), D(1005), True), "the last word before midnight"
    assert book.for_limits("DU1", clock.now()) == D(95)


async def test_an_interruption_makes_it_unknown_and_breaks_the_night() -> None:
    clock, book = ManualClock(), PnlBook()
    book.note_worth("DU1", "USD", D(1000), clock.now())
    book.apply(said("3"), clock.now())
    book.interrupt()
    assert book.daily("DU1", "USD", clock.now()).amount is None
    assert book.for_limits("DU1", clock.now()) is None
    await clock.advance(DAY)
    start = book.note_worth("DU1", "USD", D(1100), clock.now())
    assert start is not None
    assert (start.amount, start.whole) == (D(1100), False), "what happened at midnight was not seen"


async def test_a_beginning_that_was_kept_counts_for_its_day_alone() -> None:
    clock, book = ManualClock(), PnlBook()
    book.restore([DayStart("DU1", date(2026, 3, 2), "USD", D(900), START, whole=True)])
    assert book.note_worth("DU1", "USD", D(1000), clock.now()) is None
    assert book.for_limits("DU1", clock.now()) == D(100)
    await clock.advance(DAY)
    assert book.for_limits("DU1", clock.now()) is None
