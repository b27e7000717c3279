"""The session as the service shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from ironbridge.domain.diagnosis import Diagnosis, Severity
from ironbridge.domain.session import SessionState
from ironbridge.session.accounts import is_paper
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
        monitoring=health.monitoring,
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


_KINDS: dict[int, Literal["live", "frozen", "delayed", "delayed_frozen"]] = {
    1: "live", 2: "frozen", 3: "delayed", 4: "delayed_frozen",
}  # fmt: skip


def test_result(diagnosis: Diagnosis, warnings: list[str]) -> ConnectionTestResult:
    found = diagnosis.examined
    return ConnectionTestResult(
        host=found.host,
        port=found.port,
        client_id=found.client_id,
        client_id_tried=found.id_tried,
        ok=diagnosis.usable,
        healthy=diagnosis.healthy,
        server_version=found.server_version,
        accounts=list(found.accounts),
        paper=all(is_paper(account) for account in found.accounts) if found.accounts else None,
        round_trip_ms=_milliseconds(found.round_trip),
        clock_skew_s=found.skew,
        market_data=_market_data(diagnosis),
        steps=list(_steps(diagnosis)),
        findings=finding_views(diagnosis),
        next_step=next((each.remedy for each in diagnosis.findings if each.severity is Severity.ERROR), ""),
        warnings=warnings,
    )


def _steps(diagnosis: Diagnosis) -> Iterable[TestStep]:
    """The way to a session, as far as it went: the last one is the one that failed, where one did."""
    found = diagnosis.examined
    where = f"{found.host} port {found.port}"
    trouble = next((each.sentence for each in diagnosis.findings if each.severity is Severity.ERROR), found.detail)
    reached, greeted = found.reached is not None, found.greeted is not None and found.server_version is not None
    yield TestStep(
        name="tcp",
        ok=reached,
        detail=f"{where} takes connections." if reached else trouble,
        milliseconds=_milliseconds(found.reached),
    )
    if not reached:
        return
    yield TestStep(
        name="api",
        ok=greeted,
        detail=f"A gateway of API version {found.server_version} answers." if greeted else trouble,
        milliseconds=_milliseconds(found.greeted),
    )
    if not greeted:
        return
    yield TestStep(
        name="session",
        ok=diagnosis.usable,
        detail=f"A session is made, for {', '.join(found.accounts)}." if diagnosis.usable else trouble,
        milliseconds=_milliseconds(found.round_trip),
    )


def _market_data(diagnosis: Diagnosis) -> Literal["live", "frozen", "delayed", "delayed_frozen", "none"] | None:
    quotes = diagnosis.examined.quotes
    kinds = [_KINDS[quote.kind] for quote in quotes if quote.ticked and quote.kind in _KINDS]
    if kinds:
        return max(kinds, key=list(_KINDS.values()).index)
    return "none" if any(quote.said and not quote.ticked for quote in quotes) else None


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)


def finding_views(diagnosis: Diagnosis) -> list[FindingView]:
    return [
        FindingView(id=each.id, severity=each.severity.value, sentence=each.sentence, remedy=each.remedy)
        for each in diagnosis.findings
    ]


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
        findings=finding_views(diagnosis),
    )
