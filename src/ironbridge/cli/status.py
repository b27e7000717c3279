"""`ironbridge status`: where the connection stands."""

from __future__ import annotations

from typing import Any

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
        if len(found["sessions"]) > 1 or len(found["sessions"][0]["gateways"]) > 1:
            rows += [(f"session {each['name']}", _session(each)) for each in found["sessions"]]
        if found["last_error"]:
            rows.append(("last error", found["last_error"]))
        grid = show.table(("", ""), [row for row in rows if row[1]])
        grid.show_header = False
        show.out().print(grid)
    if not found["ready"]:
        raise typer.Exit(Exit.NOT_CONNECTED)


def _session(session: dict[str, Any]) -> str:
    """One session in a line: what it carries, where it is, what is wrong with it."""
    carries = "orders" if session["carries_orders"] else "market data"
    if session["kinds"]:
        carries += f" ({', '.join(session['kinds'])})"
    gateways = [_gateway(each) for each in session["gateways"]]
    text = f"{session['state']}, {carries}, client {session['client_id']}, at {'; '.join(gateways)}"
    text += f", {session['lines']} of {session['line_limit']} lines"
    if session["waiting"]:
        text += f", {session['waiting']} messages wait {session['eta_s']:.1f} s"
    if session["near"]:
        text += f", near its limit: {', '.join(session['near'])}"
    return text if session["ready"] else f"{text}: {session['reason']}"


def _gateway(gateway: dict[str, Any]) -> str:
    role = "" if gateway["primary"] else "backup "
    state = "refused" if gateway["refused"] else "breaker open" if gateway["breaker"] == "open" else ""
    here = "here" if gateway["current"] else ""
    notes = ", ".join(note for note in (here, state) if note)
    return f"{role}{gateway['host']}:{gateway['port']}" + (f" ({notes})" if notes else "")
