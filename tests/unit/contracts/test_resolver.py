"""Asked for once, kept for good, aged by what ages."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from ironbridge.contracts import Resolver, choose
from ironbridge.domain.instrument import Contract, Future, Index, Instrument, Stock
from ironbridge.errors import (
    AmbiguousInstrument,
    InstrumentNotFound,
    IronbridgeError,
    NotConnected,
    RequestTimeout,
    StorageError,
)
from ironbridge.testing.clock import ManualClock
from ironbridge.testing.fake_feed import contract_for

AAPL = Stock("AAPL")


class Source:
    """A broker that knows what it is given, counts, and can be held or broken."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.answers: dict[Instrument, Sequence[Contract]] = {AAPL: [contract_for(AAPL, 1)]}
        self.asked = 0
        self.error: IronbridgeError | None = None
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.was_asked = asyncio.Event()

    async def contracts(self, instrument: Instrument) -> Sequence[Contract]:
        self.asked += 1
        self.was_asked.set()
        await self.may_answer.wait()
        if self.error is not None:
            raise self.error
        return [replace(c, resolved_at=self.clock.now()) for c in self.answers.get(instrument, [])]


class Cache:
    """A contract cache in memory, that can break."""

    def __init__(self) -> None:
        self.kept: dict[Instrument, Contract] = {}
        self.broken = False

    async def load(self, instrument: Instrument) -> Contract | None:
        if self.broken:
            raise StorageError("The disk is gone.")
        return self.kept.get(instrument)

    async def save(self, instrument: Instrument, contract: Contract) -> None:
        if self.broken:
            raise StorageError("The disk is gone.")
        self.kept[instrument] = contract


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def source(clock: ManualClock) -> Source:
    return Source(clock)


@pytest.fixture
def cache() -> Cache:
    return Cache()


@pytest.fixture
def resolver(source: Source, cache: Cache, clock: ManualClock) -> Resolver:
    return Resolver(source, cache, clock)


async def test_it_asks_once_and_knows_the_contract_by_both_names(resolver: Resolver, source: Source) -> None:
    contract = await resolver.resolve(AAPL)
    assert contract.con_id == 1
    assert await resolver.resolve(AAPL) is contract
    assert await resolver.resolve(contract.instrument) is contract
    assert resolver.known(AAPL) is contract
    assert source.asked == 1


async def test_many_at_once_cost_one_request(resolver: Resolver, source: Source) -> None:
    source.may_answer.clear()
    asking = [asyncio.ensure_future(resolver.resolve(AAPL)) for _ in range(50)]
    await source.was_asked.wait()
    source.may_answer.set()
    assert {contract.con_id for contract in await asyncio.gather(*asking)} == {1}
    assert source.asked == 1


async def test_many_at_once_get_one_error(resolver: Resolver, source: Source) -> None:
    source.error = RequestTimeout("No answer.")
    source.may_answer.clear()
    asking = [asyncio.ensure_future(resolver.resolve(AAPL)) for _ in range(5)]
    await source.was_asked.wait()
    source.may_answer.set()
    errors = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(error) for error in errors] == [RequestTimeout] * 5
    assert source.asked == 1
    source.error = None
    assert (await resolver.resolve(AAPL)).con_id == 1, "an error is no answer: the next caller asks"


async def test_a_cancelled_caller_does_not_take_the_others_with_it(
    resolver: Resolver, source: Source, clock: ManualClock
) -> None:
    source.may_answer.clear()
    first, second, third = (asyncio.ensure_future(resolver.resolve(AAPL)) for _ in range(3))
    await source.was_asked.wait()
    await clock.settle()
    first.cancel()
    third.cancel()
    await asyncio.wait({first, third})
    source.may_answer.set()
    assert (await second).con_id == 1
    assert first.cancelled()
    assert third.cancelled()
    assert source.asked == 2


async def test_it_survives_in_the_cache(source: Source, cache: Cache, clock: ManualClock) -> None:
    await Resolver(source, cache, clock).resolve(AAPL)
    assert (await Resolver(source, cache, clock).resolve(AAPL)).con_id == 1
    assert source.asked == 1


