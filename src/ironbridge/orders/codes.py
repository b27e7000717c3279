"""IB's codes as the running engine takes them: the table, the owner's own rules before it, and what nobody knew.

An override changes what a code means for an order, at run time and for good (`store.codes`). A code that neither knows
ends nothing (I-05): it is counted, and the first of each is told to a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from ironbridge.domain.code_table import TABLE, rule_of
from ironbridge.domain.codes import CodeRule, Meaning

__all__ = ["TABLE", "CodeRule", "Codes", "Meaning"]

MOST_UNKNOWN = 1000
"""Unknown codes that are counted one by one; there are fewer codes than that."""


class Codes:
    """The table, with rules of the owner's own before it.

    Parameters:
        overrides: rules that count before the table's, by code.
        unknown: called once for each code that is not known, with the code, IB's text and what it was said of.
    """

    def __init__(
        self,
        overrides: Mapping[int, CodeRule] | None = None,
        unknown: Callable[[int, str, str], None] = lambda _code, _text, _about: None,
    ) -> None:
        self._overrides = dict(overrides or {})
        self.unknown = unknown
        self._met: Counter[int] = Counter()

    def __getitem__(self, code: int) -> CodeRule:
        return self._overrides.get(code) or rule_of(code)

    @property
    def overrides(self) -> Mapping[int, CodeRule]:
        """The owner's own rules."""
        return self._overrides

    @property
    def met(self) -> Mapping[int, int]:
        """Codes that were not known, and how often each came."""
        return self._met

    def meet(self, code: int, text: str, about: str) -> None:
        """Count a code that is not known, and tell of the first."""
        if code not in self._met and len(self._met) >= MOST_UNKNOWN:
            return
        self._met[code] += 1
        if self._met[code] == 1:
            self.unknown(code, text, about)

    def override(self, code: int, meaning: Meaning, next_step: str = "") -> CodeRule:
        """Let a code mean this from now on; what it does to requests stays as the table says."""
        rule = replace(rule_of(code), meaning=meaning, next_step=next_step or rule_of(code).next_step)
        self._overrides[code] = rule
        return rule

    def restore(self, code: int) -> CodeRule:
        """Take the table's word again."""
        self._overrides.pop(code, None)
        return rule_of(code)
