"""Resolved contracts, kept for good (INS-2), each under the instrument as it was asked for.

A cache: what it cannot read, or was written in another version, is as if it were not there, and is asked for again.
"""

from __future__ import annotations

import logging

import msgspec
from sqlalchemy import Connection, delete, insert, select

from ironbridge.domain.instrument import Contract, Instrument
from ironbridge.errors import IronbridgeError
from ironbridge.store.engine import Database
from ironbridge.store.tables import CONTRACTS

VERSION = 1
"""Of the payload; raise it when `Contract` changes its meaning."""

_LOG = logging.getLogger("ironbridge.store")
_DECODER = msgspec.json.Decoder(Contract)


class SqlContractCache:
    """An `ironbridge.interfaces.ContractCache` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, instrument: Instrument) -> Contract | None:
        """The contract that was saved for exactly this instrument."""
        query = select(CONTRACTS.c.payload).where(
            CONTRACTS.c.instrument == _name(instrument), CONTRACTS.c.version == VERSION
        )
        payload = await self._database.read(lambda connection: connection.execute(query).scalar())
        if payload is None:
            return None
        try:
            return _DECODER.decode(payload)
        except (msgspec.MsgspecError, IronbridgeError) as error:
            _LOG.warning("The kept contract of %s cannot be read and will be asked for again: %s", instrument, error)
            return None

    async def save(self, instrument: Instrument, contract: Contract) -> None:
        """Keep the contract, in place of the one before."""
        name, payload = _name(instrument), msgspec.json.encode(contract).decode()

        def replace(connection: Connection) -> None:
            connection.execute(delete(CONTRACTS).where(CONTRACTS.c.instrument == name))
            connection.execute(insert(CONTRACTS).values(instrument=name, version=VERSION, payload=payload))

        await self._database.write(replace)


def _name(instrument: Instrument) -> str:
    return msgspec.json.encode(instrument).decode()
