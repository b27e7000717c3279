"""The command line as it is typed: one service in a process of its own, and the commands that talk to it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ironbridge.cli.app import run_app

IRONBRIDGE = Path(sys.executable).with_name("ironbridge")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


Command = Callable[..., Said]


def clean_environment() -> dict[str, str]:
    ours = ("IBKR_", "IRONBRIDGE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {name: value for name, value in kept.items() if name not in {"HOST", "PORT", "PAPER_PORT"}}


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command that keeps running; ended by Ctrl-C, which must be a clean end."""
    with subprocess.Popen(
        [IRONBRIDGE, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=clean_environment(),
    ) as running:
        try:
            yield running
            running.send_signal(signal.SIGINT)
            assert running.wait(20) == 0
        finally:
            running.kill()


def line_with(running: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    assert running.stdout is not None
    seen: list[str] = []
    for line in running.stdout:
        seen.append(line)
        if found := re.search(pattern, line):
            return found
    pytest.fail(f"no {pattern} in {''.join(seen)}")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of a running service whose gateway is a second, separate process."""
    folder = tmp_path_factory.mktemp("cli") / "home"
    with process("paper", "--port", "0", "--seed", "7", "--account", "DU7654321") as gateway:
        port = line_with(gateway, r"127\.0\.0\.1:(\d+)")[1]
        run = ("run", "--home", str(folder), "--port", "0", "--ib-host", "127.0.0.1", "--ib-port", port)
        with process(*run) as service:
            line_with(service, r"#token=\S+")
            line_with(service, rf"127\.0\.0\.1:{port} as client 1")
            line_with(service, "openapi.json")
            yield folder


@pytest.fixture
def type_(home: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    def typed(*arguments: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run_app([*arguments, "--home", str(home)])
        said = capsys.readouterr()
        assert "Traceback" not in said.err + said.out
        return Said(int(ended.value.code or 0), said.out, said.err)

    return typed


def test_a_day_at_the_prompt(type_: Command) -> None:
    status = type_("status")
    assert status.code == 0
    assert "DU7654321 (paper)" in status.out
    quotes = type_("quote", "AAPL", "EURUSD")
    assert (quotes.code, "AAPL" in quotes.out, "EURUSD" in quotes.out) == (0, True, True)
    placed = type_("order", "buy", "10", "AAPL", "--limit", "100", "--key", "low")
    assert (placed.code, placed.out.startswith("BUY 10 AAPL LMT 100 DAY: ")) == (0, True)
    again = type_("order", "buy", "10", "AAPL", "--limit", "100", "--key", "low", "--json")
    assert json.loads(again.out)["key"] == "low"
    assert "low" in type_("orders").out
    filled = type_("order", "buy", "5", "MSFT", "--wait", "10", "--json")
    assert filled.code == 0
    assert json.loads(filled.out)["symbol"] == "MSFT"
    assert "MSFT" in type_("orders", "--all").out
    cancelled = type_("cancel", "low", "--wait", "10")
    assert (cancelled.code, "cancelled" in cancelled.out) == (0, True)
    assert "low" not in type_("orders").out
    positions = json.loads(type_("positions", "--json").out)["positions"]
    assert ("MSFT", "5") in {(one["symbol"], one["quantity"]) for one in positions}


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    (
        ("quote NOPE", 1, "IB knows no stock NOPE"),
        ("quote FUT:ES", 2, "could be any of"),
        ("order buy -5 AAPL", 2, "not positive"),
        ("order buy 0 AAPL", 2, "not positive"),
        ("order buy ten AAPL", 2, "number"),
        ("order buy 10 AAPL --limit 100.001", 2, "tick"),
        ("order buy 10 AAPL --limt 100", 2, "--limit"),
        ("order hold 10 AAPL", 2, "'buy', 'sell'"),
        ("order buy 10", 2, "symbol"),
        ("order buy 10 AAPL --tif SOON", 2, "SOON"),
        ("order buy 100001 AAPL --limit 1", 1, "limit of 100000"),
        ("order buy 10 NOPE", 1, "NOPE"),
        ("cancel nothing", 1, "nothing"),
        ("orders --url nowhere --token x", 2, "nowhere"),
        ("orders --url http://127.0.0.1:1 --token x", 3, "ironbridge run"),
        ("orders --url http://127.0.0.1:8000", 2, "--token"),
    ),
)
def test_what_cannot_be_done_is_one_line_and_a_next_step(type_: Command, typed: str, code: int, words: str) -> None:
    said = type_(*typed.split())
    assert (said.code, said.out) == (code, "")
    assert said.err.startswith("error: ")
    assert words in said.err
    assert len(said.err.strip().splitlines()) == 2, said.err


def test_a_wrong_token_is_told_apart_from_no_service(home: Path, type_: Command) -> None:
    url = json.loads((home / "service.json").read_text())["url"]
    said = type_("positions", "--url", url, "--token", "wrong")
    assert (said.code, "access token is wrong" in said.err) == (1, True)
    assert type_("token").out.strip() == (home / "token").read_text().strip()


def test_what_the_home_keeps_is_for_its_owner_alone(home: Path) -> None:
    for name in ("token", "service.json"):
        assert (home / name).stat().st_mode & 0o077 == 0, name
    assert home.stat().st_mode & 0o077 == 0


def test_a_home_or_a_port_is_never_shared_without_noticing(home: Path, tmp_path: Path) -> None:
    url = json.loads((home / "service.json").read_text())["url"]
    port = url.rpartition(":")[2]
    for arguments, words in (
        (("--home", str(home), "--port", "0"), "has its service already: ironbridge run"),
        (("--home", str(tmp_path / "other"), "--port", port), f"Port {port} on 127.0.0.1 is taken"),
    ):
        done = subprocess.run(
            [IRONBRIDGE, "run", *arguments, "--paper-port", "0"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=clean_environment(),
        )
        assert done.returncode in {1, 2}
        assert words in done.stderr
        assert "Traceback" not in done.stderr
        assert len(done.stderr.strip().splitlines()) == 2


def test_quotes_are_watched_as_they_move(home: Path) -> None:
    with subprocess.Popen(
        [IRONBRIDGE, "quote", "AAPL", "NOPE", "--watch", "--json", "--home", str(home)],
        stdout=subprocess.PIPE,
        text=True,
        env=clean_environment(),
        # As a terminal starts it: what runs in a shell's background inherits that Ctrl-C is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads are held here
    ) as watching:
        assert watching.stdout is not None
        seen: dict[str, int] = {}
        for line in watching.stdout:
            message = json.loads(line)
            seen[message["type"]] = seen.get(message["type"], 0) + 1
            if seen.get("market_data", 0) >= 3 and "error" in seen:
                break
        watching.send_signal(signal.SIGINT)
        assert watching.wait(10) == 130
    assert seen["subscribed"] == 1


def test_with_nothing_running_every_command_says_how_to_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for typed in ("status", "quote AAPL", "order buy 1 AAPL", "orders", "cancel x", "positions", "token"):
        with pytest.raises(SystemExit) as ended:
            run_app([*typed.split(), "--home", str(tmp_path)])
        assert ended.value.code == 3, typed
        assert "ironbridge run" in capsys.readouterr().err


def test_the_paper_gateway_starts_without_the_service_and_its_libraries() -> None:
    script = (
        "import sys, ironbridge.cli.app, ironbridge.paper;"
        "heavy = {'fastapi', 'sqlalchemy', 'uvicorn', 'alembic', 'ib_async'} & set(sys.modules);"
        "print(sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
