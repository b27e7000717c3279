"""What a connection's version does not have is refused by code, at every version that clients negotiate."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from ironbridge.paper import PaperGateway
from ironbridge.wire.framing import FrameReader, frame
from ironbridge.wire.registry import FORMATS
from ironbridge.wire.values import Role

VERSIONS = (151, 157, 161, 163, 164, 166, 167, 169, 170, 173, 176, 177, 178)
LATER = {str(form.id): form.first_version for form in FORMATS if form.sender is Role.CLIENT and form.first_version}
"""Requests that came with a version of the protocol."""
UNKNOWN = ("0", "26", "105", "108", "201", "999", "99999999999999999999")
ID = 4711


def said(*fields):
    return frame("".join(f"{field}\0" for field in fields).encode())


class Client:
    """A raw socket: a library would not send what its version does not have."""

    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer
        self._frames = FrameReader()
        self._pending = []

    async def begin(self, version):
        self._writer.write(b"API\0" + frame(f"v100..{version}".encode()))
        assert (await self.next())[0] == str(version)
        self.say(71, 2, 1, "")
        while "2158" not in await self.next():
            pass

    def say(self, *fields):
        self._writer.write(said(*fields))

    async def next(self):
        async with asyncio.timeout(10):
            while not self._pending:
                data = await self._reader.read(1 << 16)
                assert data, "the gateway hung up"
                self._pending += [payload.decode().split("\0")[:-1] for payload in self._frames.feed(data)]
        return self._pending.pop(0)

    async def close(self):
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


@pytest.fixture
async def dial():
    clients = []
    async with PaperGateway(port=0) as gateway:

        async def make(version):
            client = Client(*await asyncio.open_connection("127.0.0.1", gateway.port))
            clients.append(client)
            await client.begin(version)
            return client

        yield make
        for client in clients:
            await client.close()


def test_there_are_some():
    assert LATER == {"104": 167, "100": 161, "101": 161, "102": 161, "103": 161}


@pytest.mark.parametrize("kind", LATER)
@pytest.mark.parametrize("version", VERSIONS)
async def test_a_request_of_a_later_version_is_refused_under_its_id(dial, version, kind):
    client = await dial(version)
    client.say(kind, ID)
    client.say(49, 1)
    answer = await client.next()
    if version < LATER[kind]:
        assert answer[:4] == ["4", "2", str(ID), "320"]
        assert answer[4] == (
            f"Error reading request:Message type {kind} is not supported; it needs version {LATER[kind]} and this "
            f"connection has {version}."
        )
    else:
        assert "is not supported" not in " ".join(answer)
        if kind == "104":
            assert answer == ["107", str(ID), ""]


@pytest.mark.parametrize("kind", UNKNOWN)
@pytest.mark.parametrize("version", (151, 178))
async def test_a_request_of_no_version_is_refused_and_the_session_goes_on(dial, version, kind):
    client = await dial(version)
    client.say(kind, 1, 2, 3)
    assert (await client.next())[:5] == [
        "4",
        "2",
        "-1",
        "320",
        f"Error reading request:Message type {kind} is not supported.",
    ]
    client.say(49, 1)
    assert (await client.next())[0] == "49"
