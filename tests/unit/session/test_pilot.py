"""The pilot's decisions: the course of a session, and that no order of events leads astray."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ironbridge.domain.session import TRANSITIONS, Endpoint, Route, SessionInfo, SessionState
from ironbridge.errors import ClientIdInUse, ConnectFailed, LiveAccountRefused, RequestTimeout
from ironbridge.session.failover import OrdersInFlight
from ironbridge.session.moves import (
    BeatMissed,
    Closed,
    ConnectAsked,
    DisconnectAsked,
    Do,
    FailbackAsked,
    LinkLost,
    Opened,
    OpenFailed,
    ReconnectAsked,
    Said,
    Step,
    Synchronised,
    SynchroniseFailed,
    Waited,
)
from ironbridge.session.pilot import Pilot
from ironbridge.session.status import SupervisorOptions
from ironbridge.testing.clock import ManualClock

S = SessionState
HERE = Endpoint("127.0.0.1", 4002, 1)
THERE = Endpoint("127.0.0.1", 4003, 1)
ELSEWHERE = Endpoint("127.0.0.1", 4004, 1)
INFO = SessionInfo(178, ("DU1",), 1, datetime(2026, 1, 1, tzinfo=UTC))
LIVE = SessionInfo(178, ("U1",), 1, datetime(2026, 1, 1, tzinfo=UTC))
LOST = Said(1100, "lost")
BACK = Said(1102, "back")
BROKEN = Said(2103, "Market data farm connection is broken:usfarm")
MENDED = Said(2104, "Market data farm connection is OK:usfarm")


class Course:
    """A pilot and what it has told."""

    def __init__(self, dice=0.5, account=None, backups=(), **options):
        self.clock = ManualClock()
        self.changes = []
        self.interruptions = []
        self.alerts = []
        self.pilot = Pilot(
            Route(HERE, backups),
            self.clock,
            lambda: dice,
            account=account,
            live_account=None,
            options=SupervisorOptions(**options),
            changed=self.changes.append,
            interrupted=self.interruptions.append,
            alert=self.alerts.append,
        )

    def take(self, *events):
        step = None
        for event in events:
            step = self.pilot.take(event)
        return step

    def ready(self):
        self.take(ConnectAsked(), Opened(INFO), Synchronised())
        assert self.pilot.state is S.READY
        return self


def test_the_way_to_ready():
    course = Course()
    assert course.take(ConnectAsked()) == Step(Do.OPEN)
    assert course.take(Opened(INFO)) == Step(Do.SYNCHRONISE)
    assert course.take(Synchronised()) == Step(Do.REST)
    assert [change.after for change in course.changes] == [S.CONNECTING, S.CONNECTED, S.SYNCING, S.READY]


def test_connecting_twice_is_connecting_once():
    course = Course()
    course.take(ConnectAsked())
    assert course.take(ConnectAsked()) is None
    course.take(Opened(INFO), Synchronised())
    assert course.take(ConnectAsked()) is None


def test_connecting_elsewhere_is_a_reconnect():
    course = Course().ready()
    assert course.take(ConnectAsked(Route(THERE))) == Step(Do.OPEN)
    assert course.pilot.endpoint == THERE
    assert course.interruptions == ["a connect elsewhere was asked for"]


def test_backoff_doubles_to_its_cap_with_full_jitter():
    course = Course(dice=0.5, backoff_base=1, backoff_cap=10, breaker_limit=1000)
    course.take(ConnectAsked())
    waits = []
    for _ in range(7):
        waits.append(course.take(OpenFailed(ConnectFailed("no"))).after)
        course.take(Waited())
    assert waits == [0.5, 1, 2, 4, 5, 5, 5]
    assert Course(dice=0.0).ready().take(LinkLost("gone")).after == 0


def test_thousands_of_failures_are_no_overflow():
    course = Course(breaker_limit=10_000)
    course.take(ConnectAsked())
    for _ in range(2000):
        assert course.take(OpenFailed(ConnectFailed("no"))).after <= 60
        course.take(Waited())


def test_the_breaker_waits_out_its_cooldown():
    course = Course(dice=0.0, breaker_limit=3, breaker_cooldown=30)
    course.take(ConnectAsked())
    for _ in range(2):
        assert course.take(OpenFailed(ConnectFailed("no"))).after == 0
        course.take(Waited())
    assert course.take(OpenFailed(ConnectFailed("no"))).after == 30
    assert "the breaker is open" in course.pilot.reason


def test_a_taken_client_id_never_opens_the_breaker_nor_changes():
    course = Course(dice=1.0, client_id_cap=5)
    course.take(ConnectAsked())
    for _ in range(20):
        step = course.take(OpenFailed(ClientIdInUse("Client id 1 is in use.")))
        assert step.do is Do.WAIT
        assert step.after <= 5
        course.take(Waited())
    assert course.pilot.endpoint.client_id == 1
    assert course.pilot.breaker.failures == 0


def test_giving_up_is_a_failure_with_its_reason_and_a_person_begins_afresh():
    course = Course(dice=0.0, retry_attempts=3, breaker_limit=10)
    course.take(ConnectAsked())
    for _ in range(2):
        for _ in range(2):
            assert course.take(OpenFailed(ConnectFailed("Nothing listens."))).do is Do.WAIT
            course.take(Waited())
        assert course.take(OpenFailed(ConnectFailed("Nothing listens."))) == Step(Do.CLOSE)
        assert course.pilot.state is S.FAILED
        assert "Given up after 3 failed attempts" in course.pilot.reason
        assert "Nothing listens" in course.pilot.reason
        assert course.take(ConnectAsked()) == Step(Do.OPEN)


def test_a_link_that_was_lost_has_all_its_attempts():
    course = Course(dice=0.0, retry_attempts=1).ready()
    assert course.take(LinkLost("gone")).do is Do.WAIT
    assert course.take(Waited()) == Step(Do.OPEN)
    course.take(Opened(INFO), Synchronised(), LinkLost("gone"), Waited())
    assert course.take(OpenFailed(ConnectFailed("no"))) == Step(Do.CLOSE)


def test_a_link_that_flaps_before_it_is_ready_is_tried_ever_more_slowly():
    course = Course(dice=1.0)
    course.take(ConnectAsked())
    waits = []
    for _ in range(4):
        course.take(Opened(INFO))
        waits.append(course.take(LinkLost("gone")).after)
        course.take(Waited())
    assert waits == [1, 2, 4, 8]


@pytest.mark.parametrize("event", (LinkLost("gone"), BeatMissed("silent"), Said(1300, "port reset")))
def test_every_way_to_lose_the_link(event):
    course = Course().ready()
    assert course.take(event).do is Do.WAIT
    assert course.pilot.state is S.RECONNECTING
    assert len(course.interruptions) == 1
    assert course.pilot.info is None


def test_upstream_lost_and_back():
    course = Course().ready()
    assert course.take(LOST) == Step(Do.REST)
    assert course.pilot.state is S.DEGRADED
    assert course.take(BACK) == Step(Do.SYNCHRONISE)
    assert course.take(Synchronised()) == Step(Do.REST)
    assert course.pilot.state is S.READY
    assert course.pilot.links_lost == 0


def test_upstream_lost_while_catching_up_stops_it():
    course = Course()
    course.take(ConnectAsked(), Opened(INFO))
    assert course.take(LOST) == Step(Do.REST)
    assert course.take(Synchronised()) is None
    assert course.pilot.state is S.DEGRADED


def test_connecting_to_a_gateway_that_has_lost_ib():
    course = Course()
    course.take(ConnectAsked())
    assert course.take(LOST) is None
    assert course.take(Opened(INFO)) == Step(Do.REST)
    assert course.pilot.state is S.DEGRADED
    assert course.take(BACK) == Step(Do.SYNCHRONISE)


def test_a_farm_degrades_and_nothing_else():
    course = Course().ready()
    assert course.take(BROKEN) is None
    assert course.pilot.state is S.DEGRADED
    assert course.take(MENDED) is None
    assert course.pilot.state is S.READY
    assert course.interruptions == []


def test_a_farm_that_was_down_while_catching_up():
    course = Course()
    course.take(ConnectAsked(), Opened(INFO), BROKEN, Synchronised())
    assert course.pilot.state is S.DEGRADED


def test_a_failed_catching_up_stays_and_says_so():
    course = Course(dice=1.0)
    course.take(ConnectAsked(), Opened(INFO))
    error = RequestTimeout("no End")
    assert course.take(SynchroniseFailed("OrderService", error)) == Step(Do.SYNCHRONISE, 1)
    assert course.take(SynchroniseFailed("OrderService", error)) == Step(Do.SYNCHRONISE, 2)
    assert course.pilot.state is S.SYNCING
    assert "OrderService could not catch up: no End" in course.changes[-1].reason


def test_a_message_that_was_lost_on_us_is_asked_for_again_but_not_without_end():
    course = Course(doubt_interval=60).ready()
    unreadable = Said(508, "Message '3' could not be read")
    assert course.take(unreadable) == Step(Do.SYNCHRONISE)
    course.take(Synchronised())
    assert course.take(unreadable) is None
    course.clock._elapsed += 61
    assert course.take(unreadable) == Step(Do.SYNCHRONISE)


def test_a_live_account_fails_and_waits_for_a_person():
    course = Course()
    course.take(ConnectAsked())
    assert course.take(Opened(LIVE)) == Step(Do.CLOSE)
    assert course.pilot.state is S.FAILED
    assert isinstance(course.pilot.last_error, LiveAccountRefused)
    assert course.take(Closed()) is None
    assert course.take(Waited()) is None


def test_time_to_reconnect_counts_from_the_first_loss():
    course = Course(dice=0.0).ready()
    course.take(LinkLost("gone"))
    course.clock._elapsed += 2
    course.take(Waited(), OpenFailed(ConnectFailed("no")))
    course.clock._elapsed += 3
    course.take(Waited(), Opened(INFO), Synchronised())
    assert course.pilot.time_to_reconnect == 5


def test_settings_take_effect_at_the_next_connect():
    course = Course().ready()
    course.pilot.retarget(Route(THERE), "DU1", None)
    assert course.pilot.endpoint == HERE
    course.take(ReconnectAsked())
    assert course.pilot.endpoint == THERE


class Storm(RuleBasedStateMachine):
    """Faults and commands in any order, with the outcomes that the step at hand can have."""

    def __init__(self):
        super().__init__()
        self.course = Course(account="DU1", backups=(THERE, ELSEWHERE), breaker_limit=2, retry_attempts=3)
        self.course.pilot.in_flight = lambda: self.in_flight
        self.in_flight = 0
        self.pilot = self.course.pilot
        self.step = Step(Do.REST)
        self.caught_up = False
        self.seen = 0

    def happen(self, event):
        before, held_at = len(self.course.interruptions), self.pilot.endpoint if self.pilot.held else None
        try:
            step = self.pilot.take(event)
        except OrdersInFlight:
            assert self.in_flight
            assert self.pilot.endpoint == held_at
            return
        if held_at is not None and self.pilot.held:
            assert self.pilot.endpoint == held_at, "it cannot be elsewhere without an end of the link"
        if step is not None:
            self.step = step
        if len(self.course.interruptions) > before or self.step.do is Do.SYNCHRONISE:
            self.caught_up = False

    @rule(event=st.sampled_from([
        ConnectAsked(), ConnectAsked(Route(THERE)), ReconnectAsked(), ReconnectAsked(Route(HERE)), DisconnectAsked(),
        LinkLost("gone"), BeatMissed("silent"), LOST, BACK, Said(1101, "back"), Said(2110, "broken"),
        FailbackAsked(), FailbackAsked(force=True),
        Said(1300, "port"), BROKEN, MENDED, Said(508, "unreadable"), Said(399, "order message"),
    ]))  # fmt: skip
    def anything_happens(self, event):
        self.happen(event)

    @precondition(lambda self: self.step.do is Do.OPEN)
    @rule(outcome=st.sampled_from([
        Opened(INFO), Opened(LIVE), OpenFailed(ConnectFailed("no")), OpenFailed(ClientIdInUse("taken")),
        OpenFailed(LiveAccountRefused("live")),
    ]))  # fmt: skip
    def the_attempt_ends(self, outcome):
        self.step = Step(Do.REST)
        self.happen(outcome)

    @precondition(lambda self: self.step.do is Do.WAIT)
    @rule()
    def the_wait_ends(self):
        self.happen(Waited())

    @precondition(lambda self: self.step.do is Do.SYNCHRONISE)
    @rule(fails=st.booleans())
    def catching_up_ends(self, fails):
        if fails:
            self.happen(SynchroniseFailed("Service", RequestTimeout("no End")))
        else:
            self.step = Step(Do.REST)
            self.caught_up = True
            self.happen(Synchronised())

    @precondition(lambda self: self.step.do is Do.CLOSE)
    @rule()
    def the_close_ends(self):
        self.step = Step(Do.REST)
        self.happen(Closed())

    @rule(count=st.integers(0, 2))
    def orders_are_sent_and_answered(self, count):
        self.in_flight = count

    @rule(failback=st.sampled_from(["reconnect", "asked"]))
    def the_rule_is_changed(self, failback):
        self.pilot.configure(replace(self.pilot.options, failback=failback))

    @rule(seconds=st.floats(0, 100))
    def time_passes(self, seconds):
        self.course.clock._elapsed += seconds

    @invariant()
    def every_move_is_in_the_table(self):
        for change in self.course.changes[self.seen :]:
            assert change.after is change.before or change.after in TRANSITIONS[change.before]
            assert change.reason
        self.seen = len(self.course.changes)

    @invariant()
    def orders_need_a_link_that_has_caught_up(self):
        allowed = self.pilot.state is S.READY or (self.pilot.state is S.DEGRADED and self.pilot.layers.upstream)
        assert not allowed or (self.caught_up and self.pilot.layers.upstream and self.pilot.held)

    @invariant()
    def the_step_fits_the_state(self):
        fitting = {
            S.DISCONNECTED: {Do.CLOSE, Do.REST},
            S.CONNECTING: {Do.OPEN},
            S.SYNCING: {Do.SYNCHRONISE},
            S.READY: {Do.REST},
            S.DEGRADED: {Do.REST},
            S.RECONNECTING: {Do.WAIT},
            S.FAILED: {Do.CLOSE, Do.REST},
        }
        assert self.step.do in fitting[self.pilot.state]

    @invariant()
    def it_is_at_one_of_its_gateways_and_always_the_same_client(self):
        gateways = self.pilot.gateways.status(self.course.clock.monotonic())
        assert [each.endpoint for each in gateways if each.current] == [self.pilot.endpoint]
        assert [each.primary for each in gateways] == [True] + [False] * (len(gateways) - 1)
        assert not gateways[0].refused
        assert self.pilot.endpoint.client_id == 1
        assert not (self.pilot.held and next(each for each in gateways if each.current).refused)

    @invariant()
    def only_a_held_link_has_facts(self):
        assert (self.pilot.info is not None) == self.pilot.held


TestStorm = Storm.TestCase
TestStorm.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)


def test_an_open_breaker_is_told_once_until_a_link_is_open():
    course = Course(breaker_limit=2, breaker_cooldown=30)
    refused = OpenFailed(ConnectFailed("nothing listens"))
    course.take(ConnectAsked(), refused)
    assert course.alerts == []
    course.take(Waited(), refused)
    (alert,) = course.alerts
    assert (alert.kind, alert.severity.value) == ("breaker-open", "warning")
    assert "after 2 failures in a row" in alert.text
    assert "for 30 s" in alert.text
    course.clock.now()
    course.take(Waited(), refused, Waited(), refused)
    assert len(course.alerts) == 1, "a probe that fails is the same episode"
    course.take(Waited(), Opened(INFO), Synchronised(), LinkLost("cut"), Waited(), refused, Waited(), refused)
    assert [each.kind for each in course.alerts] == ["breaker-open", "breaker-open"]


def test_a_cancelled_attempt_opens_no_breaker():
    course = Course(breaker_limit=1)
    course.take(ConnectAsked(), DisconnectAsked(), ConnectAsked(), DisconnectAsked())
    assert course.alerts == []
