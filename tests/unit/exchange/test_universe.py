from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from ironbridge.domain.instrument import Kind, Right
from ironbridge.exchange import catalog, chains, products
from ironbridge.exchange.listing import ContractQuery, Listing
from ironbridge.exchange.universe import Universe

ON = date(2026, 11, 20)


@pytest.fixture(scope="module")
def universe() -> Universe:
    return Universe()


def find(universe: Universe, on: date = ON, **query: object) -> list[Listing]:
    return universe.find(ContractQuery(**query), on)  # type: ignore[arg-type]  # keywords of the query as they come


def test_the_catalogue_is_what_was_promised(universe: Universe) -> None:
    assert len(catalog.STOCKS) >= 40
    rows = (*catalog.STOCKS, *catalog.INDICES, *catalog.PAIRS)
    assert len({row.con_id for row in rows}) == len(rows)
    assert find(universe, symbol="AAPL", kind=Kind.STOCK)[0].con_id == 265598
    assert find(universe, symbol="SPY", kind=Kind.STOCK)[0].stock_type == "ETF"
    for symbol in ("SPX", "NDX", "VIX"):
        assert find(universe, symbol=symbol, kind=Kind.INDEX)[0].tradable is False


@pytest.mark.parametrize(
    ("symbol", "last_trade"),
    (
        ("ESZ6", "20261218"), ("NQH7", "20270319"), ("MESM6", "20260618"), ("CLF7", "20261221"), ("CLZ5", "20251120"),
        ("CLF6", "20251219"), ("CLG7", "20270120"), ("MCLF7", "20261218"), ("GCZ6", "20261229"), ("GCG6", "20260225"),
        ("ZNZ6", "20261221"), ("ZNH6", "20260320"), ("MTNZ6", "20261221"), ("ESZ5", "20251219"),
    ),
)  # fmt: skip
def test_futures_end_when_the_exchange_says(universe: Universe, symbol: str, last_trade: str) -> None:
    on = datetime.strptime(last_trade, "%Y%m%d").replace(tzinfo=UTC).date() - timedelta(days=50)
    [listing] = find(universe, on, local_symbol=symbol, kind=Kind.FUTURE)
    assert listing.expiry_text == last_trade


def test_a_future_is_found_by_month_and_by_day(universe: Universe) -> None:
    by_month = find(universe, symbol="ES", kind=Kind.FUTURE, expiry="202612")
    by_day = find(universe, symbol="ES", kind=Kind.FUTURE, expiry="20261218", exchange="CME")
    assert by_month == by_day
    [es] = by_month
    assert (es.local_symbol, es.multiplier, es.min_tick) == ("ESZ6", 50, Decimal("0.25"))
    assert len(find(universe, symbol="ES", kind=Kind.FUTURE)) == 5
    assert find(universe, symbol="ES", kind=Kind.FUTURE, expiry="202612", exchange="NYMEX") == []


def test_a_crude_contract_month_is_the_delivery_month(universe: Universe) -> None:
    [listing] = find(universe, symbol="CL", kind=Kind.FUTURE, expiry="202701")
    assert (listing.local_symbol, listing.expiry_text) == ("CLF7", "20261221")


def test_the_continuous_future_is_the_front_month(universe: Universe) -> None:
    assert [x.local_symbol for x in find(universe, symbol="NQ", kind=Kind.CONTINUOUS_FUTURE)] == ["NQZ6"]


def test_expired_contracts_are_listed_when_asked_for(universe: Universe) -> None:
    assert find(universe, local_symbol="ESU6", kind=Kind.FUTURE) == []
    assert len(find(universe, local_symbol="ESU6", kind=Kind.FUTURE, include_expired=True)) == 1


def test_the_spx_class_ends_the_day_before_it_settles(universe: Universe) -> None:
    query = {"symbol": "SPX", "kind": Kind.OPTION, "strike": Decimal(6800), "right": Right.CALL}
    [morning] = find(universe, **query, trading_class="SPX", expiry="202612")
    [evening] = find(universe, **query, trading_class="SPXW", expiry="20261218")
    assert (morning.expiry_text, f"{morning.real_expiry:%Y%m%d}") == ("20261217", "20261218")
    assert morning.con_id != evening.con_id


def test_an_option_is_found_by_its_symbol(universe: Universe) -> None:
    [listing] = find(universe, local_symbol="SPY   261218C00680000")
    assert (listing.strike, listing.right, listing.expiry_text) == (680, Right.CALL, "20261218")
    assert find(universe, local_symbol="SPY   261219C00680000") == []


def test_every_option_is_found_again_by_its_con_id(universe: Universe) -> None:
    for symbol in ("SPY", "QQQ", "AAPL", "SPX"):
        listed = find(universe, symbol=symbol, kind=Kind.OPTION)
        assert len({x.con_id for x in listed}) == len(listed) > 1000
        assert all(0 < x.con_id < 2**31 for x in listed)
        for listing in listed[::53]:
            assert universe.by_con_id(listing.con_id) == listing


def test_con_ids_of_all_kinds_are_apart(universe: Universe) -> None:
    futures = [x for p in products.PRODUCTS for x in products.contracts_since(p, date(2024, 1, 1), ON)]
    assert len({x.con_id for x in futures}) == len(futures)
    assert all(universe.by_con_id(x.con_id) == x for x in futures)
    for con_id in (1, 700_000_000, 899_999_999, 2**31 - 1, 710_010_325):
        assert universe.by_con_id(con_id) is None


def test_option_parameters_list_what_can_be_found(universe: Universe) -> None:
    parameters = universe.option_parameters(416904, ON)
    assert {(p.trading_class, p.exchange) for p in parameters} >= {("SPX", "CBOE"), ("SPXW", "SMART")}
    for p in parameters[:: len(parameters) - 1]:
        assert list(p.expirations) == sorted(p.expirations)
        for expiry in p.expirations:
            found = find(universe, symbol="SPX", kind=Kind.OPTION, expiry=expiry, trading_class=p.trading_class)
            assert found, expiry
            assert {x.strike for x in found} <= set(p.strikes)


def test_weeklies_and_dailies_keep_off_holidays() -> None:
    spy = next(c for c in chains.CLASSES if c.name == "SPY")
    days = chains.expiries(spy, date(2026, 12, 14))
    assert date(2026, 12, 25) not in days
    assert date(2026, 12, 24) in days
    assert date(2027, 1, 15) in days


def test_unknown_and_ambiguous(universe: Universe) -> None:
    assert find(universe, symbol="NOPE") == []
    assert find(universe) == []
    assert find(universe, con_id=123) == []
    assert len(find(universe, symbol="CL", kind=Kind.FUTURE)) > 1
    assert find(universe, symbol="AAPL", kind=Kind.STOCK, currency="EUR") == []
    assert find(universe, symbol="EUR", kind=Kind.FOREX, currency="USD")[0].local_symbol == "EUR.USD"


def test_search_ranks_the_symbol_itself_first(universe: Universe) -> None:
    matches = universe.search("a")
    assert 1 < len(matches) <= 16
    assert universe.search("aapl")[0].listing.symbol == "AAPL"
    assert universe.search("apple")[0].derivative_kinds == (Kind.OPTION,)
    assert universe.search("  ") == []
