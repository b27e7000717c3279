"""The connection settings."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from ironbridge.api.context import Context, ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.settings import ConnectionSettings, SettingsView, SettingsWarning
from ironbridge.domain.session import SessionState
from ironbridge.settings import Settings, port_warning

router = APIRouter(prefix="/settings", tags=["settings"], responses=documented(401, 403))

FIELDS = tuple(ConnectionSettings.model_fields)

AT_RECONNECT = ("host", "port", "client_id")
AT_START = ("account", "market_data_type", "connection_timeout")


@router.get("", summary="The connection settings")
async def get_settings(context: ContextDep) -> SettingsView:
    """What is saved, what to look at, and what waits for a reconnect or a restart."""
    return _view(context)


@router.put("", summary="Replace the connection settings", responses=documented(400, 413, 415, 422, 503))
async def put_settings(context: ContextDep, body: ConnectionSettings) -> SettingsView:
    """Save all settings. `pending` and `restart` name those that differ from what is in force until then."""
    wanted = body.model_dump()
    wanted["host"] = wanted["host"] or None
    wanted["account"] = wanted["account"] or None
    wanted["market_data_permissions"] = tuple(wanted["market_data_permissions"])
    current = context.bridge.settings
    changes = {name: value for name, value in wanted.items() if getattr(current, name) != value}
    if changes:
        await context.bridge.change_settings(changes)
    return _view(context)


def _shown(settings: Settings) -> dict[str, Any]:
    values = {name: getattr(settings, name) for name in FIELDS}
    return values | {
        "host": settings.host or "",
        "account": settings.account or "",
        "market_data_permissions": list(settings.market_data_permissions),
    }


def _view(context: Context) -> SettingsView:
    settings, started = context.bridge.settings, context.started_with
    saved, first = _shown(settings), _shown(started)
    return SettingsView(
        settings=ConnectionSettings(**saved),
        warnings=list(_warnings(context)),
        pending=_pending(context),
        restart=[name for name in AT_START if saved[name] != first[name]],
    )


def _pending(context: Context) -> list[str]:
    """What the next connect will do otherwise than the present session does."""
    from ironbridge.bridge import endpoint_of

    bridge = context.bridge
    status = bridge.session.status()
    if status.state in {SessionState.DISCONNECTED, SessionState.FAILED}:
        return []
    wanted = endpoint_of(bridge.settings, bridge.paper)
    primary = status.gateways[0].endpoint
    differs = {
        "host": primary.host != wanted.host,
        "port": primary.port != wanted.port,
        "client_id": primary.client_id != wanted.client_id,
    }
    return [name for name in AT_RECONNECT if differs[name]]


def _warnings(context: Context) -> list[SettingsWarning]:
    settings = context.bridge.settings
    found = []
    if settings.host is not None and (text := port_warning(settings.port)):
        found.append(SettingsWarning(field="port", message=text))
    if settings.client_id == 0:
        found.append(
            SettingsWarning(
                field="client_id",
                message="Client 0 also takes over orders made by hand in TWS. Use another unless you mean that.",
            )
        )
    overridden = [name for name in FIELDS if name in settings.explicit]
    found.extend(
        SettingsWarning(
            field=name,
            message=f"The service was started with {name} given; that wins over the saved value at the next start.",
        )
        for name in overridden
    )
    return found
