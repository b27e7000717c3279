"""Keeps two promises of the settings: connect at the start, and give up after so many failed attempts.

The supervisor connects when asked and then tries for ever; whether it is asked, and when it is enough, is the
profile's to say (`auto_connect`, `active`, `retry_attempts`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from ironbridge.domain.session import SessionState
from ironbridge.errors import IronbridgeError, SlowConsumer

if TYPE_CHECKING:
    from ironbridge.bridge import Bridge

logger = logging.getLogger(__name__)


@asynccontextmanager
async def kept(bridge: Bridge) -> AsyncIterator[None]:
    """Keep them for the length of the block."""
    tasks = [asyncio.create_task(_give_up_in_time(bridge), name="connection patience")]
    if bridge.settings.auto_connect and bridge.settings.active:
        tasks.append(asyncio.create_task(_connect(bridge), name="connect at the start"))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _connect(bridge: Bridge) -> None:
    try:
        await bridge.connect()
    except IronbridgeError as error:
        logger.warning("Not connected yet: %s", error)


async def _give_up_in_time(bridge: Bridge) -> None:
    with bridge.topics.session.subscribe() as changes:
        while True:
            try:
                change = await anext(changes)
            except StopAsyncIteration:
                return
            except SlowConsumer:
                continue
            limit = bridge.settings.retry_attempts
            if change.after is SessionState.RECONNECTING and 0 < limit <= bridge.session.status().attempts:
                logger.error("Gave up after %s failed attempts; connect again when the gateway is back.", limit)
                await bridge.disconnect()
