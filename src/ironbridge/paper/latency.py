"""A line to the clients that takes its time: everything that is said to them arrives that much later.

Owns how long each piece of output waits, in real time: the wire's, whatever the gateway's own clock does. Each
connection draws from a generator of its own, so that a seed and a connection's number give the same delays however many
others there are. Refuses what is no time, and more than `MAX_SECONDS`.

Invariants: nothing overtakes (what is written waits at least until what was written before it has gone, the end of the
stream included); what waits counts as unread by its client, so that the bound on unread bytes holds it as well.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any

from ironbridge.errors import InvalidInput
from ironbridge.paper.faults import Latency

MAX_SECONDS = 3.0
"""Below the time that a closing session is given to hand over what was written (`SETTLE_SECONDS`)."""
NONE = Latency(0.0)

_TIME = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s)", re.ASCII)


def parse_latency(text: str) -> Latency:
    """`30ms`, `0.2s`, or a range: `30ms..80ms`.

    Raises:
        InvalidInput: it is no time, or a longer one than a line may take.
    """
    parts = [_TIME.fullmatch(part.strip()) for part in text.split("..")]
    times = [float(part[1]) / (1000 if part[2] == "ms" else 1) for part in parts if part is not None]
    if len(times) < len(parts) or len(parts) > 2:
        raise InvalidInput(
            f"{text!r} is no latency.", next_step="Give a time as in 30ms or 0.2s, or a range as in 30ms..80ms."
        )
    return checked(Latency(times[0], times[-1] if len(times) > 1 else None))


def checked(latency: Latency) -> Latency:
    """The same, if a line can be that late.

    Raises:
        InvalidInput: it is negative, no number, too long, or a range whose end is before its beginning.
    """
    ends = [latency.seconds] if latency.longest is None else [latency.seconds, latency.longest]
    for seconds in ends:
        # Written so that what is not a number fails too.
        if not 0 <= seconds <= MAX_SECONDS:
            raise InvalidInput(
                f"A latency cannot be {seconds:g} s.",
                next_step=f"Give from 0 to {MAX_SECONDS:g} s; the fault Delay holds single messages back for longer.",
            )
    if ends[-1] < ends[0]:
        raise InvalidInput(
            f"A latency cannot be from {ends[0]:g} s to {ends[-1]:g} s.", next_step="Give the shorter one first."
        )
    return latency


class LateTransport(asyncio.Transport):
    """A socket's transport whose output takes its time.

    Parameters:
        transport: the socket's own.
        latency: says how long output takes, asked at each write, so that it can be changed.
        seed: of the delays within a range.
    """

    def __init__(self, transport: asyncio.Transport, latency: Callable[[], Latency], seed: str) -> None:
        super().__init__()
        self._transport = transport
        self._latency = latency
        self._random = Random(seed)  # noqa: S311  delays, not secrets
        self._waiting: deque[tuple[float, Any]] = deque()
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    def write(self, data: Any) -> None:
        self._put(data)

    def write_eof(self) -> None:
        self._put(None)

    def get_write_buffer_size(self) -> int:
        """Bytes that are on the line, and those that the client has not taken."""
        return self._bytes + self._transport.get_write_buffer_size()

    def _put(self, data: Any) -> None:
        """Bytes, or None for the end."""
        latency = self._latency()
        if not self._waiting and not latency.seconds and not latency.longest:
            self._hand_over(data)
            return
        wait = latency.seconds
        if latency.longest is not None:
            wait = self._random.uniform(latency.seconds, latency.longest)
        due = self._loop.time() + wait
        if self._waiting:
            due = max(due, self._waiting[-1][0])
        self._waiting.append((due, data))
        self._bytes += len(data or b"")
        if self._timer is None:
            self._timer = self._loop.call_at(due, self._arrive)

    def _arrive(self) -> None:
        self._timer = None
        # The loop may call up to its clock's resolution too early: the one that it was set for is due in any case.
        until = max(self._loop.time(), self._waiting[0][0])
        while self._waiting and self._waiting[0][0] <= until:
            _, data = self._waiting.popleft()
            self._bytes -= len(data or b"")
            self._hand_over(data)
        if self._waiting:
            self._timer = self._loop.call_at(self._waiting[0][0], self._arrive)

    def _hand_over(self, data: Any) -> None:
        if self._transport.is_closing():
            return
        if data is None:
            self._transport.write_eof()
        else:
            self._transport.write(data)

    def abort(self) -> None:
        """End at once; what is on the line is lost."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._waiting.clear()
        self._bytes = 0
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)
