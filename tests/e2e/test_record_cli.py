"""`record`, `decode` and `replay` as they are typed, and docs/record-replay.md as it is printed."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "record-replay.md").read_text()
IRONBRIDGE = Path(sys.executable).with_name("ironbridge")
PROGRAM = re.search(r"```python\n(.*?)```", DOC, re.DOTALL)[1]
HEADER = b'{"recording":"ironbridge-recording","format":1,"started":"2026-03-02T15:00:00+00:00","masked":true}\n'


def environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("IBKR_", "IRONBRIDGE_")) and name not in {"HOST", "PORT", "PAPER_PORT"}
    }


def typed(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [IRONBRIDGE, *arguments], input=stdin, capture_output=True, timeout=60, check=False, env=environment()
    )


@contextmanager
def running(*arguments: str, end: signal.Signals = signal.SIGINT) -> Iterator[int]:
    """A command that keeps running; gives the port that it says it listens on."""
    with subprocess.Popen(
        [IRONBRIDGE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment()
    ) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            found = re.search(r"(?:through|on) 127\.0\.0\.1:(\d+)", first)
            assert found, first + process.stdout.read()
            yield int(found[1])
            process.send_signal(end)
            assert process.wait(20) == (0 if end is signal.SIGINT else -end)
        finally:
            process.kill()


def program(port: int) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("4003", str(port))],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def line_of(beginning: str) -> list[str]:
    """The arguments of the one command in the document that begins so."""
    (found,) = re.findall(rf"^(?:cat day.jsonl \| )?ironbridge ({beginning}.*)$", DOC, re.MULTILINE)
    return found.split()


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document's recording, made by its own commands."""
    path = tmp_path_factory.mktemp("record") / "day.jsonl"
    with ExitStack() as stack:
        gateway = stack.enter_context(running(*(arg.replace("4002", "0") for arg in line_of("paper --port"))))
        swap = {"127.0.0.1:4002": f"127.0.0.1:{gateway}", "127.0.0.1:4003": "127.0.0.1:0", "day.jsonl": str(path)}
        port = stack.enter_context(running(*(swap.get(arg, arg) for arg in line_of("record --upstream"))))
        assert program(port) == "Filled [('AAPL', 10.0)]"
    return path


def test_the_document_decodes_what_it_recorded(day: Path) -> None:
    plain = typed(*(arg.replace("day.jsonl", str(day)) for arg in line_of(r"decode day.jsonl(?! --json)")))
    assert (plain.returncode, plain.stderr) == (0, b"")
    text = plain.stdout.decode()
    assert re.search(r"^ +\d+\.\d{6} #1 -> PlaceOrder order_id=\d+ .*order_ref=ref-1 ", text, re.MULTILINE)
    assert re.search(r"^ +\d+\.\d{6} #1 <- Position account=DU0000001 .*position=10 ", text, re.MULTILINE)
    assert "DU7654321" not in text
    assert "momentum" not in text
    piped = typed(*line_of("decode -"), stdin=day.read_bytes())
    assert piped.stdout == plain.stdout
    asked = typed(*(arg.replace("day.jsonl", str(day)) for arg in line_of("decode day.jsonl --json")))
    entries = [json.loads(line) for line in asked.stdout.splitlines()]
    assert len(entries) == len(text.splitlines())
    assert "PlaceOrder" in {one.get("message") for one in entries}


def test_the_document_replays_what_it_recorded(day: Path) -> None:
    swap = {"127.0.0.1:4004": "127.0.0.1:0", "day.jsonl": str(day)}
    with running(*(swap.get(arg, arg) for arg in line_of("replay day.jsonl"))) as port:
        assert program(port) == "Filled [('AAPL', 10.0)]"


