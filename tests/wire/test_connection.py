"""Connections: the greeting in both roles, the table of states, and what a hostile peer achieves: a named event."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironbridge import wire
from ironbridge.errors import InvalidInput
from ironbridge.wire import (
    Broken,
    Connection,
    Ended,
    Hello,
    Refused,
    Role,
    ServerVersion,
    State,
    Undecodable,
    UnknownMessage,
    frame,
)
from ironbridge.wire.handshake import MAX_HELLO_BYTES, TRANSITIONS, Move, moved

CLOCK = "20260413 15:27:04 EST"


def pair(client_versions: tuple[int, int] = (151, 178), server_max: int = 178) -> tuple[Connection, Connection]:
    """Client and server after the greeting."""
    client = Connection(Role.CLIENT, min_version=client_versions[0], max_version=client_versions[1])
    server = Connection(Role.SERVER, max_version=server_max)
    client.hello()
    server.receive_data(client.data_to_send())
    assert isinstance(server.events_received()[0], Hello)
    server.accept(CLOCK)
    client.receive_data(server.data_to_send())
    assert isinstance(client.events_received()[0], ServerVersion)
    return client, server


@pytest.mark.parametrize(
    ("offered", "ours", "agreed"),
    (((151, 157), 178, 157), ((157, 178), 178, 178), ((157, 178), 163, 163), ((151, 151), 178, 151)),
)
def test_the_lower_maximum_is_agreed(offered: tuple[int, int], ours: int, agreed: int) -> None:
    client, server = pair(offered, ours)
    assert client.version == server.version == agreed
    assert client.state is server.state is State.OPEN
    assert repr(server) == f"<Connection server open at {agreed}>"


@pytest.mark.parametrize(
    ("hello", "event"),
    (
        (b"v100..225 +PACEAPI", Hello(100, 225, "+PACEAPI")),
        (b"v157..178", Hello(157, 178)),
        (b"v176", Hello(176, 176)),
        (b"v157..187 a b", Hello(157, 187, "a b")),
    ),
)
def test_hellos_of_clients_in_the_wild(hello: bytes, event: Hello) -> None:
    server = Connection(Role.SERVER)
    for byte in b"API\0" + frame(hello):
        server.receive_data(bytes([byte]))
    assert server.events_received() == [event]
    assert server.accept(CLOCK) == min(178, event.max_version)
    assert server.data_to_send() == frame(f"{server.version}\0{CLOCK}\0".encode())


def test_pacing_is_an_option_of_the_hello() -> None:
    assert Hello(100, 178, "+PACEAPI").paced
    assert not Hello(100, 178, "").paced


@pytest.mark.parametrize("hello", (b"v179..225", b"v38..150"))
def test_a_client_that_cannot_be_served_is_refused(hello: bytes) -> None:
    server = Connection(Role.SERVER)
    server.receive_data(b"API\0" + frame(hello))
    [refused] = server.events_received()
    assert isinstance(refused, Refused)
    assert refused.ours == Hello(151, 178)
    assert server.state is State.CLOSED
    assert server.data_to_send() == b""


@pytest.mark.parametrize("version", (150, 179))
def test_a_server_that_cannot_be_understood_is_refused(version: int) -> None:
    client = Connection(Role.CLIENT)
    client.hello()
    client.receive_data(frame(f"{version}\0{CLOCK}\0".encode()))
    assert client.events_received() == [Refused(Hello(version, version), Hello(151, 178))]
    assert client.state is State.CLOSED


@pytest.mark.parametrize(
    "data",
    (
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
        b"API\0" + frame(b"hello"),
        b"API\0" + frame(b"v178..157"),
        b"API\0" + frame(b"v" + b"1" * 30),
        b"API\0" + frame(b"\xff\xfe"),
        b"API\0" + (MAX_HELLO_BYTES + 1).to_bytes(4, "big"),
        b"API\0" + frame(b"v157..178") + frame(b"71\0002\0003\0\0"),
    ),
)
def test_what_is_not_a_hello_closes(data: bytes) -> None:
    server = Connection(Role.SERVER)
    server.receive_data(data)
    last = server.events_received()[-1]
    assert isinstance(last, Broken)
    assert last.error.fatal
    assert last.error.raw
    assert server.state is State.CLOSED


@pytest.mark.parametrize("data", (frame(b"<html>"), frame(b"x\0y\0"), frame(b"1\0002\0003\0"), b"\xff\xff\xff\xff"))
def test_what_is_not_a_gateway_closes(data: bytes) -> None:
    client = Connection(Role.CLIENT)
    client.hello()
    client.receive_data(data)
    [event] = client.events_received()
    assert isinstance(event, Broken)
    assert event.error.fatal
    assert client.state is State.CLOSED


def test_a_gateway_does_not_speak_first() -> None:
    client = Connection(Role.CLIENT)
    client.receive_data(frame(f"178\0{CLOCK}\0".encode()))
    assert isinstance(client.events_received()[0], Broken)


UNDECODABLE = (
    (b"9\0001\000abc\0", r"NextValidId: field order_id \(number 2\) is not an integer: b'abc'"),
    (b"9\0001\0", r"NextValidId: field order_id is missing; the message has 2 fields"),
    (b"9\0001\0005\0006\0", r"NextValidId: 1 fields are left over, beginning with b'6\\x00'"),
    (b"61\0003\0DU1\0x\0", r"Position: field contract.con_id \(number 3\) is not an integer or empty: b'x'"),
    (
        b"17\0001\0a\0b\000999999999\0",
        r"HistoricalData: field count of bars \(number 4\) counts 999999999 items; only 0",
    ),
    (b"17\0001\0a\0b\000-1\0", r"HistoricalData: field count of bars \(number 4\) is not a count: b'-1'"),
    (b"99\0001\0009\0001\0x\0", r"TickByTick: 1 fields are left over"),
    (b"abc\0", r"does not begin with its id: b'abc'"),
    (b"\0", r"does not begin with its id: b''"),
    (b"9\0001\0005", r"does not end its last field"),
    (b"", r"does not end its last field"),
)


@pytest.mark.parametrize(("payload", "reason"), UNDECODABLE)
def test_a_message_that_cannot_be_read_is_named_and_the_stream_goes_on(payload: bytes, reason: str) -> None:
    client, server = pair()
    server.send(wire.NextValidId(1))
    server.send(wire.NextValidId(2))
    good = server.data_to_send()
    half = len(good) // 2
    client.receive_data(good[:half] + frame(payload) + good[half:])
    first, bad, second = client.events_received()
    assert (first, second) == (wire.NextValidId(1), wire.NextValidId(2))
    assert isinstance(bad, Undecodable)
    assert bad.payload == payload
    with pytest.raises(type(bad.error), match=reason):
        raise bad.error
    assert not bad.error.fatal
    assert client.state is State.OPEN


def test_an_undecodable_message_shows_its_fields() -> None:
    client, _ = pair()
    client.receive_data(frame(b"9\0001\000abc\0"))
    [bad] = client.events_received()
    assert bad.fields == ("9", "1", "abc", "")


def test_a_condition_of_no_known_kind_is_named() -> None:
    client, server = pair()
    condition = wire.MarginCondition(percent=5)
    order = wire.Order(order_type="LMT", conditions=(condition,))
    client.send(wire.PlaceOrder(1, wire.Contract(1), order))
    data = client.data_to_send().replace(b"\x001\x004\x00a\x00", b"\x001\x009\x00a\x00")
    server.receive_data(data)
    [bad] = server.events_received()
    assert isinstance(bad, Undecodable)
    assert "field kind of order.conditions is 9; the kinds are [1, 3, 4, 5, 6, 7]" in str(bad.error)


def test_an_unknown_id_is_an_event() -> None:
    client, server = pair()
    client.receive_data(frame(b"250\0a\0"))
    server.receive_data(frame(b"9999\0"))
    assert client.events_received() == [UnknownMessage(("250", "a"))]
    assert server.events_received() == [UnknownMessage(("9999",))]


def test_broken_framing_ends_the_stream_after_what_was_whole() -> None:
    client, server = pair()
    server.send(wire.NextValidId(1))
    client.receive_data(server.data_to_send() + b"\xff\xff\xff\xff")
    first, broken = client.events_received()
    assert first == wire.NextValidId(1)
    assert isinstance(broken, Broken)
    client.receive_data(b"anything" * 1000)
    client.receive_eof()
    assert client.events_received() == []
    assert client.state is State.CLOSED


def test_a_request_may_be_a_mebibyte_and_no_more() -> None:
    _, server = pair()
    server.receive_data(((1 << 20) + 1).to_bytes(4, "big"))
    assert isinstance(server.events_received()[0], Broken)


@pytest.mark.parametrize(("said", "pending"), ((b"", 0), (b"\0\0", 2), (b"\0\0\0\x09abc", 7)))
def test_the_end_says_what_was_lost(said: bytes, pending: int) -> None:
    client, _ = pair()
    client.receive_data(said)
    client.receive_eof()
    client.receive_eof()
    assert client.events_received() == [Ended(pending)]
    assert client.state is State.CLOSED


def test_the_end_may_come_before_the_hello_is_whole() -> None:
    server = Connection(Role.SERVER)
    server.receive_data(b"AP")
    server.receive_eof()
    assert server.events_received() == [Ended(2)]


def test_nothing_is_queued_for_what_cannot_be_said() -> None:
    client, server = pair((151, 157))
    refusals: tuple[tuple[Connection, Any, str], ...] = (
        (client, wire.NextValidId(1), "not a message that the client sends"),
        (server, wire.ReqIds(), "not a message that the server sends"),
        (server, object(), "object is not a message"),
        (client, wire.ReqUserInfo(1), "needs protocol version 167; this connection speaks 157"),
        (server, wire.TickPrice(1, 1, float("nan")), "TickPrice: field price cannot be written as nan"),
        (server, wire.NextValidId(None), "field order_id cannot be written as None"),  # type: ignore[arg-type]
        (server, wire.ManagedAccounts("DU1\0"), "a text cannot hold a NUL"),
        (server, wire.Position("DU1", None, Decimal(1)), "Position"),  # type: ignore[arg-type]
        (server, wire.TickByTick(1, 3, 1, wire.MidPoint(1.0)), "TickByTick"),
        (client, wire.CancelOrder(1, "20260413"), "manual_order_cancel_time is '20260413', which version 157 cannot"),
        (
            client,
            wire.PlaceOrder(1, wire.Contract(1), wire.Order(duration=60)),
            "field order.duration is 60, which version 157 cannot carry",
        ),
    )
    for connection, message, reason in refusals:
        with pytest.raises(InvalidInput, match=reason):
            connection.send(message)
        assert connection.data_to_send() == b""
        assert connection.state is State.OPEN


def test_an_answer_goes_without_what_the_client_could_not_read() -> None:
    client, server = pair((151, 157))
    server.send(wire.OpenOrder(1, wire.Contract(1), wire.Order(action="BUY", duration=60)))
    client.receive_data(server.data_to_send())
    [message] = client.events_received()
    assert (message.order.action, message.order.duration) == ("BUY", None)


def test_nothing_is_sent_before_the_greeting_or_after_the_end() -> None:
    client = Connection(Role.CLIENT)
    with pytest.raises(InvalidInput, match="cannot be sent on a connection that is greeting"):
        client.send(wire.StartApi(1))
    client, _ = pair()
    client.receive_eof()
    with pytest.raises(InvalidInput, match="that is closed"):
        client.send(wire.StartApi(1))


def test_roles_have_their_own_first_move() -> None:
    with pytest.raises(InvalidInput, match="A server does not say hello"):
        Connection(Role.SERVER).hello()
    with pytest.raises(InvalidInput, match="no hello to accept"):
        Connection(Role.SERVER).accept(CLOCK)
    with pytest.raises(InvalidInput, match=r"are not within 151\.\.178"):
        Connection(Role.CLIENT, max_version=201)
    client, server = pair()
    with pytest.raises(InvalidInput, match="A connection that is open cannot hello"):
        client.hello()
    with pytest.raises(InvalidInput, match="A connection that is open cannot accept"):
        server.accept(CLOCK)


def test_the_table_is_the_only_way_to_move() -> None:
    for state in State:
        for move in Move:
            if (state, move) in TRANSITIONS:
                assert moved(state, move) is TRANSITIONS[state, move]
            else:
                with pytest.raises(InvalidInput, match=f"that is {state.value} cannot {move.value}"):
                    moved(state, move)
    assert all(start is not State.CLOSED for start, _ in TRANSITIONS)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=8), st.booleans(), st.booleans())
def test_no_bytes_raise(pieces: list[bytes], greeted: bool, framed: bool) -> None:
    for role in Role:
        connection = pair()[0 if role is Role.CLIENT else 1] if greeted else Connection(role)
        for piece in pieces:
            connection.receive_data(frame(piece) if framed else piece)
        connection.receive_eof()
        assert connection.state is State.CLOSED
        last = connection.events_received()[-1]
        assert isinstance(last, (Ended, Broken, Refused))


@pytest.mark.parametrize("spoken", (b"no hello", b"v100..176"))
def test_a_stream_that_breaks_twice_in_one_piece_is_broken_once(spoken: bytes) -> None:
    """Found by fuzzing: a hello that ends the connection, and a length that no message has in the same bytes."""
    server = Connection(Role.SERVER)
    server.receive_data(b"API\0" + frame(spoken) + frame(b"71\x002\x001\0") + b"\xff\xff\xff\xff")
    events = server.events_received()
    assert [type(event) for event in events if not isinstance(event, Hello)] == [Broken]
    assert server.state is State.CLOSED
