"""A program that trades and can be killed: run as a script, it forks one engine for each line it reads.

A line is a JSON object: `port` and `home` of the engine, `orders` to submit in turn as [key, quantity, limit], and
`change`, a limit that each is changed to once it is accepted, `group`, "bracket" or "oca" of each order, and
`die`, a step at which the process kills itself, as "Class.method:before|after:n" for the n-th call of that method, or
null. Each engine is the whole one, as `ironbridge.connect` makes it; only the step that kills is put around a method of
a part. The modules are loaded once, before the fork, so that a death costs milliseconds.

For each line it answers {"pid": n} when the engine has begun, {"trading": 1} when its session is ready, and
{"signal": n} or {"exit": n} when it has ended.
"""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from typing import Any

import ironbridge as ib
from ironbridge import bootstrap
from ironbridge.bridge import Bridge
from ironbridge.errors import IronbridgeError


def arm(step: str) -> None:
    """Make the process die at the step."""
    place, when, number = step.split(":")
    part, name = place.split(".")
    kind = getattr(bootstrap, part)
    original = getattr(kind, name)
    calls = 0

    async def mortal(self: Any, *args: Any, **words: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == int(number) and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = await original(self, *args, **words)
        if calls == int(number) and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(kind, name, mortal)


async def trade(
    port: int,
    home: str,
    orders: list[tuple[str, int, str | None]],
    cancel: bool = False,
    change: str | None = None,
    group: str | None = None,
) -> None:
    async with ib.connect("127.0.0.1", port, home=home, client_id=1, answer_timeout=2) as bridge:
        say({"trading": 1})
        for key, quantity, limit in orders:
            if group is not None and limit is not None:
                with suppress(IronbridgeError):
                    await submit_group(bridge, group, key, quantity, limit)
                continue
            spec = ib.buy(quantity) if limit is None else ib.buy(quantity).limit(limit)
            # What is refused is refused; what counts is what the gateway holds afterwards.
            with suppress(IronbridgeError):
                handle = await bridge.orders.submit(ib.Stock("AAPL"), spec, key=key)
                await handle.accepted(timeout=0.3)
                if change is not None and limit is not None:
                    await handle.modify(limit_price=change)
                    await handle.modified(timeout=0.3)
                if cancel:
                    await handle.cancel()


async def submit_group(bridge: Bridge, kind: str, key: str, quantity: int, limit: str) -> None:
    aapl, entry = ib.Stock("AAPL"), ib.buy(quantity).limit(limit)
    if kind == "bracket":
        handle = await bridge.orders.groups.bracket(aapl, entry, take_profit="900", stop_loss="0.5", key=key)
    else:
        handle = await bridge.orders.groups.oca([(aapl, entry), (aapl, entry)], key=key)
    await handle.accepted(timeout=0.3)


def say(words: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main() -> None:
    for line in sys.stdin:
        job = json.loads(line)
        step = job.pop("die")
        pid = os.fork()
        if pid == 0:
            if step:
                arm(step)
            asyncio.run(trade(**job))
            os._exit(0)
        say({"pid": pid})
        _, status = os.waitpid(pid, 0)
        ended = {"signal": os.WTERMSIG(status)} if os.WIFSIGNALED(status) else {"exit": os.WEXITSTATUS(status)}
        say(ended)


if __name__ == "__main__":
    main()
