"""The application: routers, error handlers and limits, put together.

`describe` is the application without anything behind it: enough to print the OpenAPI document. `create_app` puts a
context on it.
"""

from __future__ import annotations

from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ironbridge.api.context import Context
from ironbridge.api.edge import Edge
from ironbridge.api.limits import BodyLimit
from ironbridge.api.pages import STATIC, console_route
from ironbridge.api.problems import http_problem, invalid_request, problem_of, respond
from ironbridge.api.routers import (
    audit,
    codes,
    connection,
    credentials,
    health,
    market,
    monitor,
    order_flow,
    orders,
    pacing,
    portfolio,
    profiles,
    reconciliation,
    risk,
    session,
    sessions,
    settings,
    story,
    streams,
)
from ironbridge.api.schemas import problem, stream
from ironbridge.errors import IronbridgeError

PREFIX = "/api/v1/ib"

_DESCRIPTION = """\
Ironbridge connects strategies and people to Interactive Brokers so that nothing is sent twice and nothing is lost.

**Signing in.** Programs send `Authorization: Bearer <token>`; `ironbridge token` prints it. Browsers sign in once at
`POST /api/v1/ib/session` and echo its `csrf_token` in the `X-Ironbridge-CSRF` header of all but GET requests.

**Errors.** Every error is `application/problem+json` (schema `Problem`). `outcome` says whether anything happened at
the broker, `retryable` whether to try again, `next_step` what to do.

**Numbers.** Money, order prices and quantities are text ("227.35"); streaming prices are numbers. Moments are ISO 8601
in UTC.

**WebSockets** under `/api/v1/ib/ws/`, same sign-in. First a snapshot, then numbered changes. The schemas of their
messages are among the components here:

| path | client sends | server sends |
|---|---|---|
| `market-data` | `MarketDataCommand` | `MarketDataServerMessage` |
| `orders` (`?since=N` resumes after that sequence) | | `OrdersServerMessage` |
| `connection` | | `ConnectionServerMessage` |
| `portfolio` | | `PortfolioServerMessage` |
| `risk` | | `RiskServerMessage` |
"""

_STREAM_UNIONS: dict[str, Any] = {
    "MarketDataServerMessage": stream.MarketDataServerMessage,
    "OrdersServerMessage": stream.OrdersServerMessage,
    "ConnectionServerMessage": stream.ConnectionServerMessage,
    "PortfolioServerMessage": stream.PortfolioServerMessage,
    "RiskServerMessage": stream.RiskServerMessage,
}

_REF = "#/components/schemas/{model}"


def _operation_id(route: APIRoute) -> str:
    return route.name


def describe() -> FastAPI:
    """The application's interface, with nothing behind it."""
    app = FastAPI(
        title="Ironbridge",
        version=version("ironbridge"),
        description=_DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    modules = (
        session,
        connection,
        monitor,
        sessions,
        pacing,
        settings,
        credentials,
        profiles,
        portfolio,
        story,
        order_flow,
        orders,
        reconciliation,
        risk,
        audit,
        codes,
        market,
        health,
    )
    for module in modules:
        app.include_router(module.router, prefix=PREFIX)
    app.include_router(orders.tables, prefix=PREFIX)
    app.include_router(streams.router, prefix=PREFIX)
    app.include_router(health.probes)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    return app


def create_app(context: Context, static: Path = STATIC) -> FastAPI:
    """The application over a bridge.

    Parameters:
        context: see `Context`.
        static: where the built console lies.
    """
    app = describe()
    app.state.context = context
    app.add_exception_handler(IronbridgeError, _our_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.router.routes.append(console_route(static))
    app.add_middleware(BodyLimit)
    app.add_middleware(Edge, metrics=context.metrics)
    return app


async def _our_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, IronbridgeError)
    return respond(problem_of(error, request.state.request_id))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return respond(invalid_request(error.errors(), request.state.request_id))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = str(error.detail)
    if error.status_code == HTTPStatus.NOT_FOUND and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = f"There is no {request.url.path}."
    return respond(http_problem(error.status_code, detail, request.state.request_id), error.headers)


def _document(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            license_info=app.license_info,
            routes=app.routes,
        )
        components: dict[str, Any] = document["components"]["schemas"]
        models: list[type[BaseModel]] = [problem.Problem, problem.FieldError, stream.MarketDataCommand]
        _, definitions = models_json_schema([(model, "serialization") for model in models], ref_template=_REF)
        components.update(definitions["$defs"])
        for name, union in _STREAM_UNIONS.items():
            schema = TypeAdapter(union).json_schema(mode="serialization", ref_template=_REF)
            for part, definition in schema.pop("$defs").items():
                components.setdefault(part, definition)
            components[name] = schema
        document["components"]["schemas"] = dict(sorted(components.items()))
        app.openapi_schema = document
    return app.openapi_schema
