"""The session itself: who is there, which ids and accounts, what time, what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from ironbridge.wire.fields import BOOL, ESCAPED_TEXT, INT, INT_ZERO, TEXT
from ironbridge.wire.layout import of, since
from ironbridge.wire.text import client, server


@dataclass(frozen=True, slots=True)
class StartApi:
    """The client's first message after the handshake: which client id it is."""

    client_id: int
    optional_capabilities: str = ""


@dataclass(frozen=True, slots=True)
class ReqManagedAccts:
    pass


@dataclass(frozen=True, slots=True)
class ManagedAccounts:
    """The accounts, separated by commas."""

    accounts: str

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in self.accounts.split(",") if name)


@dataclass(frozen=True, slots=True)
class ReqIds:
    number: int = 1


@dataclass(frozen=True, slots=True)
class NextValidId:
    order_id: int


@dataclass(frozen=True, slots=True)
class ErrorMessage:
    """An error, warning or notice. `id` is a request's or an order's id, -1 where it is neither."""

    id: int
    code: int
    text: str
    advanced_order_reject: str = ""


@dataclass(frozen=True, slots=True)
class ReqCurrentTime:
    pass


@dataclass(frozen=True, slots=True)
class CurrentTime:
    """Seconds since the epoch."""

    epoch: int


@dataclass(frozen=True, slots=True)
class SetServerLogLevel:
    level: int


@dataclass(frozen=True, slots=True)
class ReqUserInfo:
    req_id: int


@dataclass(frozen=True, slots=True)
class UserInfo:
    req_id: int
    white_branding_id: str = ""


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    api_name: str
    api_version: str


@dataclass(frozen=True, slots=True)
class VerifyMessage:
    api_data: str


@dataclass(frozen=True, slots=True)
class VerifyMessageApi:
    api_data: str


@dataclass(frozen=True, slots=True)
class VerifyCompleted:
    is_successful: bool
    error_text: str = ""


@dataclass(frozen=True, slots=True)
class VerifyAndAuthRequest:
    api_name: str
    api_version: str
    opaque_isv_key: str


@dataclass(frozen=True, slots=True)
class VerifyAndAuthMessage:
    api_data: str
    xyz_response: str


@dataclass(frozen=True, slots=True)
class VerifyAndAuthMessageApi:
    api_data: str
    xyz_challenge: str


@dataclass(frozen=True, slots=True)
class VerifyAndAuthCompleted:
    is_successful: bool
    error_text: str = ""


@dataclass(frozen=True, slots=True)
class QueryDisplayGroups:
    req_id: int


@dataclass(frozen=True, slots=True)
class DisplayGroupList:
    """Group ids separated by `|`, the most used first."""

    req_id: int
    group_ids: str


@dataclass(frozen=True, slots=True)
class SubscribeToGroupEvents:
    req_id: int
    group_id: int


@dataclass(frozen=True, slots=True)
class UpdateDisplayGroup:
    req_id: int
    contract_info: str


@dataclass(frozen=True, slots=True)
class DisplayGroupUpdated:
    req_id: int
    contract_info: str


@dataclass(frozen=True, slots=True)
class UnsubscribeFromGroupEvents:
    req_id: int


FORMATS = (
    client(71, StartApi, version=2, client_id=INT, optional_capabilities=TEXT),
    client(17, ReqManagedAccts, version=1),
    server(15, ManagedAccounts, version=1, accounts=TEXT),
    client(8, ReqIds, version=1, number=INT_ZERO),
    server(9, NextValidId, version=1, order_id=INT),
    server(
        4,
        ErrorMessage,
        *of(id=INT, code=INT, text=ESCAPED_TEXT),
        since(166, *of(advanced_order_reject=TEXT)),
        version=2,
    ),
    client(49, ReqCurrentTime, version=1),
    server(49, CurrentTime, version=1, epoch=INT),
    client(14, SetServerLogLevel, version=1, level=INT),
    client(104, ReqUserInfo, first_version=167, req_id=INT),
    server(107, UserInfo, first_version=167, req_id=INT, white_branding_id=TEXT),
    client(65, VerifyRequest, version=1, api_name=TEXT, api_version=TEXT),
    client(66, VerifyMessage, version=1, api_data=TEXT),
    server(65, VerifyMessageApi, version=1, api_data=TEXT),
    server(66, VerifyCompleted, version=1, is_successful=BOOL, error_text=TEXT),
    client(72, VerifyAndAuthRequest, version=1, api_name=TEXT, api_version=TEXT, opaque_isv_key=TEXT),
    client(73, VerifyAndAuthMessage, version=1, api_data=TEXT, xyz_response=TEXT),
    server(69, VerifyAndAuthMessageApi, version=1, api_data=TEXT, xyz_challenge=TEXT),
    server(70, VerifyAndAuthCompleted, version=1, is_successful=BOOL, error_text=TEXT),
    client(67, QueryDisplayGroups, version=1, req_id=INT),
    server(67, DisplayGroupList, version=1, req_id=INT, group_ids=TEXT),
    client(68, SubscribeToGroupEvents, version=1, req_id=INT, group_id=INT),
    client(69, UpdateDisplayGroup, version=1, req_id=INT, contract_info=TEXT),
    server(68, DisplayGroupUpdated, version=1, req_id=INT, contract_info=TEXT),
    client(70, UnsubscribeFromGroupEvents, version=1, req_id=INT),
)
