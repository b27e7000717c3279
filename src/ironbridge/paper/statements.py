"""The statements that clients follow, as they stand: values, portfolio, positions, summaries, profits."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ironbridge.exchange.accounts import AccountView, PositionView
from ironbridge.paper.account_values import SUMMARY_TAGS, Value, account_values, ledger
from ironbridge.paper.floor import Floor
from ironbridge.paper.follow import Statement
from ironbridge.paper.moments import ZONE
from ironbridge.paper.translate import contract_of
from ironbridge.wire.account import (
    AccountSummary,
    AccountUpdateMulti,
    AccountUpdateTime,
    AccountValue,
    Pnl,
    PnlSingle,
    PortfolioValue,
    Position,
    PositionMulti,
    ReqAccountUpdatesMulti,
    ReqPositionsMulti,
)
from ironbridge.wire.values import UNSET

LEDGER = "$LEDGER"


class Statements:
    """Reads them from the venue.

    Parameters:
        floor: the gateway's shared state.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def _view(self, account: str) -> AccountView:
        return self._floor.venue.account(account)

    def time(self) -> AccountUpdateTime:
        return AccountUpdateTime(f"{self._floor.now().astimezone(ZONE):%H:%M}")

    def updates(self, account: str) -> Statement:
        view = self._view(account)
        found: Statement = {
            (value.key, value.currency): AccountValue(value.key, value.value, value.currency, account)
            for value in account_values(view)
        }
        for position in view.positions:
            found["portfolio", position.con_id] = self._portfolio(account, position)
        return found

    def _portfolio(self, account: str, position: PositionView) -> PortfolioValue:
        return PortfolioValue(
            self._contract(position.con_id),
            position.quantity,
            position.market_price,
            position.market_value,
            position.average_cost,
            position.unrealized_pnl,
            position.realized_pnl,
            account,
        )

    def _contract(self, con_id: int) -> Any:
        listing = self._floor.venue.listing(con_id)
        assert listing is not None, "an account holds only what the venue lists"
        return contract_of(listing)

    def updates_multi(self, message: ReqAccountUpdatesMulti, accounts: Sequence[str]) -> Statement:
        found: Statement = {}
        for account in accounts:
            view = self._view(account)
            values = ledger(view) if message.ledger_and_nlv else account_values(view)
            for value in values:
                found[account, value.key, value.currency] = AccountUpdateMulti(
                    message.req_id, account, message.model_code, value.key, value.value, value.currency
                )
        return found

    def summary(self, req_id: int, accounts: Sequence[str], tags: Sequence[str]) -> Statement:
        """Tags that do not exist are left out, as IB does; `$LEDGER:EUR` gives one currency, `$LEDGER:ALL` all."""
        wanted = {tag for tag in tags if tag in SUMMARY_TAGS}
        found: Statement = {}
        for account in accounts:
            view = self._view(account)
            for value in account_values(view):
                if value.key in wanted:
                    found[account, value.key, value.currency] = AccountSummary(req_id, account, *value)
            for tag in tags:
                if tag.startswith(LEDGER):
                    for value in ledger_lines(view, tag):
                        found[account, value.key, value.currency] = AccountSummary(req_id, account, *value)
        return found

    def positions(self) -> Statement:
        found: Statement = {}
        for account in self._floor.venue.accounts:
            for each in self._view(account).positions:
                found[account, each.con_id] = Position(
                    account, self._contract(each.con_id), each.quantity, each.average_cost
                )
        return found

    def positions_multi(self, message: ReqPositionsMulti, accounts: Sequence[str]) -> Statement:
        found: Statement = {}
        for account in accounts:
            for each in self._view(account).positions:
                found[account, each.con_id] = PositionMulti(
                    message.req_id,
                    account,
                    self._contract(each.con_id),
                    each.quantity,
                    each.average_cost,
                    message.model_code,
                )
        return found

    def pnl(self, req_id: int, account: str) -> Statement:
        view = self._view(account)
        return {"pnl": Pnl(req_id, view.daily_pnl, view.unrealized_pnl, view.realized_pnl)}

    def pnl_single(self, req_id: int, account: str, con_id: int) -> Statement:
        for each in self._view(account).positions:
            if each.con_id == con_id:
                return {
                    "pnl": PnlSingle(
                        req_id, each.quantity, each.daily_pnl, each.unrealized_pnl, each.realized_pnl, each.market_value
                    )
                }
        # No position: the gateway answers once, with a position of zero and no amounts.
        return {"pnl": PnlSingle(req_id, Decimal(0), UNSET, UNSET, UNSET, UNSET)}


def ledger_lines(view: AccountView, tag: str) -> list[Value]:
    """`$LEDGER` is the base currency, `$LEDGER:EUR` one currency, `$LEDGER:ALL` all of them."""
    _, _, currency = tag.partition(":")
    lines = ledger(view)
    if currency == "ALL":
        return lines
    return [line for line in lines if line.currency == (currency or "BASE")]