def test_a_recorder_that_is_killed_leaves_a_file_that_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    with running("paper", "--port", "0") as gateway:
        arguments = ("--upstream", f"127.0.0.1:{gateway}", "--listen", ":0", "--out", str(path))
        with running("record", *arguments, end=signal.SIGKILL) as port:
            program(port)
    done = typed("decode", str(path))
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"<- OrderStatus" in done.stdout
    torn = typed("decode", "-", stdin=path.read_bytes()[:-20])
    assert torn.returncode == 0
    assert b"the last, is cut short" in torn.stderr


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "words"),
    (
        ("decode none.jsonl", b"", 2, "none.jsonl cannot be read: No such file"),
        ("decode -", b"", 2, "the input is empty"),
        ("decode -", b"GET / HTTP/1.1\r\n\r\n", 2, "nothing that can be decoded"),
        ("decode -", b'{"a":1}\n', 2, "neither a recording nor"),
        ("decode -", HEADER + b"{}\n", 2, "Line 2 of the recording"),
        ("decode", b"", 2, "FILE|-"),
        ("replay none.jsonl", b"", 2, "none.jsonl cannot be read"),
        ("record --upstream 127.0.0.1:1 --listen :0 --out x.jsonl", b"", 3, "No gateway answers at 127.0.0.1:1"),
        ("record --upstream nowhere --out x.jsonl", b"", 2, "is not HOST:PORT"),
        ("record --upstream :4002", b"", 2, "--out"),
    ),
)
def test_what_is_wrong_is_one_line_and_a_next_step(arguments: str, stdin: bytes, code: int, words: str) -> None:
    done = typed(*arguments.split(), stdin=stdin)
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (code, b"")
    assert said.startswith("error: ")
    assert words in said
    assert len(said.strip().splitlines()) == 2, said


def test_files_that_cannot_be_played_and_ports_that_are_taken_are_named(day: Path, tmp_path: Path) -> None:
    for content, words in (
        (b"", "The recording is empty"),
        (b"API\0", "not the header of a recording"),
        (HEADER, "nothing that can be replayed"),
    ):
        path = tmp_path / "bad.jsonl"
        path.write_bytes(content)
        done = typed("replay", str(path))
        assert (done.returncode, words in done.stderr.decode()) == (2, True), done.stderr
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = typed("replay", str(day), "--listen", address)
        assert (done.returncode, "cannot listen on" in done.stderr.decode()) == (1, True)
        done = typed("record", "--upstream", address, "--listen", address, "--out", str(tmp_path / "new.jsonl"))
        assert (done.returncode, "cannot listen on" in done.stderr.decode()) == (1, True)
        done = typed("record", "--upstream", address, "--listen", ":0", "--out", str(day))
        assert (done.returncode, "never writes over a file" in done.stderr.decode()) == (1, True)
    done = typed("replay", str(day), "--speed", "0")
    assert (done.returncode, "cannot be played at 0.0 times" in done.stderr.decode()) == (2, True)


def test_unreadable_messages_are_shown_and_counted(tmp_path: Path) -> None:
    lines = (
        b'{"kind":"version","link":1,"at":0,"version":178,"time":""}\n'
        b'{"kind":"message","link":1,"at":1,"from":"server","fields":["999","x"]}\n'
    )
    done = typed("decode", "-", stdin=HEADER + lines)
    assert done.returncode == 1
    assert b"<- UNREADABLE 999 x (the server has no message 999 at 178)" in done.stdout
    assert b"1 of them could not be read" in done.stderr


def test_a_recording_that_grows_is_shown_as_it_grows(day: Path) -> None:
    with subprocess.Popen(
        [IRONBRIDGE, "decode", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in day.read_bytes().splitlines(keepends=True)[:5]:
            process.stdin.write(line)
            process.stdin.flush()
            if b"recording" not in line:
                assert b" #1 " in process.stdout.readline()
        process.stdin.close()
        assert process.wait(20) == 0


@pytest.mark.parametrize("command", ("record", "decode", "replay"))
def test_help_teaches(command: str) -> None:
    done = typed(command, "--help")
    assert done.returncode == 0
    assert f"ironbridge {command} " in done.stdout.decode()
