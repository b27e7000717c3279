"""What the browser tests stand on: commands in processes of their own, Chromium, and a person at the console.

Nothing is shared between tests: each has its own home, its own ports and a browser with nothing in it. Waiting is
Playwright's: every step waits for what it needs to see, and fails with the picture of what there was instead.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

IRONBRIDGE = Path(sys.executable).with_name("ironbridge")
BUILT = Path(__file__).parents[2] / "src/ironbridge/api/static/index.html"

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

START = 40.0
"""Seconds for a process to say that it is up: Python's start on a busy machine, many times over."""


def chromium() -> str:
    """Where Chromium is, or a skip that nobody can miss."""
    named = os.environ.get("CHROMIUM_PATH")
    if named:
        if not Path(named).is_file():
            pytest.fail(f"CHROMIUM_PATH is {named}, and there is no such file.")
        return named
    for name in CHROMIUM_NAMES:
        if found := shutil.which(name):
            return found
    pytest.skip(
        "NO CHROMIUM: THE CONSOLE IS NOT TESTED IN A BROWSER. Looked for "
        f"{', '.join(CHROMIUM_NAMES)} on the PATH; install one (Debian: apt-get install chromium) or set CHROMIUM_PATH."
    )


def console_is_built() -> None:
    if not BUILT.is_file():
        pytest.fail("The console is not built: run `make console`, or `npm ci && npm run build` in console/.")


def environment() -> dict[str, str]:
    """This process's environment without anything that would set Ironbridge's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("IBKR_", "IRONBRIDGE_"))}
    return {name: value for name, value in kept.items() if name not in {"HOST", "PORT", "PAPER_PORT"}}


class Program:
    """An `ironbridge` command that keeps running, and what it has printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lines: list[str] = []

    async def says(self, pattern: str) -> re.Match[str]:
        """The first line, from now on, that the pattern is found in."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START):
                while line := (await self._process.stdout.readline()).decode():
                    self._lines.append(line)
                    if found := re.search(pattern, line):
                        return found
        except TimeoutError:
            pytest.fail(f"nothing like {pattern} within {START:g} s in:\n{''.join(self._lines)}")
        pytest.fail(f"it ended without {pattern}:\n{''.join(self._lines)}")

    async def end(self) -> None:
        """Ctrl-C, and no process left behind."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGINT)
        try:
            async with asyncio.timeout(20):
                # Reading to the end, so that it is not stopped by a full pipe.
                await self._process.communicate()
        except TimeoutError:
            self._process.kill()
            await self._process.communicate()
            pytest.fail("it did not end within 20 s of Ctrl-C")


@asynccontextmanager
async def program(*arguments: str) -> AsyncIterator[Program]:
    """An `ironbridge` command for the length of the block."""
    process = await asyncio.create_subprocess_exec(
        str(IRONBRIDGE),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment(),
    )
    running = Program(process)
    try:
        yield running
    finally:
        await running.end()


@asynccontextmanager
async def service(home: Path, *arguments: str) -> AsyncIterator[str]:
    """`ironbridge run` on a home and ports of its own: the link that signs in."""
    async with program("run", "--home", str(home), "--port", "0", *arguments) as running:
        yield (await running.says(r"http://\S+#token=\S+"))[0]


@asynccontextmanager
async def browser(pictures: Path) -> AsyncIterator[Page]:
    """A page of a fresh Chromium. Errors of the page fail the test; what was last seen is kept as a picture."""
    executable = chromium()
    console_is_built()
    async with async_playwright() as playwright:
        chrome = await playwright.chromium.launch(executable_path=executable, args=list(CHROMIUM_ARGUMENTS))
        try:
            context = await chrome.new_context(color_scheme="dark", viewport={"width": 1440, "height": 900})
            context.set_default_timeout(20_000)
            page = await context.new_page()
            mistakes: list[str] = []
            page.on("pageerror", lambda error: mistakes.append(str(error)))
            try:
                yield page
            finally:
                await page.screenshot(path=pictures / "last.png")
            assert not mistakes, mistakes
        finally:
            await chrome.close()


class Person:
    """Somebody at the console, doing what can be seen and named there."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.ticket = page.get_by_role("region", name="Order ticket")

    async def sign_in(self, link: str) -> None:
        """Through the link, until prices may flow and orders go."""
        await self.page.goto(link)
        await self.sees_ready()

    async def sees_ready(self) -> None:
        await expect(self.page.get_by_test_id("connection-state")).to_have_text("Ready", timeout=20_000)

    def row(self, symbol: str) -> Locator:
        """The symbol's row in the watchlist."""
        return self.page.locator(f'tr[data-symbol-row="{symbol}"]')

    def price(self, symbol: str, field: str) -> Locator:
        return self.row(symbol).locator(f'td[data-field="{field}"] button')

    async def choose(self, symbol: str) -> None:
        """Put the symbol into the ticket."""
        await self.row(symbol).get_by_role("button", name=symbol, exact=True).click()
        await expect(self.ticket.get_by_label("Symbol")).to_have_value(symbol)

    async def write(self, quantity: str, kind: str = "Limit", limit: str | None = None) -> None:
        """Fill the ticket's fields."""
        await self.ticket.get_by_role("radio", name=kind, exact=True).click()
        await self.ticket.get_by_label("Quantity", exact=True).fill(quantity)
        if limit is not None:
            await self.ticket.get_by_label("Limit price", exact=True).fill(limit)

    async def send(self, side: str) -> None:
        """Review the order, read it over, send it."""
        await self.ticket.get_by_role("button", name=f"Review {side} order").click()
        await self.ticket.get_by_role("button", name=f"Send {side} order").click()

    async def sees_outcome(self, word: str) -> None:
        await expect(self.ticket.get_by_role("status").filter(has_text=word)).to_be_visible(timeout=20_000)

    async def leaves_an_order_working(self) -> None:
        """Buy 5 AAPL far below the market."""
        await self.choose("AAPL")
        await self.write("5", limit="1.00")
        await self.send("buy")
        await self.sees_outcome("Working")

    def position(self, symbol: str) -> Locator:
        return self.page.locator(f'tr[data-position="{symbol}"]')
