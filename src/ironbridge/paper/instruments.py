"""The user's own stocks and funds, from a YAML file.

    stocks:
      - symbol: ACME
        price: 42.50
      - symbol: ZETA
        price: 9.10
        long_name: ZETA FUND
        stock_type: ETF
        volatility: 0.15
        spread: 2

`symbol` and `price` are needed, the rest is how the stock trades: see `Seedling`. One under a symbol that the venue
lists already takes its place. A con id that is not given is made from the symbol, the same in every run.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from ironbridge.errors import InvalidInput
from ironbridge.exchange import catalog
from ironbridge.exchange.catalog import Seedling
from ironbridge.exchange.universe import Universe
from ironbridge.paper.fault_text import checked_keys, text_of
from ironbridge.paper.yaml_text import Document, Path, read_text

EXCHANGES = ("NASDAQ", "NYSE", "ARCA", "AMEX", "BATS")
TYPES = ("COMMON", "ETF")
MAX_STOCKS = 5_000

_SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9.]{0,11}(?: [A-Z0-9]{1,3})?", re.ASCII)
_FIRST_OWN_ID, _OWN_IDS = 1_900_000_000, 100_000_000
"""Con ids above those that IB gives and the venue makes."""


@dataclass(frozen=True, slots=True)
class _Number:
    """A number that a stock has: what it is where it is not given, and its bounds."""

    default: float | None
    least: float
    most: float
    whole: bool = False


_NUMBERS = {
    "price": _Number(None, 0.01, 1_000_000),
    "volatility": _Number(0.3, 0.001, 5),
    "beta": _Number(1.0, -10, 10),
    "spread": _Number(1, 1, 1_000, whole=True),
    "depth": _Number(300, 1, 10_000_000, whole=True),
    "daily_volume": _Number(5_000_000, 1, 10_000_000_000, whole=True),
}
_TEXTS = ("long_name", "industry", "category", "subcategory")
_KEYS = ("symbol", "con_id", *_NUMBERS, "primary_exchange", "stock_type", *_TEXTS)


def load_instruments(path: FilePath) -> tuple[Seedling, ...]:
    """The stocks of a file.

    Raises:
        InvalidInput: it cannot be read, or one of its stocks cannot be listed; with file, line and stock.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}.", next_step="Name a YAML file.") from error
    return read_instruments(text, path.name)


def read_instruments(text: str, name: str) -> tuple[Seedling, ...]:
    """The stocks of a file's text.

    Raises:
        InvalidInput: as `load_instruments`.
    """
    document = read_text(text, name)
    rows = checked_keys(document, (), document.value, ("stocks",), needed=("stocks",))["stocks"]
    if not isinstance(rows, list) or not 0 < len(rows) <= MAX_STOCKS:
        raise document.wrong(("stocks",), f"the stocks are a list of 1 to {MAX_STOCKS}.")
    listed = Universe()
    found: dict[int, Seedling] = {}
    for at, row in enumerate(rows):
        path: Path = ("stocks", at)
        one = _stock(document, path, row, listed)
        twin = found.get(one.con_id) or next((each for each in found.values() if each.symbol == one.symbol), None)
        if twin is not None:
            raise document.wrong(path, f"{one.symbol} and {twin.symbol} have one symbol or one con id.")
        found[one.con_id] = one
    return tuple(found.values())


def _stock(document: Document, path: Path, row: object, listed: Universe) -> Seedling:
    given = checked_keys(document, path, row, _KEYS, needed=("symbol", "price"))
    symbol = text_of(document, (*path, "symbol"), given["symbol"])
    if not _SYMBOL.fullmatch(symbol):
        raise document.wrong((*path, "symbol"), f"{symbol!r} is no symbol.", next_step="Give capitals, as in ACME.")
    numbers = {key: _number(document, (*path, key), given.get(key), kind) for key, kind in _NUMBERS.items()}
    texts = {key: text_of(document, (*path, key), given[key]) for key in _TEXTS if key in given}
    return Seedling(
        symbol=symbol,
        con_id=_con_id(document, (*path, "con_id"), given.get("con_id"), symbol, listed),
        price=float(numbers["price"]),
        volatility=float(numbers["volatility"]),
        beta=float(numbers["beta"]),
        spread=int(numbers["spread"]),
        depth=int(numbers["depth"]),
        daily_volume=int(numbers["daily_volume"]),
        primary_exchange=_one_of(document, (*path, "primary_exchange"), given.get("primary_exchange"), EXCHANGES),
        stock_type=_one_of(document, (*path, "stock_type"), given.get("stock_type"), TYPES),
        **{"long_name": symbol, **texts},
    )


def _number(document: Document, path: Path, value: Any, kind: _Number) -> float:
    if value is None and kind.default is not None:
        return kind.default
    if type(value) not in ({int} if kind.whole else {int, float}):
        raise document.wrong(path, f"{value!r} is not a {'whole ' if kind.whole else ''}number.")
    if not kind.least <= value <= kind.most:
        raise document.wrong(path, f"{value!r} is out of bounds.", next_step=f"Give {kind.least:g} to {kind.most:g}.")
    return float(value)


def _one_of(document: Document, path: Path, value: object, known: tuple[str, ...]) -> str:
    if value is None:
        return known[0]
    if value not in known:
        raise document.wrong(path, f"{value!r} is not known.", next_step=f"Give one of {', '.join(known)}.")
    return str(value)


def _con_id(document: Document, path: Path, value: object, symbol: str, listed: Universe) -> int:
    built_in = next((row.con_id for row in catalog.STOCKS if row.symbol == symbol), None)
    if value is None:
        return built_in or _FIRST_OWN_ID + zlib.crc32(symbol.encode()) % _OWN_IDS
    if type(value) is not int or not 0 < value < 2**31:
        raise document.wrong(path, f"{value!r} is no con id.", next_step="Give a whole number below 2147483648.")
    holder = listed.by_con_id(value)
    if (holder is not None and holder.symbol != symbol) or (built_in is not None and built_in != value):
        name = holder.local_symbol if holder is not None else f"{symbol} under {built_in}"
        raise document.wrong(path, f"the venue lists {name} already.", next_step="Leave the con id out.")
    return value
