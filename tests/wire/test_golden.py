"""One list of messages, byte for byte, that drives readers and writers alike.

Each is read whole, byte by byte, with another message behind it and with half of one, by the peer of its sender.
In the list a `|` ends a field.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from ironbridge import wire
from ironbridge.wire import UNSET, Connection, FrameReader, Role, frame

CLIENT, SERVER = Role.CLIENT, Role.SERVER
MAX = "1.7976931348623157E308"

AAPL = wire.Contract(265598, "AAPL", "STK", exchange="SMART", currency="USD")
SPY_CALL = wire.Contract(0, "SPY", "OPT", "20260619", Decimal("500.5"), "C", "100", "SMART", "", "USD")
POSITION = wire.Contract(265598, "AAPL", "STK", currency="USD", local_symbol="AAPL", trading_class="NMS")
LONG_NAME = wire.ContractDetails(
    "NMS", Decimal("0.01"), "LMT,MKT", "SMART,NYSE", 1, 0, "Société \\ Générale", time_zone_id="US/Eastern",
    sec_id_list=(wire.TagValue("ISIN", "US0378331005"),), agg_group=1, market_rule_ids="26", stock_type="COMMON",
    min_size=Decimal("0.0001"), size_increment=Decimal("0.0001"), suggested_size_increment=Decimal(100),
)  # fmt: skip

CASES: tuple[tuple[str, int, Role, str, Any], ...] = (
    ("start", 176, CLIENT, "71|2|3||", wire.StartApi(3)),
    ("accounts", 176, SERVER, "15|1|DU1,DU2,|", wire.ManagedAccounts("DU1,DU2,")),
    ("next id", 176, SERVER, "9|1|217|", wire.NextValidId(217)),
    ("error at 165", 165, SERVER, "4|2|-1|2104|ok|", wire.ErrorMessage(-1, 2104, "ok")),
    ("error at 166", 166, SERVER, "4|2|7|201|no|{}|", wire.ErrorMessage(7, 201, "no", "{}")),
    ("error escaped", 178, SERVER, "4|2|7|201|caf\\u00e9 \\ud83d\\ude00||", wire.ErrorMessage(7, 201, "café 😀")),
    ("error plain at 152", 152, SERVER, "4|2|7|201|café|", wire.ErrorMessage(7, 201, "café")),
    (
        "market data",
        178,
        CLIENT,
        "1|11|4|265598|AAPL|STK|||||SMART||USD|||0|233,236|1|0|a=b;c=d;|",
        wire.ReqMktData(4, AAPL, "233,236", True, False, (wire.TagValue("a", "b"), wire.TagValue("c", "d"))),
    ),
    (
        "market data of a combo",
        178,
        CLIENT,
        "1|11|4|0|SPY|BAG|||||SMART||USD|||2|1|2|BUY|CBOE|3|1|SELL|CBOE|1|9|0.5|10||0|0||",
        wire.ReqMktData(
            4,
            wire.Contract(
                0,
                "SPY",
                "BAG",
                exchange="SMART",
                currency="USD",
                combo_legs=(wire.ComboLeg(1, 2, "BUY", "CBOE"), wire.ComboLeg(3, 1, "SELL", "CBOE")),
                delta_neutral_contract=wire.DeltaNeutralContract(9, 0.5, 10.0),
            ),
        ),
    ),
    ("tick price", 178, SERVER, "1|6|4|1|150.25|300|1|", wire.TickPrice(4, 1, 150.25, 300.0, 1)),
    ("tick price gone", 178, SERVER, "1|6|4|1|-1|0|0|", wire.TickPrice(4, 1, -1.0, 0.0)),
    ("tick price absent", 178, SERVER, "1|6|4|1|||0|", wire.TickPrice(4, 1, None, None)),
    ("tick price unset", 178, SERVER, f"1|6|4|1|{MAX}|0|0|", wire.TickPrice(4, 1, UNSET, 0.0)),
    ("tick size", 178, SERVER, "2|6|4|0|0.5|", wire.TickSize(4, 0, 0.5)),
    ("tick string", 178, SERVER, "46|6|4|45|1700000000|", wire.TickString(4, 45, "1700000000")),
    ("model before 156", 155, SERVER, "21|6|4|13|0.2|0.5|2.25|0|0.1|0.2|-0.3|150|",
     wire.TickOptionComputation(4, 13, 0, 0.2, 0.5, 2.25, 0.0, 0.1, 0.2, -0.3, 150.0)),
    ("model", 156, SERVER, "21|4|13|1|-1|-2|-1|-1|-2|-2|-2|-1|", wire.TickOptionComputation(4, 13, 1)),
    ("tick by tick", 178, SERVER, "99|4|3|1700000000|10|10.5|3|4|2|",
     wire.TickByTick(4, 3, 1700000000, wire.BidAsk(10.0, 10.5, 3.0, 4.0, 2))),
    ("details asked", 175, CLIENT, "9|8|2|0|SPY|OPT|20260619|500.5|C|100|SMART||USD|||0|||",
     wire.ReqContractDetails(2, SPY_CALL)),
    ("details asked at 176", 176, CLIENT, "9|8|2|0|SPY|OPT|20260619|500.5|C|100|SMART||USD|||0||||",
     wire.ReqContractDetails(2, SPY_CALL)),
    (
        "details",
        178,
        SERVER,
        ("10|2|AAPL|STK||||SMART|USD||NMS||265598|0.01||LMT,MKT|SMART,NYSE|1|0|"
        "Soci\\u00e9t\\u00e9 \\u005c G\\u00e9n\\u00e9rale|||||"
        "|US/Eastern||||"
        "|1|ISIN|US0378331005|1|||26||COMMON|0.0001|0.0001|100|"),
        wire.ContractData(2, AAPL, LONG_NAME),
    ),
    ("details end", 178, SERVER, "52|1|2|", wire.ContractDataEnd(2)),
    ("chain", 178, SERVER, "75|1|CBOE|756733|SPY|100|2|20260619|20260717|2|500|500.5|",
     wire.SecDefOptParams(
         1, "CBOE", 756733, "SPY", "100", ("20260619", "20260717"), (Decimal(500), Decimal("500.5"))
     )),
    ("market rule", 178, SERVER, "93|26|2|0|0.0001|1|0.01|",
     wire.MarketRule(
         26,
         (wire.PriceIncrement(Decimal(0), Decimal("0.0001")), wire.PriceIncrement(Decimal(1), Decimal("0.01"))),
     )),
    ("cancel at 168", 168, CLIENT, "4|1|5|", wire.CancelOrder(5)),
    ("cancel at 169", 169, CLIENT, "4|1|5|20260413 10:00:00|", wire.CancelOrder(5, "20260413 10:00:00")),
    ("status", 178, SERVER, "3|5|Submitted|0|100|0.0|100000001|0||3||0|",
     wire.OrderStatus(
         5, "Submitted", Decimal(0), Decimal(100), Decimal("0.0"), 100000001, 0, None, 3, "", Decimal(0)
     )),
    ("execution", 178, SERVER,
     ("11|-1|5|265598|AAPL|STK|||||SMART|USD|||0001.01|20260413 15:27:04 US/Eastern|DU1|NYSE|BOT|50|150.25|"
     "100000001|3|0|50|150.25|ref||||2|0|"),
     wire.ExecDetails(-1, 5, AAPL, wire.Execution(
         "0001.01", "20260413 15:27:04 US/Eastern", "DU1", "NYSE", "BOT", Decimal(50), Decimal("150.25"),
         100000001, 3, 0, Decimal(50), Decimal("150.25"), "ref", last_liquidity=2, pending_price_revision=False,
     ))),
    ("commission", 178, SERVER, f"59|1|0001.01|1.05|USD|{MAX}|{MAX}||",
     wire.CommissionReport("0001.01", Decimal("1.05"), "USD", UNSET, UNSET)),
    ("position", 178, SERVER, "61|3|DU1|265598|AAPL|STK||||||USD|AAPL|NMS|-50|150.2534|",
     wire.Position("DU1", POSITION, Decimal(-50), Decimal("150.2534"))),
    ("account value", 178, SERVER, "6|2|NetLiquidation|1000.00|USD|DU1|",
     wire.AccountValue("NetLiquidation", "1000.00", "USD", "DU1")),
    ("profit", 178, SERVER, f"94|1|12.5|{MAX}|{MAX}|", wire.Pnl(1, Decimal("12.5"), UNSET, UNSET)),
    ("completed end", 178, SERVER, "102|", wire.CompletedOrdersEnd()),
    ("bars", 178, SERVER, "17|3|20260101|20260413|1|20260413|1|4|0.5|2|1000.5|1.75|12|",
     wire.HistoricalData(
         3, "20260101", "20260413", (wire.HistoricalBar("20260413", 1.0, 4.0, 0.5, 2.0, 1000.5, 1.75, 12),)
     )),
    ("no bars", 178, SERVER, "17|3|a|b|0|", wire.HistoricalData(3, "a", "b")),
    ("bar update", 178, SERVER, "90|3|12|20260413|1|2|4|0.5|1.75|1000|",
     wire.HistoricalDataUpdate(3, wire.HistoricalBar("20260413", 1.0, 4.0, 0.5, 2.0, 1000.0, 1.75, 12))),
    ("option value asked", 178, CLIENT, "55|3|1|265598|AAPL|STK|||||SMART||USD|||0.25|150||",
     wire.CalculateOptionPrice(1, AAPL, 0.25, 150.0)),
    ("events asked", 170, CLIENT, "102|1|8314|", wire.ReqWshEventData(1, 8314)),
)  # fmt: skip

IDS = [name for name, *_ in CASES]


def payload(text: str) -> bytes:
    return text.replace("|", "\0").encode()


def opened(role: Role, version: int) -> Connection:
    """A connection of that role, past the greeting."""
    client = Connection(CLIENT, max_version=version)
    server = Connection(SERVER, max_version=version)
    client.hello()
    server.receive_data(client.data_to_send())
    server.accept("20260413 15:27:04 EST")
    client.receive_data(server.data_to_send())
    client.events_received()
    server.events_received()
    return client if role is CLIENT else server


def whole(connection: Connection, data: bytes) -> None:
    connection.receive_data(data)


def byte_by_byte(connection: Connection, data: bytes) -> None:
    for byte in data:
        connection.receive_data(bytes([byte]))


@pytest.mark.parametrize("feed", (whole, byte_by_byte))
@pytest.mark.parametrize(("version", "sender", "text", "message"), [case[1:] for case in CASES], ids=IDS)
def test_read(version: int, sender: Role, text: str, message: Any, feed: Callable[[Connection, bytes], None]) -> None:
    connection = opened(sender.peer, version)
    data = frame(payload(text))
    feed(connection, data)
    assert connection.events_received() == [message]
    feed(connection, data + data)
    assert connection.events_received() == [message, message]


@pytest.mark.parametrize(("version", "sender", "text", "message"), [case[1:] for case in CASES], ids=IDS)
def test_read_with_half_of_the_next(version: int, sender: Role, text: str, message: Any) -> None:
    connection = opened(sender.peer, version)
    data = frame(payload(text))
    for cut in range(1, len(data)):
        connection.receive_data(data + data[:cut])
        assert connection.events_received() == [message]
        connection.receive_data(data[cut:])
        assert connection.events_received() == [message]


@pytest.mark.parametrize(("version", "sender", "text", "message"), [case[1:] for case in CASES], ids=IDS)
def test_write(version: int, sender: Role, text: str, message: Any) -> None:
    connection = opened(sender, version)
    connection.send(message)
    assert connection.data_to_send() == frame(payload(text))
    assert connection.data_to_send() == b""


READ_ONLY = (
    # What others send for the same meaning.
    ("exponent with a plus", 178, SERVER, "1|6|4|1|1.7976931348623157e+308|0|0|", wire.TickPrice(4, 1, UNSET, 0.0)),
    ("infinity", 178, SERVER, "1|6|4|1|Infinity|0|0|", wire.TickPrice(4, 1, UNSET, 0.0)),
    ("whole unset", 178, SERVER, "2|6|4|0|2147483647|", wire.TickSize(4, 0, UNSET)),
    ("words for truth", 178, SERVER, "87|1|true|", wire.HistoricalNewsEnd(1, True)),
    ("empty truth", 178, SERVER, "87|1||", wire.HistoricalNewsEnd(1, False)),
    ("counted options", 178, CLIENT, "55|3|1|265598|AAPL|STK|||||SMART||USD|||0.25|150|1|a=b;|",
     wire.CalculateOptionPrice(1, AAPL, 0.25, 150.0, (wire.TagValue("a", "b"),))),
    ("another legacy version", 178, SERVER, "9|2|217|", wire.NextValidId(217)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("version", "sender", "text", "message"), [case[1:] for case in READ_ONLY], ids=[case[0] for case in READ_ONLY]
)
def test_read_only(version: int, sender: Role, text: str, message: Any) -> None:
    connection = opened(sender.peer, version)
    connection.receive_data(frame(payload(text)))
    assert connection.events_received() == [message]


def test_sizes_are_whole_below_163() -> None:
    """Official clients of the 9.x line read a size with int() and lose the session on a point."""
    connection = opened(SERVER, 157)
    connection.send(wire.TickSize(1, 0, 100.75))
    connection.send(wire.TickPrice(1, 1, 150.5, 3.0))
    connection.send(wire.PnlSingle(1, Decimal("2.5")))
    first, second, third = FrameReader().feed(connection.data_to_send())
    assert first == payload("2|6|1|0|100|")
    assert second == payload("1|6|1|1|150.5|3|0|")
    assert third.startswith(payload("95|1|2|"))


ONE, INFINITY = Decimal(1), Decimal("Infinity")


@pytest.mark.parametrize(
    ("order", "extra"),
    (
        ({"order_type": "PEG BEST", "min_compete_size": 1, "compete_against_best_offset": ONE}, "1|1|"),
        (
            {"order_type": "PEG BEST", "compete_against_best_offset": INFINITY, "mid_offset_at_half": ONE},
            "|Infinity||1|",
        ),
        ({"order_type": "PEG MID", "mid_offset_at_half": ONE}, "|1|"),
        ({"order_type": "LMT"}, ""),
    ),
)
def test_the_end_of_an_order_depends_on_its_kind(order: dict[str, Any], extra: str) -> None:
    client, server = opened(CLIENT, 178), opened(SERVER, 178)
    client.send(wire.PlaceOrder(1, AAPL, wire.Order(order_type="LMT")))
    plain = FrameReader().feed(client.data_to_send())[0]
    message = wire.PlaceOrder(1, AAPL, wire.Order(**order))
    client.send(message)
    data = client.data_to_send()
    said = FrameReader().feed(data)[0]
    assert said.count(b"\0") == plain.count(b"\0") + extra.count("|")
    assert said.endswith(payload(extra))
    server.receive_data(data)
    assert server.events_received() == [message]
