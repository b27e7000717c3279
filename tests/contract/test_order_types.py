"""Every order type and time in force: placed, modified, cancelled, rejected, filled in parts; on both brokers alike.

The fake broker is driven by what the paper gateway did, and what each told is compared message by message. Repeated
messages count once: IB repeats them as it likes (I-16).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from tests.contract.conftest import Ear
from tests.contract.order_cases import AAPL_ID, START, TAPE, Case, cases

from ironbridge.domain.instrument import Contract, Stock
from ironbridge.domain.order import OrderRequest, RiskApproved
from ironbridge.domain.order_spec import OrderSpec
from ironbridge.domain.order_types import TRAILING
from ironbridge.domain.reports import (
    BrokerReport,
    BrokerStatus,
    CommissionReport,
    ExecutionReport,
    Notice,
    OpenOrderReport,
    StatusReport,
)
from ironbridge.domain.session import Endpoint
from ironbridge.exchange.venue import VenueOptions
from ironbridge.ib import IbGateway
from ironbridge.orders.validation import check_spec
from ironbridge.paper import PaperClock, PaperGateway
from ironbridge.paper.faults import RejectOrder
from ironbridge.session import SlidingWindowPacer, SystemClock
from ironbridge.testing import fakes
from ironbridge.testing.clock import ManualClock

ACCOUNT = "DU1"
CASES = cases(replace(Stock("AAPL"), con_id=AAPL_ID))
RESTING = [case for case in CASES if not case.at_once]


def told(reports: Sequence[BrokerReport]) -> list[tuple[Any, ...]]:
    """What was told of orders, repetitions left out."""
    lines: list[tuple[Any, ...]] = []
    for report in reports:
        match report:
            case OpenOrderReport():
                lines.append(("openOrder", str(report.status), str(report.spec and _fixed(report.spec))))
            case StatusReport():
                lines.append(("orderStatus", str(report.status), report.filled, report.remaining, report.why_held))
            case ExecutionReport():
                lines.append(("execDetails", report.side, report.quantity, report.price, report.cumulative))
            case CommissionReport():
                lines.append(("commissionReport",))
            case Notice() if report.order_id is not None:
                lines.append(("error", report.code))
            case _:
                pass
    once: list[tuple[Any, ...]] = []
    for line in lines:
        once.append(line)
        if len(once) >= 4 and once[-2:] == once[-4:-2]:
            del once[-2:]
    return once


def _fixed(spec: OrderSpec) -> OrderSpec:
    """Without where a trailing stop stands, which IB says in place of where it was to start."""
    return replace(spec, stop_price=None) if spec.order_type in TRAILING else spec


class Desk:
    """A broker and what it tells, order after order."""

    def __init__(self, broker: Any, contract: Contract, first: int) -> None:
        self.broker = broker
        self.contract = contract
        self.number = first - 1
        self.ear = Ear()
        broker.listen(self.ear)

    def approved(self, spec: OrderSpec) -> RiskApproved:
        request = OrderRequest(f"k{self.number}", self.contract.instrument, spec, ACCOUNT)
        return RiskApproved(request, (), START)

    async def place(self, spec: OrderSpec) -> None:
        self.number += 1
        self.ear.reports.clear()
        await self.broker.place(self.approved(spec), self.number)
        await self.heard()

    async def modify(self, spec: OrderSpec) -> None:
        await self.broker.modify(self.approved(spec), self.number, confirm=lambda: None)
        await self.heard()

    async def cancel(self) -> None:
        await self.broker.cancel(self.number)
        await self.heard()

    async def heard(self) -> None:
        """Everything that the broker had to say by now: it answers in order."""
        await self.broker.positions()

    @property
    def told(self) -> list[tuple[Any, ...]]:
        return told(self.ear.reports)

    @property
    def filled(self) -> bool:
        return any(report.status is BrokerStatus.FILLED for report in self.ear.of(StatusReport))


@asynccontextmanager
async def _gateway() -> AsyncIterator[tuple[Desk, PaperGateway]]:
    options = VenueOptions(recordings={AAPL_ID: TAPE})
    paper = PaperGateway(port=0, accounts=(ACCOUNT,), clock=PaperClock(START, 0), options=options)
    async with paper:
        clock = SystemClock()
        gateway = IbGateway(SlidingWindowPacer(clock), clock, request_timeout=10, connect_timeout=10)
        session = await gateway.connect(Endpoint("127.0.0.1", paper.port, 5))
        contract = (await gateway.contracts(Stock("AAPL")))[0]
        yield Desk(gateway, contract, session.next_order_id), paper
        await gateway.disconnect()


@pytest.fixture
async def real() -> AsyncIterator[tuple[Desk, PaperGateway]]:
    async with _gateway() as made:
        yield made


def fake_beside(real: Desk) -> Desk:
    return Desk(fakes.FakeBroker(ManualClock()), real.contract, real.number + 1)


@pytest.mark.parametrize("case", RESTING, ids=str)
async def test_placed_modified_cancelled_rejected(real, case: Case) -> None:
    desk, paper = real
    fake = fake_beside(desk)
    check_spec(case.spec, desk.contract)
    changed = replace(case.spec, quantity=case.spec.quantity + 2)
    for each in (desk, fake):
        await each.place(case.spec)
        shown = each.ear.of(OpenOrderReport)[0].spec
        assert shown is not None, "IB's message is read back"
        assert _fixed(shown) == _fixed(case.spec)
        await each.modify(changed)
        assert _fixed(each.ear.of(OpenOrderReport)[-1].spec) == _fixed(changed)
        await each.cancel()
        assert each.ear.of(StatusReport)[-1].status is BrokerStatus.CANCELLED
    assert fake.told == desk.told
    paper.faults.inject(RejectOrder())
    fake.broker.on_place = fakes.refuse
    for each in (desk, fake):
        await each.place(case.spec)
        assert each.told == [("error", 201)]


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_filled_in_parts(real, case: Case) -> None:
    desk, paper = real
    fake = fake_beside(desk)
    await desk.place(case.spec)
    if not case.at_once:
        assert not desk.ear.of(ExecutionReport)
    for moment in case.moves:
        if desk.filled:
            break
        paper.clock.jump(moment)
        paper.step()
        await desk.heard()
    parts = desk.ear.of(ExecutionReport)
    assert sum(part.quantity for part in parts) == case.spec.quantity
    if case.at_once:
        fake.broker.on_place = lambda broker, order: broker.hold(order.order_id)
    await fake.place(case.spec)
    if not case.at_once and fake.ear.of(StatusReport)[-1].status is BrokerStatus.PRE_SUBMITTED and _works_first(desk):
        fake.broker.work(fake.number)
    for part in parts:
        fake.broker.fill(fake.number, part.quantity, part.price)
    await fake.heard()
    assert fake.told == desk.told
    for each in (desk, fake):
        each.ear.reports.clear()
        await each.cancel()
        assert each.told == [("error", 10148)], "what has filled cannot be cancelled"


def _works_first(desk: Desk) -> bool:
    """Whether the order worked before its first fill: in an auction it does not."""
    first = next(n for n, report in enumerate(desk.ear.reports) if isinstance(report, ExecutionReport))
    return any(
        isinstance(report, StatusReport) and report.status is BrokerStatus.SUBMITTED
        for report in desk.ear.reports[:first]
    )


def test_every_type_in_every_time_is_on_the_list() -> None:
    from ironbridge.domain.order_types import TYPES

    wanted = {(kind, time) for kind, rule in TYPES.items() for time in rule.times}
    assert wanted <= {(case.spec.order_type, case.spec.time_in_force) for case in CASES}
