"""A client under test, whatever it is made of: asked by IB's names, heard as a list of callbacks.

Owns the driver's process and what came out of it. Nothing is forgotten and nothing passes unseen: a callback that no
table knows, a message that the client could not take or an exception in it is a trouble, and a test ends with none.
"""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conformance.vocabulary import Said, said

DRIVERS = Path(__file__).parent / "drivers"
WAIT_SECONDS = 15.0
"""Far more than any answer takes; a test that waits so long has failed."""


class Client:
    """One of a driver's clients."""

    def __init__(self, driver: Driver, number: int, client_id: int) -> None:
        self._driver = driver
        self._number = number
        self.client_id = client_id
        self.all: list[Said] = []
        self.troubles: list[str] = []
        self.forgiven = False
        self._news = threading.Condition()
        self._begin = 0
        self._order_id: int | None = None

    # -- what comes

    def take(self, line: dict[str, Any]) -> None:
        with self._news:
            if "trouble" in line:
                self.troubles.append(line["trouble"])
            else:
                try:
                    self.all.append(said(line["said"], line["args"]))
                except KeyError:
                    self.troubles.append(f"unknown callback {line}")
            self._news.notify_all()

    def heard(self, *names: str, **values: Any) -> list[Said]:
        """What was said since `forget`, in order: of these names, with these values."""
        with self._news:
            since = self.all[self._begin :]
        return [each for each in since if (not names or each.name in names) and each.has(values if names else {})]

    def until(self, done: Callable[[], Any], what: str = "") -> Any:
        """Wait for the callbacks that make it true; gives back what it gives."""
        deadline = time.monotonic() + WAIT_SECONDS
        with self._news:
            while not (found := done()):
                if self.troubles or not self._news.wait(deadline - time.monotonic()):
                    last = "\n  ".join(map(str, self.all[-15:]))
                    raise AssertionError(f"{what or 'it'} never came; troubles {self.troubles}; the last was\n  {last}")
            return found

    def until_troubled(self) -> str:
        """Wait for the first thing that the client cannot take; it may have more of them from then on."""
        self.forgiven = True
        with self._news:
            assert self._news.wait_for(lambda: self.troubles, WAIT_SECONDS), "the client has noticed nothing"
            return self.troubles[0]

    def wait(self, name: str, **values: Any) -> Said:
        """The first of this name with these values since `forget`."""
        found: list[Said] = self.until(lambda: self.heard(name, **values), f"{name} {values}")
        return found[0]

    def wait_all(self, count: int, name: str, **values: Any) -> list[Said]:
        """That many of this name with these values since `forget`."""
        found: list[Said] = self.until(
            lambda: len(got := self.heard(name, **values)) >= count and got, f"{count} times {name} {values}"
        )
        return found

    def error(self, code: int, number: int | None = None) -> str:
        """The text of the error of this code about this request."""
        wanted = {"code": code} if number is None else {"code": code, "number": number}
        return str(self.wait("error", **wanted).text)

    def forget(self) -> None:
        with self._news:
            self._begin = len(self.all)

    # -- what goes

    def ask(self, name: str, *args: Any) -> None:
        """A request, by the official client's name and arguments."""
        self._driver.write(self._number, name, args)

    def settled(self) -> None:
        """Return when what was asked has been answered, but for what a gateway takes its time over."""
        before = len(self.heard("currentTime"))
        self.ask("reqCurrentTime")
        self.until(lambda: len(self.heard("currentTime")) > before, "currentTime")

    def raw(self, *fields: Any) -> None:
        self.ask("raw", *map(str, fields))

    def connect(self, host: str, port: int) -> None:
        self.ask("connect", host, port, self.client_id)

    def disconnect(self) -> None:
        self.ask("disconnect")

    # -- orders, in short

    def place(self, contract: dict[str, Any], order: dict[str, Any], number: int | None = None) -> int:
        """Place an order under the next id, or a given one."""
        if number is None:
            number = self.next_order_id()
        self.ask("placeOrder", number, contract, order)
        return number

    def next_order_id(self) -> int:
        first = self.all_of("nextValidId")[0].number
        self._order_id = first if self._order_id is None else self._order_id + 1
        return self._order_id

    def all_of(self, name: str) -> list[Said]:
        with self._news:
            return [each for each in self.all if each.name == name]

    def status(self, number: int, status: str) -> Said:
        return self.wait("orderStatus", number=number, status=status)

    def story(self, number: int) -> list[tuple[str, Any]]:
        """What was told of an order since `forget`: callbacks with their status or code."""
        told: list[tuple[str, Any]] = []
        for each in self.heard():
            match each.name:
                case "openOrder" if each.number == number:
                    told.append((each.name, each.state["status"]))
                case "orderStatus" if each.number == number:
                    told.append((each.name, each.status))
                case "execDetails" if each.execution["orderId"] == number:
                    told.append((each.name, each.number))
                case "commissionReport":
                    told.append((each.name, each.report["currency"]))
                case "error" if each.number == number:
                    told.append((each.name, each.code))
        return told


class Driver:
    """A process in which clients of one kind run.

    Parameters:
        kind: what they are called in tests.
        python: the interpreter of their environment.
        program: the driver's program.
        version: what they negotiate with a gateway that speaks up to 178.
    """

    def __init__(self, kind: str, python: Path, program: str, version: int) -> None:
        self.kind = kind
        self.version = version
        self._clients: dict[int, Client] = {}
        self._count = 0
        self._lock = threading.Lock()
        self._synced = threading.Event()
        self._process = subprocess.Popen(
            [python, "-X", "utf8", DRIVERS / program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def client(self, client_id: int) -> Client:
        with self._lock:
            self._count += 1
            made = self._clients[self._count] = Client(self, self._count, client_id)
        return made

    def let_go(self) -> list[str]:
        """Disconnect every client; what they could not take."""
        with self._lock:
            clients = dict(self._clients)
        for client in clients.values():
            client.disconnect()
        self._synced.clear()
        self.write(0, "sync", ())
        assert self._synced.wait(WAIT_SECONDS), f"the driver of {self.kind} is gone"
        with self._lock:
            self._clients = {}
        return [trouble for client in clients.values() if not client.forgiven for trouble in client.troubles]

    def write(self, to: int, do: str, args: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"to": to, "do": do, "args": list(args)}) + "\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for text in self._process.stdout:
            line = json.loads(text)
            if line.get("said") == "synced":
                self._synced.set()
                continue
            with self._lock:
                # What no client can be blamed for is everybody's trouble.
                to = [self._clients[line["to"]]] if line["to"] in self._clients else []
                if line["to"] == 0:
                    to = list(self._clients.values())
            for client in to:
                client.take(line)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        finally:
            self._process.kill()
            self._process.wait()
        self._reading.join(10)
        if self._process.stdout is not None:
            self._process.stdout.close()
