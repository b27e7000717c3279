"""Logs are structured, correlated and free of secrets."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from ironbridge.ops.logs import configure_logging, correlated

SECRET = "q7Jr-very-secret-token"


@pytest.fixture
def restored() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("ironbridge")
    before = (tuple(root.handlers), root.level, ours.level)
    yield
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])


@pytest.mark.usefixtures("restored")
def test_a_line_is_one_json_object_with_its_ids() -> None:
    stream = io.StringIO()
    configure_logging(json=True, stream=stream)
    with correlated(request_id="r1"):
        logging.getLogger("ironbridge.test").info("order %s", "sent", extra={"order_key": "k"})
    logging.getLogger("ironbridge.test").debug("too fine")
    logging.getLogger("somebody").info("not ours")
    (line,) = stream.getvalue().splitlines()
    found = json.loads(line)
    assert (found["event"], found["request_id"], found["order_key"]) == ("order sent", "r1", "k")
    assert (found["level"], found["logger"]) == ("info", "ironbridge.test")
    assert found["timestamp"].endswith("Z")


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("as_json", (True, False))
def test_secrets_are_taken_out_by_name_by_form_and_by_value(as_json: bool) -> None:
    stream = io.StringIO()
    configure_logging(json=as_json, stream=stream, secrets=[SECRET])
    log = logging.getLogger("ironbridge.test")
    log.warning("a header: Authorization: Bearer abc.def-123", extra={"token": "t0ken", "CSRF_Header": "c5rf"})
    log.warning("open http://127.0.0.1:8000/#token=abcdef", extra={"request": {"cookie": "c00kie", "path": "/"}})
    log.warning("it is %s", SECRET)
    log.error("inside", exc_info=RuntimeError(f"failed with {SECRET}"))
    text = stream.getvalue()
    for secret in ("abc.def-123", "t0ken", "c5rf", "abcdef", "c00kie", SECRET):
        assert secret not in text
    assert text.count("[hidden]") >= 7
    assert "RuntimeError" in text
