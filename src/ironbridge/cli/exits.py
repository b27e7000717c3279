"""How a command ends: the exit codes, and errors as one red line with what to do next.

    0  done
    1  refused or rejected: the answer was no, and nothing is pending
    2  usage: the command, an option or a value makes no sense
    3  not connected: no service, no gateway, or no session; nothing was sent
    4  unknown: something may have reached the broker; look before you act again

Scripts branch on these, so they are part of the interface.
"""

from __future__ import annotations

from enum import IntEnum

from ironbridge.errors import (
    ConnectFailed,
    InvalidInput,
    IronbridgeError,
    LiveAccountRefused,
    NotConnected,
    Outcome,
    ServiceError,
)

EPILOG = (
    "Exit codes: 0 done, 1 refused or rejected, 2 usage, 3 not connected (nothing was sent), 4 outcome unknown (look "
    "before you act again)."
)


class Exit(IntEnum):
    """See the module."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    NOT_CONNECTED = 3
    UNKNOWN = 4


class ServiceAbsent(ServiceError):
    """No service answers at the address: nothing was sent."""

    slug = "service-absent"
    outcome = Outcome.NOT_SENT
    retryable = True


class ServiceSaid(IronbridgeError):
    """The service's own problem, as it came over REST.

    Parameters:
        message: the problem's detail.
        slug: its slug.
        outcome: its outcome.
        next_step: its next step.
    """

    def __init__(self, message: str, *, slug: str, outcome: str, next_step: str = "") -> None:
        super().__init__(message, next_step=next_step, slug=slug, outcome=outcome)
        self.problem_slug = slug
        self.problem_outcome = outcome


_NOT_CONNECTED = frozenset(
    {"not-connected", "upstream-lost", "connect-failed", "client-id-in-use", "service-absent", "session-lost"}
)
_USAGE = frozenset(
    {
        "invalid-input",
        "invalid-instrument",
        "invalid-order",
        "invalid-settings",
        "setting-fixed",
        "ambiguous-instrument",
    }
)


def exit_of(error: IronbridgeError) -> Exit:
    """The exit code of an error."""
    if isinstance(error, ServiceSaid):
        return exit_of_problem(error.problem_slug, error.problem_outcome)
    if error.outcome is Outcome.UNKNOWN:
        return Exit.UNKNOWN
    if isinstance(error, LiveAccountRefused):
        return Exit.REFUSED
    if isinstance(error, NotConnected | ConnectFailed | ServiceAbsent):
        return Exit.NOT_CONNECTED
    if isinstance(error, InvalidInput):
        return Exit.USAGE
    return Exit.REFUSED


def exit_of_problem(slug: str, outcome: str) -> Exit:
    """The exit code of a problem of the service."""
    if outcome == Outcome.UNKNOWN:
        return Exit.UNKNOWN
    if slug in _NOT_CONNECTED:
        return Exit.NOT_CONNECTED
    if slug in _USAGE:
        return Exit.USAGE
    return Exit.REFUSED


def complain(message: str, next_step: str = "") -> None:
    """Tell a person what is wrong, on stderr."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"[bold red]error:[/] [red]{escape(message)}[/]")
    if next_step:
        console.print(f"       {escape(next_step)}")


def warn(message: str) -> None:
    """Tell a person what to look at, on stderr."""
    from rich.console import Console
    from rich.markup import escape

    Console(stderr=True, highlight=False, soft_wrap=True).print(f"[yellow]{escape(message)}[/]")
