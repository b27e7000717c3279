"""Whose orders something counts for: all, an account's, a strategy's, an instrument's.

A scope is written as text by people and kept as text, so both ways are here; so are the patterns that name instruments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ironbridge.domain.instrument import Instrument, Kind
from ironbridge.domain.order import OrderRequest
from ironbridge.errors import InvalidSettings


class ScopeKind(StrEnum):
    """By what orders are told apart."""

    ALL = "all"
    ACCOUNT = "account"
    STRATEGY = "strategy"
    INSTRUMENT = "instrument"


_NAME = re.compile(r"^[\x21-\x7e](?:[\x20-\x7e]{0,78}[\x21-\x7e])?\Z")
_PATTERN = re.compile(r"^(?:(?P<kind>[A-Z]{2,8}):)?(?P<symbol>\*|[A-Za-z0-9][A-Za-z0-9 .&/_+-]{0,31})\Z")


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """Whose orders a set of limits counts for.

    Parameters:
        kind: by what they are told apart.
        name: the account, the strategy or the instrument; empty for `ScopeKind.ALL`. An instrument is named by its
            symbol (``AAPL``: everything on it), by kind and symbol (``OPT:AAPL``, ``FUT:*``), or by its con_id.

    Raises:
        InvalidSettings: a name that cannot be one.
    """

    kind: ScopeKind = ScopeKind.ALL
    name: str = ""

    def __post_init__(self) -> None:
        if self.kind is ScopeKind.ALL:
            if self.name:
                raise InvalidSettings("The scope of all orders has no name.", next_step="Write it as: all.")
        elif not _NAME.match(self.name):
            raise InvalidSettings(
                f"{self.name!r:.60} is not the name of a {self.kind}.",
                next_step=f"Write the scope as {self.kind}:NAME, with 1 to 80 printable characters.",
            )
        elif self.kind is ScopeKind.INSTRUMENT:
            check_pattern(self.name)

    @classmethod
    def parse(cls, text: str) -> Scope:
        """``all``, ``account:DU1000001``, ``strategy:momentum`` or ``instrument:AAPL``.

        Raises:
            InvalidSettings: another text.
        """
        kind, colon, name = text.strip().partition(":")
        try:
            return cls(ScopeKind(kind.lower()), name.strip() if colon else "")
        except ValueError as error:
            if isinstance(error, InvalidSettings):
                raise
            raise InvalidSettings(
                f"{text!r:.80} is not a scope of risk limits.",
                next_step="Write all, account:NAME, strategy:NAME or instrument:NAME.",
            ) from None

    def covers(self, request: OrderRequest) -> bool:
        """Whether the order falls into this scope."""
        match self.kind:
            case ScopeKind.ALL:
                return True
            case ScopeKind.ACCOUNT:
                return request.account == self.name
            case ScopeKind.STRATEGY:
                return request.strategy == self.name
            case ScopeKind.INSTRUMENT:
                return fits(self.name, request.instrument)

    def __str__(self) -> str:
        return str(self.kind) if self.kind is ScopeKind.ALL else f"{self.kind}:{self.name}"


def check_pattern(pattern: str) -> str:
    """The pattern, if it can name instruments: ``AAPL``, ``OPT:AAPL``, ``FUT:*``, or a con_id.

    Raises:
        InvalidSettings: it cannot.
    """
    found = _PATTERN.match(pattern)
    kind = found["kind"] if found else None
    if found is None or (kind is not None and kind not in {str(each) for each in Kind}):
        raise InvalidSettings(
            f"{pattern!r:.60} names no instruments.",
            next_step="Give a symbol (AAPL), a kind and a symbol (OPT:AAPL, FUT:*), or a con_id.",
        )
    return pattern


def fits(pattern: str, instrument: Instrument) -> bool:
    """Whether the instrument is one of those that the pattern names."""
    if pattern.isdecimal():
        return instrument.con_id == int(pattern)
    kind, colon, symbol = pattern.rpartition(":")
    if colon and kind != instrument.kind:
        return False
    names = {instrument.symbol.upper()}
    if instrument.kind is Kind.FOREX:
        names.add(instrument.pair.upper())
    return symbol == "*" or symbol.upper() in names
