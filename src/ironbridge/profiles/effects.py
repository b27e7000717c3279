"""When a changed setting counts, and which settings a profile can hold: one table, which a test holds to all settings.

A profile holds what belongs to one gateway and one login. What says where the service itself is, which live account is
armed, and how much may be risked is no part of it: to choose another profile must never arm an account or lift a limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Effect(StrEnum):
    """From when on a changed value counts."""

    NOW = "now"
    NEXT_SUBSCRIPTION = "next-subscription"
    """For streams that are opened from then on; those that are open stay as they are."""
    NEXT_CONNECT = "next-connect"
    """The present session goes on as it was made."""
    NEXT_START = "next-start"


EFFECTS: Mapping[str, Effect] = MappingProxyType(
    {
        "host": Effect.NEXT_CONNECT,
        "port": Effect.NEXT_CONNECT,
        "client_id": Effect.NEXT_CONNECT,
        "account": Effect.NEXT_CONNECT,
        "market_data_type": Effect.NEXT_SUBSCRIPTION,
        "connection_timeout": Effect.NOW,
        "request_timeout": Effect.NOW,
        "answer_timeout": Effect.NOW,
        "heartbeat_interval": Effect.NOW,
        "reconcile_interval": Effect.NOW,
        "stale_after": Effect.NOW,
        "messages_per_second": Effect.NOW,
        "market_data_lines": Effect.NOW,
        "depth_streams": Effect.NOW,
        "tick_by_tick_streams": Effect.NOW,
        "history_requests": Effect.NOW,
        "history_open": Effect.NOW,
        # These two are asked at a start and at no other time: what is saved is what the next start does.
        "auto_connect": Effect.NOW,
        "active": Effect.NOW,
        "retry_attempts": Effect.NOW,
        "alert_cushion": Effect.NOW,
        "alert_excess_liquidity": Effect.NOW,
        "alert_change": Effect.NOW,
        "alert_position_change": Effect.NOW,
        "alert_window": Effect.NOW,
        "market_data_permissions": Effect.NOW,
        "backups": Effect.NEXT_CONNECT,
        "failback": Effect.NOW,
        "breaker_failures": Effect.NOW,
        "breaker_cooldown": Effect.NOW,
        "data_sessions": Effect.NOW,
        "daily_restart": Effect.NOW,
        "gateway_zone": Effect.NOW,
        "weekly_login": Effect.NOW,
    }
)
"""The settings of a profile. Those that are not here are no part of one."""

PROFILE_FIELDS = frozenset(EFFECTS)

APART = frozenset(
    {
        "home",
        "live_account",
        "http_host",
        "http_port",
        "paper_port",
        "paper_seed",
        "paper_account",
        "max_order_quantity",
        "max_order_notional",
    }
)
"""The settings that no profile holds."""


def effect_of(field: str) -> Effect:
    """When a change of this setting counts."""
    return EFFECTS.get(field, Effect.NEXT_START)
