"""The risk department, as its owner holds it: limits, kill switch, daily losses, and how much of the limits is used.

Owns the change of limits at run time: checked as a whole, kept with its record in the audit log, and only then in force
for every order judged from then on.
"""

from __future__ import annotations

from collections.abc import Mapping

from ironbridge.domain.audit import Act, Deed, present_actor
from ironbridge.domain.order import OrderRequest
from ironbridge.domain.risk import DailyLoss, KillSwitch, RiskEvent, RiskEventKind, RiskLimits, RiskPolicy, RiskUse
from ironbridge.domain.scope import Scope
from ironbridge.errors import OrderRefused
from ironbridge.interfaces import AuditLog, Clock, RiskFacts, Topic
from ironbridge.risk.gate import RiskGate
from ironbridge.risk.losses import LossWatch
from ironbridge.risk.store import RiskStore
from ironbridge.risk.switch import KillSwitchKeeper


class RiskDesk:
    """The risk department.

    Parameters:
        gate: judges orders.
        switch: the kill switch.
        losses: the daily loss limits.
        store: keeps limits.
        audit: records their changes.
        facts: what is known of accounts.
        clock: time.
        events: what has happened, published.
    """

    def __init__(
        self,
        gate: RiskGate,
        switch: KillSwitchKeeper,
        losses: LossWatch,
        store: RiskStore,
        audit: AuditLog,
        facts: RiskFacts,
        clock: Clock,
        events: Topic[RiskEvent],
    ) -> None:
        self._gate = gate
        self._switch = switch
        self._losses = losses
        self._store = store
        self._audit = audit
        self._facts = facts
        self._clock = clock
        self._events = events
        gate.guard(switch.block, losses.block, refused=self.refused)

    async def start(self, fixed: Mapping[str, object]) -> None:
        """Put in force what was kept, and begin to watch.

        Parameters:
            fixed: limits for all orders, by name, that the start names outright: they count instead of those kept.

        Raises:
            StorageError: what was kept cannot be read. No order may be sent then.
        """
        policy = self._gate.policy
        for scope, limits in (await self._store.limits()).items():
            policy = policy.with_limits(scope, limits)
        if fixed:
            policy = policy.with_limits(Scope(), policy.limits.get(Scope(), RiskLimits()).with_values(fixed))
        self._gate.policy = policy
        self._losses.configure(policy)
        await self._switch.start()
        await self._losses.start()

    async def stop(self) -> None:
        """Watch no more. What blocks orders goes on to block them at the next start."""
        await self._losses.stop()
        await self._switch.stop()

    @property
    def policy(self) -> RiskPolicy:
        """The limits in force."""
        return self._gate.policy

    @property
    def switch(self) -> KillSwitch:
        """The kill switch as it stands."""
        return self._switch.switch

    @property
    def losses(self) -> tuple[DailyLoss, ...]:
        """The accounts that have reached their daily loss limit today."""
        return self._losses.reached

    async def set_limits(self, scope: Scope | str, limits: RiskLimits) -> RiskPolicy:
        """Replace the limits of one scope; they count for every order judged from then on, and after a restart.

        Parameters:
            scope: whose orders they count for, or its text: "all", "account:DU1", "strategy:x", "instrument:AAPL".
            limits: all limits of the scope; an empty set frees it.

        Raises:
            InvalidSettings: they cannot be meant. Nothing was changed.
            StorageError: they could not be kept. Nothing was changed.
        """
        scope = Scope.parse(scope) if isinstance(scope, str) else scope
        before = self.policy.limits.get(scope, RiskLimits())
        policy = self.policy.with_limits(scope, limits)
        words = {
            name: {"before": _word(getattr(before, name)), "after": _word(getattr(limits, name))}
            for name in {**before.given, **limits.given}
            if getattr(before, name) != getattr(limits, name)
        }
        act = Act(Deed.LIMITS_CHANGED, str(scope), ", ".join(words), words)
        await self._store.save_limits(scope, limits, self._audit.recording(act))
        # Others may have changed other scopes while this one was kept.
        self._gate.policy = policy = self.policy.with_limits(scope, limits)
        self._losses.configure(policy)
        changed = ", ".join(f"{name} {each['after']}" for name, each in words.items()) or "as they were"
        self._tell(RiskEventKind.LIMITS_CHANGED, f"Limits of {scope}: {changed}")
        return policy

    async def kill(self, reason: str, wait: float = 10.0) -> KillSwitch:
        """Engage the kill switch; see `KillSwitchKeeper.engage`."""
        return await self._switch.engage(reason, wait)

    async def release(self, reason: str) -> KillSwitch:
        """Release the kill switch; see `KillSwitchKeeper.release`."""
        return await self._switch.release(reason)

    async def release_loss(self, account: str, reason: str) -> None:
        """Let an account that reached its daily loss limit take risk again today; see `LossWatch.release`."""
        await self._losses.release(account, reason)

    def uses(self) -> list[RiskUse]:
        """How much of its limits each account uses."""
        reached = {loss.account: loss for loss in self.losses}
        uses = []
        for account in sorted(self._facts.accounts):
            funds = self._facts.funds(account)
            uses.append(
                RiskUse(
                    account,
                    sum(order.request.account == account for order in self._gate.tally.live()),
                    self._facts.exposure(account).gross,
                    self._facts.daily_pnl(account),
                    funds.available_funds,
                    self._facts.base_currency(account),
                    reached.get(account),
                )
            )
        return uses

    def refused(self, request: OrderRequest, error: OrderRefused) -> None:
        """The gate refused an order: tell it."""
        text = f"{request.spec} {request.instrument} [{request.key}] was refused: {error.message}"
        self._tell(RiskEventKind.ORDER_REFUSED, text)

    def _tell(self, kind: RiskEventKind, text: str) -> None:
        self._events.publish(RiskEvent(self._clock.now(), kind, text, present_actor().name))

    def __repr__(self) -> str:
        return f"<RiskDesk {len(self.policy.limits)} sets of limits, kill switch {self.switch.state}>"


def _word(value: object) -> object:
    return None if value is None else value if isinstance(value, bool) else str(value)
