"""Finding the running service, and telling "never sent" from "not known"."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ironbridge.cli.exits import Exit, ServiceAbsent, ServiceSaid, exit_of
from ironbridge.cli.service import NOTE, Service, announced, find_service
from ironbridge.errors import InvalidSettings, ServiceError


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[Service]:
    """A server for one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield Service(f"http://127.0.0.1:{listener.getsockname()[1]}", "token")
        finally:
            thread.join()


def test_the_note_is_there_while_the_service_is(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("the-token\n")
    with announced(tmp_path, "http://127.0.0.1:8000"):
        assert find_service(tmp_path) == Service("http://127.0.0.1:8000", "the-token")
        assert (tmp_path / NOTE).stat().st_mode & 0o777 == 0o600
    with pytest.raises(ServiceAbsent, match="No service runs"):
        find_service(tmp_path)


def test_a_service_that_was_killed_is_not_taken_for_one(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    (tmp_path / "token").write_text("the-token\n")
    (tmp_path / NOTE).write_text(json.dumps({"url": "http://127.0.0.1:8000", "pid": gone.pid}))
    with pytest.raises(ServiceAbsent):
        find_service(tmp_path)


@pytest.mark.parametrize("content", ("", "[]", "{}", "{not json"))
def test_a_note_that_says_nothing_is_no_service(tmp_path: Path, content: str) -> None:
    (tmp_path / "token").write_text("the-token\n")
    (tmp_path / NOTE).write_text(content)
    with pytest.raises(ServiceAbsent):
        find_service(tmp_path)


def test_the_token_of_this_home_goes_to_no_other_service(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("the-token\n")
    with pytest.raises(InvalidSettings, match="--token"):
        find_service(tmp_path, "http://elsewhere:8000")
    assert find_service(tmp_path, "http://elsewhere:8000/", "t") == Service("http://elsewhere:8000", "t")


def test_what_never_left_is_told_from_what_was_not_answered() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(ServiceAbsent) as absent:
        Service(f"http://127.0.0.1:{port}", "t").get("/x")
    assert exit_of(absent.value) is Exit.NOT_CONNECTED
    with answering(lambda connection: None) as cut, pytest.raises(ServiceError) as unknown:
        cut.request("POST", "/orders", body={"a": 1}, key="k")
    assert exit_of(unknown.value) is Exit.UNKNOWN


def test_something_else_at_the_address_is_said() -> None:
    def web(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

    with answering(web) as other, pytest.raises(ServiceError, match="no Ironbridge service"):
        other.get("/x")


def test_a_problem_keeps_its_words() -> None:
    body = b'{"slug": "not-connected", "outcome": "not_sent", "detail": "No session.", "next_step": "Connect."}'

    def refuses(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 503 X\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    with answering(refuses) as service, pytest.raises(ServiceSaid) as said:
        service.get("/x")
    assert (said.value.message, said.value.next_step) == ("No session.", "Connect.")
    assert exit_of(said.value) is Exit.NOT_CONNECTED
