"""A gateway on a real socket, and engines in processes of their own that can be killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import ironbridge as ib
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.modification import Modification, ModifyState
from ironbridge.domain.order import OrderSpec
from ironbridge.errors import IronbridgeError
from ironbridge.paper import PaperGateway

MORTAL = Path(__file__).with_name("mortal.py")
ACCOUNT = "DU1000001"


@dataclass
class Mortal:
    """Engines that live in another process, one after the other."""

    process: subprocess.Popen[str]
    port: int
    home: Path

    async def begin(self, orders: list[tuple[str, int, str | None]], die: str | None = None, **more: Any) -> int:
        """Start an engine; returns its process id."""
        job = {"port": self.port, "home": str(self.home), "orders": orders, "die": die, **more}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        return (await self._answer())["pid"]

    async def ended(self) -> dict[str, int]:
        """How the engine ended: {"signal": n} or {"exit": n}."""
        answer = await self._answer()
        return await self._answer() if "trading" in answer else answer

    async def trading(self) -> None:
        """Return when the engine's session is ready and it begins to send orders."""
        assert "trading" in await self._answer()

    async def live(self, orders: list[tuple[str, int, str | None]], die: str | None = None, **more: Any) -> None:
        """Let an engine live until it dies at the step, or to its end where there is none."""
        await self.begin(orders, die, **more)
        assert await self.ended() == ({"exit": 0} if die is None else {"signal": signal.SIGKILL})

    async def kill(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        assert await self.ended() in ({"signal": signal.SIGKILL}, {"exit": 0})

    async def _answer(self) -> dict[str, int]:
        assert self.process.stdout is not None
        async with asyncio.timeout(60):
            line = await asyncio.to_thread(self.process.stdout.readline)
        assert line, "the program that forks engines has ended"
        answer: dict[str, int] = json.loads(line)
        return answer


@pytest.fixture
async def gateway() -> AsyncIterator[PaperGateway]:
    async with PaperGateway(port=0, seed=11, accounts=(ACCOUNT,), step=0.02) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def forge() -> Iterator[subprocess.Popen[str]]:
    """The program that forks engines: loaded once, since loading is what takes long."""
    with subprocess.Popen(
        [sys.executable, str(MORTAL)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)


@pytest.fixture
def mortal(forge: subprocess.Popen[str], gateway: PaperGateway, tmp_path: Path) -> Mortal:
    return Mortal(forge, gateway.port, tmp_path / "home")


@dataclass
class Fates:
    """What the journal says of each key, and what the gateway holds under it, told by the quantity."""

    states: dict[str, OrderState]
    reasons: dict[str, str]
    filled: dict[str, Any]
    held: Counter[str]
    held_filled: dict[str, Any]
    terms: dict[str, OrderSpec]
    changes: dict[str, tuple[Modification, ...]]
    held_limits: dict[str, Decimal | None]

    def check(self) -> None:
        """Never two orders for a key; each key's fate known, or unknown with its reason."""
        assert not [key for key, count in self.held.items() if count > 1], "one key, one order"
        for key, state in self.states.items():
            if self.held[key]:
                assert state not in {OrderState.NOT_SENT, OrderState.UNKNOWN, OrderState.INTENDED}, key
                assert self.filled[key] == self.held_filled[key], key
            else:
                assert state in {OrderState.NOT_SENT, OrderState.UNKNOWN, OrderState.REJECTED}, key
                assert self.reasons[key], key
        assert set(self.held) <= set(self.states), "nothing is at the gateway that the journal does not know"

    def check_changes(self) -> None:
        """Each change's fate is known, or unknown with its reason, and the terms in force are the gateway's."""
        for key, changes in self.changes.items():
            for change in changes:
                assert change.state not in {ModifyState.REQUESTED, ModifyState.SENT}, key
                assert change.state is ModifyState.ACCEPTED or change.reason, key
            if self.held[key] and not any(change.state is ModifyState.UNKNOWN for change in changes):
                assert self.terms[key].limit_price == self.held_limits[key], key


@pytest.fixture
def fates(gateway: PaperGateway, mortal: Mortal):
    """Start the engine again on the same home, submit everything once more, and say how each order stands."""

    async def ask(orders: list[tuple[str, int, str | None]]) -> Fates:
        keys = {quantity: key for key, quantity, _ in orders}
        async with ib.connect("127.0.0.1", gateway.port, home=mortal.home, client_id=1, answer_timeout=2) as bridge:
            known = bridge.orders.list()
            for order in known:
                handle = await bridge.orders.submit(order.instrument, order.request.spec, key=order.key)
                if order.request.spec.limit_price is None:
                    # It may be filling at this moment: what is compared is how it ends.
                    with suppress(IronbridgeError):
                        await handle.done(timeout=10)
            assert [order.key for order in bridge.orders.list()] == [order.key for order in known]
            venue = [*gateway.venue.orders(), *gateway.venue.completed()]
            orders_now = bridge.orders.list()
            return Fates(
                {order.key: order.state for order in orders_now},
                {order.key: order.reason for order in orders_now},
                {order.key: order.filled for order in orders_now},
                Counter(keys[int(held.terms.quantity)] for held in venue),
                {keys[int(held.terms.quantity)]: held.filled for held in venue},
                {order.key: order.terms for order in orders_now},
                {order.key: order.modifications for order in orders_now},
                {keys[int(held.terms.quantity)]: held.terms.limit_price for held in venue},
            )

    return ask
