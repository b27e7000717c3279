"""``python -m fuzz codec 1000000``: so many inputs at a harness, or as many as fit in the time.

With atheris, inputs are guided by the coverage of what they reach; ``--random`` mutates without it, which needs
nothing but this interpreter. An input that finds something is written to a file, which ``python -m fuzz codec FILE``
runs again.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Protocol

LONGEST = {"codec": 160, "server": 512}
"""Bytes of an input: one long message or a short stream, some dozens of requests."""
PEAK_TO_MIB = 1024
SEEDS = 400


class Harness(Protocol):
    def one(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class Report:
    """Counts, and says how it went.

    Parameters:
        harness: takes the inputs.
        seconds: after which it is enough.
    """

    def __init__(self, name: str, harness: Harness, seconds: float) -> None:
        self._name = name
        self._harness = harness
        self._seconds = seconds
        self._begun = time.monotonic()
        self._inputs = 0
        self._first = 0.0
        self._slowest = 0.0

    def one(self, data: bytes) -> None:
        begun = time.monotonic()
        try:
            self._harness.one(data)
        except BaseException:
            found = Path(mkdtemp(prefix="ironbridge-fuzz-")) / self._name
            found.write_bytes(data)
            print(f"found something with {found}", file=sys.stderr, flush=True)
            raise
        now = time.monotonic()
        self._slowest = max(self._slowest, now - begun)
        self._inputs += 1
        if self._inputs == SEEDS * 10:
            self._first = resident()  # after what is built once has been built
        if self._inputs % 50_000 == 0:
            self.tell()
        if now - self._begun > self._seconds:
            print("the time is up", flush=True)
            self.end()

    def tell(self) -> None:
        spent = time.monotonic() - self._begun
        print(
            f"{self._name}: {self._inputs:,} inputs in {spent:.0f} s ({self._inputs / spent:,.0f} a second), slowest "
            f"{self._slowest * 1000:.0f} ms, resident {self._first:.1f} MiB at the start, {resident():.1f} MiB now",
            flush=True,
        )

    def end(self) -> None:
        self.tell()
        self._harness.close()
        sys.stdout.flush()
        # libFuzzer's own exit runs in C; this one is ours.
        os._exit(0)


def resident() -> float:
    """MiB resident now, or at the peak where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / PEAK_TO_MIB
    return pages * resource.getpagesize() / (1 << 20)


def make(name: str) -> Harness:
    if name == "codec":
        from fuzz.codec import Codec

        return Codec()
    from fuzz.server import Server

    return Server()


def randomly(one: Callable[[bytes], None], longest: int, runs: int, seed: int) -> None:
    """Inputs without guidance: fresh bytes, and neighbours of the last ones."""
    source = random.Random(seed)
    data = b""
    for _ in range(runs):
        if not data or source.random() < 0.5:
            data = source.randbytes(source.randrange(longest))
        else:
            at = source.randrange(len(data))
            data = data[:at] + source.randbytes(source.randrange(1, 4)) + data[at + source.randrange(4) :]
            data = data[:longest]
        one(data)


def guided(name: str, seconds: float, runs: int, seed: int) -> None:
    """Inputs by libFuzzer, over instrumented code."""
    import atheris

    with atheris.instrument_imports(include=["ironbridge.wire", "ironbridge.paper", "ironbridge.exchange"]):
        harness = make(name)
    report = Report(name, harness, seconds)
    corpus = Path(mkdtemp(prefix="ironbridge-corpus-"))
    source, longest = random.Random(seed), LONGEST[name]
    for number in range(SEEDS):
        (corpus / str(number)).write_bytes(source.randbytes(longest))
    done = 0

    def one(data: bytes) -> None:
        nonlocal done
        report.one(data)
        done += 1
        if done >= runs:
            report.end()

    options = [
        f"-seed={seed}",
        f"-max_len={longest}",
        "-len_control=0",
        "-timeout=30",
        "-rss_limit_mb=2048",
        "-verbosity=0",
        f"-artifact_prefix={corpus}/",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], one)
    atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Fuzz the codec or the gateway.")
    parser.add_argument("harness", choices=("codec", "server"))
    parser.add_argument("runs", help="how many inputs, or a file with one")
    parser.add_argument("--seconds", type=float, default=600.0, help="and for how long at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--random", action="store_true", help="without atheris")
    given = parser.parse_args()
    if not given.runs.isdigit():
        make(given.harness).one(Path(given.runs).read_bytes())
    elif given.random:
        report = Report(given.harness, make(given.harness), given.seconds)
        randomly(report.one, LONGEST[given.harness], int(given.runs), given.seed)
        report.end()
    else:
        guided(given.harness, given.seconds, int(given.runs), given.seed)


if __name__ == "__main__":
    main()
