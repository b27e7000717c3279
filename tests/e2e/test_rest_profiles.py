"""Profiles, sources and logins over REST: made, used, refused, and counted from when they say."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ironbridge.bootstrap import open_profiles
from ironbridge.domain.session import Endpoint
from ironbridge.ib import IbGateway
from ironbridge.paper import PaperGateway
from ironbridge.paper.faults import Drop
from ironbridge.session import SlidingWindowPacer, SystemClock
from ironbridge.settings import load_settings

from .conftest import running

if TYPE_CHECKING:
    from .conftest import Live

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def made(live: Live, name: str, **settings: Any) -> None:
    response = await live.http.post("/profiles", json={"name": name, "settings": settings})
    assert response.status_code == 201, response.text


async def test_a_profile_is_made_used_and_forgotten(live: Live) -> None:
    await made(live, "tws", host="127.0.0.1", port=7496, client_id=4)
    one = await live.http.get("/profiles/tws")
    body = one.json()
    assert one.headers["ETag"] == '"tws:1"'
    assert (body["current"], body["in_session"], body["given"]) == (False, False, ["client_id", "host", "port"])
    assert (body["settings"]["port"], body["settings"]["retry_attempts"]) == (7496, 0)
    assert any("real" in warning["message"] for warning in body["warnings"])
    copied = await live.http.post("/profiles", json={"name": "copy", "copy_of": "tws", "settings": {"port": 7497}})
    assert (copied.json()["settings"]["client_id"], copied.json()["warnings"]) == (4, [])
    changed = await live.http.patch("/profiles/copy", json={"client_id": None, "account": "U1234567"})
    assert (changed.json()["given"], changed.json()["version"]) == (["account", "host", "port"], 2)
    assert "not armed" in changed.json()["warnings"][0]["message"]
    before = (await live.http.get("/connection/status")).json()
    used = await live.http.post("/profiles/copy/activate")
    assert used.json()["current"]
    assert (await live.http.get("/connection/status")).json()["since"] == before["since"], "the session goes on"
    settings = (await live.http.get("/settings")).json()
    assert (settings["profile"], settings["pending"]) == ("copy", ["port", "account"])
    for name in ("copy", "default"):
        refused = await live.http.delete(f"/profiles/{name}")
        assert (refused.status_code, refused.json()["slug"]) == (409, "profile-in-use"), refused.text
    assert (await live.http.post("/profiles/default/activate", params={"reconnect": True})).status_code == 200
    await live.ready()
    for name in ("copy", "tws"):
        assert (await live.http.delete(f"/profiles/{name}")).status_code == 204
    listed = (await live.http.get("/profiles")).json()
    assert [(one["name"], one["current"], one["in_session"]) for one in listed["profiles"]] == [("default", True, True)]
    assert listed["current"] == "default"


async def test_whoever_changes_what_he_has_not_seen_is_told(live: Live) -> None:
    await made(live, "race", port=7497)
    tag = (await live.http.get("/profiles/race")).headers["ETag"]
    both = await asyncio.gather(
        *(live.http.patch("/profiles/race", json={"port": port}, headers={"If-Match": tag}) for port in (7001, 7002))
    )
    assert sorted(response.status_code for response in both) == [200, 412]
    (late,) = [response.json() for response in both if response.status_code == 412]
    assert (late["slug"], late["outcome"]) == ("profile-changed", "not_sent")
    assert "Look at what it holds now" in late["next_step"]
    for response in (
        await live.http.delete("/profiles/race", headers={"If-Match": tag}),
        await live.http.post("/profiles/race/activate", headers={"If-Match": tag}),
        await live.http.patch("/profiles/race", json={}, headers={"If-Match": '"default:1"'}),
    ):
        assert response.status_code == 412
    assert (await live.http.delete("/profiles/race", headers={"If-Match": "nonsense"})).status_code == 422
    settings = await live.http.get("/settings")
    body = settings.json()["settings"]
    first = await live.http.put(
        "/settings", json=body | {"retry_attempts": 7}, headers={"If-Match": settings.headers["ETag"]}
    )
    assert first.status_code == 200
    assert first.headers["ETag"] != settings.headers["ETag"]
    second = await live.http.put("/settings", json=body, headers={"If-Match": settings.headers["ETag"]})
    assert second.status_code == 412
    assert (await live.http.put("/settings", json=body)).json()["settings"]["retry_attempts"] == 0
    assert (await live.http.delete("/profiles/race", headers={"If-Match": "*"})).status_code == 204


@pytest.mark.parametrize(
    ("body", "words"),
    (
        ({"name": "A B"}, "cannot be a profile's name"),
        ({"name": "x/y"}, "cannot be a profile's name"),
        ({"name": ""}, "at least 1 character"),
        ({"name": "x", "settings": {"port": "7497"}}, "valid integer"),
        ({"name": "x", "settings": {"port": 0}}, "greater than or equal to 1"),
        ({"name": "x", "settings": {"live_account": "U1"}}, "extra"),
        ({"name": "x", "settings": {"host": "a b"}}, "without a port or a path"),
        ({"name": "x", "settings": {"backups": ["nonsense"]}}, "is no address"),
        ({"name": "x", "settings": {"backups": ["10.0.0.2:4002"]}}, "set host"),
        ({"name": "x", "settings": {"gateway_zone": "Mars"}}, "time zone"),
        ({"name": "x", "settings": [1]}, "dictionary"),
        ({"settings": {}}, "field required"),
    ),
)
async def test_a_profile_that_cannot_be_meant(live: Live, body: dict[str, Any], words: str) -> None:
    response = await live.http.post("/profiles", json=body)
    problem = response.json()
    assert response.status_code == 422, response.text
    assert words in problem["detail"], problem
    assert problem["next_step"]
    assert [one["name"] for one in (await live.http.get("/profiles")).json()["profiles"]] == ["default"]


async def test_profiles_that_are_not_there(live: Live) -> None:
    for method, path, body in (
        ("GET", "/profiles/none", None),
        ("PATCH", "/profiles/none", {"port": 1}),
        ("DELETE", "/profiles/none", None),
        ("POST", "/profiles/none/activate", None),
        ("POST", "/profiles", {"name": "x", "copy_of": "none"}),
        ("POST", "/connection/test", {"profile": "none"}),
        ("POST", "/settings/credentials", {"username": "u", "password": "p", "profile": "none"}),
    ):
        response = await live.http.request(method, path, json=body)
        assert (response.status_code, response.json()["slug"]) == (404, "profile-not-found"), path
    taken = await live.http.post("/profiles", json={"name": "default"})
    assert (taken.status_code, taken.json()["slug"]) == (409, "profile-exists")


async def test_every_value_says_where_it_is_from_and_what_is_fixed_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "ironbridge.toml").write_text("stale_after = 20\n")
    async with running(home, client_id=9) as live:
        shown = await live.http.get("/settings")
        fields = {one["name"]: one for one in shown.json()["fields"]}
        assert (fields["client_id"]["source"], fields["client_id"]["fixed"]) == ("argument", True)
        assert fields["stale_after"]["place"].endswith("ironbridge.toml")
        assert (fields["port"]["source"], fields["port"]["fixed"]) == ("default", False)
        assert fields["live_account"]["of_profile"] is False
        assert fields["max_order_notional"]["value"] == "1000000"
        assert (fields["market_data_type"]["effect"], fields["host"]["effect"]) == ("next-subscription", "next-connect")
        body = shown.json()["settings"]
        refused = await live.http.put("/settings", json=body | {"client_id": 10, "retry_attempts": 2})
        assert (refused.status_code, refused.json()["slug"]) == (409, "setting-fixed")
        assert "client_id is 9 by an argument" in refused.json()["detail"]
        filed = await live.http.patch("/profiles/default", json={"stale_after": 5.0})
        assert "ironbridge.toml" in filed.json()["detail"]
        assert (await live.http.get("/settings")).json()["settings"] == body, "all or nothing"
        saved = await live.http.put("/settings", json=body | {"retry_attempts": 2})
        assert saved.json()["version"] == 2
        fields = {one["name"]: one for one in saved.json()["fields"]}
        assert fields["retry_attempts"]["place"] == "the profile default"
        await made(live, "other", client_id=3)
        (over,) = (await live.http.get("/profiles/other")).json()["overridden"]
        assert over == {"field": "client_id", "by": "an argument"}
        log = (await live.http.get("/audit", params={"what": "profile"})).json()["entries"]
        assert log[-1]["details"] == {"retry_attempts": {"before": None, "after": 2}}
        assert log[-1]["actor"]["via"] == "rest"
    async with running(home) as live:
        settings = (await live.http.get("/settings")).json()
        assert (settings["settings"]["retry_attempts"], settings["settings"]["client_id"]) == (2, 1)


async def test_a_change_counts_from_when_it_says(tmp_path: Path) -> None:
    async with running(tmp_path / "home") as live, live.stream("market-data") as quotes:
        await quotes.send({"action": "subscribe", "symbols": ["AAPL"]})
        await quotes.until(lambda m: m["type"] == "market_data" and m["symbol"] == "AAPL" and m["kind"] == "live")
        changes = {
            "messages_per_second": 20, "market_data_lines": 7, "history_requests": 30, "history_open": 6,
            "depth_streams": 2, "tick_by_tick_streams": 4, "market_data_type": 3, "stale_after": 0.2,
        }  # fmt: skip
        changed = await live.http.patch("/profiles/default", json=changes)
        assert changed.status_code == 200, changed.text
        limits = {one["limit"]: one["allowed"] for one in (await live.http.get("/connection/pacing")).json()["limits"]}
        assert limits == {
            "messages": 20, "lines": 7, "history": 30, "history_open": 6, "depth": 2, "tick_by_tick": 4,
            "history_contract": 5,
        }  # fmt: skip
        await quotes.send({"action": "subscribe", "symbols": ["MSFT"]})
        await quotes.until(lambda m: m["type"] == "market_data" and m["symbol"] == "MSFT" and m["kind"] == "delayed")
        await quotes.until(lambda m: m["type"] == "market_data" and m["quality"] == "stale")
        view = (await live.http.get("/settings")).json()
        assert (view["pending"], view["restart"]) == ([], [])
        back = await live.http.patch("/profiles/default", json=dict.fromkeys(changes))
        assert back.json()["given"] == []


async def test_orders_go_to_the_account_that_the_session_was_made_for(tmp_path: Path) -> None:
    accounts = ("DU7000001", "DU7000002")
    async with (
        PaperGateway(port=0, accounts=accounts, step=0.02) as gateway,
        running(tmp_path / "home", host="127.0.0.1", port=gateway.port) as live,
    ):
        order = {"symbol": "AAPL", "side": "BUY", "quantity": "1", "limit_price": "1"}

        async def account_of_an_order() -> str:
            made = await live.http.post("/orders", json=order)
            assert made.status_code == 201, made.text
            return str(live.bridge.orders.get(made.json()["key"]).request.account)

        several = await live.http.post("/orders", json=order)
        assert "Name one of DU7000001, DU7000002" in several.json()["next_step"]
        await made(live, "first", account=accounts[0])
        await made(live, "second", account=accounts[1])
        assert (await live.http.post("/profiles/first/activate?reconnect=true")).status_code == 200
        await live.ready()
        assert await account_of_an_order() == accounts[0]
        assert (await live.http.post("/profiles/second/activate")).status_code == 200
        assert await account_of_an_order() == accounts[0], "that profile is for the next connect"
        assert (await live.http.get("/settings")).json()["pending"] == ["account"]
        assert (await live.http.post("/connection/reconnect")).status_code == 200
        await live.ready()
        assert await account_of_an_order() == accounts[1]


async def test_a_lost_session_comes_back_under_its_own_client_id(tmp_path: Path) -> None:
    """Another id is owned first, and that is done where a person connects (I-19)."""
    async with running(tmp_path / "home") as live:
        assert live.bridge.paper is not None
        await live.http.patch("/profiles/default", json={"client_id": 8})
        assert (await live.http.get("/settings")).json()["pending"] == ["client_id"]
        async with live.stream("connection") as stream:
            await stream.next()
            live.bridge.paper.faults.inject(Drop())
            await stream.until(lambda m: m["type"] == "connection" and m["after"] == "ready")
        assert (await live.http.get("/connection/status")).json()["client_id"] == 1
        assert (await live.http.post("/connection/reconnect")).status_code == 200
        await live.ready()
        assert (await live.http.get("/connection/status")).json()["client_id"] == 8
        assert (await live.http.get("/settings")).json()["pending"] == []


async def test_a_database_that_is_held_changes_nothing_and_says_so(tmp_path: Path) -> None:
    async with running(tmp_path / "home") as live:
        with closing(sqlite3.connect(tmp_path / "home/ironbridge.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            held = await live.http.patch("/profiles/default", json={"port": 7497})
            assert (held.status_code, held.json()["slug"]) == (503, "storage-error")
            assert "Another program holds it" in held.json()["next_step"]
            assert (await live.http.get("/settings")).json()["version"] == 1
            other.execute("ROLLBACK")
        assert (await live.http.patch("/profiles/default", json={"port": 7497})).json()["version"] == 2


async def test_a_login_is_kept_and_never_shown(live: Live) -> None:
    secret, user = "corr3ct-horse", "trader-joe"
    stored = await live.http.post("/settings/credentials", json={"username": user, "password": secret})
    assert (stored.status_code, stored.json()["profile"]) == (200, "default")
    everything = [
        stored,
        await live.http.get("/settings/credentials"),
        await live.http.get("/settings"),
        await live.http.get("/profiles"),
        await live.http.get("/audit"),
    ]
    for response in everything:
        assert response.status_code == 200
        assert secret not in response.text
        assert user not in response.text
    assert everything[3].json()["profiles"][0]["login_kept_at"] == stored.json()["changed_at"]
    assert (await live.bridge.credentials.reveal("default")).password == secret
    assert "trader" not in repr(await live.bridge.credentials.reveal("default"))
    assert (await live.http.post("/settings/credentials/rotate")).json() == {"secrets": 2}
    assert (await live.bridge.credentials.reveal("default")).username == user
    for bad in (
        {"username": user},
        {"username": user, "password": ""},
        {"username": user, "password": "a\nb" + secret},
        {"username": user, "password": 7},
        {"username": user, "password": secret * 99},
    ):
        refused = await live.http.post("/settings/credentials", json=bad)
        assert refused.status_code == 422
        assert secret not in refused.text
    assert (await live.http.delete("/settings/credentials")).status_code == 204
    assert (await live.http.delete("/settings/credentials")).json()["slug"] == "credential-not-found"
    for file in ("ironbridge.db", "ironbridge.db-wal"):
        assert secret.encode() not in (live.home / file).read_bytes()


async def test_a_test_tells_what_a_session_would_find_and_touches_none(live: Live) -> None:
    status = (await live.http.get("/connection/status")).json()
    clock = SystemClock()
    async with PaperGateway(port=0, accounts=("DU7654321",), step=0.02) as other:
        body = {"host": "127.0.0.1", "port": other.port, "client_id": 5}
        fine = (await live.http.post("/connection/test", json=body)).json()
        assert (fine["ok"], fine["healthy"], fine["client_id_tried"]) == (True, True, True)
        assert (fine["accounts"], fine["paper"], fine["market_data"]) == (["DU7654321"], True, "live")
        assert 0 < fine["round_trip_ms"] < 5000
        assert [step["name"] for step in fine["steps"] if step["ok"]] == ["tcp", "api", "session"]
        ours = (await live.http.post("/connection/test", json=body | {"client_id": status["client_id"]})).json()
        assert (ours["ok"], ours["client_id_tried"]) == (True, False)
        wrong = (await live.http.post("/connection/test", json=body | {"account": "DU1"})).json()
        assert (wrong["ok"], [one["id"] for one in wrong["findings"]]) == (False, ["unknown-account"])
        assert wrong["next_step"]
        await made(live, "there", **body)
        by_name = (await live.http.post("/connection/test", json={"profile": "there", "market_data_type": 3})).json()
        assert (by_name["port"], by_name["market_data"]) == (other.port, "delayed")
        holder = IbGateway(SlidingWindowPacer(clock), clock)
        await holder.connect(Endpoint("127.0.0.1", other.port, 5))
        taken = (await live.http.post("/connection/test", json=body)).json()
        assert (taken["ok"], taken["steps"][-1]["ok"]) == (False, False)
        assert "client-id-in-use" in {one["id"] for one in taken["findings"]}
        assert holder.connected
        await holder.disconnect()
    assert (await live.http.delete("/profiles/there")).status_code == 204
    own = (await live.http.post("/connection/test")).json()
    assert (own["ok"], own["client_id_tried"]) == (True, False)
    after = (await live.http.get("/connection/status")).json()
    assert (after["state"], after["since"]) == (status["state"], status["since"])
    for bad in ({"port": 0}, {"host": "a b"}, {"client_id": -1}, {"live_account": "U1"}, {"market_data_type": 9}):
        assert (await live.http.post("/connection/test", json=bad)).status_code == 422, bad


async def test_put_takes_every_setting_of_a_profile_and_leaves_what_is_not_sent(live: Live) -> None:
    before = (await live.http.get("/settings")).json()["settings"]
    familiar = {name: before[name] for name in (
        "host", "port", "client_id", "account", "market_data_type", "auto_connect", "active", "connection_timeout",
        "retry_attempts", "market_data_permissions",
    )}  # fmt: skip
    changed = await live.http.put("/settings", json=familiar | {"answer_timeout": 4, "failback": "asked"})
    assert changed.status_code == 200, changed.text
    after = changed.json()
    assert after["settings"] == before | {"answer_timeout": 4, "failback": "asked"}
    assert (after["pending"], after["restart"]) == ([], [])
    assert live.bridge.orders._watch._seconds() == 4, "in force for the next order"
    assert live.bridge.session.options.failback == "asked"
    assert (await live.http.put("/settings", json=familiar)).json()["settings"] == after["settings"]
    for wrong in ({"answer_timeout": 0}, {"failback": "never"}, {"data_sessions": ["here"]}, {"backups": ["here"]}):
        refused = await live.http.put("/settings", json=familiar | wrong)
        assert refused.status_code == 422, wrong
    put_back = {name: before[name] for name in ("answer_timeout", "failback")}
    assert (await live.http.put("/settings", json=familiar | put_back)).json()["settings"] == before


async def test_a_profile_that_names_no_gateway_is_refused_where_none_is_built_in(tmp_path: Path) -> None:
    async with PaperGateway(port=0, seed=3) as gateway:
        home = tmp_path / "home"
        async with running(home) as first:
            made = {"name": "here", "settings": {"host": "127.0.0.1", "port": gateway.port, "client_id": 9}}
            assert (await first.http.post("/profiles", json=made)).status_code == 201
            assert (await first.http.post("/profiles/here/activate")).status_code == 200
        async with running(home) as live:
            assert live.bridge.paper is None
            assert (await live.http.post("/profiles/default/activate")).status_code == 200
            assert "host" in (await live.http.get("/settings")).json()["restart"]
            refused = await live.http.post("/connection/reconnect")
            assert refused.json()["slug"] == "no-gateway", refused.text
            assert "start again" in refused.json()["next_step"]
            status = (await live.http.get("/connection/status")).json()
            assert (status["state"], status["port"]) == ("ready", gateway.port), "the session is as it was"


async def test_what_another_process_changes_counts_here_and_is_told(tmp_path: Path) -> None:
    async with (
        PaperGateway(port=0, seed=3) as gateway,
        running(tmp_path / "home", host="127.0.0.1", port=gateway.port) as live,
    ):
        given = load_settings({"home": tmp_path / "home", "host": "127.0.0.1", "port": gateway.port}, {})
        async with live.stream("connection") as connection:
            await connection.next()
            async with open_profiles(given) as (others, _):
                await others.open()
                await others.change("default", {"stale_after": 12})
            told = await connection.until(lambda m: m["type"] == "alert" and m["kind"] == "settings-changed-elsewhere")
            assert "default" in told["text"]
        assert live.bridge.settings.stale_after == 12
        fields = (await live.http.get("/settings")).json()["fields"]
        assert next(each["value"] for each in fields if each["name"] == "stale_after") == 12
