"""The loop of a command that keeps running: uvloop where there is one, and Ctrl-C and SIGTERM as an ordinary event.

An interruption returns from a wait instead of being thrown into whatever happens to run, so that everything is put
away in order: sockets closed, orders journalled, the home let go.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any


def run_loop(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end on a loop of its own."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main)


async def until_interrupted() -> None:
    """Return at the first Ctrl-C or SIGTERM; a second one, while things are put away, ends the process at once."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    caught = (signal.SIGINT, signal.SIGTERM)
    if sys.platform == "win32":  # loops take no signals there; the interpreter cancels the main task at Ctrl-C
        await stop.wait()
        return
    for one in caught:
        loop.add_signal_handler(one, stop.set)
    try:
        await stop.wait()
    finally:
        for one in caught:
            loop.remove_signal_handler(one)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # not made for Windows
        return None
    return uvloop.new_event_loop
