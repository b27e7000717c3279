"""Requests about accounts: updates, summaries, positions, profit and loss.

Owns the subscriptions of all sessions. After a fill everybody who follows the account hears of it at once; beside
that, values are said again every three minutes of the gateway's clock where they changed, as a real gateway does, and
profit and loss every second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from ironbridge.exchange.events import CommissionCharged, ContractExpired, Event, PositionChanged
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.follow import Follow, Statement
from ironbridge.paper.limits import Pacing
from ironbridge.paper.session import Session
from ironbridge.paper.statements import Statements
from ironbridge.paper.translate import Refusal, invalid
from ironbridge.wire.account import (
    AccountDownloadEnd,
    AccountSummaryEnd,
    AccountUpdateMultiEnd,
    CancelAccountSummary,
    CancelAccountUpdatesMulti,
    CancelPnl,
    CancelPnlSingle,
    CancelPositions,
    CancelPositionsMulti,
    PositionEnd,
    PositionMultiEnd,
    ReqAccountSummary,
    ReqAccountUpdates,
    ReqAccountUpdatesMulti,
    ReqPnl,
    ReqPnlSingle,
    ReqPositions,
    ReqPositionsMulti,
)

VALUES = timedelta(minutes=3)
PROFITS = timedelta(seconds=1)
ALL_GROUPS = frozenset({"All", ""})

Key = tuple[str, int]
"""What is followed, and under which request id (0 where the protocol has none)."""


class AccountDesk:
    """The account desk.

    Parameters:
        floor: the gateway's shared state.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._statements = Statements(floor)
        self._follows: dict[Session, dict[Key, Follow]] = {}
        self._updates_of: dict[Session, str] = {}

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {
            ReqAccountUpdates: self.updates,
            ReqAccountUpdatesMulti: self.updates_multi,
            CancelAccountUpdatesMulti: self.cancel_updates_multi,
            ReqAccountSummary: self.summary,
            CancelAccountSummary: self.cancel_summary,
            ReqPositions: self.positions,
            CancelPositions: self.cancel_positions,
            ReqPositionsMulti: self.positions_multi,
            CancelPositionsMulti: self.cancel_positions_multi,
            ReqPnl: self.pnl,
            CancelPnl: self.cancel_pnl,
            ReqPnlSingle: self.pnl_single,
            CancelPnlSingle: self.cancel_pnl_single,
        }

    # -- what happens

    def happened(self, events: Sequence[Event]) -> None:
        touched = {
            event.account
            for event in events
            if isinstance(event, (PositionChanged, CommissionCharged, ContractExpired))
        }
        if touched:
            for follows in self._follows.values():
                for follow in follows.values():
                    if touched & follow.accounts:
                        follow.say()

    def step(self, now: datetime) -> None:
        for follows in self._follows.values():
            for follow in follows.values():
                follow.step(now)

    def left(self, session: Session) -> None:
        self._follows.pop(session, None)
        self._updates_of.pop(session, None)

    # -- requests

    def updates(self, session: Session, message: ReqAccountUpdates) -> None:
        if not message.subscribe:
            self._end(session, ("updates", 0))
            self._updates_of.pop(session, None)
            return
        account = self._account(message.account)
        before = self._updates_of.get(session)
        if before is not None and before != account:
            session.error(
                -1, 2100, "New account data requested from TWS.  API client has been unsubscribed from account data."
            )
        self._updates_of[session] = account
        self._begin(
            session,
            ("updates", 0),
            {account},
            lambda: self._statements.updates(account),
            after=True,
        )
        session.send(AccountDownloadEnd(account))

    def updates_multi(self, session: Session, message: ReqAccountUpdatesMulti) -> None:
        accounts = self._accounts(message.account)
        self._begin(
            session,
            ("updates multi", message.req_id),
            accounts,
            lambda: self._statements.updates_multi(message, sorted(accounts)),
        )
        session.send(AccountUpdateMultiEnd(message.req_id))

    def cancel_updates_multi(self, session: Session, message: CancelAccountUpdatesMulti) -> None:
        self._end(session, ("updates multi", message.req_id))

    def summary(self, session: Session, message: ReqAccountSummary) -> None:
        tags = [tag.strip() for tag in message.tags.split(",") if tag.strip()]
        if not tags:
            raise invalid("bZ", "Account summary tags cannot be empty")
        limits = self._floor.limits
        key = ("summary", message.req_id)
        running = [
            name for name, number in self._follows.get(session, {}) if name == "summary" and number != message.req_id
        ]
        if limits.pacing is not Pacing.OFF and len(running) >= limits.summaries:
            raise Refusal(
                322, "Error processing request.-'bZ' : cause - Maximum number of account summary requests exceeded"
            )
        known = message.group in ALL_GROUPS or message.group in self._floor.venue.accounts
        if not known and self._group(message.group) is None:
            raise invalid("bZ", f"Unknown account group '{message.group}'")
        accounts = self._accounts("" if message.group in ALL_GROUPS else message.group)
        self._begin(session, key, accounts, lambda: self._statements.summary(message.req_id, sorted(accounts), tags))
        session.send(AccountSummaryEnd(message.req_id))

    def cancel_summary(self, session: Session, message: CancelAccountSummary) -> None:
        self._end(session, ("summary", message.req_id))

    def positions(self, session: Session, _message: ReqPositions) -> None:
        self._begin(session, ("positions", 0), self._accounts(""), self._statements.positions)
        session.send(PositionEnd())

    def cancel_positions(self, session: Session, _message: CancelPositions) -> None:
        self._end(session, ("positions", 0))

    def positions_multi(self, session: Session, message: ReqPositionsMulti) -> None:
        accounts = self._accounts(message.account)
        self._begin(
            session,
            ("positions multi", message.req_id),
            accounts,
            lambda: self._statements.positions_multi(message, sorted(accounts)),
        )
        session.send(PositionMultiEnd(message.req_id))

    def cancel_positions_multi(self, session: Session, message: CancelPositionsMulti) -> None:
        self._end(session, ("positions multi", message.req_id))

    def pnl(self, session: Session, message: ReqPnl) -> None:
        account = self._account(message.account)
        self._begin(
            session,
            ("pnl", message.req_id),
            {account},
            lambda: self._statements.pnl(message.req_id, account),
            every=PROFITS,
        )

    def cancel_pnl(self, session: Session, message: CancelPnl) -> None:
        self._end(session, ("pnl", message.req_id))

    def pnl_single(self, session: Session, message: ReqPnlSingle) -> None:
        account = self._account(message.account)
        self._begin(
            session,
            ("pnl single", message.req_id),
            {account},
            lambda: self._statements.pnl_single(message.req_id, account, message.con_id),
            every=PROFITS,
        )

    def cancel_pnl_single(self, session: Session, message: CancelPnlSingle) -> None:
        self._end(session, ("pnl single", message.req_id))

    # -- inside

    def _begin(
        self,
        session: Session,
        key: Key,
        accounts: set[str] | frozenset[str],
        statement: Callable[[], Statement],
        *,
        every: timedelta = VALUES,
        after: bool = False,
    ) -> None:
        follow = Follow(
            session,
            frozenset(accounts),
            statement,
            every=every,
            now=self._floor.now(),
            after=self._statements.time if after else None,
        )
        self._follows.setdefault(session, {})[key] = follow
        follow.say()

    def _end(self, session: Session, key: Key) -> None:
        self._follows.get(session, {}).pop(key, None)

    def _account(self, name: str) -> str:
        """The account that is meant: by name, or the first where none is given."""
        accounts = self._floor.venue.accounts
        if not name:
            return accounts[0]
        if name not in accounts:
            raise invalid("bB", f"Invalid account code '{name}'.")
        return name

    def _group(self, name: str) -> frozenset[str] | None:
        """The accounts of an advisor's group."""
        advisor = self._floor.advisor
        group = advisor.group(name) if advisor is not None else None
        return frozenset(group.accounts) if group is not None else None

    def _accounts(self, name: str) -> frozenset[str]:
        group = self._group(name) if name not in ALL_GROUPS else None
        if group is not None:
            return group
        return frozenset({self._account(name)} if name and name != "All" else self._floor.venue.accounts)
