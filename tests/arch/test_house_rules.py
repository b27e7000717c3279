"""The house rules that a machine can hold: sizes, names, finished work, and who may make what."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "ironbridge"
GENERATED = ("node_modules", "static", "versions", "schema.d.ts")

PYTHON = sorted(SOURCE.rglob("*.py"))
TESTS = sorted(
    path
    for folder in ("tests", "bench")
    for path in (ROOT / folder).rglob("*.py")
    if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)
CONSOLE = sorted(
    path
    for pattern in ("*.ts", "*.tsx")
    for path in (ROOT / "console" / "src").rglob(pattern)
    if not any(part in GENERATED for part in path.parts)
)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def length(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_files_are_small() -> None:
    """One idea each: 400 lines at most, tests and benchmarks 600 (style.md 1)."""
    own = [path for path in PYTHON + CONSOLE if not any(part in GENERATED for part in path.parts)]
    large = {name(path): length(path) for path in own if length(path) > 400}
    large |= {name(path): length(path) for path in TESTS if length(path) > 600}
    assert large == {}


def test_no_drawer_for_odds_and_ends() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "tools", "core", "base"}
    assert [name(path) for path in PYTHON if path.stem in drawers] == []


def test_nothing_is_left_unfinished() -> None:
    marks = re.compile(r"\b(TODO|FIXME|HACK|raise NotImplementedError|(?i:for now|simplified))\b")
    assert [
        f"{name(path)}: {match[0]}" for path in PYTHON + CONSOLE for match in marks.finditer(path.read_text())
    ] == []


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_a_module_opens_with_its_theory(path: Path) -> None:
    if path.name in {"__init__.py", "__main__.py"} and length(path) < 5:
        return
    if "versions" in path.parts:
        return
    assert ast.get_docstring(ast.parse(path.read_text())), "a module says what it owns, refuses and keeps true"


def calls_of(path: Path, callee: str) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and (node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")) == callee
    ]


def test_only_the_gate_approves() -> None:
    """RSK-1: an unchecked order cannot reach the broker, because only the gate makes what the broker takes."""
    makers = {name(path) for path in PYTHON if calls_of(path, "RiskApproved")}
    assert makers == {"src/ironbridge/risk/gate.py"}


def test_only_settings_reads_the_environment() -> None:
    readers = {
        name(path)
        for path in PYTHON
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"})
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    }
    assert readers <= {"src/ironbridge/settings.py"}


def is_broad(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or (
        isinstance(handler.type, ast.Name) and handler.type.id in {"Exception", "BaseException"}
    )


def test_broad_excepts_say_why() -> None:
    """One that raises again swallows nothing; any other says in a comment why everything must stop there."""
    silent = []
    for path in PYTHON:
        text = path.read_text()
        lines = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.ExceptHandler) or not is_broad(node):
                continue
            raises = any(isinstance(part, ast.Raise) and part.exc is None for part in ast.walk(node))
            near = lines[node.lineno - 2 : node.lineno + 1]
            if not raises and not any("#" in line for line in near):
                silent.append(f"{name(path)}:{node.lineno}")
    assert silent == []


def test_no_machine_is_named() -> None:
    """Nothing of where the code was written is part of it."""
    private = re.compile(r"/(?:wo" + r"rk|home/[a-z]+|root)/[a-z.]")
    suffixes = {".py", ".md", ".toml", ".ts", ".tsx", ".json", ".yaml", ".yml", ".css", ".html", ""}
    found = [
        f"{name(path)}: {match[0]}"
        for folder in ("src", "tests", "docs", "bench", "scripts", "console/src")
        for path in (ROOT / folder).rglob("*")
        if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
        if path.is_file() and path.suffix in suffixes and not any(part in GENERATED for part in path.parts)
        for match in private.finditer(path.read_text(errors="ignore"))
    ]
    assert found == []
