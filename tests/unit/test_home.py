"""One program at a time on one home folder, and the second is told who the first is."""

import subprocess
import sys
from pathlib import Path

import pytest

from ironbridge.errors import HomeInUse, StorageError
from ironbridge.home import own_home

HOLD = """
import sys
from pathlib import Path
from ironbridge.home import own_home
with own_home(Path(sys.argv[1]), "the first program"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_second_program_is_told_of_the_first(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(HomeInUse) as caught, own_home(home, "the second"):
            pass
        assert f"the first program (process {first.pid})" in str(caught.value)
        assert "IRONBRIDGE_HOME" in caught.value.next_step
        first.kill()
        first.wait()
        with own_home(home, "the second"):
            assert (home / "owner.json").exists()


def test_the_same_program_cannot_take_it_twice(tmp_path: Path) -> None:
    with own_home(tmp_path, "one"), pytest.raises(HomeInUse), own_home(tmp_path, "two"):
        pass
    with own_home(tmp_path, "three"):
        pass


def test_the_folder_is_private(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    with own_home(home, "one"):
        assert home.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be used"), own_home(tmp_path / "file" / "home", "one"):
        pass
