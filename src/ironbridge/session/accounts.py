"""Paper by default (CON-11): which account a session is for, and whether it may be.

IB names paper accounts DU… (or DF… for an advisor's); every other name is real money. A live account is refused unless
the settings arm that very account: a port, a host or a habit must never be what decides it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ironbridge.errors import ConnectFailed, LiveAccountRefused

PAPER_PREFIXES = ("DU", "DF")


def is_paper(account: str) -> bool:
    return account.startswith(PAPER_PREFIXES)


def choose_account(accounts: Sequence[str], wanted: str | None, armed: str | None) -> str:
    """The account that orders go to where none is named.

    Parameters:
        accounts: those of the login.
        wanted: the one in the settings, or None: then the armed one if the login has it, else the login's first.
        armed: the live account that may be traded, or None.

    Raises:
        ConnectFailed: the login does not have the wanted account.
        LiveAccountRefused: the account is live and not armed.
    """
    if wanted is not None and wanted not in accounts:
        raise UnknownAccount(
            f"This login has no account {wanted}; it has {', '.join(accounts)}.",
            next_step="Correct the account setting, or log the gateway in to the other user.",
        )
    chosen = wanted or (armed if armed in accounts else None) or accounts[0]
    check_account(chosen, armed)
    return chosen


def check_account(account: str, armed: str | None) -> None:
    """Raise where `account` is live and not the armed one.

    Raises:
        LiveAccountRefused: with what to do.
    """
    if not is_paper(account) and account != armed:
        raise LiveAccountRefused(
            f"{account} is a live account, and it is not armed.",
            next_step=f"To trade real money set live_account to {account}; for paper log the gateway in to paper "
            "trading (ports 7497 and 4002).",
        )


class UnknownAccount(ConnectFailed):
    """The settings name an account that the login does not have. Time does not mend it."""

    slug = "unknown-account"
    retryable = False
