"""What commands print: tables for people on a terminal, JSON for scripts.

What draws the tables is loaded where one is drawn: a paper gateway that a test starts draws none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

_PIPE_WIDTH = 200
"""Columns where the output is no terminal: wide enough that no cell is cut."""

_STATE_STYLES = {
    "filled": "green",
    "working": "cyan",
    "accepted": "cyan",
    "cancelled": "dim",
    "not_sent": "dim",
    "closed": "dim",
    "rejected": "red",
    "unknown": "bold yellow",
    "ready": "green",
    "degraded": "yellow",
    "failed": "red",
}


def out() -> Console:
    """Where tables go."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)


def as_json(content: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode())


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Sequence[str] = ()) -> Table:
    """A plain table; the columns named in `right` hold numbers."""
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", no_wrap=column in right)
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(_plain(cell)) for cell in row))
    return made


def state(name: str) -> Text:
    """A state, in its colour."""
    from rich.text import Text

    return Text(name.replace("_", " "), style=_STATE_STYLES.get(name, ""))


def clock_time(moment: str) -> str:
    """An ISO moment as this machine's time of day."""
    return datetime.fromisoformat(moment).astimezone().strftime("%H:%M:%S")


def price(value: float | str | None) -> str:
    """A price or an amount, with nothing where there is none."""
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:.10g}"


def amount(value: str | None, places: int = 4) -> str:
    """An amount with at most so many decimals: an average over a few units can have endless ones."""
    if value is None:
        return "-"
    rounded = round(Decimal(value), places)
    return f"{rounded.normalize():f}"


def _plain(cell: Any) -> str:
    return "-" if cell is None or cell == "" else str(cell)
