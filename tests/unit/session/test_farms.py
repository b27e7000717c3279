"""Upstream and farms, read from IB's own notices."""

from __future__ import annotations

import pytest

from ironbridge.session.farms import Change, FarmState, Layers

ASLEEP = "is inactive but should be available upon demand"


@pytest.mark.parametrize(
    ("code", "text", "name", "state"),
    (
        (2103, "Market data farm connection is broken:usfarm", "usfarm", FarmState.BROKEN),
        (2104, "Market data farm connection is OK:usfarm.nj", "usfarm.nj", FarmState.OK),
        (2105, "HMDS data farm connection is broken:ushmds", "ushmds", FarmState.BROKEN),
        (2106, "HMDS data farm connection is OK:ushmds", "ushmds", FarmState.OK),
        (2107, f"HMDS data farm connection {ASLEEP}.ushmds", "ushmds", FarmState.INACTIVE),
        (2108, f"Market data farm connection {ASLEEP}.eufarm", "eufarm", FarmState.INACTIVE),
        (2119, "Market data farm is connecting:usopt", "usopt", FarmState.CONNECTING),
        (2157, "Sec-def data farm connection is broken:secdefil", "secdefil", FarmState.BROKEN),
        (2158, "Sec-def data farm connection is OK:secdefil", "secdefil", FarmState.OK),
    ),
)
def test_a_farm_is_known_by_name(code, text, name, state):
    layers = Layers()
    assert layers.take(code, text) is Change.FARMS
    assert dict(layers.farms) == {name: state}
    assert layers.upstream


def test_a_farm_that_mends_is_no_longer_broken():
    layers = Layers()
    layers.take(2103, "Market data farm connection is broken:usfarm")
    assert layers.broken == ("usfarm",)
    layers.take(2104, "Market data farm connection is OK:usfarm")
    assert layers.broken == ()


def test_upstream_is_lost_once_and_restored():
    layers = Layers()
    assert layers.take(1100, "Connectivity has been lost.") is Change.UPSTREAM_LOST
    assert layers.take(1100, "Connectivity has been lost.") is Change.NONE
    assert layers.take(2104, "Market data farm connection is OK:usfarm") is Change.FARMS
    assert not layers.upstream, "1100 is ended by 1101 or 1102 alone"
    assert layers.take(1102, "restored") is Change.RESTORED
    assert layers.upstream


def test_what_the_gateway_lost_by_itself_a_farm_brings_back():
    layers = Layers()
    assert layers.take(2110, "broken; restored automatically") is Change.UPSTREAM_LOST
    assert layers.take(2104, "Market data farm connection is OK:usfarm") is Change.RESTORED
    assert layers.upstream


def test_1100_after_2110_takes_1102():
    layers = Layers()
    layers.take(2110, "broken")
    layers.take(1100, "lost")
    layers.take(2104, "Market data farm connection is OK:usfarm")
    assert not layers.upstream


@pytest.mark.parametrize("code", (2109, 2137, 399, 10197, 200, 0))
def test_other_notices_change_nothing(code):
    layers = Layers()
    assert layers.take(code, "whatever") is Change.NONE
    assert (layers.upstream, dict(layers.farms)) == (True, {})


def test_a_new_session_knows_nothing():
    layers = Layers()
    layers.take(1100, "lost")
    layers.take(2103, "Market data farm connection is broken:usfarm")
    layers.reset()
    assert (layers.upstream, dict(layers.farms), layers.reason) == (True, {}, "")
