"""Reconciliation in the console, in a real browser in front of the real service."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect
from tests.e2e.browser_support import Person, browser, service

pytestmark = pytest.mark.browser


async def test_the_last_report_is_shown_and_a_new_one_is_made(tmp_path: Path) -> None:
    async with service(tmp_path / "home", "--paper-port", "0") as link, browser(tmp_path) as page:
        person = Person(page)
        await person.sign_in(link)
        await person.leaves_an_order_working()

        await page.get_by_role("link", name="Orders").click()
        report = page.get_by_role("region", name="Reconciliation")
        await expect(report.get_by_text("(a new session): 0 open")).to_be_visible()
        await expect(report.get_by_text("Settled")).to_be_visible()
        await report.get_by_role("button", name="Run now").click()
        await expect(report.get_by_text("(asked for): 1 open")).to_be_visible()
