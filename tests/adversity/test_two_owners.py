"""Two engines that want one client id, from homes of their own (I-19): one has it, the other says so and waits.

Engines that share a home are `test_shared_home`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import ironbridge as ib
from ironbridge.bootstrap import open_bridge
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.session import SessionState
from ironbridge.errors import ClientIdInUse, NotConnected
from ironbridge.paper import PaperGateway
from ironbridge.settings import load_settings

AAPL = ib.Stock("AAPL")
FAR = ib.buy(1).limit("100.00")


async def test_the_second_of_two_engines_with_one_id_sends_nothing(gateway: PaperGateway, tmp_path: Path) -> None:
    async with ib.connect("127.0.0.1", gateway.port, home=tmp_path / "first", client_id=9) as first:
        handle = await first.orders.submit(AAPL, FAR)
        await handle.accepted(10)
        with pytest.raises(ClientIdInUse):
            async with ib.connect("127.0.0.1", gateway.port, home=tmp_path / "second", client_id=9):
                pass
        given = {"host": "127.0.0.1", "port": gateway.port, "home": tmp_path / "second", "client_id": 9}
        async with open_bridge(load_settings(given, {}), await_ready=False) as second:
            with pytest.raises(NotConnected):
                await second.orders.submit(AAPL, FAR)
            assert first.session.state is SessionState.READY
            assert first.session.health().links_lost == 0, "the owner was never disturbed"
            assert len(gateway.venue.orders()) == 1
            await first.orders.cancel(handle.key)
            assert (await handle.done(10)).state is OrderState.CANCELLED
            await first.disconnect()
            await second.session.until(SessionState.READY, 20)
            assert gateway.clients == (9,), "the same id, as soon as it is free"
