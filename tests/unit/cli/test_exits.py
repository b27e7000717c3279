"""Scripts branch on the exit codes, so they are held here."""

from __future__ import annotations

import pytest

from ironbridge import errors
from ironbridge.cli.exits import Exit, ServiceAbsent, ServiceSaid, exit_of


@pytest.mark.parametrize(
    ("error", "code"),
    (
        (errors.OrderRefused("no", rule="r", limit="1", value="2"), Exit.REFUSED),
        (errors.OrderRejected("no", code=201, text="no"), Exit.REFUSED),
        (errors.InstrumentNotFound("no"), Exit.REFUSED),
        (errors.HomeInUse("no"), Exit.REFUSED),
        (errors.LiveAccountRefused("no"), Exit.REFUSED),
        (errors.InvalidSettings("no"), Exit.USAGE),
        (errors.NotConnected("no"), Exit.NOT_CONNECTED),
        (errors.ClientIdInUse("no"), Exit.NOT_CONNECTED),
        (ServiceAbsent("no"), Exit.NOT_CONNECTED),
        (errors.ServiceError("?"), Exit.UNKNOWN),
        (errors.OrderUnknown("?"), Exit.UNKNOWN),
        (ServiceSaid("no", slug="order-refused", outcome="not_sent"), Exit.REFUSED),
        (ServiceSaid("no", slug="invalid-order", outcome="not_sent"), Exit.USAGE),
        (ServiceSaid("no", slug="upstream-lost", outcome="not_sent"), Exit.NOT_CONNECTED),
        (ServiceSaid("?", slug="order-unknown", outcome="unknown"), Exit.UNKNOWN),
        (ServiceSaid("?", slug="session-lost", outcome="unknown"), Exit.UNKNOWN),
    ),
)
def test_an_error_ends_a_command_with_its_code(error: errors.IronbridgeError, code: Exit) -> None:
    assert exit_of(error) is code
