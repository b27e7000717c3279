"""`ironbridge settings`: what counts and why; change it, keep several sets of it, try one out before it is saved."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from ironbridge.cli import show
from ironbridge.cli.exits import EPILOG, Exit, warn
from ironbridge.cli.service import HomeOption, JsonOption, TokenOption, UrlOption
from ironbridge.cli.settings_desk import settings_desk
from ironbridge.errors import InvalidInput

EXAMPLES = """\
ironbridge settings                                   every setting, and where its value comes from
ironbridge settings set port=7497 client_id=5         change the current profile
ironbridge settings unset client_id                   back to the default
ironbridge settings test host=10.0.0.5 port=4001      try without saving; exits with 3 where no session can be had
ironbridge settings profiles                          all profiles
ironbridge settings profiles create tws host=127.0.0.1 port=7497
ironbridge settings profiles activate tws --reconnect
ironbridge settings credentials store                 asks for the login of the gateway, and keeps it encrypted

A running service is asked; where none runs, the home folder is changed itself.
"""

Assignments = Annotated[
    list[str] | None, typer.Argument(metavar="NAME=VALUE...", help="Settings; an empty value is none.")
]
Profile = Annotated[str | None, typer.Option("--profile", help="Of this profile; left out, of the current one.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The profile's name.")]

_STYLES = {"error": "bold red", "warning": "yellow", "info": "dim"}


def group(explain: Callable[[str, str], str]) -> typer.Typer:
    """The commands together.

    Parameters:
        explain: makes the help of prose and examples.
    """

    def made(callback: Callable[..., None], examples: str = "") -> typer.Typer:
        app = typer.Typer(invoke_without_command=True, help=explain(callback.__doc__ or "", examples), epilog=EPILOG)
        app.callback()(callback)
        return app

    top, profiles, logins = made(settings, EXAMPLES), made(list_profiles), made(list_logins)
    commands: dict[str, tuple[typer.Typer, Callable[..., None]]] = {
        "show": (top, show_settings),
        "set": (top, set_settings),
        "unset": (top, unset_settings),
        "test": (top, try_settings),
        "profiles show": (profiles, show_profile),
        "profiles create": (profiles, create_profile),
        "profiles delete": (profiles, delete_profile),
        "profiles activate": (profiles, activate_profile),
        "credentials store": (logins, store_login),
        "credentials forget": (logins, forget_login),
        "credentials rotate": (logins, rotate_keys),
    }
    for name, (app, command) in commands.items():
        app.command(name.rpartition(" ")[2], help=explain(command.__doc__ or "", ""), epilog=EPILOG)(command)
    top.add_typer(profiles, name="profiles")
    top.add_typer(logins, name="credentials")
    return top


def settings(
    context: typer.Context,
    *,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show every setting and where its value comes from; change it, keep profiles, test before you save."""
    if context.invoked_subcommand is None:
        show_settings(home=home, url=url, token=token, as_json=as_json)


def show_settings(
    *, home: HomeOption = None, url: UrlOption = None, token: TokenOption = None, as_json: JsonOption = False
) -> None:
    """Every setting in force, and where it comes from: the nearest of argument, environment, file, profile, default."""
    found = settings_desk(home, url, token).show()
    if as_json:
        show.as_json(found)
        return
    rows = [(one["name"], _value(one["value"]), one["place"], _effect(one)) for one in found["fields"]]
    show.out().print(show.table(("SETTING", "VALUE", "FROM", "A CHANGE COUNTS"), rows))
    show.out().print(f"\nThe current profile is {found['profile']}, version {found['version']}.", markup=False)
    for name, when in (("pending", "the next connect"), ("restart", "the next start of the service")):
        if found[name]:
            show.out().print(f"Saved, and used from {when} on: {', '.join(found[name])}.", markup=False)
    _warn(found["warnings"])


