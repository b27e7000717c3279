"""The order ticket in a real browser, before the real service: each family of order types, groups, change, cancel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect
from tests.e2e.browser_support import Person, browser, service

pytestmark = pytest.mark.browser


async def made(page: Page) -> list[dict[str, Any]]:
    """The orders that the service has, oldest first."""
    answer: dict[str, Any] = await page.evaluate("fetch('/api/v1/ib/orders').then((answer) => answer.json())")
    return list(answer["orders"])


async def anew(person: Person) -> None:
    await person.ticket.get_by_role("button", name="New order").click()


async def write(person: Person, kind: str, **fields: str) -> None:
    """One of the further types, and its fields by their labels, `_` for a blank."""
    await person.ticket.get_by_label("Further types").select_option(label=kind)
    await person.ticket.get_by_label("Quantity", exact=True).fill("3")
    for label, text in fields.items():
        await person.ticket.get_by_label(label.replace("_", " "), exact=True).fill(text)


async def send(person: Person, page: Page, side: str = "buy") -> dict[str, Any]:
    before = len(await made(page))
    await person.send(side)
    await expect(person.ticket.get_by_role("button", name="New order")).to_be_visible(timeout=20_000)
    orders = await made(page)
    assert len(orders) > before
    return orders[before]


async def test_each_family_of_types(tmp_path: Path) -> None:
    async with service(tmp_path / "home", "--paper-port", "0") as link, browser(tmp_path) as page:
        person = Person(page)
        await person.sign_in(link)
        await person.choose("AAPL")
        ticket = person.ticket
        families: list[tuple[str, dict[str, str], dict[str, str]]] = [
            ("Trailing stop", {"Trailing_per_cent": "30"}, {"order_type": "TRAIL", "trail_percent": "30"}),
            (
                "Trailing stop limit",
                {"Trailing_amount": "90", "Limit_offset": "0.05"},
                {"order_type": "TRAIL LIMIT", "trail_amount": "90", "limit_offset": "0.05"},
            ),
            ("Market if touched", {"Stop_price": "2"}, {"order_type": "MIT", "stop_price": "2"}),
            (
                "Limit if touched",
                {"Stop_price": "2", "Limit_price": "2.01"},
                {"order_type": "LIT", "stop_price": "2", "limit_price": "2.01"},
            ),
            ("Limit on close", {"Limit_price": "1.50"}, {"order_type": "LOC", "limit_price": "1.5"}),
            (
                "Relative (pegged to primary)",
                {"Offset": "0.01", "Limit_price_(optional)": "1"},
                {"order_type": "REL", "offset": "0.01", "limit_price": "1"},
            ),
        ]
        for kind, fields, wanted in families:
            await write(person, kind, **fields)
            order = await send(person, page)
            assert {name: order[name] for name in wanted} == wanted
            await anew(person)
            for label in fields:
                await ticket.get_by_label(label.replace("_", " "), exact=True).fill("")

        await person.write("4", limit="1.00")
        await ticket.get_by_label("Time in force").select_option("GTD")
        await person.ticket.get_by_role("button", name="Review buy order").click()
        await expect(ticket.get_by_role("alert").filter(has_text="Give a day and a time")).to_be_visible()
        await ticket.get_by_label("Stands until").fill("2999-12-31T15:00")
        order = await send(person, page)
        assert (order["time_in_force"], order["good_till"][:4]) == ("GTD", "2999")
        await anew(person)
        await ticket.get_by_label("Further types").select_option(label="Market on close")
        await expect(ticket.get_by_label("Time in force")).to_have_value("DAY")


async def test_additions(tmp_path: Path) -> None:
    async with service(tmp_path / "home", "--paper-port", "0") as link, browser(tmp_path) as page:
        person = Person(page)
        await person.sign_in(link)
        await person.choose("AAPL")
        ticket = person.ticket
        await person.write("4", limit="1.00")
        await ticket.get_by_text("Conditions", exact=True).click()
        await ticket.get_by_role("button", name="Add a condition").click()
        await ticket.get_by_label("Price", exact=True).fill("nine")
        await ticket.get_by_role("button", name="Review buy order").click()
        await expect(ticket.get_by_role("alert").filter(has_text="“nine” is not a number")).to_be_visible()
        await ticket.get_by_label("Price", exact=True).fill("9000")
        order = await send(person, page)
        assert [(each["kind"], each["value"]) for each in order["conditions"]["together"]] == [("price", "9000")]
        await anew(person)
        await ticket.get_by_role("button", name="Remove condition 1").click()

        await ticket.get_by_text("Algorithm", exact=True).click()
        await ticket.get_by_label("Worked by").select_option("Adaptive")
        await ticket.get_by_role("button", name="Review buy order").click()
        await expect(ticket.get_by_role("alert").filter(has_text="Adaptive needs this")).to_be_visible()
        await ticket.get_by_label("adaptivePriority").select_option("Patient")
        order = await send(person, page)
        assert order["algorithm"] == {"name": "Adaptive", "parameters": {"adaptivePriority": "Patient"}}
        await anew(person)
        await ticket.get_by_label("Worked by").select_option("")

        await ticket.get_by_role("radio", name="Cash", exact=True).click()
        await ticket.get_by_label("Cash, USD", exact=True).fill("1000")
        order = await send(person, page)
        assert order["cash_quantity"] == "1000"


async def test_bracket_and_one_cancels_other(tmp_path: Path) -> None:
    async with service(tmp_path / "home", "--paper-port", "0") as link, browser(tmp_path) as page:
        person = Person(page)
        await person.sign_in(link)
        await person.choose("AAPL")
        ticket = person.ticket
        await person.write("6", limit="1.50")
        await ticket.get_by_text("Exits and one-cancels-other").click()
        await ticket.get_by_label("Send with it").select_option("exits")
        await ticket.get_by_role("button", name="Review buy order").click()
        await expect(ticket.get_by_role("alert").filter(has_text="Give a take profit, a stop loss")).to_be_visible()
        await ticket.get_by_label("Take profit").fill("900")
        await ticket.get_by_label("Stop loss").fill("1.00")
        await ticket.get_by_role("button", name="Review buy order").click()
        await expect(ticket.get_by_text("Initial margin")).to_be_visible()
        await ticket.get_by_role("button", name="Send buy order").click()
        await person.sees_outcome("Working")
        orders = await made(page)
        assert [(each["role"], each["side"]) for each in orders] == [("entry", "BUY"), ("tp", "SELL"), ("sl", "SELL")]

        await anew(person)
        await ticket.get_by_label("Send with it").select_option("alternative")
        await ticket.get_by_label("Its limit price").fill("1.20")
        await send(person, page)
        other = (await made(page))[3:]
        assert [(each["role"], each["limit_price"]) for each in other] == [("member", "1.5"), ("member", "1.2")]


async def test_modify_and_cancel_and_a_limit_in_the_way(tmp_path: Path) -> None:
    async with service(tmp_path / "home", "--paper-port", "0") as link, browser(tmp_path) as page:
        person = Person(page)
        await person.sign_in(link)
        await person.leaves_an_order_working()
        await page.get_by_role("tab", name="Open orders").click()
        await page.get_by_role("button", name="Modify: Buy 5 AAPL, limit 1").click()
        drawer = page.get_by_role("dialog")
        await drawer.get_by_role("button", name="Modify", exact=True).click()
        await drawer.get_by_label("Limit price").fill("1.25")
        await drawer.get_by_role("button", name="Change order").click()
        await expect(drawer.get_by_text("5, LMT 1.25 DAY: accepted")).to_be_visible(timeout=20_000)
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Cancel: Buy 5 AAPL, limit 1.25").click()
        await person.sees_outcome("Cancelled")

        await anew(person)
        await person.write("99999999", limit="1.00")
        await person.send("buy")
        refused = person.ticket.get_by_role("alert").filter(has_text="Not sent")
        await expect(refused).to_contain_text("limit")
        await person.ticket.get_by_role("button", name="Edit the order").click()
        await expect(person.ticket.get_by_label("Quantity", exact=True)).to_have_value("99999999")
