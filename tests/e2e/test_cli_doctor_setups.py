"""Ten broken set-ups and two, as a new user meets them: `ironbridge doctor` names the true cause of each."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from ironbridge.cli.app import run_app
from ironbridge.paper.faults import (
    BreakFarm,
    Hang,
    Ignore,
    LoseUpstream,
    NotLoggedIn,
    OnMessage,
    Refuse,
    SendError,
)
from ironbridge.testing import RunningGateway

READ_ONLY = "Error validating request.-'bY' : cause - The API interface is currently in Read-Only mode."
FIRST_LINE, SECOND_LINE = 1_900_000_000, 1_900_000_001


def unused_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def hang(gateway: RunningGateway) -> None:
    gateway.faults.inject(Hang())


def refuse(gateway: RunningGateway) -> None:
    gateway.faults.inject(Refuse())


def log_out(gateway: RunningGateway) -> None:
    gateway.faults.inject(NotLoggedIn())


def stall(gateway: RunningGateway) -> None:
    gateway.faults.inject(Ignore("ReqCurrentTime", count=None))


def lose_ib(gateway: RunningGateway) -> None:
    gateway.faults.inject(LoseUpstream(), OnMessage("ReqCurrentTime"))


def break_farm(gateway: RunningGateway) -> None:
    gateway.faults.inject(BreakFarm("usfarm"))


def read_only(gateway: RunningGateway) -> None:
    gateway.faults.inject(Ignore("ReqOpenOrders", count=None))
    gateway.faults.inject(SendError(321, READ_ONLY), OnMessage("ReqCurrentTime"))


def no_permission(gateway: RunningGateway) -> None:
    gateway.faults.inject(Ignore("ReqMktData", count=None))
    for line in (FIRST_LINE, SECOND_LINE):
        gateway.faults.inject(
            SendError(354, "Requested market data is not subscribed.", id=line), OnMessage("OpenOrderEnd")
        )


def nothing(gateway: RunningGateway) -> None:
    del gateway


Break = Callable[[RunningGateway], None]


@pytest.mark.parametrize(
    ("break_it", "options", "cause", "words", "code"),
    (
        (nothing, ("--ib-port", "unused"), "nothing-listens", "log in", 3),
        (hang, (), "no-answer", "Look at the gateway's screen", 3),
        (refuse, (), "closed-at-greeting", "Trusted IPs", 3),
        (log_out, (), "not-logged-in", "Log it in", 3),
        (stall, (), "stalled", "restart it", 3),
        (lose_ib, (), "upstream-lost", "internet connection", 1),
        (break_farm, (), "farm-broken", "come back by themselves", 1),
        (read_only, (), "read-only", "Read-Only API", 1),
        (no_permission, (), "no-market-data-permission", "Market Data Subscriptions", 1),
        (nothing, ("--account", "DU42"), "unknown-account", "Correct the account", 1),
        (nothing, ("--live-account", "U1234567"), "paper-where-live-is-armed", "live gateway", 1),
        (nothing, ("--ib-host", "no.such.host.invalid"), "no-host", "Correct the host", 3),
    ),
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_the_cause_is_named(
    paper_gateway: RunningGateway,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    break_it: Break,
    options: tuple[str, ...],
    cause: str,
    words: str,
    code: int,
) -> None:
    monkeypatch.setenv("IRONBRIDGE_CONNECTION_TIMEOUT", "0.7")
    given = [str(unused_port()) if each == "unused" else each for each in options]
    here = ["--ib-host", "127.0.0.1", "--ib-port", str(paper_gateway.port)]
    command = ["doctor", "--home", str(tmp_path), *here, *given]  # of an option that is given twice the last counts

    def typed(*more: str) -> str:
        break_it(paper_gateway)
        with pytest.raises(SystemExit) as ended:
            run_app([*command, *more])
        assert ended.value.code == code
        return capsys.readouterr().out

    found = json.loads(typed("--json"))
    assert [one["id"] for one in found["findings"] if one["severity"] != "info"] == [cause]
    assert found["connects"] is (code == 1)
    assert found["healthy"] is False
    said = " ".join(typed().split())
    assert f"({cause})" in said
    assert words in said
