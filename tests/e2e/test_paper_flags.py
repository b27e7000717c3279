"""`ironbridge paper` as it is typed: what its users may see, and its nights."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ib_async import IB, Stock

from ironbridge.cli.app import run_app

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
TICKS = """\
time,symbol,bid,ask
2026-03-02T09:00:00-05:00,AAPL,100.00,100.02
2026-03-02T09:30:00-05:00,AAPL,101.00,101.02
"""


@contextmanager
def paper(*arguments: str) -> Iterator[int]:
    """The port of a gateway in a process of its own; Ctrl-C must end it cleanly."""
    command = [str(Path(sys.executable).with_name("ironbridge")), "paper", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        try:
            assert running.stdout is not None
            found = re.search(r"127\.0\.0\.1:(\d+)", running.stdout.readline())
            assert found
            yield int(found[1])
            running.send_signal(signal.SIGINT)
            assert running.wait(20) == 0
        finally:
            running.kill()


async def test_delayed_prices_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "ticks.csv"
    path.write_text(TICKS)
    arguments = ("--prices", str(path), "--start", "2026-03-02T09:44:59", "--delayed-only", "--schedule", "usual")
    with paper(*arguments) as port:
        ib = IB()
        errors: list[int] = []
        heard = asyncio.Event()
        ib.errorEvent += lambda _, code, *__: (errors.append(code), heard.set())
        ib.pendingTickersEvent += lambda _: heard.set()
        await ib.connectAsync("127.0.0.1", port, clientId=3, timeout=10)
        try:
            ib.client.reqMktData(900, AAPL, "", False, False, [])
            ib.reqMarketDataType(3)
            ticker = ib.reqMktData(AAPL)
            async with asyncio.timeout(20):
                while not (10089 in errors and ticker.bid == 101):
                    heard.clear()
                    await heard.wait()
            assert ticker.marketDataType == 3
            assert 10167 in errors
        finally:
            ib.disconnect()


@pytest.mark.parametrize(
    ("arguments", "named"),
    (
        (("--schedule", "nap=12:00"), "'nap=12:00' is nothing that a schedule can say"),
        (("--prices", "/no/such/file.csv"), "cannot be read"),
    ),
)
def test_what_cannot_be_meant(arguments: tuple[str, ...], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run_app(["paper", "--port", "0", *arguments])
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert named in " ".join((said.out + said.err).split())
