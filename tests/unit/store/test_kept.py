"""Contracts and settings come back as they were kept."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Connection

from ironbridge.domain.instrument import Contract, Instrument, Option, PriceIncrement, Stock
from ironbridge.errors import InvalidSettings
from ironbridge.store import Database, SqlContractCache, SqlSettings


def contract(instrument: Instrument) -> Contract:
    return Contract(
        instrument=replace(instrument, con_id=265598),
        long_name="APPLE INC",
        min_tick=Decimal("0.01"),
        increments=(PriceIncrement(Decimal(0), Decimal("0.0001")), PriceIncrement(Decimal(1), Decimal("0.01"))),
        size_increment=Decimal(1),
        min_size=Decimal("0.0001"),
        multiplier=Decimal(1),
        order_types=frozenset({"MKT", "LMT", "STP"}),
        valid_exchanges=("SMART", "NASDAQ"),
        time_zone="US/Eastern",
        trading_hours="20260302:0400-20260302:2000",
        liquid_hours="20260302:0930-20260302:1600",
        under_con_id=0,
        resolved_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


@pytest.mark.parametrize("asked", (Stock("AAPL"), Option("AAPL", "20261218", "227.5", "P")))
async def test_a_contract_is_found_under_exactly_what_was_asked(database: Database, asked: Instrument) -> None:
    cache = SqlContractCache(database)
    assert await cache.load(asked) is None
    await cache.save(asked, contract(asked))
    assert await cache.load(asked) == contract(asked)
    assert await cache.load(replace(asked, currency="EUR")) is None


async def test_the_newest_contract_wins(database: Database) -> None:
    cache = SqlContractCache(database)
    newer = replace(contract(Stock("AAPL")), min_tick=Decimal("0.005"))
    await cache.save(Stock("AAPL"), contract(Stock("AAPL")))
    await cache.save(Stock("AAPL"), newer)
    assert await cache.load(Stock("AAPL")) == newer


@pytest.mark.parametrize("change", ("payload = '{'", "payload = '{}'", "version = 99"))
async def test_a_contract_that_cannot_be_read_is_asked_for_again(database: Database, change: str) -> None:
    def damage(connection: Connection) -> None:
        connection.exec_driver_sql(f"UPDATE contracts SET {change}")

    cache = SqlContractCache(database)
    await cache.save(Stock("AAPL"), contract(Stock("AAPL")))
    await database.write(damage)
    assert await cache.load(Stock("AAPL")) is None


async def test_settings_are_kept_by_name(database: Database) -> None:
    settings = SqlSettings(database)
    assert await settings.load() == {}
    await settings.save({"host": "127.0.0.1", "port": 4002, "account": None, "limits": {"size": ["1", "2"]}})
    await settings.save({"port": 7497})
    await settings.save({})
    assert await settings.load() == {
        "host": "127.0.0.1",
        "port": 7497,
        "account": None,
        "limits": {"size": ["1", "2"]},
    }


async def test_a_setting_that_json_cannot_hold(database: Database) -> None:
    with pytest.raises(InvalidSettings, match="cannot be kept"):
        await SqlSettings(database).save({"good": 1, "bad": object()})
    assert await SqlSettings(database).load() == {}
