"""Requests: only an End is an answer."""

from __future__ import annotations

import asyncio

import pytest

from ironbridge.domain.instrument import Option, Stock
from ironbridge.domain.reports import LinkEnded, Notice, PositionReport
from ironbridge.errors import NotConnected, ProtocolError, RequestRejected, RequestTimeout, SessionLost
from ironbridge.interfaces import Lane

POSITION = (61, 3, "DU1", 265598, "AAPL", "STK", "", 0, "", "", "NASDAQ", "USD", "AAPL", "NMS", 5, 101.25)
DETAILS = (
    10, 0, "AAPL", "STK", "", 0, "", "SMART", "USD", "AAPL", "NMS", "NMS", 265598, 0.01, "", "LMT,MKT",
    "SMART,NASDAQ", 1, 0, "APPLE INC", "NASDAQ", "", "Technology", "Computers", "Computers", "US/Eastern",
    "20261120:0400-20261120:2000", "20261120:0930-20261120:1600", "", "", 0, 1, "", "", "26,240", "", "COMMON",
    0.0001, 0.0001, 100,
)  # fmt: skip


@pytest.fixture
async def open_(gateway, server):
    await gateway.connect(server.endpoint)
    return gateway


async def test_items_are_handed_out_at_the_end(open_, server):
    asking = asyncio.create_task(open_.positions())
    assert await server.hears(61) == ["61", "1"]
    server.say(*POSITION)
    server.say(62, 1)
    positions = await asking
    assert [(str(held.quantity), str(held.average_cost)) for held in positions] == [("5", "101.25")]


async def test_without_an_end_there_is_no_answer(open_, server):
    asking = asyncio.create_task(open_.positions())
    await server.hears(61)
    server.say(*POSITION)
    with pytest.raises(RequestTimeout, match="positions within") as caught:
        await asking
    assert caught.value.details["received"] == 1


async def test_what_ib_said_meanwhile_is_quoted(open_, server):
    asking = asyncio.create_task(open_.open_orders())
    await server.hears(5)
    server.say(4, 2, -1, 321, "Error validating request: The API interface is currently in Read-Only mode.", "")
    with pytest.raises(RequestTimeout, match="Read-Only"):
        await asking


async def test_a_late_end_is_paid_before_the_next_question(open_, server):
    asking = asyncio.create_task(open_.positions())
    await server.hears(61)
    with pytest.raises(RequestTimeout):
        await asking
    again = asyncio.create_task(open_.positions())
    assert await server.hears(49) == ["49", "1"], "the time is asked first: IB answers in order"
    server.say(*POSITION)
    server.say(62, 1)
    server.say(49, 1, 1795219165)
    await server.hears(61)
    server.say(62, 1)
    assert await again == [], "the late answer's item is not this answer's"


async def test_a_cancelled_question_owes_its_end_too(open_, server):
    asking = asyncio.create_task(open_.open_orders())
    await server.hears(5)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    again = asyncio.create_task(open_.open_orders())
    await server.hears(49)
    server.say(49, 1, 1795219165)
    await server.hears(5)
    server.say(53, 1)
    assert await again == []


async def test_one_of_a_kind_at_a_time(open_, server):
    first, second = asyncio.create_task(open_.positions()), asyncio.create_task(open_.positions())
    await server.hears(61)
    server.say(*POSITION)
    server.say(62, 1)
    await server.hears(61)
    server.say(62, 1)
    assert len(await first) == 1
    assert await second == []


async def test_an_item_that_cannot_be_read_spoils_the_answer(open_, server, ear):
    asking = asyncio.create_task(open_.positions())
    await server.hears(61)
    server.say(*POSITION[:-2], "many", 101)
    server.say(62, 1)
    with pytest.raises(ProtocolError, match="could not be read"):
        await asking
    assert (await ear.hears(Notice)).code == 508
    assert open_.faults == {508: 1}


