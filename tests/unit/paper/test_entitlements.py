"""Which data may be seen, and what is said where it may not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ironbridge.domain.instrument import Kind
from ironbridge.domain.values import Side
from ironbridge.errors import InvalidInput
from ironbridge.exchange.commands import ComboLeg
from ironbridge.exchange.events import Quote
from ironbridge.exchange.universe import Universe
from ironbridge.paper.admission import quote_of_parts
from ironbridge.paper.entitlements import DELAYED_ONLY, Access, Entitlements, Rule, no_past_bars, not_live

UNIVERSE = Universe()
AAPL, SPY = (UNIVERSE.by_con_id(number) for number in (265598, 756733))
assert AAPL is not None
assert SPY is not None
NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)


def test_everything_is_live_by_default():
    assert Entitlements().access(AAPL) is Access.LIVE
    assert DELAYED_ONLY.access(AAPL) is Access.DELAYED


def test_the_first_rule_that_fits_holds():
    owned = Entitlements(
        (Rule(Access.LIVE, symbol="aapl"), Rule(Access.NONE, exchange="nasdaq"), Rule(Access.DELAYED, kind=Kind.STOCK))
    )
    assert owned.access(AAPL) is Access.LIVE
    assert owned.access(SPY) is Access.DELAYED
    msft = UNIVERSE.by_con_id(272093)
    assert msft is not None
    assert owned.access(msft) is Access.NONE


def test_the_words_are_the_recorded_ones():
    assert not_live(Access.DELAYED, AAPL).code == 10089
    assert not_live(Access.DELAYED, AAPL).text.endswith("Delayed market data is available.AAPL NASDAQ.NMS/TOP/ALL")
    assert not_live(Access.DELAYED, SPY).text.endswith("is available.SPY ARCA/TOP/ALL")
    assert not_live(Access.NONE, AAPL).code == 354
    assert "No market data permissions for ISLAND STK. Requested" in no_past_bars(AAPL).text


def test_data_is_never_early():
    with pytest.raises(InvalidInput):
        Entitlements(delay=timedelta(seconds=-1))


def quote(bid, ask, close="1"):
    def price(text):
        return None if text is None else Decimal(text)

    size = Decimal(300)
    none = Decimal(0)
    return Quote(
        1, price(bid), size, price(ask), size, None, none, none, None, None, None, price(close), NOW, None
    )  # fmt: skip


def leg(side, ratio=1):
    return ComboLeg(1, ratio, side, "SMART")


def test_a_combination_costs_what_its_legs_cost():
    spread = quote_of_parts([(leg(Side.BUY), quote("10", "11", "10")), (leg(Side.SELL, 2), quote("3", "4", "3"))])
    assert (spread.bid, spread.ask) == (Decimal(2), Decimal(5))
    assert (spread.bid_size, spread.ask_size) == (Decimal(150), Decimal(150))
    assert spread.close == Decimal(4)
    assert spread.last is None


def test_a_combination_has_no_price_without_all_its_legs():
    spread = quote_of_parts([(leg(Side.BUY), quote("10", "11", None)), (leg(Side.SELL), quote(None, "4"))])
    assert (spread.bid, spread.bid_size) == (Decimal(6), Decimal(300))
    assert (spread.ask, spread.ask_size, spread.close) == (None, Decimal(0), None)
