"""`ironbridge paper` as it is typed: its options at work, and what cannot be meant."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from ib_async import IB, LimitOrder, Stock

from ironbridge.cli.app import run_app

IRONBRIDGE = Path(sys.executable).with_name("ironbridge")


@contextmanager
def gateway(*arguments: str) -> Iterator[tuple[int, str, str]]:
    """A gateway in a process of its own: its port, its control address, and what it said."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("IBKR_", "IRONBRIDGE_", "PAPER_"))
    }
    command = [IRONBRIDGE, "paper", "--port", "0", "--control-port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=kept) as running:
        try:
            assert running.stdout is not None
            said = ""
            for line in running.stdout:
                said += line
                if control := re.search(r"control\s+(\S+)/status", line):
                    port = re.search(r"gateway on 127\.0\.0\.1:(\d+)", said)
                    assert port is not None
                    yield int(port[1]), control[1], said
                    break
            else:
                pytest.fail(said)
            running.send_signal(signal.SIGINT)
            assert running.wait(20) == 0
        finally:
            running.kill()


async def rest_an_order(port: int, http: httpx.Client) -> dict[str, object]:
    """An order of client 3 that rests; gives back what the control port says of its client."""
    ib = IB()
    await ib.connectAsync("127.0.0.1", port, clientId=3)
    try:
        order = LimitOrder("BUY", 5, 1.00, account="DU1000002")
        trade = ib.placeOrder(Stock("ACME", "SMART", "USD"), order)
        async with asyncio.timeout(10):
            while trade.orderStatus.status != "Submitted":
                await trade.statusEvent
        clients = await asyncio.to_thread(http.get, "/clients")
        return clients.json()["clients"][0]
    finally:
        ib.disconnect()


def test_its_options_at_work(tmp_path: Path) -> None:
    own, state = tmp_path / "own.yaml", tmp_path / "state.json"
    own.write_text("stocks:\n  - {symbol: ACME, price: 42.50}\n")
    options = (
        "--start", "2026-11-20T09:25", "--step", "--calendar", "--pacing", "strict", "--seed", "9",
        "--account", "DU1000001", "--account", "DU1000002", "--cash", "50000", "--cash", "1000EUR",
        "--instruments", str(own), "--state", str(state),
    )  # fmt: skip
    with gateway(*options) as (port, control, said), httpx.Client(base_url=control, trust_env=False) as http:
        assert "accounts DU1000001, DU1000002, seed 9" in said
        status = http.get("/status").json()
        assert status["pacing"] == "strict"
        assert status["clock"] == {
            "now": "2026-11-20T14:25:00+00:00", "venue": "2026-11-20T14:25:00+00:00", "speed": 0.0
        }  # fmt: skip
        [first, _] = http.get("/account").json()["accounts"]
        assert first["cash"] == {"USD": "50000", "EUR": "1000"}
        assert 20 < float(http.get("/book?symbol=ACME").json()["bids"][0]["price"]) < 80
        assert http.post("/clock", json={"step": "5m"}).json()["now"] == "2026-11-20T14:30:00+00:00"
        assert asyncio.run(rest_an_order(port, http))["client"] == 3
    with gateway(*options) as (_, control, _said):
        assert httpx.get(f"{control}/status", trust_env=False).json()["open_orders"] == 1, "it was kept"


def test_a_scenario_is_played_and_told(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("name: mine\nabout: nothing\ngood_client: waits\nsteps:\n  - {when: {connect: 1}, do: Hang}\n")
    with gateway("--scenario", "i-05", "--scenario", str(mine)) as (_, control, _said):
        pending = httpx.get(f"{control}/faults", trust_env=False).json()["pending"]
        assert [each["scenario"] for each in pending] == ["I-05", "mine"]


def typed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        run_app(["paper", *arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_the_scenarios_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = typed(capsys, "--list-scenarios")
    assert code == 0
    assert [line[:4] for line in out.splitlines() if line.startswith("I-")] == [f"I-{n:02d}" for n in range(1, 21)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    (
        ("--step", "--control-port"),
        ("--step --speed 2 --control-port 0", "contradict"),
        ("--start yesterday", "--start cannot be 'yesterday'"),
        ("--start 0001-01-01", "--start cannot be"),
        ("--speed -1", "-1.0 times"),
        ("--speed fast", "--speed"),
        ("--pacing hard", "strict, lenient, off"),
        ("--cash lots", "'lots' is no amount"),
        ("--cash 100CHF", "no amount"),
        ("--cash 1 --cash 2", "twice"),
        ("--cash nan", "no amount"),
        ("--account X", "'X'"),
        ("--account DU1000001 --account DU1000001", "2 accounts"),
        ("--scenario I-99", "one of I-01"),
        ("--instruments nowhere.yaml", "nowhere.yaml cannot be read"),
        ("--control-port 70000", "--control-port"),
        ("--host 0.0.0.0 --port x", "--port"),
    ),
)
def test_what_cannot_be_meant(capsys: pytest.CaptureFixture[str], arguments: str, words: str) -> None:
    code, out, err = typed(capsys, *arguments.split())
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert words in err
    assert "Traceback" not in err
