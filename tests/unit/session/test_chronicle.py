"""What happens to the connection is kept, in order, and never holds it up."""

from __future__ import annotations

from datetime import UTC, datetime

from ironbridge.bus import MemoryTopic
from ironbridge.domain.alerts import Alert, AlertSeverity
from ironbridge.domain.connection_log import LogEntry, LogKind
from ironbridge.domain.session import SessionChanged, SessionState
from ironbridge.errors import StorageError
from ironbridge.session.chronicle import Chronicle

NOW = datetime(2026, 11, 21, tzinfo=UTC)


class Shelf:
    """Keeps entries in memory, and fails when told to."""

    def __init__(self) -> None:
        self.entries: list[LogEntry] = []
        self.failures = 0

    async def append(self, entry: LogEntry) -> None:
        if self.failures:
            self.failures -= 1
            raise StorageError("The disk is full.")
        self.entries.append(entry)

    async def page(self, limit: int, before: int | None = None) -> list[LogEntry]:
        return self.entries[:limit]


def change(after: SessionState, reason: str) -> SessionChanged:
    return SessionChanged(NOW, SessionState.CONNECTING, after, reason)


async def test_what_was_published_is_kept_by_the_time_it_stops() -> None:
    changes: MemoryTopic[SessionChanged] = MemoryTopic("session")
    alerts: MemoryTopic[Alert] = MemoryTopic("alerts")
    shelf = Shelf()
    chronicle = Chronicle((changes,), alerts, shelf)
    chronicle.start()
    for number in range(5):
        changes.publish(change(SessionState.CONNECTED, str(number)))
    alerts.publish(Alert(NOW, "session-lost", AlertSeverity.WARNING, "It is down.", "Wait."))
    await chronicle.stop()
    assert [entry.text for entry in shelf.entries if entry.kind is LogKind.STATE] == list("01234")
    (alert,) = [entry for entry in shelf.entries if entry.kind is LogKind.ALERT]
    assert (alert.what, alert.text, alert.severity) == ("session-lost", "It is down. Wait.", "warning")


async def test_an_entry_that_cannot_be_kept_costs_itself_alone() -> None:
    changes: MemoryTopic[SessionChanged] = MemoryTopic("session")
    shelf = Shelf()
    shelf.failures = 1
    chronicle = Chronicle((changes,), MemoryTopic("alerts"), shelf)
    chronicle.start()
    for number in range(3):
        changes.publish(change(SessionState.CONNECTED, str(number)))
    await chronicle.stop()
    assert [entry.text for entry in shelf.entries] == ["1", "2"]
