"""The suite itself: a message that a client cannot take is noticed, whichever client it is."""

from __future__ import annotations

import struct

import pytest

from ironbridge.paper.faults import SendBytes


def frame(*fields: str) -> str:
    body = "".join(f"{field}\0" for field in fields).encode()
    return (struct.pack(">I", len(body)) + body).hex()


@pytest.mark.parametrize(
    "fields",
    (("61", "3", "DU1000001", "265598"), ("3", "1", "Filled"), ("9999", "1")),
    ids=("position", "orderStatus", "unknown"),
)
def test_what_cannot_be_taken_is_noticed(client, gateway, fields):
    gateway.faults.inject(SendBytes(frame(*fields)))
    assert client.until_troubled()


def test_what_has_one_field_too_many_is_noticed(client, gateway, driver):
    gateway.faults.inject(SendBytes(frame("49", "1", "1772463600", "more")))
    if driver.kind == "ib_async":
        # It reads over what it does not expect; the official clients drop the message.
        client.wait("currentTime")
    else:
        assert "diff len fields" in client.until_troubled()
