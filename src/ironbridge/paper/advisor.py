"""An advisor's configuration: groups of accounts, allocation profiles, aliases; read and written as IB's XML.

A gateway is an advisor's when its first account is a master (DF..., or F... and digits) with others below it. Groups
name accounts and the method by which an order is divided among them; profiles give each account an amount. "All" is a
group that is always there.

Refuses what it cannot mean: XML with a document type (entities are no part of it), unknown accounts, empty groups.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import IntEnum
from typing import Any
from xml.etree import ElementTree as ET

from ironbridge.errors import StorageError
from ironbridge.paper.translate import Refusal, invalid

MASTER = re.compile(r"D?F\d+")
ALL = "All"
LONGEST = 1 << 20
"""A configuration of a thousand accounts is a tenth of this."""


class Part(IntEnum):
    """IB's numbers of what can be asked for and replaced."""

    GROUPS = 1
    PROFILES = 2
    ALIASES = 3


class ProfileKind(IntEnum):
    PERCENTAGES = 1
    RATIOS = 2
    SHARES = 3


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    accounts: tuple[str, ...]
    method: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    kind: ProfileKind
    amounts: tuple[tuple[str, Decimal], ...]


def master_of(accounts: Sequence[str]) -> str | None:
    """The advisor's own account, or None where there is no advisor."""
    return accounts[0] if len(accounts) > 1 and MASTER.fullmatch(accounts[0]) else None


class Advisor:
    """What an advisor has set up.

    Parameters:
        accounts: the master first.
    """

    def __init__(self, accounts: Sequence[str]) -> None:
        self.master, *rest = accounts
        self.clients = tuple(rest)
        self._groups: dict[str, Group] = {}
        self._profiles: dict[str, Profile] = {}
        self._aliases = {account: account for account in accounts}

    def group(self, name: str) -> Group | None:
        return Group(ALL, self.clients) if name == ALL else self._groups.get(name)

    def profile(self, name: str) -> Profile | None:
        return self._profiles.get(name)

    # -- as XML

    def xml(self, part: Part) -> str:
        tops = {Part.GROUPS: self._groups_xml, Part.PROFILES: self._profiles_xml, Part.ALIASES: self._aliases_xml}
        top = tops[part]()
        ET.indent(top, "\t")
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(top, encoding="unicode") + "\n"

    def replace(self, part: Part, text: str) -> None:
        """Take this in place of what there is.

        Raises:
            Refusal: 321, it is no such configuration; nothing has changed then.
        """
        top = _parsed(text)
        if part is Part.GROUPS:
            self._groups = _by_name([self._group(each) for each in top.iter("Group")])
        elif part is Part.PROFILES:
            self._profiles = _by_name([self._profile(each) for each in top.iter("AllocationProfile")])
        else:
            found = {self._account(each, "account"): _text(each, "alias") for each in top.iter("AccountAlias")}
            self._aliases |= found

    def _groups_xml(self) -> ET.Element:
        top = ET.Element("ListOfGroups")
        for group in self._groups.values():
            one = ET.SubElement(top, "Group")
            _put(one, "name", group.name)
            members = ET.SubElement(one, "ListOfAccts", varName="list")
            for account in group.accounts:
                _put(members, "String", account)
            _put(one, "defaultMethod", group.method)
        return top

    def _profiles_xml(self) -> ET.Element:
        top = ET.Element("ListOfAllocationProfiles")
        for profile in self._profiles.values():
            one = ET.SubElement(top, "AllocationProfile")
            _put(one, "name", profile.name)
            _put(one, "type", str(profile.kind.value))
            amounts = ET.SubElement(one, "ListOfAllocations", varName="listOfAllocations")
            for account, amount in profile.amounts:
                share = ET.SubElement(amounts, "Allocation")
                _put(share, "acct", account)
                _put(share, "amount", str(amount))
        return top

    def _aliases_xml(self) -> ET.Element:
        top = ET.Element("ListOfAccountAliases")
        for account, alias in self._aliases.items():
            one = ET.SubElement(top, "AccountAlias")
            _put(one, "account", account)
            _put(one, "alias", alias)
        return top

    def _group(self, element: ET.Element) -> Group:
        name = _text(element, "name")
        accounts = tuple(dict.fromkeys(self._known((each.text or "").strip()) for each in element.iter("String")))
        if not accounts:
            raise _refused(f"Group '{name}' has no accounts")
        if name == ALL:
            raise _refused(f"Group '{ALL}' is always there and cannot be changed")
        return Group(name, accounts, _text(element, "defaultMethod", needed=False))

    def _profile(self, element: ET.Element) -> Profile:
        name = _text(element, "name")
        try:
            kind = ProfileKind(int(_text(element, "type")))
            amounts = tuple(
                (self._account(each, "acct"), Decimal(_text(each, "amount"))) for each in element.iter("Allocation")
            )
        except (ValueError, InvalidOperation):
            raise _refused(f"Profile '{name}' has a type or an amount that is no number") from None
        if not any(amount > 0 for _, amount in amounts) or any(
            not amount.is_finite() or amount < 0 for _, amount in amounts
        ):
            raise _refused(f"Profile '{name}' gives nobody anything")
        return Profile(name, kind, amounts)

    def _account(self, element: ET.Element, tag: str) -> str:
        return self._known(_text(element, tag))

    def _known(self, account: str) -> str:
        if account not in {self.master, *self.clients}:
            raise _refused(f"Unknown account '{account}'")
        return account

    # -- keeping

    def export_state(self) -> dict[str, str]:
        """JSON-compatible; `import_state` makes the same of it."""
        return {part.name: self.xml(part) for part in Part}

    def import_state(self, state: dict[str, Any]) -> None:
        """Take over what `export_state` gave.

        Raises:
            StorageError: it is not that.
        """
        try:
            for part in Part:
                self.replace(part, state[part.name])
        except (Refusal, KeyError, TypeError) as error:
            raise StorageError(
                f"The advisor's kept configuration cannot be read: {error!r}.",
                next_step="Move the state file away to begin with an empty gateway.",
            ) from error


def _refused(cause: str) -> Refusal:
    return invalid("bZ", cause)


def _parsed(text: str) -> ET.Element:
    if len(text) > LONGEST or "<!" in text:
        raise _refused("The configuration is too long, or more than elements and text")
    try:
        return ET.fromstring(text)  # noqa: S314  no document type gets here, so no entities
    except ET.ParseError as error:
        raise _refused(f"The configuration is no XML: {error}") from None


def _text(element: ET.Element, tag: str, *, needed: bool = True) -> str:
    text = (element.findtext(tag) or "").strip()
    if needed and not text:
        raise _refused(f"A {element.tag} has no {tag}")
    return text


def _put(element: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(element, tag).text = text


def _by_name(items: Sequence[Any]) -> dict[str, Any]:
    found = {item.name: item for item in items}
    if len(found) < len(items):
        raise _refused("A name is given twice")
    return found
