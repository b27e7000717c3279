"""The paper gateway: how much it carries, against a bare socket that sends prepared bytes to the same readers.

Market data: the venue's own pace is far below what the path can carry, so the gateway's virtual clock is driven as fast
as the processor allows (`bench.rush`); what is counted is whole TWS messages read by clients in another process, after
venue, tape, market-data desk, encoder and socket. The bare server hands the same readers a stretch of the same bytes.
Orders: market orders sent in a pipeline by one client, counted when the commission report of each has come; pacing is
off. Beside each rate stands the gateway's own processor time for one message or order, which other programs on the
machine disturb less. Memory: resident, as the kernel says, idle, by client and by subscription, and while 32 clients
watch at full speed. Start-up: until `ironbridge paper` says where it listens, with bytecode
compiled as an installation has it, against an interpreter that does nothing.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

LINES = 58
"""Every stock, index fund and pair of the catalogue, once per client."""
SHAPES = ((1, LINES), (1, 10 * LINES), (8, LINES), (32, LINES))
"""Clients, and lines of each: one client with every listing ten times shows the path without the venue's share."""
SECONDS = 3.0
ROUNDS = 3
ORDERS = 2000
WATCHED_SECONDS = 8.0
MANY_CLIENTS, MANY_LINES = 32, 100
KIB = 1024


