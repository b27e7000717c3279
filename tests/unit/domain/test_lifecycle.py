"""The table: every cell of it, and what must hold whatever comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ironbridge.domain.lifecycle import LIVE, TERMINAL, TRANSITIONS, IllegalTransition, OrderState, Trigger, advance

S, T = OrderState, Trigger

REPORTED = (T.HELD, T.WORKING, T.DEACTIVATED, T.PART_FILLED, T.FILLED, T.CANCELLED, T.REJECTED, T.CANCEL_REQUESTED)
"""What IB can say of an order at any time, in any order (I-16)."""

EXPECTED = """
             SENT     HELD      WORKING   DEACTIV   CANCEL_RQ  CANCEL_REF PART_FILL FILLED CANCELLED REJECTED LOST    NEVER    FOUND BY_HAND -
INTENDED     sent     accepted  working   inactive  cancelling -          working   filled cancelled rejected unknown not_sent - -
SENT         sent     accepted  working   inactive  cancelling -          working   filled cancelled rejected unknown -        - -
ACCEPTED     accepted accepted  working   inactive  cancelling accepted   working   filled cancelled rejected unknown -        - -
WORKING      working  working   working   inactive  cancelling working    working   filled cancelled rejected unknown -        - -
INACTIVE     inactive accepted  working   inactive  cancelling inactive   working   filled cancelled rejected unknown -        - -
CANCELLING   cancelling cancelling cancelling cancelling cancelling working cancelling filled cancelled rejected unknown - - -
UNKNOWN      unknown  accepted  working   inactive  cancelling unknown    working   filled cancelled rejected unknown not_sent - closed
FILLED       filled   filled    filled    filled    filled     filled     filled    filled filled    filled   filled  filled   filled filled
CANCELLED    cancelled cancelled cancelled cancelled cancelled cancelled cancelled filled cancelled rejected cancelled cancelled working cancelled
REJECTED     rejected rejected  rejected  rejected  rejected   rejected   rejected  filled rejected  rejected rejected rejected working rejected
NOT_SENT     not_sent accepted  working   inactive  not_sent   not_sent   working   filled cancelled rejected not_sent not_sent working not_sent
CLOSED       closed   accepted  working   inactive  closed     closed     working   filled cancelled rejected closed closed working closed
"""  # noqa: E501
COLUMNS = (
    T.SENT, T.HELD, T.WORKING, T.DEACTIVATED, T.CANCEL_REQUESTED, T.CANCEL_REFUSED, T.PART_FILLED, T.FILLED,
    T.CANCELLED, T.REJECTED, T.LOST, T.NEVER_SENT, T.FOUND_OPEN, T.CLOSED_BY_HAND,
)  # fmt: skip
CELLS = tuple(
    (S[row.split()[0]], trigger, None if cell == "-" else S(cell))
    for row in EXPECTED.strip().splitlines()[1:]
    for trigger, cell in zip(COLUMNS, row.split()[1:], strict=True)
)


def test_the_cells_below_are_the_whole_table() -> None:
    assert {(state, trigger) for state, trigger, _ in CELLS} == {(s, t) for s in S for t in T}


@pytest.mark.parametrize(("state", "trigger", "expected"), CELLS)
def test_cell(state: OrderState, trigger: Trigger, expected: OrderState | None) -> None:
    if expected is None:
        with pytest.raises(IllegalTransition, match=rf"{state.name} cannot take {trigger.name}"):
            advance(state, trigger)
    else:
        assert advance(state, trigger) is expected


def test_every_state_can_be_reached_and_is_either_ended_live_or_intended() -> None:
    reached = {S.INTENDED}
    for _ in S:
        reached |= {after for state in reached for after in TRANSITIONS[state].values()}
    assert reached == set(S)
    assert TERMINAL | LIVE | {S.INTENDED} == set(S)
    assert not TERMINAL & LIVE


@given(st.lists(st.sampled_from(REPORTED)))
def test_what_ib_says_never_leaves_the_table_in_any_order(said: list[Trigger]) -> None:
    state = S.SENT
    for trigger in said:
        state = advance(state, trigger)
    if T.FILLED in said:
        assert state is S.FILLED


@given(st.lists(st.sampled_from(REPORTED)), st.permutations(REPORTED))
def test_saying_everything_twice_changes_nothing(said: list[Trigger], order: list[Trigger]) -> None:
    once = twice = S.SENT
    for trigger in (*said, *order):
        once = advance(once, trigger)
        twice = advance(advance(twice, trigger), trigger)
    assert once is twice
