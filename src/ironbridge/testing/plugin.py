"""The pytest plugin: a paper gateway for every test that asks for one.

    import ib_async
    import pytest
    from ironbridge.paper.faults import Drop

    @pytest.mark.paper_gateway(seed=3, speed=0)
    def test_my_strategy_survives_a_drop(paper_gateway):
        ib = ib_async.IB()
        ib.connect(paper_gateway.host, paper_gateway.port, clientId=1)
        paper_gateway.faults.inject(Drop())
        paper_gateway.clock.advance(60)
        assert paper_gateway.venue.positions() == ()

Each test has a gateway of its own, on a free port, with its own seed, clock and accounts. It runs on its own thread:
the test may be synchronous or asynchronous, the client may block, or be another process.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ironbridge.testing.gateway import RunningGateway

MARKER = "paper_gateway"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{MARKER}(**options): options of the test's paper gateway, as ironbridge.testing.RunningGateway takes them",
    )


@pytest.fixture
def paper_gateway(request: pytest.FixtureRequest) -> Iterator[RunningGateway]:
    """A running paper gateway; `host` and `port` for the client, `faults`, `clock` and `venue` for the test."""
    marker = request.node.get_closest_marker(MARKER)
    with RunningGateway(**(marker.kwargs if marker is not None else {})) as gateway:
        yield gateway
