"""docs/testing-your-program.md works as it is printed; only the port of its shell lines is this test's own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conformance.environments import Unavailable, python_with

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing-your-program.md").read_text()
BIN = Path(sys.executable).parent
SECONDS = 60


def block(heading: str, language: str) -> str:
    """The first code block of a language below a heading."""
    found = re.search(rf"^#+ {re.escape(heading)}$.*?^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"the page has no {language} block under {heading}"
    return found[1]


def run_tests(folder: Path, program: str, paths: tuple[Path, ...] = ()) -> str:
    """Run a test file as a project of its own; what pytest printed."""
    (folder / "test_program.py").write_text(program)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", folder, folder],
        env={**kept, "PYTHONPATH": os.pathsep.join(map(str, paths))},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_with_ib_async(tmp_path: Path) -> None:
    assert "5 passed" in run_tests(tmp_path, block("ib_async", "python"))


def test_with_the_official_client(tmp_path: Path) -> None:
    try:
        python = python_with("nautilus_ibapi==10.30.1")
    except Unavailable as reason:
        pytest.skip(f"IB's official client is installed from PyPI for this test, and that did not work here. {reason}")
    (library,) = python.parents[1].glob("[Ll]ib/**/site-packages/ibapi")
    shutil.copytree(library, tmp_path / "library" / "ibapi")
    printed = run_tests(tmp_path, block("The official Python client", "python"), (tmp_path / "library",))
    assert "1 passed" in printed


@pytest.mark.skipif(
    shutil.which("node") is None, reason="the page's program in JavaScript needs Node, which is not here"
)
@pytest.mark.skipif(shutil.which("bash") is None, reason="the page's lines are for a POSIX shell, which is not here")
def test_from_another_language(tmp_path: Path) -> None:
    (tmp_path / "hello.mjs").write_text(block("In any other language", "js"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    done = subprocess.run(
        ["bash", "-euc", block("In any other language", "sh").replace("4002", str(port))],
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "IRONBRIDGE_HOME": str(tmp_path / "home")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == ["version 178", "accounts DU1000001", "next order id 1"]
