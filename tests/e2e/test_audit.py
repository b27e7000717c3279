"""The audit log as people meet it: over REST, on the command line, in an export, and after somebody meddled with it."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from ironbridge.cli.app import run_app

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Live

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def entries(live: Live, **query: Any) -> list[dict[str, Any]]:
    answer = await live.http.get("/audit", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


async def say(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    def typed() -> int:
        with pytest.raises(SystemExit) as ended:
            run_app(list(arguments))
        return int(ended.value.code or 0)

    code = await asyncio.to_thread(typed)
    said = capsys.readouterr()
    return code, said.out, said.err


async def test_an_order_is_told_from_its_caller_to_its_fill(live: Live) -> None:
    headers = {"Idempotency-Key": "audited", "X-Ironbridge-Why": "rebalance%20of%20M%C3%A4rz"}
    body = {"symbol": "AAPL", "side": "BUY", "quantity": "5", "account": "DU1000001", "strategy": "drift"}
    assert (await live.http.post("/orders", json=body, headers=headers)).status_code == 201
    await live.bridge.orders.handle("audited").done(timeout=20)
    told = list(reversed(await entries(live, subject="audited")))
    submitted = told[0]
    assert (submitted["what"], submitted["actor"]["kind"], submitted["actor"]["via"]) == (
        "order.submitted", "user", "rest",
    )  # fmt: skip
    assert submitted["why"] == "rebalance of März"
    assert "BUY 5" in submitted["text"]
    assert "by drift" in submitted["text"]
    assert [one["what"] for one in told][:2] == ["order.submitted", "order.sent"]
    assert {"order.fill", "order.commission"} <= {one["what"] for one in told if one["actor"]["name"] == "broker"}


async def test_a_cancel_is_its_callers_and_its_answer_the_brokers(live: Live) -> None:
    body = {"symbol": "AAPL", "side": "BUY", "quantity": "5", "limit_price": "1", "account": "DU1000001"}
    await live.http.post("/orders", json=body, headers={"Idempotency-Key": "to-cancel"})
    await live.http.delete("/orders/to-cancel")
    await live.bridge.orders.handle("to-cancel").done(timeout=20)
    who = {one["what"]: one["actor"]["kind"] for one in await entries(live, subject="to-cancel")}
    assert (who["order.cancel_requested"], who["order.cancelled"]) == ("user", "system")


async def test_what_is_refused_and_changed_is_told(live: Live) -> None:
    body = {"symbol": "AAPL", "side": "BUY", "quantity": "900000", "account": "DU1000001"}
    refused = await live.http.post("/orders", json=body, headers={"Idempotency-Key": "too-much"})
    assert refused.status_code == 422
    (entry,) = await entries(live, what="order.refused", subject="too-much")
    assert entry["details"]["rule"]
    settings = (await live.http.get("/settings")).json()["settings"]
    changed = await live.http.put("/settings", json={**settings, "retry_attempts": 7})
    assert changed.status_code == 200
    (entry,) = await entries(live, what="profile.changed")
    assert entry["details"]["retry_attempts"]["after"] == 7
    async with live.stranger() as stranger:
        assert (await stranger.post("/session", json={"token": "x" * 40})).status_code == 401
        assert (await stranger.post("/session", json={"token": live.token})).status_code == 200
        assert (await stranger.get("/audit")).status_code == 200
    assert [one["what"] for one in await entries(live, what="user")] == ["user.signed_in", "user.sign_in_failed"]
    assert (await entries(live, what="engine.started"))[0]["subject"] == "ironbridge run"


async def test_pages_follow_each_other(live: Live) -> None:
    numbers: list[int] = []
    before: int | None = None
    while True:
        page = (await live.http.get("/audit", params={"limit": 7} | ({"before": before} if before else {}))).json()
        numbers += [one["number"] for one in page["entries"]]
        before = page["next_before"]
        if before is None:
            break
    assert numbers == list(range(numbers[0], 0, -1))
    assert (await live.http.get("/audit", params={"from": "yesterday"})).status_code == 422


async def test_it_is_checked_and_exported(live: Live, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verdict = (await live.http.get("/audit/verify")).json()
    assert verdict["intact"], verdict
    assert verdict["journal"] > 5
    export = (await live.http.get("/audit/export", params={"format": "jsonl"})).text
    file = tmp_path / "audit.jsonl"
    file.write_text(export)
    lines = [json.loads(line) for line in export.splitlines()]
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    code, out, _ = await say(capsys, "audit", "verify", "--file", str(file))
    assert (code, out.startswith(f"Intact: {len(lines)} entries")) == (0, True)
    lines[3]["text"] = "something else"
    del lines[7]
    file.write_text("\n".join(json.dumps(line) for line in lines))
    code, _, err = await say(capsys, "audit", "verify", "--file", str(file))
    assert code == 1
    assert "Entry 4 was changed" in err
    assert "Entry 8 is missing" in err
    assert (await entries(live, what="audit.exported"))[0]["subject"] == "jsonl"


async def test_a_spreadsheet_runs_nothing_of_it(live: Live) -> None:
    headers = {"Idempotency-Key": '=HYPERLINK("http://x","y")', "X-Ironbridge-Why": "%2B1, %22so%22%0Athere"}
    body = {"symbol": "AAPL", "side": "BUY", "quantity": "5", "limit_price": "1", "account": "DU1000001"}
    assert (await live.http.post("/orders", json=body, headers=headers)).status_code == 201
    answer = await live.http.get("/audit/export", params={"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    (row,) = [row for row in rows if row["what"] == "order.submitted" and "HYPERLINK" in row["subject"]]
    assert row["subject"] == '\'=HYPERLINK("http://x","y")'
    assert row["why"] == '\'+1, "so"\nthere'
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


async def test_the_command_line_reads_the_home_itself(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    home = ("--home", str(live.home))
    code, out, _ = await say(capsys, "audit", "--subject", "audited", *home)
    assert (code, "order.submitted" in out, "rebalance of März" in out) == (0, True, True)
    code, out, _ = await say(capsys, "audit", "verify", "--json", *home)
    assert (code, json.loads(out)["intact"]) == (0, True)
    code, out, _ = await say(capsys, "audit", "export", "--format", "csv", "--from", "2020-01-01", *home)
    assert (code, out.startswith("number,at,")) == (0, True)
    code, out, _ = await say(capsys, "audit", "--url", live.url, "--token", live.token, "--what", "user.signed_in")
    assert (code, "user.signed_in" in out) == (0, True)


async def test_what_was_done_to_the_file_is_named(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    """Last of all: nothing mends a chain."""
    with closing(sqlite3.connect(live.home / "ironbridge.db")) as connection, connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET actor = 'nobody' WHERE number = 2")
    verdict = (await live.http.get("/audit/verify")).json()
    assert [(one["fault"], one["number"]) for one in verdict["findings"]] == [("changed", 2), ("unprotected", 0)]
    code, _, err = await say(capsys, "audit", "verify", "--home", str(live.home))
    assert code == 1
    assert "Entry 2 was changed" in err


async def test_a_home_without_a_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = await say(capsys, "audit", "--home", str(tmp_path))
    assert code == 1
    assert "no audit log" in err
