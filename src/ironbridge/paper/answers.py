"""Requests that a gateway answers from its own knowledge: time, accounts, families, tiers, display groups, providers.

And those that it refuses because this venue has nothing to answer with, each with IB's own code for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ironbridge.exchange.events import Event
from ironbridge.paper.floor import Floor, Handler
from ironbridge.paper.session import Session
from ironbridge.paper.translate import invalid
from ironbridge.wire.account import FamilyCode, FamilyCodes, ReqFamilyCodes
from ironbridge.wire.orders import ReqSoftDollarTiers, SoftDollarTiers
from ironbridge.wire.session import (
    CurrentTime,
    DisplayGroupList,
    DisplayGroupUpdated,
    ManagedAccounts,
    QueryDisplayGroups,
    ReqCurrentTime,
    ReqManagedAccts,
    ReqUserInfo,
    SetServerLogLevel,
    StartApi,
    SubscribeToGroupEvents,
    UnsubscribeFromGroupEvents,
    UpdateDisplayGroup,
    UserInfo,
)

DISPLAY_GROUPS = "1|2|3|4|5|6|7"


class AnswerDesk:
    """The enquiry desk.

    Parameters:
        floor: the gateway's shared state.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._groups: dict[int, str] = {}
        self._group_followers: dict[tuple[Session, int], int] = {}

    @property
    def handlers(self) -> Mapping[type, Handler]:
        return {
            ReqCurrentTime: self.time,
            ReqManagedAccts: self.accounts,
            ReqFamilyCodes: self.families,
            ReqSoftDollarTiers: self.tiers,
            ReqUserInfo: self.user,
            SetServerLogLevel: self.log_level,
            StartApi: self.started_already,
            QueryDisplayGroups: self.groups,
            SubscribeToGroupEvents: self.follow_group,
            UpdateDisplayGroup: self.update_group,
            UnsubscribeFromGroupEvents: self.leave_group,
        }

    def happened(self, events: Sequence[Event]) -> None:
        """What is known here does not change with the market."""

    def step(self, now: datetime) -> None:
        """Nor with time."""

    def left(self, session: Session) -> None:
        for key in [key for key in self._group_followers if key[0] is session]:
            del self._group_followers[key]

    def time(self, session: Session, _message: ReqCurrentTime) -> None:
        session.send(CurrentTime(int(self._floor.now().timestamp())))

    def accounts(self, session: Session, _message: ReqManagedAccts) -> None:
        session.send(ManagedAccounts(",".join(self._floor.venue.accounts)))

    def families(self, session: Session, _message: ReqFamilyCodes) -> None:
        advisor = self._floor.advisor
        family = advisor.master if advisor is not None else ""
        session.send(FamilyCodes(tuple(FamilyCode(account, family) for account in self._floor.venue.accounts)))

    def tiers(self, session: Session, message: ReqSoftDollarTiers) -> None:
        session.send(SoftDollarTiers(message.req_id))

    def user(self, session: Session, message: ReqUserInfo) -> None:
        session.send(UserInfo(message.req_id))

    def log_level(self, _session: Session, message: SetServerLogLevel) -> None:
        if not 1 <= message.level <= 5:
            raise invalid("bL", f"Invalid log level: {message.level}")

    def started_already(self, _session: Session, _message: StartApi) -> None:
        raise invalid("bA", "The API session has already started")

    # -- display groups

    def groups(self, session: Session, message: QueryDisplayGroups) -> None:
        session.send(DisplayGroupList(message.req_id, DISPLAY_GROUPS))

    def follow_group(self, session: Session, message: SubscribeToGroupEvents) -> None:
        if str(message.group_id) not in DISPLAY_GROUPS.split("|"):
            raise invalid("bG", f"Invalid display group: {message.group_id}")
        self._group_followers[session, message.req_id] = message.group_id
        session.send(DisplayGroupUpdated(message.req_id, self._groups.get(message.group_id, "none")))

    def update_group(self, session: Session, message: UpdateDisplayGroup) -> None:
        group = self._group_followers.get((session, message.req_id))
        if group is None:
            raise invalid("bG", f"No display group is followed under id {message.req_id}")
        self._groups[group] = message.contract_info
        for (follower, req_id), followed in self._group_followers.items():
            if followed == group:
                follower.send(DisplayGroupUpdated(req_id, message.contract_info))

    def leave_group(self, session: Session, message: UnsubscribeFromGroupEvents) -> None:
        self._group_followers.pop((session, message.req_id), None)
