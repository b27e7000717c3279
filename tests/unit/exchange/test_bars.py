"""Bars are what the live market's own functions say step by step, however they are found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ironbridge.domain.instrument import Kind
from ironbridge.exchange import bars as bars_module
from ironbridge.exchange.bars import bars
from ironbridge.exchange.listing import ContractQuery
from ironbridge.exchange.paths import counts_at, growth, peaks, reaching, values, values_at
from ironbridge.exchange.readings import PlainReading, reading_of
from ironbridge.exchange.tape import Tape, step_of
from ironbridge.exchange.tracks import STEPS_PER_DAY
from ironbridge.exchange.universe import Universe
from ironbridge.exchange.views import View
from ironbridge.exchange.walk import BLOCK, DEPTH

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
STEP = step_of(NOW)
EDGE = (STEP >> DEPTH) << DEPTH
"""Where a block begins: the tree changes there."""
AAPL, SPX, EURUSD = 265598, 416904, 12087792
QUOTES = (View.BID, View.ASK, View.MIDPOINT)


@pytest.fixture(scope="module")
def universe():
    return Universe()


@pytest.fixture(scope="module")
def tape(universe):
    return Tape(7, universe)


@pytest.fixture(scope="module")
def track_of(tape, universe):
    def find(name):
        if isinstance(name, int):
            return tape.track(universe.by_con_id(name))
        if name == "ES":
            return tape.track(universe.find(ContractQuery(symbol="ES", kind=Kind.FUTURE), NOW.date())[0])
        query = ContractQuery(symbol="AAPL", kind=Kind.OPTION, expiry="202603")
        options = universe.find(query, NOW.date())
        spot = tape.track(universe.by_con_id(AAPL)).mid(STEP)
        rank = {"near": 0, "far": 60}[name]
        return tape.track(sorted(options, key=lambda o: (abs(float(o.strike) - spot), o.con_id))[rank])

    return find


def read(track, stretches, view):
    return [row for rows in bars(track, stretches, view) for row in rows]


def prints_of(track, first, last):
    """What the live market prints, step by step."""
    newest = (track.newest(step) for step in range(first, last + 1))
    return [each for step, each in zip(range(first, last + 1), newest, strict=True) if each and each.step == step]


@pytest.mark.parametrize("begin", (STEP, EDGE - 700, EDGE - 2, EDGE))
def test_arrays_read_what_single_reads_do(track_of, begin):
    track = track_of(AAPL)
    steps = np.arange(begin, begin + 1400)
    assert values(track.walk, begin, begin + 1399).tolist() == [track.walk.at(int(step)) for step in steps]
    assert values_at(track.walk, steps[::-7]).tolist() == [track.walk.at(int(step)) for step in steps[::-7]]
    assert counts_at(track.flow, steps[::-7]).tolist() == [track.flow.count(int(step)) for step in steps[::-7]]
    grown = growth(track.flow, begin, begin + 1399)
    assert grown.sum() == track.flow.between(begin - 1, begin + 1399)
    found = [(step, size) for step, _, size in prints_of(track, begin, begin + 1399)]
    assert list(zip(steps[grown > 0].tolist(), grown[grown > 0].tolist(), strict=True)) == found


def test_a_count_is_found_where_it_was_reached(track_of):
    flow = track_of(AAPL).flow
    steps = np.arange(STEP, STEP + 40_000, 997)
    wanted = counts_at(flow, steps)
    found = reaching(flow, steps >> DEPTH, wanted)
    assert (counts_at(flow, found) == wanted).all()
    assert (counts_at(flow, found - 1) < wanted).all()


@pytest.mark.parametrize("sign", (1.0, -1.0))
def test_peaks_are_all_steps_near_the_extreme(track_of, sign):
    walk = track_of(AAPL).walk
    first = np.array([EDGE - 5000, STEP, STEP + 9000])
    last = first + np.array([9000, 3000, 1])
    slack = np.full(3, 2e-4)
    near = peaks(walk, first, last, slack, sign, values_at(walk, first))
    for at in range(3):
        path = sign * values(walk, int(first[at]), int(last[at]))
        expected = first[at] + np.flatnonzero(path >= path.max() - slack[at])
        assert near.step[near.interval == at].tolist() == expected.tolist()
        assert near.value[near.interval == at].tolist() == values_at(walk, expected).tolist()


@pytest.mark.parametrize("name", (AAPL, "ES", "near", "far"))
def test_a_bar_of_trades_is_its_prints(track_of, name):
    track = track_of(name)
    stretches = [(STEP + at, STEP + at + 239) for at in range(0, 2400, 240)]
    for stretch, row in zip(stretches, read(track, stretches, View.TRADES), strict=True):
        prints = prints_of(track, *stretch)
        if not prints:
            assert row.open == row.high == row.low == row.close == track.newest(stretch[0]).price
            assert (row.volume, row.count) == (0, 0)
            continue
        prices = [each.price for each in prints]
        assert (row.open, row.high, row.low, row.close) == (prices[0], max(prices), min(prices), prices[-1])
        assert (row.volume, row.count) == (sum(each.size for each in prints), len(prints))
        assert row.mean == pytest.approx(sum(each.price * each.size for each in prints) / row.volume)


@pytest.mark.parametrize("name", (AAPL, EURUSD, "ES", "near", "far"))
def test_a_bar_of_quotes_is_what_was_quoted(track_of, name):
    track = track_of(name)
    stretch = (STEP, STEP + 479)
    tops = [track.top(step) for step in range(STEP, STEP + 480)]
    series = {
        View.BID: [top.bid for top in tops],
        View.ASK: [top.ask for top in tops],
        View.MIDPOINT: [(top.bid + top.ask) / 2 for top in tops],
    }
    for view, seen in series.items():
        (row,) = read(track, [stretch], view)
        assert (row.open, row.high, row.low, row.close) == (seen[0], max(seen), min(seen), seen[-1]), view
        assert row.volume is row.mean is row.count is None
    (both,) = read(track, [stretch], View.BID_ASK)
    assert (both.high, both.low) == (max(series[View.ASK]), min(series[View.BID]))
    assert both.low <= both.open <= both.close <= both.high


@pytest.mark.parametrize("name", (AAPL, SPX, "ES"))
@pytest.mark.parametrize("view", list(View))
def test_a_long_bar_is_found_exactly(track_of, name, view, monkeypatch):
    track = track_of(name)
    days = [(first, first + 93_599) for first in range(STEP - 5 * STEPS_PER_DAY, STEP, STEPS_PER_DAY)]
    found = read(track, days, view)
    monkeypatch.setattr(bars_module, "SHORT", 1 << 20)
    for searched, walked in zip(found, read(track, days, view), strict=True):
        assert (searched.high, searched.low, searched.volume) == (walked.high, walked.low, walked.volume)
        if view is not View.BID_ASK:
            assert (searched.open, searched.close) == (walked.open, walked.close)
        if view is View.TRADES and walked.volume:
            assert searched.mean == pytest.approx(walked.mean, rel=0.01)
            assert searched.count == pytest.approx(walked.count, rel=0.3)


def test_long_bars_of_a_thin_listing_search_until_they_find(tape, universe):
    """Deferred futures trade seldom: the steps next to the extreme have no print."""
    far = universe.find(ContractQuery(symbol="MGC", kind=Kind.FUTURE), NOW.date())[-1]
    track = tape.track(far)
    stretches = [(STEP + at, STEP + at + 7199) for at in range(0, 72_000, 7200)]
    for stretch, row in zip(stretches, read(track, stretches, View.TRADES), strict=True):
        prices = [each.price for each in prints_of(track, *stretch)]
        assert (row.low, row.high) == ((min(prices), max(prices)) if prices else (row.open, row.open))


def test_long_bars_are_made_of_short_ones(track_of):
    for name in (AAPL, SPX, "ES"):
        track = track_of(name)
        (hour,) = read(track, [(STEP, STEP + 14_399)], View.TRADES)
        minutes = read(track, [(STEP + at, STEP + at + 239) for at in range(0, 14_400, 240)], View.TRADES)
        assert (hour.open, hour.close) == (minutes[0].open, minutes[-1].close)
        assert (hour.low, hour.high) == (min(bar.low for bar in minutes), max(bar.high for bar in minutes))
        assert hour.volume == sum(bar.volume for bar in minutes)


@pytest.mark.parametrize("name", (AAPL, SPX, "near", "far"))
def test_every_bar_holds_together(track_of, name):
    track = track_of(name)
    stretches = [(at, at + length - 1) for length in (1, 4, 20, 240, 4000) for at in range(STEP, STEP + 40_000, 7919)]
    for view in View:
        for row in read(track, sorted(stretches), view):
            assert row.low <= min(row.open, row.close) <= max(row.open, row.close) <= row.high
            if view is View.TRADES:
                assert row.low <= row.mean <= row.high
                assert row.volume >= 0
                assert row.count >= 0


def test_a_track_of_any_other_kind_is_read_step_by_step(track_of):
    """Prices may come from elsewhere than a walk: then the track's own methods are all there is."""
    track = track_of(AAPL)
    plain, fast = PlainReading(track), reading_of(track)
    for ours, theirs in zip(plain.prints(STEP, STEP + 500), fast.prints(STEP, STEP + 500), strict=True):
        assert ours.tolist() == theirs.tolist()
    for ours, theirs in zip(plain.stretch(STEP, STEP + 500), fast.stretch(STEP, STEP + 500), strict=True):
        assert ours.tolist() == theirs.tolist()


