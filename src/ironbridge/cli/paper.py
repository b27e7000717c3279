"""`ironbridge paper`: the paper gateway alone."""

from __future__ import annotations

import gc
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ironbridge.cli import show
from ironbridge.cli.loop import run_loop, until_interrupted
from ironbridge.errors import InvalidInput

if TYPE_CHECKING:
    from ironbridge.exchange.accounts import AccountSpec
    from ironbridge.exchange.catalog import Seedling
    from ironbridge.exchange.venue import VenueOptions
    from ironbridge.paper import Entitlements, Latency, Limits, PaperClock, Schedule
    from ironbridge.paper.scenario import Scenario

EXAMPLES = """\
ironbridge paper
ironbridge paper --port 7497 --seed 7 --account DU7654321 --cash 50000
ironbridge paper --account DU1000001 --account DU1000002   several accounts
ironbridge paper --start 2026-11-20T09:25 --speed 60       an hour a minute, from before the open
ironbridge paper --calendar --pacing strict                real sessions, and IB's limits
ironbridge paper --prices ticks.csv --speed 10             recorded prices, replayed
ironbridge paper --delayed-only --schedule usual           no subscriptions, and IB's nights
ironbridge paper --scenario I-05                           an incident, played again
ironbridge paper --step --control-port 4003                time moves by hand:
curl -d '{"step": "90s"}' http://127.0.0.1:4003/clock
curl -d '{"fault": "Drop", "when": {"order": "accepted"}}' http://127.0.0.1:4003/inject
"""

MAX_ACCOUNTS = 50


