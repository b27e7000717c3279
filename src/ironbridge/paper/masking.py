"""Hides who trades: accounts, names and the marks of orders, each behind a pseudonym that stays the same.

What is hidden, by the name of its field: accounts; users, advisors' groups, profiles and models; keys and tokens of
logins; order references, OCA groups, permanent order ids and execution ids. A hidden account that is mentioned
elsewhere, in the text of an error say, is hidden there too, and so is whatever looks like an account of IB's.

What is not: instruments, prices, sizes, amounts, times, and order and request ids, which are the client's own
counters and without which an answer could not be matched to its request.

Invariants: the same value has the same pseudonym everywhere in one recording, so that a replay still makes sense; a
pseudonym has the shape of what it stands for (a paper account stays one, a number stays a number, the correction
number of an execution stays), so that what could be decoded still can; every other field keeps its text exactly. A
message that cannot be read loses every text that is not of the protocol's own vocabulary, since any could be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ironbridge.errors import ProtocolError
from ironbridge.paper.places import UNTOLD, Laid, Places
from ironbridge.wire.account import AccountSummary, AccountUpdateMulti, AccountValue, ReceiveFa, ReplaceFa
from ironbridge.wire.fields import UNSET_INT, UNSET_LONG
from ironbridge.wire.registry import MAX_VERSION, MIN_VERSION, codec_for
from ironbridge.wire.text import UnknownMessage
from ironbridge.wire.values import Role

_ACCOUNT = re.compile(r"(?<![A-Za-z0-9])(DU|DF|DI|U|F|I)\d{5,9}A?(?![A-Za-z0-9])")
"""How IB writes accounts: individual, advisor and broker, and the paper account of each."""
_PREFIX = re.compile(r"(DU|DF|DI|U|F|I)\d+(A?)")
_XML_TEXT = re.compile(r"<([A-Za-z]\w*)([^<>]*)>([^<>]*[^<>\s][^<>]*)</")
_SETTINGS_OF_XML = frozenset({"defaultMethod", "type", "amount", "defaultSize"})
_NUMBER = re.compile(r"[+-]?\d{1,6}(\.\d+)?([eE][+-]?\d+)?|\d+\.\d+([eE][+-]?\d+)?|[12]\d{7}")
_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
        BUY SELL SSHORT BOT SLD MKT LMT STP TRAIL DAY GTC IOC FOK GTD OPG STK OPT FUT FOP IND CASH BAG CRYPTO BOND CFD
        FUND WAR CMDTY SMART IDEALPRO NASDAQ NYSE ARCA CBOE CME GLOBEX USD EUR GBP CHF JPY CAD AUD HKD C P CALL PUT IB
        None true false a o Infinity Infinite
        """,
    )
)
"""The protocol's own: what may be shown of a message that cannot be read."""

_WHOLE = frozenset({"", "All", "0"})
"""What stands in a field for accounts or groups and names none."""
_ACCOUNT_KEYS = frozenset({"AccountCode", "AccountOrGroup"})


