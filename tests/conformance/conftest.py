"""Three clients that the gateway was not written with, each given the same checks.

Every check gets a paper gateway of its own, whose clock stands still until the check moves it, and clients of one kind:
ib_async, and IB's official Python client at two versions, which negotiate 178, 157 and 178.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.conformance.clients import Client, Driver
from tests.conformance.environments import Unavailable, python_with

from ironbridge.testing import RunningGateway

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""A Monday, half an hour after the opening in New York."""
ACCOUNT = "DU1000001"


@dataclass(frozen=True, slots=True)
class Kind:
    """A client that the checks are given to.

    Parameters:
        name: in the tests' names.
        program: its driver.
        version: what it negotiates.
        requirement: what its environment is made of; none if it is a dependency of the project.
    """

    name: str
    program: str
    version: int
    requirement: str = ""


KINDS = (
    Kind("ib_async", "asyncio_client.py", 178),
    Kind("official-9.81", "official.py", 157, "ibapi==9.81.1.post1"),
    Kind("official-10.30", "official.py", 178, "nautilus_ibapi==10.30.1"),
)


@pytest.fixture(scope="session", params=KINDS, ids=lambda kind: kind.name)
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """The process of one kind of client; one for all checks."""
    kind: Kind = request.param
    python = Path(sys.executable)
    if kind.requirement:
        try:
            python = python_with(kind.requirement)
        except Unavailable as reason:
            pytest.skip(
                f"NOT CHECKED with IB's official client {kind.requirement}: its licence forbids shipping it, so it is "
                f"installed from PyPI for these tests, and that did not work here. {reason}"
            )
    made = Driver(kind.name, python, kind.program, kind.version)
    yield made
    made.close()


@pytest.fixture
def gateway(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[RunningGateway]:
    """The check's own gateway; the mark `paper_gateway` gives it other options. It must have been able to say all."""
    marker = request.node.get_closest_marker("paper_gateway")
    options = {"seed": 7, "accounts": (ACCOUNT,), "start_at": START, "speed": 0, **(marker.kwargs if marker else {})}
    with RunningGateway(**options) as running:
        yield running
    said = [record.getMessage() for record in caplog.get_records("call") if record.name.startswith("ironbridge.")]
    assert [text for text in said if text.startswith("left out") or "could not be served" in text] == []


@pytest.fixture
def newcomer(driver: Driver, gateway: RunningGateway) -> Iterator[Callable[[int], Client]]:
    """Makes clients that try to connect."""

    def make(client_id: int) -> Client:
        client = driver.client(client_id)
        client.connect(gateway.host, gateway.port)
        return client

    yield make
    assert driver.let_go() == [], "a message that the client could not take"


@pytest.fixture
def connect(newcomer: Callable[[int], Client]) -> Callable[[int], Client]:
    """Makes clients that are connected."""

    def make(client_id: int) -> Client:
        client = newcomer(client_id)
        client.wait("managedAccounts")
        client.wait("nextValidId")
        return client

    return make


@pytest.fixture
def client(connect: Callable[[int], Client]) -> Client:
    """A connected client that has heard the greeting out."""
    made = connect(1)
    made.settled()
    made.forget()
    return made
