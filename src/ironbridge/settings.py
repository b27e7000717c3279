"""Settings: what Ironbridge is told from outside.

Sources, the nearer first: arguments, environment, a file in the home folder, the current profile in the database,
defaults; each value knows which one it is from (`sources`). The file is `ironbridge.toml` or, for those who come from
INI files, `ironbridge.ini` with a section `[ironbridge]`; both at once is an error. Here the first three are read,
once; `profiles` lays the database under them. This module is the only one that reads the environment. Paper is the
default everywhere: a live account trades only where `live_account` names that very account (CON-11).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from platformdirs import user_data_path
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from ironbridge.domain.gateways import Address, DataGateway, check_backups, check_data_sessions
from ironbridge.errors import InvalidSettings
from ironbridge.sources import DEFAULT, Origin, Source, from_files

OFF = "off"
"""Says of a moment of the calendar that nothing is expected then."""

WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
_ACCOUNT = re.compile(r"[A-Z0-9]{1,16}")
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"

PORTS = {7496: "TWS, live", 7497: "TWS, paper", 4001: "IB Gateway, live", 4002: "IB Gateway, paper"}
"""The ports that IB's programs listen on unless told otherwise."""

LIVE_PORTS = frozenset({7496, 4001})

ENVIRONMENT: dict[str, tuple[str, ...]] = {
    "home": ("IRONBRIDGE_HOME",),
    "host": ("IBKR_HOST",),
    "port": ("IBKR_PORT",),
    "client_id": ("IBKR_CLIENT_ID",),
    "account": ("IBKR_ACCOUNT_ID", "IBKR_ACCOUNT"),
    "live_account": ("IRONBRIDGE_LIVE_ACCOUNT",),
    "market_data_type": ("IBKR_MARKET_DATA_TYPE",),
    "connection_timeout": ("IRONBRIDGE_CONNECTION_TIMEOUT",),
    "request_timeout": ("IRONBRIDGE_REQUEST_TIMEOUT",),
    "answer_timeout": ("IRONBRIDGE_ANSWER_TIMEOUT",),
    "heartbeat_interval": ("IRONBRIDGE_HEARTBEAT_INTERVAL",),
    "reconcile_interval": ("IRONBRIDGE_RECONCILE_INTERVAL",),
    "stale_after": ("IRONBRIDGE_STALE_AFTER",),
    "messages_per_second": ("IRONBRIDGE_MESSAGES_PER_SECOND",),
    "market_data_lines": ("IRONBRIDGE_MARKET_DATA_LINES",),
    "depth_streams": ("IRONBRIDGE_DEPTH_STREAMS",),
    "tick_by_tick_streams": ("IRONBRIDGE_TICK_BY_TICK_STREAMS",),
    "history_requests": ("IRONBRIDGE_HISTORY_REQUESTS",),
    "history_open": ("IRONBRIDGE_HISTORY_OPEN",),
    "max_order_quantity": ("IRONBRIDGE_MAX_ORDER_QUANTITY",),
    "max_order_notional": ("IRONBRIDGE_MAX_ORDER_NOTIONAL",),
    "auto_connect": ("IRONBRIDGE_AUTO_CONNECT",),
    "active": ("IRONBRIDGE_ACTIVE",),
    "backups": ("IBKR_BACKUPS",),
    "failback": ("IRONBRIDGE_FAILBACK",),
    "breaker_failures": ("IRONBRIDGE_BREAKER_FAILURES",),
    "breaker_cooldown": ("IRONBRIDGE_BREAKER_COOLDOWN",),
    "data_sessions": ("IBKR_DATA_SESSIONS",),
    "alert_cushion": ("IRONBRIDGE_ALERT_CUSHION",),
    "alert_excess_liquidity": ("IRONBRIDGE_ALERT_EXCESS_LIQUIDITY",),
    "alert_change": ("IRONBRIDGE_ALERT_CHANGE",),
    "alert_position_change": ("IRONBRIDGE_ALERT_POSITION_CHANGE",),
    "alert_window": ("IRONBRIDGE_ALERT_WINDOW",),
    "retry_attempts": ("IRONBRIDGE_RETRY_ATTEMPTS",),
    "market_data_permissions": ("IRONBRIDGE_MARKET_DATA_PERMISSIONS",),
    "daily_restart": ("IRONBRIDGE_DAILY_RESTART",),
    "gateway_zone": ("IRONBRIDGE_GATEWAY_ZONE",),
    "weekly_login": ("IRONBRIDGE_WEEKLY_LOGIN",),
    "http_host": ("HOST",),
    "http_port": ("PORT",),
    "paper_port": ("PAPER_PORT",),
    "paper_seed": ("IRONBRIDGE_PAPER_SEED",),
    "paper_account": ("IRONBRIDGE_PAPER_ACCOUNT",),
}
"""The variables that set each field, the first that is set and not empty counts."""

