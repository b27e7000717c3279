"""No request that a client can send is met with silence, but for those to which a real gateway says nothing either."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import get_type_hints

import pytest

from ironbridge.errors import InvalidInput
from ironbridge.paper import PaperClock, PaperGateway
from ironbridge.wire.connection import Connection, Undecodable
from ironbridge.wire.contract import Contract
from ironbridge.wire.handshake import ServerVersion
from ironbridge.wire.order import Order
from ironbridge.wire.registry import FORMATS, MAX_VERSION
from ironbridge.wire.scanner import ScannerSubscription
from ironbridge.wire.session import CurrentTime, ErrorMessage, ReqCurrentTime, StartApi
from ironbridge.wire.text import UnknownMessage
from ironbridge.wire.values import Role

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
ID = 4711
AAPL = Contract(con_id=265598, symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")

SILENT = {
    "SetServerLogLevel": "it is taken note of",
    "ReqMarketDataType": "it holds for the requests that follow",
    "ReqNewsBulletins": "there is nothing new to tell",
    "CancelNewsBulletins": "the end of a subscription",
    "CancelPositions": "the end of a subscription",
    "CancelAccountSummary": "the end of a subscription",
    "CancelPositionsMulti": "the end of a subscription",
    "CancelAccountUpdatesMulti": "the end of a subscription",
    "CancelPnl": "the end of a subscription",
    "CancelPnlSingle": "the end of a subscription",
    "UnsubscribeFromGroupEvents": "the end of a subscription",
    "CancelHeadTimestamp": "what it cancels is answered at once",
    "CancelHistogramData": "what it cancels is answered at once",
    "CancelCalculateImpliedVolatility": "what it cancels is answered at once",
    "CancelCalculateOptionPrice": "what it cancels is answered at once",
    "CancelFundamentalData": "what it cancels was refused",
    "CancelWshMetaData": "what it cancels was refused",
    "CancelWshEventData": "what it cancels was refused",
    "ReqGlobalCancel": "there is no order to cancel",
}
"""Requests that are answered by nothing, and why."""

VALUES = {
    int: ID,
    str: "",
    bool: False,
    float: 1.0,
    Decimal: Decimal(1),
    Contract: AAPL,
    Order: Order(action="BUY", total_quantity=Decimal(1), order_type="MKT"),
    ScannerSubscription: ScannerSubscription("STK", "STK.US", "MOST_ACTIVE"),
}
SPECIAL = {
    "ReqAccountUpdates": {"subscribe": True},
    "SetServerLogLevel": {"level": 1},
    "ReqMarketDataType": {"market_data_type": 1},
}


def sample(cls):
    """A message of the class with plausible values."""
    hints = get_type_hints(cls)
    return cls(
        **{
            each.name: VALUES[hints[each.name]]
            for each in fields(cls)
            if each.name == "req_id" or (each.default is MISSING and each.default_factory is MISSING)
        }
        | SPECIAL.get(cls.__name__, {})
    )


class Wire:
    """The client's end, message by message."""

    def __init__(self, reader, writer, *, version=MAX_VERSION):
        self._reader, self._writer = reader, writer
        self._connection = Connection(Role.CLIENT, max_version=version)
        self._pending = []

    async def begin(self):
        self._connection.hello()
        self._flush()
        await self.hears(lambda event: isinstance(event, ServerVersion))
        self.say(StartApi(1))
        await self.hears(lambda event: isinstance(event, ErrorMessage) and event.code == 2158)

    def say(self, *messages):
        for message in messages:
            self._connection.send(message)
        self._flush()

    def _flush(self):
        self._writer.write(self._connection.data_to_send())

    async def next(self):
        async with asyncio.timeout(10):
            while not self._pending:
                data = await self._reader.read(1 << 16)
                assert data, "the gateway hung up"
                self._connection.receive_data(data)
                self._pending += self._connection.events_received()
        return self._pending.pop(0)

    async def hears(self, fits):
        while not fits(event := await self.next()):
            pass
        return event

    async def close(self):
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


@pytest.fixture
async def wire():
    # A minute a second: what comes with time comes soon.
    async with PaperGateway(port=0, clock=PaperClock(START, speed=60), step=0.02) as gateway:
        client = Wire(*await asyncio.open_connection("127.0.0.1", gateway.port))
        await client.begin()
        yield client
        await client.close()


LATER = {each.cls: each.first_version for each in FORMATS}
REQUESTS = [each.cls for each in FORMATS if each.sender is Role.CLIENT]


@pytest.mark.parametrize("cls", [cls for cls in REQUESTS if cls.__name__ not in SILENT], ids=lambda cls: cls.__name__)
async def test_it_is_answered(wire, cls):
    wire.say(sample(cls))
    answer = await wire.next()
    if isinstance(answer, ErrorMessage):
        assert "is not served" not in answer.text
        assert "internal error" not in answer.text
        assert answer.code not in {0, 320}
        assert answer.id in {ID, -1}


@pytest.mark.parametrize("cls", [cls for cls in REQUESTS if cls.__name__ in SILENT], ids=lambda cls: cls.__name__)
async def test_it_is_rightly_met_with_silence(wire, cls):
    wire.say(sample(cls), ReqCurrentTime())
    assert isinstance(await wire.next(), CurrentTime)


@pytest.mark.parametrize("version", (151, 152, 157, 160, 163, 164, 166, 169, 170, 173, 176, 177))
async def test_they_are_answered_at_every_version(version, caplog):
    async with PaperGateway(port=0, clock=PaperClock(START, speed=60), step=0.02) as gateway:
        for cls in REQUESTS:
            client = Wire(*await asyncio.open_connection("127.0.0.1", gateway.port), version=version)
            await client.begin()
            if LATER[cls] > version or (cls.__name__ == "ReplaceFa" and version < 157):
                # It, or a field of it, came with a later version; `test_versions` says it all the same.
                with pytest.raises(InvalidInput):
                    client.say(sample(cls))
            else:
                client.say(sample(cls))
                if cls.__name__ in SILENT:
                    client.say(ReqCurrentTime())
                answer = await client.next()
                assert isinstance(answer, CurrentTime) or cls.__name__ not in SILENT
                assert not isinstance(answer, Undecodable | UnknownMessage)
                assert getattr(answer, "code", None) not in {0, 320}, answer
            await client.close()
    assert not [record for record in caplog.records if record.getMessage().startswith("left out")]


def test_what_is_silent_exists():
    assert SILENT.keys() <= {cls.__name__ for cls in REQUESTS}
