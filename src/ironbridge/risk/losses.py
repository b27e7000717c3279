"""The daily loss limit: at it, new risk is refused until the day is over, and risk is taken away if so set (RSK-3).

An account that has reached its limit has reached it: a later recovery, a changed limit or a restart does not take it
back, the end of the day or a person does. What makes a position smaller goes on to be let through.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from ironbridge.domain.account import PortfolioChanged, Position
from ironbridge.domain.alerts import Alert, AlertSeverity
from ironbridge.domain.audit import ENGINE, Act, Deed, acting
from ironbridge.domain.order_state import ZERO
from ironbridge.domain.risk import DailyLoss, LossAction, RiskEvent, RiskEventKind, RiskLimits, RiskPolicy, trading_day
from ironbridge.domain.scope import Scope, ScopeKind
from ironbridge.domain.values import plain
from ironbridge.errors import InvalidInput, IronbridgeError, OrderRefused, SlowConsumer, StorageError
from ironbridge.interfaces import AuditLog, Clock, RiskFacts, Topic
from ironbridge.risk.case import Case
from ironbridge.risk.store import RiskStore

_LOG = logging.getLogger("ironbridge.risk")

RETRY_SECONDS = 5.0
"""Between attempts to take risk away: long enough for IB to answer the one before."""

RULE = "max_daily_loss"


class Hands(Protocol):
    """What can be done about an account's risk."""

    async def cancel_account(self, account: str) -> Sequence[str]:
        """Cancel every open order of the account; returns, in words, those that are not known to have ended."""
        ...

    async def close(self, position: Position, key: str) -> bool:
        """Send the market order, under this key, that closes the position; False where it has ended and did not."""
        ...


