"""Positions and accounts over a broker that says what it is told to."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.unit.portfolio.accounts import AAPL, LINES, MSFT, Accounts, Session

from ironbridge.bus import MemoryTopic
from ironbridge.domain.account import AccountValue, PortfolioChanged
from ironbridge.domain.reports import AccountValueReport, Notice, PositionReport
from ironbridge.domain.session import SessionInfo
from ironbridge.errors import InvalidInput, NotConnected, RequestTimeout
from ironbridge.portfolio import Portfolio
from ironbridge.portfolio.account import Statement, amount_of
from ironbridge.testing.clock import START, ManualClock
from ironbridge.testing.executions import MemoryExecutions

D = Decimal


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def broker() -> Accounts:
    return Accounts()


@pytest.fixture
def session() -> Session:
    return Session(SessionInfo(176, ("DU1",), 1, START))


@pytest.fixture
def topic() -> MemoryTopic[PortfolioChanged]:
    return MemoryTopic("portfolio")


@pytest.fixture
def portfolio(
    broker: Accounts, session: Session, clock: ManualClock, topic: MemoryTopic[PortfolioChanged]
) -> Portfolio:
    return Portfolio(broker, session, clock, topic, store=MemoryExecutions())


async def test_before_a_session_nothing_is_known(portfolio: Portfolio, session: Session) -> None:
    session.info = session.account = None
    assert portfolio.positions() == []
    assert portfolio.interrupted_by == "the session has not begun"
    for ask in (portfolio.summary, portfolio.values, portfolio.as_of):
        with pytest.raises(NotConnected, match="No account is known yet"):
            ask()
    with pytest.raises(NotConnected, match="there is no session"):
        await portfolio.synchronise()


async def test_the_summary_is_the_brokers_numbers_and_none_where_it_has_none(portfolio: Portfolio) -> None:
    await portfolio.synchronise()
    summary = portfolio.summary()
    assert (summary.account, summary.currency, summary.time) == ("DU1", "USD", START)
    assert summary.net_liquidation == D("100000.25")
    assert (summary.cash, summary.buying_power) == (D(50000), D(400000))
    assert (summary.available_funds, summary.initial_margin, summary.maintenance_margin) == (None, None, None)
    assert summary.unrealized_pnl == D("1000.5"), "the total of all currencies, not one of them"
    assert summary.realized_pnl is None
    assert summary.cash_by_currency == (("EUR", D("9000.10")), ("USD", D(40000)))
    assert [line.name for line in portfolio.values()] == sorted(line.name for line in LINES)
    assert [p.quantity for p in portfolio.positions()] == [D(100)]


async def test_changes_are_told_once_for_each_batch(
    portfolio: Portfolio, broker: Accounts, clock: ManualClock, topic: MemoryTopic[PortfolioChanged]
) -> None:
    await portfolio.synchronise()
    await clock.settle()
    with topic.subscribe() as changes:
        await clock.advance(5)
        broker.say(
            PositionReport(MSFT),
            PositionReport(replace(AAPL, market_price=D(160), market_value=D(16000))),
            AccountValueReport(replace(LINES[0], value="99999")),
            Notice(None, 2104, "Market data farm connection is OK:usfarm"),
        )
        change = await anext(changes)
        assert [(p.instrument.symbol, p.market_value) for p in change.positions] == [("AAPL", D(16000)), ("MSFT", None)]
        assert change.summary.net_liquidation == D(99999)
        assert (change.as_of, change.interrupted) == (clock.now(), "")
        broker.say(PositionReport(MSFT), AccountValueReport(LINES[1]))
        broker.say(PositionReport(replace(MSFT, quantity=D(0))))
        await clock.settle()
        assert [p.instrument.symbol for p in (await anext(changes)).positions] == ["AAPL"]
        topic.close()
        assert [change async for change in changes] == [], "a row that says nothing new is no change"


async def test_what_is_not_in_the_answer_is_gone(portfolio: Portfolio, broker: Accounts) -> None:
    await portfolio.synchronise()
    broker.rows = [MSFT]
    broker.lines["DU1"] = [line for line in LINES if line.currency != "EUR"]
    portfolio.interrupted("socket closed")
    assert [p.instrument.symbol for p in portfolio.positions()] == ["AAPL"]
    await portfolio.synchronise()
    assert [p.instrument.symbol for p in portfolio.positions()] == ["MSFT"]
    assert dict(portfolio.summary().cash_by_currency) == {"USD": D(40000)}
    assert len(broker.listeners) == 1


async def test_a_missing_answer_is_not_none(
    portfolio: Portfolio, broker: Accounts, clock: ManualClock, topic: MemoryTopic[PortfolioChanged]
) -> None:
    await portfolio.synchronise()
    await clock.settle()
    with topic.subscribe() as changes:
        portfolio.interrupted("socket closed")
        change = await anext(changes)
        assert change.interrupted == portfolio.interrupted_by == "socket closed"
        broker.broken = RequestTimeout("No answer.")
        with pytest.raises(RequestTimeout):
            await portfolio.synchronise()
        assert [p.instrument.symbol for p in portfolio.positions()] == ["AAPL"]
        assert portfolio.interrupted_by == "socket closed"
        broker.broken = None
        await portfolio.synchronise()
        assert (await anext(changes)).interrupted == ""


async def test_the_own_account_is_followed_whole_and_the_others_by_their_values(
    portfolio: Portfolio, broker: Accounts, session: Session
) -> None:
    session.info = SessionInfo(176, ("DU1", "DU2", "DU3"), 1, START)
    await portfolio.synchronise()
    assert (broker.values, broker.followed) == (["DU2", "DU3"], ["DU1"])
    assert broker.pnl == {("DU1", None), ("DU2", None), ("DU3", None)}
    assert portfolio.summary("DU3").net_liquidation is None
    assert portfolio.positions("DU2") == []
    session.account = None
    with pytest.raises(InvalidInput, match="Several accounts") as several:
        portfolio.summary()
    assert several.value.next_step == "Name one of DU1, DU2, DU3."
    with pytest.raises(InvalidInput, match="no account 'DU9'"):
        portfolio.values("DU9")


async def test_it_can_stop_listening(portfolio: Portfolio, broker: Accounts) -> None:
    await portfolio.synchronise()
    portfolio.close()
    portfolio.close()
    assert broker.listeners == []


async def test_a_line_without_an_account_is_of_the_one_that_is_followed(portfolio: Portfolio, broker: Accounts) -> None:
    await portfolio.synchronise()
    broker.say(AccountValueReport(AccountValue("", "RealizedPnL", "7.5", "USD")))
    assert portfolio.summary().realized_pnl == D("7.5")
    assert portfolio.accounts == ("DU1",)


@pytest.mark.parametrize(
    ("text", "amount"),
    (
        ("12.50", D("12.50")),
        ("-3", D(-3)),
        ("", None),
        ("INDIVIDUAL", None),
        ("nan", None),
        ("Infinity", None),
        ("1.7976931348623157E308", None),
    ),
)
def test_amounts_are_exact_or_none(text: str, amount: D | None) -> None:
    assert amount_of(text) == amount


def test_lines_stand_where_the_broker_adds_nothing() -> None:
    statement = Statement("DU1")
    statement.apply(LINES[0])
    statement.begin()
    statement.finish()
    assert statement.lines() == [LINES[0]]
