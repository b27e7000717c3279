"""A profile: a named set of settings, kept in the database, one of which is the current one.

It holds only what was set; all else is at its default. `version` climbs with each change, so that whoever changes what
he has not seen is told. Which settings there are, and what they may be, is not known here (`settings.Settings` does).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ironbridge.errors import InvalidSettings

FIRST = "default"
"""The profile that a new database has."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile as it is kept.

    Parameters:
        name: unique.
        values: what is set, by the names of `settings.Settings`, as JSON holds it.
        version: 1 when it is made, one more with each change.
        current: whether its values are the ones in use; exactly one profile's are.
        created_at: when it was made.
        changed_at: when it was last changed.
    """

    name: str
    values: Mapping[str, Any]
    version: int
    current: bool
    created_at: datetime
    changed_at: datetime


def check_profile_name(name: str) -> None:
    """Raise unless the name can be one: it stands in addresses and on the command line.

    Raises:
        InvalidSettings: with what may be in it.
    """
    if not _NAME.fullmatch(name):
        raise InvalidSettings(
            f"{name[:60]!r} cannot be a profile's name.",
            next_step='Use 1 to 40 small letters, digits, ".", "_" and "-", beginning with a letter or digit: '
            '"paper-gateway".',
            fields=["name"],
        )
