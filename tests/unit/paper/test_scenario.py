"""Scenario files: what they mean, what is refused and where, and that the page in the docs says the same."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ironbridge.errors import InvalidInput
from ironbridge.paper import FaultPlan, Pacing
from ironbridge.paper.fault_text import FAULTS, seconds_of
from ironbridge.paper.faults import (
    NOW,
    After,
    At,
    AtTimeOfDay,
    Drop,
    LoseUpstream,
    OnConnect,
    OnMessage,
    OnOrder,
    OrderStep,
    RestoreUpstream,
    Resume,
    Script,
    Step,
    Swallow,
    When,
)
from ironbridge.paper.scenario import load, read_scenario, shipped
from ironbridge.paper.yaml_text import read_text
from ironbridge.wire.orders import ExecDetails, OrderStatus
from ironbridge.wire.session import StartApi

PAGE = Path(__file__).parents[3] / "docs" / "scenarios.md"
HEAD = "name: x\nabout: y\ngood_client: z\n"


def steps(text: str) -> tuple[Step, ...]:
    return read_scenario(HEAD + "steps:\n" + text, "t.yaml").steps


@pytest.mark.parametrize(
    ("text", "when"),
    (
        ("now", NOW),
        ("{after: 90}", After(90)),
        ("{after: 1.5}", After(1.5)),
        ("{after: 5m}", After(300)),
        ("{after: 3d}", After(259_200)),
        ('{time: "09:45"}', AtTimeOfDay(time(9, 45))),
        ("{time: 10:45}", AtTimeOfDay(time(10, 45))),
        ("{time: 2026-11-20T14:45Z}", At(datetime(2026, 11, 20, 14, 45, tzinfo=UTC))),
        ("{time: 2026-11-20T09:45}", At(datetime(2026, 11, 20, 14, 45, tzinfo=UTC))),
        ("{message: PlaceOrder, nth: 3}", OnMessage("PlaceOrder", 3)),
        ("{order: accepted}", OnOrder(OrderStep.ACCEPTED)),
        ("{order: cancel sent, nth: 2}", OnOrder(OrderStep.CANCEL_SENT, 2)),
        ("{connect: 2}", OnConnect(2)),
    ),
)
def test_triggers(text: str, when: When) -> None:
    assert steps(f"  - when: {text}\n    do: Drop") == (Step(when, (Drop(),)),)


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_can_be_written(name: str) -> None:
    samples = {"kind": "OrderStatus", "seconds": 2, "code": 201, "order_id": 5, "data": "00ff", "name": "usfarm"}
    if name == "Ignore":
        samples["kind"] = "PlaceOrder"
    kind = FAULTS[name]
    given_ = {each.name: samples[each.name] for each in fields(kind) if each.name in samples}
    [step] = steps(f"  - do:\n      - {name}: {json.dumps(given_)}")
    assert step.faults == (kind(**given_),)


def test_every_trigger_can_be_written() -> None:
    assert {type(NOW), After, At, AtTimeOfDay, OnMessage, OnOrder, OnConnect} == set(get_args(When))


@pytest.mark.parametrize(
    ("text", "words"),
    (
        ("", "no mapping"),
        ("- 1", "no mapping"),
        (HEAD, "at least one step"),
        (HEAD + "steps: []", "at least one step"),
        (HEAD + "steps: 3", "at least one step"),
        (HEAD + "stepz: []", "'stepz' is not known"),
        ("name: x\nabout: y\nsteps: []", "'good_client' is missing"),
        (HEAD + "pacing: hard", "no pacing"),
        (HEAD + "steps:\n  - {}", "line 5 (step 1): a step waits"),
        (HEAD + "steps:\n  - do: Drop\n  - does: Drop", "line 6 (step 2, does): 'does' is not known"),
        (HEAD + "steps:\n  - do: Dropp", "there is no fault 'Dropp'"),
        (HEAD + "steps:\n  - do: []", "nothing is to be done"),
        (HEAD + "steps:\n  - do: {Drop: {}, Hang: {}}", "is no fault"),
        (HEAD + "steps:\n  - do: {Drop: {clint: 1}}", "Known here: client, linger"),
        (HEAD + "steps:\n  - do: {Drop: {client: one}}", "'one' is not a whole number"),
        (HEAD + "steps:\n  - do: {Drop: {client: true}}", "True is not a whole number"),
        (HEAD + "steps:\n  - do: {Drop: {linger: -1}}", "no length of time"),
        (HEAD + "steps:\n  - do: {Drop: {linger: .nan}}", "no length of time"),
        (HEAD + "steps:\n  - do: {Swallow: {kind: OrderStatuss}}", "such as OrderStatus"),
        (HEAD + "steps:\n  - do: {Swallow: {kind: OrderStatus, count: 0}}", "never acts"),
        (HEAD + "steps:\n  - do: Swallow", "'kind' is missing"),
        (HEAD + "steps:\n  - do: {SendBytes: {data: xyz}}", "not hexadecimal"),
        (HEAD + "steps:\n  - do: {NextOrderId: {order_id: 0}}", "out of bounds"),
        (HEAD + "steps:\n  - do: {Duplicate: {kind: OrderStatus, copies: 1000000}}", "out of bounds"),
        (HEAD + "steps:\n  - do: {BreakFarm: {name: nofarm}}", "Name one of"),
        (HEAD + "steps:\n  - when: soon\n    do: Drop", "no mapping"),
        (HEAD + "steps:\n  - when: {after: soon}\n    do: Drop", "no length of time"),
        (HEAD + "steps:\n  - when: {after: -5}\n    do: Drop", "no length of time"),
        (HEAD + "steps:\n  - when: {time: noon}\n    do: Drop", "no time"),
        (HEAD + "steps:\n  - when: {time: 9999-12-31T10:00}\n    do: Drop", "no time"),
        (HEAD + "steps:\n  - when: {order: placed}\n    do: Drop", "Known: sent, accepted"),
        (HEAD + "steps:\n  - when: {message: PlaceOrders}\n    do: Drop", "such as PlaceOrder"),
        (HEAD + "steps:\n  - when: {message: PlaceOrder, nth: 0}\n    do: Drop", "never acts"),
        (HEAD + "steps:\n  - when: {connect: 1, nth: 2}\n    do: Drop", "does not go with"),
        (HEAD + "steps:\n  - when: {connect: 1, after: 2}\n    do: Drop", "has one of these"),
        ("name: x\nname: y", "line 2: 'name' is given twice"),
        ("name: [", "line 1: this is not YAML"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("name: !!python/object/apply:os.system [x]", "os.system is not read"),
        ("? [a]\n: b", "plain text"),
        ("a: " + "[" * 60 + "]" * 60, "too deep"),
    ),
)
def test_what_means_nothing_is_refused_by_its_place(text: str, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_scenario(text, "t.yaml")
    assert str(refused.value).startswith("t.yaml")
    assert words in str(refused.value)


@given(st.text(max_size=200) | st.text("-:[]{}&*!|>%@`'\"\n #,?0az", max_size=80))
def test_no_text_at_all_is_more_than_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_scenario(text, "t.yaml")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text("abc xyz", max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
        max_leaves=10,
    )
)
def test_json_is_read_as_it_is(value: object) -> None:
    assert read_text(json.dumps(value), "t.json").value == value


@given(st.integers(0, 10**6))
def test_lengths_of_time(number: int) -> None:
    document = read_text("{}", "t")
    for unit, factor in (("", 1), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)):
        assert seconds_of(document, (), f"{number}{unit}") == number * factor


def test_a_scenario_that_there_is_not() -> None:
    with pytest.raises(InvalidInput, match="one of I-01"):
        load("I-99")


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + "pacing: 'off'\nsteps:\n  - do: Drop\n")
    mine = load(path)
    assert (mine.pacing, mine.steps) == (Pacing.OFF, (Step(NOW, (Drop(),)),))
    with pytest.raises(InvalidInput, match="cannot be read"):
        load(tmp_path)


def test_the_page_and_the_files_agree() -> None:
    page = PAGE.read_text()
    for each in shipped():
        section = page.partition(f"### {each.name}\n")[2].partition("\n### ")[0].partition("\n## ")[0]
        assert each.about in section, each.name
        assert f"*A good client:* {each.good_client}" in section, each.name
        assert each.incident == "general" or each.incident in section, each.name
    assert page.count("\n### I-") == len(shipped())
    for name, kind in FAULTS.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        assert all(f"`{each.name}`" in row for each in fields(kind)), name
    assert all(f"`{step}`" in page for step in OrderStep)


def test_a_good_client_is_one_line() -> None:
    assert all("\n" not in each.good_client and "\n" not in each.about for each in shipped())


# -- scripts


class Theatre:
    """A plan, its clock and what it was told to do."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
        self.done: list[object] = []
        self.plan = FaultPlan(lambda: self.now, self.done.append)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.plan.advance(self.now)


