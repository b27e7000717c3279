"""The session as the service shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from ironbridge.api.schemas.connection import (
    ConnectionHealth,
    ConnectionLogEntry,
    ConnectionLogPage,
    ConnectionStatus,
    ConnectionTestResult,
    DiagnosisView,
    ExpectedDrop,
    Farm,
    FindingView,
    TestStep,
)
from ironbridge.api.sessions_views import gateway_session
from ironbridge.domain.connection_log import LogEntry
from ironbridge.domain.diagnosis import Diagnosis
from ironbridge.domain.session import SessionState
from ironbridge.ops.probe import Probed
from ironbridge.session.calendar import Window

if TYPE_CHECKING:
    from ironbridge.bridge import Bridge


_SEVERITIES: dict[str, Literal["", "info", "warning", "critical"]] = {
    "": "", "info": "info", "warning": "warning", "critical": "critical",
}  # fmt: skip


def connection_status(bridge: Bridge) -> ConnectionStatus:
    status = bridge.session.status()
    account = status.account
    return ConnectionStatus(
        state=status.state.value,
        ready=status.state is SessionState.READY,
        reason=status.reason,
        since=status.since,
        host=status.endpoint.host,
        port=status.endpoint.port,
        client_id=status.endpoint.client_id,
        server_version=status.server_version,
        accounts=list(status.accounts),
        account=account,
        paper=None if account is None else account.startswith("D"),
        embedded=at_embedded(bridge),
        upstream=status.upstream,
        farms=[Farm(name=name, state=state.value) for name, state in sorted(status.farms.items())],
        attempts=status.attempts,
        last_error=status.last_error,
        next_attempt_at=status.next_attempt_at,
        round_trip_ms=status.round_trip_ms,
        next_expected=None if status.next_expected is None else expected_drop(status.next_expected),
        sessions=[gateway_session(each) for each in bridge.sessions.report()],
    )


def expected_drop(window: Window) -> ExpectedDrop:
    return ExpectedDrop(occasion=window.occasion.value, begins=window.begins, ends=window.ends, text=str(window))


def log_page(entries: Sequence[LogEntry], limit: int) -> ConnectionLogPage:
    """A page of so many entries at most, out of one more than that where there are more."""
    shown = entries[:limit]
    return ConnectionLogPage(
        entries=[
            ConnectionLogEntry(
                number=entry.number,
                at=entry.at,
                kind=entry.kind.value,
                what=entry.what,
                before=entry.before,
                severity=_SEVERITIES[entry.severity],
                text=entry.text,
            )
            for entry in shown
        ],
        next_before=shown[-1].number if len(entries) > limit else None,
    )


def connection_health(bridge: Bridge) -> ConnectionHealth:
    status, health = bridge.session.status(), bridge.session.health()
    return ConnectionHealth(
        state=status.state.value,
        upstream=status.upstream,
        last_heartbeat=health.last_heartbeat,
        round_trip_ms=health.round_trip_ms,
        clock_skew_s=health.clock_skew,
        attempts=health.attempts,
        successes=health.successes,
        time_to_reconnect_s=health.time_to_reconnect,
    )


def at_embedded(bridge: Bridge) -> bool:
    """Whether the session is with the built-in paper gateway."""
    endpoint = bridge.session.status().endpoint
    return bridge.paper is not None and endpoint.port == bridge.paper.port and endpoint.host == "127.0.0.1"


def test_result(found: Probed, warnings: list[str]) -> ConnectionTestResult:
    return ConnectionTestResult(
        host=found.host,
        port=found.port,
        ok=found.ok,
        server_version=found.server_version,
        steps=[
            TestStep(name=step.name, ok=step.ok, detail=step.detail, milliseconds=round(step.seconds * 1000, 1))
            for step in found.steps
        ],
        next_step=found.next_step,
        warnings=warnings,
    )


def diagnosis_view(diagnosis: Diagnosis) -> DiagnosisView:
    found = diagnosis.examined
    return DiagnosisView(
        host=found.host,
        port=found.port,
        client_id=found.client_id,
        connects=diagnosis.connects,
        healthy=diagnosis.healthy,
        server_version=found.server_version,
        accounts=list(found.accounts),
        clock_skew_s=found.skew,
        findings=[
            FindingView(
                id=finding.id, severity=finding.severity.value, sentence=finding.sentence, remedy=finding.remedy
            )
            for finding in diagnosis.findings
        ],
    )