Port = Annotated[int, Field(ge=1, le=65535)]
PortOrAny = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Limit = Annotated[Decimal, Field(gt=0)]
Part = Annotated[Decimal, Field(gt=0, le=1)]
AddressText = Annotated[
    Address, BeforeValidator(lambda each: Address.parse(each) if isinstance(each, str) else each), PlainSerializer(str)
]
DataGatewayText = Annotated[
    DataGateway,
    BeforeValidator(lambda each: DataGateway.parse(each) if isinstance(each, str) else each),
    PlainSerializer(str),
]
"""Text everywhere outside: in the environment, in files, in JSON and in the database."""


class Settings(BaseModel):
    """Everything that can be set, checked. Made by `load_settings`.

    Parameters:
        home: folder in which journal, keys and settings are kept.
        host: where the gateway listens; None starts an embedded paper gateway.
        port: the gateway's port.
        client_id: the API client id; orders belong to it, so it is kept for good (CON-4).
        account: the account that orders are for; None takes the only one there is.
        live_account: the one live account that is armed for trading; None refuses every live account.
        market_data_type: 1 live, 2 frozen, 3 delayed, 4 delayed frozen (IB's numbers).
        connection_timeout: seconds for the socket and the handshake.
        request_timeout: seconds for one answer.
        answer_timeout: seconds in which IB must say something of an order, else it is UNKNOWN.
        heartbeat_interval: seconds between two looks at whether the session is alive.
        reconcile_interval: seconds between two askings of the broker, in full and without a doubt, how orders stand.
        stale_after: seconds of silence after which a quote is STALE.
        messages_per_second: pace to IB; its limit is half the account's market-data lines, 50 to begin with.
        market_data_lines: lines that the account has; IB gives 100 to begin with.
        depth_streams: market-depth streams that it has.
        tick_by_tick_streams: tick-by-tick streams that it has; IB gives one for every twenty lines.
        history_requests: requests in ten minutes for bars of 30 seconds or less, or for ticks.
        history_open: historical requests at one time.
        max_order_quantity: largest quantity of one order; None for no limit.
        max_order_notional: largest value of one order in the instrument's currency; None for no limit.
        auto_connect: connect when the service starts; otherwise a person connects.
        active: False stays disconnected until a person connects, whatever auto_connect says.
        alert_cushion: margin cushion, excess liquidity as a part of net liquidation, below which a person is told.
        alert_excess_liquidity: the same as an amount in the account's base currency.
        alert_change: part of net liquidation by which it may change within the window before a person is told.
        alert_position_change: part of net liquidation by which a position's value may change within it.
        alert_window: seconds of that window.
        retry_attempts: failed attempts in a row, at each gateway, before the session is FAILED; 0 never gives up.
        backups: gateways to go to where the primary cannot be reached, in this order: "10.0.0.2:4002". They are
            entered with the same client id and the same account, which must then be named.
        failback: when a session at a backup returns to the primary: "reconnect" whenever a new link must be made
            anyway, "asked" only when a person says so.
        breaker_failures: failed attempts in a row after which a gateway is let alone; then a backup is tried (CON-5).
        breaker_cooldown: seconds for which it is let alone.
        data_sessions: further sessions that carry market data and never orders:
            "10.0.0.3:4002/11?kinds=OPT+FUT&lines=200&name=options&restart=23:45", of which all after the client id may
            be left out. Once there is one without kinds, the order session carries no market data.
        market_data_permissions: notes on what the account may see, for people.
        daily_restart: when the gateway restarts itself, in its own zone, "23:45"; "off" where it does not.
        gateway_zone: the gateway's time zone, "Europe/Berlin"; None for this machine's.
        weekly_login: when logins end, in New York: "SUN 01:00"; "off" to expect nothing.
        http_host: where the service listens.
        http_port: the service's port; 0 takes a free one.
        paper_port: the embedded paper gateway's port; 0 takes a free one.
        paper_seed: seed of its prices.
        paper_account: its account.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Field(default_factory=lambda: user_data_path("ironbridge"))
    host: str | None = None
    port: Port = 4002
    client_id: int = Field(default=1, ge=0, le=2**31 - 1)
    account: str | None = None
    live_account: str | None = None
    market_data_type: int = Field(default=1, ge=1, le=4)
    connection_timeout: Seconds = 10.0
    request_timeout: Seconds = 15.0
    answer_timeout: Seconds = 10.0
    heartbeat_interval: Seconds = 30.0
    reconcile_interval: Annotated[float, Field(ge=10, le=86400)] = 300.0
    stale_after: Seconds = 30.0
    messages_per_second: int = Field(default=48, ge=1, le=10_000)
    market_data_lines: int = Field(default=100, ge=1, le=100_000)
    depth_streams: int = Field(default=3, ge=1, le=1000)
    tick_by_tick_streams: int = Field(default=5, ge=1, le=10_000)
    history_requests: int = Field(default=60, ge=2, le=100_000)
    history_open: int = Field(default=50, ge=1, le=1000)
    max_order_quantity: Limit | None = Decimal(100_000)
    max_order_notional: Limit | None = Decimal(1_000_000)
    auto_connect: bool = True
    active: bool = True
    alert_cushion: Part | None = Decimal("0.1")
    alert_excess_liquidity: Limit | None = None
    alert_change: Part | None = Decimal("0.05")
    alert_position_change: Part | None = Decimal("0.05")
    alert_window: Annotated[float, Field(gt=0, le=86400)] = 900.0
    retry_attempts: int = Field(default=0, ge=0, le=1000)
    market_data_permissions: tuple[str, ...] = ()
    backups: Annotated[tuple[AddressText, ...], Field(max_length=16)] = ()
    failback: Literal["reconnect", "asked"] = "reconnect"
    breaker_failures: int = Field(default=3, ge=1, le=1000)
    breaker_cooldown: Seconds = 30.0
    data_sessions: Annotated[tuple[DataGatewayText, ...], Field(max_length=32)] = ()
    daily_restart: str = Field(default="23:45", pattern=rf"^({_TIME}|{OFF})$")
    gateway_zone: str | None = None
    weekly_login: str = Field(default="SUN 01:00", pattern=rf"^(({'|'.join(WEEKDAYS)}) {_TIME}|{OFF})$")
    http_host: str = "127.0.0.1"
    http_port: PortOrAny = 8000
    paper_port: PortOrAny = 4002
    paper_seed: int = 1
    paper_account: str = Field(default="DU1000001", pattern=r"^D[UF][0-9]{4,12}$")

    _sources: Mapping[str, Source] = PrivateAttr(default_factory=dict)

    @field_validator("gateway_zone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        try:
            return ZoneInfo(value).key if value else None
        except (KeyError, ValueError, OSError):
            raise ValueError("there is no such time zone; give a name such as Europe/Berlin") from None

    @field_validator("host", "account", "live_account")
    @classmethod
    def _empty_is_none(cls, value: str | None) -> str | None:
        return (value or "").strip() or None

    @field_validator("host")
    @classmethod
    def _a_host(cls, value: str | None) -> str | None:
        if value is not None and not _HOST.fullmatch(value):
            raise ValueError("give a name or an address without a port or a path, such as 127.0.0.1")
        return value

    @field_validator("account", "live_account")
    @classmethod
    def _an_account(cls, value: str | None) -> str | None:
        if value is not None and not _ACCOUNT.fullmatch(value):
            raise ValueError("an account is up to 16 capital letters and digits, such as DU1234567")
        return value

    @field_validator("market_data_permissions", "backups", "data_sessions", mode="before")
    @classmethod
    def _comma_separated(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("backups")
    @classmethod
    def _beside_the_primary(cls, value: tuple[Address, ...], info: ValidationInfo) -> tuple[Address, ...]:
        if {"host", "port", "account"} <= info.data.keys():  # else one of these is wrong itself, and is named
            host = info.data["host"]
            check_backups(Address(host, info.data["port"]) if host else None, info.data["account"], value)
        return value

    @field_validator("data_sessions")
    @classmethod
    def _beside_the_orders(cls, value: tuple[DataGateway, ...], info: ValidationInfo) -> tuple[DataGateway, ...]:
        if "client_id" in info.data:
            check_data_sessions(info.data["client_id"], value)
        return value

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def explicit(self) -> frozenset[str]:
        """The fields that an argument or the environment has set."""
        near = {Origin.ARGUMENT, Origin.ENVIRONMENT}
        return frozenset(name for name, source in self._sources.items() if source.origin in near)

    def source(self, field: str) -> Source:
        """Where the field's value comes from."""
        return self._sources.get(field, DEFAULT)

    @property
    def embedded(self) -> bool:
        """Whether no gateway is named, so that an embedded paper gateway is meant."""
        return self.host is None

    def updated(self, changes: Mapping[str, Any]) -> Settings:
        """These settings with some changed, wherever they came from.

        Raises:
            InvalidSettings: a field that there is not, or a value that it cannot have.
        """
        return _checked({**self.model_dump(), **changes}, self._sources)

    def over(self, values: Mapping[str, Any], source: Source) -> Settings:
        """These settings laid over values of a farther source: they count for what is at its default here.

        Raises:
            InvalidSettings: a field that there is not, or a value that it cannot have, alone or with these.
        """
        counting = {name: value for name, value in values.items() if self.source(name) == DEFAULT}
        return _checked({**self.model_dump(), **counting}, {**self._sources, **dict.fromkeys(counting, source)})


