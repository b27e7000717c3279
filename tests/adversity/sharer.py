"""A program that works on a home with others: run as a script with PORT HOME CLIENT_ID, it does what it reads.

A line is a JSON object with `do` ("submit", "cancel", "state", "wait") and `key`. For each it answers a JSON object;
what is refused answers with `error`, the slug, and `words`. It says {"ready": pid} first, or {"error": ...} and ends.
"""

import asyncio
import json
import os
import sys
from typing import Any

import ironbridge as ib
from ironbridge.errors import IronbridgeError


def say(words: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


async def act(bridge: ib.Bridge, do: str, key: str, limit: str | None = "1.00") -> dict[str, Any]:
    orders = bridge.orders
    if do == "submit":
        spec = ib.buy(3) if limit is None else ib.buy(3).limit(limit)
        handle = await orders.submit(ib.Stock("AAPL"), spec, key=key)
        if limit is None:
            await handle.done(timeout=20)
        else:
            await handle.accepted(timeout=20)
    elif do == "cancel":
        await (await orders.cancel(key)).done(timeout=20)
    order = orders.get(key)
    return {"state": order.state.value, "order_id": order.order_id, "client_id": order.client_id}


async def main(port: int, home: str, client_id: int) -> None:
    try:
        async with ib.connect("127.0.0.1", port, home=home, client_id=client_id) as bridge:
            say({"ready": os.getpid()})
            while line := await asyncio.to_thread(sys.stdin.readline):
                try:
                    say(await act(bridge, **json.loads(line)))
                except IronbridgeError as error:
                    say({"error": error.slug, "words": str(error), "outcome": error.outcome.value})
    except IronbridgeError as error:
        say({"error": error.slug, "words": str(error), "outcome": error.outcome.value})


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
