"""A real Gateway's answers, decoded and encoded again to exactly the same fields.

The recording is not part of this repository; where it is not beside it, there is nothing to compare with.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ironbridge.wire import UNSET, OpenOrder, Role, codec_for
from ironbridge.wire.text import UnknownMessage

RECORDING = Path(__file__).parents[3] / "shared" / "recordings" / "gateway-176.json"


@pytest.fixture(scope="module")
def answers() -> list[list[str]]:
    if not RECORDING.is_file():
        pytest.skip("the recording of a real Gateway is not beside the repository")
    recording: dict[str, Any] = json.loads(RECORDING.read_text())
    assert recording["server_version"] == 176
    return [fields for exchange in recording["exchanges"] for fields in exchange["server"]]


def test_every_answer_comes_back_to_the_same_fields(answers: list[list[str]]) -> None:
    codec = codec_for(176)
    assert len(answers) == 498
    # The first is the server's version and time; its bytes are held by the tests of the greeting.
    version, *messages = answers
    assert version[0] == "176"
    kinds: Counter[str] = Counter()
    for fields in messages:
        message = codec.decode_fields(fields, Role.SERVER)
        assert not isinstance(message, UnknownMessage)
        assert codec.encode_fields(message, Role.SERVER) == fields
        kinds[type(message).__name__] += 1
    assert kinds["AccountUpdateMulti"] == 236
    assert kinds["AccountValue"] == 153
    assert kinds["OpenOrder"] == 2


def test_a_what_if_answer_has_its_margins_and_no_sentinel(answers: list[list[str]]) -> None:
    codec = codec_for(176)
    first, second = (codec.decode_fields(fields, Role.SERVER) for fields in answers if fields[0] == "5")
    assert isinstance(first, OpenOrder)
    assert isinstance(second, OpenOrder)
    assert first.order.what_if is True
    assert first.state.init_margin_change is UNSET
    assert first.state.commission is None
    assert str(second.state.init_margin_change) == "2.61"
    assert str(second.state.max_commission) == "2.0553"
    assert second.order.min_qty is None
    assert second.order.display_size is UNSET
