"""A query that is kept up to date: what there is to say of it since it was last heard of.

A gateway speaks every five seconds, at round times: of the bar in progress as far as it has come, and before that, once
more, of each bar that has ended since. Nothing is said of hours in which nothing trades.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from ironbridge.paper.bar_spans import BarSpan
from ironbridge.paper.history_query import Query
from ironbridge.wire.history import HistoricalBar

EVERY = timedelta(seconds=5)
MOST = 720
"""Bars that a jump of the clock still brings one by one: an hour of the shortest that flow."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Follow:
    """One such query.

    Parameters:
        query: what was asked.
        told: up to when the client knows.
    """

    def __init__(self, query: Query, told: datetime) -> None:
        self._query = query
        self._told = told

    def due(self, now: datetime) -> bool:
        return now - (now - _EPOCH) % EVERY > self._told

    def updates(self, now: datetime) -> Iterator[HistoricalBar]:
        """The bars that have changed by the newest round time."""
        until = now - (now - _EPOCH) % EVERY
        return (bar for bar in self._query.bars(self._changed(until)) if bar is not None)

    def _changed(self, until: datetime) -> list[BarSpan]:
        told, self._told = self._told, until
        return [span for span in self._query.spans_since(told, until) if span.windows[-1][1] > told][-MOST:]