def paper(
    *,
    host: Annotated[str, typer.Option("--host", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Default: PAPER_PORT, or 4002. 0 takes a free one.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Same seed, same prices. Default 1.")] = None,
    account: Annotated[
        list[str] | None, typer.Option("--account", help="An account; may be repeated. Default DU1000001.")
    ] = None,
    cash: Annotated[
        list[str] | None,
        typer.Option("--cash", help="What each begins with: 50000, or 20000EUR; one per currency. Default 1000000."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--start", help="When its clock begins, New York time: 2026-11-20T09:25. Default: now."),
    ] = None,
    speed: Annotated[float | None, typer.Option("--speed", help="Its seconds per real second. Default 1.")] = None,
    step: Annotated[
        bool, typer.Option("--step", help="Time stands still and moves through the control port alone.")
    ] = False,
    calendar: Annotated[
        bool, typer.Option("--calendar", help="Keep the exchanges' hours. Default: open at any hour.")
    ] = False,
    pacing: Annotated[
        str, typer.Option("--pacing", help="IB's limits: strict enforces, lenient counts, off does not look.")
    ] = "lenient",
    instruments: Annotated[
        Path | None, typer.Option("--instruments", help="A YAML file with stocks of your own.")
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option("--prices", help="A CSV or Parquet file of ticks or bars to replay; its first moment is --start."),
    ] = None,
    delayed_only: Annotated[
        bool, typer.Option("--delayed-only", help="As for a user without market data subscriptions: 15 minutes late.")
    ] = False,
    schedule: Annotated[
        str,
        typer.Option(
            "--schedule", help='Nightly reset, restart, weekly login: "usual", or "reset=00:15,restart=23:45".'
        ),
    ] = "off",
    cancel_across_clients: Annotated[
        bool, typer.Option("--cancel-across-clients", help="A client may cancel another's order by its id.")
    ] = False,
    latency: Annotated[
        str, typer.Option("--latency", help="Everything reaches the clients later: 30ms, or drawn from 30ms..80ms.")
    ] = "0s",
    state: Annotated[
        Path | None, typer.Option("--state", help="A file that keeps orders, positions and cash over restarts.")
    ] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option("--scenario", help="What goes wrong: I-01 to I-20, or a YAML file; may be repeated."),
    ] = None,
    list_scenarios: Annotated[
        bool, typer.Option("--list-scenarios", help="Say what there is to --scenario, and exit.")
    ] = False,
    control_port: Annotated[
        int | None,
        typer.Option("--control-port", min=0, max=65535, help="An HTTP port to steer it by; 0 takes a free one."),
    ] = None,
) -> None:
    """Run a gateway that speaks the TWS protocol and trades on paper: no account, no login, no market hours.

    Any TWS program connects to it unmodified; so does `ironbridge run --ib-host 127.0.0.1 --ib-port 4002`.
    """
    if list_scenarios:
        _list_scenarios()
        return
    # What is imported lives as long as the process: until it is all there the collector would only walk it in vain.
    gc.disable()
    from ironbridge.paper import DELAYED_ONLY, Entitlements, parse_latency, parse_schedule
    from ironbridge.settings import load_settings

    settings = load_settings({"paper_port": port, "paper_seed": seed})
    names = account or [settings.paper_account]
    options, begins = _options(instruments, prices, calendar=calendar)
    run_loop(
        _serve(
            _Wanted(
                host=host,
                port=settings.paper_port,
                seed=settings.paper_seed,
                accounts=_accounts(names, cash or []),
                clock=_clock(start, begins, speed, step=step, control=control_port is not None),
                limits=_limits(pacing),
                options=options,
                entitlements=DELAYED_ONLY if delayed_only else Entitlements(),
                schedule=parse_schedule(schedule),
                cancel_across_clients=cancel_across_clients,
                latency=parse_latency(latency),
                state=state,
                scenarios=_scenarios(scenario or []),
                control_port=control_port,
            )
        )
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What was asked for, checked."""

    host: str
    port: int
    seed: int
    accounts: tuple[AccountSpec, ...]
    clock: PaperClock
    limits: Limits
    options: VenueOptions
    entitlements: Entitlements
    schedule: Schedule
    cancel_across_clients: bool
    latency: Latency
    state: Path | None
    scenarios: tuple[Scenario, ...]
    control_port: int | None


async def _serve(wanted: _Wanted) -> None:
    from ironbridge.paper import PaperGateway

    gateway = PaperGateway(
        wanted.host,
        wanted.port,
        seed=wanted.seed,
        accounts=wanted.accounts,
        clock=wanted.clock,
        state_file=wanted.state,
        limits=wanted.limits,
        options=wanted.options,
        entitlements=wanted.entitlements,
        schedule=wanted.schedule,
        cancel_across_clients=wanted.cancel_across_clients,
        latency=wanted.latency,
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(gateway)
        control = None
        if wanted.control_port is not None:
            from ironbridge.paper.control import Control

            control = await stack.enter_async_context(Control(gateway, wanted.control_port).server)
        if wanted.scenarios:
            from ironbridge.paper.scenario import play

            for scenario in wanted.scenarios:
                play(scenario, gateway)
        _announce(wanted, gateway, f"http://{control.host}:{control.port}" if control is not None else "")
        gc.freeze()
        gc.enable()
        await until_interrupted()


def _announce(wanted: _Wanted, gateway: Any, control: str) -> None:
    names = gateway.venue.accounts
    accounts = f"{'account' if len(names) == 1 else 'accounts'} {', '.join(names)}"
    where = f"{wanted.host}:{gateway.port}"
    typer.echo(f"Paper gateway on {where}, {accounts}, seed {gateway.venue.seed}. Ctrl-C ends it.")
    typer.echo(f'\n  ib_async      IB().connect("{wanted.host}", {gateway.port}, clientId=7)')
    typer.echo(f"  ironbridge    ironbridge run --ib-host {wanted.host} --ib-port {gateway.port}")
    if control:
        typer.echo(f"  control       {control}/status")
    for scenario in wanted.scenarios:
        typer.echo(f"\n{scenario.name}: {scenario.about}\nA good client: {scenario.good_client}")
    typer.echo()


def _scenarios(names: list[str]) -> tuple[Scenario, ...]:
    if not names:
        return ()
    from ironbridge.paper.scenario import load

    return tuple(load(each) for each in names)


def _list_scenarios() -> None:
    from ironbridge.paper.scenario import shipped

    rows = [(each.name, each.about) for each in shipped()]
    show.out().print(show.table(("Scenario", "What goes wrong"), rows))


def _accounts(names: list[str], cash: list[str]) -> tuple[AccountSpec, ...]:
    from ironbridge.exchange.accounts import AccountSpec
    from ironbridge.settings import load_settings

    if len(set(names)) < len(names) or len(names) > MAX_ACCOUNTS:
        raise InvalidInput(
            f"{len(names)} accounts cannot be opened.", next_step=f"Give up to {MAX_ACCOUNTS}, each a name of its own."
        )
    checked = [load_settings({"paper_account": name}).paper_account for name in names]
    balances = dict(_balance(each) for each in cash)
    if len(balances) < len(cash):
        raise InvalidInput("Cash is given twice in one currency.", next_step="Give one amount for each.")
    if not balances:
        return tuple(AccountSpec(name) for name in checked)
    return tuple(AccountSpec(name, tuple(balances.items())) for name in checked)


def _balance(text: str) -> tuple[str, Decimal]:
    """`50000` or `20000EUR`."""
    currency = text[-3:].upper() if text[-3:].isalpha() else "USD"
    try:
        amount = Decimal(text[:-3] if text[-3:].isalpha() else text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if currency not in CURRENCIES or not amount.is_finite() or not 0 <= amount <= MAX_CASH:
        raise InvalidInput(
            f"{text!r} is no amount of cash.",
            next_step=f"Give as in 50000 or 20000EUR, up to {MAX_CASH}, in {', '.join(CURRENCIES)}.",
        )
    return currency, amount


CURRENCIES = ("USD", "EUR", "GBP", "JPY")
"""Those that the venue has a rate for."""
MAX_CASH = Decimal(10**12)


def _clock(start: str | None, begins: datetime | None, speed: float | None, *, step: bool, control: bool) -> PaperClock:
    from ironbridge.paper import PaperClock

    if step and speed is not None:
        raise InvalidInput("--step and --speed contradict each other.", next_step="Give one of them.")
    if step and not control:
        raise InvalidInput(
            "--step without --control-port: time would never move.", next_step="Add --control-port 4003."
        )
    try:
        moment = begins if start is None else _moment(start)
    except ValueError:
        raise InvalidInput(
            f"--start cannot be {start!r}.", next_step="Give as in 2026-11-20T09:25, in New York time, or with a zone."
        ) from None
    return PaperClock(moment, 0.0 if step else 1.0 if speed is None else speed)


def _moment(text: str) -> datetime:
    from ironbridge.paper.fault_text import moment_of

    return moment_of(text)


def _limits(pacing: str) -> Limits:
    from ironbridge.paper import Limits, Pacing

    if pacing not in set(Pacing):
        raise InvalidInput(f"--pacing cannot be {pacing!r}.", next_step=f"Give {', '.join(Pacing)}.")
    return Limits(pacing=Pacing(pacing))


def _options(instruments: Path | None, prices: Path | None, *, calendar: bool) -> tuple[VenueOptions, datetime | None]:
    """How the venue is to behave, and when the prices that it is to replay begin."""
    from ironbridge.exchange.venue import VenueOptions

    stocks: tuple[Seedling, ...] = ()
    if instruments is not None:
        from ironbridge.paper.instruments import load_instruments

        stocks = load_instruments(instruments)
    if prices is None:
        return VenueOptions(real_sessions=calendar, stocks=stocks), None
    from ironbridge.paper.price_files import load_prices

    replayed = load_prices(prices, stocks=stocks)
    options = VenueOptions(real_sessions=calendar, stocks=stocks, recordings=replayed.recordings)
    return options, replayed.begins
