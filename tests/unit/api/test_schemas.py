"""The names of the interface are those of the domain, and numbers come in exact and bounded."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from ironbridge.api.openapi import document
from ironbridge.api.schemas import values
from ironbridge.domain.instrument import Kind
from ironbridge.domain.lifecycle import OrderState
from ironbridge.domain.market import DataKind, Quality
from ironbridge.domain.order import OrderType, TimeInForce
from ironbridge.domain.session import SessionState
from ironbridge.domain.values import Side
from ironbridge.errors import Outcome

NUMBER: TypeAdapter[Decimal] = TypeAdapter(values.AmountIn)


@pytest.mark.parametrize(
    ("names", "enum"),
    (
        (values.SideName, Side),
        (values.OrderTypeName, OrderType),
        (values.TimeInForceName, TimeInForce),
        (values.KindName, Kind),
        (values.OrderStateName, OrderState),
        (values.SessionStateName, SessionState),
        (values.DataKindName, DataKind),
        (values.QualityName, Quality),
        (values.OutcomeName, Outcome),
    ),
)
def test_the_names_are_the_domains(names: Any, enum: type[StrEnum]) -> None:
    assert set(get_args(names)) == {member.value for member in enum}


@pytest.mark.parametrize(
    ("given", "meant"),
    (("227.35", "227.35"), (227.35, "227.35"), (0.1, "0.1"), (10, "10"), (" 5 ", "5"), ("1e3", "1000"), (-2, "-2")),
)
def test_numbers_come_in_exact(given: Any, meant: str) -> None:
    number = NUMBER.validate_python(given)
    assert number == Decimal(meant)
    assert NUMBER.dump_python(number, mode="json") == meant


@pytest.mark.parametrize(
    "given", (True, None, "", "ten", "NaN", "Infinity", "1e999999999", "1e-99", "9" * 41, 10**60, [], {}, float("nan"))
)
def test_what_is_no_number_or_has_no_bound_stays_outside(given: Any) -> None:
    with pytest.raises(ValidationError):
        NUMBER.validate_python(given)


def test_the_document_names_every_operation_and_every_error() -> None:
    import orjson

    found = orjson.loads(document())
    operations = [operation for path in found["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert all(operation["summary"] for operation in operations)
    for operation in operations:
        for status, response in operation["responses"].items():
            if int(status) >= 400 and operation["operationId"] != "readyz":
                schema = response["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, (operation["operationId"], status)
    submit = found["paths"]["/api/v1/ib/orders"]["post"]
    assert {"200", "201", "202", "400", "401", "403", "409", "413", "415", "422", "503", "504"} <= set(
        submit["responses"]
    )
    for stream in ("MarketData", "Orders", "Connection", "Portfolio"):
        assert f"{stream}ServerMessage" in found["components"]["schemas"]
    assert document() == document()
