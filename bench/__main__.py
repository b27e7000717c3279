"""Run every benchmark, or those named: ``python -m bench ticks orders``."""

import asyncio
import sys

from bench import gateway, journal, orders, session, ticks

BENCHMARKS = {
    "ticks": ticks.run,
    "orders": orders.run,
    "journal": journal.run,
    "gateway": gateway.run,
    "session": session.run,
}


async def main(names: list[str]) -> None:
    for name in names:
        await BENCHMARKS[name]()
        print()


if __name__ == "__main__":
    wanted = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in wanted if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"No such benchmark: {', '.join(unknown)}. There are {', '.join(BENCHMARKS)}.")
    asyncio.run(main(wanted))
