"""The control port: what can be asked of a running gateway, and done to it, over HTTP.

    GET  /status /clients /clock /account /book?symbol=AAPL&depth=5 /faults /scenarios
    POST /inject         {"fault": {"Drop": {"client": 1}}, "when": {"order": "accepted"}}
    POST /scenario       {"name": "I-05"}, or a whole scenario
    POST /clock          {"speed": 60}, {"step": "90s"} or {"set": "2026-11-20T09:30"}
    POST /resume         ends what lasts: refused, hanging and silent connections, a lost link, broken farms
    POST /reset-faults   disarms everything that is armed or waits, and resumes

Faults, triggers and scenarios are written as in scenario files. Everything runs on the gateway's own loop, so a POST
has happened when it is answered, and what it made happen has been said to the clients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson

from ironbridge.errors import InvalidInput
from ironbridge.exchange.book import Level
from ironbridge.exchange.listing import ContractQuery, Listing
from ironbridge.paper.control_http import ControlServer, Problem, Request
from ironbridge.paper.fault_text import FAULTS, checked_keys, fault_of, moment_of, seconds_of, when_of
from ironbridge.paper.faults import NOW, Fault, MendFarm, RestoreUpstream, Resume, Script
from ironbridge.paper.scenario import play, scenario_of, shipped
from ironbridge.paper.server import PaperGateway
from ironbridge.paper.yaml_text import Document

MAX_DEPTH = 50
MAX_STEP_SECONDS = 366 * 24 * 3600.0
"""The longest step at once: the gateway works through all that happens in it before it answers anybody."""

Route = Callable[[Request], Any]


class Control:
    """The gateway as the control port sees it.

    Parameters:
        gateway: which is steered; it runs on this loop.
        port: to listen on; 0 takes a free one.
        host: a loopback address.
    """

    def __init__(self, gateway: PaperGateway, port: int = 0, host: str = "127.0.0.1") -> None:
        self._gateway = gateway
        self.server = ControlServer(self.answer, port, host)
        self._routes: Mapping[str, Mapping[str, Route]] = {
            "/": {"GET": self._index},
            "/status": {"GET": self._status},
            "/clients": {"GET": self._clients},
            "/clock": {"GET": self._clock, "POST": self._set_clock},
            "/account": {"GET": self._account},
            "/book": {"GET": self._book},
            "/faults": {"GET": self._faults},
            "/scenarios": {"GET": self._scenarios},
            "/inject": {"POST": self._inject},
            "/scenario": {"POST": self._scenario},
            "/resume": {"POST": self._resume},
            "/reset-faults": {"POST": self._reset},
        }

    def answer(self, request: Request) -> Any:
        """Do what is asked and say how it stands.

        Raises:
            Problem: there is nothing there.
            InvalidInput: it cannot be meant.
        """
        methods = self._routes.get(request.path.rstrip("/") or "/")
        if methods is None:
            raise Problem(
                404, f"There is nothing at {request.path}.", f"There are {', '.join(self._routes)}.", "not-found"
            )
        method = "GET" if request.method == "HEAD" else request.method
        if method not in methods:
            raise Problem(
                405, f"{request.path} takes {' and '.join(methods)}, not {request.method}.", slug="not-allowed"
            )
        return methods[method](request)

    # -- asking

    def _index(self, _request: Request) -> Any:
        return {path: list(methods) for path, methods in self._routes.items() if path != "/"}

    def _status(self, request: Request) -> Any:
        gateway = self._gateway
        return {
            "host": gateway.host,
            "port": gateway.port,
            "seed": gateway.venue.seed,
            "accounts": list(gateway.venue.accounts),
            "clients": len(gateway.clients),
            "pacing": str(gateway.limits.pacing),
            "open_orders": len(gateway.venue.orders()),
            "executions": len(gateway.venue.executions()),
            "faults": len(gateway.faults.pending()),
            "clock": self._clock(request),
        }

    def _clients(self, _request: Request) -> Any:
        return {
            "clients": [
                {
                    "client": each.client_id,
                    "peer": each.peer,
                    "version": each.version,
                    "market_data_type": each.data_type,
                    "hangs": each.hung,
                    "silent": each.deaf,
                }
                for each in self._gateway.sessions
            ]
        }

    def _clock(self, _request: Request) -> Any:
        clock = self._gateway.clock
        return {"now": clock.now().isoformat(), "venue": self._gateway.venue.now.isoformat(), "speed": clock.speed}

    def _account(self, request: Request) -> Any:
        venue = self._gateway.venue
        name = request.query.get("name", "")
        if name and name not in venue.accounts:
            raise InvalidInput(f"There is no account {name!r}.", next_step=f"There are {', '.join(venue.accounts)}.")
        found = []
        for each in (name,) if name else venue.accounts:
            view = asdict(venue.account(each))
            positions = view.pop("positions")
            for position in positions:
                listing = venue.listing(position["con_id"])
                position["symbol"] = listing.local_symbol if listing is not None else ""
            found.append(
                _plain({**view, "cash": dict(view["cash"]), "rates": dict(view["rates"]), "positions": positions})
            )
        return {"accounts": found}

    def _book(self, request: Request) -> Any:
        depth = request.query.get("depth", "10")
        if not depth.isascii() or not depth.isdigit() or not 1 <= int(depth) <= MAX_DEPTH:
            raise InvalidInput(f"A depth of {depth!r} cannot be shown.", next_step=f"Give 1 to {MAX_DEPTH}.")
        listing = self._listing(request.query)
        book = self._gateway.venue.book(listing.con_id, int(depth))
        return {
            "con_id": listing.con_id,
            "symbol": listing.local_symbol,
            "bids": [_level(level) for level in book.bids],
            "asks": [_level(level) for level in book.asks],
        }

    def _listing(self, query: Mapping[str, str]) -> Listing:
        number, symbol = query.get("con_id", ""), query.get("symbol", "")
        venue = self._gateway.venue
        if number.isascii() and number.isdigit():
            one = venue.listing(int(number))
            found = [one] if one is not None else []
        elif symbol:
            found = venue.find(ContractQuery(local_symbol=symbol)) or venue.find(ContractQuery(symbol=symbol))
        else:
            raise InvalidInput(
                "No instrument is named.", next_step="Ask as in /book?symbol=AAPL or /book?con_id=265598."
            )
        if len(found) != 1:
            raise InvalidInput(
                f"{len(found)} listings are called {symbol or number!r}.",
                next_step="Give a local symbol, or the con_id.",
            )
        return found[0]

    def _faults(self, _request: Request) -> Any:
        return {
            "pending": [{"number": number, **_said(fault)} for number, fault in self._gateway.faults.pending()],
            "known": sorted(FAULTS),
        }

    def _scenarios(self, _request: Request) -> Any:
        return {
            "scenarios": [
                {"name": each.name, "about": each.about, "incident": each.incident, "good_client": each.good_client}
                for each in shipped()
            ]
        }

    # -- doing

    def _inject(self, request: Request) -> Any:
        document = _body(request)
        values = checked_keys(document, (), document.value, ("fault", "when"), needed=("fault",))
        when = when_of(document, ("when",), values["when"]) if "when" in values else NOW
        number = self._gateway.faults.inject(fault_of(document, ("fault",), values["fault"]), when)
        self._gateway.settle()
        return {"number": number}

    def _scenario(self, request: Request) -> Any:
        document = _body(request)
        value = document.value
        # A name alone is one that comes with Ironbridge: whoever can reach this port cannot have files read.
        if isinstance(value, dict) and set(value) == {"name"}:
            known = {each.name: each for each in shipped()}
            if value["name"] not in known:
                raise InvalidInput(
                    f"There is no scenario {value['name']!r}.",
                    next_step=f"There are {', '.join(known)}; or send a whole one.",
                )
            scenario = known[value["name"]]
        else:
            scenario = scenario_of(document)
        number = play(scenario, self._gateway)
        self._gateway.settle()
        return {"number": number, "name": scenario.name, "good_client": scenario.good_client}

    def _set_clock(self, request: Request) -> Any:
        document = _body(request)
        values = checked_keys(document, (), document.value, ("speed", "step", "set"))
        if len(values) != 1:
            raise InvalidInput("Time can be told one thing at once.", next_step="Give speed, step or set.")
        clock = self._gateway.clock
        match next(iter(values.items())):
            case "speed", speed:
                if type(speed) not in {int, float}:
                    raise document.wrong(("speed",), f"{speed!r} is no number.")
                clock.run_at(speed)
            case "step", span:
                seconds = seconds_of(document, ("step",), span)
                self._move(seconds, lambda: clock.step(timedelta(seconds=seconds)))
            case _, moment:
                try:
                    to = moment_of(str(moment))
                except ValueError:
                    raise document.wrong(
                        ("set",), f"{moment!r} is no time.", next_step="Give as in 2026-11-20T09:30."
                    ) from None
                self._move((to - clock.now()).total_seconds(), lambda: clock.jump(to))
        return self._clock(request)

    def _move(self, seconds: float, move: Callable[[], object]) -> None:
        if seconds > MAX_STEP_SECONDS:
            raise InvalidInput("More than a year at once is too long.", next_step="Give several shorter steps.")
        move()
        self._gateway.step()

    def _resume(self, _request: Request) -> Any:
        gateway = self._gateway
        gateway.faults.inject(Resume())
        if not gateway.upstream.connected:
            gateway.faults.inject(RestoreUpstream())
        for name, up in gateway.upstream.farms.items():
            if not up:
                gateway.faults.inject(MendFarm(name))
        gateway.settle()
        return {"clients": list(gateway.clients)}

    def _reset(self, request: Request) -> Any:
        self._gateway.faults.clear()
        return self._resume(request)


def _body(request: Request) -> Document:
    try:
        value = orjson.loads(request.body)
    except ValueError:
        raise InvalidInput("The body is not JSON.", next_step='Send as in {"fault": "Drop"}.') from None
    return Document("body", value)


def _level(level: Level) -> dict[str, Any]:
    return {"price": str(level.price), "size": str(level.size), "orders": level.orders}


def _said(fault: Fault | Script) -> dict[str, Any]:
    if isinstance(fault, Script):
        return {"scenario": fault.name, "steps_left": len(fault.steps)}
    return {"fault": {type(fault).__name__: asdict(fault)}}


def _plain(value: Any) -> Any:
    """Decimals as text, which loses nothing; orjson knows the rest."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
