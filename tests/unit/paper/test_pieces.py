"""The pieces that decide without a socket: fault plan, tickets, terms, ticks, bars' spans, limits."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from ironbridge.exchange import calendar
from ironbridge.exchange.commands import OcaType, OrderKind, TimeInForce
from ironbridge.exchange.events import Quote
from ironbridge.paper import PaperGateway
from ironbridge.paper.bar_spans import MOST_BARS, Calendar, Duration, Timetable, spans
from ironbridge.paper.history_pace import HistoryPace
from ironbridge.paper.limits import Limits, MessageRate, Pacing
from ironbridge.paper.moments import parse_moment
from ironbridge.paper.order_terms import KINDS, terms_of
from ironbridge.paper.replays import corrected
from ironbridge.paper.tickets import Ticket, TicketBook
from ironbridge.paper.ticks import ticks_between
from ironbridge.paper.translate import Refusal
from ironbridge.paper.unread import request_id
from ironbridge.wire.contract import Contract
from ironbridge.wire.framing import MAX_ANSWER_BYTES
from ironbridge.wire.history import HistoricalBar, HistoricalData
from ironbridge.wire.market import TickPrice, TickSize
from ironbridge.wire.order import Order
from ironbridge.wire.place_order import PlaceOrder
from ironbridge.wire.registry import FORMATS, codec_for
from ironbridge.wire.values import UNSET, Role, TagValue

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


# ------------------------------------------------------------------------------------------------- orders into terms


def terms(**fields):
    order = Order(**{"action": "BUY", "total_quantity": Decimal(1), "order_type": "MKT", **fields})
    return terms_of(order, account="DU1", con_id=1)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_order_type_has_its_kind(name):
    found = terms(order_type=name, lmt_price=Decimal(10), aux_price=Decimal(1), trail_stop_price=Decimal(9))
    assert found.kind is KINDS[name]


def test_unset_is_not_a_number():
    found = terms(order_type="STP", lmt_price=UNSET, aux_price=Decimal(9), cash_qty=UNSET, min_qty=UNSET)
    assert (found.limit_price, found.stop_price, found.cash_quantity, found.min_quantity) == (
        None,
        Decimal(9),
        None,
        None,
    )


def test_a_trailing_stop_by_amount_and_by_percent():
    amount = terms(order_type="TRAIL", aux_price=Decimal(2), trail_stop_price=Decimal(90))
    percent = terms(order_type="TRAIL", trailing_percent=Decimal(5), aux_price=UNSET)
    assert (amount.trail_amount, amount.trail_percent, amount.stop_price) == (2, None, 90)
    assert (percent.trail_amount, percent.trail_percent, percent.stop_price) == (None, 5, None)


def test_at_the_open():
    assert terms(tif="OPG").kind is OrderKind.MARKET_ON_OPEN
    assert terms(tif="OPG", order_type="LMT", lmt_price=Decimal(1)).kind is OrderKind.LIMIT_ON_OPEN


def test_defaults_are_ibs():
    found = terms()
    assert (found.tif, found.oca_type, found.outside_hours) == (TimeInForce.DAY, OcaType.NONE, False)
    assert terms(oca_group="g").oca_type is OcaType.REDUCE_WITHOUT_BLOCK


@pytest.mark.parametrize(
    ("fields", "code"),
    (
        ({"order_type": "LMT"}, 321),
        ({"order_type": "WISH"}, 321),
        ({"order_type": "VOL"}, 387),
        ({"tif": "ETERNAL"}, 321),
        ({"action": ""}, 321),
        ({"oca_group": "g", "oca_type": 9}, 321),
        ({"good_after_time": "20261301 00:00:00"}, 343),
    ),
)
def test_what_cannot_be_meant(fields, code):
    with pytest.raises(Refusal) as refused:
        terms(**fields)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "moment"),
    (
        ("20260302 10:00:00 US/Eastern", NOW),
        ("20260302-15:00:00", NOW),
        ("20260302 10:00:00", NOW),
        ("20260302 10:00 EST", NOW),
        ("20260302 09:00:00 US/Central", NOW),
        ("20260302", datetime(2026, 3, 2, 5, 0, tzinfo=UTC)),
    ),
)
def test_moments(text, moment):
    assert parse_moment(text) == moment


@pytest.mark.parametrize("text", ("", "soon", "20260302 25:00:00", "20260302 10:00:00 Mars/Base", "99999999 10:00:00"))
def test_moments_that_are_none(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_moment(text)


# ------------------------------------------------------------------------------------------------- tickets


def placed(number, **fields):
    contract = Contract(con_id=1, symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
    return PlaceOrder(number, contract, Order(action="BUY", total_quantity=Decimal(1), order_type="MKT", **fields))


def test_ids_rise_and_are_spent():
    book = TicketBook()
    assert book.next_id(1) == 1
    book.add(Ticket(1, 5, placed(5), 1, "DU1", 5))
    assert book.next_id(1) == 6
    assert book.is_spent(1, 4)
    assert not book.is_spent(1, 6)
    assert book.next_id(2) == 1


def test_a_family_is_released_parent_first():
    book = TicketBook()
    parent, first, last = placed(3), placed(4, parent_id=3), placed(5, parent_id=3)
    book.hold(1, parent)
    book.hold(1, first)
    assert book.release(1, last) == [parent, first, last]
    assert not book.is_held(1, 3)


def test_tickets_are_kept_field_by_field():
    book = TicketBook()
    message = placed(
        7,
        lmt_price=Decimal("1.5"),
        algo_strategy="Adaptive",
        algo_params=(TagValue("a", "b"),),
        order_ref="x",
        hidden=True,
    )
    ticket = Ticket(1, 7, message, 1, "DU1", 7, commission=Decimal("1.05"), commission_currency="USD")
    book.add(ticket)
    book.bind(ticket, 1_000_000_007)
    again = TicketBook()
    again.import_state(book.export_state())
    found = again.by_perm(1_000_000_007)
    assert found is not None
    assert found.placed.order.algo_params == message.order.algo_params
    assert (found.order.lmt_price, found.order.order_ref, found.order.hidden) == (Decimal("1.5"), "x", True)
    assert (found.commission, found.commission_currency) == (Decimal("1.05"), "USD")
    assert again.next_id(1) == 8
    again.forget(lambda _: False)
    assert again.by_perm(1_000_000_007) is None
    assert again.next_id(1) == 8


def test_correction_numbers():
    assert corrected("0000e0d5.6f3a1b2c.01.01") == "0000e0d5.6f3a1b2c.01.02"
    assert corrected("0000e0d5.6f3a1b2c.01.09") == "0000e0d5.6f3a1b2c.01.10"


# ------------------------------------------------------------------------------------------------- market data


QUOTE = Quote(
    1, Decimal("9.99"), Decimal(100), Decimal("10.00"), Decimal(200), Decimal("9.99"), Decimal(10), Decimal(1000),
    Decimal("9.5"), Decimal("10.5"), Decimal("9.4"), Decimal("9.6"), NOW, NOW,
)  # fmt: skip


def said(before, after, **options):
    return [tick.message(1) for tick in ticks_between(before, after, **options)]


def test_nothing_changed_nothing_said():
    assert said(QUOTE, QUOTE) == []


def test_only_the_change_is_said():
    assert said(QUOTE, QUOTE._replace(bid_size=Decimal(300))) == [TickSize(1, 0, 300.0)]
    assert said(QUOTE, QUOTE._replace(bid=Decimal("9.98"))) == [
        TickPrice(1, 1, 9.98, 100.0, 1),
        TickSize(1, 0, 100.0),
    ]


def test_a_side_that_goes_away_and_one_that_never_was():
    gone = QUOTE._replace(bid=None)
    assert said(QUOTE, gone) == [TickPrice(1, 1, -1.0, 0.0, 1), TickSize(1, 0, 0.0)]
    assert not [tick for tick in said(None, gone) if tick.tick_type in {0, 1}]


def test_delayed_ticks_have_their_own_numbers():
    assert {tick.tick_type for tick in said(None, QUOTE, delayed=True)} == {
        66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 88,
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------- history


def test_a_day_in_bars():
    table = Timetable(calendar.STOCKS, liquid=True)
    day = table.sessions(datetime(2026, 2, 28, tzinfo=UTC), Duration(1, "D"))
    found = list(spans(day, timedelta(hours=1), "America/New_York"))
    # 09:30 to 10:00, then whole hours.
    assert [span.windows[0][1] - span.begin for span in found] == [timedelta(minutes=30)] + [timedelta(hours=1)] * 6


def test_seconds_are_trading_seconds():
    table = Timetable(calendar.STOCKS, liquid=True)
    monday = datetime(2026, 3, 2, 14, 40, tzinfo=UTC)
    found = table.sessions(monday, Duration(1200, "S"))
    assert [each.day for each in found] == [date(2026, 2, 27), date(2026, 3, 2)]
    assert sum((each.closes - each.opens for each in found), timedelta(0)) == timedelta(seconds=1200)


def test_weeks_are_made_of_days():
    table = Timetable(calendar.STOCKS, liquid=True)
    days = table.sessions(NOW, Duration(1, "M"))
    weeks = list(spans(days, Calendar.WEEK, "America/New_York"))
    assert sum(len(week.windows) for week in weeks) == len(days)
    assert all(week.day is not None for week in weeks)


def test_history_is_paced_as_ib_paces_it():
    pace = HistoryPace(60)
    assert not pace.violated(0.0, "a", "AAPL", weight=1)
    assert pace.violated(14.9, "a", "AAPL", weight=1)
    assert not pace.violated(40.0, "a", "AAPL", weight=1)
    burst = HistoryPace(60)
    assert [burst.violated(0.1 * n, n, "AAPL", weight=1) for n in range(6)] == [False] * 5 + [True]
    window = HistoryPace(60)
    assert [window.violated(5.0 * n, n, n, weight=2) for n in range(31)] == [False] * 30 + [True]


# ------------------------------------------------------------------------------------------------- limits


def test_the_message_rate():
    rate = MessageRate(Limits(pacing=Pacing.STRICT, messages=3))
    assert [rate.count(0.1 * n) for n in range(3)] == [None] * 3
    excess = rate.count(0.35)
    assert (excess.count, excess.number) == (4, 1)
    assert rate.count(0.4) is None, "one violation a second"
    assert rate.count(2.0) is None
    off = MessageRate(Limits(pacing=Pacing.OFF, messages=1))
    assert [off.count(0.0) for _ in range(10)] == [None] * 10


@pytest.mark.parametrize(
    ("fields", "number"),
    (
        (("1", "11", "42", "x"), 42),
        (("3", "42", "x"), 42),
        (("97", "42"), 42),
        (("5", "1"), -1),
        ((), -1),
        (("1", "11", "x"), -1),
    ),
)
def test_the_id_in_what_cannot_be_read(fields, number):
    assert request_id(fields) == number


def test_every_request_of_the_protocol_has_a_desk():
    """None is ever ignored: an unknown id is refused by number, a known one by whoever has it."""
    paper = PaperGateway(port=0)
    known = {form.cls for form in FORMATS if form.sender is Role.CLIENT}
    assert known - set(paper.served) == set()


def test_the_longest_answer_fits_into_what_official_clients_read():
    """They give up on a message of 16 MiB: as many of the longest bars as there may be are less."""
    price = 123456.7890125
    bar = HistoricalBar("20260302 15:00:00 US/Eastern", price, price, price, price, 123456789012.0, price, 12345678)
    said = codec_for(178).encode(HistoricalData(1, "", "", (bar,) * 1000), Role.SERVER)
    assert len(said) / 1000 * MOST_BARS < MAX_ANSWER_BYTES


@pytest.mark.parametrize("kind", ("\u00b9", "\u0661\u0662", "9" * 5000, "-", ""))
def test_a_kind_that_is_no_number_is_about_nothing(kind):
    """Found by fuzzing: a superscript one is a digit to Python, and no number."""
    assert request_id((kind, "x", "7")) == 7
    assert request_id((kind, "x", "\u00b9")) == -1
