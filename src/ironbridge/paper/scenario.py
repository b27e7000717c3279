"""Scenarios: incidents that can be played again, as files.

    name: I-05
    about: Informational codes on a live order were taken for its end.
    incident: ib-api-reloaded/ib_async#191
    good_client: Leaves the order as it is until its status says otherwise.
    steps:
      - when: {order: working}
        do:
          - SendOrderError: {code: 10349}
          - SendOrderError: {code: 399}
      - when: {after: 30}
        do: Resume

The steps follow each other: each begins to wait for its moment when the one before it has happened. `do` names faults
of `ironbridge.paper.faults` with their parameters, one or a list; a step without it only waits. `pacing` may ask for
strict pacing.

What a scenario says is checked whole before any of it is armed; what cannot be meant is an error that names the place
and what is allowed. This module owns what a scenario means; `fault_text` reads single faults and triggers.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from ironbridge.errors import InvalidInput
from ironbridge.paper.fault_text import checked_keys, faults_of, text_of, when_of
from ironbridge.paper.faults import NOW, Script, Step
from ironbridge.paper.limits import Pacing
from ironbridge.paper.yaml_text import Document, Path, read_text

if TYPE_CHECKING:
    from ironbridge.paper.server import PaperGateway

_KEYS = ("name", "about", "incident", "good_client", "pacing", "steps")


@dataclass(frozen=True, slots=True)
class Scenario:
    """What goes wrong, step by step.

    Parameters:
        name: e.g. "I-05".
        about: what happened to somebody.
        good_client: what a client that is well made does, in one line.
        steps: what goes wrong and when.
        incident: where it happened.
        pacing: how the gateway is to judge its clients' pace; None leaves it as it is.
    """

    name: str
    about: str
    good_client: str
    steps: tuple[Step, ...]
    incident: str = ""
    pacing: Pacing | None = None

    @property
    def script(self) -> Script:
        return Script(self.steps, self.name)


def play(scenario: Scenario, gateway: PaperGateway) -> int:
    """Begin it; returns the number by which what is left of it can be withdrawn, 0 where it has no steps.

    Raises:
        InvalidInput: a step of it can never act; nothing was armed.
    """
    number = gateway.faults.inject(scenario.script) if scenario.steps else 0
    if scenario.pacing is not None:
        gateway.pace(scenario.pacing)
    return number


# -- finding them


def shipped() -> tuple[Scenario, ...]:
    """The scenarios that come with Ironbridge, one per incident, in the order of their names."""
    return tuple(read_scenario(each.read_text("utf-8"), each.name) for each in _shipped_files())


def load(name: str | FilePath) -> Scenario:
    """A shipped scenario by its name, or one of the user's by its path.

    Raises:
        InvalidInput: there is none of this name, the file cannot be read, or it means nothing.
    """
    for each in _shipped_files():
        if each.name.removesuffix(".yaml").upper() == str(name).upper():
            return read_scenario(each.read_text("utf-8"), each.name)
    path = FilePath(name)
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        known = ", ".join(each.name.removesuffix(".yaml") for each in _shipped_files())
        raise InvalidInput(
            f"{str(name)!r} is neither a scenario that comes with Ironbridge nor a file.",
            next_step=f"Name a file, or one of {known}.",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}.", next_step="Name a YAML file.") from error
    return read_scenario(text, path.name)


def _shipped_files() -> list[Traversable]:
    folder = files("ironbridge").joinpath("testing", "scenarios")
    return sorted((each for each in folder.iterdir() if each.name.endswith(".yaml")), key=lambda each: each.name)


# -- reading one


def read_scenario(text: str, name: str) -> Scenario:
    """A scenario from the text of its file.

    Parameters:
        text: YAML, or JSON.
        name: of the file, for people.

    Raises:
        InvalidInput: with the file, the line and the step that mean nothing, and what is allowed there.
    """
    return scenario_of(read_text(text, name))


def scenario_of(document: Document) -> Scenario:
    """A scenario from values that were read.

    Raises:
        InvalidInput: as `read_scenario`.
    """
    values = checked_keys(document, (), document.value, _KEYS, needed=("name", "about", "good_client"))
    steps, pacing = values.get("steps", []), values.get("pacing")
    if not isinstance(steps, list) or not (steps or pacing):
        raise document.wrong(("steps",), "the steps are a list with at least one step.")
    if pacing is not None and pacing not in set(Pacing):
        raise document.wrong(("pacing",), f"{pacing!r} is no pacing.", next_step=f"Give one of {', '.join(Pacing)}.")
    return Scenario(
        name=text_of(document, ("name",), values["name"]),
        about=text_of(document, ("about",), values["about"]),
        good_client=text_of(document, ("good_client",), values["good_client"]),
        steps=tuple(_step(document, ("steps", at), step) for at, step in enumerate(steps)),
        incident=text_of(document, ("incident",), values.get("incident", ""), may_be_empty=True),
        pacing=None if pacing is None else Pacing(pacing),
    )


def _step(document: Document, path: Path, value: object) -> Step:
    step = checked_keys(document, path, value, ("when", "do"))
    if not step:
        raise document.wrong(path, "a step waits for something or does something.", next_step="Give when, do or both.")
    when = when_of(document, (*path, "when"), step["when"]) if "when" in step else NOW
    return Step(when, faults_of(document, (*path, "do"), step["do"]) if "do" in step else ())
