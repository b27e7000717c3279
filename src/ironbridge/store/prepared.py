"""Statements of the order path: written as SQLAlchemy writes them, run as the driver runs them.

An order's intent stands on the disk before its first byte goes, so what happens in that transaction is what every order
waits for. SQLAlchemy's part of an execution takes several times what SQLite takes for the statement. So a statement
that is always the same is compiled once, for the dialect in use, and from then on goes to the driver's cursor as text;
what the driver raises is told by `Lane`, as it is for all other work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Executable


class Prepared:
    """A statement without variable parts but its values.

    Parameters:
        statement: an SQLAlchemy statement; its bound parameters are given by name each time.
    """

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._forms: dict[str, _Form] = {}

    def one(self, connection: Connection, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The row of a statement that always has just one."""
        form = self._form(connection)
        cursor = connection.connection.cursor()
        cursor.execute(form.text, form.ordered(values))
        row: tuple[Any, ...]
        [row] = cursor.fetchall()
        cursor.close()
        return row

    def run(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Execute once for each set of values."""
        form = self._form(connection)
        cursor = connection.connection.cursor()
        cursor.executemany(form.text, [form.ordered(values) for values in rows])
        cursor.close()

    def _form(self, connection: Connection) -> _Form:
        name = connection.dialect.name
        form = self._forms.get(name)
        if form is None:
            form = self._forms[name] = _Form(self._statement, connection)
        return form


class _Form:
    """The statement's text for one dialect, and how its values are ordered."""

    def __init__(self, statement: Executable, connection: Connection) -> None:
        compiled: Any = statement.compile(dialect=connection.dialect)  # type: ignore[attr-defined]  # of every clause
        if compiled.positiontup is None:
            raise TypeError(f"{connection.dialect.name}'s driver does not take values by position.")
        self.text: str = compiled.string
        self._names: tuple[str, ...] = tuple(compiled.positiontup)
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}

    def ordered(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple([values[name] if name in values else self._fixed[name] for name in self._names])
