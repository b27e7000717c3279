"""The session: it begins at once, tells what a gateway tells, and refuses what a gateway refuses."""

from __future__ import annotations

import asyncio

import pytest
from ib_async import IB

from ironbridge.paper import Limits, PaperGateway

ACCOUNT = "DU1000001"


async def test_connects_at_once(paper, connect):
    began = asyncio.get_running_loop().time()
    desk = await connect(client=3)
    # Each of ib_async's start-up requests waits 4 s for an End that does not come.
    assert asyncio.get_running_loop().time() - began < 1
    assert desk.ib.isConnected()
    assert desk.ib.client.serverVersion() == 178
    assert desk.ib.managedAccounts() == [ACCOUNT]
    assert desk.ib.client.getReqId() >= 1
    assert paper.clients == (3,)


async def test_the_farms_are_told_of(desk):
    await desk.error(2158)
    codes = [code for _, code, _ in desk.errors]
    assert codes[0] == 2104
    assert codes.count(2106) == 1
    assert codes[-1] == 2158
    assert "Market data farm connection is OK:usfarm" in [text for _, _, text in desk.errors]


async def test_a_client_id_is_taken_once(desk, paper):
    second = IB()
    heard = []
    second.errorEvent += lambda *args: heard.append(args[:3])
    with pytest.raises((ConnectionError, TimeoutError)):
        await second.connectAsync("127.0.0.1", paper.port, clientId=1, timeout=1)
    assert (-1, 326, "Unable to connect as the client id is already in use. Retry with a unique client id.") in heard
    assert desk.ib.isConnected()


async def test_a_client_id_is_free_after_its_session(desk, connect):
    desk.ib.disconnect()
    await desk.gone()
    again = await connect(client=1)
    assert again.ib.isConnected()


async def test_only_so_many_clients(connect):
    async with PaperGateway(port=0, limits=Limits(clients=1)) as small:
        first, second = IB(), IB()
        await first.connectAsync("127.0.0.1", small.port, clientId=1)
        with pytest.raises((ConnectionError, TimeoutError)):
            await second.connectAsync("127.0.0.1", small.port, clientId=2, timeout=1)
        assert small.clients == (1,)
        first.disconnect()


async def test_the_gateways_time_is_its_clocks(desk, paper):
    assert await desk.ib.reqCurrentTimeAsync() == paper.clock.now()
    desk.pass_time(3600)
    assert await desk.ib.reqCurrentTimeAsync() == paper.clock.now()


async def test_enquiries_are_answered(desk):
    heard = {}
    # ib_async decodes these two and then drops them.
    desk.ib.wrapper.familyCodes = lambda codes: heard.update(families=codes)
    desk.ib.wrapper.softDollarTiers = lambda _, tiers: heard.update(tiers=tiers)
    desk.ib.client.reqFamilyCodes()
    desk.ib.client.reqSoftDollarTiers(1)
    async with asyncio.timeout(5):
        await desk.ib.reqUserInfoAsync()
    assert [code.accountID for code in heard["families"]] == [ACCOUNT]
    assert heard["tiers"] == []


async def test_what_is_not_served_is_refused(desk):
    desk.ib.client.send(65, 1, "name", "1.0")
    assert "Intent to authenticate" in await desk.error(321)
    desk.ib.client.send(4711, 1)
    await desk.until(lambda: [e for e in desk.errors if "4711" in e[2]])
    assert desk.ib.isConnected()


async def test_what_cannot_be_read_is_answered_and_the_session_lives(desk):
    desk.ib.client.send(1, 11, 9001, "not a contract id")
    text = await desk.error(320, 9001)
    assert text.startswith("Error reading request:Message type 1. Unable to parse data.")
    assert await desk.ib.reqCurrentTimeAsync()
