"""Messages that are scalars in a row are written in one sweep: the same bytes, the same refusals, only sooner."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from ironbridge.errors import InvalidInput
from ironbridge.wire import (
    Role,
    TickGeneric,
    TickOptionComputation,
    TickPrice,
    TickSize,
    TickString,
    codec_for,
    join_fields,
)
from ironbridge.wire.registry import FORMATS
from ironbridge.wire.text import Format, Program, TextCodec

VERSIONS = (151, 163, 178)


def careful(codec: TextCodec, message: Any, sender: Role) -> bytes:
    return join_fields(codec.encode_fields(message, sender))


def test_the_sweep_writes_what_the_layout_writes(form: Format, draw_messages: Any) -> None:
    swept = [v for v in VERSIONS if v >= form.first_version and Program(form, v).row is not None]
    for version in swept:
        prove(codec_for(version), form, draw_messages(form, version))
    assert swept == sorted(swept)


def prove(codec: TextCodec, form: Format, messages: Any) -> None:
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(messages)
    def same(message: Any) -> None:
        expected = careful(codec, message, form.sender)
        assert codec.encode(message, form.sender) == expected

    same()


@pytest.mark.parametrize("cls", (TickPrice, TickSize, TickString))
def test_ticks_are_written_in_one_sweep(cls: type) -> None:
    form = next(form for form in FORMATS if form.cls is cls)
    assert all(Program(form, version).row is not None for version in VERSIONS)


@pytest.mark.parametrize(
    ("message", "field"),
    (
        (TickPrice(1, 1, float("nan")), "price"),
        (TickPrice(1, 1, 2.5, attributes="1"), "attributes"),
        (TickString(1, 45, "a\0b"), "value"),
        (TickSize("1", 0, 5.0), "req_id"),
    ),
)
def test_what_cannot_be_written_is_named(message: Any, field: str) -> None:
    codec = codec_for(178)
    codec.encode(TickPrice(1, 1, 2.5), Role.SERVER)
    for _ in range(2):
        with pytest.raises(InvalidInput, match=f"field {field} cannot be written"):
            codec.encode(message, Role.SERVER)


def test_a_client_still_cannot_say_a_tick() -> None:
    codec = codec_for(178)
    assert codec.encode(TickSize(1, 0, 5.0), Role.SERVER) == b"2\x006\x001\x000\x005\0"
    with pytest.raises(InvalidInput, match="not a message that the client sends"):
        codec.encode(TickSize(1, 0, 5.0), Role.CLIENT)


FOR_MANY = tuple(
    form
    for form in FORMATS
    if form.sender is Role.SERVER and form.cls in {TickPrice, TickSize, TickString, TickGeneric, TickOptionComputation}
)


@pytest.mark.parametrize("kind", [form.cls for form in FOR_MANY], ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("version", (151, 155, 163, 178))
def test_what_many_hear_is_what_each_would_be_told(kind: type, version: int, draw_messages: Any) -> None:
    form = next(form for form in FORMATS if form.cls is kind)
    codec = TextCodec(version, FORMATS)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(draw_messages(form, version))
    def same(message: Any) -> None:
        values = [getattr(message, field.name) for field in fields(message)[1:]]
        head, tail = codec.encode_around(kind, values, Role.SERVER)
        assert head + str(message.req_id).encode() + tail == careful(codec, message, Role.SERVER)

    same()


def test_what_many_hear_is_refused_by_name() -> None:
    codec = codec_for(178)
    codec.encode(TickPrice(1, 1, 2.5), Role.SERVER)
    for _ in range(2):
        with pytest.raises(InvalidInput, match="field price cannot be written"):
            codec.encode_around(TickPrice, (1, float("nan"), 1.0, 0), Role.SERVER)
        with pytest.raises(InvalidInput, match="client"):
            codec.encode_around(TickPrice, (1, 2.0, 1.0, 0), Role.CLIENT)
