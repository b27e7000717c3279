"""The connection: back after a cut, paced to the limit, never fooled by a socket that only looks open, cheap to cycle.

Cut and flood are against `ironbridge paper` in a process of its own, with strict pacing. The bound of the reconnect is
what IB's limit alone makes of the messages that were sent: 50 in any second, so the 101st goes after two. The wait
before the first attempt (full jitter, up to a second by default) is set to nothing: it is chosen, not needed. Ten
minutes under the limit are virtual time, judged by the gateway's own counter, with every message held up on its way by
up to 60 ms; over the real socket the pace is measured once the first bunch is over. The half-open socket and the cycles
have their gateway in this process, on a thread.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

import ironbridge as ib
from ironbridge.domain.instrument import Kind
from ironbridge.domain.order_state import OrderState
from ironbridge.domain.session import SessionState
from ironbridge.exchange.listing import ContractQuery
from ironbridge.interfaces import Lane
from ironbridge.paper import Limits, Pacing, PaperGateway
from ironbridge.paper.faults import Hang, Resume
from ironbridge.paper.limits import MessageRate
from ironbridge.session import SlidingWindowPacer, SupervisorOptions
from ironbridge.session.pacing import RATE, WINDOW
from ironbridge.testing.clock import ManualClock
from ironbridge.testing.gateway import RunningGateway

SUBSCRIPTIONS, ORDERS, CUTS = 100, 50, 5
MINUTES, TRANSIT = 10, 0.06
FLOOD = 470
TIMEOUT, INTERVAL, HANGS = 2.0, 0.5, 5
CYCLES = 100
STRICT = Limits(pacing=Pacing.STRICT)
QUICK = replace(SupervisorOptions(), backoff_base=0.001)


@asynccontextmanager
async def strict_gateway() -> AsyncIterator[tuple[int, int]]:
    """A gateway in its own process: its port, and the port of its control."""
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "ironbridge"), "paper", "--port", "0", "--control-port", "0",
        "--pacing", "strict", stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        port = control = None
        while port is None or control is None:
            line = (await process.stdout.readline()).decode()
            if not line:
                raise SystemExit("ironbridge paper ended without an address")
            found = re.search(r"(Paper gateway on|control\s+http://)\s*127\.0\.0\.1:(\d+)", line)
            if found and found[1].startswith("Paper"):
                port = int(found[2])
            elif found:
                control = int(found[2])
        yield port, control
    finally:
        process.terminate()
        await process.wait()


def options() -> list[ib.Instrument]:
    """A hundred contracts: every gateway lists the same."""
    listed = PaperGateway(port=0).venue.find(ContractQuery(symbol="SPY", kind=Kind.OPTION))[:SUBSCRIPTIONS]
    return [ib.Option("SPY", each.expiry, each.strike, each.right) for each in listed]


async def cut(bridge: ib.Bridge, faults: httpx.AsyncClient) -> float:
    """Seconds from the lost link to READY."""
    begun = 0.0
    with bridge.topics.session.subscribe() as changes:
        (await faults.post("/inject", json={"fault": "Drop"})).raise_for_status()
        async for change in changes:
            if change.after is SessionState.RECONNECTING and not begun:
                begun = time.perf_counter()
            if change.after is SessionState.READY:
                break
    return time.perf_counter() - begun


async def reconnects() -> None:
    with TemporaryDirectory() as home:
        async with (
            strict_gateway() as (port, control),
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{control}") as faults,
            ib.connect("127.0.0.1", port, home=home, client_id=1) as bridge,
        ):
            bridge.session.configure(QUICK)
            async with bridge.market.subscribe(*options()):
                for number in range(ORDERS):
                    spec = ib.buy(1).limit("1.00")
                    order = await bridge.orders.submit(ib.Stock("AAPL"), spec, key=f"rests-{number}")
                    await order.accepted()
                times, messages = [], []
                for _ in range(CUTS):
                    await asyncio.sleep(3 * WINDOW)
                    sent = bridge.pacing.messages.admitted
                    times.append(await cut(bridge, faults))
                    messages.append(bridge.pacing.messages.admitted - sent)
                resting = sum(order.state is OrderState.WORKING for order in bridge.orders.list())
                violations = bridge.pacing.usage.status().violations
    took, count = statistics.median(times), statistics.median(messages)
    bound = float((count - 1) // STRICT.messages)
    print(f"from a dropped socket to READY, {SUBSCRIPTIONS} subscriptions, {resting} open orders, median of {CUTS}")
    print(f"  ironbridge      {took:>9.2f} s    (worst {max(times):.2f} s, {violations} violations)")
    print(f"  bound of IB     {bound:>9.2f} s    ({count:.0f} messages, {STRICT.messages} in any second)")
    print(f"  ratio           {took / bound:>9.2f}      (aim: at most 1.20)")


async def virtual_minutes() -> None:
    clock, dice = ManualClock(), random.Random(1)
    pacer, judge = SlidingWindowPacer(clock), MessageRate(STRICT)
    sent: list[float] = []

    async def send() -> None:
        while True:
            await pacer.admit(Lane.DATA)
            sent.append(clock.monotonic())

    sending = asyncio.create_task(send())
    for _ in range(MINUTES * 60):
        await clock.advance(1.0)
    sending.cancel()
    arrived, violations = 0.0, 0
    for at in sent:
        # What is held up holds up what comes after it: one socket keeps the order.
        arrived = max(arrived, at + dice.random() * TRANSIT)
        violations += judge.count(arrived) is not None
    rate = len(sent) / (MINUTES * 60)
    late = f"{TRANSIT * 1000:.0f} ms late"
    print(f"messages a second, strict gateway, {MINUTES} minutes of virtual time, up to {late}")
    print(f"  ironbridge      {rate:>9.2f} of {STRICT.messages}   ({violations} violations in {len(sent):,} messages)")
    print(f"  ratio           {rate / STRICT.messages:>9.3f}      (aim: at least 0.94, and none)")


async def real_flood() -> None:
    with TemporaryDirectory() as home:
        async with (
            strict_gateway() as (port, _),
            ib.connect("127.0.0.1", port, home=home, client_id=1, request_timeout=30) as bridge,
        ):
            broker = bridge.session._broker  # noqa: SLF001 - the requests themselves are what is measured
            await broker.contracts(ib.Stock("AAPL"))  # with its price rule, which is asked for once
            await asyncio.sleep(3 * WINDOW)
            answered: list[float] = []

            async def ask() -> None:
                await broker.contracts(ib.Stock("AAPL"))
                answered.append(time.perf_counter())

            begun = time.perf_counter()
            await asyncio.gather(*(ask() for _ in range(FLOOD)))
            violations = bridge.pacing.usage.status().violations
    overall = FLOOD / (answered[-1] - begun)
    steady = (FLOOD - RATE - 1) / (answered[-1] - answered[RATE])
    print(f"requests a second over a real socket, strict gateway, {FLOOD} contract requests asked for at once")
    print(f"  steady          {steady:>9.2f} of {STRICT.messages}   (after the first {RATE}; {violations} violations)")
    print(f"  from the first  {overall:>9.2f} of {STRICT.messages}   (a pause follows the bunch that goes at once)")


async def half_open() -> None:
    late = []
    with RunningGateway() as gateway, TemporaryDirectory() as home:
        async with ib.connect("127.0.0.1", gateway.port, home=home, client_id=1) as bridge:
            bridge.session.configure(replace(QUICK, heartbeat_interval=INTERVAL, heartbeat_timeout=TIMEOUT))
            await bridge.reconnect()
            for _ in range(HANGS):
                await bridge.session.until(SessionState.READY, 20)
                begun = time.perf_counter()
                gateway.faults.inject(Hang())
                await bridge.session.until(SessionState.RECONNECTING, 20)
                late.append(time.perf_counter() - begun)
                gateway.faults.inject(Resume())
    print(f"a half-open socket is found, heartbeat every {INTERVAL:g} s, time-out {TIMEOUT:g} s, {HANGS} times")
    print(f"  median          {statistics.median(late):>9.2f} s")
    print(f"  worst           {max(late):>9.2f} s    (aim: at most the time-out and 1 s, {TIMEOUT + 1:.2f})")


async def bare_cycle(port: int) -> None:
    from ib_async import IB

    session = IB()
    session.client.MaxRequests = 0
    await session.connectAsync("127.0.0.1", port, clientId=2)
    session.disconnect()


async def kept() -> int:
    """Memory blocks in use, once the pace has forgotten its windows and the loop its cancelled timers."""
    await asyncio.sleep(3 * WINDOW)
    gc.collect()
    return sys.getallocatedblocks()


async def cycles() -> None:
    with RunningGateway() as gateway, TemporaryDirectory() as home:
        async with ib.connect("127.0.0.1", gateway.port, home=home, client_id=1, messages_per_second=10_000) as bridge:
            await bridge.disconnect()

            async def own_cycle(_port: int) -> None:
                await bridge.connect()
                await bridge.session.until(SessionState.READY, 10)
                await bridge.disconnect()

            found = {}
            for name, cycle in (("bare ib_async", bare_cycle), ("ironbridge", own_cycle)):
                for _ in range(10):
                    await cycle(gateway.port)
                blocks, begun = await kept(), time.perf_counter()
                for _ in range(CYCLES):
                    await cycle(gateway.port)
                took = (time.perf_counter() - begun) / CYCLES
                found[name] = took, (await kept() - blocks) / CYCLES
    ratio = found["ironbridge"][0] / found["bare ib_async"][0]
    print(f"connect, catch up, disconnect, {CYCLES} cycles (memory blocks kept, both sides of the socket counted)")
    for name, (took, more) in found.items():
        print(f"  {name:<15} {took * 1000:>9.2f} ms   {more:>7.1f} blocks a cycle")
    print(f"  ratio           {ratio:>9.2f}      (above 1: ironbridge is slower)")


async def run() -> None:
    logging.disable(logging.CRITICAL)  # each cut is an alert, and would be a line on the screen
    try:
        await reconnects()
        await virtual_minutes()
        await real_flood()
        await half_open()
        await cycles()
    finally:
        logging.disable(logging.NOTSET)
