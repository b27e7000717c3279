"""What a masked recording does not hold, and that nothing else changes."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from ironbridge.paper.masking import HIDDEN, Masker
from ironbridge.paper.places import Places
from ironbridge.wire.account import (
    AccountSummary,
    AccountValue,
    FamilyCode,
    FamilyCodes,
    ReceiveFa,
    ReqAccountSummary,
)
from ironbridge.wire.contract import Contract
from ironbridge.wire.open_order import CompletedOrder, OpenOrder
from ironbridge.wire.order import Order, OrderState
from ironbridge.wire.orders import CommissionReport, ExecDetails, Execution, OrderStatus
from ironbridge.wire.place_order import PlaceOrder
from ironbridge.wire.registry import FORMATS, codec_for
from ironbridge.wire.scanner import ScannerParameters
from ironbridge.wire.session import ErrorMessage, ManagedAccounts, UserInfo, VerifyMessage
from ironbridge.wire.values import UNSET, Role

AAPL = Contract(265598, "AAPL", "STK", exchange="SMART", currency="USD")
ORDER = Order(
    action="BUY", total_quantity=Decimal(10), order_type="LMT", lmt_price=Decimal(150), tif="DAY", account="DU7654321",
    order_ref="momentum-v2", oca_group="pair-trade", perm_id=1234567890, fa_group="Family", model_code="Growth",
    clearing_account="U1112223", ext_operator="jane.doe", mifid2_decision_maker="decider", settling_firm="FIRM1",
    shares_allocation="DU7654321/5,DU7654322/5", parent_perm_id=1234567891,
)  # fmt: skip
SECRETS = re.compile(
    "DU76543|U1112223|momentum|pair-trade|123456789|Family|Growth|jane|decider|FIRM1|6f3a1b2c|Smith|topsecret"
)


def masked(masker: Masker, message: Any, sender: Role = Role.SERVER, version: int = 178) -> Any:
    codec = codec_for(version)
    fields = masker.masked(codec.encode_fields(message, sender), sender, version)
    assert not SECRETS.search("\0".join(fields))
    return codec.decode_fields(fields, sender)


@pytest.mark.parametrize("version", (151, 157, 163, 166, 173, 176, 177, 178))
def test_an_order_keeps_its_terms_and_loses_its_owner(version: int) -> None:
    masker = Masker()
    answer = OpenOrder(7, AAPL, ORDER, OrderState(status="Submitted", warning_text="for DU7654321 by Family"))
    said = masked(masker, answer, version=version)
    assert (said.contract.symbol, said.order.lmt_price, said.order.order_type) == ("AAPL", Decimal(150), "LMT")
    assert (said.order.account, said.order.order_ref, said.order.perm_id) == ("DU0000001", "ref-1", 1_000_000_001)
    assert "DU0000001" in said.state.warning_text
    unsent = replace(ORDER, perm_id=None, shares_allocation="", parent_perm_id=None)
    asked = masked(masker, PlaceOrder(7, AAPL, unsent), Role.CLIENT, version)
    assert (asked.order.account, asked.order.order_ref) == ("DU0000001", "ref-1")
    masked(masker, CompletedOrder(AAPL, ORDER, OrderState(completed_status="Cancelled by jane.doe")), version=version)


def test_the_same_secret_has_the_same_pseudonym_and_another_another() -> None:
    masker = Masker()
    accounts = masked(masker, ManagedAccounts("DU7654321,DU7654322,F7654323,"))
    assert accounts.accounts == "DU0000001,DU0000002,F0000003,"
    summary = masked(masker, AccountSummary(1, "DU7654322", "NetLiquidation", "5.0", "USD"))
    assert (summary.account, summary.value) == ("DU0000002", "5.0")
    assert masked(masker, ReqAccountSummary(1, "All", "x"), Role.CLIENT).group == "All"


def test_what_an_order_is_known_by_is_known_alike_in_every_message() -> None:
    masker = Masker()
    fill = Execution("0000e0d5.6f3a1b2c.01.01", "20260302 10:00:00 US/Eastern", "DU7654321", "ARCA", "BOT",
                     Decimal(10), Decimal("150.5"), perm_id=1234567890, order_ref="momentum-v2")  # fmt: skip
    first = masked(masker, ExecDetails(-1, 7, AAPL, fill)).execution
    again = masked(masker, ExecDetails(-1, 7, AAPL, replace(fill, exec_id="0000e0d5.6f3a1b2c.01.02"))).execution
    report = masked(masker, CommissionReport("0000e0d5.6f3a1b2c.01.01", Decimal(1), "USD"))
    status = masked(masker, OrderStatus(7, "Filled", Decimal(10), Decimal(0), perm_id=1234567890))
    assert report.exec_id == first.exec_id
    assert first.exec_id.rpartition(".")[0] == again.exec_id.rpartition(".")[0]
    assert (first.exec_id[-3:], again.exec_id[-3:]) == (".01", ".02")
    assert status.perm_id == first.perm_id
    assert first.time == fill.time


def test_a_bracket_stays_one() -> None:
    """A child's OCA group is its parent's permanent id as a text."""
    masker = Masker()
    parent = masked(masker, OpenOrder(7, AAPL, ORDER, OrderState()))
    child = masked(masker, OpenOrder(8, AAPL, replace(ORDER, oca_group="1234567890", perm_id=1234567892), OrderState()))
    assert child.order.oca_group == str(parent.order.perm_id)


def test_no_value_stays_no_value() -> None:
    masker = Masker()
    for nothing in (None, UNSET, 0):
        status = OrderStatus(7, "Submitted", Decimal(0), Decimal(1), perm_id=nothing)
        assert masked(masker, status).perm_id == nothing


def test_what_is_hidden_is_hidden_where_it_is_mentioned_too() -> None:
    masker = Masker()
    known = masked(masker, PlaceOrder(7, AAPL, Order(order_ref="momentum-v2", total_quantity=Decimal(1))), Role.CLIENT)
    text = "Order rejected - reason:account DU7654321 may not do momentum-v2 (DU7654321)"
    assert masked(masker, ErrorMessage(7, 201, text)).text == (
        f"Order rejected - reason:account DU0000001 may not do {known.order.order_ref} (DU0000001)"
    )
    value = masked(masker, AccountValue("AccountCode", "DU7654321", "", "DU7654321"))
    assert (value.value, value.account) == ("DU0000001", "DU0000001")


def test_words_that_everybody_uses_are_never_taken_for_secrets() -> None:
    masker = Masker()
    masked(masker, PlaceOrder(7, AAPL, Order(order_ref="SMART", total_quantity=Decimal(1))), Role.CLIENT)
    masked(masker, PlaceOrder(8, AAPL, Order(order_ref="a", total_quantity=Decimal(1))), Role.CLIENT)
    text = "Market data farm connection is OK on SMART:a"
    assert masked(masker, ErrorMessage(-1, 2104, text)).text == text
    assert masked(masker, OrderStatus(8, "Filled", Decimal(1), Decimal(0))).status == "Filled"


def test_an_advisors_configuration_keeps_its_shape() -> None:
    xml = (
        '<ListOfGroups><Group><name>Family</name><ListOfAccts varName="list"><String>DU7654321</String></ListOfAccts>'
        "<defaultMethod>EqualQuantity</defaultMethod></Group><Alias><alias>Smith, J.</alias></Alias></ListOfGroups>"
    )
    said = masked(Masker(), ReceiveFa(1, xml)).xml
    assert "<defaultMethod>EqualQuantity</defaultMethod>" in said
    assert "<String>DU0000001</String>" in said
    assert re.sub("name-[0-9]|DU0000001", "*", said) == re.sub(r"Family|DU7654321|Smith, J\.", "*", xml)
    scan = ScannerParameters("<ScanParameterResponse><Instrument><name>US Stocks</name></Instrument></x>")
    assert masked(Masker(), scan) == scan


def test_names_and_tokens_are_hidden() -> None:
    masker = Masker()
    assert masked(masker, UserInfo(1, "jane.doe")).white_branding_id == "name-1"
    assert masked(masker, VerifyMessage("topsecret"), Role.CLIENT).api_data == "secret-1"
    assert masked(masker, FamilyCodes((FamilyCode("DU7654321", "Family1"),))).codes == (
        FamilyCode("DU0000001", "name-2"),
    )


@pytest.mark.parametrize("version", (0, 150, 187, 178))
def test_of_what_cannot_be_read_only_the_protocols_own_words_are_kept(version: int) -> None:
    fields = ["5", "7", "265598", "AAPL", "STK", "momentum-v2", "DU7654321", "150.25", "1234567890", "", "BUY"]
    kept = Masker().masked(fields, Role.SERVER, version)
    assert kept == ["5", "7", "265598", "text-1", "STK", "text-2", "DU0000001", "150.25", "text-3", "", "BUY"]


def test_every_other_field_keeps_its_text_exactly() -> None:
    """The official client's spellings are not this codec's, and a recording keeps them."""
    fields = codec_for(176).encode_fields(PlaceOrder(7, AAPL, Order(order_ref="momentum-v2")), Role.CLIENT)
    fields = ["1.7976931348623157e+308" if text == "1.7976931348623157E308" else text for text in fields]
    fields[6] = "0.0"
    kept = Masker().masked(fields, Role.CLIENT, 176)
    assert [(one, other) for one, other in zip(fields, kept, strict=True) if one != other] == [("momentum-v2", "ref-1")]


def test_a_field_that_names_a_person_or_an_order_is_hidden_by_name() -> None:
    """A field that is new in the codec and sounds like a secret has to be decided on."""
    sounds = re.compile(
        "account|acct|user|operator|decision|execution_(trader|algo)|perm_id|order_ref|exec_id|firm|oca_g"
    )
    harmless = {"firm_quote_only"}
    found = set()
    for version in (151, 163, 178):
        for form in FORMATS:
            found |= {name_of(step) for step in walk(form.layout.at(version).steps)}
    assert {"order_ref", "perm_id", "account"} <= found
    assert {name for name in found if sounds.search(name)} - HIDDEN - harmless == set()


def walk(steps: Any) -> list[Any]:
    found = []
    for step in steps:
        found.append(step)
        for inner in ("steps", "codec", "item"):
            nested = getattr(step, inner, None)
            if inner == "steps" and nested:
                found += walk(nested)
            elif nested is not None:
                found += walk([nested])
    return found


def name_of(step: Any) -> str:
    return str(getattr(step, "path", "")).rpartition(".")[2]


def test_places_are_those_of_the_codec() -> None:
    codec, places = codec_for(178), Places(178)
    fields = codec.encode_fields(OpenOrder(7, AAPL, ORDER, OrderState(status="Submitted")), Role.SERVER)
    laid = places.laid(fields, Role.SERVER)
    assert laid is not None
    assert laid.message == codec.decode_fields(fields, Role.SERVER)
    at = dict(laid.places)
    assert (fields[at["order.order_ref"]], fields[at["order.account"]]) == ("momentum-v2", "DU7654321")
