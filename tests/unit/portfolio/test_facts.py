"""What risk limits are told of accounts: the broker's word as it is now, or None."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.unit.portfolio.accounts import AAPL, MSFT, Accounts, Session

from ironbridge.bus import MemoryTopic
from ironbridge.domain.account import AccountValue, Funds, FxRate, Position, RateSource
from ironbridge.domain.instrument import Stock
from ironbridge.domain.reports import AccountValueReport
from ironbridge.domain.session import SessionInfo
from ironbridge.errors import RequestTimeout
from ironbridge.interfaces import RiskFacts
from ironbridge.portfolio import Portfolio
from ironbridge.testing.clock import START, ManualClock
from ironbridge.testing.executions import MemoryExecutions
from ironbridge.testing.fake_feed import contract_for

D = Decimal
SAP = replace(AAPL, instrument=contract_for(Stock("SAP", currency="EUR"), 3).instrument, quantity=D(-10))


class Pairs:
    """Quotes of currency pairs, as they are set."""

    def __init__(self, *rates: FxRate) -> None:
        self._rates = rates

    def last(self, currency: str, base: str) -> FxRate | None:
        return next((r for r in self._rates if (r.currency, r.base) == (currency, base)), None)


def lines(**values: str) -> list[AccountValue]:
    return [
        AccountValue("DU1", "NetLiquidation", "100000", "USD"),
        *(AccountValue("DU1", name, text, "USD") for name, text in values.items()),
    ]


def valued(*positions: tuple[Position, int]) -> list[Position]:
    return [replace(position, market_value=D(value)) for position, value in positions]


def made(
    broker: Accounts, *rates: FxRate, rows: Iterable[Position] = (), clock: ManualClock | None = None
) -> Portfolio:
    broker.rows = list(rows)
    session = Session(SessionInfo(176, ("DU1",), 1, START))
    return Portfolio(
        broker,
        session,
        clock or ManualClock(),
        MemoryTopic("portfolio"),
        store=MemoryExecutions(),
        quotes=Pairs(*rates),
    )


async def test_nothing_is_known_before_the_first_complete_answer() -> None:
    broker = Accounts()
    facts: RiskFacts = made(broker, rows=[AAPL])
    assert facts.interrupted_by
    assert facts.position("DU1", 1) is None
    assert facts.position("DU1", 99) is None
    assert facts.exposure("DU1").gross is None
    assert facts.funds("DU1") == Funds("DU1")
    assert facts.fx("DU1", "USD") is None
    assert facts.daily_pnl("DU1") is None
    assert facts.base_currency("DU1") is None


async def test_a_position_is_zero_only_once_everything_has_come() -> None:
    broker = Accounts()
    portfolio = made(broker, rows=[AAPL])
    broker.broken = RequestTimeout("No answer.")
    with pytest.raises(RequestTimeout):
        await portfolio.synchronise()
    assert portfolio.position("DU1", 1) is None
    broker.broken = None
    await portfolio.synchronise()
    assert portfolio.position("DU1", 1) == D(100)
    assert portfolio.position("DU1", 99) == 0
    assert portfolio.position("DU9", 1) is None, "not an account of this login"


async def test_what_is_from_before_is_not_known_now() -> None:
    broker = Accounts()
    portfolio = made(broker, rows=[AAPL])
    await portfolio.synchronise()
    portfolio.interrupted("upstream is lost")
    assert portfolio.position("DU1", 1) is None
    assert portfolio.funds("DU1") == Funds("DU1")
    assert portfolio.exposure("DU1").unvalued == ("upstream is lost",)
    assert portfolio.fx("DU1", "USD") is None
    assert portfolio.base_currency("DU1") == "USD"


async def test_funds_are_the_brokers_and_its_sentinels_nothing() -> None:
    broker = Accounts()
    broker.lines["DU1"] = [
        *lines(AvailableFunds="40000.5", ExcessLiquidity="50000", BuyingPower="1.7976931348623157E308"),
        AccountValue("DU1", "Cushion", "0.5", ""),
    ]
    portfolio = made(broker)
    await portfolio.synchronise()
    assert portfolio.funds("DU1") == Funds("DU1", "USD", D(100000), D("40000.5"), None, D(50000), D("0.5"))


async def test_exposure_is_summed_in_the_base_currency() -> None:
    broker = Accounts()
    broker.lines["DU1"] = [*lines(), AccountValue("DU1", "ExchangeRate", "1.1", "EUR")]
    portfolio = made(broker, rows=valued((AAPL, 15000), (SAP, -2000)))
    await portfolio.synchronise()
    exposure = portfolio.exposure("DU1")
    assert (exposure.currency, exposure.gross, exposure.net) == ("USD", D("17200.0"), D("12800.0"))


async def test_a_sum_with_a_part_unknown_is_unknown() -> None:
    broker = Accounts()
    broker.lines["DU1"] = lines()
    portfolio = made(broker, rows=[*valued((AAPL, 15000), (SAP, -2000)), MSFT])
    await portfolio.synchronise()
    exposure = portfolio.exposure("DU1")
    assert (exposure.gross, exposure.net) == (None, None)
    assert exposure.unvalued == ("MSFT has no market value yet", "SAP is in EUR, for which there is no rate")


async def test_rates_come_from_the_statement_then_from_quotes_and_are_never_made_up() -> None:
    clock = ManualClock()
    broker = Accounts()
    broker.lines["DU1"] = [
        *lines(),
        AccountValue("DU1", "ExchangeRate", "1.1", "EUR"),
        AccountValue("DU1", "ExchangeRate", "0", "SEK"),
    ]
    quoted = FxRate("EUR", "USD", D("1.2"), RateSource.QUOTE, START)
    yen = FxRate("USD", "JPY", D(160), RateSource.QUOTE, START)
    portfolio = made(broker, quoted, yen, clock=clock)
    await portfolio.synchronise()
    await clock.advance(30)
    euro = portfolio.rate("DU1", "EUR")
    assert euro == FxRate("EUR", "USD", D("1.1"), RateSource.ACCOUNT, START)
    assert euro.age(clock.now()) == 30
    inverse = portfolio.rate("DU1", "JPY")
    assert inverse == FxRate("JPY", "USD", D(1) / D(160), RateSource.QUOTE, START)
    assert portfolio.rate("DU1", "USD") == FxRate("USD", "USD", D(1), RateSource.BASE, START + timedelta(seconds=30))
    assert portfolio.fx("DU1", "CHF") is None, "no rate is not a rate of one"
    assert portfolio.fx("DU1", "SEK") is None, "a rate of zero is none"
    broker.say(AccountValueReport(AccountValue("DU1", "ExchangeRate", "1.3", "EUR")))
    assert portfolio.fx("DU1", "EUR") == D("1.3")
