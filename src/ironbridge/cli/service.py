"""The running service: where it is, and how to ask it.

A running service leaves a note in its home folder (`service.json`: its URL and its process) and its access token
beside it. The commands read both, so that they find the service of the same home; `--url` and `--token` name another.
A request that never reached a service says so; one whose answer never came says that the outcome is not known.
"""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode, urlsplit

import typer

from ironbridge.cli.exits import ServiceAbsent, ServiceSaid
from ironbridge.errors import InvalidSettings, ServiceError

NOTE = "service.json"
PREFIX = "/api/v1/ib"
TIMEOUT = 40.0
"""Seconds for an answer: a little more than the service's own longest wait."""

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="The home folder of the service. Default: IRONBRIDGE_HOME, or the platform's."),
]
UrlOption = Annotated[
    str | None, typer.Option("--url", help="Another service, such as http://127.0.0.1:8001. Needs --token.")
]
TokenOption = Annotated[str | None, typer.Option("--token", help="The access token of that service.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


@dataclass(frozen=True, slots=True)
class Service:
    """A service and the token for it."""

    url: str
    token: str

    def get(self, path: str, **query: Any) -> Any:
        """GET an address of the API."""
        return self.request("GET", path, query=query)

    def text(self, path: str, **query: Any) -> str:
        """GET what is no JSON: an export."""
        return str(self.request("GET", path, query=query, plain=True))

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        key: str | None = None,
        why: str = "",
        plain: bool = False,
    ) -> Any:
        """One request, and its JSON; its text where that is asked for as `plain`.

        Raises:
            ServiceAbsent: nothing was sent.
            ServiceError: sent, and no answer came.
            ServiceSaid: the service's problem.
        """
        # Not at import: the commands that ask no service, the paper gateway above all, start sooner without.
        import http.client

        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json", "User-Agent": _agent()}
        content = None
        if body is not None:
            content, headers["Content-Type"] = json.dumps(body), "application/json"
        if key is not None:
            headers["Idempotency-Key"] = key
        if why:
            headers["X-Ironbridge-Why"] = quote(why)
        given = {name: value for name, value in (query or {}).items() if value is not None}
        target = parts.path.rstrip("/") + path + (f"?{urlencode(given)}" if given else "")
        try:
            try:
                connection.connect()
            except OSError as error:
                raise self._absent(error) from error
            try:
                connection.request(method, target, content, headers)
                response = connection.getresponse()
                answer = response.read()
            except (OSError, http.client.HTTPException) as error:
                raise ServiceError(
                    f"The service at {self.url} did not answer ({type(error).__name__}: {error}).",
                    next_step="Look at `ironbridge status` and `ironbridge orders --all` before you try again.",
                ) from error
        finally:
            connection.close()
        if plain and response.status < 400:
            return answer.decode()
        return self._read(response.status, answer)

    def _absent(self, error: OSError) -> ServiceAbsent:
        words = "nothing listens there" if isinstance(error, ConnectionRefusedError) else (error.strerror or str(error))
        return ServiceAbsent(
            f"No service answers at {self.url}: {words}.",
            next_step="Start it with `ironbridge run`, or name another with --url and --token.",
        )

    def _read(self, status: int, answer: bytes) -> Any:
        try:
            content = json.loads(answer) if answer else None
        except ValueError:
            content = None
        if status == HTTPStatus.NO_CONTENT:
            return None
        if status < 400 and content is not None:
            return content
        if isinstance(content, dict) and "slug" in content:
            raise ServiceSaid(
                str(content.get("detail", "The service refused.")),
                slug=content["slug"],
                outcome=content.get("outcome", "unknown"),
                next_step=content.get("next_step", ""),
            )
        raise ServiceError(
            f"What answers at {self.url} is no Ironbridge service (HTTP {status}).",
            next_step="Check --url.",
        )


def _agent() -> str:
    """What we are and who runs us, for the service's audit log."""
    try:
        return f"ironbridge-cli {quote(getpass.getuser())}"
    except (OSError, KeyError, ImportError):  # a process may have no user that has a name
        return "ironbridge-cli"


def find_service(home: Path | None = None, url: str | None = None, token: str | None = None) -> Service:
    """The service that a command means.

    Raises:
        InvalidSettings: half an address.
        ServiceAbsent: none runs on this home.
    """
    if url is not None:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise InvalidSettings(
                f"{url!r} is not a service's URL.", next_step="Give one such as http://127.0.0.1:8000."
            )
        if token is None:
            raise InvalidSettings(
                "--url needs --token.", next_step="`ironbridge token` prints it on the machine of that service."
            )
        return Service(url.rstrip("/"), token)
    folder = home_of(home)
    try:
        note = json.loads((folder / NOTE).read_text())
        known, kept = str(note["url"]), read_token(folder)
        _check_alive(int(note["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise ServiceAbsent(
            f"No service runs on {folder}.",
            next_step="Start one with `ironbridge run` in another terminal, or name another with --url and --token.",
        ) from None
    return Service(known, token or kept)


def _check_alive(pid: int) -> None:
    """Raise OSError where the process has gone: what listens on its port now must not be shown the token."""
    if sys.platform != "win32":  # where signal 0 is no question
        try:
            os.kill(pid, 0)
        except PermissionError:
            return


def home_of(home: Path | None) -> Path:
    """The home folder that is meant."""
    from ironbridge.settings import load_settings

    return load_settings({"home": home}).home


def read_token(home: Path) -> str:
    """The access token of a home. Raises OSError where there is none yet."""
    return (home / "token").read_text(encoding="ascii").strip()


@contextmanager
def announced(home: Path, url: str) -> Iterator[None]:
    """Leave the note for the other commands for the length of the block, for the owner's eyes only."""
    note = home / NOTE
    draft = note.with_suffix(".tmp")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"url": url, "pid": os.getpid()}, file)
    draft.replace(note)
    try:
        yield
    finally:
        note.unlink(missing_ok=True)
