"""Whatever a layout can carry comes back as it was sent, at every version that changed something."""

import dataclasses
from operator import attrgetter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ironbridge.errors import ProtocolError
from ironbridge.wire import UNSET, Role, TextCodec, codec_for, fields
from ironbridge.wire.layout import WhenStep
from ironbridge.wire.registry import FORMATS
from ironbridge.wire.runs import ScalarStep
from ironbridge.wire.text import Format

VERSIONS = (151, 157, 163, 164, 166, 170, 173, 176, 177, 178)

NORMALISED = {fields.INT_NEVER_EMPTY, fields.DECIMAL_NEVER_EMPTY, fields.REAL_NEVER_EMPTY, fields.SIZE_NEVER_EMPTY}
"""Absent is written as unset: the one meaning that these scalars do not keep."""
MARKED = {fields.MODEL_PRICE: -1, fields.MODEL_GREEK: -2}


def carried(steps: Any, message: Any) -> list[tuple[str, Any, Any]]:
    """Path, scalar and value of every field that a message of this content puts on the wire."""
    found = []
    for step in steps:
        if isinstance(step, ScalarStep):
            found.append((step.path, step.scalar, attrgetter(step.path)(message)))
        elif isinstance(step, WhenStep) and step.holds(*[attrgetter(path)(message) for path in step.paths]):
            found += carried(step.steps, message)
    return found


def expected(scalar: fields.Scalar, value: Any) -> Any:
    if scalar in NORMALISED and value is None:
        return UNSET
    if scalar in MARKED and value == MARKED[scalar]:
        return None
    if scalar.format is fields.SIZE.before[1].format and isinstance(value, float):
        return float(int(value))
    return value


def prove_round_trip(codec: TextCodec, form: Format, message: Any) -> None:
    said = codec.encode(message, form.sender)
    heard = codec.decode(said, form.sender)
    assert codec.encode(heard, form.sender) == said
    assert codec.decode(codec.encode(heard, form.sender), form.sender) == heard
    steps = form.layout.at(codec.version).steps
    if codec.version >= fields.FRACTIONAL_SIZES:
        for path, scalar, value in carried(steps, message):
            assert attrgetter(path)(heard) == expected(scalar, value), path


def shape(steps: Any) -> list[Any]:
    """What can differ between two versions of a layout."""
    return [
        (
            getattr(step, "path", ""),
            getattr(step, "scalar", None),
            shape(getattr(step, "steps", ())),
            shape(getattr(getattr(getattr(step, "codec", None), "item", None), "steps", ())),
            getattr(getattr(getattr(step, "codec", None), "item", None), "scalar", None),
        )
        for step in steps
    ]


def versions_that_differ(form: Format) -> list[int]:
    found: list[int] = []
    for version in VERSIONS:
        at_least = version >= form.first_version
        if at_least and (not found or shape(form.layout.at(version).steps) != shape(form.layout.at(found[-1]).steps)):
            found.append(version)
    return found


def test_every_message_survives_the_wire(form: Format, draw_messages: Any) -> None:
    versions = versions_that_differ(form)
    for version in versions:
        prove_version(codec_for(version), form, draw_messages(form, version))
    assert versions


def prove_version(codec: TextCodec, form: Format, messages: st.SearchStrategy[Any]) -> None:
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(messages)
    def prove(message: Any) -> None:
        prove_round_trip(codec, form, message)

    prove()


def test_versions_that_differ_are_found() -> None:
    """The guard of the test above: order messages change at each of their versions."""
    by_name = {form.cls.__name__: versions_that_differ(form) for form in FORMATS}
    assert by_name["PlaceOrder"] == [151, 163, 166, 170, 177]
    assert by_name["OpenOrder"] == [151, 163, 170, 177]
    assert by_name["TickSize"] == [151, 163]
    assert by_name["StartApi"] == [151]


def test_formats_do_not_overlap() -> None:
    said = [(form.sender, form.id) for form in FORMATS]
    assert len(said) == len(set(said))
    assert len({form.cls for form in FORMATS}) == len(FORMATS)


def test_every_attribute_of_a_message_is_on_the_wire_at_the_newest_version(form: Format) -> None:
    """A field that no layout carries would be lost in silence. Groups are shared, so only whole messages are held."""
    compiled = form.layout.at(178)

    def paths(steps: Any) -> set[str]:
        return {
            path
            for step in steps
            for path in ([step.path] if hasattr(step, "path") else paths(getattr(step, "steps", ())))
        }

    roots = {path.split(".")[0] for path in paths(compiled.steps)}
    assert roots == {field.name for field in dataclasses.fields(form.cls)}


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_bytes_of_any_kind_never_break_the_codec(data: st.DataObject) -> None:
    """Fuzz: a known id and any fields after it decode, or raise the one named error."""
    form = data.draw(st.sampled_from(FORMATS))
    version = data.draw(st.sampled_from([version for version in VERSIONS if version >= form.first_version]))
    junk = st.one_of(
        st.binary(max_size=8).map(lambda raw: raw.replace(b"\0", b"")),
        st.sampled_from([b"", b"0", b"1", b"2147483647", b"1.7976931348623157E308", b"-1", b"NaN", b"9" * 400]),
    )
    tail = data.draw(st.lists(junk, max_size=60))
    payload = b"\0".join([str(form.id).encode(), *tail]) + b"\0"
    codec = codec_for(version)
    heard = decoded_or_error(codec, payload, form)
    if isinstance(heard, ProtocolError):
        assert not heard.fatal
        assert form.cls.__name__ in str(heard)
    else:
        assert type(heard) is form.cls
        assert codec.decode(codec.encode(heard, form.sender), form.sender) == heard


def decoded_or_error(codec: TextCodec, payload: bytes, form: Format) -> Any:
    try:
        return codec.decode(payload, form.sender)
    except ProtocolError as error:
        return error


def test_the_peer_of_a_role_is_the_other() -> None:
    assert Role.CLIENT.peer is Role.SERVER
    assert Role.SERVER.peer is Role.CLIENT
