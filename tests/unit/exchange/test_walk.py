from hypothesis import given, settings
from hypothesis import strategies as st

from ironbridge.exchange.walk import BLOCK, DEPTH, Flow, Walk, bell, keyed

BASE = 27_392 * BLOCK
steps = st.integers(BASE - 3 * BLOCK, BASE + 3 * BLOCK)


def walk(seed: int = 1) -> Walk:
    return Walk([(keyed(seed, "a"), 0.5), (keyed(seed, "b"), 0.2)], BASE >> DEPTH)


def test_keys_are_the_same_in_every_process() -> None:
    assert keyed(7, 265598, "walk") == 13986335663742175091


@given(st.lists(steps, min_size=1, max_size=12))
@settings(deadline=None)
def test_a_read_does_not_depend_on_the_reads_before(asked: list[int]) -> None:
    used = walk()
    in_order = [used.at(step) for step in asked]
    assert in_order == [walk().at(step) for step in asked]


near = st.lists(st.integers(-40, 40), min_size=2, max_size=30)
"""Steps read one after another around the same place: within a run, into its neighbours, and back."""


@given(steps, near)
@settings(deadline=None)
def test_neighbours_are_read_as_if_each_were_alone(first: int, moves: list[int]) -> None:
    path, flow = walk(), Flow(keyed(5), 1_000_000, 100)
    for step in (first, *(first + move for move in moves), *range(first, first + 40)):
        assert path.at(step) == walk().at(step)
        assert flow.count(step) == Flow(keyed(5), 1_000_000, 100).count(step)
        assert flow.newest(step) == Flow(keyed(5), 1_000_000, 100).newest(step)


@given(st.integers(-20, 20))
@settings(deadline=None)
def test_neighbours_on_both_sides_of_a_block_are_read_as_if_each_were_alone(shift: int) -> None:
    path, flow = walk(), Flow(keyed(5), 1_000_000, 100)
    for step in range(BASE + shift - 40, BASE + shift + 40):
        assert path.at(step) == walk().at(step)
        assert flow.newest(step) == Flow(keyed(5), 1_000_000, 100).newest(step)


@given(steps, st.integers(0, 3000))
@settings(deadline=None, max_examples=30)
def test_extremes_bound_every_step_and_are_met(first: int, length: int) -> None:
    path = walk()
    values = [path.at(step) for step in range(first, first + length + 1)]
    assert path.span(first, first + length) == (min(values), max(values))


@given(steps, st.integers(1, 3000), st.floats(0.001, 0.03), st.floats(0.001, 0.03))
@settings(deadline=None, max_examples=30)
def test_crossing_is_the_first_step_outside(first: int, length: int, below: float, above: float) -> None:
    path = walk()
    low, high = path.at(first) - below, path.at(first) + above
    outside = (s for s in range(first, first + length + 1) if not low < path.at(s) < high)
    assert path.crossing(first, first + length, low, high) == next(outside, None)


def test_draws_look_like_a_bell() -> None:
    draws = [bell(keyed(3), n) for n in range(20_000)]
    mean = sum(draws) / len(draws)
    assert abs(mean) < 0.03
    assert abs(sum((d - mean) ** 2 for d in draws) / len(draws) - 1) < 0.03


def test_a_walk_spreads_like_its_variance() -> None:
    moves = []
    for seed in range(300):
        path = Walk([(keyed(seed), 1.0)], BASE >> DEPTH)
        moves.append(path.at(BASE + BLOCK // 4) - path.at(BASE))
    assert 0.18 < sum(m * m for m in moves) / len(moves) < 0.33


@given(steps, st.integers(0, 2000))
@settings(deadline=None, max_examples=30)
def test_a_flow_is_the_sum_of_its_steps(first: int, length: int) -> None:
    flow = Flow(keyed(5), 1_000_000, 100)
    one_by_one = sum(flow.between(step, step + 1) for step in range(first, first + length))
    assert one_by_one == Flow(keyed(5), 1_000_000, 100).between(first, first + length)
    assert one_by_one % 100 == 0


@given(steps)
@settings(deadline=None, max_examples=50)
def test_newest_is_where_the_flow_last_grew(step: int) -> None:
    flow = Flow(keyed(6), 50_000, 100)
    found = flow.newest(step)
    assert found is not None
    at, size = found
    assert at <= step
    assert flow.between(at, step) == 0
    assert flow.between(at - 1, at) == size > 0
