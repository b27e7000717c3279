"""The gateway on its own thread, and the fixture that gives one to a test."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime, timedelta

import pytest

from ironbridge.errors import InvalidInput, IronbridgeError
from ironbridge.paper.faults import Refuse, Swallow
from ironbridge.testing import RunningGateway

pytest_plugins = ("pytester",)

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
HELLO = b"API\0\0\0\0\tv100..178"


def shake_hands(gateway):
    with socket.create_connection((gateway.host, gateway.port), timeout=5) as client:
        client.sendall(HELLO)
        return client.recv(100)


def test_it_serves_a_client_that_blocks():
    with RunningGateway(start_at=START, speed=0) as gateway:
        assert b"178\x0020260302 10:00:00 EST\0" in shake_hands(gateway)


SLOW_MACHINE = 4
"""Other tests run at the same time: the promise of 150 ms is for a machine that has nothing else to do."""


def test_it_starts_quickly():
    # The imports are done; what is left is the thread, the venue and the socket.
    began = time.perf_counter()
    with RunningGateway() as gateway:
        shake_hands(gateway)
        assert time.perf_counter() - began < 0.15 * SLOW_MACHINE


def test_time_is_in_the_tests_hands():
    with RunningGateway(start_at=START, speed=0) as gateway:
        assert gateway.clock.now() == START
        before = gateway.venue.quote("AAPL")
        assert gateway.clock.advance(60) == START + timedelta(seconds=60)
        assert gateway.venue.quote("AAPL").volume > before.volume
        gateway.clock.run_at(1000)
        assert gateway.clock.now() > START + timedelta(seconds=60)


def test_faults_are_in_the_tests_hands():
    with RunningGateway() as gateway:
        gateway.faults.inject(Refuse())
        try:
            answer = shake_hands(gateway)
        except ConnectionError:
            answer = b""
        assert answer == b""
        number = gateway.faults.inject(Swallow("OpenOrderEnd"))
        assert gateway.faults.pending() == [(number, Swallow("OpenOrderEnd"))]
        gateway.faults.clear()
        assert not gateway.faults.withdraw(number)


def test_the_venue_is_in_the_tests_hands():
    with RunningGateway(accounts=("DU7",)) as gateway:
        assert gateway.venue.account().name == "DU7"
        assert gateway.venue.positions() == ()
        assert gateway.venue.orders() == gateway.venue.completed() == gateway.venue.executions() == []
        with pytest.raises(InvalidInput, match="0 listings are called 'NOSUCH'"):
            gateway.venue.quote("NOSUCH")


def test_a_restart_listens_where_it_did():
    gateway = RunningGateway()
    with gateway:
        port = gateway.port
    gateway.start()
    assert gateway.port == port
    gateway.stop()
    gateway.stop()


def test_a_stopped_gateway_says_so():
    with pytest.raises(IronbridgeError, match="stopped"):
        RunningGateway().clock.now()


def test_a_taken_port_is_an_error():
    with RunningGateway() as first, pytest.raises(IronbridgeError, match=f"cannot listen on 127.0.0.1:{first.port}"):
        RunningGateway(port=first.port).start()


def test_the_fixture(pytester):
    pytester.makepyfile(
        """
        import asyncio, pytest

        @pytest.mark.paper_gateway(accounts=("DU5",), speed=0)
        def test_marked(paper_gateway):
            assert paper_gateway.venue.account().name == "DU5"

        def test_plain(paper_gateway):
            assert paper_gateway.port > 0

        @pytest.mark.asyncio
        async def test_asynchronous(paper_gateway):
            reader, writer = await asyncio.open_connection(paper_gateway.host, paper_gateway.port)
            writer.close()
        """
    )
    result = pytester.runpytest_subprocess("--strict-markers", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=3)