def set_settings(
    assignments: Assignments = None,
    *,
    profile: Profile = None,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change settings of a profile; of the current one they count at once, as far as they can."""
    changes = _read(assignments, needed=True)
    _tell(settings_desk(home, url, token).change(profile, changes), as_json=as_json)


def unset_settings(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Settings to put back to their defaults.")],
    *,
    profile: Profile = None,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put settings of a profile back to their defaults."""
    _tell(settings_desk(home, url, token).change(profile, dict.fromkeys(names)), as_json=as_json)


def try_settings(
    assignments: Assignments = None,
    *,
    profile: Profile = None,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Examine the gateway of settings that are not saved. It changes nothing and disturbs no session.

    Exits with 0 where all is well, with 1 where there is something to mend, and with 3 where no session can be had.
    """
    found = settings_desk(home, url, token).test(_read(assignments), profile)
    if as_json:
        show.as_json(found)
    else:
        _tell_test(found)
    if not found["ok"]:
        raise typer.Exit(Exit.NOT_CONNECTED)
    if not found["healthy"]:
        raise typer.Exit(Exit.REFUSED)


def list_profiles(
    context: typer.Context,
    *,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Named sets of settings; exactly one is the current one."""
    if context.invoked_subcommand is not None:
        return
    found = settings_desk(home, url, token).profiles()
    if as_json:
        show.as_json(found)
        return
    rows = [
        (
            "*" if one["current"] else " ",
            one["name"],
            f"{one['settings']['host']}:{one['settings']['port']}"
            if one["settings"]["host"]
            else "built-in paper gateway",
            one["settings"]["client_id"],
            one["settings"]["account"],
            ", ".join(one["given"]),
            one["version"],
        )
        for one in found["profiles"]
    ]
    show.out().print(show.table(("", "PROFILE", "GATEWAY", "CLIENT", "ACCOUNT", "SETS", "VERSION"), rows))


def _gateway(settings: dict[str, Any]) -> str:
    return f"{settings['host']}:{settings['port']}" if settings["host"] else "built-in paper gateway"


def show_profile(
    name: Name,
    *,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a profile sets."""
    _tell(settings_desk(home, url, token).profile(name), as_json=as_json)


def create_profile(
    name: Name,
    assignments: Assignments = None,
    *,
    copy_of: Annotated[str | None, typer.Option("--copy-of", help="Begin with the settings of this profile.")] = None,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a profile. It is not in use until it is activated."""
    _tell(settings_desk(home, url, token).create(name, _read(assignments), copy_of), as_json=as_json)


def delete_profile(name: Name, *, home: HomeOption = None, url: UrlOption = None, token: TokenOption = None) -> None:
    """Forget a profile, and the login that is kept for it. One that is in use is not forgotten."""
    settings_desk(home, url, token).delete(name)
    show.out().print(f"The profile {name} is forgotten.", markup=False)


def activate_profile(
    name: Name,
    *,
    reconnect: Annotated[bool, typer.Option("--reconnect", help="Reconnect by it now.")] = False,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Use a profile: for the next connect, or at once with --reconnect."""
    _tell(settings_desk(home, url, token).activate(name, reconnect=reconnect), as_json=as_json)


def list_logins(
    context: typer.Context,
    *,
    home: HomeOption = None,
    url: UrlOption = None,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Which profiles have a login kept for their gateway. No command shows one."""
    if context.invoked_subcommand is not None:
        return
    found = settings_desk(home, url, token).logins()
    if as_json:
        show.as_json(found)
        return
    for one in found["credentials"]:
        show.out().print(f"{one['profile']}: a login is kept since {one['changed_at']}.", markup=False)
    if not found["credentials"]:
        show.out().print("No login is kept.")


def store_login(
    *, profile: Profile = None, home: HomeOption = None, url: UrlOption = None, token: TokenOption = None
) -> None:
    """Keep the login of a profile's gateway, encrypted; it is asked for, or read as two lines from a pipe."""
    if sys.stdin.isatty():
        username, password = typer.prompt("User name"), typer.prompt("Password", hide_input=True)
    else:
        piped = sys.stdin.read().splitlines()
        username, password = (*piped, "", "")[:2]
    kept = settings_desk(home, url, token).store_login(profile, username, password)
    show.out().print(f"The login of {kept['profile']} is kept, encrypted.", markup=False)


def forget_login(
    *, profile: Profile = None, home: HomeOption = None, url: UrlOption = None, token: TokenOption = None
) -> None:
    """Remove the login of a profile's gateway."""
    settings_desk(home, url, token).forget_login(profile)
    show.out().print("The login is removed.")


def rotate_keys(*, home: HomeOption = None, url: UrlOption = None, token: TokenOption = None) -> None:
    """Encrypt every login with a new key, and drop the old ones."""
    count = settings_desk(home, url, token).rotate()["secrets"]
    show.out().print(f"{count} secrets are encrypted with a new key.", markup=False)


def _read(assignments: Sequence[str] | None, *, needed: bool = False) -> dict[str, Any]:
    """NAME=VALUE, each read as the setting that it is."""
    from ironbridge.profiles import PROFILE_FIELDS

    given: dict[str, str | None] = {}
    for text in assignments or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise InvalidInput(f"{text!r} is not NAME=VALUE.", next_step="Give one such as port=7497.")
        if name not in PROFILE_FIELDS:
            raise InvalidInput(
                f"{name} is no setting of a profile.", next_step=f"Known are {', '.join(sorted(PROFILE_FIELDS))}."
            )
        given[name] = value or None
    if needed and not given:
        raise InvalidInput("Nothing is to be changed.", next_step="Give NAME=VALUE, such as port=7497.")
    values = {name: value for name, value in given.items() if value is not None}
    # One at a time: whether they stand beside each other is seen where they are kept.
    read = {name: _one(name, value) for name, value in values.items() if name not in {"backups", "data_sessions"}}
    listed = {name: value.split(",") for name, value in values.items() if name in {"backups", "data_sessions"}}
    return {**dict.fromkeys(given), **read, **listed}


def _one(name: str, value: str) -> Any:
    from ironbridge.settings import Settings

    return Settings().updated({name: value}).model_dump(mode="json")[name]


def _tell(profile: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show.as_json(profile)
        return
    use = " It is the current one." if profile["current"] else ""
    show.out().print(f"Profile {profile['name']}, version {profile['version']}.{use}", markup=False)
    rows = [(name, _value(profile["settings"][name])) for name in profile["given"] if name in profile["settings"]]
    if rows:
        show.out().print(show.table(("SETTING", "VALUE"), rows))
    else:
        show.out().print("Every setting is at its default.")
    for one in profile["overridden"]:
        warn(f"{one['field']} does not count: {one['by']} sets it too.")
    _warn(profile["warnings"])


def _tell_test(found: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.text import Text

    out = show.out()
    out.print(f"{found['host']}:{found['port']} as client {found['client_id']}", markup=False)
    for step in found["steps"]:
        mark = Text("ok  ", style="green") if step["ok"] else Text("no  ", style="bold red")
        taken = "" if step["milliseconds"] is None else f" ({step['milliseconds']:.0f} ms)"
        out.print(mark, Text(f"{step['detail']}{taken}"), sep="")
    if found["ok"]:
        out.print(f"    market data: {found['market_data'] or 'not told'}", markup=False)
    if not found["client_id_tried"]:
        out.print("    Another client id was used, for a session of ours goes by this one.", markup=False)
    told = {step["detail"] for step in found["steps"]}
    for one in found["findings"]:
        if one["sentence"] in told:
            out.print(f"    {one['remedy']}", markup=False)
            continue
        out.print(f"\n[{_STYLES[one['severity']]}]{one['severity']}[/] {escape(one['sentence'])} [dim]({one['id']})[/]")
        if one["remedy"]:
            out.print(f"  {one['remedy']}", markup=False)
    for text in found["warnings"]:
        warn(text)


def _warn(warnings: Sequence[dict[str, Any]]) -> None:
    for one in warnings:
        warn(one["message"])


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _effect(one: dict[str, Any]) -> str:
    if one["fixed"]:
        return "fixed"
    return str(one["effect"]).replace("-", " ") if one["of_profile"] else "next start"
