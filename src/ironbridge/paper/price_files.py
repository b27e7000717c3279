"""Prices from files, for the venue to replay: CSV, and Parquet where the extra `data` is installed.

Owns the reading of both; what the rows mean is `price_rows`. A whole file is read before the gateway starts: a million
rows take about twenty seconds and half a gigabyte.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ironbridge.errors import InvalidInput
from ironbridge.exchange.catalog import Seedling
from ironbridge.exchange.recorded import Recording
from ironbridge.exchange.universe import Universe
from ironbridge.paper.price_rows import BadRow, PriceRows

BATCH = 10_000
"""Parquet rows that are in memory at a time."""

Rows = Iterator[tuple[str, Mapping[str, Any]]]
"""Rows, each with where it is: "line 7"."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What a file holds.

    Parameters:
        recordings: by con id, for `VenueOptions.recordings`.
        begins: its first moment; a gateway that is to replay it starts its clock here.
        ends: its last moment; from then on the last quote stands.
    """

    recordings: Mapping[int, Recording]
    begins: datetime
    ends: datetime


def load_prices(path: Path, *, stocks: tuple[Seedling, ...] = ()) -> Prices:
    """Read a file of ticks or bars; see `price_rows` for its columns.

    Parameters:
        path: a `.csv` or a `.parquet`.
        stocks: the user's own, as the venue has them.

    Raises:
        InvalidInput: a file that is not there, of another kind, or with a row that means nothing; it names the line.
    """
    suffix = path.suffix.lower()
    if suffix not in {".csv", ".parquet"}:
        raise InvalidInput(f"{path.name} is no price file.", next_step="Give a .csv or a .parquet.")
    try:
        columns, rows = _csv(path) if suffix == ".csv" else _parquet(path)
        return _collected(PriceRows(columns, Universe(stocks)), rows)
    except BadRow as error:
        raise InvalidInput(f"{path.name}, {error.message}", next_step=error.next_step) from error
    except InvalidInput as error:
        raise InvalidInput(f"{path.name}: {error.message}", next_step=error.next_step) from error
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read: {error.strerror or error}.", next_step="Name a file that is there and readable."
        ) from error


def _collected(taken: PriceRows, rows: Rows) -> Prices:
    for where, row in rows:
        try:
            taken.take(row)
        except BadRow as error:
            raise BadRow(f"{where}: {error.message}", next_step=error.next_step) from error
    recordings = taken.recordings()
    return Prices(
        recordings,
        min(moments[0].time for moments in recordings.values()),
        max(moments[-1].time for moments in recordings.values()),
    )


def _csv(path: Path) -> tuple[list[str], Rows]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            columns = next(csv.reader(file), [])
        except (UnicodeDecodeError, csv.Error) as error:
            raise InvalidInput(f"it is no CSV file: {error}.", next_step="Save it as CSV in UTF-8.") from error
    names = [name.strip().lower() for name in columns]
    return names, _csv_rows(path, names)


def _csv_rows(path: Path, names: list[str]) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        next(reader, None)
        try:
            for fields in reader:
                if not fields:
                    continue
                where = f"line {reader.line_num}"
                if len(fields) != len(names):
                    raise BadRow(f"{where}: it has {len(fields)} fields where the header has {len(names)}.")
                yield where, dict(zip(names, fields, strict=True))
        except (UnicodeDecodeError, csv.Error) as error:
            raise BadRow(f"line {reader.line_num + 1}: it is no CSV: {error}.") from error


def _parquet(path: Path) -> tuple[list[str], Rows]:
    try:
        import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
        from pyarrow import parquet
    except ImportError:
        raise InvalidInput(
            "reading Parquet needs pyarrow, which is not installed.",
            next_step="Install it with `pip install 'ironbridge[data]'`, or give a .csv.",
        ) from None
    try:
        table = parquet.ParquetFile(path)
        names = [str(name).strip().lower() for name in table.schema_arrow.names]
    except pa.ArrowException as error:
        raise InvalidInput(f"it is no Parquet file: {error}", next_step="Write it with pyarrow or pandas.") from error
    return names, _parquet_rows(table, names, pa)


def _parquet_rows(table: Any, names: list[str], pa: Any) -> Rows:
    number = 0
    try:
        for batch in table.iter_batches(batch_size=BATCH):
            columns = [_values(column, pa) for column in batch.columns]
            for values in zip(*columns, strict=True):
                number += 1
                yield f"row {number}", dict(zip(names, values, strict=True))
    except pa.ArrowException as error:
        raise BadRow(f"row {number + 1}: it cannot be read: {error}") from error


def _values(column: Any, pa: Any) -> list[Any]:
    """A column's values; its times cut to microseconds, which are as fine as Python's own are."""
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    found: list[Any] = column.to_pylist()
    return found
