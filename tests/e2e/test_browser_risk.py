"""Risk in the console, in a real browser in front of the real service."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect
from tests.e2e.browser_support import Person, browser, service

pytestmark = pytest.mark.browser


async def test_limits_and_the_kill_switch(tmp_path: Path) -> None:
    async with service(tmp_path / "home", "--paper-port", "0") as link, browser(tmp_path) as page:
        person = Person(page)
        await person.sign_in(link)
        await person.leaves_an_order_working()

        await page.get_by_role("link", name="Risk").click()
        limits = page.get_by_role("region", name="Limits")
        await expect(limits.get_by_text("All orders")).to_be_visible()
        await limits.get_by_role("button", name="Change limits of All orders").click()
        await page.get_by_role("textbox", name="Position").fill("-1")
        await page.get_by_role("button", name="Save limits").click()
        await expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("max_position is -1")
        await page.get_by_role("textbox", name="Position").fill("500")
        await page.get_by_label("Order rate").fill("10/60")
        await page.get_by_role("button", name="Save limits").click()
        await expect(limits.get_by_text("10/60")).to_be_visible()
        await expect(page.get_by_role("region", name="Risk events").get_by_text("Limits of all")).to_be_visible()

        await page.get_by_role("button", name="Kill switch").click()
        await page.get_by_label("Reason").fill("a drill")
        await page.get_by_role("button", name="Cancel everything and block new orders").click()
        banner = page.get_by_role("alert").filter(has_text="Kill switch engaged")
        await expect(banner).to_contain_text("holds no open order", timeout=20_000)
        await page.screenshot(path=tmp_path / "killed.png")

        await expect(page.get_by_text("Cancelled: Buy 5 AAPL")).to_be_visible()
        await page.reload()
        await expect(banner).to_be_visible()
        await banner.get_by_role("button", name="Release…").click()
        await page.get_by_label("Reason").fill("over")
        await page.get_by_role("button", name="Let orders through again").click()
        await expect(banner).not_to_be_visible()