def test_an_option_ends(track_of):
    track = track_of("near")
    expires = track.terms.expires
    (row,) = read(track, [(expires + 10, expires + 400)], View.TRADES)
    assert row.volume == 0
    (quotes,) = read(track, [(expires + 10, expires + 400)], View.BID)
    assert quotes.high == 0


def test_the_answer_does_not_depend_on_what_is_asked_beside(track_of):
    track = track_of(AAPL)
    stretches = [(STEP + at, STEP + at + 239) for at in range(0, 240 * 300, 240)]
    together = read(track, stretches, View.TRADES)
    assert [read(track, [stretch], View.TRADES)[0] for stretch in stretches[::37]] == together[::37]


def test_a_year_of_days_is_quick(track_of):
    """A gateway serves others between groups: none of them may take long, and a year is a few."""
    track = track_of(AAPL)
    days = [(STEP - at * STEPS_PER_DAY, STEP - at * STEPS_PER_DAY + 93_599) for at in range(252, 0, -1)]
    groups = list(bars(track, days, View.TRADES))
    assert 1 < len(groups) <= 15
    assert sum(len(group) for group in groups) == 252
    minutes = [(STEP + at, STEP + at + 239) for at in range(0, 240 * 780, 240)]
    assert len(list(bars(track, minutes, View.TRADES))) <= 8
    assert BLOCK > bars_module.STRETCH


def test_the_live_stream_agrees(make_bench):
    bench = make_bench()
    bench.venue.watch(AAPL)
    begin = bench.now
    heard = []
    for _ in range(40):
        heard += [(e.price, e.size) for e in bench.wait(0.25) if type(e).__name__ == "TradePrinted"]
    (bar,) = bench.venue.past.bars(
        bench.venue.listing(AAPL),
        [(begin + timedelta(milliseconds=250), bench.now + timedelta(milliseconds=250))],
        View.TRADES,
    )
    prices = [float(price) for price, _ in heard]
    assert (bar.open, bar.high, bar.low, bar.close) == (prices[0], max(prices), min(prices), prices[-1])
    assert bar.volume == float(sum(size for _, size in heard))
    assert bar.count == len(heard)
