"""The supervisor over a real socket, against the faults of the paper gateway."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from ironbridge.bus import MemoryTopic
from ironbridge.domain.session import Endpoint, SessionState
from ironbridge.errors import ClientIdInUse, ConnectFailed, LiveAccountRefused, NotConnected, UpstreamLost
from ironbridge.ib import IbGateway
from ironbridge.paper import PaperGateway
from ironbridge.paper.faults import (
    BreakFarm,
    Drop,
    Hang,
    LoseUpstream,
    MendFarm,
    NotLoggedIn,
    Refuse,
    RestoreUpstream,
    Resume,
    Swallow,
)
from ironbridge.session import SlidingWindowPacer, Supervisor, SupervisorOptions, SystemClock
from ironbridge.session.calendar import Occasion, SessionCalendar
from ironbridge.session.watch import Standing

S = SessionState


@pytest.fixture
async def ready(supervisor):
    await supervisor.connect()
    await supervisor.until(S.READY, 5)
    return supervisor


async def states(changes, last):
    """The states that follow, up to `last`."""
    seen = []
    async with asyncio.timeout(10):
        async for change in changes:
            if change.after is not change.before:
                seen.append(change.after)
            if change.after is last:
                return seen
    raise AssertionError("the topic ended")


async def test_from_nothing_to_ready(supervisor, service):
    with supervisor.changes.subscribe() as changes:
        await supervisor.connect()
        assert await states(changes, S.READY) == [S.CONNECTING, S.CONNECTED, S.SYNCING, S.READY]
    supervisor.require_orders()
    status = supervisor.status()
    assert (status.account, status.upstream, status.attempts, status.last_error) == ("DU1000001", True, 0, None)
    assert set(status.farms.values()) == {"ok"}
    assert service.rounds == 1


async def test_nothing_listens_is_told_and_tried_again(paper, supervisor, endpoint):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = Endpoint("127.0.0.1", taken.getsockname()[1], 5)
        with pytest.raises(ConnectFailed, match="Nothing listens"):
            await supervisor.connect(nowhere)
        assert supervisor.state in (S.RECONNECTING, S.CONNECTING)
        assert "Nothing listens" in supervisor.status().last_error
    await supervisor.connect(endpoint)
    await supervisor.until(S.READY, 5)
    assert supervisor.status().endpoint == endpoint


async def test_a_dropped_socket_comes_back_reconciled(ready, paper, service):
    with ready.changes.subscribe() as changes:
        paper.faults.inject(Drop())
        assert await states(changes, S.READY) == [S.RECONNECTING, S.CONNECTING, S.CONNECTED, S.SYNCING, S.READY]
    assert service.rounds == 2
    assert len(service.interruptions) == 1
    health = ready.health()
    assert (health.attempts, health.successes, health.links_lost) == (2, 2, 1)
    assert 0 < health.time_to_reconnect < 5


async def test_the_same_client_id_waits_out_its_own_ghost(ready, paper):
    with ready.changes.subscribe() as changes:
        paper.faults.inject(Drop(linger=0.5))
        reasons = []
        async with asyncio.timeout(10):
            async for change in changes:
                reasons.append(change.reason)
                if change.after is S.READY:
                    break
    assert any("Client id 5 is in use" in reason and "same id is tried again" in reason for reason in reasons)
    assert paper.clients == (5,)
    assert ready.status().breaker == "closed"


async def test_upstream_lost_refuses_orders_and_keeps_the_socket(ready, paper, service, broker):
    paper.faults.inject(LoseUpstream())
    await ready.until(S.DEGRADED, 5)
    with pytest.raises(UpstreamLost, match="lost IB"):
        ready.require_orders()
    assert not ready.status().upstream
    assert broker.connected
    with ready.changes.subscribe() as changes:
        paper.faults.inject(RestoreUpstream())
        assert await states(changes, S.READY) == [S.SYNCING, S.READY]
    ready.require_orders()
    assert service.rounds == 2
    assert ready.health().attempts == 1


async def test_a_farm_flap_touches_nothing_else(ready, paper, service):
    paper.faults.inject(BreakFarm("usfarm"))
    await ready.until(S.DEGRADED, 5)
    ready.require_orders()
    assert ready.status().farms["usfarm"] == "broken"
    assert "usfarm" in ready.status().reason
    paper.faults.inject(MendFarm("usfarm"))
    await ready.until(S.READY, 5)
    assert (service.rounds, service.interruptions) == (1, [])
    assert ready.health().attempts == 1


async def test_a_half_open_socket_is_found_and_replaced(ready, paper):
    paper.faults.inject(Hang())
    with ready.changes.subscribe() as changes:
        async with asyncio.timeout(5):
            async for change in changes:
                if change.after is S.RECONNECTING:
                    break
    assert "did not answer a heartbeat" in change.reason
    assert ready.health().heartbeats_missed == 1
    paper.faults.inject(Resume())
    await ready.until(S.READY, 10)


async def test_a_missing_end_keeps_it_syncing_until_it_comes(supervisor, paper, service):
    paper.faults.inject(Swallow("PositionEnd", count=2))
    with supervisor.changes.subscribe() as changes:
        await supervisor.connect()
        reasons = []
        async with asyncio.timeout(10):
            async for change in changes:
                if change.after is S.SYNCING:
                    reasons.append(change.reason)
                    with pytest.raises(NotConnected):
                        supervisor.require_orders()
                if change.after is S.READY:
                    break
    assert sum("could not catch up" in reason for reason in reasons) == 2
    assert service.rounds == 1


async def test_a_gateway_that_is_not_logged_in_is_named(supervisor, paper):
    paper.faults.inject(NotLoggedIn())
    with pytest.raises(ConnectFailed, match="gave no accounts") as caught:
        await supervisor.connect()
    assert "not logged in" in caught.value.next_step
    assert supervisor.state in (S.RECONNECTING, S.CONNECTING)
    paper.faults.inject(Resume())
    await supervisor.until(S.READY, 10)


async def test_the_breaker_opens_and_probes(ready, paper):
    paper.faults.inject(Refuse())
    paper.faults.inject(Drop())
    with ready.changes.subscribe() as changes:
        async with asyncio.timeout(10):
            async for change in changes:
                if "the breaker is open" in change.reason:
                    break
    assert ready.status().breaker == "open"
    paper.faults.inject(Resume())
    await ready.until(S.READY, 10)
    assert ready.status().breaker == "closed"


async def test_a_second_session_on_the_id_is_refused_aloud(ready, endpoint):
    clock = SystemClock()
    other = IbGateway(SlidingWindowPacer(clock), clock)
    second = Supervisor(other, endpoint, clock, MemoryTopic("second"))
    second.start()
    with pytest.raises(ClientIdInUse):
        await second.connect()
    assert second.state is S.RECONNECTING
    await second.stop()
    assert ready.state is S.READY


async def test_manual_commands_are_taken_in_turn(ready, broker, paper):
    for _ in range(5):
        await asyncio.gather(
            ready.reconnect(), ready.disconnect(), ready.connect(), ready.reconnect(), return_exceptions=True
        )
    await ready.until(S.READY, 5)
    assert paper.clients == (5,)
    await ready.disconnect()
    assert (ready.state, broker.connected) == (S.DISCONNECTED, False)
    with pytest.raises(NotConnected, match="DISCONNECTED"):
        ready.require_orders()


async def test_stopping_leaves_nothing_open(ready, broker, paper):
    await ready.stop()
    assert not broker.connected
    with pytest.raises(NotConnected):
        await ready.connect()


@pytest.fixture
async def live():
    async with PaperGateway(port=0, seed=7, accounts=("U1000001",), step=0.02) as gateway:
        yield gateway


async def _kept(port, live_account, account=None):
    clock = SystemClock()
    broker = IbGateway(SlidingWindowPacer(clock), clock)
    session = Supervisor(
        broker, Endpoint("127.0.0.1", port, 1), clock, MemoryTopic("s"), live_account=live_account, account=account
    )
    session.start()
    return session, broker


async def test_a_live_account_is_refused_unless_it_is_armed_by_name(live):
    session, broker = await _kept(live.port, None)
    with pytest.raises(LiveAccountRefused, match="U1000001 is a live account"):
        await session.connect()
    assert session.state is S.FAILED
    with pytest.raises(LiveAccountRefused):
        await session.until(S.READY, 5)
    with pytest.raises(NotConnected):
        session.require_orders()
    await session.disconnect()
    assert not broker.connected
    await session.stop()

    session, broker = await _kept(live.port, "U1000001")
    await session.connect()
    await session.until(S.READY, 5)
    session.check_account("U1000001")
    with pytest.raises(LiveAccountRefused):
        session.check_account("U1000002")
    await session.stop()


async def test_an_account_that_the_login_does_not_have(paper):
    session, _ = await _kept(paper.port, None, "DU9999999")
    with pytest.raises(ConnectFailed, match="no account DU9999999; it has DU1000001"):
        await session.connect()
    assert session.state is S.FAILED
    await session.stop()


async def test_a_gateway_that_is_not_logged_in_is_known_for_one(supervisor, paper, endpoint):
    """I-09: told apart from one that is down, so that the look-out asks for a login and not for a restart."""
    paper.faults.inject(NotLoggedIn())
    with pytest.raises(ConnectFailed, match="not logged in"):
        await supervisor.connect()
    assert supervisor.standing().logged_out
    paper.faults.inject(Resume())
    await supervisor.until(S.READY, 5)
    assert supervisor.standing() == Standing(S.READY, supervisor.status().reason, usable=True)
    paper.faults.inject(Hang())
    await supervisor.until(S.RECONNECTING, 5)
    assert (supervisor.standing().logged_out, supervisor.standing().lost) == (False, True)


async def test_a_drop_that_is_expected_says_so(ready, paper):
    now = SystemClock().now()
    at_this_time = SessionCalendar(restart=(now - timedelta(minutes=1)).time(), zone=UTC, login=None, reset=False)
    ready.calendar = lambda: at_this_time
    assert ready.status().next_expected.occasion is Occasion.RESTART
    with ready.changes.subscribe() as changes:
        paper.faults.inject(Drop())
        async with asyncio.timeout(5):
            change = await anext(changes)
    assert "expected: The gateway's daily restart" in change.reason


async def test_each_heartbeat_is_published(broker, endpoint, service):
    beats = MemoryTopic("heartbeats")
    options = replace(SupervisorOptions(), heartbeat_interval=0.05)
    session = Supervisor(broker, endpoint, SystemClock(), MemoryTopic("session"), options=options, measured=beats)
    session.start()
    with beats.subscribe() as heard:
        await session.connect()
        async with asyncio.timeout(5):
            health = await anext(heard)
    assert health.round_trip_ms > 0
    assert session.status().round_trip_ms == health.round_trip_ms
    await session.stop()
    assert session.status().round_trip_ms is None, "of a session that is over nothing is measured"