@contextmanager
def process(*words: str) -> Iterator[subprocess.Popen[str]]:
    running = subprocess.Popen(
        [sys.executable, "-m", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def environment() -> dict[str, str]:
    return {**{k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}, "PYTHONHASHSEED": "0"}


def line(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    text = running.stdout.readline()
    if not text:
        raise SystemExit("a process of the benchmark ended early")
    return text.strip()


def go(running: subprocess.Popen[str]) -> None:
    assert running.stdin is not None
    running.stdin.write("\n")
    running.stdin.flush()


def resident(running: subprocess.Popen[str]) -> int:
    """Resident memory in bytes."""
    for text in Path(f"/proc/{running.pid}/status").read_text(encoding="ascii").splitlines():
        if text.startswith("VmRSS:"):
            return int(text.split()[1]) * KIB
    raise SystemExit("this system does not tell a process's memory in /proc")


def processor(running: subprocess.Popen[str]) -> float:
    """Seconds of processor that it has used."""
    fields = Path(f"/proc/{running.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def stream(server: tuple[str, ...], clients: int, lines: int, save: str = "") -> dict[str, Any]:
    """Messages that the readers got from one server, and the seconds of processor it spent on them."""
    with process("bench.rush", *server) as serving:
        reading = ("bench.reader", "ticks", line(serving), str(clients), str(lines), str(SECONDS))
        with process(*reading, *([save] if save else [])) as readers:
            assert line(readers) == "connected"
            go(readers)
            assert line(readers) == "ready"
            before = processor(serving)
            go(serving)
            go(readers)
            found: dict[str, Any] = json.loads(line(readers))
            return {**found, "cpu": processor(serving) - before}


def filled(server: tuple[str, ...], save: str = "") -> tuple[float, float]:
    """Orders filled in a second, and the server's seconds of processor for each."""
    with process("bench.rush", *server) as serving:
        asking = ("bench.reader", "orders", line(serving), str(ORDERS))
        before = processor(serving)
        with process(*asking, *([save] if save else [])) as client:
            found = json.loads(line(client))
            return float(found["orders"] / found["seconds"]), (processor(serving) - before) / ORDERS


def market_data(folder: str) -> None:
    print(f"market-data messages a second, all clients together, median of {ROUNDS} rounds")
    print(
        f"  {'clients':>8} {'lines':>6} {'gateway':>12} {'bare socket':>12} {'ratio':>7} {'per s of CPU':>13}"
        f" {'CPU us each':>12} {'bytes each':>10}"
    )
    for clients, lines in SHAPES:
        block = str(Path(folder) / "ticks")
        ours: list[float] = []
        bare: list[float] = []
        cpu: list[float] = []
        size = 0.0
        for _ in range(ROUNDS):
            found = stream(("gateway",), clients, lines, block)
            ours.append(found["messages"] / found["seconds"])
            cpu.append(found["messages"] / max(found["cpu"], 0.01))
            size = found["bytes"] / found["messages"]
            plain = stream(("bare", block), clients, lines)
            bare.append(plain["messages"] / plain["seconds"])
        mine, peer, each = statistics.median(ours), statistics.median(bare), statistics.median(cpu)
        print(
            f"  {clients:>8} {lines:>6} {mine:>12,.0f} {peer:>12,.0f} {mine / peer:>7.3f}"
            f" {each:>13,.0f} {1e6 / each:>12.2f} {size:>10.1f}"
        )


def orders(folder: str) -> None:
    block = str(Path(folder) / "orders")
    ours, bare = [], []
    for _ in range(ROUNDS):
        ours.append(filled(("orders",), block))
        bare.append(filled(("echo", block)))
    mine, peer = (statistics.median(rate for rate, _ in rounds) for rounds in (ours, bare))
    each = statistics.median(spent for _, spent in ours)
    print(f"market orders in and filled, {ORDERS:,} in a pipeline, pacing off, median of {ROUNDS} rounds")
    print(f"  gateway         {mine:>12,.0f} orders/s   ({1 / each:,.0f} per s of CPU, {each * 1e6:,.0f} us each)")
    print(f"  bare socket     {peer:>12,.0f} orders/s   (the same answers, prepared)")
    print(f"  ratio           {mine / peer:>12.3f}")


def memory() -> None:
    with process("bench.rush", "gateway") as serving:
        port = line(serving)
        idle = resident(serving)
        reading = ("bench.reader", "ticks", port, str(MANY_CLIENTS), str(MANY_LINES), str(WATCHED_SECONDS))
        with process(*reading) as readers:
            assert line(readers) == "connected"
            connected = resident(serving)
            go(readers)
            assert line(readers) == "ready"
            subscribed = resident(serving)
            go(serving)
            go(readers)
            # Half of the time fills what is filled once: the buffers of sockets, the newest quote of each line.
            time.sleep(WATCHED_SECONDS / 2)
            settled = resident(serving)
            told = json.loads(line(readers))["messages"]
            later = resident(serving)
    print("memory of the gateway, resident")
    print(f"  server alone    {idle / KIB / KIB:>12.1f} MiB")
    print(f"  per client      {(connected - idle) / MANY_CLIENTS / KIB:>12.1f} KiB   ({MANY_CLIENTS} clients)")
    lines = MANY_CLIENTS * MANY_LINES
    print(f"  per subscription{(subscribed - connected) / lines / KIB:>12.1f} KiB   ({lines:,} lines, prices included)")
    print(f"  grown by        {(later - settled) / KIB / KIB:>12.1f} MiB   in the second half of {told:,} messages")


def start_up(folder: str) -> None:
    compiled = {**environment(), "PYTHONPYCACHEPREFIX": folder}
    command = str(Path(sys.executable).parent / "ironbridge")
    times: list[float] = []
    bare: list[float] = []
    idle = 0
    for _ in range(2 * ROUNDS + 1):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", "pass"], check=True, env=compiled)
        bare.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        with subprocess.Popen(
            [command, "paper", "--port", "0"], stdout=subprocess.PIPE, text=True, env=compiled
        ) as running:
            line(running)
            times.append(time.perf_counter() - begun)
            idle = resident(running)
            running.terminate()
    mine, peer = statistics.median(times[1:]), statistics.median(bare[1:])
    print(f"start of `ironbridge paper` until it listens, median of {2 * ROUNDS}")
    print(f"  ironbridge paper{mine * 1000:>12.0f} ms")
    print(f"  python -c pass  {peer * 1000:>12.0f} ms")
    print(f"  ratio           {mine / peer:>12.1f}")
    print(f"  idle            {idle / KIB / KIB:>12.1f} MiB resident")


async def run() -> None:
    with TemporaryDirectory(prefix="ironbridge-bench-") as folder:
        market_data(folder)
        print()
        orders(folder)
        print()
        memory()
        print()
        start_up(folder)
