"""Says in words what is wrong with a set-up, and what to do about it (CON-10).

Pure: facts in (`domain.diagnosis.Examined`), findings out, the cause before what follows from it. Whether an account
may be used is asked of `session.accounts`, and what the gateway's notices mean of `session.farms`, which are what the
engine itself goes by: the doctor cannot find well what the session would refuse.

The ids of findings are part of the interface (scripts branch on them); `FINDINGS` lists them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ironbridge.domain.diagnosis import Diagnosis, Examined, Finding, Hurdle, OrdersAnswer, QuoteAnswer, Severity
from ironbridge.errors import ConnectFailed, LiveAccountRefused
from ironbridge.session.accounts import choose_account, is_paper
from ironbridge.session.farms import Layers

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741 - they stand in a table

OLDEST_SERVER = 157
"""The lowest API version that the engine's link speaks; a test compares it with the link."""

TOLERATED_SKEW = 2.0
"""Seconds. Below it the whole seconds in which IB tells the time, and a slow answer, could be all of it."""

PAPER_PORTS = {7497: "TWS", 4002: "IB Gateway"}
LIVE_PORTS = {7496: "TWS", 4001: "IB Gateway"}
_PORT_NAMES = {
    7496: "TWS, live",
    7497: "TWS, paper",
    4001: "IB Gateway, live",
    4002: "IB Gateway, paper",
}

_API = "In TWS or IB Gateway open Configure > API > Settings"

NO_PERMISSION = frozenset({354, 10089, 10090, 10168, 10186, 10187})
"""IB's codes for "this login may not see that"."""
DELAYED_SHOWN = 10167
COMPETING = 10197

