"""Where a client cannot be had, that is said; nothing half-made is taken for an environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conformance import environments


def test_a_package_that_cannot_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "HOME", tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(environments.Unavailable, match=r"pip install ibapi==9\.81\.1\.post1 failed: ERROR"):
        environments.python_with("ibapi==9.81.1.post1")
    assert list(tmp_path.glob("*/complete")) == []
