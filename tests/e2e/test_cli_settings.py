"""`ironbridge settings` as it is typed: on a home where nothing runs, and at a service that does."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ironbridge.cli.app import run_app
from ironbridge.testing import RunningGateway

from .conftest import running


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def typed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    for name in ("IBKR_HOST", "IBKR_PORT", "IBKR_CLIENT_ID", "IBKR_ACCOUNT", "IBKR_ACCOUNT_ID"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments: str, piped: str = "") -> Said:
        monkeypatch.setattr("sys.stdin", io.StringIO(piped))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run_app(["settings", *arguments, "--home", str(tmp_path / "home")])
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(int(ended.value.code or 0), said.out, said.err)

    return command


def test_profiles_without_a_service(typed: Callable[..., Said]) -> None:
    assert typed("set", "port=7496", "host=127.0.0.1", "auto_connect=no").code == 0
    made = typed("profiles", "create", "tws", "client_id=7", "--copy-of", "default", "--json")
    assert json.loads(made.out)["settings"]["auto_connect"] is False
    changed = typed("set", "port=7497", "backups=", "--profile", "tws")
    assert (changed.code, "7497" in changed.out) == (0, True)
    listed = typed("profiles")
    assert [line.split()[:2] for line in listed.out.splitlines()[1:]] == [["*", "default"], ["tws", "127.0.0.1:7497"]]
    refused = typed("profiles", "delete", "default")
    assert (refused.code, "Activate another one first" in refused.err) == (1, True)
    assert typed("profiles", "activate", "tws").code == 0
    assert typed("profiles", "delete", "default").code == 0
    shown = json.loads(typed("show", "--json").out)
    fields = {one["name"]: (one["value"], one["place"]) for one in shown["fields"]}
    assert fields["port"] == (7497, "the profile tws")
    assert fields["home"][1] == "an argument"
    assert typed("unset", "port", "client_id").code == 0
    assert "7496" not in typed().out
    log = typed("profiles", "show", "tws", "--json")
    assert json.loads(log.out)["version"] == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    (
        (("set",), "Nothing is to be changed"),
        (("set", "port"), "is not NAME=VALUE"),
        (("set", "hots=1"), "hots is no setting of a profile"),
        (("set", "port=http"), "port"),
        (("set", "live_account=U1"), "live_account is no setting of a profile"),
        (("set", "backups=10.0.0.2:4002"), "set host"),
        (("profiles", "create", "A B"), "cannot be a profile's name"),
        (("nonsense",), "nonsense"),
    ),
)
def test_what_cannot_be_meant(typed: Callable[..., Said], arguments: tuple[str, ...], words: str) -> None:
    said = typed(*arguments)
    assert said.code == 2
    assert words in said.err


def test_what_the_environment_sets_is_not_changed(typed: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IBKR_PORT", "4002")
    said = typed("set", "port=7497")
    assert said.code == 2
    assert "the environment variable IBKR_PORT" in said.err
    assert typed("set", "client_id=3").code == 0


def test_settings_are_tried_before_they_are_saved(typed: Callable[..., Said], paper_gateway: RunningGateway) -> None:
    fine = typed("test", "host=127.0.0.1", f"port={paper_gateway.port}")
    assert fine.code == 0
    assert "A session is made" in fine.out
    assert "market data: live" in fine.out
    wrong = typed("test", f"port={paper_gateway.port}", "account=DU42", "--json")
    assert (wrong.code, json.loads(wrong.out)["ok"]) == (3, False)
    assert json.loads(typed("show", "--json").out)["version"] == 1


def test_a_login_is_asked_for_and_never_printed(typed: Callable[..., Said]) -> None:
    stored = typed("credentials", "store", piped="joe\ns3cret-word\n")
    assert stored.code == 0
    everything = [stored, typed("credentials"), typed("credentials", "rotate"), typed("profiles"), typed()]
    for said in everything:
        assert "s3cret-word" not in said.out + said.err
    assert "a login is kept" in everything[1].out
    assert typed("credentials", "store", piped="joe\n").code == 2
    assert typed("credentials", "forget").code == 0
    assert typed("credentials", "forget").code == 1


async def test_at_a_running_service(tmp_path: Path, typed: Callable[..., Said]) -> None:
    async with running(tmp_path / "home") as live:
        made = await asyncio.to_thread(typed, "profiles", "create", "tws", "host=127.0.0.1", "port=7497", "--json")
        assert made.code == 0, made.err
        assert (await live.bridge.profiles.get("tws")).values == {"host": "127.0.0.1", "port": 7497}
        await asyncio.to_thread(typed, "set", "messages_per_second=10")
        assert live.bridge.pacing.limits.messages == 10
        activated = await asyncio.to_thread(typed, "profiles", "activate", "tws", "--reconnect")
        assert (activated.code, "The profile tws is in use now" in activated.err) == (3, True)
        back = await asyncio.to_thread(typed, "profiles", "activate", "default", "--reconnect")
        assert back.code == 0
        await live.ready()
        assert (await asyncio.to_thread(typed, "profiles", "delete", "tws")).code == 0
        tested = await asyncio.to_thread(typed, "test")
        assert (tested.code, "Another client id was used" in tested.out) == (0, True)