def load_settings(arguments: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read all sources once.

    Parameters:
        arguments: fields by name; None values count as not given.
        environment: what to read instead of the process's environment.

    Raises:
        InvalidSettings: a name or a value that cannot be meant, with its source.
    """
    given = {name: value for name, value in (arguments or {}).items() if value is not None}
    env = _from_environment(os.environ if environment is None else environment)
    near = {**{name: value for name, (value, _) in env.items()}, **given}
    sources = {name: Source(Origin.ENVIRONMENT, variable) for name, (_, variable) in env.items()}
    sources |= dict.fromkeys(given, Source(Origin.ARGUMENT))
    if "port" in near and "host" not in near:
        near["host"], sources["host"] = "127.0.0.1", sources["port"]
    home = _checked({"home": near["home"]} if "home" in near else {}, sources).home
    filed, file = from_files(home, set(Settings.model_fields) - {"home"})
    return _checked({**filed, **near}, {**dict.fromkeys(filed, file), **sources})


def port_warning(port: int) -> str:
    """A sentence for people where a port is one of IB's live ones, else an empty string."""
    return (
        f"Port {port} is {PORTS[port]}: orders there are real. Paper ports are 7497 and 4002."
        if port in LIVE_PORTS
        else ""
    )


def _from_environment(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Each field that is set there: its value, and the variable."""
    found: dict[str, tuple[str, str]] = {}
    for field, names in ENVIRONMENT.items():
        for name in names:
            if environment.get(name):
                found[field] = environment[name], name
                break
    return found


def _checked(values: Mapping[str, Any], sources: Mapping[str, Source]) -> Settings:
    try:
        settings = Settings.model_validate(dict(values))
    except ValidationError as error:
        fields = [str(problem["loc"][0]) for problem in error.errors()]
        places = sorted({str(sources[field]) for field in fields if field in sources})
        raise InvalidSettings(
            " ".join(_sentence(field, problem) for field, problem in zip(fields, error.errors(), strict=True)),
            next_step=f"Correct it where it was given: {', '.join(places)}." if places else "Correct it.",
            fields=fields,
        ) from None
    settings._sources = dict(sources)  # noqa: SLF001 - a private attribute cannot be a constructor argument
    return settings


def _sentence(field: str, problem: Mapping[str, Any]) -> str:
    variables = " or ".join(ENVIRONMENT.get(field, ()))
    where = f"{field} ({variables})" if variables else field
    if problem["type"] == "extra_forbidden":
        return f"{field} is not a setting; known are {', '.join(sorted(Settings.model_fields))}."
    reason = str(problem["msg"])
    return f"The setting {where} cannot be {problem['input']!r}: {reason[:1].lower()}{reason[1:]}."
