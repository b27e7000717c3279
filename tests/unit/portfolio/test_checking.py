"""What differs from the broker is told once it has stood, after the broker was asked again, and once an episode."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from tests.unit.portfolio.accounts import AAPL, MSFT

from ironbridge.domain.account import Position
from ironbridge.domain.discrepancy import Discrepancy, Matter
from ironbridge.domain.instrument import Forex
from ironbridge.portfolio.checking import Differences, differences
from ironbridge.portfolio.ledger import Ledger
from ironbridge.testing.clock import START
from ironbridge.testing.fake_feed import contract_for

D = Decimal
EURUSD = contract_for(Forex("EURUSD"), 9).instrument


def seconds(n: float) -> timedelta:
    return timedelta(seconds=n)


def found(rows: list[Position], *, stated: dict[str, Decimal] | None = None) -> list[Discrepancy]:
    ledger = Ledger()
    ledger.open("DU1", [AAPL], START, "")
    ledger.open("DU1", rows, START, "")
    cash = {"USD": D(100), "EUR": None, "CHF": D(1)}
    return list(differences("DU1", ledger.holdings("DU1"), rows, cash, stated or {}, START))


def test_only_what_differs_is_found() -> None:
    pair = Position("DU1", EURUSD, D(5000), D("1.1"))
    assert found([AAPL, pair]) == []
    (more,) = found([replace(AAPL, quantity=D(120))])
    assert (more.folded, more.broker, more.difference) == (D(100), D(120), D(20))
    gone, new = found([MSFT])
    assert (gone.broker, new.folded, new.broker) == (D(0), D(0), D(5))
    assert str(new) == "DU1: the broker has 5 MSFT, the executions known here lead to 0."


def test_a_cent_of_cash_is_rounding_and_two_are_not() -> None:
    stated = {"USD": D("100.01"), "EUR": D(7)}
    assert found([AAPL], stated=stated) == []
    (cash,) = found([AAPL], stated={"USD": D("100.02")})
    assert (cash.matter, cash.currency, cash.instrument) == (Matter.CASH, "USD", None)


def test_a_difference_must_stand_and_the_broker_is_asked_before_it_is_told() -> None:
    watch = Differences()
    each = found([MSFT])[:1]
    assert watch.look(each, START) == ([], [], False)
    assert watch.look(each, START + seconds(12)) == ([], [], True)
    assert watch.look(each, START + seconds(15)) == ([], [], False), "asked once"
    (told,), gone, ask = watch.look(each, START + seconds(20))
    assert (told.since, told.reported, gone, ask) == (START, True, [], False)
    assert watch.look(each, START + seconds(60)) == ([], [], False), "told once"
    assert watch.reported() == [told]
    assert watch.look([], START + seconds(65)) == ([], [told], False)
    assert watch.reported() == []


def test_what_passes_is_never_told() -> None:
    watch = Differences()
    each = found([MSFT])[:1]
    for turn in range(10):
        watch.look(each, START + seconds(turn * 40))
        assert watch.look([], START + seconds(turn * 40 + 15)) == ([], [], False)


def test_silence_does_not_count() -> None:
    watch = Differences()
    each = found([MSFT])[:1]
    watch.look(each, START)
    watch.interrupt(START + seconds(15))
    assert watch.look(each, START + seconds(24)) == ([], [], False)