def status(perm_id: int, word: str) -> OrderStatus:
    return OrderStatus(perm_id, word, 0, 1, perm_id=perm_id)


def test_steps_follow_each_other() -> None:
    stage = Theatre()
    script = Script(
        (Step(OnConnect(), ()), Step(After(10), (LoseUpstream(),)), Step(After(5), (RestoreUpstream(),))), "s"
    )
    number = stage.plan.inject(script)
    stage.wait(100)
    assert stage.done == []
    stage.plan.passed(StartApi(1))
    stage.wait(9)
    assert stage.done == []
    stage.wait(1)
    assert stage.done == [LoseUpstream()]
    [(left, rest)] = stage.plan.pending()
    assert (left, rest) == (number, Script(script.steps[2:], "s"))
    stage.wait(5)
    assert stage.done == [LoseUpstream(), RestoreUpstream()]
    assert stage.plan.pending() == []


def test_a_script_can_be_withdrawn_with_what_it_armed() -> None:
    stage = Theatre()
    number = stage.plan.inject(
        Script((Step(NOW, (Swallow("OrderStatus", None),)), Step(After(5), (Resume(),)))), After(1)
    )
    stage.wait(1)
    assert [each for each, _ in stage.plan.pending()] == [number, number]
    assert stage.plan.withdraw(number)
    stage.wait(10)
    assert stage.done == []
    assert stage.plan.pending() == []


