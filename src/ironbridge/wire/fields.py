"""Scalars: how one text field becomes a value and a value becomes one text field.

Owns every spelling the protocol has for a number, a boolean, a text and "no value". A scalar parses what clients
and gateways are known to send and refuses the rest with ValueError, which the layout turns into a ProtocolError
that names message, field and bytes. What it formats is what the strictest known reader accepts.

Invariants: a sentinel never leaves as a number (`UNSET` instead); no text with a NUL, no NaN and no infinity is ever
written, but for the one field in which infinity is an order's meaning (`OFFSET`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ironbridge.wire.values import UNSET, TagValue, Unset

UNSET_DOUBLE = "1.7976931348623157E308"
UNSET_INT = "2147483647"
UNSET_LONG = "9223372036854775807"

FRACTIONAL_SIZES = 163
"""From this version on sizes may have decimals; older clients read them with int() and die on a point."""
ASCII7_TEXT = 153
"""From this version on free text is escaped to seven bits."""

_SENTINELS = frozenset(
    {
        UNSET_DOUBLE,
        "1.7976931348623157E+308",
        "1.7976931348623157e308",
        "1.7976931348623157e+308",
        UNSET_INT,
        UNSET_LONG,
        "-9223372036854775808",
        "Infinity",
        "Infinite",
    }
)

MAX_NUMBER_LENGTH = 64
"""No double or 64-bit integer needs more; a longer one is an attack on the parser or a slipped field."""

LARGEST = Decimal("1.7976931348E308")
"""What is larger is no number: a double, which is what every price and size is on the other end, hardly goes beyond."""
_INT64 = 1 << 63
_LARGEST_FLOAT = float(LARGEST)
_LARGEST_PRINTED = re.compile(r"\+?1\.797693134[0-9]{0,8}[eE]\+?308")
"""The largest double, printed with fewer digits than it has, as some languages do: still "no value"."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_TO_ESCAPE = re.compile(r"[^\x00-\x7f]|\\")
_TRUTH = {"0": False, "1": True, "false": False, "true": True}


@dataclass(frozen=True, slots=True)
class Scalar:
    """One field's codec: `parse` raises ValueError for what it does not read, `format` for what it cannot say."""

    expects: str
    parse: Callable[[str], Any]
    format: Callable[[Any], str]
    before: tuple[int, Scalar] | None = None
    """Below this version the other scalar speaks."""

    def at(self, version: int) -> Scalar:
        if self.before is not None and version < self.before[0]:
            return self.before[1]
        return self


def parse_int(text: str) -> int:
    # The tick path's integers: short and without a sign. No sentinel is shorter than ten digits.
    if len(text) < 10 and text.isdigit() and text.isascii():
        return int(text)
    if _INTEGER.fullmatch(text) is None or text in _SENTINELS:
        raise ValueError(text)
    return int(text)


def parse_decimal(text: str) -> Decimal:
    if len(text) > MAX_NUMBER_LENGTH or text in _SENTINELS or _NUMBER.fullmatch(text) is None:
        raise ValueError(text)
    value = Decimal(text)
    if not -LARGEST < value < LARGEST:
        raise ValueError(text)
    return value


def parse_float(text: str) -> float:
    """The tick path's number: one test for sentinels, one for the alphabet, and the interpreter's own parser."""
    if text in _SENTINELS or (text.strip("0123456789.-") and _NUMBER.fullmatch(text) is None):
        raise ValueError(text)
    value = float(text)
    if len(text) > MAX_NUMBER_LENGTH or not -_LARGEST_FLOAT < value < _LARGEST_FLOAT:
        raise ValueError(text)
    return value


