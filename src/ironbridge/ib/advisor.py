"""An advisor's configuration, from IB's XML into our words.

Refuses a document type: entities are no part of IB's format, and are how XML is made to grow without end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from xml.etree import ElementTree as ET

from ironbridge.domain.advisor import AccountGroup, AllocationProfile, ShareKind
from ironbridge.errors import ProtocolError
from ironbridge.ib.numbers import optional_decimal

MASTER = re.compile(r"D?F\d+")
"""An advisor's own account, live and paper; the first of its login."""

GROUPS, PROFILES, ALIASES = 1, 2, 3
"""IB's numbers of the parts that can be asked for."""

NO_PROFILES_SINCE = 177
"""Server version from which on a request for profiles is refused."""

LONGEST = 1 << 22
"""Characters; a setup of a thousand accounts takes a tenth of it."""

_KINDS = {"1": ShareKind.PERCENTAGES, "2": ShareKind.RATIOS, "3": ShareKind.SHARES}


def groups_of(text: str) -> tuple[AccountGroup, ...]:
    return tuple(
        AccountGroup(
            _text(group, "name"),
            tuple((account.text or "").strip() for account in group.iter("String")),
            _text(group, "defaultMethod"),
        )
        for group in _each(text, "Group")
    )


def profiles_of(text: str) -> tuple[AllocationProfile, ...]:
    return tuple(
        AllocationProfile(
            _text(profile, "name"),
            _KINDS.get(_text(profile, "type"), ShareKind.UNRECOGNISED),
            tuple(
                (_text(share, "acct"), optional_decimal(_text(share, "amount")) or Decimal(0))
                for share in profile.iter("Allocation")
            ),
        )
        for profile in _each(text, "AllocationProfile")
    )


def aliases_of(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((_text(one, "account"), _text(one, "alias")) for one in _each(text, "AccountAlias"))


def _each(text: str, tag: str) -> Iterator[ET.Element]:
    if "<!DOCTYPE" in text or len(text) > LONGEST:
        raise ProtocolError("IB sent an advisor's setup that is none: a document type in it, or too long.")
    try:
        return ET.fromstring(text).iter(tag)  # noqa: S314 - no document type, so no entities
    except ET.ParseError as error:
        raise ProtocolError(f"IB sent an advisor's setup that cannot be read: {error}.") from None


def _text(element: ET.Element, tag: str) -> str:
    return (element.findtext(tag) or "").strip()