async def test_rules_are_asked_for_again_after_a_day(
    resolver: Resolver, source: Source, cache: Cache, clock: ManualClock
) -> None:
    await resolver.resolve(AAPL)
    await clock.advance(timedelta(hours=23).total_seconds())
    await resolver.resolve(AAPL)
    assert source.asked == 1
    await clock.advance(timedelta(hours=1).total_seconds())
    await resolver.resolve(AAPL)
    assert source.asked == 2
    assert cache.kept[AAPL].resolved_at == clock.now()


async def test_without_a_broker_an_old_answer_names_but_does_not_rule(
    source: Source, cache: Cache, clock: ManualClock
) -> None:
    await Resolver(source, cache, clock).resolve(AAPL)
    await clock.advance(timedelta(days=3).total_seconds())
    source.error = NotConnected("There is no session.")
    later = Resolver(source, cache, clock)
    with pytest.raises(NotConnected):
        await later.resolve(AAPL)
    assert (await later.identify(AAPL)).con_id == 1
    with pytest.raises(NotConnected):
        await later.identify(Stock("MSFT"))


async def test_no_is_believed_for_seconds_only(resolver: Resolver, source: Source, clock: ManualClock) -> None:
    nope = Stock("NOPE")
    for _ in range(3):
        with pytest.raises(InstrumentNotFound, match="IB knows no stock NOPE at SMART in USD") as missing:
            await resolver.resolve(nope)
    assert "Check the symbol" in missing.value.next_step
    assert source.asked == 1
    source.answers[nope] = [contract_for(nope, 9)]
    await clock.advance(11)
    assert (await resolver.resolve(nope)).con_id == 9


async def test_a_broken_cache_costs_a_request_and_no_more(resolver: Resolver, source: Source, cache: Cache) -> None:
    cache.broken = True
    assert (await resolver.resolve(AAPL)).con_id == 1


def test_a_future_without_an_expiry_lists_the_chain() -> None:
    chain = [
        contract_for(Future("ES", expiry, "CME", local_symbol=local), con_id)
        for con_id, (expiry, local) in enumerate((("20261218", "ESZ6"), ("20270319", "ESH7")), start=10)
    ]
    with pytest.raises(AmbiguousInstrument, match="any of 2") as ambiguous:
        choose(Future("ES", exchange="CME"), [*reversed(chain)])
    assert ambiguous.value.candidates == tuple(chain)
    for word in ("ESZ6", "expires 20261218", "CME", "conId 10", "ESH7"):
        assert word in str(ambiguous.value)
    assert ambiguous.value.next_step == "Say which one, as in ESZ6."


def test_candidates_that_read_the_same_are_told_apart_by_identity() -> None:
    twins = [contract_for(Stock("ABC", primary_exchange=where), n) for n, where in ((3, "NYSE"), (4, "ARCA"))]
    with pytest.raises(AmbiguousInstrument) as ambiguous:
        choose(Stock("ABC"), twins)
    assert ambiguous.value.next_step == "Say which one, as in STK:ABC:con_id=3."
    assert "listed NYSE" in str(ambiguous.value)


def test_a_long_list_is_cut_in_the_message_only() -> None:
    chain = [contract_for(Future("ES", f"20{n:02}12", "CME"), n) for n in range(26, 66)]
    with pytest.raises(AmbiguousInstrument, match="and 28 more") as ambiguous:
        choose(Future("ES"), chain)
    assert len(ambiguous.value.candidates) == 40


def test_one_contract_at_several_exchanges_is_one() -> None:
    at_nasdaq = contract_for(Stock("AAPL", "NASDAQ"), 1)
    at_smart = contract_for(AAPL, 1)
    assert choose(AAPL, [at_nasdaq, at_smart]) is at_smart
    assert choose(Index("SPX"), [contract_for(Index("SPX", "CBOE"), 5)]).instrument.exchange == "CBOE"


def test_the_exchange_that_was_asked_for_is_kept_where_it_takes_orders() -> None:
    at_nasdaq = replace(contract_for(Stock("AAPL", "NASDAQ"), 1), valid_exchanges=("SMART", "NASDAQ"))
    assert choose(AAPL, [at_nasdaq]).instrument.exchange == "SMART"
