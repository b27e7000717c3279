"""Margin that runs short and large changes are told once an episode; what is not known tells nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from ironbridge.domain.account import Funds
from ironbridge.portfolio.watch import AccountWatch, Standing, Thresholds
from ironbridge.testing.clock import START

D = Decimal
LIMITS = Thresholds(D("0.10"), D(5000), D("0.05"), D("0.02"))


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def funds(cushion: str | None = "0.5", excess: int | None = 50_000, worth: int | None = 100_000) -> Funds:
    number = None if cushion is None else D(cushion)
    return Funds(
        "DU1", "USD", None if worth is None else D(worth), excess_liquidity=None if excess is None else D(excess),
        cushion=number,
    )  # fmt: skip


def kinds(watch: AccountWatch, minutes: float, standing: Standing, limits: Thresholds = LIMITS) -> list[str]:
    return [f"{alert.kind} {alert.severity}" for alert in watch.look(at(minutes), [standing], limits)]


def test_a_short_margin_is_told_once_worse_once_and_well_once() -> None:
    watch = AccountWatch()
    assert kinds(watch, 0, Standing(funds("0.10"))) == []
    assert kinds(watch, 1, Standing(funds("0.0999"))) == ["margin-cushion-low warning"]
    for minute, trembling in enumerate(("0.101", "0.099", "0.105", "0.099"), start=2):
        assert kinds(watch, minute, Standing(funds(trembling))) == [], "it trembles at its limit"
    assert kinds(watch, 6, Standing(funds("0.04"))) == ["margin-cushion-low critical"]
    assert kinds(watch, 7, Standing(funds("0.06"))) == []
    assert kinds(watch, 8, Standing(funds("0.11"))) == ["margin-cushion-well info"]
    assert kinds(watch, 9, Standing(funds("0.09"))) == ["margin-cushion-low warning"]


def test_excess_liquidity_has_a_limit_of_its_own() -> None:
    watch = AccountWatch()
    (alert,) = watch.look(at(0), [Standing(funds(excess=4999))], LIMITS)
    assert alert.text == "DU1: excess liquidity is 4999 USD, the limit is 5000."
    assert kinds(watch, 1, Standing(funds(excess=4999)), Thresholds()) == []
    assert kinds(watch, 2, Standing(funds(excess=4999))) == ["excess-liquidity-low warning"], "a new limit, told anew"


def test_what_is_not_known_neither_raises_nor_ends() -> None:
    watch = AccountWatch()
    assert kinds(watch, 0, Standing(funds("0.09"))) == ["margin-cushion-low warning"]
    assert kinds(watch, 1, Standing(Funds("DU1"))) == []
    assert kinds(watch, 2, Standing(funds("0.09"))) == []


def test_a_large_change_is_told_within_its_window_alone() -> None:
    watch = AccountWatch()
    assert kinds(watch, 0, Standing(funds(worth=100_000))) == []
    assert kinds(watch, 10, Standing(funds(worth=97_000))) == []
    (alert,) = watch.look(at(14), [Standing(funds(worth=95_000))], LIMITS)
    assert alert.text == "DU1: net liquidation has fallen by 5000 USD within 14 min, to 95000."
    assert kinds(watch, 15, Standing(funds(worth=94_000))) == []
    assert kinds(watch, 40, Standing(funds(worth=94_000))) == [], "calm again"
    assert kinds(watch, 41, Standing(funds(worth=99_000))) == ["net-liquidation-moved warning"]


def test_a_slow_change_is_none() -> None:
    watch = AccountWatch()
    for step in range(20):
        assert kinds(watch, step * 16, Standing(funds(worth=100_000 - step * 4_000))) == []


def test_positions_are_measured_by_the_whole_account() -> None:
    watch = AccountWatch()
    assert kinds(watch, 0, Standing(funds(), {"AAPL": D(10_000), "MSFT": D(500)})) == []
    (alert,) = watch.look(at(1), [Standing(funds(), {"AAPL": D(7_900), "MSFT": D(900)})], LIMITS)
    assert (alert.kind, alert.text) == (
        "position-moved",
        "DU1: AAPL has fallen by 2100 USD within 1 min, to 7900.",
    )
