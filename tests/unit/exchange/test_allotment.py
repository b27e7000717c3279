"""Orders for several accounts: everybody gets his share, fill by fill, and nothing is lost between them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ironbridge.domain.values import Side
from ironbridge.exchange.accounts import AccountSpec
from ironbridge.exchange.allotment import allotted, shares_of
from ironbridge.exchange.commands import CancelOrder, ModifyOrder, OrderKind, OrderTerms, PlaceOrder, Share
from ironbridge.exchange.events import CommissionCharged, OrderAccepted, OrderFilled, OrderRejected
from ironbridge.exchange.recorded import RecordedMoment
from ironbridge.exchange.venue import Venue, VenueOptions

START = datetime(2026, 3, 2, 15, tzinfo=UTC)
AAPL = 265598
ONE = Decimal(1)
NAMES = ("DU1", "DU2", "DU3")


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=6),
    st.lists(st.integers(1, 100), min_size=1, max_size=20),
)
def test_fills_are_divided_without_a_rest(wanted, fills):
    shares = [Decimal(each) for each in wanted]
    total = sum(shares)
    had = [Decimal(0)] * len(shares)
    for fill in map(Decimal, fills):
        quantity = min(fill, total - sum(had))
        if not quantity:
            break
        given_ = allotted(shares, had, quantity, ONE)
        assert sum(given_) == quantity
        assert min(given_) >= 0
        assert all(part == part.to_integral_value() for part in given_)
        had = [before + part for before, part in zip(had, given_, strict=True)]
        for share, got in zip(shares, had, strict=True):
            assert abs(got - share * sum(had) / total) < len(shares)
    if sum(had) == total:
        assert had == shares


def test_equal_parts_of_an_odd_number():
    shares = shares_of(NAMES, [ONE] * 3, Decimal(100), ONE)
    assert shares == (Share("DU1", Decimal(34)), Share("DU2", Decimal(33)), Share("DU3", Decimal(33)))
    assert shares_of(NAMES, [ONE] * 3, ONE, ONE) == (Share("DU1", ONE),)


def a_venue(cash=1_000_000, *, quotes=True):
    moments = [
        RecordedMoment(START + timedelta(seconds=10 * n), Decimal(100), Decimal("100.02"), 40, 40) for n in range(10)
    ]
    accounts = [AccountSpec("DF1"), *(AccountSpec(name, (("USD", Decimal(cash)),)) for name in NAMES)]
    return Venue(1, accounts, START, options=VenueOptions(recordings={AAPL: moments} if quotes else {}))


def block(quantity, *parts, **terms):
    shares = tuple(Share(name, Decimal(part)) for name, part in zip(NAMES, parts, strict=True))
    return OrderTerms("DF1", AAPL, Side.BUY, Decimal(quantity), shares=shares, **terms)


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def test_a_block_is_filled_and_divided():
    venue = a_venue()
    events = list(venue.apply(PlaceOrder(1, 1, block(100, 50, 30, 20)), START))
    for seconds in range(0, 90, 10):
        events += venue.advance(START + timedelta(seconds=seconds + 5))
    fills = of(OrderFilled, events)
    assert len(fills) > 3
    assert sum(fill.execution.quantity for fill in fills) == 100
    assert fills[-1].order.filled == 100
    for name, part in zip(NAMES, (50, 30, 20), strict=True):
        (position,) = venue.account(name).positions
        mine = [fill.execution for fill in fills if fill.execution.account == name]
        assert position.quantity == sum(each.quantity for each in mine) == mine[-1].cumulative == part
    assert venue.account("DF1").positions == ()
    assert len({fill.execution.execution_id for fill in fills}) == len(fills)
    single = a_venue()
    plain = list(single.apply(PlaceOrder(1, 1, OrderTerms("DU1", AAPL, Side.BUY, Decimal(100))), START))
    plain += single.advance(START + timedelta(seconds=90))
    fees = [sum(event.amount for event in of(CommissionCharged, each)) for each in (events, plain)]
    assert fees[0] == fees[1]


def test_each_account_must_carry_its_share():
    venue = a_venue(cash=1000)
    (rejected,) = of(OrderRejected, venue.apply(PlaceOrder(1, 1, block(90, 30, 30, 30)), START))
    assert rejected.reason == "buying_power"
    assert of(
        OrderAccepted,
        venue.apply(PlaceOrder(1, 2, block(30, 10, 10, 10, kind=OrderKind.LIMIT, limit_price=Decimal(90))), START),
    )
    # What is open counts, for those whose it is.
    (rejected,) = of(OrderRejected, venue.apply(PlaceOrder(1, 3, block(45, 15, 15, 15)), START))
    assert rejected.reason == "buying_power"
    perm_id = venue.orders()[0].perm_id
    changed = block(33, 11, 11, 11, kind=OrderKind.LIMIT, limit_price=Decimal(90))
    venue.apply(ModifyOrder(perm_id, changed), START)
    assert venue.orders()[0].terms == changed
    venue.apply(CancelOrder(perm_id), START)
    assert of(OrderAccepted, venue.apply(PlaceOrder(1, 4, block(45, 15, 15, 15)), START))


def test_shares_that_make_no_sense():
    venue = a_venue()
    for terms, reason in (
        (block(99, 50, 30, 20), "bad_quantity"),
        (block(100, 120, -40, 20), "bad_quantity"),
        (OrderTerms("DF1", AAPL, Side.BUY, ONE, shares=(Share("DU9", ONE),)), "unknown_account"),
    ):
        (rejected,) = of(OrderRejected, venue.apply(PlaceOrder(1, 1, terms), START))
        assert rejected.reason == reason


def test_a_block_survives_a_restart():
    venue = a_venue(quotes=False)
    far = block(100, 50, 30, 20, kind=OrderKind.LIMIT, limit_price=Decimal(1))
    venue.apply(PlaceOrder(1, 1, far), START)
    again = Venue.import_state(venue.export_state())
    assert again.orders() == venue.orders()
    assert again.orders()[0].terms.shares == far.shares
