"""Who may come in: one access token, kept in the home folder, and the browser sessions signed in with it.

Programs send the token with each request. A browser trades it once for a session: an opaque random id in a cookie that
scripts cannot read, and a second secret that the page must echo in a header of its own on everything that changes
something (a foreign page can make the browser send the cookie, but cannot read or set that header). Sessions live in
memory: a restart signs every browser out. Secrets are compared in constant time and never logged or shown in errors.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from ironbridge.errors import AccessDenied, StorageError
from ironbridge.interfaces import Clock

COOKIE = "ironbridge_session"
CSRF_HEADER = "X-Ironbridge-CSRF"
TOKEN_FILE = "token"  # noqa: S105 - a file's name

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LIFETIME = timedelta(hours=12)
_MAX_SESSIONS = 100
"""More browsers than one trading desk has; the oldest is signed out."""

_HOW_TO_SIGN_IN = "Send `Authorization: Bearer <token>`, or sign in with the token; `ironbridge token` prints it."


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """A signed-in browser."""

    csrf: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """How a request is signed in."""

    method: Literal["bearer", "cookie"]
    session: BrowserSession | None = None


class CsrfMissing(AccessDenied):
    slug = "csrf-required"


class ForeignOrigin(AccessDenied):
    """A page of another site used the browser's cookie."""

    slug = "foreign-origin"


class TooManyAttempts(AccessDenied):
    slug = "too-many-attempts"
    retryable = True


def load_token(home: Path) -> str:
    """The access token of this home folder, made on first use and readable by its owner alone.

    Raises:
        StorageError: the file cannot be made or read, or holds no token.
    """
    path = home / TOKEN_FILE
    try:
        home.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            token = path.read_text(encoding="ascii").strip()
        else:
            token = secrets.token_urlsafe(32)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(token + "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(
            f"The access token {path} cannot be read or made: {error}.",
            next_step="Make the folder writable, or choose another with IRONBRIDGE_HOME.",
        ) from error
    if len(token) < 20:
        raise StorageError(
            f"{path} holds no access token.", next_step="Delete the file; a new token is made at the next start."
        )
    return token


class Access:
    """Decides who comes in.

    Parameters:
        token: the access token.
        clock: for expiry and for the limit on failed attempts.
        random: makes secrets; `secrets.token_urlsafe` outside tests.
    """

    def __init__(self, token: str, clock: Clock, random: Callable[[int], str] = secrets.token_urlsafe) -> None:
        self._token = token
        self._clock = clock
        self._random = random
        self._sessions: dict[str, BrowserSession] = {}
        self._throttle = Throttle(clock)

    def admit(self, method: str, *, bearer: str | None, cookie: str | None, csrf: str | None = None) -> Identity:
        """How this request is signed in.

        Raises:
            AccessDenied: no valid token and no valid session.
            CsrfMissing: a session, but a changing request without its second secret.
        """
        if bearer is not None:
            if not self._is_token(bearer):
                raise AccessDenied("The access token is wrong.", next_step=_HOW_TO_SIGN_IN)
            return Identity("bearer")
        session = self._session(cookie)
        if session is None:
            raise AccessDenied("Not signed in.", next_step=_HOW_TO_SIGN_IN)
        if method.upper() not in _SAFE and not _same(csrf or "", session.csrf):
            raise CsrfMissing(
                f"The {CSRF_HEADER} header is missing or wrong.",
                next_step="Echo the `csrf_token` of GET /api/v1/ib/session in it.",
            )
        return Identity("cookie", session)

    def sign_in(self, token: str, peer: str) -> tuple[str, BrowserSession]:
        """Trade the token for a session: its cookie's value, and the session.

        Raises:
            AccessDenied: the token is wrong.
            TooManyAttempts: too many wrong ones from this peer; even the right one waits.
        """
        self._throttle.check(peer)
        if not self._is_token(token):
            self._throttle.failed(peer)
            raise AccessDenied("The access token is wrong.", next_step="`ironbridge token` prints it.")
        self._throttle.succeeded(peer)
        now = self._clock.now()
        self._sessions = {key: one for key, one in self._sessions.items() if one.expires_at > now}
        while len(self._sessions) >= _MAX_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        cookie, session = self._random(32), BrowserSession(self._random(32), now + _LIFETIME)
        self._sessions[cookie] = session
        return cookie, session

    def sign_out(self, cookie: str | None) -> None:
        """End the session of this cookie, if there is one."""
        self._sessions.pop(cookie or "", None)

    def _session(self, cookie: str | None) -> BrowserSession | None:
        # A lookup by hash is safe here: the id is 256 random bits and is never compared in part.
        session = self._sessions.get(cookie or "")
        return session if session is not None and session.expires_at > self._clock.now() else None

    def _is_token(self, given: str) -> bool:
        return _same(given, self._token)

    def __repr__(self) -> str:
        return f"<Access: {len(self._sessions)} browsers signed in>"


class Throttle:
    """Slows down guessing: after a few wrong tokens from one peer, it waits, and longer each time.

    Parameters:
        clock: monotonic time.
        free: wrong attempts before the first wait.
        longest: the longest wait in seconds.
    """

    def __init__(self, clock: Clock, free: int = 5, longest: float = 300.0) -> None:
        self._clock = clock
        self._free = free
        self._longest = longest
        self._failures: dict[str, tuple[int, float]] = {}

    def check(self, peer: str) -> None:
        """Return where the peer may try now.

        Raises:
            TooManyAttempts: with the seconds to wait in `details.retry_after`.
        """
        count, since = self._failures.get(peer, (0, 0.0))
        if count < self._free:
            return
        wait = min(self._longest, 2.0 ** (count - self._free)) - (self._clock.monotonic() - since)
        if wait > 0:
            raise TooManyAttempts(
                "Too many wrong access tokens.",
                next_step=f"Wait {wait:.0f} s, then try again with the token that `ironbridge token` prints.",
                retry_after=max(1, round(wait)),
            )

    def failed(self, peer: str) -> None:
        """Count a wrong attempt. Peers that have waited out the longest time are forgotten."""
        now = self._clock.monotonic()
        self._failures = {key: (n, at) for key, (n, at) in self._failures.items() if now - at <= self._longest}
        count, _ = self._failures.get(peer, (0, 0.0))
        self._failures[peer] = (count + 1, now)

    def succeeded(self, peer: str) -> None:
        self._failures.pop(peer, None)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
