from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironbridge.domain.instrument import Kind, Right
from ironbridge.exchange.accounts import AccountSpec
from ironbridge.exchange.listing import ContractQuery, Listing
from ironbridge.exchange.option_track import OptionTrack
from ironbridge.exchange.tape import Tape, expiry_instant, step_of, time_of
from ironbridge.exchange.universe import Universe
from ironbridge.exchange.venue import Venue

UNIVERSE = Universe()
NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
SOON = {"expiry": "20261218", "kind": Kind.OPTION}


def listed(**query: Any) -> Listing:
    return UNIVERSE.find(ContractQuery(**query), NOON.date())[0]


LISTINGS = [
    listed(symbol="AAPL"),
    listed(symbol="GS"),
    listed(symbol="F"),
    listed(symbol="EUR"),
    listed(symbol="USD"),
    *(listed(symbol=symbol, kind=Kind.FUTURE) for symbol in ("ES", "MNQ", "GC", "ZN", "MCL")),
    listed(symbol="SPY", strike=Decimal(680), right=Right.CALL, **SOON),
    listed(symbol="AAPL", strike=Decimal(400), right=Right.CALL, **SOON),
    listed(symbol="SPX", strike=Decimal(6000), right=Right.PUT, **SOON),
]
steps = st.integers(step_of(datetime(2026, 9, 1, tzinfo=UTC)), step_of(datetime(2026, 12, 15, tzinfo=UTC)))


@pytest.mark.parametrize("listing", LISTINGS, ids=str)
@given(step=steps)
@settings(deadline=None, max_examples=60)
def test_quotes_are_on_the_grid_and_never_crossed(listing: Listing, step: int) -> None:
    track = Tape(11, UNIVERSE).track(listing)
    top = track.top(step)
    assert 0 <= top.bid < top.ask
    for side, units in ((0, top.bid), (1, top.ask)):
        if units:
            assert listing.rule.conforms(units * track.unit)
            assert track.size(step, side, units) > 0
    if listing.kind is not Kind.OPTION:
        assert top.bid * float(track.unit) <= track.mid(step) <= top.ask * float(track.unit)


@pytest.mark.parametrize("listing", LISTINGS, ids=str)
def test_prints_happen_at_the_quote_and_within_the_days_reach(listing: Listing) -> None:
    tape = Tape(11, UNIVERSE)
    track, first = tape.track(listing), step_of(NOON)
    last = first + 400
    low, high = track.reach(first, last)
    printed = 0
    for step in range(first, last + 1):
        newest = track.newest(step)
        if newest is not None and newest.step == step:
            assert newest.price in track.top(step)[:2]
            assert newest.size > 0
            assert low <= newest.price <= high
            printed += newest.size
    assert printed == track.traded(first - 1, last)


def test_the_same_seed_is_the_same_market_and_another_is_not() -> None:
    aapl, step = LISTINGS[0], step_of(NOON)
    a, b, c = (Tape(seed, UNIVERSE).track(aapl) for seed in (1, 1, 2))
    assert [a.top(step + n) for n in range(50)] == [b.top(step + n) for n in range(50)]
    assert a.top(step) != c.top(step)


def test_prices_move_and_stay_plausible() -> None:
    for listing in LISTINGS[:10]:
        track = Tape(3, UNIVERSE).track(listing)
        start = track.mid(step_of(NOON))
        assert len({track.top(step_of(NOON) + n).bid for n in range(0, 4000, 40)}) > 3
        year = [track.mid(step_of(NOON + timedelta(days=n))) for n in range(0, 360, 30)]
        assert all(start / 3 < price < start * 3 for price in year)


def test_funds_and_futures_follow_their_index() -> None:
    tape = Tape(5, UNIVERSE)
    spx, spy, es, mes = (
        tape.track(x)
        for x in (
            listed(symbol="SPX", kind=Kind.INDEX),
            listed(symbol="SPY"),
            listed(symbol="ES", kind=Kind.FUTURE),
            listed(symbol="MES", kind=Kind.FUTURE),
        )
    )
    for hours in range(0, 200, 7):
        step = step_of(NOON + timedelta(hours=hours))
        assert spy.mid(step) / spx.mid(step) == pytest.approx(672.40 / 6738.50)
        assert es.mid(step) == mes.mid(step)
        assert 1.0 < es.mid(step) / spx.mid(step) < 1.004


def test_a_real_session_stands_still_when_it_is_over() -> None:
    tape, aapl = Tape(5, UNIVERSE, sessions=True), LISTINGS[0]
    saturday = step_of(datetime(2026, 11, 21, 15, 0, tzinfo=UTC))
    held = tape.live_step(aapl, saturday)
    assert time_of(held) < datetime(2026, 11, 21, 1, 0, tzinfo=UTC) <= time_of(held + 1)
    assert not tape.is_open(aapl, saturday)
    monday = step_of(datetime(2026, 11, 23, 15, 0, tzinfo=UTC))
    assert tape.is_open(aapl, monday)
    assert tape.day(aapl, saturday).date == datetime(2026, 11, 20, tzinfo=UTC).date()


def test_days_have_no_gap_when_the_clock_is_set_back() -> None:
    tape, aapl = Tape(5, UNIVERSE), LISTINGS[0]
    moment = datetime(2026, 10, 31, 12, 0, tzinfo=UTC)
    day = tape.day(aapl, step_of(moment))
    lengths = []
    for _ in range(3):
        following = tape.day(aapl, day.end)
        assert following.first == day.end
        day = following
        lengths.append((day.end - day.first) // 14400)
    assert lengths == [25, 24, 24]


def test_an_option_ends_at_its_value() -> None:
    tape = Tape(5, UNIVERSE)
    call = listed(symbol="SPY", strike=Decimal(600), right=Right.CALL, **SOON)
    end = step_of(expiry_instant(call))
    track = tape.track(call)
    assert isinstance(track, OptionTrack)
    under = tape.track(listed(symbol="SPY"))
    assert track.mid(end - 1) == pytest.approx(under.mid(end - 1) - 600, abs=0.05)
    assert track.top(end).ask == 0


def test_a_quote_is_the_same_however_the_steps_before_were_looked_at() -> None:
    """Whoever watches every step and whoever looks only now see one market."""

    def venue() -> Venue:
        return Venue(3, [AccountSpec("DU1")], NOON)

    watched = venue()
    ids = [listing.con_id for listing in LISTINGS if listing.kind is not Kind.OPTION]
    for con_id in ids:
        watched.watch(con_id)
    for number in range(1, 120):
        moment = NOON + timedelta(milliseconds=250) * number
        watched.advance(moment)
        if number % 7 == 0:
            alone = venue()
            alone.advance(moment)
            for con_id in ids:
                assert watched.quote(con_id) == alone.quote(con_id)
