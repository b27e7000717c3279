"""Addresses of gateways as people write them: read, written back the same, and refused in words."""

import pytest

from ironbridge.domain.gateways import Address, DataGateway, check_backups, check_data_sessions, named
from ironbridge.domain.instrument import Kind

HERE = Address("10.0.0.1", 4002)


@pytest.mark.parametrize(
    ("text", "address"),
    (
        ("10.0.0.1:4002", HERE),
        (" gateway.example:4001 ", Address("gateway.example", 4001)),
        ("[::1]:4002", Address("::1", 4002)),
    ),
)
def test_an_address(text, address):
    assert Address.parse(text) == address
    assert str(address) == text.strip()


@pytest.mark.parametrize(
    "text", ("", "gateway", ":4002", "a:0", "a:70000", "a:b", "a:1/2", "a:1?lines=2", "u@a:1", "a b:1")
)
def test_no_address(text):
    with pytest.raises(ValueError, match=r"host:port"):
        Address.parse(text)


@pytest.mark.parametrize(
    ("text", "gateway"),
    (
        ("10.0.0.1:4002/11", DataGateway(HERE, 11)),
        ("10.0.0.1:4002/0?kinds=FUT+OPT", DataGateway(HERE, 0, frozenset({Kind.OPTION, Kind.FUTURE}))),
        (
            "[::1]:1/7?kinds=CASH&lines=200&name=forex&restart=23:50",
            DataGateway(Address("::1", 1), 7, frozenset({Kind.FOREX}), 200, "forex", "23:50"),
        ),
        ("a:1/7?restart=off", DataGateway(Address("a", 1), 7, restart="off")),
    ),
)
def test_a_data_session(text, gateway):
    assert DataGateway.parse(text) == gateway
    assert str(gateway) == text


@pytest.mark.parametrize(
    ("text", "words"),
    (
        ("a:1", "names no client id"),
        ("a:1/", "names no client id"),
        ("a:1/-1", "names no client id"),
        ("a:1/x", "names no client id"),
        ("a:1/2147483648", "names no client id"),
        ("a/1", "is no address"),
        ("a:1/2?kinds=STOCKS", "kind STOCKS"),
        ("a:1/2?lines=0", "lines=0"),
        ("a:1/2?lines=many", "lines=many"),
        ("a:1/2?name=orders", "name=orders"),
        ("a:1/2?name=A B", "name=A B"),
        ("a:1/2?restart=25:00", "restart=25:00"),
        ("a:1/2?backup=b", "known are kinds, lines, name, restart"),
        ("a:1/2?lines=1&lines=2", "given twice"),
        ("a:1/2?lines", "cannot be read"),
    ),
)
def test_no_data_session(text, words):
    with pytest.raises(ValueError, match=words):
        DataGateway.parse(text)


def test_names_are_by_place_where_none_is_given():
    first, second = DataGateway(HERE, 11), DataGateway(HERE, 12, name="options")
    assert named((first, second)) == {"data-1": first, "options": second}
    with pytest.raises(ValueError, match="one name"):
        named((DataGateway(HERE, 11, name="data-2"), DataGateway(HERE, 12)))


def test_what_backups_need_beside_them():
    backup = Address("10.0.0.2", 4002)
    check_backups(HERE, "DU1", (backup,))
    check_backups(None, None, ())
    for primary, account, backups, words in (
        (None, "DU1", (backup,), "set host"),
        (HERE, None, (backup,), "set account"),
        (HERE, "DU1", (HERE,), "once"),
        (HERE, "DU1", (backup, backup), "once"),
    ):
        with pytest.raises(ValueError, match=words):
            check_backups(primary, account, backups)


def test_what_data_sessions_need_beside_them():
    check_data_sessions(1, (DataGateway(HERE, 2), DataGateway(HERE, 3), DataGateway(Address("b", 1), 2)))
    for sessions, words in (
        ((DataGateway(HERE, 1),), "client id 1 is the order session's"),
        ((DataGateway(HERE, 2), DataGateway(HERE, 2)), "one client id at one gateway"),
    ):
        with pytest.raises(ValueError, match=words):
            check_data_sessions(1, sessions)
