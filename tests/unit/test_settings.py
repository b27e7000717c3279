"""Each source counts, the nearer first; what cannot be meant is named with where it came from."""

from decimal import Decimal
from pathlib import Path

import pytest

from ironbridge.domain.gateways import Address, DataGateway
from ironbridge.domain.instrument import Kind
from ironbridge.errors import InvalidSettings
from ironbridge.settings import ENVIRONMENT, Settings, load_settings, port_warning


def test_defaults_are_paper(tmp_path: Path) -> None:
    settings = load_settings({"home": tmp_path}, {})
    assert settings.embedded
    assert settings.port == 4002
    assert settings.live_account is None
    assert settings.paper_account.startswith("DU")
    assert settings.http_host == "127.0.0.1"


def test_the_nearer_source_wins(tmp_path: Path) -> None:
    (tmp_path / "ironbridge.toml").write_text(
        'host = "file"\nport = 7497\nclient_id = 9\nmax_order_notional = "5000"\n'
    )
    environment = {"IRONBRIDGE_HOME": str(tmp_path), "IBKR_HOST": "environment", "IBKR_PORT": "4002"}
    settings = load_settings({"host": "argument", "account": None}, environment)
    assert (settings.host, settings.port, settings.client_id) == ("argument", 4002, 9)
    assert settings.max_order_notional == Decimal(5000)
    assert settings.home == tmp_path
    assert settings.explicit == {"home", "host", "port"}


def test_a_port_alone_means_this_machine(tmp_path: Path) -> None:
    settings = load_settings({"home": tmp_path, "port": 7497}, {})
    assert (settings.host, settings.port) == ("127.0.0.1", 7497)


def test_the_service_address_is_not_the_gateway_address(tmp_path: Path) -> None:
    settings = load_settings({"home": tmp_path}, {"HOST": "127.0.0.2", "PORT": "9000"})
    assert (settings.http_host, settings.http_port) == ("127.0.0.2", 9000)
    assert settings.embedded


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    (
        ({"port": 0}, {}, "port (IBKR_PORT) cannot be 0"),
        ({}, {"IBKR_PORT": "http"}, "port (IBKR_PORT) cannot be 'http'"),
        ({"client_id": -1}, {}, "client_id (IBKR_CLIENT_ID) cannot be -1"),
        ({"market_data_type": 7}, {}, "market_data_type"),
        ({"paper_account": "U123456"}, {}, "paper_account"),
        ({"hots": "x"}, {}, "hots"),
        ({"max_order_notional": 0}, {}, "max_order_notional"),
        ({"request_timeout": 0}, {}, "request_timeout"),
    ),
)
def test_what_cannot_be_meant_is_named(
    tmp_path: Path, arguments: dict[str, object], environment: dict[str, str], words: str
) -> None:
    with pytest.raises(InvalidSettings) as caught:
        load_settings({"home": tmp_path, **arguments}, environment)
    assert words in str(caught.value)
    assert caught.value.next_step


@pytest.mark.parametrize(("content", "words"), (("host = ", "not valid TOML"), ("hots = 1", "sets hots")))
def test_a_broken_file_is_named(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "ironbridge.toml").write_text(content)
    with pytest.raises(InvalidSettings, match=words) as caught:
        load_settings({"home": tmp_path}, {})
    assert "ironbridge.toml" in str(caught.value)


def test_every_field_can_be_set_from_the_environment() -> None:
    assert set(ENVIRONMENT) == set(Settings.model_fields)


def test_live_ports_are_warned_of() -> None:
    assert "real" in port_warning(7496)
    assert "real" in port_warning(4001)
    assert port_warning(7497) == port_warning(4002) == ""


INI = """\
[ironbridge]
host = 127.0.0.1
port = 7497
auto_connect = no
max_order_notional = 5000
market_data_permissions = NASDAQ, ARCA 50%
; a comment
"""


def test_an_ini_file_says_the_same_as_toml(tmp_path: Path) -> None:
    (tmp_path / "ironbridge.ini").write_text(INI)
    settings = load_settings({"home": tmp_path}, {"IBKR_PORT": "4002"})
    assert (settings.host, settings.port, settings.auto_connect) == ("127.0.0.1", 4002, False)
    assert settings.max_order_notional == Decimal(5000)
    assert settings.market_data_permissions == ("NASDAQ", "ARCA 50%")


