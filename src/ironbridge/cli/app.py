"""All commands together, and the one place where what they raise becomes a line for people and an exit code."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from ironbridge.cli import (
    account,
    audit,
    bracket,
    cancel,
    codes,
    decode,
    doctor,
    executions,
    kill,
    limits,
    modify,
    order,
    orders,
    paper,
    positions,
    quote,
    reconcile,
    record,
    replay,
    run,
    settings,
    status,
    story,
    token,
)
from ironbridge.cli.exits import EPILOG, Exit, complain, exit_of
from ironbridge.errors import IronbridgeError

_INTRODUCTION = "Trade and watch through Interactive Brokers, or through a paper gateway that needs no account."

_EXAMPLES = """\
ironbridge run                                     service, console and paper gateway
ironbridge run --ib-host 127.0.0.1 --ib-port 7497  the same against a TWS of yours
ironbridge quote AAPL EURUSD                       prices
ironbridge order buy 10 AAPL --limit 150           an order
ironbridge orders                                  what is open
ironbridge settings                                what counts and why; profiles, and tests before you save
ironbridge paper                                   the paper gateway alone, for any TWS program

`run` keeps running; the other commands talk to it from another terminal.
"""

_COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "run": (run.run, run.EXAMPLES),
    "paper": (paper.paper, paper.EXAMPLES),
    "record": (record.record, record.EXAMPLES),
    "decode": (decode.decode, decode.EXAMPLES),
    "replay": (replay.replay, replay.EXAMPLES),
    "status": (status.status, status.EXAMPLES),
    "doctor": (doctor.doctor, doctor.EXAMPLES),
    "quote": (quote.quote, quote.EXAMPLES),
    "order": (order.order, order.EXAMPLES),
    "bracket": (bracket.bracket, bracket.BRACKET_EXAMPLES),
    "preview": (bracket.preview, bracket.PREVIEW_EXAMPLES),
    "modify": (modify.modify, modify.EXAMPLES),
    "orders": (orders.orders, orders.EXAMPLES),
    "cancel": (cancel.cancel, cancel.EXAMPLES),
    "limits": (limits.limits, limits.EXAMPLES),
    "kill": (kill.kill, kill.KILL_EXAMPLES),
    "release": (kill.release, kill.RELEASE_EXAMPLES),
    "positions": (positions.positions, positions.EXAMPLES),
    "executions": (executions.executions, executions.EXAMPLES),
    "account": (account.account, account.EXAMPLES),
    "codes": (codes.codes, codes.EXAMPLES),
    "reconcile": (reconcile.reconcile, reconcile.EXAMPLES),
    "story": (story.story, story.STORY_EXAMPLES),
    "resolve": (story.resolve, story.RESOLVE_EXAMPLES),
    "audit": (audit.audit, audit.EXAMPLES),
    "token": (token.token, token.EXAMPLES),
}


# What a wrong command raises. typer exports the kinds but not their base, and carries a click of its own.
_ClickException: type[Exception] = typer.BadParameter.__mro__[2]


def _help(prose: str, examples: str) -> str:
    """Prose, then the examples as they stand: a backspace tells click not to wrap the lines after it."""
    if not examples:
        return inspect.cleandoc(prose)
    return f"{inspect.cleandoc(prose)}\n\n\b\n" + "".join(
        f"  {line}\n" if line else "\n" for line in examples.splitlines()
    )


def build() -> typer.Typer:
    """The command line, with nothing run."""
    app = typer.Typer(
        name="ironbridge",
        help=_help(_INTRODUCTION, _EXAMPLES),
        epilog=EPILOG,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    app.callback(invoke_without_command=True)(_version)
    for name, (command, examples) in _COMMANDS.items():
        app.command(name, help=_help(command.__doc__ or "", examples), epilog=EPILOG)(command)
    app.add_typer(settings.group(_help), name="settings")
    return app


def run_app(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its code; no error leaves here as a traceback."""
    command = typer.main.get_command(build())
    try:
        code = command.main(args=arguments, prog_name="ironbridge", standalone_mode=False)
    except _ClickException as error:
        code = _misused(error)
    except IronbridgeError as error:
        complain(error.message, error.next_step)
        code = exit_of(error)
    except (typer.Abort, KeyboardInterrupt):
        code = 130  # what a shell gives a program that was interrupted
    except BrokenPipeError:
        # The reader of a pipe has had enough, as `head` has; there is nobody left to tell.
        sys.stderr.close()
        code = Exit.DONE
    sys.exit(int(code or 0))


def _misused(error: Any) -> Exit:
    """Say what is wrong with the command as it was typed."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "ironbridge"
    option = getattr(error, "option_name", "")
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.format_message())
    elif re.match(r"^-\d", option):
        complain(f"{option} is not positive.", "Give how many units to trade; `sell` makes a sale, not a minus sign.")
    else:
        complain(error.format_message().replace("Value error, ", ""), f"`{path} --help` explains it.")
    return Exit.USAGE


def _version(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        from importlib.metadata import version as version_of

        typer.echo(version_of("ironbridge"))
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