def test_orders_are_counted_once_each() -> None:
    stage = Theatre()
    stage.plan.inject(Resume(), OnOrder(OrderStep.ACCEPTED, 2))
    for word in ("PreSubmitted", "Submitted", "Submitted"):
        stage.plan.passed(status(7, word))
    assert stage.done == []
    stage.plan.passed(status(8, "PreSubmitted"))
    assert stage.done == [Resume()]


def test_only_new_executions_are_fills() -> None:
    from ironbridge.wire.contract import Contract
    from ironbridge.wire.orders import Execution

    stage = Theatre()
    stage.plan.inject(Resume(), OnOrder(OrderStep.FILL, 2))
    one = Execution("a.01", "", "", "", "BOT", 1, 1)
    stage.plan.passed(ExecDetails(-1, 1, Contract(), one))
    stage.plan.passed(ExecDetails(5, 1, Contract(), Execution("b.01", "", "", "", "BOT", 1, 1)))
    assert stage.done == []
    stage.plan.passed(ExecDetails(-1, 1, Contract(), Execution("c.01", "", "", "", "BOT", 1, 1)))
    assert stage.done == [Resume()]


def test_a_time_of_day_is_the_next_one() -> None:
    stage = Theatre()
    stage.plan.inject(Drop(), AtTimeOfDay(time(10, 0)))  # It is ten in New York now: tomorrow's.
    stage.wait(3600)
    assert stage.done == []
    stage.wait(23 * 3600)
    assert stage.done == [Drop()]


def test_a_script_is_judged_whole() -> None:
    stage = Theatre()
    for bad in (Script(()), Script((Step(NOW, ()),)), Script((Step(NOW, (Drop(),)), Step(NOW, (Swallow("No"),))))):
        with pytest.raises(InvalidInput):
            stage.plan.inject(bad)
    assert stage.done == []
