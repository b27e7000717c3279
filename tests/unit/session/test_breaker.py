"""The circuit breaker: opens, probes, closes."""

from __future__ import annotations

import pytest

from ironbridge.errors import InvalidSettings
from ironbridge.session.breaker import Breaker, BreakerState


def test_it_opens_at_the_limit_and_probes_after_the_cooldown():
    breaker = Breaker(limit=3, cooldown=30)
    for at in (0, 1):
        breaker.failed(at)
        assert breaker.state(at) is BreakerState.CLOSED
    breaker.failed(2)
    assert (breaker.state(2), breaker.wait(2)) == (BreakerState.OPEN, 30)
    assert breaker.wait(31.5) == 0.5
    assert breaker.state(32) is BreakerState.PROBING


def test_a_probe_that_fails_opens_it_again_and_one_that_succeeds_closes_it():
    breaker = Breaker(limit=1, cooldown=10)
    breaker.failed(0)
    breaker.failed(10)
    assert breaker.wait(10) == 10
    breaker.succeeded()
    assert (breaker.state(10), breaker.failures) == (BreakerState.CLOSED, 0)


@pytest.mark.parametrize(("limit", "cooldown"), ((0, 1), (1, -1)))
def test_a_breaker_that_cannot_be(limit, cooldown):
    with pytest.raises(InvalidSettings):
        Breaker(limit, cooldown)