class Masker:
    """The pseudonyms of one recording."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._places: dict[int, Places] = {}
        self._given: set[str] = set()
        self._anywhere = _Mentions(_ACCOUNT.pattern)
        self._in_prose = _Mentions()

    def masked(self, fields: Sequence[str], sender: Role, version: int) -> list[str]:
        """The fields of a message with nothing left in them that says who trades.

        Parameters:
            fields: all of them, the message's id first.
            sender: who said it.
            version: the negotiated one, or any number that is none, before it is known.
        """
        if not MIN_VERSION <= version <= MAX_VERSION:
            return self._guarded(fields)
        places = self._places.get(version)
        if places is None:
            places = self._places[version] = Places(version)
        try:
            if not places.names(fields[0], sender).isdisjoint(_LOOKED_AT):
                laid = places.laid(fields, sender)
            elif isinstance(codec_for(version).decode_fields(fields, sender), UnknownMessage):
                laid = None
            else:
                return self._without_accounts(fields)
        except ProtocolError:
            laid = None
        if laid is None:
            return self._guarded(fields)
        found = list(fields)
        for path, at in laid.places:
            rule = _RULES.get(path.rpartition(".")[2])
            if rule is not None and found[at]:
                found[at] = rule(self, found[at])
            elif path in _PROSE:
                found[at] = self._in_prose.hidden(found[at], self.account)
        self._mask_values(laid, found)
        return self._without_accounts(found)

    # -- the kinds of secrets

    def account(self, text: str) -> str:
        """One account, keeping the letters that say of what kind it is."""
        if text in _WHOLE:
            return text
        shape = _PREFIX.fullmatch(text)
        letters, tail = shape.groups() if shape else ("X", "")
        return self._secret("account", text, lambda number: f"{letters}{number:07d}{tail}")

    def accounts(self, text: str) -> str:
        """Several, separated by commas, each perhaps with its share after a slash."""
        return ",".join("/".join((self.account(one[0]), *one[1:])) for one in (p.split("/") for p in text.split(",")))

    def name(self, text: str) -> str:
        if text in _WHOLE or _ACCOUNT.fullmatch(text):
            return self.account(text)
        return self._secret("name", text, lambda number: f"name-{number}")

    def order_ref(self, text: str) -> str:
        return self._secret("ref", text, lambda number: f"ref-{number}")

    def perm_id(self, text: str) -> str:
        if text in {"0", UNSET_INT, UNSET_LONG} or not text.isdigit():
            return text
        return self._secret("perm", text, lambda number: str(1_000_000_000 + number))

    def oca_group(self, text: str) -> str:
        """The client's own word, or for the children of a bracket their parent's permanent id."""
        if text.isdigit() and len(text) > 6:
            return self.perm_id(text)
        return self._secret("oca", text, lambda number: f"oca-{number}")

    def exec_id(self, text: str) -> str:
        """`0000e0d5.6f3a1b2c.01.01`: the last part, by which a correction is known, stays."""
        head, _, correction = text.rpartition(".")
        made = self._secret("exec", head or text, lambda number: f"0000e0d5.{number:08x}.01")
        return f"{made}.{correction}" if head else made

    def _configuration(self, text: str) -> str:
        """An advisor's configuration: every text in it but what is a setting."""

        def hide(match: re.Match[str]) -> str:
            tag, attributes, inner = match[1], match[2], match[3].strip()
            kept = tag in _SETTINGS_OF_XML or _NUMBER.fullmatch(inner)
            return f"<{tag}{attributes}>{match[3] if kept else self.name(inner)}</"

        return _XML_TEXT.sub(hide, text)

    def secret(self, text: str) -> str:
        """A key or a token."""
        return self._secret("secret", text, lambda number: f"secret-{number}")

    # -- how they are kept

    def _secret(self, kind: str, text: str, form: Callable[[int], str]) -> str:
        if text in self._given:
            return text
        known = self._known.get((kind, text))
        if known is None:
            number = self._counts[kind] = self._counts.get(kind, 0) + 1
            known = self._known[kind, text] = form(number)
            self._given.add(known)
            # A short one is too likely to be a part of something else, as is a word that everybody uses.
            if len(text) >= SHORTEST_MENTION and text not in _WORDS and kind not in {"exec", "text"}:
                (self._anywhere if kind == "account" else self._in_prose).add(text, known)
        return known

    def _without_accounts(self, fields: Sequence[str]) -> list[str]:
        # One look at all of it: most messages are ticks, and none of those names an account.
        if not self._anywhere.found("\0".join(fields)):
            return list(fields)
        return [self._anywhere.hidden(text, self.account) for text in fields]

    def _mask_values(self, laid: Laid, found: list[str]) -> None:
        """Values whose key says that they are accounts."""
        message = laid.message
        if isinstance(message, ReceiveFa | ReplaceFa):
            at = next(at for path, at in laid.places if path == "xml")
            found[at] = self._configuration(found[at])
        key = ""
        if isinstance(message, AccountValue | AccountUpdateMulti):
            key = message.key
        elif isinstance(message, AccountSummary):
            key = message.tag
        if key in _ACCOUNT_KEYS:
            at = next(at for path, at in laid.places if path == "value")
            found[at] = self.accounts(found[at])

    def _guarded(self, fields: Sequence[str]) -> list[str]:
        return [fields[0][:8] if fields[0].isdigit() else self._guarded_text(fields[0])] + [
            self._guarded_text(text) for text in fields[1:]
        ]

    def _guarded_text(self, text: str) -> str:
        if not text or text in _WORDS or _NUMBER.fullmatch(text):
            return text
        if _ACCOUNT.fullmatch(text):
            return self.account(text)
        if self._counts.get("text", 0) >= MAX_TEXTS:
            return "text"
        return self._secret("text", text, lambda number: f"text-{number}")