class LossWatch:
    """Watches the day's result of every account.

    Parameters:
        store: keeps which accounts have reached their limit.
        audit: records who released one.
        facts: what is known of accounts.
        hands: what takes risk away.
        clock: time.
        changes: tells that an account's result may have changed.
        events, alerts: where it is told.
    """

    def __init__(
        self,
        store: RiskStore,
        audit: AuditLog,
        facts: RiskFacts,
        hands: Hands,
        clock: Clock,
        changes: Topic[PortfolioChanged],
        events: Topic[RiskEvent],
        alerts: Topic[Alert],
    ) -> None:
        self._store = store
        self._audit = audit
        self._facts = facts
        self._hands = hands
        self._clock = clock
        self._changes = changes
        self._events = events
        self._alerts = alerts
        self._policy = RiskPolicy()
        self._reached: dict[str, DailyLoss] = {}
        self._acting: dict[str, asyncio.Task[None]] = {}
        self._keeping = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    @property
    def reached(self) -> tuple[DailyLoss, ...]:
        """The accounts that have reached their limit today."""
        today = trading_day(self._clock.now())
        return tuple(loss for loss in self._reached.values() if loss.day == today)

    def configure(self, policy: RiskPolicy) -> None:
        """Go by these limits from now on; an account that is beyond a new one has reached it at once."""
        self._policy = policy
        if self._task is not None:
            for account in self._accounts():
                self._look(account)

    async def start(self) -> None:
        """Take up what the last process left, and watch.

        Raises:
            StorageError: it cannot be read.
        """
        self._reached = {loss.account: loss for loss in await self._store.losses()}
        self._task = asyncio.create_task(self._run(), name="ironbridge-daily-loss")
        for loss in self.reached:
            self._act(loss)

    async def stop(self) -> None:
        """Watch no more; what was reached stays reached."""
        tasks = [task for task in (self._task, *self._acting.values()) if task is not None]
        self._task, self._acting = None, {}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def block(self, case: Case) -> None:
        """The gate's barrier: raises where the order is new risk for an account that has lost its limit."""
        account = case.request.account
        limits, loss = self._limits(account), self._today(account)
        if (limits is None and loss is None) or case.reduces():
            return
        if loss is None and limits is not None:
            limit = limits.max_daily_loss or ZERO
            pnl = case.known(self._facts.daily_pnl(account), RULE, plain(limit), f"The day's result of {account}")
            if pnl > -limit:
                return
            self._look(account)
        shown = loss or self._today(account)
        assert shown is not None
        raise OrderRefused(
            f"{shown.account} has lost {plain(round(shown.loss, 2))} on {shown.day}, "
            f"and its daily loss limit is {plain(shown.limit)}: no new risk is taken.",
            rule=RULE,
            limit=plain(shown.limit),
            value=plain(round(shown.loss, 2)),
            next_step="Orders that only make a position smaller are let through. It ends with the day in New York.",
        )

    async def release(self, account: str, why: str) -> None:
        """Let the account take risk again today; it reaches its limit anew where it is still beyond it.

        Raises:
            InvalidInput: it has not reached its limit today, or no reason is given.
            StorageError: it could not be kept; the account stays blocked.
        """
        if self._today(account) is None:
            raise InvalidInput(f"{account!r:.60} has not reached its daily loss limit today.")
        if not why.strip():
            raise InvalidInput("No reason was given.", next_step="Say why in a few words: it goes into the audit log.")
        act = Act(Deed.LOSS_RELEASED, account, why.strip())
        # One after the other: what is being kept at this moment must not come back after it is dropped.
        async with self._keeping:
            await self._store.drop_loss(account, self._audit.recording(act))
            self._reached.pop(account, None)
        task = self._acting.pop(account, None)
        if task is not None:
            task.cancel()
        self._tell(f"{account} may take risk again today: {why.strip()}", AlertSeverity.WARNING, "")

    def _limits(self, account: str) -> RiskLimits | None:
        """The narrowest daily loss limit of the account."""
        scopes = (Scope(), Scope(ScopeKind.ACCOUNT, account))
        found = [limits for scope in scopes if (limits := self._policy.limits.get(scope)) is not None]
        return min(
            (limits for limits in found if limits.max_daily_loss is not None),
            key=lambda limits: limits.max_daily_loss or ZERO,
            default=None,
        )

    def _accounts(self) -> list[str]:
        return sorted({*self._facts.accounts, *(s.name for s in self._policy.limits if s.kind is ScopeKind.ACCOUNT)})

    def _today(self, account: str) -> DailyLoss | None:
        loss = self._reached.get(account)
        return loss if loss is not None and loss.day == trading_day(self._clock.now()) else None

    async def _run(self) -> None:
        with self._changes.subscribe() as changes:
            for account in self._accounts():
                self._look(account)
            while True:
                try:
                    change = await anext(changes)
                except StopAsyncIteration:
                    return
                except SlowConsumer:
                    continue
                self._look(change.account)

    def _look(self, account: str) -> None:
        limits, pnl = self._limits(account), self._facts.daily_pnl(account)
        if limits is None or limits.max_daily_loss is None or pnl is None or self._today(account) is not None:
            return
        if pnl > -limits.max_daily_loss:
            return
        now = self._clock.now()
        loss = DailyLoss(account, trading_day(now), -pnl, limits.max_daily_loss, now, limits.on_daily_loss)
        self._reached[account] = loss
        self._tell(
            f"{account} has lost {plain(round(loss.loss, 2))} today, at its limit of {plain(loss.limit)}.",
            AlertSeverity.CRITICAL,
            _DONE[loss.action],
        )
        self._act(loss)

    def _act(self, loss: DailyLoss) -> None:
        if loss.account not in self._acting:
            task = asyncio.create_task(self._take_away(loss), name=f"ironbridge-daily-loss-{loss.account}")
            self._acting[loss.account] = task
            task.add_done_callback(lambda _task: self._acting.pop(loss.account, None))

    async def _take_away(self, loss: DailyLoss) -> None:
        with acting(ENGINE):
            async with self._keeping:
                if self._reached.get(loss.account) == loss:
                    with suppress(StorageError):
                        words = f"limit {loss.limit}, loss {loss.loss}, {loss.action}"
                        act = Act(Deed.LOSS_REACHED, loss.account, words)
                        await self._store.save_loss(loss, self._audit.recording(act))
            attempts: dict[int, int] = {}
            while loss.action is not LossAction.REFUSE and self._today(loss.account) == loss:
                try:
                    if await self._once(loss, attempts):
                        self._tell(f"{loss.account}: {_DONE[loss.action]} Done.", AlertSeverity.INFO, "")
                        return
                except IronbridgeError as error:
                    _LOG.warning("Risk of %s could not be taken away yet: %s", loss.account, error)
                await self._clock.sleep(RETRY_SECONDS)

    async def _once(self, loss: DailyLoss, attempts: dict[int, int]) -> bool:
        """One attempt; whether nothing is left to be done."""
        held = self._facts.held(loss.account)
        closing = [row for row in held or () if row.quantity] if loss.action is LossAction.CLOSE else []
        # Orders that close go out after the others are cancelled, and are not cancelled by the next attempt.
        left = await self._hands.cancel_account(loss.account) if not attempts else ()
        if held is None or left:
            return False
        for row in closing:
            con_id = row.instrument.con_id
            attempt = attempts.setdefault(con_id, 1)
            if not await self._hands.close(row, f"daily-loss-{loss.day}-{loss.account}-{con_id}-{attempt}"):
                attempts[con_id] += 1
        return not closing

    def _tell(self, text: str, severity: AlertSeverity, next_step: str) -> None:
        now = self._clock.now()
        self._alerts.publish(Alert(now, "daily-loss", severity, text, next_step))
        self._events.publish(RiskEvent(now, RiskEventKind.LOSS_REACHED, text))


_DONE = {
    LossAction.REFUSE: "New risk is refused until the day is over.",
    LossAction.CANCEL: "New risk is refused and open orders are cancelled.",
    LossAction.CLOSE: "New risk is refused, open orders are cancelled and positions are closed.",
}
