"""The built console, served from the package, and a plain page where it has not been built.

Every GET that is no API address gets a file of the build or, for the console's own addresses, its index page. Files
with a hash in their name are kept for good, the index never. The policy lets the page run only what came from here.
"""

from __future__ import annotations

import re
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

STATIC = Path(__file__).parent / "static"

# Styles may be inline: chart and dialog libraries set them from scripts. Scripts may not.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

_HASHED = re.compile(r"[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
_FOREVER = "public, max-age=31536000, immutable"

_UNBUILT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Ironbridge</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}</style></head>
<body>
<h1>Ironbridge is running</h1>
<p>The service answers under <code>/api/v1/ib</code>; its contract is
<a href="/api/v1/ib/openapi.json">openapi.json</a>.</p>
<p>The console has not been built into this installation. In a checkout, <code>make console</code> builds it;
then load this page again.</p>
</body>
</html>
"""


def console_route(static: Path = STATIC) -> Route:
    """The route for everything that is not the API. It must come last."""
    root = static.resolve()

    async def serve_page(request: Request) -> Response:
        path: str = request.path_params["path"]
        if path == "api" or path.startswith("api/"):
            raise HTTPException(404, f"There is no {request.url.path}.")
        headers = {"Content-Security-Policy": POLICY}
        wanted = (root / path).resolve()
        if path and wanted.is_relative_to(root) and wanted.is_file() and not wanted.name.startswith("."):
            kept = _FOREVER if "assets" in wanted.parts and _HASHED.search(wanted.name) else "no-cache"
            return FileResponse(wanted, headers=headers | {"Cache-Control": kept})
        if "." in path.rpartition("/")[2]:
            raise HTTPException(404, f"There is no {request.url.path}.")
        index = root / "index.html"
        if not index.is_file():
            return HTMLResponse(_UNBUILT, headers=headers | {"Cache-Control": "no-store"})
        return FileResponse(index, headers=headers | {"Cache-Control": "no-cache"})

    return Route("/{path:path}", serve_page, methods=["GET", "HEAD"], include_in_schema=False)
