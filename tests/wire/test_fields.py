"""Scalars: what is read, what is refused, and that absent, unset and zero stay three values."""

from decimal import Decimal
from typing import Any

import pytest

from ironbridge.wire import UNSET, TagValue, fields, given
from ironbridge.wire.fields import Scalar

SENTINELS = (
    "1.7976931348623157E308",
    "1.7976931348623157e+308",
    "2147483647",
    "9223372036854775807",
    "Infinity",
    "Infinite",
    "1.79769313486232E+308",
    "1.797693134862315e308",
)
OPTIONAL = (
    fields.INT_OPT,
    fields.LONG_OPT,
    fields.DECIMAL_OPT,
    fields.DECIMAL_NEVER_EMPTY,
    fields.QUANTITY,
    fields.REAL_OPT,
    fields.REAL_NEVER_EMPTY,
    fields.SIZE,
)
REQUIRED = (fields.INT, fields.DECIMAL, fields.REAL)


@pytest.mark.parametrize("scalar", OPTIONAL)
@pytest.mark.parametrize("text", SENTINELS)
def test_a_sentinel_is_never_a_number(scalar: Scalar, text: str) -> None:
    assert scalar.parse(text) is UNSET


@pytest.mark.parametrize("scalar", REQUIRED)
@pytest.mark.parametrize("text", ("", *SENTINELS))
def test_a_number_that_must_be_there_is_not_made_up(scalar: Scalar, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  a scalar says no more; the message's reader names the field
        scalar.parse(text)


@pytest.mark.parametrize("scalar", OPTIONAL)
def test_absent_unset_and_zero_are_three_values(scalar: Scalar) -> None:
    absent, unset, zero = scalar.parse(""), scalar.parse("2147483647"), scalar.parse("0")
    assert absent is None
    assert unset is UNSET
    assert zero == 0
    assert zero is not None
    assert len({scalar.format(unset), scalar.format(zero)}) == 2


@pytest.mark.parametrize("scalar", (*OPTIONAL, *REQUIRED, fields.OFFSET, fields.MODEL_PRICE))
@pytest.mark.parametrize(
    "text",
    (
        "abc",
        "NaN",
        "nan",
        "inf",
        "-inf",
        "1,5",
        "1_000",
        " 1",
        "1 ",
        "0x10",
        "\N{FULLWIDTH DIGIT ONE}",
        "--1",
        "1e",
        "9" * 400,
        "1E999",
        "+",
        ".",
    ),
)
def test_what_is_no_number_is_refused(scalar: Scalar, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  as above
        scalar.parse(text)


@pytest.mark.parametrize(
    ("scalar", "text", "value"),
    (
        (fields.INT, "-1", -1),
        (fields.INT, "2147483646", 2147483646),
        (fields.LONG_OPT, "9223372036854775806", 9223372036854775806),
        (fields.DECIMAL, "0.10", Decimal("0.10")),
        (fields.DECIMAL, "-2.059999999939464", Decimal("-2.059999999939464")),
        (fields.DECIMAL, "1.5E-7", Decimal("1.5E-7")),
        (fields.REAL, "1.5e-7", 1.5e-7),
        (fields.REAL, "-1", -1.0),
        (fields.OFFSET, "Infinity", Decimal("Infinity")),
        (fields.OFFSET, "Infinite", Decimal("Infinity")),
        (fields.OFFSET, "1.7976931348623157E308", UNSET),
        (fields.MODEL_PRICE, "-1", None),
        (fields.MODEL_PRICE, "-1.0", None),
        (fields.MODEL_GREEK, "-2", None),
        (fields.MODEL_GREEK, "-1", -1.0),
        (fields.BOOL, "", False),
        (fields.BOOL_TRUE, "", True),
        (fields.BOOL_OPT, "", None),
        (fields.BOOL, "true", True),
        (fields.BOOL, "3", True),
        (fields.INT_ZERO, "", 0),
    ),
)
def test_read(scalar: Scalar, text: str, value: Any) -> None:
    assert scalar.parse(text) == value


def test_a_decimal_keeps_its_places() -> None:
    for text in ("0.0", "100", "150.250", "-0.01"):
        assert fields.DECIMAL.format(fields.DECIMAL.parse(text)) == text


@pytest.mark.parametrize(
    ("scalar", "value", "text"),
    (
        (fields.DECIMAL, Decimal("1E-7"), "0.0000001"),
        (fields.DECIMAL, Decimal("1E+3"), "1000"),
        (fields.DECIMAL, 5, "5"),
        (fields.REAL, 100.0, "100"),
        (fields.REAL, 0.1, "0.1"),
        (fields.REAL, 7, "7"),
        (fields.INT_OPT, UNSET, "2147483647"),
        (fields.LONG_OPT, UNSET, "9223372036854775807"),
        (fields.DECIMAL_OPT, None, ""),
        (fields.DECIMAL_NEVER_EMPTY, None, "1.7976931348623157E308"),
        (fields.OFFSET, Decimal("Infinity"), "Infinity"),
        (fields.MODEL_GREEK, None, "-2"),
        (fields.BOOL, True, "1"),
        (fields.SIZE.at(157), 100.9, "100"),
        (fields.SIZE.at(163), 100.9, "100.9"),
        (fields.QUANTITY.at(157), Decimal("-2.5"), "-2"),
    ),
)
def test_write(scalar: Scalar, value: Any, text: str) -> None:
    assert scalar.format(value) == text


@pytest.mark.parametrize(
    ("scalar", "value"),
    (
        (fields.DECIMAL, 1.5),
        (fields.DECIMAL, None),
        (fields.DECIMAL_OPT, Decimal("NaN")),
        (fields.DECIMAL_OPT, Decimal("Infinity")),
        (fields.REAL_OPT, float("nan")),
        (fields.REAL_OPT, float("inf")),
        (fields.REAL, UNSET),
        (fields.INT, "1"),
        (fields.INT, True),
        (fields.INT, 1.0),
        (fields.BOOL, 1),
        (fields.TEXT, "a\0b"),
        (fields.TEXT, None),
        (fields.OPTIONS, (TagValue("a=b", "c"),)),
        (fields.OPTIONS, (TagValue("a", "b;c"),)),
    ),
)
def test_what_cannot_be_said_is_not_written(scalar: Scalar, value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the message's writer names the field
        scalar.format(value)


@pytest.mark.parametrize("text", ("plain", "café", "日本", "😀", "back\\slash", "\\u0041", "two\nlines", "\\"))
def test_escapes_come_back(text: str) -> None:
    said = fields.escape(text)
    assert said.isascii()
    assert fields.unescape(said) == text
    # Official clients evaluate every escape they see.
    evaluated = said.encode().decode("unicode-escape")
    assert evaluated.encode("utf-16", "surrogatepass").decode("utf-16") == text


def test_a_bare_backslash_from_a_gateway_is_left_alone() -> None:
    assert fields.unescape("C:\\new \\u12 \\udc00") == "C:\\new \\u12 \N{REPLACEMENT CHARACTER}"


def test_options() -> None:
    assert fields.parse_options("a=1;b=;c;") == (TagValue("a", "1"), TagValue("b", ""), TagValue("c", ""))
    assert fields.parse_options("") == ()
    assert fields.OPTIONS.format((TagValue("a", "x=y"),)) == "a=x=y;"


def test_given_is_for_who_does_not_care_which() -> None:
    assert given(UNSET) is None
    assert given(None) is None
    assert given(Decimal(0)) == 0
    assert not UNSET
    assert repr(UNSET) == "UNSET"


@pytest.mark.parametrize("text", ("1e308", "-1.5E307", "9" * 60 + "e9", "1.7976931347e308"))
def test_a_huge_number_is_written_so_that_it_can_be_read(text: str) -> None:
    # Found by fuzzing: written out in zeros it was longer than any reader takes.
    value = fields.DECIMAL.parse(text)
    written = fields.DECIMAL.format(value)
    assert len(written) <= fields.MAX_NUMBER_LENGTH
    assert float(fields.DECIMAL.parse(written)) == float(value)


@pytest.mark.parametrize("value", (1.8e300, Decimal("1e30"), -(2.0**63)))
def test_an_old_client_is_told_no_size_that_it_cannot_hold(value: Any) -> None:
    # Found by fuzzing: three hundred digits were written where the client reads an int.
    with pytest.raises(ValueError, match="64 bits"):
        fields.SIZE.at(157).format(value)
