"""The settings in force: those of the connection, and where every one comes from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response

from ironbridge.api.context import Context, ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.settings import ConnectionSettings, SettingsView
from ironbridge.api.settings_views import setting_views, tag_of, version_of, warnings_of
from ironbridge.domain.session import SessionState
from ironbridge.profiles import PROFILE_FIELDS, Effect, effect_of
from ironbridge.settings import Settings

router = APIRouter(prefix="/settings", tags=["settings"], responses=documented(401, 403))

FIELDS = tuple(ConnectionSettings.model_fields)

IfMatch = Annotated[
    str | None, Header(alias="If-Match", max_length=100, description="The ETag of what the change is meant for.")
]


@router.get("", summary="The settings in force", responses=documented(503))
async def get_settings(context: ContextDep, response: Response) -> SettingsView:
    """Those of the current profile and of nearer sources, where each comes from, and what waits for a reconnect."""
    return _view(context, response)


@router.put(
    "",
    summary="Replace the connection settings of the current profile",
    responses=documented(400, 409, 412, 413, 415, 422, 503),
)
async def put_settings(
    context: ContextDep, response: Response, body: ConnectionSettings, if_match: IfMatch = None
) -> SettingsView:
    """Save the settings of the connection; the optional ones that are left out or null stay as they are.

    `pending` and `restart` name those that count later; all others count at once.

    What an argument, the environment or the file sets can be sent as it is; to send it otherwise is a conflict.
    """
    bridge = context.bridge
    profile = bridge.profiles.current
    version = version_of(if_match, profile.name)
    wanted = {name: value for name, value in body.model_dump().items() if value is not None}
    wanted["host"] = wanted["host"] or None
    wanted["account"] = wanted["account"] or None
    before, after = (each.model_dump(mode="json") for each in (bridge.settings, bridge.settings.updated(wanted)))
    changes = {name: after[name] for name in wanted if after[name] != before[name]}
    await bridge.profiles.change(profile.name, changes, version=version)
    return _view(context, response)


def _view(context: Context, response: Response) -> SettingsView:
    bridge = context.bridge
    settings, profile = bridge.settings, bridge.profiles.current
    response.headers["ETag"] = tag_of(profile)
    shown = settings.model_dump(mode="json", include=set(FIELDS)) | {
        "host": settings.host or "",
        "account": settings.account or "",
    }
    return SettingsView(
        profile=profile.name,
        version=profile.version,
        settings=ConnectionSettings.model_validate(shown, strict=False),
        fields=setting_views(settings),
        warnings=list(warnings_of(settings)),
        pending=_pending(context),
        restart=_restart(context, settings),
    )


def _pending(context: Context) -> list[str]:
    """What the next connect will do otherwise than the present session does."""
    from ironbridge.bridge import route_of

    bridge = context.bridge
    status = bridge.session.status()
    if status.state in {SessionState.DISCONNECTED, SessionState.FAILED}:
        return []
    wanted = route_of(bridge.settings, bridge.paper)
    present, *backups = (gateway.endpoint for gateway in status.gateways)
    differs = {
        "host": present.host != wanted.primary.host,
        "port": present.port != wanted.primary.port,
        "client_id": present.client_id != wanted.primary.client_id,
        "account": bridge.settings.account not in {None, status.account},
        "backups": [(each.host, each.port) for each in backups] != [(each.host, each.port) for each in wanted.backups],
    }
    return [name for name, differ in differs.items() if differ]


def _restart(context: Context, settings: Settings) -> list[str]:
    """What has to wait for the next start of the service."""
    started = context.started_with
    late = [
        name
        for name in Settings.model_fields
        if name in PROFILE_FIELDS
        and effect_of(name) is Effect.NEXT_START
        and getattr(settings, name) != getattr(started, name)
    ]
    # The built-in gateway is begun at a start and at no other time.
    return ["host", *late] if settings.embedded and context.bridge.paper is None else late
