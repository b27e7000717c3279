"""The kill switch: one action blocks new orders, cancels everything and verifies that it is cancelled (RSK-4).

It blocks from the moment it is engaged, before it is known to be on the disk and before the broker is asked; it stays
engaged through restarts, until a person releases it. Cancelling is tried again for as long as the broker does not,
asked in full, show nothing open: what cannot be asked is not taken for cancelled.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from ironbridge.domain.alerts import Alert, AlertSeverity
from ironbridge.domain.audit import Act, Deed, present_actor
from ironbridge.domain.risk import KillSwitch, RiskEvent, RiskEventKind, SwitchState
from ironbridge.errors import InvalidInput, IronbridgeError, OrderRefused, StorageError
from ironbridge.interfaces import AuditLog, Clock, Topic
from ironbridge.risk.case import Case
from ironbridge.risk.store import RiskStore

_LOG = logging.getLogger("ironbridge.risk")

RETRY_SECONDS = 5.0
"""Between attempts to cancel what is left: long enough for IB to answer the one before."""

LONGEST_REASON = 500

CancelEverything = Callable[[], Awaitable[Sequence[str]]]
"""Cancels every open order and returns, in words, those that the broker, asked in full, still holds; empty for none."""

S = SwitchState

MOVES: dict[SwitchState, frozenset[SwitchState]] = {
    S.OFF: frozenset({S.CANCELLING}),
    S.CANCELLING: frozenset({S.CANCELLING, S.VERIFIED, S.INCOMPLETE, S.OFF}),
    S.INCOMPLETE: frozenset({S.CANCELLING, S.VERIFIED, S.INCOMPLETE, S.OFF}),
    S.VERIFIED: frozenset({S.CANCELLING, S.OFF}),
}
"""From each state the states that may follow; engaging once more cancels once more."""


class KillSwitchKeeper:
    """Owns the kill switch.

    Parameters:
        store: keeps it.
        audit: records who engaged and released it.
        cancel: see `CancelEverything`.
        clock: time.
        events: where moves are published.
        alerts: where alerts go.
    """

    def __init__(
        self,
        store: RiskStore,
        audit: AuditLog,
        cancel: CancelEverything,
        clock: Clock,
        events: Topic[RiskEvent],
        alerts: Topic[Alert],
    ) -> None:
        self._store = store
        self._audit = audit
        self._cancel = cancel
        self._clock = clock
        self._events = events
        self._alerts = alerts
        self._switch = KillSwitch()
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def switch(self) -> KillSwitch:
        """The switch as it stands."""
        return self._switch

    async def start(self) -> None:
        """Take up the switch as the last process left it, and go on cancelling where that was not finished.

        Raises:
            StorageError: how it was left cannot be read.
        """
        self._switch = await self._store.switch()
        if self._switch.engaged:
            _LOG.critical("The kill switch is engaged since %s: no order is sent.", self._switch.since)
        if self._switch.state in {S.CANCELLING, S.INCOMPLETE}:
            self._wake.set()
        self._task = asyncio.create_task(self._run(), name="ironbridge-kill-switch")

    async def stop(self) -> None:
        """Stop cancelling; the switch stays as it is."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    def block(self, _case: Case) -> None:
        """The gate's barrier: raises while the switch is engaged."""
        self.check()

    def check(self) -> None:
        """Return only where the switch is off.

        Raises:
            OrderRefused: it is engaged.
        """
        switch = self._switch
        if switch.engaged:
            raise OrderRefused(
                f"The kill switch is engaged since {switch.since:%Y-%m-%d %H:%M:%S} UTC by {switch.by}: "
                f"{switch.reason}",
                rule="kill_switch",
                limit="off",
                value=str(switch.state),
                next_step="Nothing is sent until a person releases it: `ironbridge release`, or in the console.",
            )

    async def engage(self, reason: str, wait: float = 0.0) -> KillSwitch:
        """Block new orders and cancel every open one.

        Parameters:
            reason: why, for those who come later.
            wait: seconds to wait at most for the broker to show that nothing is open.

        Returns:
            The switch as it stands then; cancelling goes on until nothing is left.

        Raises:
            InvalidInput: no reason was given.
            StorageError: it is engaged and cancels, and that cannot be kept: a restart would forget it.
        """
        reason = _reason(reason)
        by = present_actor().name
        since = self._switch.since if self._switch.engaged else self._clock.now()
        kept: StorageError | None = None
        # First it blocks. What follows may take its time, or fail.
        self._move(KillSwitch(S.CANCELLING, since, by, reason))
        self._alert(
            AlertSeverity.CRITICAL, f"The kill switch is engaged by {by}: {reason}", "Release it when it is safe."
        )
        try:
            act = Act(Deed.KILL_SWITCH_ENGAGED, text=reason)
            await self._store.save_switch(self._switch, self._audit.recording(act))
        except StorageError as error:
            kept = error
        self._wake.set()
        if wait > 0:
            await self._until(lambda switch: switch.state in {S.VERIFIED, S.OFF}, wait)
        if kept is not None:
            raise kept
        return self._switch

    async def release(self, reason: str) -> KillSwitch:
        """Let orders through again.

        Parameters:
            reason: why it is safe, for those who come later.

        Raises:
            InvalidInput: no reason was given, or the switch is not engaged.
            StorageError: it could not be kept, so that the switch stays engaged.
        """
        reason = _reason(reason)
        async with self._turn:
            if not self._switch.engaged:
                raise InvalidInput("The kill switch is not engaged.", next_step="There is nothing to release.")
            released = KillSwitch(S.OFF, None, present_actor().name, reason)
            act = Act(Deed.KILL_SWITCH_RELEASED, text=reason, details={"left": list(self._switch.left)})
            await self._store.save_switch(released, self._audit.recording(act))
            self._move(released)
        self._alert(AlertSeverity.WARNING, f"The kill switch is released by {released.by}: {reason}", "")
        return released

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            async with self._turn:
                if self._switch.state in {S.CANCELLING, S.INCOMPLETE}:
                    await self._cancel_once()
            if self._switch.state is S.INCOMPLETE:
                await self._woken_within(RETRY_SECONDS)
                self._wake.set()

    async def _cancel_once(self) -> None:
        before = self._switch
        try:
            left = tuple(await self._cancel())
        except IronbridgeError as error:
            left = (f"not known: {error.message}",)
        if self._switch is not before:
            return  # engaged once more meanwhile: once more it goes
        self._move(replace(before, state=S.INCOMPLETE if left else S.VERIFIED, left=left))
        if left and left != before.left:
            words = "; ".join(left[:5]) + (f" and {len(left) - 5} more" if len(left) > 5 else "")
            self._alert(
                AlertSeverity.CRITICAL, f"Not everything is cancelled: {words}.", "Look at TWS; it is tried again."
            )
        try:
            await self._store.save_switch(self._switch)
        except StorageError as error:
            _LOG.error("How the kill switch stands could not be kept; it is engaged all the same: %s", error)

    def _move(self, switch: KillSwitch) -> None:
        if switch.state not in MOVES[self._switch.state]:
            raise AssertionError(f"The kill switch cannot go from {self._switch.state} to {switch.state}.")
        self._switch = switch
        self._moved.set()
        self._moved = asyncio.Event()
        text = f"The kill switch is {switch.state}" + (f": {'; '.join(switch.left)}" if switch.left else "")
        self._events.publish(RiskEvent(self._clock.now(), RiskEventKind.SWITCH_MOVED, text, switch.by))

    def _alert(self, severity: AlertSeverity, text: str, next_step: str) -> None:
        self._alerts.publish(Alert(self._clock.now(), "kill-switch", severity, text, next_step))

    async def _until(self, condition: Callable[[KillSwitch], bool], seconds: float) -> None:
        timer = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            while not timer.done() and not condition(self._switch):
                moved = asyncio.ensure_future(self._moved.wait())
                await asyncio.wait({moved, timer}, return_when=asyncio.FIRST_COMPLETED)
                moved.cancel()
        finally:
            timer.cancel()
            await asyncio.wait({timer})

    async def _woken_within(self, seconds: float) -> None:
        timer, woken = asyncio.ensure_future(self._clock.sleep(seconds)), asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait({timer, woken}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (timer, woken):
                task.cancel()
            await asyncio.wait({timer, woken})


def _reason(reason: str) -> str:
    words = " ".join(reason.split())
    if not words:
        raise InvalidInput("No reason was given.", next_step="Say why in a few words: it goes into the audit log.")
    return words[:LONGEST_REASON]
