"""The process is killed at every step of an order's path, and no order is there twice or forgotten (I-17)."""

import asyncio
import os
from collections import Counter
from decimal import Decimal
from random import Random

import pytest

import ironbridge as ib
from ironbridge.bridge import Bridge
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.modification import ModifyState
from ironbridge.paper import PaperGateway
from ironbridge.paper.faults import Delay, Duplicate, Ignore, SilentOrder, Swallow

S = OrderState
RESTS = "1.00"
"""A limit far below the market: the order stands until it is cancelled."""

KILLS = int(os.environ.get("KILLS", "50"))
"""`make kills` runs a thousand."""

SEED = int(os.environ.get("KILL_SEED", "5"))

ONE = [("only", 7, RESTS)]


@pytest.mark.parametrize(
    ("die", "state"),
    (
        ("SqlJournal.claim:before:1", None),
        ("SqlJournal.claim:after:1", S.NOT_SENT),
        ("IbGateway.place:before:1", S.NOT_SENT),
        ("IbGateway.place:after:1", S.WORKING),
        ("SqlJournal.append:before:1", S.WORKING),
        ("SqlJournal.append:after:1", S.WORKING),
        ("SqlJournal.append:before:2", S.WORKING),
        ("SqlJournal.append:after:2", S.WORKING),
    ),
)
async def test_killed_at_each_step_of_sending(mortal, fates, die: str, state: OrderState | None) -> None:
    await mortal.live(ONE, die)
    found = await fates(ONE)
    found.check()
    assert found.states.get("only") is state
    assert found.held["only"] == (state is S.WORKING)


@pytest.mark.parametrize(
    ("die", "state"),
    (
        ("SqlJournal.append:after:3", None),
        ("IbGateway.cancel:before:1", S.WORKING),
        ("IbGateway.cancel:after:1", S.CANCELLED),
    ),
)
async def test_killed_at_each_step_of_cancelling(mortal, fates, die: str, state: OrderState | None) -> None:
    await mortal.begin(ONE, die, cancel=True)
    await mortal.ended()
    found = await fates(ONE)
    found.check()
    assert found.held["only"] == 1
    assert found.states["only"] in ({state} if state else {S.WORKING, S.CANCELLED})


@pytest.mark.parametrize(
    ("die", "changed"),
    (
        ("SqlJournal.halted:before:1", False),
        ("SqlJournal.halted:after:1", False),
        ("IbGateway.modify:before:1", False),
        ("IbGateway.modify:after:1", True),
    ),
)
async def test_killed_at_each_step_of_modifying(mortal, gateway, fates, die: str, changed: bool) -> None:
    await mortal.live(ONE, die, change="2.00")
    found = await fates(ONE)
    found.check()
    assert found.held["only"] == 1
    assert found.states["only"] is S.WORKING
    (held,) = gateway.venue.orders()
    assert (
        found.terms["only"].limit_price == held.terms.limit_price == (Decimal("2.00") if changed else Decimal("1.00"))
    )
    (change,) = found.changes["only"]
    assert change.state is (ModifyState.ACCEPTED if changed else ModifyState.NOT_SENT) or change.reason


@pytest.mark.parametrize("kind", ("bracket", "oca"))
@pytest.mark.parametrize(
    "die",
    (
        "SqlJournal.claim_all:before:1",
        "SqlJournal.claim_all:after:1",
        "IbGateway.place:before:1",
        "IbGateway.place:after:1",
        "IbGateway.place:before:2",
        "IbGateway.place:after:2",
        "IbGateway.place:after:3",
        "SqlJournal.append:before:1",
        "SqlJournal.append:after:1",
    ),
)
async def test_killed_at_each_step_of_submitting_a_group(mortal, gateway, kind: str, die: str) -> None:
    if kind == "oca" and die.endswith("place:after:3"):
        die = "IbGateway.place:after:2"
    await mortal.live(ONE, die, group=kind)
    async with ib.connect("127.0.0.1", gateway.port, home=mortal.home, client_id=1, answer_timeout=2) as bridge:
        await stands(bridge, gateway)


async def stands(bridge: Bridge, gateway: PaperGateway) -> None:
    """Each group stands whole or not at all, and what is said of it here is what the gateway holds."""
    with bridge.topics.orders.subscribe() as changes:
        async with asyncio.timeout(20):
            while not _is_told(bridge, gateway):
                await anext(changes)


