"""Connecting: what a gateway says first, who may come in, and what is answered from its own knowledge."""

from __future__ import annotations

from tests.conformance.conftest import ACCOUNT, START

from ironbridge.paper.faults import Drop, NextOrderId


def test_the_version_is_the_lower_of_both(newcomer, driver):
    client = newcomer(1)
    client.wait("nextValidId")
    assert client.wait("connected").version == driver.version


def test_the_greeting_comes_in_its_order(newcomer):
    client = newcomer(1)
    client.wait("error", code=2158)
    told = [each for each in client.heard() if each.name in {"managedAccounts", "nextValidId", "error"}]
    assert told[0].values == {"accounts": ACCOUNT}
    assert told[1].name == "nextValidId"
    assert told[1].number >= 1
    codes = [each.code for each in told[2:]]
    assert codes == sorted(codes)
    assert {2104, 2106, 2158} == set(codes)
    assert {each.number for each in told[2:]} == {-1}
    assert "Market data farm connection is OK:usfarm" in [each.text for each in told[2:]]
    assert "Sec-def data farm connection is OK:secdefil" in [each.text for each in told[2:]]


def test_a_client_id_is_taken_once(client, newcomer):
    second = newcomer(1)
    assert "client id is already in use" in second.error(326, -1)
    second.until(lambda: second.heard("connectionClosed", "notConnected"))
    assert second.heard("managedAccounts", "nextValidId") == []
    client.settled()


def test_ids_are_told_again_on_request(client):
    client.ask("reqIds", 1)
    assert client.wait("nextValidId").number == client.all_of("nextValidId")[0].number


def test_a_gateway_that_goes_back_says_a_lower_id(client, gateway):
    gateway.faults.inject(NextOrderId(1))
    client.ask("reqIds", 1)
    assert client.wait("nextValidId").number == 1


def test_the_time_is_the_gateways(client, gateway):
    client.ask("reqCurrentTime")
    assert client.wait("currentTime").time == int(START.timestamp())
    client.forget()
    gateway.clock.advance(90)
    client.ask("reqCurrentTime")
    assert client.wait("currentTime").time == int(START.timestamp()) + 90


def test_the_accounts_are_told_again_on_request(client):
    client.ask("reqManagedAccts")
    assert client.wait("managedAccounts").accounts == ACCOUNT


def test_a_dropped_connection_is_noticed_and_made_again(client, gateway, connect):
    gateway.faults.inject(Drop())
    client.wait("connectionClosed")
    connect(1).settled()


def test_a_message_that_cannot_be_read_is_named_and_the_session_lives(client):
    client.raw(1, 11, 5, "not a number")
    assert "Message type 1. Unable to parse data" in client.error(320, 5)
    client.forget()
    client.raw(4, 1, "seven", "")
    assert "Message type 4" in client.error(320)
    client.settled()


def test_a_message_that_nobody_knows_is_refused(client):
    client.raw(9999, 1)
    assert "9999" in client.error(320, -1)
    client.settled()


def test_a_second_start_is_refused(client):
    client.raw(71, 2, 1, "")
    assert "already started" in client.error(321)
    client.settled()


def test_family_codes(client):
    client.ask("reqFamilyCodes")
    (code,) = client.wait("familyCodes").codes
    assert code["accountID"] == ACCOUNT


def test_soft_dollar_tiers(client):
    client.ask("reqSoftDollarTiers", 4)
    assert client.wait("softDollarTiers", number=4).tiers == []


def test_display_groups(client):
    client.ask("queryDisplayGroups", 5)
    assert client.wait("displayGroupList", number=5).groups == "1|2|3|4|5|6|7"
    client.ask("subscribeToGroupEvents", 6, 2)
    assert client.wait("displayGroupUpdated", number=6).contract == "none"
    client.ask("updateDisplayGroup", 6, "265598@SMART")
    client.wait("displayGroupUpdated", number=6, contract="265598@SMART")
    client.ask("unsubscribeFromGroupEvents", 6)
    client.settled()


def test_advisors_data_is_for_advisors(client):
    client.ask("requestFA", 1)
    assert "non FA" in client.error(321)
