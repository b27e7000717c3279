"""What the README shows works as it is printed; only the addresses are this test's own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BIN = Path(sys.executable).parent


def block(after: str, language: str) -> str:
    """The first code block of a language below a heading."""
    found = re.search(rf"^## {re.escape(after)}$.*?^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert found, f"the README has no {language} block under {after}"
    return found[1]


@dataclass(frozen=True, slots=True)
class Service:
    url: str
    environment: dict[str, str]

    def shell(self, script: str) -> str:
        done = subprocess.run(
            ["bash", "-euc", script.replace("http://127.0.0.1:8000", self.url)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=ROOT,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("IBKR_", "IRONBRIDGE_"))}
    return {
        **kept,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "IRONBRIDGE_HOME": str(home),
        "HOST": "127.0.0.1",
        "PORT": "0",
        "PAPER_PORT": "0",
        "COLUMNS": "200",
    }


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("readme") / "home"
    env = environment(home)
    with subprocess.Popen(
        [str(BIN / "ironbridge"), "run"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            seen: list[str] = []
            for line in process.stdout:
                seen.append(line)
                if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                    yield Service(found[0], env)
                    break
            else:
                pytest.fail("ironbridge run ended without a URL:\n" + "".join(seen))
        finally:
            process.terminate()
            process.wait(20)


def test_the_library_example(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block("The library", "python")],
        env={name: value for name, value in environment(tmp_path).items() if name != "IRONBRIDGE_HOME"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "AAPL" in done.stdout
    assert "filled" in done.stdout.lower()


def test_the_command_lines(service: Service) -> None:
    lines = [line for line in block("The command line", "sh").splitlines() if not line.startswith("source ")]
    printed = {line: service.shell(line) for line in lines}
    assert {line.split()[1] for line in lines} >= {"quote", "order", "orders", "cancel", "positions"}
    for symbol in ("AAPL", "MSFT", "EUR"):
        assert symbol in printed["ironbridge quote AAPL MSFT EURUSD"]
    assert "first" in printed["ironbridge orders"]
    assert "cancel" in printed["ironbridge cancel first"].lower()


def test_the_curl_lines(service: Service) -> None:
    script = block("REST and WebSocket", "sh")
    answers = service.shell(script.replace("curl -s", "echo; curl -s"))
    status, quote, order, positions = (json.loads(line) for line in answers.splitlines() if line.strip())
    assert status["state"] in {"ready", "degraded"}
    assert quote["symbol"] == "AAPL"
    assert quote["bid"] < quote["ask"]
    assert order["key"] == "second"
    assert order["state"] in {"sent", "accepted", "working", "filled"}
    assert isinstance(positions["positions"], list)


def test_another_tws_program_connects_as_shown(tmp_path: Path) -> None:
    """The paper gateway's own command and the ib_async lines below it."""
    command = block("The paper gateway for any TWS program", "sh").split()
    command[command.index("--port") + 1] = "0"
    program = block("The paper gateway for any TWS program", "python")
    with subprocess.Popen(
        [str(BIN / command[0]), *command[1:]],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as gateway:
        try:
            assert gateway.stdout is not None
            port = next(found[1] for line in gateway.stdout if (found := re.search(r"127\.0\.0\.1:(\d+)", line)))
            done = subprocess.run(
                [
                    sys.executable,
                    "-c",
                    program.replace("4002", port) + "\nprint(ib.managedAccounts())\nib.disconnect()",
                ],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.stdout.strip() == "['DU1000001']", done.stderr
        finally:
            gateway.terminate()
            gateway.wait(20)
