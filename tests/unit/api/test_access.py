"""One token, browser sessions with a second secret, and a brake on guessing."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from ironbridge.api.access import Access, CsrfMissing, TooManyAttempts, load_token
from ironbridge.errors import AccessDenied, StorageError
from ironbridge.testing.clock import ManualClock

TOKEN = "t" * 43


def access(clock: ManualClock | None = None) -> Access:
    count = itertools.count()
    return Access(TOKEN, clock or ManualClock(), lambda size: f"secret-{next(count)}-{size}")


def test_the_token_lets_programs_in_and_nothing_else_does() -> None:
    door = access()
    assert door.admit("POST", bearer=TOKEN, cookie=None).method == "bearer"
    for wrong in ("", "T" * 43, TOKEN[:-1], TOKEN + "x", "ключ"):
        with pytest.raises(AccessDenied):
            door.admit("GET", bearer=wrong, cookie=None)
    with pytest.raises(AccessDenied):
        door.admit("GET", bearer=None, cookie=None)


def test_a_session_reads_with_its_cookie_and_changes_with_its_second_secret() -> None:
    door = access()
    cookie, session = door.sign_in(TOKEN, "127.0.0.1")
    assert door.admit("GET", bearer=None, cookie=cookie).session == session
    for csrf in (None, "", "wrong", cookie):
        with pytest.raises(CsrfMissing):
            door.admit("POST", bearer=None, cookie=cookie, csrf=csrf)
    assert door.admit("DELETE", bearer=None, cookie=cookie, csrf=session.csrf).method == "cookie"
    door.sign_out(cookie)
    with pytest.raises(AccessDenied):
        door.admit("GET", bearer=None, cookie=cookie)


async def test_a_session_ends_by_itself() -> None:
    clock = ManualClock()
    door = access(clock)
    cookie, session = door.sign_in(TOKEN, "127.0.0.1")
    await clock.advance((session.expires_at - clock.now()).total_seconds() - 1)
    assert door.admit("GET", bearer=None, cookie=cookie)
    await clock.advance(1)
    with pytest.raises(AccessDenied):
        door.admit("GET", bearer=None, cookie=cookie)


def test_sessions_are_bounded_and_the_oldest_goes_first() -> None:
    door = access()
    cookies = [door.sign_in(TOKEN, "127.0.0.1")[0] for _ in range(101)]
    with pytest.raises(AccessDenied):
        door.admit("GET", bearer=None, cookie=cookies[0])
    assert door.admit("GET", bearer=None, cookie=cookies[1])


async def test_guessing_is_slowed_for_the_one_who_guesses() -> None:
    clock = ManualClock()
    door = access(clock)
    for _ in range(5):
        with pytest.raises(AccessDenied, match="wrong"):
            door.sign_in("guess", "10.0.0.9")
    with pytest.raises(TooManyAttempts) as slowed:
        door.sign_in(TOKEN, "10.0.0.9")
    assert slowed.value.details["retry_after"] == 1
    assert door.sign_in(TOKEN, "127.0.0.1")
    await clock.advance(1)
    with pytest.raises(AccessDenied, match="wrong"):
        door.sign_in("guess", "10.0.0.9")
    with pytest.raises(TooManyAttempts) as slower:
        door.sign_in("guess", "10.0.0.9")
    assert slower.value.details["retry_after"] == 2
    await clock.advance(2)
    assert door.sign_in(TOKEN, "10.0.0.9")


def test_no_secret_shows() -> None:
    door = access()
    cookie, session = door.sign_in(TOKEN, "127.0.0.1")
    shown = f"{door!r} {session!r}"
    for secret in (TOKEN, cookie, session.csrf):
        assert secret not in shown


def test_the_token_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    token = load_token(tmp_path / "home")
    assert len(token) >= 43
    assert load_token(tmp_path / "home") == token
    assert (tmp_path / "home" / "token").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", (b"", b"short\n", b"\xff" * 40))
def test_a_token_file_that_holds_no_token_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(StorageError) as refused:
        load_token(tmp_path)
    assert str(tmp_path / "token") in str(refused.value)
    assert refused.value.next_step