FINDINGS = frozenset(
    {
        "no-host", "nothing-listens", "unreachable", "not-a-gateway", "no-answer", "closed-at-greeting",
        "server-too-old", "server-too-new", "not-logged-in", "session-refused", "stalled", "session-broke",
        "client-id-in-use", "upstream-lost", "farm-broken", "read-only", "orders-silent", "unknown-account",
        "live-account-not-armed", "live-account-on-paper-port", "paper-where-live-is-armed", "paper-on-live-port",
        "no-market-data-permission", "delayed-market-data", "competing-session", "no-quote", "clock-skew",
        "no-gateway-named",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings mean to have.

    Parameters:
        account: the account to use; None for the login's own.
        live_account: the one live account that is armed.
        market_data_type: IB's number of the kind of data asked for.
        named: whether they name a gateway at all.
    """

    account: str | None = None
    live_account: str | None = None
    market_data_type: int = 1
    named: bool = True


def diagnose(examined: Examined, wanted: Wanted) -> Diagnosis:
    """The findings that follow, those first that keep a session from being made."""
    findings: list[Finding] = []
    if not wanted.named:
        findings.append(_unnamed(examined))
    if examined.client_id_taken:
        findings.append(_client_id(examined))
    findings += _way(examined)
    findings += _behind(examined)
    findings += _accounts(examined, wanted)
    findings += _orders(examined)
    findings += _market_data(examined, wanted)
    findings += _clock(examined)
    return Diagnosis(examined, tuple(findings))


def _way(found: Examined) -> Iterator[Finding]:
    where = f"{found.host} port {found.port}"
    version = found.server_version
    match found.hurdle:
        case Hurdle.NO_HOST:
            yield Finding("no-host", E, found.detail, "Correct the host, or use an address such as 127.0.0.1.")
        case Hurdle.NOTHING_LISTENS:
            yield Finding("nothing-listens", E, found.detail, _start(found))
        case Hurdle.UNREACHABLE:
            yield Finding(
                "unreachable", E, found.detail, "Check host, port, network, and firewalls between here and there."
            )
        case Hurdle.NOT_TWS:
            yield Finding(
                "not-a-gateway",
                E,
                f"Something listens on {where}, and it is neither TWS nor IB Gateway. {found.detail}",
                f"Correct the port, or end the other program. IB's own: {_ports()}.",
            )
        case Hurdle.NO_ANSWER:
            yield Finding(
                "no-answer",
                E,
                f"{where} takes the connection and does not answer the API's greeting.",
                "Look at the gateway's screen: it may ask whether to accept this connection (then add this machine to "
                "its trusted IPs), still be starting, or hang (then restart it). If it is none, correct the port.",
            )
        case Hurdle.CLOSED:
            yield Finding(
                "closed-at-greeting",
                E,
                f"{where} takes the connection and closes it at the greeting.",
                f'{_API}: check "Enable ActiveX and Socket Clients", and add the address of this machine to "Trusted '
                'IPs" (or untick "Allow connections from localhost only").',
            )
        case Hurdle.NO_VERSION:
            yield _version(found.detail)
        case Hurdle.SESSION_CLOSED:
            yield Finding(
                "session-refused",
                E,
                f"The gateway at {where} answers the greeting and closes the connection once the client id is named."
                f"{_last_words(found)}",
                f"{_API}: add the address of this machine to the trusted IPs; at most 32 clients may be connected.",
            )
        case Hurdle.NO_SESSION:
            yield Finding(
                "not-logged-in",
                E,
                f"The gateway at {where} answers, and names no {found.detail or 'accounts'}: its API is up, and it is "
                f"not logged in to IB.{_last_words(found)}",
                "Log it in on its own screen (a weekly login, a second factor or a dialog may be waiting there).",
            )
        case Hurdle.STALLED:
            yield Finding(
                "stalled",
                E,
                f"The gateway at {where} began a session and then did not answer the question for the time.",
                "It hangs, though its socket is open: restart it.",
            )
        case Hurdle.LOST:
            yield Finding(
                "session-broke",
                E,
                f"The gateway at {where} broke the session off while it was being examined. {found.detail}".strip(),
                "It may be restarting: try again in a minute, and look at its own log.",
            )
        case None:
            pass
    if version is not None and version < OLDEST_SERVER:
        yield _version(str(version))


def _version(number: str) -> Finding:
    if number.isdecimal() and int(number) > OLDEST_SERVER:
        return Finding(
            "server-too-new",
            E,
            f"The gateway insists on API version {number}, which is not spoken here.",
            "Update Ironbridge, or install IB's stable gateway.",
        )
    return Finding(
        "server-too-old",
        E,
        f"The gateway speaks API version {number}; {OLDEST_SERVER} is the oldest that Ironbridge speaks.",
        "Update TWS or IB Gateway to the present stable version.",
    )


def _start(found: Examined) -> str:
    if found.elsewhere:
        others = ", ".join(f"{port} ({_PORT_NAMES.get(port, 'unusual')})" for port in found.elsewhere)
        return f"A gateway answers at port {others}: set the port to that one, if that is the one you mean."
    return f"Start TWS or IB Gateway and log in. {_API}: enable the socket and check its port; usual are {_ports()}."


def _ports() -> str:
    return ", ".join(f"{port} ({name})" for port, name in _PORT_NAMES.items())


def _last_words(found: Examined) -> str:
    return f" It said: {found.heard[-1].text} ({found.heard[-1].code})." if found.heard else ""


def _unnamed(found: Examined) -> Finding:
    return Finding(
        "no-gateway-named",
        I,
        f"The settings name no gateway, so Ironbridge would start a paper gateway of its own; {found.host} port "
        f"{found.port} was examined.",
        "Name one with --ib-host and --ib-port, with IBKR_HOST and IBKR_PORT, or in ironbridge.toml.",
    )


def _client_id(found: Examined) -> Finding:
    return Finding(
        "client-id-in-use",
        E,
        f"Client id {found.client_id} is in use at the gateway (326).",
        "End the other program that uses it, or wait until the gateway has let go of a session that was cut. Give "
        "Ironbridge an id of its own, and keep it: orders belong to the id that sent them.",
    )


def _behind(found: Examined) -> Iterator[Finding]:
    layers = Layers()
    for heard in found.heard:
        layers.take(heard.code, heard.text)
    if not layers.upstream:
        yield Finding(
            "upstream-lost",
            E,
            f"The gateway is up and has lost its own connection to IB: {layers.reason}",
            "Check the internet connection of the gateway's machine and IB's system status; it comes back by itself.",
        )
    elif layers.broken:
        yield Finding(
            "farm-broken",
            W,
            f"Data farms are down: {', '.join(layers.broken)}. Orders are not affected.",
            "They come back by themselves; look at IB's system status if they do not.",
        )


def _accounts(found: Examined, wanted: Wanted) -> Iterator[Finding]:
    if not found.accounts:
        return
    names = ", ".join(found.accounts)
    paper = all(is_paper(account) for account in found.accounts)
    try:
        choose_account(found.accounts, wanted.account, wanted.live_account)
    except LiveAccountRefused as error:
        yield Finding("live-account-not-armed", E, error.message, error.next_step)
    except ConnectFailed as error:
        yield Finding("unknown-account", E, error.message, error.next_step)
    if not paper and found.port in PAPER_PORTS:
        yield Finding(
            "live-account-on-paper-port",
            E,
            f"Port {found.port} is {PAPER_PORTS[found.port]}'s port for paper, and the login there is live ({names}): "
            "orders would be real.",
            "Log that gateway in to paper trading, or mean it: name the live port and arm the account.",
        )
    if paper and wanted.live_account is not None:
        yield Finding(
            "paper-where-live-is-armed",
            W,
            f"{wanted.live_account} is armed for live trading, and the login at port {found.port} is paper ({names}): "
            "no order would reach the market.",
            "Connect to the live gateway (ports 7496 and 4001), or take live_account out of the settings.",
        )
    elif paper and found.port in LIVE_PORTS:
        yield Finding(
            "paper-on-live-port",
            W,
            f"Port {found.port} is {LIVE_PORTS[found.port]}'s port for live trading, and the login there is paper "
            f"({names}).",
            "Nothing is at risk; see that it is what you mean.",
        )


def _orders(found: Examined) -> Iterator[Finding]:
    if found.orders is OrdersAnswer.READ_ONLY:
        yield Finding(
            "read-only",
            E,
            "The API is in read-only mode: the gateway refuses orders, and does not tell of them either (321).",
            f'{_API}: untick "Read-Only API".',
        )
    elif found.orders is OrdersAnswer.SILENT and found.hurdle is None:
        yield Finding(
            "orders-silent",
            E,
            "The gateway did not answer the question for open orders.",
            "Look at its screen for a dialog that asks for write access, then try again; else restart it.",
        )


def _market_data(found: Examined, wanted: Wanted) -> Iterator[Finding]:
    refused = {quote.symbol: code for quote in found.quotes if (code := _first(quote, NO_PERMISSION)) is not None}
    delayed = [quote.symbol for quote in found.quotes if _first(quote, frozenset({DELAYED_SHOWN})) is not None]
    competing = [quote.symbol for quote in found.quotes if _first(quote, frozenset({COMPETING})) is not None]
    mute = [quote.symbol for quote in found.quotes if not quote.ticked and not quote.said]
    if refused:
        codes = ", ".join(str(code) for code in sorted(set(refused.values())))
        yield Finding(
            "no-market-data-permission",
            W,
            f"The login has no market data for {_and(list(refused))} through the API ({codes}).",
            "Subscribe to the exchange's data in IB's Client Portal (Settings > Market Data Subscriptions), and share "
            "it with the paper account; or set market_data_type to 3 for delayed prices.",
        )
    if delayed and wanted.market_data_type < 3:
        yield Finding(
            "delayed-market-data",
            W,
            f"Prices of {_and(delayed)} come delayed, by 15 minutes or so ({DELAYED_SHOWN}).",
            "Subscribe to live data in IB's Client Portal, or set market_data_type to 3 if delayed is what you mean.",
        )
    if competing:
        yield Finding(
            "competing-session",
            W,
            f"No market data for {_and(competing)}: another session of this user takes it ({COMPETING}).",
            "Log the other session out (TWS, mobile, Client Portal), or use a user of its own for the API.",
        )
    if mute and found.hurdle is None:
        yield Finding(
            "no-quote",
            I,
            f"No price of {_and(mute)} came in time, and no refusal either: the market may be closed.",
        )


def _clock(found: Examined) -> Iterator[Finding]:
    if found.skew is not None and abs(found.skew) > TOLERATED_SKEW:
        way = "ahead of" if found.skew > 0 else "behind"
        yield Finding(
            "clock-skew",
            W,
            f"The gateway's clock is {abs(found.skew):.0f} s {way} this machine's.",
            "Synchronise both clocks (NTP): stale prices, good-till times and logs go by them.",
        )


def _first(quote: QuoteAnswer, codes: frozenset[int]) -> int | None:
    return next((heard.code for heard in quote.said if heard.code in codes), None)


def _and(words: list[str]) -> str:
    return " and ".join(words)
