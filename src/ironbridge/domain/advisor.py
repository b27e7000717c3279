"""An advisor's accounts as IB groups them: orders can be for a group, divided among its accounts (ACC-5)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class ShareKind(StrEnum):
    """What the amounts of an allocation profile are. IB numbers them 1, 2, 3."""

    PERCENTAGES = "percentages"
    RATIOS = "ratios"
    SHARES = "shares"
    UNRECOGNISED = "unrecognised"
    """A number that IB has not documented."""


@dataclass(frozen=True, slots=True)
class AccountGroup:
    """Accounts under one name; `method` is IB's name of how an order is divided among them, empty for none."""

    name: str
    accounts: tuple[str, ...]
    method: str = ""


@dataclass(frozen=True, slots=True)
class AllocationProfile:
    """What each account gets of an order that names the profile."""

    name: str
    kind: ShareKind
    shares: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class AdvisorSetup:
    """What an advisor has set up.

    Parameters:
        master: the advisor's own account.
        groups: the groups, in IB's order.
        profiles: the allocation profiles; None where this gateway no longer knows them (from server version 177 on
            IB has groups alone).
        aliases: names that the advisor has given to accounts.
    """

    master: str
    groups: tuple[AccountGroup, ...]
    profiles: tuple[AllocationProfile, ...] | None
    aliases: tuple[tuple[str, str], ...]
