"""What IB's codes mean, for people: looked up, overridden at run time, restored; and the alert about an unknown one.

An override is kept before it counts, with its record in the audit log. One that would let a code end orders which the
table does not let end them is possible, since the owner may know better, and says in its record what it was before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ironbridge.domain.alerts import Alert, AlertSeverity
from ironbridge.domain.audit import Act, Deed
from ironbridge.domain.code_table import TABLE, rule_of
from ironbridge.domain.codes import CodeRule, Meaning
from ironbridge.errors import InvalidInput
from ironbridge.interfaces import AuditLog, Clock, Topic
from ironbridge.orders.codes import Codes

HIGHEST = 2**31 - 1


class CodeRules(Protocol):
    """Where the owner's rules are kept."""

    async def load(self) -> Mapping[int, tuple[Meaning, str]]: ...

    async def save(self, code: int, meaning: Meaning, next_step: str, also: Callable[[Any], object]) -> None: ...

    async def drop(self, code: int, also: Callable[[Any], object]) -> None: ...


class CodeDesk:
    """The codes of the running engine.

    Parameters:
        rules: where overrides are kept.
        audit: where they are recorded.
        alerts: told of each code that is not known, once.
        clock: dates alerts.

    Attributes:
        codes: what the order service goes by.
    """

    def __init__(self, rules: CodeRules, audit: AuditLog, alerts: Topic[Alert], clock: Clock) -> None:
        self._rules = rules
        self._audit = audit
        self._alerts = alerts
        self._clock = clock
        self.codes = Codes(unknown=self._unknown)

    async def open(self) -> None:
        """Let what is kept count.

        Raises:
            StorageError: it cannot be read.
        """
        for code, (meaning, next_step) in (await self._rules.load()).items():
            self.codes.override(code, meaning, next_step)

    def list(self) -> Sequence[CodeRule]:
        """Every code that is known, overridden or was met, in order."""
        return [self.codes[code] for code in sorted({*TABLE, *self.codes.overrides, *self.codes.met})]

    async def override(self, code: int, meaning: Meaning, next_step: str = "") -> CodeRule:
        """Let a code mean this for orders, from now on and for good.

        Raises:
            InvalidInput: it is no code, or the meaning is that it is not known.
            StorageError: it could not be kept, and nothing has changed.
        """
        if not 0 <= code <= HIGHEST:
            raise InvalidInput(f"{code} is no code of IB's.", next_step="Give the number that IB's message carries.")
        if meaning is Meaning.UNRECOGNISED:
            raise InvalidInput("A code cannot be made unknown.", next_step="Restore the table's word: DELETE.")
        before = self.codes[code]
        words = {"before": before.meaning.value, "after": meaning.value}
        act = Act(Deed.CODE_OVERRIDDEN, str(code), f"{before.meaning} to {meaning}", words)
        await self._rules.save(code, meaning, next_step, self._audit.recording(act))
        return self.codes.override(code, meaning, next_step)

    async def restore(self, code: int) -> CodeRule:
        """Take the table's word again; one that is not overridden stays as it is.

        Raises:
            StorageError: it could not be kept, and nothing has changed.
        """
        if code in self.codes.overrides:
            act = Act(Deed.CODE_RESTORED, str(code), f"{self.codes[code].meaning} to {rule_of(code).meaning}")
            await self._rules.drop(code, self._audit.recording(act))
        return self.codes.restore(code)

    def _unknown(self, code: int, text: str, about: str) -> None:
        self._alerts.publish(
            Alert(
                self._clock.now(),
                "unknown-code",
                AlertSeverity.WARNING,
                f"IB said of {about} what Ironbridge does not know: {code} {text}. It ended nothing.",
                f"Look at it; if you know what it means, say so: PUT /codes/{code}.",
            )
        )
