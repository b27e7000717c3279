"""From the primary to the backups and back (CON-8): every rule of `failover`, told by events alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ironbridge.domain.session import Endpoint, Route, SessionInfo, SessionState
from ironbridge.errors import ClientIdInUse, ConnectFailed, InvalidInput, LiveAccountRefused
from ironbridge.session.failover import OrdersInFlight
from ironbridge.session.moves import (
    ConnectAsked,
    DisconnectAsked,
    Do,
    FailbackAsked,
    LinkLost,
    Opened,
    OpenFailed,
    ReconnectAsked,
    Step,
    Synchronised,
    Waited,
)
from ironbridge.session.pilot import Pilot
from ironbridge.session.status import SupervisorOptions
from ironbridge.testing.clock import ManualClock

S = SessionState
PRIMARY, FIRST, SECOND = (Endpoint(f"10.0.0.{number}", 4002, 7) for number in (1, 2, 3))
ALL = Route(PRIMARY, (FIRST, SECOND))
DOWN = OpenFailed(ConnectFailed("Nothing listens."))
GONE = LinkLost("gone")


def info(*accounts):
    return SessionInfo(178, accounts or ("DU1",), 1, datetime(2026, 1, 1, tzinfo=UTC))


class Voyage:
    """A pilot with backups, and what it has told."""

    def __init__(self, route=ALL, *, account="DU1", live_account=None, carries_orders=True, **options):
        self.clock = ManualClock()
        self.changes, self.alerts, self.breakers = [], [], []
        """What is told of open breakers stands apart from what is told of moves."""
        self.pilot = Pilot(
            route,
            self.clock,
            lambda: 0.5,
            account=account,
            live_account=live_account,
            options=SupervisorOptions(**options),
            changed=self.changes.append,
            interrupted=lambda _: None,
            alert=lambda alert: (self.breakers if alert.kind == "breaker-open" else self.alerts).append(alert),
            carries_orders=carries_orders,
        )

    def take(self, *events):
        step = None
        for event in events:
            step = self.pilot.take(event)
        return step

    @property
    def at(self):
        return self.pilot.endpoint

    def wait(self, seconds):
        self.clock._elapsed += seconds

    def down(self, times):
        """So many attempts that fail."""
        step = None
        for _ in range(times):
            if self.pilot.state is S.RECONNECTING:
                self.take(Waited())
            step = self.take(DOWN)
        return step

    def up(self, *accounts):
        if self.pilot.state is S.RECONNECTING:
            self.take(Waited())
        self.take(Opened(info(*accounts)), Synchronised())
        return self


@pytest.fixture
def voyage():
    return Voyage()


@pytest.fixture
def at_backup(voyage):
    voyage.take(ConnectAsked())
    voyage.up()
    voyage.take(GONE)
    voyage.down(3)
    voyage.up()
    assert (voyage.at, voyage.pilot.state) == (FIRST, S.READY)
    return voyage


def test_the_backup_is_tried_at_once_when_the_primarys_breaker_opens(voyage):
    voyage.take(ConnectAsked())
    assert voyage.down(2).after > 0
    assert voyage.at == PRIMARY
    assert voyage.down(1) == Step(Do.WAIT, 0.0)
    assert voyage.at == FIRST
    assert f"Going to the backup {FIRST}" in voyage.pilot.reason
    assert voyage.alerts == [], "nothing is served there yet"
    assert [str(PRIMARY) in each.text for each in voyage.breakers] == [True]
    voyage.up()
    assert voyage.alerts == [], "it was never anywhere else"
    assert voyage.pilot.gateways.moves == 0


def test_a_move_is_an_alert_with_its_reason(at_backup):
    (alert,) = at_backup.alerts
    assert (alert.kind, alert.severity) == ("failover", "warning")
    assert f"at the backup {FIRST} now, no more at {PRIMARY}" in alert.text
    assert "Nothing listens." in alert.text
    assert at_backup.pilot.gateways.moves == 1
    assert [(each.current, each.breaker) for each in at_backup.pilot.gateways.status(0)] == [
        (False, "open"), (True, "closed"), (False, "closed"),
    ]  # fmt: skip


def test_with_all_down_the_first_to_be_probed_is_waited_for(voyage):
    voyage.take(ConnectAsked())
    voyage.down(3)
    voyage.wait(1)
    voyage.down(3)
    voyage.wait(1)
    step = voyage.down(3)
    assert voyage.at == PRIMARY
    assert step.after == pytest.approx(28, abs=0.01)
    voyage.wait(28)
    assert voyage.down(1).after == pytest.approx(1, abs=0.01), "its probe failed: the next is due first"
    assert voyage.at == FIRST
    voyage.wait(1)
    assert voyage.up().at == FIRST


def test_one_gateway_alone_is_as_it_was():
    voyage = Voyage(Route(PRIMARY))
    voyage.take(ConnectAsked())
    assert voyage.down(3).after == 30
    for _ in range(5):
        voyage.up()
        assert voyage.take(GONE).after <= 1, "a link that does not last opens no breaker where there is no other"
    assert voyage.at == PRIMARY


def test_back_to_the_primary_when_a_new_link_must_be_made_anyway(at_backup):
    at_backup.wait(60)
    at_backup.take(GONE)
    assert at_backup.at == PRIMARY
    at_backup.up()
    assert [alert.kind for alert in at_backup.alerts] == ["failover", "failback"]


def test_not_back_while_the_primary_is_let_alone(at_backup):
    at_backup.wait(10)
    at_backup.take(GONE)
    assert at_backup.at == FIRST


def test_not_back_where_orders_were_in_flight(at_backup):
    at_backup.wait(60)
    at_backup.pilot.in_flight = lambda: 2
    at_backup.take(GONE)
    assert at_backup.at == FIRST, "their gateway knows most of them"
    at_backup.pilot.in_flight = lambda: 0
    at_backup.up()
    at_backup.wait(60)
    at_backup.take(GONE)
    assert at_backup.at == PRIMARY


def test_orders_in_flight_do_not_hold_it_at_a_gateway_that_is_down(at_backup):
    at_backup.wait(60)
    at_backup.pilot.in_flight = lambda: 2
    at_backup.take(GONE)
    at_backup.down(3)
    assert at_backup.at == SECOND, "the one after it: the primary is not preferred meanwhile"


def test_only_a_person_brings_it_back_where_that_is_the_rule(at_backup):
    at_backup.pilot.configure(SupervisorOptions(failback="asked"))
    at_backup.wait(60)
    at_backup.take(GONE)
    assert at_backup.at == FIRST
    at_backup.up()
    at_backup.take(ReconnectAsked())
    assert at_backup.at == FIRST, "a reconnect is no return"
    at_backup.up()
    assert at_backup.take(FailbackAsked()) == Step(Do.OPEN)
    assert at_backup.at == PRIMARY
    at_backup.up()
    assert at_backup.take(FailbackAsked()) is None, "there already"


def test_asked_to_return_it_waits_for_orders_in_flight_unless_told(at_backup):
    at_backup.pilot.in_flight = lambda: 1
    with pytest.raises(OrdersInFlight, match=r"1 orders wait .* stays there"):
        at_backup.take(FailbackAsked())
    assert (at_backup.at, at_backup.pilot.state) == (FIRST, S.READY)
    assert at_backup.take(FailbackAsked(force=True)) == Step(Do.OPEN)
    assert at_backup.at == PRIMARY


def test_a_connect_leaves_it_at_the_backup(at_backup):
    assert at_backup.take(ConnectAsked(ALL)) is None
    assert (at_backup.at, at_backup.pilot.state) == (FIRST, S.READY)
    assert at_backup.take(ConnectAsked(Route(SECOND))) == Step(Do.OPEN)
    assert at_backup.at == SECOND


def test_backups_change_while_it_is_at_one(at_backup):
    at_backup.pilot.retarget(Route(PRIMARY, (SECOND,)), "DU1", None)
    assert (at_backup.at, at_backup.pilot.state) == (FIRST, S.READY)
    at_backup.take(GONE)
    assert at_backup.at == SECOND, "the primary's breaker is still known to be open"


@pytest.mark.parametrize(
    ("accounts", "armed", "words"),
    ((("DU2", "DU3"), None, "no account DU1; it has DU2, DU3"), (("U9",), None, "no account DU1")),
)
def test_a_backup_without_the_orders_account_is_passed_over(voyage, accounts, armed, words):
    voyage.take(ConnectAsked())
    voyage.down(3)
    voyage.take(Waited(), Opened(info(*accounts)))
    assert voyage.at == SECOND
    assert voyage.pilot.state is S.RECONNECTING
    (alert,) = voyage.alerts
    assert alert.kind == "backup-refused"
    assert words in alert.text
    assert "not tried again before the next connect" in alert.next_step
    assert words in voyage.pilot.gateways.status(0)[1].refused
    voyage.down(3)
    voyage.wait(30)
    voyage.down(1)
    assert voyage.at == SECOND, "of the others"
    voyage.take(ReconnectAsked())
    assert not voyage.pilot.gateways.status(0)[1].refused, "a person may have mended it"


def test_a_live_account_must_be_armed_at_the_backup_too():
    voyage = Voyage(account="U1", live_account=None)
    voyage.take(ConnectAsked())
    voyage.down(3)
    voyage.take(Waited(), Opened(info("U1")))
    assert voyage.at == SECOND
    assert "not armed" in voyage.alerts[0].text


def test_a_wrong_account_at_the_primary_waits_for_a_person(voyage):
    voyage.take(ConnectAsked())
    assert voyage.take(Opened(info("DU2"))) == Step(Do.CLOSE)
    assert voyage.pilot.state is S.FAILED
    voyage = Voyage(account="U1")
    voyage.take(ConnectAsked(), Opened(info("U1")))
    assert isinstance(voyage.pilot.last_error, LiveAccountRefused)


def test_a_taken_id_is_waited_for_where_it_is_taken(voyage):
    voyage.take(ConnectAsked())
    for _ in range(20):
        voyage.take(OpenFailed(ClientIdInUse("Client id 7 is in use.")), Waited())
    assert voyage.at == PRIMARY


def test_a_flapping_primary_is_left(voyage):
    voyage.take(ConnectAsked())
    for _ in range(3):
        assert voyage.at == PRIMARY
        voyage.up()
        voyage.wait(5)
        voyage.take(GONE)
    assert voyage.at == FIRST
    voyage.up()
    voyage.wait(5)
    voyage.take(GONE)
    assert voyage.at == FIRST, "the primary is let alone for its cooldown"


def test_links_that_last_are_no_flapping(voyage):
    voyage.take(ConnectAsked())
    for _ in range(10):
        voyage.up()
        voyage.wait(31)
        voyage.take(GONE)
        assert voyage.at == PRIMARY


def test_it_fails_when_every_gateway_has_had_its_attempts():
    voyage = Voyage(retry_attempts=2)
    voyage.take(ConnectAsked())
    voyage.down(5)
    assert voyage.at == SECOND
    voyage.down(1)
    assert voyage.pilot.state is S.FAILED
    assert "2 failed attempts at each gateway" in voyage.pilot.reason
    assert voyage.take(ConnectAsked()) == Step(Do.OPEN)
    assert voyage.at == PRIMARY
    voyage.down(1)
    assert voyage.pilot.state is S.RECONNECTING, "it counts afresh"


def test_a_disconnect_ends_it_anywhere(at_backup):
    assert at_backup.take(DisconnectAsked()) == Step(Do.CLOSE)
    assert at_backup.take(ConnectAsked()) == Step(Do.OPEN)
    assert at_backup.at == PRIMARY


def test_a_session_without_orders_takes_any_login():
    voyage = Voyage(Route(PRIMARY), account=None, carries_orders=False)
    voyage.take(ConnectAsked())
    voyage.up("U1")
    assert (voyage.pilot.state, voyage.pilot.account) == (S.READY, None)


def test_a_route_is_one_client_and_each_gateway_once():
    for backups in ((PRIMARY,), (FIRST, FIRST), (Endpoint("10.0.0.2", 4002, 8),)):
        with pytest.raises(InvalidInput):
            Route(PRIMARY, backups)
