"""The connection settings in a real browser: profiles chosen, changed, tried, saved and used, by hand and by key."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from playwright.async_api import Locator, Page, expect
from tests.e2e.browser_support import Person, browser, program, service

pytestmark = pytest.mark.browser

OWN_GATEWAY = ("--paper-port", "0")


async def opened(page: Page, link: str) -> Locator:
    """Signed in, with the settings on the screen."""
    await Person(page).sign_in(link)
    await page.get_by_role("link", name="Connection").click()
    panel = page.get_by_role("region", name="Connection settings")
    await expect(panel.get_by_label("Profile")).to_be_visible()
    return panel


async def make(page: Page, panel: Locator, name: str) -> None:
    await panel.get_by_role("button", name="New…").click()
    await page.get_by_role("dialog").get_by_label("Name").fill(name)
    await page.keyboard.press("Enter")
    await expect(panel.get_by_label("Profile")).to_have_value(name)


async def test_a_profile_from_the_first_thought_to_its_use(tmp_path: Path) -> None:
    async with program("paper", "--port", "0", "--account", "DU7654321") as gateway:
        port = (await gateway.says(r"127\.0\.0\.1:(\d+)"))[1]
        async with service(tmp_path / "home", *OWN_GATEWAY) as link, browser(tmp_path) as page:
            panel = await opened(page, link)
            await panel.get_by_role("button", name="New…").click()
            dialog = page.get_by_role("dialog")
            await dialog.get_by_label("Name").fill("My TWS")
            await expect(dialog.get_by_text("Small letters")).to_be_visible()
            await expect(dialog.get_by_role("button", name="Make profile")).to_be_disabled()
            await page.keyboard.press("Escape")
            await make(page, panel, "second")
            await expect(panel.get_by_role("button", name="Save settings")).to_be_disabled()

            await panel.get_by_label("Host").fill("127.0.0.1")
            await panel.get_by_label("Port", exact=True).fill("7496")
            await expect(panel.get_by_role("alert")).to_contain_text("orders there are real")
            await panel.get_by_label("Port", exact=True).fill(port)
            await expect(panel.get_by_role("alert")).to_have_count(0)
            await panel.get_by_label("Client id").fill("5")
            await panel.get_by_role("button", name="Test connection").click()
            result = panel.get_by_test_id("test-result")
            await expect(result).to_contain_text(f"127.0.0.1:{port} can be used.")
            await expect(result).to_contain_text("paper account DU7654321 · live prices · round trip")
            await expect(page.get_by_test_id("connection-state")).to_have_text("Ready")

            await panel.get_by_label("Client id").focus()
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("log")).to_contain_text("Profile second saved")
            await expect(panel.get_by_label("Port", exact=True)).to_have_value(port)
            await panel.get_by_role("button", name="Use this profile…").click()
            await page.get_by_role("dialog").get_by_role("button", name="Use and reconnect now").click()
            await expect(page.get_by_text("DU7654321").first).to_be_visible(timeout=20_000)
            await Person(page).sees_ready()
            await expect(panel.get_by_text("In use", exact=True)).to_be_visible()

            await panel.get_by_label("Profile").select_option("default")
            await panel.get_by_role("button", name="Delete…").click()
            await page.get_by_role("dialog").get_by_role("button", name="Delete profile").click()
            await expect(panel.get_by_label("Profile").locator("option")).to_have_count(1)
            await expect(panel.get_by_role("button", name="Delete…")).to_be_disabled()


async def test_what_goes_wrong_is_said_where_it_is(tmp_path: Path) -> None:
    async with service(tmp_path / "home", *OWN_GATEWAY, "--client-id", "9") as link, browser(tmp_path) as page:
        panel = await opened(page, link)
        client = panel.get_by_label("Client id")
        await expect(client).to_be_disabled()
        await expect(client).to_have_value("9")
        await expect(panel.get_by_text("Set by an argument; change it there.")).to_be_visible()

        await panel.get_by_label("Host").fill("127.0.0.1")
        await panel.get_by_label("Port", exact=True).fill("1")
        await panel.get_by_role("button", name="Test connection").click()
        result = panel.get_by_test_id("test-result")
        await expect(result).to_contain_text("cannot be used as it is")
        await expect(result).to_contain_text("Nothing listens on 127.0.0.1 port 1.")
        await panel.get_by_label("Port", exact=True).fill("70000")
        await expect(panel.get_by_text("A port is a whole number from 1 to 65535.")).to_be_visible()
        await panel.get_by_role("button", name="Undo").click()
        await expect(panel.get_by_label("Host")).to_have_value("")

        url, _, token = link.partition("/#token=")
        async with httpx.AsyncClient(
            base_url=f"{url}/api/v1/ib", headers={"Authorization": f"Bearer {token}"}
        ) as other:
            assert (await other.patch("/profiles/default", json={"retry_attempts": 3})).status_code == 200
        attempts = panel.get_by_label("Attempts before giving up")
        await attempts.fill("5")
        await panel.get_by_role("button", name="Save settings").click()
        await expect(panel.get_by_role("alert")).to_contain_text("version 2 now")
        await panel.get_by_role("button", name="Load what is saved now").click()
        await expect(attempts).to_have_value("3")
        await attempts.fill("5")
        await panel.get_by_role("button", name="Save settings").click()
        await expect(page.get_by_role("log")).to_contain_text("Profile default saved")


async def test_it_can_be_done_with_keys_alone(tmp_path: Path) -> None:
    async with service(tmp_path / "home", *OWN_GATEWAY) as link, browser(tmp_path) as page:
        panel = await opened(page, link)
        await panel.get_by_label("Profile").focus()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
        await page.keyboard.type("keys")
        await page.keyboard.press("Enter")
        await expect(panel.get_by_label("Profile")).to_have_value("keys")
        await panel.get_by_label("Profile").focus()
        await page.keyboard.press("Tab")
        await expect(panel.get_by_role("button", name="Use this profile…")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        for control in await panel.locator("input, select").all():
            assert await control.evaluate("it => it.labels.length") == 1, "every field has a label"
