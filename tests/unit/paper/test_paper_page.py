"""The page on the paper gateway: what it shows is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ironbridge.cli.paper import paper
from ironbridge.exchange import catalog
from ironbridge.exchange.commands import OrderKind
from ironbridge.paper import PaperGateway
from ironbridge.paper.price_files import load_prices
from ironbridge.paper.schedule import USUAL, parse_schedule

PAGE = (Path(__file__).parents[3] / "docs" / "paper-gateway.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("text", blocks("csv"))
def test_its_files_are_read(text, tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text(text)
    assert list(load_prices(path).recordings) == [265598]


@pytest.mark.parametrize("code", blocks("python"))
def test_its_code_runs(code):
    made = {}
    exec(code, made)
    assert set(made) - {"__builtins__"}


def test_its_flags_are_there():
    flags = {flag for row in re.findall(r"^\| `--.*?\|", PAGE, re.MULTILINE) for flag in re.findall(r"--[a-z-]+", row)}
    known = set(re.findall(r"--[a-z-]+", " ".join(map(str, paper.__annotations__.values()))))
    assert flags
    assert flags <= known


def test_its_arguments_are_there():
    arguments = set(re.findall(r"^\|[^|]*\| `([a-z_]+)`?", PAGE, re.MULTILINE))
    assert {"port", "seed", "schedule"} <= arguments
    assert arguments <= set(PaperGateway.__init__.__annotations__) | {"faults"}


def test_its_numbers_hold():
    assert f"{len(catalog.STOCKS)} stocks and funds" in PAGE
    for kind in OrderKind:
        assert kind.value in PAGE
    text = re.search(r'--schedule "(.*?)"', PAGE, re.DOTALL)
    assert text
    assert len(parse_schedule(" ".join(text[1].split())).happenings) == len(USUAL.happenings)
