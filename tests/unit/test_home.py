"""A home is shared, except for what only one process can have; and each process shows whether it lives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ironbridge.errors import HomeInUse, StorageError
from ironbridge.home import PROCESSES, enter_home, holder, sole

HOLD = """
import sys
from pathlib import Path
from ironbridge.home import enter_home, sole
with enter_home(Path(sys.argv[1])) as presence, sole(Path(sys.argv[1]), "service", "the first program") as tell:
    tell({"port": 4})
    print(presence.name, flush=True)
    sys.stdin.read()
"""


def test_the_second_service_is_told_of_the_first_and_a_killed_one_leaves_no_trace(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        name = first.stdout.readline().strip()
        with pytest.raises(HomeInUse) as caught, sole(home, "service", "the second"):
            pass
        assert f"the first program (process {first.pid})" in str(caught.value)
        assert "IRONBRIDGE_HOME" in caught.value.next_step
        assert holder(home, "service")["port"] == 4
        with enter_home(home) as mine:
            assert mine.alive(name)
            first.kill()
            first.wait()
            assert not mine.alive(name)
            assert not mine.alive("never there")
        with sole(home, "service", "the second"):
            assert holder(home, "service")["program"] == "the second"
        assert holder(home, "service") == {}


def test_a_process_that_stands_still_is_taken_for_stuck(tmp_path: Path) -> None:
    with enter_home(tmp_path) as one, enter_home(tmp_path) as two:
        assert one.alive(two.name)
        file = tmp_path / PROCESSES / f"{two.name}.lock"
        os.utime(file, (1, 1))
        assert not one.alive(two.name)
        two.beat()
        assert one.alive(two.name)


def test_the_same_program_cannot_take_a_role_twice(tmp_path: Path) -> None:
    held = sole(tmp_path, "service", "one"), sole(tmp_path, "paper-gateway", "one")
    with held[0], held[1], pytest.raises(HomeInUse), sole(tmp_path, "service", "two"):
        pass
    with sole(tmp_path, "service", "three"):
        pass


def test_the_folder_is_private_and_left_clean(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    with enter_home(home):
        assert home.stat().st_mode & 0o077 == 0
    assert list((home / PROCESSES).iterdir()) == []


@pytest.mark.parametrize("way", (enter_home, lambda home: sole(home, "service", "one")))
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, way: object) -> None:
    (tmp_path / "file").write_text("")
    assert callable(way)
    with pytest.raises(StorageError, match="cannot be used"), way(tmp_path / "file" / "home"):
        pass
