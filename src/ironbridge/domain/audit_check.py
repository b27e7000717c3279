"""Whether an audit log is what was once written: every entry against its own hash, its place and its neighbours.

Reads raw entries in the order of their numbers and names each that is wrong. What can be told apart:

- changed: an entry's content does not fit its own hash;
- moved: an entry fits its hash under another number, not far away;
- rewritten: an entry fits its own hash, but its successor was chained to another one;
- removed: numbers are missing; at the end, the head that was kept elsewhere tells;
- inserted: an entry after which all others are moved by one.

Somebody who can write the database and every copy of its head can make a whole chain anew: the head belongs where that
person has no hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ironbridge.domain.audit import EMPTY, GENESIS, AuditHead, digest

MOST_FINDINGS = 100
"""Findings that are told one by one; more are counted."""

REACH = 1000
"""How far from its place an entry is looked for that was moved: a few milliseconds' work for each."""


class Fault(StrEnum):
    CHANGED = "changed"
    MOVED = "moved"
    REWRITTEN = "rewritten"
    REMOVED = "removed"
    CUT = "cut"
    """The end of the log is missing."""
    JOURNAL_CHANGED = "journal_changed"
    """A row of the order journal is not the one that the log recorded."""
    JOURNAL_REMOVED = "journal_removed"
    JOURNAL_INSERTED = "journal_inserted"
    """A row of the order journal that the log knows nothing of."""
    UNPROTECTED = "unprotected"
    """The database no longer refuses changes."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Parameters:
        fault: what sort.
        number: the entry, or for the journal's faults the row's sequence; 0 for the log as a whole.
        text: it in words.
    """

    fault: Fault
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check came to.

    Parameters:
        entries: how many were read.
        head: where the chain ends.
        findings: what is wrong, the first `MOST_FINDINGS` of them.
        wrong: how many things are wrong.
        anchored: the head that was kept elsewhere and compared, None where there was none.
        journal: how many rows of the order journal were held against the log.
    """

    entries: int
    head: AuditHead
    findings: tuple[Finding, ...]
    wrong: int
    anchored: AuditHead | None = None
    journal: int = 0

    @property
    def intact(self) -> bool:
        return self.wrong == 0


class Examiner:
    """Takes raw entries in the order of their numbers, and says at the end what is wrong.

    Parameters:
        anchor: the head that was kept elsewhere, None where there is none.
        partial: the entries begin in the middle of a log, as an export's may: the first is taken at its word.
    """

    def __init__(self, anchor: AuditHead | None = None, *, partial: bool = False) -> None:
        self._anchor = anchor
        self._partial = partial
        self._last: Mapping[str, Any] | None = None
        self._sound = True
        self._findings: list[Finding] = []
        self._wrong = 0
        self._entries = 0
        self._journal = 0
        self._anchor_seen = anchor is None or anchor == EMPTY

    def take(self, raw: Mapping[str, Any]) -> None:
        """The next entry."""
        self._entries += 1
        number, last = raw["number"], self._last
        expected = last["number"] + 1 if last is not None else (number if self._partial else 1)
        if number > expected:
            self._missing(expected, number - 1)
        fits = _fits(raw)
        if not fits:
            self._misfit(raw)
        elif number == expected and self._sound and not self._follows(raw, last):
            self._unchained(raw)
        if self._anchor is not None and number == self._anchor.number:
            self._anchor_seen = True
            if raw["hash"] != self._anchor.hash and fits:
                self.found(
                    Fault.REWRITTEN,
                    number,
                    f"Entry {number} is not the one that stood there when the head was last kept elsewhere.",
                )
        self._sound, self._last = fits, raw

    def found(self, fault: Fault, number: int, text: str) -> None:
        """Something is wrong."""
        self._wrong += 1
        if len(self._findings) < MOST_FINDINGS:
            self._findings.append(Finding(fault, number, text))

    def unprotected(self, missing: Sequence[str]) -> None:
        """These protections of the database are gone."""
        if missing:
            self.found(Fault.UNPROTECTED, 0, f"The database's protection was taken away: {', '.join(missing)}.")

    def count_journal(self, rows: int) -> None:
        """So many rows of the order journal were held against the log."""
        self._journal += rows

    def verdict(self) -> Verdict:
        """What all of it comes to."""
        head = EMPTY if self._last is None else AuditHead(self._last["number"], self._last["hash"])
        if self._anchor is not None and not self._anchor_seen and head.number < self._anchor.number:
            first, last = head.number + 1, self._anchor.number
            self.found(Fault.CUT, first, f"The log ends too early: {_entries(first, last)} missing at its end.")
            self._anchor_seen = True
        return Verdict(self._entries, head, tuple(self._findings), self._wrong, self._anchor, self._journal)

    def _missing(self, first: int, last: int) -> None:
        self.found(Fault.REMOVED, first, f"{_entries(first, last).capitalize()} missing: removed.")
        # What follows the gap is chained to what is gone, and is not to blame for it.
        self._sound = False

    def _misfit(self, raw: Mapping[str, Any]) -> None:
        number = raw["number"]
        written_as = None if self._wrong >= MOST_FINDINGS else _written_as(raw)
        if written_as is None:
            self.found(Fault.CHANGED, number, f"Entry {number} was changed: it does not fit its own hash.")
        else:
            self.found(
                Fault.MOVED,
                number,
                f"The entry at {number} was written as entry {written_as}: entries were moved, inserted or removed "
                "before it.",
            )

    def _follows(self, raw: Mapping[str, Any], last: Mapping[str, Any] | None) -> bool:
        if last is None:
            return self._partial or bool(raw["previous"] == GENESIS)
        return bool(raw["previous"] == last["hash"])

    def _unchained(self, raw: Mapping[str, Any]) -> None:
        number = raw["number"]
        self.found(
            Fault.REWRITTEN,
            number - 1 if self._last is not None else number,
            f"Entry {number - 1} is not the one that entry {number} was chained to: one of the two was written anew."
            if self._last is not None
            else f"Entry {number} says that another came before it.",
        )


def _fits(raw: Mapping[str, Any]) -> bool:
    try:
        return bool(digest(raw) == raw["hash"])
    except (TypeError, ValueError, KeyError):
        return False


def _written_as(raw: Mapping[str, Any]) -> int | None:
    """The number under which the entry fits its hash, if it is near."""
    number = int(raw["number"])
    for distance in range(1, REACH + 1):
        for other in (number - distance, number + distance):
            if other > 0 and _fits({**raw, "number": other}):
                return other
    return None


def _entries(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"
