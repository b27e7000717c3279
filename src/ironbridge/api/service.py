"""A service over a bridge: access, metrics and the application, made together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ironbridge.api.access import Access, load_token
from ironbridge.api.app import create_app
from ironbridge.api.context import Context
from ironbridge.api.stream import Streams
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.pacing import LaneQueue, LimitUse
from ironbridge.domain.session import SessionState
from ironbridge.ops.metrics import Metrics

if TYPE_CHECKING:
    from fastapi import FastAPI

    from ironbridge.bridge import Bridge


def make_service(bridge: Bridge) -> tuple[FastAPI, str]:
    """The application over the bridge, and the access token that opens it.

    Parameters:
        bridge: the engine; the token is kept in its home.

    Raises:
        StorageError: the token cannot be made or read.
    """
    token = load_token(bridge.settings.home)
    metrics = Metrics()
    _watch(metrics, bridge)
    context = Context(
        bridge=bridge,
        access=Access(token, bridge.clock),
        metrics=metrics,
        streams=Streams(),
        clock=bridge.clock,
        started_at=bridge.clock.now(),
        started_with=bridge.settings,
    )
    return create_app(context), token


def _watch(metrics: Metrics, bridge: Bridge) -> None:
    def session() -> Mapping[str, float]:
        return {state.value: float(bridge.session.state is state) for state in SessionState}

    def orders() -> Mapping[str, float]:
        counted = Counter(order.state for order in bridge.orders.list())
        return {state.value: float(counted[state]) for state in OrderState}

    def upstream() -> Mapping[str, float]:
        return {"": float(bridge.session.status().upstream)}

    def ticks() -> Mapping[str, float]:
        return {"": float(sum(line.sequence for line in bridge.market.watching()))}

    def uses(read: Callable[[LimitUse], float]) -> Callable[[], Mapping[str, float]]:
        return lambda: {use.limit.value: read(use) for use in bridge.pacing.usage.status().limits}

    def lanes(read: Callable[[LaneQueue], float]) -> Callable[[], Mapping[str, float]]:
        return lambda: {lane.lane: read(lane) for lane in bridge.pacing.usage.status().lanes}

    metrics.watch("ironbridge_limit_used", "How much of IB's limit is used.", "limit", uses(lambda use: use.used))
    metrics.watch("ironbridge_limit_allowed", "What is let through.", "limit", uses(lambda use: use.allowed))
    metrics.watch("ironbridge_limit_waiting", "What waits for the limit.", "limit", uses(lambda use: use.waiting))
    metrics.watch("ironbridge_lane_waiting", "Messages that wait, by lane.", "lane", lanes(lambda lane: lane.waiting))
    metrics.watch("ironbridge_lane_eta_seconds", "Until one more would go.", "lane", lanes(lambda lane: lane.eta))
    metrics.watch(
        "ironbridge_pace_violations",
        "IB's complaints of the pace.",
        "",
        lambda: {"": float(bridge.pacing.usage.status().violations)},
    )
    metrics.watch(
        "ironbridge_silent_streams_asked_again",
        "Silent market-data streams that were asked for anew.",
        "",
        lambda: {"": float(bridge.market.asked_again)},
    )
    metrics.watch("ironbridge_session_state", "1 for the state that the session is in.", "state", session)
    metrics.watch(
        "ironbridge_session_ready",
        "1 for each session that is ready.",
        "session",
        lambda: {each.name: float(each.status.state is SessionState.READY) for each in bridge.sessions.report()},
    )
    metrics.watch(
        "ironbridge_session_lines",
        "Market-data lines that each session carries.",
        "session",
        lambda: {each.name: float(each.lines) for each in bridge.sessions.report()},
    )
    metrics.watch(
        "ironbridge_session_moves",
        "How often each session has gone to another gateway.",
        "session",
        lambda: {each.name: float(each.health.moves) for each in bridge.sessions.report()},
    )
    metrics.watch(
        "ironbridge_breaker_open",
        "1 for each session whose gateway is let alone, because it failed too often in a row.",
        "session",
        lambda: {each.name: float(each.status.breaker == "open") for each in bridge.sessions.report()},
    )
    metrics.watch(
        "ironbridge_connect_attempts",
        "Attempts to connect, by session.",
        "session",
        lambda: {each.name: float(each.health.attempts) for each in bridge.sessions.report()},
    )
    metrics.watch(
        "ironbridge_connect_successes",
        "Attempts that led to a session, by session.",
        "session",
        lambda: {each.name: float(each.health.successes) for each in bridge.sessions.report()},
    )
    metrics.watch(
        "ironbridge_time_to_reconnect_seconds",
        "From the last lost link to READY, by session; absent where none was lost.",
        "session",
        lambda: {
            each.name: each.health.time_to_reconnect
            for each in bridge.sessions.report()
            if each.health.time_to_reconnect is not None
        },
    )
    metrics.watch(
        "ironbridge_round_trip_seconds",
        "Of the last heartbeat, by session.",
        "session",
        lambda: {
            each.name: each.status.round_trip_ms / 1000
            for each in bridge.sessions.report()
            if each.status.round_trip_ms is not None
        },
    )
    metrics.watch(
        "ironbridge_clock_skew_seconds",
        "The gateway's clock minus ours, by session; absent before a heartbeat.",
        "session",
        lambda: {
            each.name: each.health.clock_skew for each in bridge.sessions.report() if each.health.clock_skew is not None
        },
    )
    metrics.watch(
        "ironbridge_session_waiting",
        "Messages that wait for the pace of each session.",
        "session",
        lambda: {each.name: float(each.waiting) for each in bridge.sessions.report()},
    )
    metrics.watch(
        "ironbridge_session_eta_seconds",
        "Until one more message for market data would go, by session.",
        "session",
        lambda: {each.name: each.eta for each in bridge.sessions.report()},
    )
    metrics.watch(
        "ironbridge_session_limits_near",
        "Limits of each session of which at least four fifths are used.",
        "session",
        lambda: {each.name: float(len(each.near)) for each in bridge.sessions.report()},
    )
    metrics.watch("ironbridge_orders", "Orders by state.", "state", orders)
    metrics.watch("ironbridge_upstream", "1 while the gateway reaches IB.", "", upstream)
    metrics.watch("ironbridge_quote_changes", "Changes of the quotes that are open now.", "", ticks)
