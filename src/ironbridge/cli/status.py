"""`ironbridge status`: where the connection stands."""

from __future__ import annotations

import typer

from ironbridge.cli import show
from ironbridge.cli.exits import Exit
from ironbridge.cli.service import PREFIX, HomeOption, JsonOption, TokenOption, UrlOption, find_service

EXAMPLES = """\
ironbridge status
ironbridge status --json
"""


def status(
    *, home: HomeOption = None, url: UrlOption = None, token: TokenOption = None, as_json: JsonOption = False
) -> None:
    """Say whether the service is up and its session ready. Exits with 3 where orders cannot be sent."""
    service = find_service(home, url, token)
    found = service.get(f"{PREFIX}/connection/status")
    if as_json:
        show.as_json(found | {"url": service.url})
    else:
        kind = "built-in paper gateway" if found["embedded"] else "gateway"
        account = found["account"] or "none yet"
        paper = {True: " (paper)", False: " (LIVE)", None: ""}[found["paper"]]
        rows = [
            ("service", service.url),
            ("session", show.state(found["state"])),
            ("", found["reason"]),
            ("gateway", f"{kind} at {found['host']}:{found['port']} as client {found['client_id']}"),
            ("account", account + paper),
            ("IB behind it", "reached" if found["upstream"] else "not reached"),
        ]
        if found["last_error"]:
            rows.append(("last error", found["last_error"]))
        grid = show.table(("", ""), [row for row in rows if row[1]])
        grid.show_header = False
        show.out().print(grid)
    if not found["ready"]:
        raise typer.Exit(Exit.NOT_CONNECTED)
