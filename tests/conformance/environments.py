"""An environment of its own for each of IB's official clients, made once and kept.

Owns `.environments/`, which is not part of the project: the licence of these clients forbids shipping them, so they are
installed from PyPI where these tests run. An environment is complete when its mark is written, last of all; one that is
not is made anew. Workers that want the same one at the same time wait for the first.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from filelock import FileLock, Timeout

HOME = Path(__file__).parent / ".environments"
INSTALL_SECONDS = 60.0
WAIT_SECONDS = 90.0
"""For another worker that makes the same one."""
MARK = "complete"


class Unavailable(Exception):
    """The package could not be had."""


def python_with(requirement: str) -> Path:
    """The interpreter of an environment in which exactly this is installed.

    Parameters:
        requirement: an exact one, `name==version`.

    Raises:
        Unavailable: pip could not install it, most often because there is no way to PyPI.
    """
    HOME.mkdir(exist_ok=True)
    name = f"{requirement.replace('==', '-')}-py{sys.version_info.major}{sys.version_info.minor}"
    home = HOME / name
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    try:
        with FileLock(HOME / f"{name}.lock", timeout=WAIT_SECONDS):
            if not ((home / MARK).exists() and python.exists()):
                shutil.rmtree(home, ignore_errors=True)
                venv.create(home, with_pip=True, symlinks=os.name != "nt")
                _install(python, requirement)
                (home / MARK).write_text(requirement)
    except Timeout as error:
        raise Unavailable(f"another process has been making it for {WAIT_SECONDS:.0f} s") from error
    return python


def _install(python: Path, requirement: str) -> None:
    command = [
        python,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--retries",
        "1",
        requirement,
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"pip install {requirement} took longer than {INSTALL_SECONDS:.0f} s") from error
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        raise Unavailable(f"pip install {requirement} failed: {said[-1] if said else 'it said nothing'}")
