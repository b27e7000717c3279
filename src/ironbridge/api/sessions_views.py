"""The sessions of the engine as the service shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ironbridge.api.schemas.sessions import GatewaySession, GatewaySessions, GatewayView
from ironbridge.domain.session import SessionState
from ironbridge.session.pool import SessionReport

if TYPE_CHECKING:
    from ironbridge.bridge import Bridge


def gateway_sessions(bridge: Bridge) -> GatewaySessions:
    return GatewaySessions(
        state=bridge.sessions.state.value, sessions=[gateway_session(each) for each in bridge.sessions.report()]
    )


def gateway_session(report: SessionReport) -> GatewaySession:
    status = report.status
    return GatewaySession(
        name=report.name,
        carries_orders=report.carries_orders,
        state=status.state.value,
        ready=status.state is SessionState.READY,
        reason=status.reason,
        since=status.since,
        host=status.endpoint.host,
        port=status.endpoint.port,
        client_id=status.endpoint.client_id,
        gateways=[
            GatewayView(
                host=each.endpoint.host,
                port=each.endpoint.port,
                primary=each.primary,
                current=each.current,
                breaker=each.breaker.value,
                refused=each.refused,
            )
            for each in status.gateways
        ],
        moves=report.health.moves,
        kinds=sorted(report.kinds),
        lines=report.lines,
        line_limit=report.line_limit,
        waiting=report.waiting,
        eta_s=round(report.eta, 3),
        near=sorted(report.near),
        round_trip_ms=status.round_trip_ms,
        clock_skew_s=report.health.clock_skew,
        last_error=status.last_error,
        next_attempt_at=status.next_attempt_at,
    )