class _Mentions:
    """Secrets that are looked for inside other texts, and what stands for each."""

    def __init__(self, pattern: str = "(?!)") -> None:
        self._pseudonyms: dict[str, str] = {}
        self._base = pattern
        self._search: re.Pattern[str] | None = re.compile(pattern)

    def add(self, text: str, pseudonym: str) -> None:
        if len(self._pseudonyms) >= MAX_MENTIONS:
            return
        self._pseudonyms[text] = pseudonym
        self._search = None

    def _compiled(self) -> re.Pattern[str]:
        if self._search is None:
            # The longest first: one secret may begin another.
            listed = "|".join(map(re.escape, sorted(self._pseudonyms, key=len, reverse=True)))
            self._search = re.compile(f"(?<![A-Za-z0-9])(?:{listed})(?![A-Za-z0-9])|{self._base}")
        return self._search

    def found(self, text: str) -> bool:
        return self._compiled().search(text) is not None

    def hidden(self, text: str, otherwise: Callable[[str], str]) -> str:
        """The text without them; `otherwise` names what fits the pattern and was not met before."""
        if len(text) < SHORTEST_MENTION or not self.found(text):
            return text
        return self._compiled().sub(lambda match: self._pseudonyms.get(match[0]) or otherwise(match[0]), text)


SHORTEST_MENTION = 5
MAX_TEXTS = 100_000
"""Texts of unreadable messages that are told apart; a stream of garbage must not fill the memory."""
MAX_MENTIONS = 1000
"""Names, references and permanent ids that are looked for in every text; more would cost more than the network does."""

_PROSE = frozenset({"text", "error_text", "advanced_order_reject", "state.warning_text", "state.completed_status"})
"""Where names, references and permanent ids may be mentioned; accounts are looked for in every field."""

_RULES: dict[str, Callable[[Masker, str], str]] = {
    "account": Masker.account,
    "accounts": Masker.accounts,
    "clearing_account": Masker.account,
    "delta_neutral_clearing_account": Masker.account,
    "shares_allocation": Masker.accounts,
    "family_code": Masker.name,
    "group": Masker.name,
    "fa_group": Masker.name,
    "fa_profile": Masker.name,
    "model_code": Masker.name,
    "settling_firm": Masker.name,
    "delta_neutral_settling_firm": Masker.name,
    "ext_operator": Masker.name,
    "mifid2_decision_maker": Masker.name,
    "mifid2_decision_algo": Masker.name,
    "mifid2_execution_trader": Masker.name,
    "mifid2_execution_algo": Masker.name,
    "white_branding_id": Masker.name,
    "order_ref": Masker.order_ref,
    "perm_id": Masker.perm_id,
    "parent_perm_id": Masker.perm_id,
    "oca_group": Masker.oca_group,
    "exec_id": Masker.exec_id,
    "api_name": Masker.name,
    "api_data": Masker.secret,
    "opaque_isv_key": Masker.secret,
    "xyz_response": Masker.secret,
    "xyz_challenge": Masker.secret,
}

HIDDEN = frozenset(_RULES)
"""The names of fields whose text a masked recording does not hold."""

_LOOKED_AT = HIDDEN | {path.rpartition(".")[2] for path in _PROSE} | {"xml", UNTOLD}