def _optional(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    def parse_optional(text: str) -> Any:
        if not text:
            return None
        if text in _SENTINELS or (text[-3:] == "308" and _LARGEST_PRINTED.fullmatch(text)):
            return UNSET
        return parse(text)

    return parse_optional


def _unset_as(sentinel: str, form: Callable[[Any], str], *, absent: str = "") -> Callable[[Any], str]:
    def format_optional(value: Any) -> str:
        if value is None:
            return absent
        if value is UNSET:
            return sentinel
        return form(value)

    return format_optional


def _format_int(value: Any) -> str:
    if type(value) is not int:
        raise ValueError("an int is needed")
    return str(value)


def _format_decimal(value: Any) -> str:
    if type(value) is int:
        return str(value)
    if type(value) is not Decimal or not value.is_finite():
        raise ValueError("a finite Decimal is needed")
    text = format(value, "f")
    # A huge one written out in zeros is longer than any reader allows; as a double it is the same number.
    return text if len(text) <= MAX_NUMBER_LENGTH else format(value, ".16E")


def _format_float(value: Any) -> str:
    if type(value) is float and value.is_integer() and -1e15 < value < 1e15:
        return str(int(value))
    if isinstance(value, Unset) or value is None or not math.isfinite(value):
        raise ValueError("a finite number is needed")
    # Without the point where there is no fraction: official clients of the 9.x line read sizes with int().
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def _format_truncated(value: Any) -> str:
    if value is None or isinstance(value, Unset) or not math.isfinite(value):
        raise ValueError("a finite number is needed")
    if abs(value) >= _INT64:
        raise ValueError("old clients read a whole number of 64 bits")
    return str(int(value))


def _parse_bool(text: str) -> bool:
    if text in _TRUTH:
        return _TRUTH[text]
    return parse_int(text) != 0


def _format_bool(value: Any) -> str:
    if type(value) is not bool:
        raise ValueError("a bool is needed")
    return "1" if value else "0"


def _format_text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError("a str is needed")
    if "\0" in value:
        raise ValueError("a text cannot hold a NUL")
    return value


def _join_surrogates(text: str) -> str:
    joined = _SURROGATES.sub(lambda m: m[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
    return _LONE_SURROGATE.sub("�", joined)


def unescape(text: str) -> str:
    r"""Undo `\uXXXX` and nothing else: IB's own texts hold bare backslashes and line ends."""
    if "\\u" not in text:
        return text
    return _join_surrogates(_ESCAPE.sub(lambda m: chr(int(m[1], 16)), text))


def escape(text: str) -> str:
    r"""Seven-bit text. A backslash is escaped too: official clients evaluate every escape they see."""

    def units(match: re.Match[str]) -> str:
        encoded = match[0].encode("utf-16-be")
        return "".join(f"\\u{encoded[i]:02x}{encoded[i + 1]:02x}" for i in range(0, len(encoded), 2))

    return _TO_ESCAPE.sub(units, _format_text(text))


def parse_options(text: str) -> tuple[TagValue, ...]:
    """`k=v;k=v;` in one field; a part without `=` is a tag with an empty value."""
    return tuple(TagValue(tag, value) for tag, _, value in (part.partition("=") for part in text.split(";") if part))


def _format_options(options: Any) -> str:
    if type(options) is not tuple:
        raise ValueError("a tuple is needed")
    for option in options:
        if ";" in option.tag + option.value or "=" in option.tag:
            raise ValueError("an option's tag holds neither '=' nor ';', its value no ';'")
    return _format_text("".join(f"{option.tag}={option.value};" for option in options))


def _parse_offset(text: str) -> Decimal | Unset | None:
    if text in {"Infinity", "Infinite"}:
        return Decimal("Infinity")
    value: Decimal | Unset | None = _optional(parse_decimal)(text)
    return value


def _format_offset(value: Any) -> str:
    return "Infinity" if value == Decimal("Infinity") else _unset_as(UNSET_DOUBLE, _format_decimal)(value)


def _not_computed(marker: float) -> Scalar:
    """A model value: the gateway says `marker` for "not computed yet", which reads as absent."""

    def parse(text: str) -> float | Unset | None:
        if text in _SENTINELS:
            return UNSET
        value = parse_float(text)
        return None if value == marker else value

    return Scalar("a number", parse, _unset_as(UNSET_DOUBLE, _format_float, absent=f"{marker:.0f}"))


def _maybe(expects: str, parse: Callable[[str], Any], form: Callable[[Any], str], sentinel: str) -> Scalar:
    return Scalar(f"{expects} or empty", _optional(parse), _unset_as(sentinel, form))


def _never_empty(expects: str, parse: Callable[[str], Any], form: Callable[[Any], str], sentinel: str) -> Scalar:
    """For fields in which an empty one does harm: absent is written as unset.

    ib_async reads some with a bare float() and loses the message, and others, profits among them, as 0.0.
    """
    return Scalar(f"{expects} or empty", _optional(parse), _unset_as(sentinel, form, absent=sentinel))


def _whole_before_163(
    kind: Callable[[str, Callable[[str], Any], Callable[[Any], str], str], Scalar],
    parse: Callable[[str], Any],
    form: Callable[[Any], str],
) -> Scalar:
    old = kind("a number", parse, _format_truncated, UNSET_INT)
    new = kind("a number", parse, form, UNSET_DOUBLE)
    return Scalar(new.expects, new.parse, new.format, before=(FRACTIONAL_SIZES, old))


INT = Scalar("an integer", parse_int, _format_int)
INT_ZERO = Scalar("an integer or empty", lambda text: parse_int(text) if text else 0, _format_int)
"""An identifier for which IB itself says zero where it has none: empty reads as zero."""
INT_OPT = _maybe("an integer", parse_int, _format_int, UNSET_INT)
INT_NEVER_EMPTY = _never_empty("an integer", parse_int, _format_int, UNSET_INT)
LONG_OPT = _maybe("an integer", parse_int, _format_int, UNSET_LONG)

DECIMAL = Scalar("a decimal", parse_decimal, _format_decimal)
DECIMAL_OPT = _maybe("a decimal", parse_decimal, _format_decimal, UNSET_DOUBLE)
DECIMAL_NEVER_EMPTY = _never_empty("a decimal", parse_decimal, _format_decimal, UNSET_DOUBLE)
QUANTITY = _whole_before_163(_maybe, parse_decimal, _format_decimal)
OFFSET = Scalar("a decimal, Infinity or empty", _parse_offset, _format_offset)

REAL = Scalar("a number", parse_float, _format_float)
REAL_OPT = _maybe("a number", parse_float, _format_float, UNSET_DOUBLE)
REAL_NEVER_EMPTY = _never_empty("a number", parse_float, _format_float, UNSET_DOUBLE)
SIZE = _whole_before_163(_maybe, parse_float, _format_float)
SIZE_NEVER_EMPTY = _whole_before_163(_never_empty, parse_float, _format_float)
MODEL_PRICE = _not_computed(-1)
MODEL_GREEK = _not_computed(-2)

BOOL = Scalar("0 or 1", lambda text: _parse_bool(text) if text else False, _format_bool)
BOOL_OPT = Scalar("0, 1 or empty", _optional(_parse_bool), _unset_as("", _format_bool))
BOOL_TRUE = Scalar("0, 1 or empty", lambda text: _parse_bool(text) if text else True, _format_bool)
"""A boolean that IB takes as true where the client leaves it empty."""

TEXT = Scalar("text", str, _format_text)
ESCAPED_TEXT = Scalar("text", unescape, escape, before=(ASCII7_TEXT, TEXT))
OPTIONS = Scalar("k=v;k=v;", parse_options, _format_options)
