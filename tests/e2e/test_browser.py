"""The console in a real browser, in front of the real service: what a person sees and does on the first day."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import expect
from tests.e2e.browser_support import Person, browser, program, service

pytestmark = pytest.mark.browser

OWN_GATEWAY = ("--paper-port", "0")


async def buy_ten(person: Person) -> None:
    """See a price move, buy at market, see the fill and the position."""
    page = person.page
    bid = person.price("AAPL", "bid")
    await expect(bid).to_have_text(re.compile(r"\d+\.\d\d"))
    before = await bid.inner_text()
    await expect(bid).not_to_have_text(before)

    await person.choose("AAPL")
    await person.write("10", "Market")
    await person.send("buy")
    await person.sees_outcome("Filled")
    await expect(person.ticket.get_by_text("10 of 10 filled")).to_be_visible()

    await page.get_by_role("tab", name="Positions").click()
    await expect(person.position("AAPL").get_by_role("cell").nth(1)).to_have_text("10")
    await page.get_by_role("tab", name="Completed").click()
    done = page.get_by_role("table", name="Completed orders").locator('tr[data-state="filled"]')
    await expect(done).to_have_count(1)
    await done.get_by_role("button", name="Details").click()
    await expect(page.get_by_role("dialog").get_by_role("table", name="Fills").get_by_role("row")).not_to_have_count(1)
    await page.keyboard.press("Escape")


async def test_first_day(tmp_path: Path) -> None:
    async with service(tmp_path / "home", *OWN_GATEWAY) as link, browser(tmp_path) as page:
        person = Person(page)
        await person.sign_in(link)
        assert "token" not in page.url
        await expect(page.get_by_text("PAPER", exact=True).first).to_be_visible()
        await buy_ten(person)

        await person.ticket.get_by_role("button", name="New order").click()
        await person.write("5", limit="1.00")
        await person.send("buy")
        await person.sees_outcome("Working")
        await page.get_by_role("tab", name="Open orders").click()
        await page.get_by_role("button", name="Cancel: Buy 5 AAPL, limit 1").click()
        await person.sees_outcome("Cancelled")
        await expect(page.get_by_text("No open orders")).to_be_visible()


async def test_separate_gateway(tmp_path: Path) -> None:
    async with program("paper", "--port", "0", "--seed", "11", "--account", "DU7654321") as gateway:
        port = (await gateway.says(r"127\.0\.0\.1:(\d+)"))[1]
        there = ("--ib-host", "127.0.0.1", "--ib-port", port)
        async with service(tmp_path / "home", *there) as link, browser(tmp_path) as page:
            person = Person(page)
            await person.sign_in(link)
            await expect(page.get_by_text("DU7654321").first).to_be_visible()
            await buy_ten(person)


async def test_bad_input_is_named(tmp_path: Path) -> None:
    async with service(tmp_path / "home", *OWN_GATEWAY) as link, browser(tmp_path) as page:
        person = Person(page)
        await person.sign_in(link)

        await page.keyboard.press("/")
        await page.keyboard.type("nosuch")
        await page.keyboard.press("Enter")
        alert = page.get_by_role("alert").filter(has_text="NOSUCH was not added")
        await expect(alert).to_contain_text("Check the symbol")
        await expect(person.row("NOSUCH")).to_have_count(0)

        await person.choose("AAPL")
        await expect(person.ticket.get_by_text("APPLE INC")).to_be_visible()
        await person.write("-5", limit="100.003")
        await person.ticket.get_by_role("button", name="Review buy order").click()
        alerts = person.ticket.get_by_role("alert")
        await expect(alerts.filter(has_text="must be positive")).to_contain_text("choose Sell")
        await expect(alerts.filter(has_text="steps of 0.01")).to_contain_text("Use 100.00 or 100.01")
        await expect(person.ticket.get_by_role("button", name="Send buy order")).to_have_count(0)

        await person.ticket.get_by_label("Symbol").fill("nosuch")
        await person.ticket.get_by_label("Symbol").press("Enter")
        await expect(alerts.filter(has_text="NOSUCH")).to_contain_text("Check the symbol")

        await person.choose("AAPL")
        await person.write("99999999", "Market")
        await person.send("buy")
        refused = person.ticket.get_by_role("alert").filter(has_text="Not sent")
        await expect(refused).to_contain_text(re.compile("quantity|limit"))
        await page.get_by_role("tab", name="Completed").click()
        await expect(page.get_by_text("No orders yet")).to_be_visible()


async def test_answer_lost_on_the_way_is_one_order(tmp_path: Path) -> None:
    async with service(tmp_path / "home", *OWN_GATEWAY) as link, browser(tmp_path) as page:
        person = Person(page)
        await person.sign_in(link)
        # The order arrives; its answer and the stream do not: the console knows nothing of its fate.
        lost: list[str] = []

        async def lose(route) -> None:
            if route.request.method != "POST" or lost:
                await route.continue_()
                return
            await route.fetch()
            lost.append(await route.request.header_value("idempotency-key") or "")
            await route.abort()

        await page.route("**/api/v1/ib/orders*", lose)
        await page.route_web_socket("**/ws/orders*", lambda socket: None)
        await page.reload()
        await person.sees_ready()
        await person.choose("AAPL")
        await person.write("7", limit="1.00")
        await person.send("buy")
        await expect(person.ticket.get_by_role("alert")).to_contain_text("Outcome unknown")
        assert lost[0].startswith("web-")
        async with page.expect_request(lambda sent: sent.method == "POST" and sent.url.endswith("/orders")) as again:
            await person.ticket.get_by_role("button", name="Send again").click()
        assert await (await again.value).header_value("idempotency-key") == lost[0]
        await person.sees_outcome("Working")
        orders = await page.evaluate("fetch('/api/v1/ib/orders').then((answer) => answer.json())")
        assert [order["key"] for order in orders["orders"]] == lost


async def test_sign_in_by_hand_and_themes(tmp_path: Path) -> None:
    async with service(tmp_path / "home", *OWN_GATEWAY) as link, browser(tmp_path) as page:
        address, _, token = link.partition("/#token=")
        await page.goto(address)
        await page.get_by_label("Access token").fill("wrong")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("alert")).to_contain_text("The access token is wrong.")
        await page.get_by_label("Access token").fill(token)
        await page.get_by_role("button", name="Sign in").click()
        person = Person(page)
        await person.sees_ready()

        page_theme = page.locator("html")
        await expect(page_theme).to_have_attribute("data-theme", "dark")
        dark = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        await page.get_by_role("button", name="Light theme").click()
        await expect(page_theme).to_have_attribute("data-theme", "light")
        assert await page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
        await page.reload()
        await expect(page_theme).to_have_attribute("data-theme", "light")
        await person.sees_ready()

        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog")).to_contain_text("Keyboard shortcuts")
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_label("Access token")).to_be_visible()


async def test_service_ends_and_returns(tmp_path: Path) -> None:
    async with browser(tmp_path) as page:
        person = Person(page)
        async with service(tmp_path / "home", *OWN_GATEWAY) as link:
            await person.sign_in(link)
            await expect(person.price("AAPL", "bid")).to_have_text(re.compile(r"\d+\.\d\d"))
        port = re.search(r":(\d+)/", link)[1]
        await expect(page.get_by_role("alert").filter(has_text="Service unreachable")).to_be_visible()
        await expect(person.row("AAPL").get_by_text("Before the cut")).to_be_visible()
        await expect(person.ticket.get_by_role("button", name="Review buy order")).to_be_disabled()
        async with service(tmp_path / "home", *OWN_GATEWAY, "--port", port) as link:
            # Sessions end with the service: the console asks for the token again instead of showing old numbers.
            await expect(page.get_by_text("Your session has ended")).to_be_visible(timeout=40_000)
            await person.sign_in(link)
            await expect(page.get_by_text("Before the cut")).to_have_count(0)
