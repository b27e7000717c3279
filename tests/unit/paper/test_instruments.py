"""Own stocks from a file: what they become, and what is refused and where."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ironbridge.errors import InvalidInput
from ironbridge.exchange.accounts import AccountSpec
from ironbridge.exchange.listing import ContractQuery
from ironbridge.exchange.venue import Venue, VenueOptions
from ironbridge.paper.instruments import load_instruments, read_instruments


def test_they_trade(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        "stocks:\n  - symbol: ACME\n    price: 42.50\n  - {symbol: ZETA B, price: 9, stock_type: ETF, spread: 2,"
        " long_name: ZETA FUND, primary_exchange: ARCA}\n  - {symbol: AAPL, price: 10, volatility: 0.1}\n"
    )
    own = load_instruments(path)
    assert own == load_instruments(path), "the same in every run"
    venue = Venue(1, [AccountSpec("DU1000001")], datetime(2026, 3, 2, 15, tzinfo=UTC), options=VenueOptions(stocks=own))
    [acme] = venue.find(ContractQuery(symbol="ACME"))
    quote = venue.quote(acme.con_id)
    assert 20 < quote.bid < quote.ask < 80
    [zeta] = venue.find(ContractQuery(symbol="ZETA B"))
    assert (zeta.long_name, zeta.stock_type, zeta.primary_exchange) == ("ZETA FUND", "ETF", "ARCA")
    [apple] = venue.find(ContractQuery(symbol="AAPL", primary_exchange="NASDAQ"))
    assert apple.con_id == 265598
    assert venue.quote(apple.con_id).bid < 20, "in the place of the built-in one"


@pytest.mark.parametrize(
    ("text", "words"),
    (
        ("", "no mapping"),
        ("stocks: []", "list of 1"),
        ("stocks: 3", "list of 1"),
        ("futures: []", "'futures' is not known"),
        ("stocks:\n  - symbol: ACME", "line 2 (stock 1): 'price' is missing"),
        ("stocks:\n  - {symbol: acme, price: 1}", "no symbol"),
        ("stocks:\n  - {symbol: 7, price: 1}", "no text"),
        ("stocks:\n  - {symbol: ACME, price: high}", "'high' is not a number"),
        ("stocks:\n  - {symbol: ACME, price: true}", "True is not a number"),
        ("stocks:\n  - {symbol: ACME, price: 0}", "Give 0.01 to 1e+06"),
        ("stocks:\n  - {symbol: ACME, price: .inf}", "out of bounds"),
        ("stocks:\n  - {symbol: ACME, price: .nan}", "out of bounds"),
        ("stocks:\n  - {symbol: ACME, price: 1, spread: 1.5}", "whole number"),
        ("stocks:\n  - {symbol: ACME, price: 1, colour: red}", "Known here: symbol, con_id, price"),
        ("stocks:\n  - {symbol: ACME, price: 1, primary_exchange: LSE}", "one of NASDAQ"),
        ("stocks:\n  - {symbol: ACME, price: 1, con_id: 265598}", "lists AAPL already"),
        ("stocks:\n  - {symbol: AAPL, price: 1, con_id: 77}", "AAPL under 265598"),
        ("stocks:\n  - {symbol: ACME, price: 1, con_id: -1}", "no con id"),
        ("stocks:\n  - {symbol: ACME, price: 1}\n  - {symbol: ACME, price: 2}", "line 3 (stock 2): ACME and ACME"),
    ),
)
def test_what_cannot_be_listed_is_refused_by_its_place(text, words):
    with pytest.raises(InvalidInput) as refused:
        read_instruments(text, "own.yaml")
    assert str(refused.value).startswith("own.yaml")
    assert words in str(refused.value)


def test_a_file_that_there_is_not(tmp_path):
    with pytest.raises(InvalidInput, match="cannot be read"):
        load_instruments(tmp_path / "none.yaml")
