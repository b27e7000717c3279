"""A server that speaks just enough TWS to send one prepared stream of ticks as fast as the socket takes it.

Run as a process of its own, so that it shares no interpreter with the client it feeds. On stdout it prints its port.
Both clients get the same bytes: bid, ask and last prices with sizes, as a gateway sends them at server version 176,
and at the end a last price that occurs nowhere else.
"""

from __future__ import annotations

import asyncio
import struct
import sys

END_PRICE = 99_999.5
FIELDS = (1, 2, 4)
"""Tick types: bid, ask, last."""


def frame(*fields: object) -> bytes:
    body = "".join(f"{field}\0" for field in fields).encode()
    return struct.pack(">I", len(body)) + body


def stream(request_id: str, count: int) -> bytes:
    frames = [
        frame(1, 6, request_id, FIELDS[n % 3], f"{227 + (n % 400) / 100:.2f}", 100 + n % 900, 1) for n in range(count)
    ]
    frames.append(frame(1, 6, request_id, 4, END_PRICE, 100, 0))
    return b"".join(frames)


async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: int) -> None:
    async def message() -> list[str]:
        size = struct.unpack(">I", await reader.readexactly(4))[0]
        return (await reader.readexactly(size)).decode().split("\0")

    try:
        await reader.readexactly(4)
        await message()
        writer.write(frame(176, "20261120 09:30:00 EST"))
        while True:
            fields = await message()
            if fields[0] == "71":
                writer.write(frame(15, 1, "DU1000001"))
                writer.write(frame(9, 1, 1))
            elif fields[0] == "1":
                writer.write(stream(fields[2], count))
            elif fields[0] == "61":
                writer.write(frame(62, 1))
            elif fields[0] == "49":
                writer.write(frame(49, 1, 1_795_000_000))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main(count: int) -> None:
    server = await asyncio.start_server(lambda r, w: serve_one(r, w, count), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
