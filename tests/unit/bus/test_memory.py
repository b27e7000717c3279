"""A topic hands every reader everything in order, or tells it what it missed."""

import asyncio

import pytest

from ironbridge.bus import MemoryTopic
from ironbridge.errors import SlowConsumer


async def test_every_reader_gets_everything_in_order() -> None:
    topic: MemoryTopic[int] = MemoryTopic("numbers")
    with topic.subscribe() as first, topic.subscribe() as second:
        for n in range(5):
            topic.publish(n)
        topic.close()
        assert [n async for n in first] == [0, 1, 2, 3, 4]
        assert [n async for n in second] == [0, 1, 2, 3, 4]


async def test_a_reader_that_waits_is_woken() -> None:
    topic: MemoryTopic[str] = MemoryTopic("words")
    with topic.subscribe() as reader:
        waiting = asyncio.ensure_future(anext(reader))
        await asyncio.sleep(0)
        topic.publish("now")
        assert await waiting == "now"


async def test_a_slow_reader_is_told_what_it_missed_and_then_goes_on() -> None:
    topic: MemoryTopic[int] = MemoryTopic("numbers")
    with topic.subscribe(limit=2) as reader:
        for n in range(5):
            topic.publish(n)
        assert [await anext(reader), await anext(reader)] == [0, 1]
        with pytest.raises(SlowConsumer, match="missed 3"):
            await anext(reader)
        topic.publish(5)
        assert await anext(reader) == 5


async def test_a_closed_reader_costs_nothing() -> None:
    topic: MemoryTopic[int] = MemoryTopic("numbers")
    reader = topic.subscribe()
    reader.close()
    topic.publish(1)
    assert repr(topic) == "<MemoryTopic numbers: 0 readers>"
    with pytest.raises(StopAsyncIteration):
        await anext(reader)
