"""Drives IB's own Python client, unmodified, whatever its version: EClient and EWrapper as documented.

It runs inside an environment in which `ibapi` is installed. Each of its clients has a thread for its message loop. A
message for which the decoder calls nothing (it drops those whose number of fields it does not expect) is reported, and
so is whatever the library logs as a warning or an error, and whatever ends a message loop.
"""

from __future__ import annotations

import importlib
import inspect
import logging
import threading
import traceback
from typing import Any

from ibapi import comm
from ibapi.client import EClient
from ibapi.wrapper import EWrapper
from lines import Line, Witness, built, commands, filled

LINE = Line()
ME = threading.local()
MODULES = ("contract", "order", "execution", "scanner", "order_condition", "tag_value", "order_cancel")
CALLBACKS = [name for name, _ in inspect.getmembers(EWrapper, inspect.isfunction) if not name.startswith(("_", "log"))]
LATER = {"manualOrderTime": "", "customerAccount": "", "professionalCustomer": False}
CONDITIONS = {"PriceCondition": 1, "TimeCondition": 3, "MarginCondition": 4, "VolumeCondition": 6}


def make(name: str, attributes: dict[str, Any]) -> Any:
    """An object of one of the library's classes."""
    if name in CONDITIONS:
        return filled(importlib.import_module("ibapi.order_condition").Create(CONDITIONS[name]), attributes)
    for module in MODULES:
        try:
            found = getattr(importlib.import_module(f"ibapi.{module}"), name, None)
        except ModuleNotFoundError:  # a class that this version does not have yet
            continue
        if found is not None:
            made = filled(found(), attributes)
            if name == "Order" and hasattr(made, "eTradeOnly"):
                # Old versions ask for both by default, and IB's own advice is to switch them off.
                made.eTradeOnly = made.firmQuoteOnly = False
            return made
    raise LookupError(f"this ibapi has no class {name}")


class Program(EWrapper, EClient):
    """A program as a user of the library writes it, that tells of every callback."""

    def __init__(self, number: int) -> None:
        EWrapper.__init__(self)
        EClient.__init__(self, wrapper=self)
        self.number = number
        self.heard = self.last = 0
        for name in CALLBACKS:
            setattr(self, name, self._teller(name))

    def _teller(self, name: str) -> Any:
        def tell(*args: Any) -> None:
            self.heard += 1
            LINE.said(self.number, name, args)

        return tell

    def msgLoopRec(self) -> None:
        """After each message that was read: has it been told to anybody?"""
        if self.heard == self.last:
            LINE.trouble(self.number, "a message was read and no callback came of it")
        self.last = self.heard

    def loop(self) -> None:
        ME.number = self.number
        try:
            self.run()
        except Exception:
            # Whatever it is, the program under test would have lost its connection here.
            LINE.trouble(self.number, traceback.format_exc())

    def begin(self, host: str, port: int, client_id: int) -> None:
        ME.number = self.number
        self.connect(host, port, client_id)
        if self.reader is not None:
            # Whatever has become of the connection since: what was read is still to be told.
            LINE.said(self.number, "connected", [self.serverVersion()])
            threading.Thread(target=self.loop, daemon=True).start()

    def ask(self, name: str, args: list[Any]) -> None:
        request = getattr(self, name)
        # Later versions ask for more at the end of these two.
        missing = list(inspect.signature(request).parameters)[len(args) :]
        request(*args, *(make("OrderCancel", {}) if each == "orderCancel" else LATER[each] for each in missing))

    def raw(self, fields: list[str]) -> None:
        self.conn.sendMsg(comm.make_msg("".join(f"{field}\0" for field in fields)))


def matters(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or str(record.msg).endswith(("no handleInfo", "no param info in %s"))


def main() -> None:
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger("ibapi.decoder").setLevel(logging.DEBUG)
    logging.getLogger().addHandler(Witness(LINE, matters, lambda: getattr(ME, "number", 0)))
    programs: dict[int, Program] = {}
    for to, do, args in commands():
        if do == "sync":
            LINE.said(to, "synced", [])
            continue
        if to not in programs:
            programs[to] = Program(to)
        program = programs[to]
        try:
            if do == "connect":
                threading.Thread(target=program.begin, args=args, daemon=True).start()
            elif do == "disconnect":
                programs.pop(to).disconnect()
            elif do == "raw":
                program.raw(args)
            else:
                program.ask(do, built(args, make))
        except ConnectionError as error:
            LINE.said(to, "notSent", [repr(error)])
        except Exception:
            # The test that asked is told, whatever it was; the other clients of this driver go on.
            LINE.trouble(to, traceback.format_exc())


main()
