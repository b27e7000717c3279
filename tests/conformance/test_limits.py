"""A strict gateway: the message rate, market-data lines, historical pacing; and what a lenient one lets pass."""

from __future__ import annotations

import pytest
from tests.conformance.vocabulary import AAPL, stock

from ironbridge.paper import Limits, Pacing

STRICT = Limits(pacing=Pacing.STRICT)
PACING = "Historical Market Data Service error message:Historical data request pacing violation"


def flood(client, count=60):
    for _ in range(count):
        client.ask("reqIds", 1)


@pytest.mark.paper_gateway(limits=STRICT)
def test_the_message_rate_is_enforced(client):
    flood(client)
    text = client.error(100, -1)
    assert text.startswith("Max rate of messages per second has been exceeded:max=50 rec=")
    assert text.endswith("(1)")


@pytest.mark.paper_gateway(limits=Limits(pacing=Pacing.STRICT, violations=1))
def test_who_breaks_it_too_often_is_cut_off(client):
    flood(client)
    client.error(100, -1)
    client.wait("connectionClosed")


@pytest.mark.paper_gateway(limits=STRICT)
def test_the_third_violation_ends_the_session(client):
    for count in (1, 2, 3):
        # A violation is counted once a second: the flood lasts until the next one is told.
        while len(client.heard("error", code=100)) < count:
            answered = len(client.heard("nextValidId"))
            flood(client)
            client.until(
                lambda answered=answered, count=count: (
                    len(client.heard("nextValidId")) >= answered + 50 or len(client.heard("error", code=100)) >= count
                )
            )
    assert [each.text[-3:] for each in client.heard("error", code=100)][:3] == ["(1)", "(2)", "(3)"]
    client.wait("connectionClosed")


@pytest.mark.paper_gateway(limits=Limits(pacing=Pacing.LENIENT))
def test_a_lenient_gateway_answers_all(client):
    flood(client, 120)
    assert len(client.wait_all(120, "nextValidId")) == 120
    assert client.heard("error") == []


@pytest.mark.paper_gateway(limits=Limits(pacing=Pacing.STRICT, lines=5))
def test_lines_are_counted(client):
    for number, symbol in enumerate(("AAPL", "MSFT", "NVDA", "AMZN", "META", "SPY"), 1):
        client.ask("reqMktData", number, stock(symbol), "", False, False, [])
    assert client.error(101, 6) == "Max number of tickers has been reached"


@pytest.mark.paper_gateway(limits=STRICT)
def test_identical_queries_for_history_are_paced(client):
    for number in (1, 2):
        client.ask("reqHistoricalData", number, AAPL, "", "60 S", "5 secs", "TRADES", 0, 1, False, [])
    assert client.error(162, 2) == PACING
    client.wait("historicalDataEnd", number=1)


@pytest.mark.paper_gateway(limits=Limits(pacing=Pacing.STRICT, clients=2))
def test_clients_are_counted(connect, newcomer):
    connect(1)
    connect(2)
    third = newcomer(3)
    third.error(507)
