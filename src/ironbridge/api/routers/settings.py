"""The connection settings."""

from __future__ import annotations

from fastapi import APIRouter

from ironbridge.api.context import ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.settings import ConnectionSettings, SettingsView

router = APIRouter(prefix="/settings", tags=["settings"], responses=documented(401, 403))


@router.get("", summary="The connection settings")
async def get_settings(context: ContextDep) -> SettingsView:
    """What is saved, what to look at, and what waits for a reconnect."""
    raise NotImplementedError


@router.put("", summary="Replace the connection settings", responses=documented(400, 413, 422, 503))
async def put_settings(context: ContextDep, body: ConnectionSettings) -> SettingsView:
    """Save all settings. They take effect at the next reconnect; `pending` names those that differ until then."""
    raise NotImplementedError
