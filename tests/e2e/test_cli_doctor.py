"""`ironbridge doctor` as it is typed: what it prints, and how it exits."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ironbridge.cli.app import run_app
from ironbridge.paper.faults import BreakFarm
from ironbridge.testing import RunningGateway


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    out: str


@pytest.fixture
def doctor(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    for name in ("IBKR_HOST", "IBKR_PORT", "IBKR_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)

    def typed(*arguments: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run_app(["doctor", *arguments, "--home", str(tmp_path)])
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(int(ended.value.code or 0), said.out)

    return typed


def test_all_is_well(doctor: Callable[..., Said], paper_gateway: RunningGateway) -> None:
    said = doctor("--ib-port", str(paper_gateway.port))
    assert (said.code, "Nothing is wrong" in said.out) == (0, True)


def test_something_to_mend(doctor: Callable[..., Said], paper_gateway: RunningGateway) -> None:
    paper_gateway.faults.inject(BreakFarm("usfarm"))
    said = doctor("--ib-port", str(paper_gateway.port), "--json")
    found = json.loads(said.out)
    assert (said.code, found["connects"], found["healthy"]) == (1, True, False)
    assert "farm-broken" in {finding["id"] for finding in found["findings"]}


def test_no_session_can_be_had(doctor: Callable[..., Said]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        said = doctor("--ib-port", str(port))
    assert said.code == 3
    assert f"Nothing listens on 127.0.0.1 port {port}." in said.out
    assert "log in" in said.out


def test_with_nothing_set_up_it_says_what_it_looked_at(
    doctor: Callable[..., Said], tmp_path: Path, paper_gateway: RunningGateway
) -> None:
    (tmp_path / "ironbridge.toml").write_text(f"port = {paper_gateway.port}\n")
    said = doctor("--json")
    assert said.code == 0
    assert [finding["id"] for finding in json.loads(said.out)["findings"]] == ["no-gateway-named"]
