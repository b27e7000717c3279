"""Where a setting's value comes from, and which source is nearer than which.

Sources, the nearer first: argument, environment, file, the profile in the database, default. A value of a nearer
source is never overridden by a farther one, so what stands there is fixed while the program runs: a change of the
profile could be kept and would still not count. `Source` names the very place, so that a refusal can say where it is.

Also reads the settings file of a home folder, in whichever of its two forms it is there; it knows no field but by name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection
from configparser import ConfigParser
from configparser import Error as ConfigParserError
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ironbridge.errors import InvalidSettings

FILE_NAME = "ironbridge.toml"
INI_FILE_NAME = "ironbridge.ini"
INI_SECTION = "ironbridge"


class Origin(StrEnum):
    """The kinds of sources, the nearer first."""

    ARGUMENT = "argument"
    ENVIRONMENT = "environment"
    FILE = "file"
    PROFILE = "profile"
    KEPT = "kept"
    """Changed at run time and kept in the database beside the profiles."""
    DEFAULT = "default"


NEARER_THAN_DATABASE = frozenset({Origin.ARGUMENT, Origin.ENVIRONMENT, Origin.FILE})


@dataclass(frozen=True, slots=True)
class Source:
    """Where one value comes from.

    Parameters:
        origin: the kind of source.
        name: the variable, the file or the profile; empty for the others.
    """

    origin: Origin
    name: str = ""

    @property
    def fixed(self) -> bool:
        """Whether nothing that is changed at run time counts against it."""
        return self.origin in NEARER_THAN_DATABASE

    def __str__(self) -> str:
        match self.origin:
            case Origin.ARGUMENT:
                return "an argument"
            case Origin.ENVIRONMENT:
                return f"the environment variable {self.name}"
            case Origin.FILE:
                return f"the file {self.name}"
            case Origin.PROFILE:
                return f"the profile {self.name}"
            case Origin.KEPT:
                return "the database"
            case Origin.DEFAULT:
                return "the default"


DEFAULT = Source(Origin.DEFAULT)


def from_files(home: Path, known: Collection[str]) -> tuple[dict[str, Any], Source]:
    """What the settings file says, and which one it is.

    Parameters:
        home: the folder.
        known: the names that may stand there.

    Raises:
        InvalidSettings: there are two, or the one cannot be read or meant.
    """
    toml, ini = home / FILE_NAME, home / INI_FILE_NAME
    if toml.exists() and ini.exists():
        raise InvalidSettings(
            f"{home} holds both {FILE_NAME} and {INI_FILE_NAME}, and which of them counts cannot be told.",
            next_step="Keep one of them.",
        )
    if ini.exists():
        return _from_file(ini, "INI", _read_ini, known)
    return _from_file(toml, "TOML", tomllib.loads, known) if toml.exists() else ({}, DEFAULT)


def _read_ini(text: str) -> dict[str, Any]:
    parser = ConfigParser(interpolation=None)
    parser.read_string(text)
    others = [name for name in (*parser.sections(), *(["DEFAULT"] if parser.defaults() else [])) if name != INI_SECTION]
    if others or not parser.has_section(INI_SECTION):
        raise ValueError(f"settings stand in one section, [{INI_SECTION}]")
    return dict(parser[INI_SECTION])


def _from_file(
    path: Path, form: str, read: Callable[[str], dict[str, Any]], known: Collection[str]
) -> tuple[dict[str, Any], Source]:
    try:
        content = read(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidSettings(f"{path} cannot be read: {error.strerror}.", next_step="Mend its permissions.") from error
    except (ConfigParserError, ValueError) as error:  # TOML's and Unicode's are ValueErrors
        words = " ".join(str(error).split())
        raise InvalidSettings(f"{path} is not valid {form}: {words}.", next_step="Mend it or remove it.") from error
    unknown = sorted(set(content) - set(known))
    if unknown:
        raise InvalidSettings(
            f"{path} sets {', '.join(unknown)}, which is not a setting.",
            next_step=f"Known are: {', '.join(sorted(known))}.",
        )
    return content, Source(Origin.FILE, str(path))