@pytest.mark.parametrize(
    ("content", "words"),
    (
        ("port = 7497", "not valid INI"),
        ("[ironbridge]\nhots = 1", "sets hots"),
        ("[ironbridge]\nport = http", "port"),
        ("[other]\nport = 1", r"\[ironbridge\]"),
        ("[DEFAULT]\nport = 1\n[ironbridge]\n", r"one section"),
    ),
)
def test_a_broken_ini_file_is_named(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "ironbridge.ini").write_text(content)
    with pytest.raises(InvalidSettings, match=words) as caught:
        load_settings({"home": tmp_path}, {})
    assert "ironbridge.ini" in str(caught.value)


def test_two_files_are_one_too_many(tmp_path: Path) -> None:
    (tmp_path / "ironbridge.ini").write_text(INI)
    (tmp_path / "ironbridge.toml").write_text("port = 7497\n")
    with pytest.raises(InvalidSettings, match=r"both ironbridge\.toml and ironbridge\.ini"):
        load_settings({"home": tmp_path}, {})


@pytest.mark.parametrize(
    ("field", "value"), (("daily_restart", "25:00"), ("weekly_login", "SUNDAY"), ("gateway_zone", "Mars/Olympus"))
)
def test_moments_of_the_calendar_are_checked(tmp_path: Path, field: str, value: str) -> None:
    with pytest.raises(InvalidSettings, match=field):
        load_settings({"home": tmp_path, field: value}, {})


BACKUPS = (Address("10.0.0.2", 4002), Address("::1", 4001))
DATA = (DataGateway(Address("10.0.0.3", 4002), 11, frozenset({Kind.OPTION}), 200), DataGateway(Address("b", 1), 12))


@pytest.mark.parametrize(
    ("file", "content"),
    (
        (
            "ironbridge.toml",
            (
                'host = "a"\naccount = "DU1"\nbackups = ["10.0.0.2:4002", "[::1]:4001"]\n'
                'data_sessions = ["10.0.0.3:4002/11?kinds=OPT&lines=200", "b:1/12"]\n'
            ),
        ),
        (
            "ironbridge.ini",
            (
                "[ironbridge]\nhost = a\naccount = DU1\nbackups = 10.0.0.2:4002, [::1]:4001\n"
                "data_sessions = 10.0.0.3:4002/11?kinds=OPT&lines=200, b:1/12\n"
            ),
        ),
    ),
)
def test_gateways_from_files(tmp_path: Path, file: str, content: str) -> None:
    (tmp_path / file).write_text(content)
    settings = load_settings({"home": tmp_path}, {})
    assert (settings.backups, settings.data_sessions) == (BACKUPS, DATA)


def test_gateways_from_the_environment_and_back(tmp_path: Path) -> None:
    environment = {
        "IBKR_HOST": "a",
        "IBKR_ACCOUNT": "DU1",
        "IBKR_BACKUPS": "10.0.0.2:4002,[::1]:4001",
        "IBKR_DATA_SESSIONS": "10.0.0.3:4002/11?kinds=OPT&lines=200, b:1/12",
    }
    settings = load_settings({"home": tmp_path}, environment)
    assert (settings.backups, settings.data_sessions) == (BACKUPS, DATA)
    kept = settings.model_dump(mode="json")
    assert kept["backups"] == ["10.0.0.2:4002", "[::1]:4001"]
    assert Settings.model_validate(kept).model_dump() == settings.model_dump()
    assert settings.updated({"port": 4001}).backups == BACKUPS


@pytest.mark.parametrize(
    ("changes", "words"),
    (
        ({"backups": "b"}, "backups (IBKR_BACKUPS) cannot be 'b': value error, 'b' is no address; write host:port"),
        ({"backups": "b:1", "account": None}, "set account"),
        ({"backups": "b:1", "host": None}, "set host"),
        ({"backups": "a:4002"}, "once"),
        ({"backups": 5}, "backups"),
        ({"data_sessions": "b:1/1"}, "client id 1 is the order session's"),
        ({"data_sessions": [{"host": "b"}]}, "data_sessions"),
        ({"failback": "never"}, "failback"),
        ({"breaker_failures": 0}, "breaker_failures"),
    ),
)
def test_gateways_that_cannot_be_meant(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    settings = load_settings({"home": tmp_path, "host": "a", "account": "DU1"}, {})
    with pytest.raises(InvalidSettings) as caught:
        settings.updated(changes)
    assert words in str(caught.value)
