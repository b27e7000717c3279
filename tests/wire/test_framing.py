"""Frames: cut anywhere, bounded always, and never copied more than they must be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ironbridge.errors import ProtocolError
from ironbridge.wire import FrameReader, frame, framing, join_fields, split_fields
from ironbridge.wire.framing import FrameTooLong

PAYLOADS = st.lists(st.binary(max_size=40), max_size=8)


@given(PAYLOADS, st.lists(st.integers(0, 60), max_size=20))
def test_any_cut_gives_the_same_payloads(payloads: list[bytes], cuts: list[int]) -> None:
    data = b"".join(frame(payload) for payload in payloads)
    reader, heard, at = FrameReader(), [], 0
    for length in [*cuts, len(data)]:
        heard += reader.feed(data[at : at + length])
        at += length
    assert heard == payloads
    assert reader.pending == 0


def test_many_frames_in_one_buffer() -> None:
    data = frame(b"1\0") * 10_000
    assert FrameReader().feed(data) == [b"1\0"] * 10_000


def test_a_long_frame_in_many_pieces_is_kept_once() -> None:
    payload = b"x" * 2_000_000
    data = frame(payload)
    reader = FrameReader()
    for at in range(0, len(data) - 100, 100):
        assert reader.feed(data[at : at + 100]) == []
        assert reader.pending == at + 100
    assert reader.feed(data[reader.pending :]) == [payload]
    assert reader.pending == 0


@pytest.mark.parametrize("length", (11, 0xFFFFFFFF, int.from_bytes(b"GET ", "big")))
def test_a_length_beyond_the_limit_is_fatal_and_loses_nothing_before_it(length: int) -> None:
    reader = FrameReader(limit=10)
    with pytest.raises(FrameTooLong, match=f"announces {length} bytes; the longest allowed is 10") as caught:
        reader.feed(frame(b"first\0") + length.to_bytes(4, "big") + b"rest")
    assert caught.value.fatal
    assert caught.value.payloads == [b"first\0"]
    assert caught.value.raw.startswith(length.to_bytes(4, "big"))


def test_the_limit_itself_is_allowed() -> None:
    assert FrameReader(limit=10).feed(frame(b"x" * 10)) == [b"x" * 10]


def test_a_length_is_judged_as_soon_as_it_is_whole() -> None:
    """Before the body: nobody makes us keep what we will not read."""
    reader = FrameReader(limit=10)
    assert reader.feed(b"\xff\xff") == []
    with pytest.raises(ProtocolError):
        reader.feed(b"\xff\xff")


@given(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=1))
def test_fields_come_back(fields: list[str]) -> None:
    assert split_fields(join_fields(fields)) == fields


@pytest.mark.parametrize("payload", (b"", b"abc", b"a\0b"))
def test_a_last_field_without_its_end_is_named(payload: bytes) -> None:
    with pytest.raises(ProtocolError, match="does not end its last field") as caught:
        split_fields(payload)
    assert not caught.value.fatal
    assert caught.value.raw == payload


def test_too_many_fields_are_counted_before_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_FIELDS", 3)
    assert split_fields(b"\0" * 3) == ["", "", ""]
    with pytest.raises(ProtocolError, match="has 4 fields; the most allowed is 3"):
        split_fields(b"\0" * 4)


def test_bytes_that_are_not_utf8_do_not_cost_the_message() -> None:
    assert split_fields(b"84\0caf\xe9\0") == ["84", "caf\\xe9"]