async def test_the_end_of_the_link_ends_every_request(open_, server, ear):
    waiting = [asyncio.create_task(ask()) for ask in (open_.positions, open_.executions, open_.server_time)]
    for kind in (61, 7, 49):
        await server.hears(kind)
    server.hang_up()
    for task in waiting:
        with pytest.raises(SessionLost):
            await task
    await ear.hears(LinkEnded)


async def test_a_request_that_waits_for_its_turn_never_goes_out_on_the_next_session(gateway, server, pace):
    await gateway.connect(server.endpoint)
    pace.gate = asyncio.Event()
    asking = asyncio.create_task(gateway.positions())
    await asyncio.wait_for(pace.asked.wait(), 5)
    await gateway.connect(server.endpoint)
    pace.gate.set()
    with pytest.raises(NotConnected, match="nothing was sent"):
        await asking
    assert all(fields[0] == "71" for fields in server.received._queue)


async def test_contract_details_with_their_price_grid(open_, server):
    asking = asyncio.create_task(open_.contracts(Stock("AAPL")))
    request = await server.hears(9)
    assert request[3:15] == ["0", "AAPL", "STK", "", "0.0", "", "", "SMART", "", "USD", "", ""]
    server.say(DETAILS[0], request[2], *DETAILS[2:])
    server.say(52, 1, request[2])
    rule = await server.hears(91)
    assert rule == ["91", "26"], "the rule of its own exchange, of the two that IB lists"
    server.say(93, 26, 2, 1, 0.01, 0, 0.0001)
    (contract,) = await asking
    assert [(str(step.low_edge), str(step.increment)) for step in contract.increments] == [
        ("0", "0.0001"),
        ("1", "0.01"),
    ]
    assert contract.order_types == {"LMT", "MKT"}
    assert contract.con_id == 265598


async def test_a_market_rule_is_asked_for_once(open_, server):
    server.answers["9"] = lambda fields: (
        server.say(DETAILS[0], fields[2], *DETAILS[2:]),
        server.say(52, 1, fields[2]),
    )
    server.answers["91"] = lambda _: server.say(93, 26, 1, 0, 0.01)
    await open_.contracts(Stock("AAPL"))
    await open_.contracts(Stock("AAPL"))
    assert [fields[0] for fields in server.received._queue].count("91") == 1


async def test_no_security_definition_is_an_empty_answer(open_, server, ear):
    asking = asyncio.create_task(open_.contracts(Option("SPY", "20261218", 1, "C")))
    request = await server.hears(9)
    server.say(4, 2, request[2], 200, "No security definition has been found for the request", "")
    assert await asking == []
    assert ear.reports == []


async def test_a_refusal_is_a_refusal(open_, server):
    asking = asyncio.create_task(open_.contracts(Stock("AAPL")))
    request = await server.hears(9)
    server.say(4, 2, request[2], 321, "Error validating request.", "")
    with pytest.raises(RequestRejected, match="Error validating") as caught:
        await asking
    assert caught.value.code == 321


async def test_an_unknown_code_ends_nothing(open_, server, ear):
    asking = asyncio.create_task(open_.contracts(Stock("AAPL")))
    request = await server.hears(9)
    server.say(4, 2, request[2], 9999, "Something new", "")
    assert await ear.hears(Notice) == Notice(None, 9999, "Something new"), "about a request, so about no order"
    server.say(52, 1, request[2])
    assert await asking == []


async def test_the_heartbeat_goes_before_subscriptions(open_, server, pace):
    asking = asyncio.create_task(open_.server_time())
    await server.hears(49)
    server.say(49, 1, 1795219165)
    assert (await asking).isoformat() == "2026-11-20T23:59:25+00:00"
    assert pace.lanes == [Lane.ORDER]


async def test_positions_are_reported_as_they_come(open_, server, ear):
    server.say(*POSITION)
    report = await ear.hears(PositionReport)
    assert report.position.instrument.con_id == 265598
