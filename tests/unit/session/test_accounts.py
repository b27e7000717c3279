"""Paper by default; live by name alone."""

from __future__ import annotations

import pytest

from ironbridge.errors import ConnectFailed, LiveAccountRefused
from ironbridge.session.accounts import check_account, choose_account, is_paper


@pytest.mark.parametrize(
    ("accounts", "wanted", "armed", "chosen"),
    (
        (("DU1",), None, None, "DU1"),
        (("DF1", "DU2"), None, None, "DF1"),
        (("DU1", "DU2"), "DU2", None, "DU2"),
        (("U1",), None, "U1", "U1"),
        (("U1", "U2"), None, "U2", "U2"),
        (("DU1",), None, "U1", "DU1"),
    ),
)
def test_chosen(accounts, wanted, armed, chosen):
    assert choose_account(accounts, wanted, armed) == chosen


@pytest.mark.parametrize(
    ("accounts", "wanted", "armed"),
    (
        (("U1",), None, None),
        (("U1", "U2"), "U1", "U2"),
        (("U1",), None, "u1"),
        (("F1",), "F1", "U1"),
        (("XDU1",), None, ""),
    ),
)
def test_live_is_refused(accounts, wanted, armed):
    with pytest.raises(LiveAccountRefused) as caught:
        choose_account(accounts, wanted, armed)
    assert not caught.value.retryable
    assert "live_account" in caught.value.next_step


def test_an_account_of_another_login():
    with pytest.raises(ConnectFailed, match="no account DU9") as caught:
        choose_account(("DU1", "DU2"), "DU9", None)
    assert not caught.value.retryable


def test_names():
    assert is_paper("DU123")
    assert is_paper("DF123")
    assert not is_paper("U123")
    assert not is_paper("du123")
    check_account("DU1", None)
