"""Risk as the service shows it, and limits as they come in."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from ironbridge.api.schemas.risk import (
    DailyLossView,
    KillSwitchView,
    RiskLimitsBody,
    RiskLimitsView,
    RiskUseView,
    RiskView,
)
from ironbridge.domain.risk import LossAction, OrderRate, RiskLimits

if TYPE_CHECKING:
    from ironbridge.risk import RiskDesk


def risk(desk: RiskDesk) -> RiskView:
    switch = desk.switch
    return RiskView(
        limits=[
            RiskLimitsView.model_validate({"scope": str(scope), **asdict(limits)})
            for scope, limits in desk.policy.limits.items()
        ],
        kill_switch=KillSwitchView(
            state=switch.state.value, since=switch.since, by=switch.by, reason=switch.reason, left=list(switch.left)
        ),
        losses=[DailyLossView.model_validate(asdict(loss)) for loss in desk.losses],
        uses=[
            RiskUseView(
                account=use.account,
                currency=use.currency,
                open_orders=use.open_orders,
                exposure=use.exposure,
                daily_pnl=use.daily_pnl,
                available_funds=use.available_funds,
            )
            for use in desk.uses()
        ],
    )


def limits_of(body: RiskLimitsBody) -> RiskLimits:
    """The limits that the body asks for.

    Raises:
        InvalidSettings: they cannot be meant.
    """
    values = {name: getattr(body, name) for name in RiskLimitsBody.model_fields}
    rate = body.order_rate
    return RiskLimits().with_values(
        values
        | {
            "order_rate": None if rate is None else OrderRate(rate.count, rate.seconds),
            "allowed": tuple(body.allowed),
            "denied": tuple(body.denied),
            "on_daily_loss": LossAction(body.on_daily_loss),
        }
    )
