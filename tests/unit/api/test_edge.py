"""The outermost layers: bugs become answers, bodies stay bounded, pages come with their policy."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from ironbridge.api.edge import Edge
from ironbridge.api.pages import console_route
from ironbridge.ops.metrics import Metrics


async def _fail(request: Request) -> PlainTextResponse:
    raise RuntimeError("a secret inside")


async def _fail_late(request: Request) -> StreamingResponse:
    async def parts() -> Any:
        yield b"begun"
        raise RuntimeError("too late")

    return StreamingResponse(parts())


def client(*routes: Route, metrics: Metrics | None = None) -> httpx.AsyncClient:
    app = Starlette(routes=routes, middleware=[Middleware(Edge, metrics=metrics or Metrics())])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service")


async def test_a_bug_becomes_a_problem_and_a_log_line(caplog: pytest.LogCaptureFixture) -> None:
    metrics = Metrics()
    async with client(Route("/bug", _fail), metrics=metrics) as http:
        response = await http.get("/bug", headers={"X-Request-ID": "find-me"})
    body = response.json()
    assert (response.status_code, body["slug"], body["outcome"]) == (500, "internal-error", "unknown")
    assert body["request_id"] == response.headers["X-Request-ID"] == "find-me"
    assert "secret" not in response.text
    assert any(record.exc_info for record in caplog.records if record.levelno == logging.ERROR)
    assert b'ironbridge_http_request_seconds_count{operation="_fail",status="500"} 1.0' in metrics.page()


async def test_a_bug_after_the_first_byte_is_logged_and_cuts_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    async with client(Route("/late", _fail_late)) as http:
        with pytest.raises(RuntimeError, match="too late"):
            await http.get("/late")
    assert any(record.exc_info for record in caplog.records)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<html>console</html>")
    (static / "favicon.svg").write_text("<svg/>")
    (static / "assets" / "index-B3x_9aQ2.js").write_text("run()")
    (static / ".ironbridge-built").write_text("mark")
    (tmp_path / "secret.txt").write_text("secret")
    return static


async def test_the_console_is_served_with_its_policy_and_kept_as_long_as_is_right(built: Path) -> None:
    async with client(console_route(built)) as http:
        index = await http.get("/")
        deep = await http.get("/orders/some-key")
        script = await http.get("/assets/index-B3x_9aQ2.js")
        icon = await http.get("/favicon.svg")
    assert index.text == deep.text == "<html>console</html>"
    assert index.headers["Cache-Control"] == "no-cache"
    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "javascript" in script.headers["Content-Type"]
    assert icon.headers["Cache-Control"] == "no-cache"
    for response in (index, deep, script):
        assert "script-src 'self';" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    (
        "/assets/none.js",
        "/.ironbridge-built",
        "/..%2fsecret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/api/v1/ib/nothing",
        "/api",
    ),
)
async def test_nothing_else_is_served(built: Path, path: str) -> None:
    async with client(console_route(built)) as http:
        response = await http.get(path)
    assert response.status_code == 404
    assert "secret" not in response.text.replace("secret.txt", "")


async def test_without_a_build_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    async with client(console_route(tmp_path / "none")) as http:
        response = await http.get("/")
    assert response.status_code == 200
    assert "make console" in response.text
