"""Every error Ironbridge raises, as one tree.

    IronbridgeError
    ├── InvalidInput (ValueError)       an argument, a setting or a message that cannot be meant
    │   ├── InvalidInstrument           an instrument whose own fields contradict each other
    │   ├── InvalidOrder                an order that no exchange could take
    │   └── InvalidSettings             a setting that is missing, malformed or dangerous
    │       └── SettingFixed            an argument, the environment or the file sets it: no change at run time counts
    ├── InstrumentNotFound              the broker knows no such instrument
    ├── AmbiguousInstrument             the broker knows several; they are listed
    ├── ConnectFailed                   no session could be made
    │   ├── ClientIdInUse               IB 326: another session holds the client id
    │   └── LiveAccountRefused          a live account that was not armed by name
    ├── NotConnected                    no session, so nothing was sent
    │   └── UpstreamLost                the gateway answers, IB behind it does not
    ├── SessionLost                     the session ended while the answer was awaited
    ├── RequestTimeout (TimeoutError)   no answer in time; never to be read as "none"
    ├── RequestRejected                 IB refused a request that is not an order
    ├── LineLimitReached                every market-data line of the account is taken (IB would answer 101)
    ├── OrderError                      something about one order
    │   ├── OrderNotFound               no order has that key or id
    │   ├── KeyConflict                 the key was used for an order with other content
    │   ├── OrderRefused                refused here, by the risk gate; nothing was sent
    │   ├── OrderRejected               refused by IB, with IB's code and words
    │   ├── ModifyRefused               IB refused a modification; the order lives on as it was
    │   ├── CancelRefused               IB refused a cancel; the order lives on
    │   └── OrderUnknown                sent, or perhaps sent; its fate is being reconciled
    ├── ProfileError                    something about one settings profile
    │   ├── ProfileNotFound             there is none of that name
    │   ├── ProfileExists               there is one of that name already
    │   ├── ProfileInUse                it is the current one, or the session's
    │   └── ProfileChanged              somebody else has changed it meanwhile
    ├── CredentialNotFound              nothing is kept under that name
    ├── SlowConsumer                    a reader fell too far behind its stream and must read afresh
    ├── ProtocolError                   bytes that are not the TWS protocol
    ├── StorageError                    the journal or the database could not do its part
    │   ├── HomeInUse                   another process on this home has what can have one owner: client id, service
    │   ├── LeaseLost                   another process took the client id over; nothing was sent
    │   └── VaultLocked                 the key that credentials were encrypted with is not there
    ├── ServiceError                    a running service answered with an error, or not at all
    └── AccessDenied                    no token, a wrong one, or one without the right

What a caller needs to decide is on every error: `outcome` says whether anything may have reached the broker,
`retryable` whether the same call may be made again as it stands, `next_step` what a person does now.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar


class Outcome(StrEnum):
    """What is known about the thing that was asked for when an error is raised."""

    NOT_SENT = "not_sent"
    """Nothing left this process: nothing has happened at the broker."""
    REJECTED = "rejected"
    """The broker answered, and the answer was no."""
    UNKNOWN = "unknown"
    """Something may have reached the broker. Ask before acting again."""


class IronbridgeError(Exception):
    """Base of all errors of this package.

    Parameters:
        message: one sentence that names the thing that is wrong.
        next_step: one sentence that says what a person does now, or an empty string.
        details: machine-readable particulars, JSON-compatible.
    """

    outcome: ClassVar[Outcome] = Outcome.NOT_SENT
    retryable: ClassVar[bool] = False
    slug: ClassVar[str] = "error"

    def __init__(self, message: str, *, next_step: str = "", **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.details = details

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".rstrip()


class InvalidInput(IronbridgeError, ValueError):
    slug = "invalid-input"


class InvalidInstrument(InvalidInput):
    slug = "invalid-instrument"


class InvalidOrder(InvalidInput):
    slug = "invalid-order"


class InvalidSettings(InvalidInput):
    slug = "invalid-settings"


class SettingFixed(InvalidSettings):
    slug = "setting-fixed"


class InstrumentNotFound(IronbridgeError):
    slug = "instrument-not-found"


class AmbiguousInstrument(IronbridgeError):
    """Several instruments fit. `candidates` lists them, fully described."""

    slug = "ambiguous-instrument"

    def __init__(self, message: str, *, candidates: tuple[Any, ...], next_step: str = "") -> None:
        super().__init__(message, next_step=next_step, candidates=[str(c) for c in candidates])
        self.candidates = candidates


class ConnectFailed(IronbridgeError):
    slug = "connect-failed"
    retryable = True


class ClientIdInUse(ConnectFailed):
    slug = "client-id-in-use"


class LiveAccountRefused(ConnectFailed):
    slug = "live-account-refused"
    retryable = False


class NotConnected(IronbridgeError):
    slug = "not-connected"
    retryable = True


class UpstreamLost(NotConnected):
    slug = "upstream-lost"


class SessionLost(IronbridgeError):
    slug = "session-lost"
    outcome = Outcome.UNKNOWN


class RequestTimeout(IronbridgeError, TimeoutError):
    slug = "request-timeout"
    outcome = Outcome.UNKNOWN
    retryable = True


class RequestRejected(IronbridgeError):
    """IB refused a request that is not an order.

    Parameters:
        code: IB's error code.
        text: IB's words.
    """

    slug = "request-rejected"
    outcome = Outcome.REJECTED

    def __init__(self, message: str, *, code: int, text: str, next_step: str = "") -> None:
        super().__init__(message, next_step=next_step, code=code, text=text)
        self.code = code
        self.text = text


class LineLimitReached(IronbridgeError):
    slug = "line-limit-reached"
    retryable = True


class OrderError(IronbridgeError):
    slug = "order-error"


class OrderNotFound(OrderError):
    slug = "order-not-found"


class KeyConflict(OrderError):
    slug = "key-conflict"


class OrderRefused(OrderError):
    """The risk gate refused the order.

    Parameters:
        rule: the limit's name.
        limit: its value.
        value: the order's value under that limit.
    """

    slug = "order-refused"

    def __init__(self, message: str, *, rule: str, limit: str, value: str, next_step: str = "") -> None:
        super().__init__(message, next_step=next_step, rule=rule, limit=limit, value=value)
        self.rule = rule
        self.limit = limit
        self.value = value


class OrderRejected(OrderError):
    """IB refused the order.

    Parameters:
        code: IB's error code, or None where IB gave a status alone.
        text: IB's words.
    """

    slug = "order-rejected"
    outcome = Outcome.REJECTED

    def __init__(self, message: str, *, code: int | None, text: str, next_step: str = "", **details: Any) -> None:
        super().__init__(message, next_step=next_step, code=code, text=text, **details)
        self.code = code
        self.text = text


class ModifyRefused(OrderError):
    """IB refused a modification, or the order had ended first. The order itself is as it was.

    Parameters:
        code: IB's error code, or None where IB gave none.
        text: IB's words, or what is known.
    """

    slug = "modify-refused"
    outcome = Outcome.REJECTED

    def __init__(self, message: str, *, code: int | None, text: str, next_step: str = "", **details: Any) -> None:
        super().__init__(message, next_step=next_step, code=code, text=text, **details)
        self.code = code
        self.text = text


class CancelRefused(OrderError):
    """IB refused a cancel, or it was lost: the order lives on.

    Parameters:
        code: IB's error code, or None where IB gave none.
        text: IB's words, or what is known.
    """

    slug = "cancel-refused"
    outcome = Outcome.REJECTED

    def __init__(self, message: str, *, code: int | None, text: str, next_step: str = "", **details: Any) -> None:
        super().__init__(message, next_step=next_step, code=code, text=text, **details)
        self.code = code
        self.text = text


class OrderUnknown(OrderError):
    slug = "order-unknown"
    outcome = Outcome.UNKNOWN


class ProfileError(IronbridgeError):
    slug = "profile-error"


class ProfileNotFound(ProfileError):
    slug = "profile-not-found"


class ProfileExists(ProfileError):
    slug = "profile-exists"


class ProfileInUse(ProfileError):
    slug = "profile-in-use"


class ProfileChanged(ProfileError):
    slug = "profile-changed"


class CredentialNotFound(IronbridgeError):
    slug = "credential-not-found"


class SlowConsumer(IronbridgeError):
    slug = "slow-consumer"
    retryable = True


class ProtocolError(IronbridgeError):
    """Bytes that are not the TWS protocol.

    Parameters:
        message: what is wrong, naming message and field where they are known.
        fatal: whether the stream has lost its framing, so that nothing after it can be read.
        raw: the bytes at fault, cut to a length that can be logged.
    """

    slug = "protocol-error"
    outcome = Outcome.UNKNOWN

    def __init__(self, message: str, *, fatal: bool = False, raw: bytes = b"", next_step: str = "") -> None:
        super().__init__(message, next_step=next_step, raw=raw[:200].hex())
        self.fatal = fatal
        self.raw = raw[:200]


class StorageError(IronbridgeError):
    slug = "storage-error"


class HomeInUse(StorageError):
    slug = "home-in-use"


class LeaseLost(StorageError):
    slug = "lease-lost"


class VaultLocked(StorageError):
    slug = "vault-locked"


class ServiceError(IronbridgeError):
    slug = "service-error"
    outcome = Outcome.UNKNOWN


class AccessDenied(IronbridgeError):
    slug = "access-denied"
