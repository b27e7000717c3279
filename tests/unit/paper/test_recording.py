"""The file of a recording, and how two streams of bytes become entries of one."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ironbridge.errors import InvalidInput, StorageError
from ironbridge.paper.describe import understood
from ironbridge.paper.listening import Listener
from ironbridge.paper.masking import Masker
from ironbridge.paper.recording import (
    Agreed,
    Closed,
    Entry,
    Greeted,
    Header,
    Opened,
    RecordingFile,
    Said,
    Torn,
    Unread,
    line_of,
    read_entries,
    read_header,
)
from ironbridge.paper.sources import entries_from, header_and_entries
from ironbridge.wire.connection import Connection
from ironbridge.wire.framing import frame
from ironbridge.wire.session import ManagedAccounts, NextValidId, ReqCurrentTime, StartApi
from ironbridge.wire.values import Role

HEADER = Header(datetime(2026, 3, 2, 15, 0, tzinfo=UTC), masked=True)
ENTRIES: tuple[Entry, ...] = (
    Opened(1, 0.25),
    Greeted(1, 0.25, 157, 178, "+PACEAPI"),
    Agreed(1, 0.5, 178, "20260302 10:00:00 EST"),
    Said(1, 0.75, Role.CLIENT, ("71", "2", "1", "")),
    Said(1, 0.75, Role.SERVER, ("4", "2", "-1", "2104", 'quoted " and \\u00e9 and é', "")),
    Unread(1, 1.0, Role.SERVER, 2, b"\x00\xff", "why"),
    Unread(1, 1.0, Role.CLIENT, 9, None, "why"),
    Closed(1, 2.0, "gateway", "reset"),
)


def pieces(data: bytes, size: int = 1 << 16) -> Iterator[bytes]:
    yield from (data[at : at + size] for at in range(0, len(data), size))
    while True:
        yield b""


def decoded(data: bytes, size: int = 1 << 16, version: int | None = None) -> list[Entry | Torn]:
    source = pieces(data, size)
    return list(entries_from(lambda: next(source), version=version))


def conversation(version: int = 178) -> tuple[bytes, bytes]:
    """What a client and a gateway say to each other, as the bytes of both directions."""
    client, gateway = Connection(Role.CLIENT, max_version=version), Connection(Role.SERVER)
    client.hello()
    asked = client.data_to_send()
    gateway.receive_data(asked)
    gateway.accept("20260302 10:00:00 EST")
    answered = gateway.data_to_send()
    client.receive_data(answered)
    for message in (StartApi(7), ReqCurrentTime()):
        client.send(message)
    for answer in (ManagedAccounts("DU1000001"), NextValidId(5)):
        gateway.send(answer)
    return asked + client.data_to_send(), answered + gateway.data_to_send()


# -- the file


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    file = RecordingFile(path, HEADER)
    for entry in ENTRIES:
        file.append([entry])
    data = path.read_bytes()
    assert decoded(data) == list(ENTRIES), "it is readable before it is closed"
    file.close()
    source = pieces(data, 7)
    header, entries = header_and_entries(lambda: next(source))
    assert (header, list(entries)) == (HEADER, list(ENTRIES))


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    RecordingFile(path, HEADER).close()
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_a_file_that_exists_is_never_written_to(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    path.write_text("mine")
    with pytest.raises(StorageError, match="exists") as caught:
        RecordingFile(path, HEADER)
    assert caught.value.next_step
    assert path.read_text() == "mine"
    with pytest.raises(StorageError, match="cannot be made"):
        RecordingFile(tmp_path / "none" / "day.jsonl", HEADER)


def test_wherever_the_recorder_is_killed_all_but_the_last_line_is_there() -> None:
    lines = [line_of(entry) for entry in ENTRIES]
    whole = b"".join(lines)
    for end in range(len(whole)):
        found = list(read_entries(whole[:end].splitlines(keepends=True)))
        complete = whole[:end].count(b"\n")
        assert found[:complete] == list(ENTRIES[:complete])
        assert found[complete:] == ([] if whole[:end].endswith(b"\n") or not end else [Torn(complete + 2)])


@pytest.mark.parametrize(
    "line",
    (
        b"{}\n",
        b"[]\n",
        b"nonsense\n",
        b'{"kind":"message","link":1,"at":0,"from":"client","fields":[]}\n',
        b'{"kind":"message","link":1,"at":0,"from":"nobody","fields":["1"]}\n',
        b'{"kind":"unread","link":1,"at":0,"from":"client","size":1,"raw":"zz","reason":""}\n',
        b'{"kind":"other","link":1,"at":0}\n',
        b'{"kind":"opened","link":"x","at":0}\n',
        b"\xff\n",
    ),
)
def test_a_changed_line_is_named(line: bytes) -> None:
    with pytest.raises(InvalidInput, match="Line 3 ") as caught:
        list(read_entries([line_of(ENTRIES[0]), line, line_of(ENTRIES[1])]))
    assert "cut it off before that line" in caught.value.next_step


@pytest.mark.parametrize(
    ("line", "says"),
    (
        (b"{}", "not the header"),
        (b"no json", "not the header"),
        (b'{"recording":"ironbridge-recording","format":2}', "format 2"),
        (b'{"recording":"ironbridge-recording","format":1,"started":"soon","masked":true}', "when it began"),
    ),
)
def test_a_wrong_header_is_refused(line: bytes, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        read_header(line)


def test_a_disk_that_is_full_is_said(tmp_path: Path) -> None:
    file = RecordingFile(tmp_path / "day.jsonl", HEADER)
    file.close()
    full = os.open("/dev/full", os.O_WRONLY) if Path("/dev/full").exists() else -1
    file._file = full
    with pytest.raises(StorageError, match="cannot be written to") as caught:
        file.append(ENTRIES)
    assert "new file" in caught.value.next_step
    file._file = -1
    if full >= 0:
        os.close(full)


# -- what decode takes


@pytest.mark.parametrize("size", (1, 5, 1 << 16))
def test_raw_bytes_of_either_direction_are_read(size: int) -> None:
    asked, answered = conversation(176)
    assert decoded(asked, size) == [
        Greeted(1, 0.0, 151, 176),
        Agreed(1, 0.0, 176, ""),
        Said(1, 0.0, Role.CLIENT, ("71", "2", "7", "")),
        Said(1, 0.0, Role.CLIENT, ("49", "1")),
    ]
    assert decoded(answered, size) == [
        Agreed(1, 0.0, 176, "20260302 10:00:00 EST"),
        Said(1, 0.0, Role.SERVER, ("15", "1", "DU1000001")),
        Said(1, 0.0, Role.SERVER, ("9", "1", "5")),
    ]
    assert decoded(asked, size, version=160)[1] == Agreed(1, 0.0, 160, "")


def test_a_document_of_answers_is_read() -> None:
    document = (
        b'{"server_version": 176,\n"exchanges": [\n{"request": "API_","server": [["176","20231021 13:28:15 EST"]]},\n'
        b'{"request": "61_1","server": [["62","1"]]}\n]}\n'
    )
    names = [type(one.message).__name__ for one in understood(decoded(document, 9)) if one.message is not None]
    assert names == ["PositionEnd"]


@pytest.mark.parametrize(
    ("data", "says"),
    (
        (b"", "empty"),
        (b"GET / HTTP/1.1\r\n\r\n", "begins with b'GET / HTTP/1.1"),
        (b"\0" * 4096, "nothing that can be decoded"),
        (b'{"a": 1}\n', "neither a recording nor"),
        (b"{ half a document", "neither a recording nor"),
        (b'{"recording":"ironbridge-recording","format":9}\n', "format 9"),
    ),
)
def test_what_cannot_be_decoded_is_named(data: bytes, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        decoded(data)


# -- listening


def heard(asked: bytes, answered: bytes, size: int) -> list[Entry]:
    listener = Listener(1, None)
    found: list[Entry] = []
    for role, data in ((Role.CLIENT, asked), (Role.SERVER, answered)):
        for at in range(0, len(data), size):
            found += listener.heard(role, data[at : at + size], 0.0)
    return found + listener.ended(0.0)


def test_however_the_stream_is_cut_the_entries_are_the_same() -> None:
    asked, answered = conversation()
    whole = heard(asked, answered, 1 << 16)
    assert len(whole) == 6
    assert all(heard(asked, answered, size) == whole for size in (1, 2, 3, 7))


def test_what_is_no_tws_stream_is_kept_raw_and_whole() -> None:
    listener = Listener(1, None)
    sent = (b"AP", b"X and ", b"more")
    found = [entry for data in sent for entry in listener.heard(Role.CLIENT, data, 0.0)]
    assert b"".join(entry.raw or b"" for entry in found if isinstance(entry, Unread)) == b"".join(sent)
    assert "hello" in listener.lost


def test_a_length_that_cannot_be_ends_the_reading_and_loses_nothing() -> None:
    asked, _ = conversation()
    listener = Listener(1, None)
    found = listener.heard(Role.CLIENT, asked + b"\xff\xff\xff\xffrest", 0.0)
    found += listener.heard(Role.CLIENT, b" and more", 0.0)
    assert [type(entry) for entry in found] == [Greeted, Said, Said, Unread, Unread]
    assert (
        b"".join(entry.raw or b"" for entry in found if isinstance(entry, Unread)) == b"\xff\xff\xff\xffrest and more"
    )


def test_a_version_that_is_not_text_is_named() -> None:
    listener = Listener(1, None)
    listener.heard(Role.SERVER, frame(b"222\x0020260302 10:00:00 EST\0"), 0.0)
    found = listener.heard(Role.SERVER, frame(b"\0\0\0\xcd\x08\x01"), 0.0)
    assert isinstance(found[0], Unread)
    assert "version 222" in found[0].reason


def test_an_unfinished_message_is_told_at_the_end() -> None:
    asked, _ = conversation()
    listener = Listener(1, None)
    listener.heard(Role.CLIENT, asked[:-3], 0.0)
    (left,) = listener.ended(0.0)
    assert isinstance(left, Unread)
    assert "into a message" in left.reason


@given(st.lists(st.tuples(st.sampled_from(Role), st.binary(max_size=60)), max_size=12), st.booleans(), st.booleans())
def test_nothing_that_is_said_raises(said: list[tuple[Role, bytes]], masked: bool, greeted: bool) -> None:
    listener = Listener(1, Masker() if masked else None)
    found: list[Entry] = []
    if greeted:
        asked, answered = conversation()
        found += listener.heard(Role.CLIENT, asked, 0.0) + listener.heard(Role.SERVER, answered, 0.0)
    for role, data in said:
        found += listener.heard(role, data if not greeted else frame(data), 0.0)
    found += listener.ended(0.0)
    assert list(read_entries([line_of(entry) for entry in found])) == found