def _is_told(bridge: Bridge, gateway: PaperGateway) -> bool:
    orders = bridge.orders.list()
    ids = Counter(held.order_id for held in (*gateway.venue.orders(), *gateway.venue.completed()))
    assert all(count == 1 for count in ids.values()), "one key, one order"
    alive = [order for order in orders if not order.ended]
    held = len(gateway.venue.orders())
    return held == len(alive) and (not alive or len(alive) == len(orders))


@pytest.mark.parametrize("die", ("IbGateway.place:after:1", "SqlJournal.append:before:1", "SqlJournal.append:before:2"))
async def test_killed_as_a_market_order_fills(mortal, fates, die: str) -> None:
    orders = [("only", 7, None)]
    await mortal.live(orders, die)
    found = await fates(orders)
    found.check()
    assert (found.states["only"], found.filled["only"]) == (S.FILLED, 7)


@pytest.mark.parametrize(
    ("faults", "state"),
    (
        ((Swallow("OpenOrder", None), Swallow("OrderStatus", None)), S.WORKING),
        ((Delay("OpenOrder", 0.3, None), Delay("OrderStatus", 0.3, None)), S.WORKING),
        ((SilentOrder(),), S.WORKING),
        ((Duplicate("OpenOrder", 3, None), Duplicate("OrderStatus", 3, None)), S.WORKING),
        ((Ignore("PlaceOrder"),), S.UNKNOWN),
    ),
)
async def test_killed_while_the_acknowledgement_is_awaited(mortal, gateway, fates, faults, state) -> None:
    for fault in faults:
        gateway.faults.inject(fault)
    await mortal.live(ONE, "SqlJournal.append:after:1")
    gateway.faults.clear()
    found = await fates(ONE)
    found.check()
    # The record that it was sent shares its transaction with whatever IB had said by then, or is alone in it.
    assert found.states["only"] is state
    assert found.held["only"] == (state is S.WORKING)


async def test_killed_again_while_it_finds_out(mortal, gateway, fates) -> None:
    await mortal.live(ONE, "IbGateway.place:after:1")
    for die in ("SqlJournal.append:before:1", "SqlJournal.append:after:1", "SqlJournal.append:before:2"):
        await mortal.begin(ONE, die)
        await mortal.ended()
    found = await fates(ONE)
    found.check()
    assert found.states["only"] is S.WORKING


async def test_killed_at_random_while_answers_are_lost_late_and_doubled(mortal, gateway, fates) -> None:
    await storm(mortal, gateway, fates, kills=KILLS, seed=SEED)


async def storm(mortal, gateway, fates, *, kills: int, seed: int) -> None:
    """Kill an engine that submits without rest, start it again, and let the gateway misbehave all the while."""
    random = Random(seed)
    orders = [(f"key-{n}", n, RESTS if n % 3 else None) for n in range(1, 40 * kills)]
    done = 0
    for _ in range(kills):
        for kind in ("OpenOrder", "OrderStatus", "ExecDetails"):
            fault = random.choice((None, Swallow(kind, 2), Delay(kind, 0.05, 3), Duplicate(kind, 2, 3)))
            if fault is not None:
                gateway.faults.inject(fault)
        if random.random() < 0.3:
            gateway.faults.inject(Ignore("PlaceOrder"))
        change = random.choice((None, "2.00"))
        pid = await mortal.begin(orders[max(done - 2, 0) : done + 40], change=change)
        # Most die while they trade, some while they connect and find out. The moment is what is tried here.
        if random.random() < 0.8:
            await mortal.trading()
        await asyncio.sleep(random.uniform(0, 0.4))
        await mortal.kill(pid)
        gateway.faults.clear()
        held = [*gateway.venue.orders(), *gateway.venue.completed()]
        # What was lost on its way is not waited for: the next engine goes on behind it.
        done = max([done + 1, *(int(order.terms.quantity) for order in held)])
    found = await fates(orders)
    found.check()
    found.check_changes()
    assert any(found.changes.values()), "changes were under way too"
    assert sum(found.held.values()) > kills / 2, "orders were under way when they were killed"
