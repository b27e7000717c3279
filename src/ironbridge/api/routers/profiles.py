"""Profiles: make, see, change, forget and use named sets of settings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from ironbridge.api.context import Context, ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.routers.settings import IfMatch
from ironbridge.api.schemas.profiles import ProfileCreate, ProfileList, ProfileSettings, ProfileView
from ironbridge.api.settings_views import profile_view, tag_of, version_of
from ironbridge.domain.profile import Profile
from ironbridge.errors import ConnectFailed

router = APIRouter(prefix="/profiles", tags=["profiles"], responses=documented(401, 403, 503))

Name = Annotated[str, Path(max_length=60, description="The profile's name.")]


@router.get("", summary="All profiles")
async def list_profiles(context: ContextDep) -> ProfileList:
    """By name; exactly one is the current one."""
    profiles = context.bridge.profiles
    logins = await _logins(context)
    found = await profiles.all()
    return ProfileList(current=profiles.current.name, profiles=[_shown(context, profile, logins) for profile in found])


@router.post("", status_code=201, summary="Make a profile", responses=documented(400, 404, 409, 413, 415, 422))
async def create_profile(context: ContextDep, response: Response, body: ProfileCreate) -> ProfileView:
    """It is not in use until it is activated."""
    values = body.settings.model_dump(exclude_unset=True)
    made = await context.bridge.profiles.create(body.name, values, copy_of=body.copy_of)
    response.headers["Location"] = f"/api/v1/ib/profiles/{made.name}"
    return await _answer(context, response, made)


@router.get("/{name}", summary="One profile", responses=documented(404, 422))
async def get_profile(context: ContextDep, response: Response, name: Name) -> ProfileView:
    """Its settings, what of them does not count because a nearer source sets it, and its version as the ETag."""
    return await _answer(context, response, await context.bridge.profiles.get(name))


@router.patch("/{name}", summary="Change a profile", responses=documented(400, 404, 409, 412, 413, 415, 422))
async def change_profile(
    context: ContextDep,
    response: Response,
    name: Name,
    body: ProfileSettings,
    if_match: IfMatch = None,
) -> ProfileView:
    """Only what is sent is changed; null puts a setting back to its default, and switches off one that can be.

    Of the current profile the change is in force from now on, as `effect` of each setting says (`GET /settings`).
    """
    changes = body.model_dump(exclude_unset=True)
    version = version_of(if_match, name)
    return await _answer(context, response, await context.bridge.profiles.change(name, changes, version=version))


@router.delete("/{name}", status_code=204, summary="Forget a profile", responses=documented(404, 409, 412, 422))
async def delete_profile(context: ContextDep, name: Name, if_match: IfMatch = None) -> None:
    """And the login that is kept for it. One that is in use is not forgotten."""
    await context.bridge.profiles.delete(name, version=version_of(if_match, name))


@router.post("/{name}/activate", summary="Use a profile", responses=documented(404, 409, 412, 422, 502, 504))
async def activate_profile(
    context: ContextDep,
    response: Response,
    name: Name,
    *,
    if_match: IfMatch = None,
    reconnect: Annotated[bool, Query(description="Reconnect by it now; else the next connect goes by it.")] = False,
) -> ProfileView:
    """Its settings are in force from now on; the session that is up goes on until the next connect."""
    activated = await context.bridge.profiles.activate(name, version=version_of(if_match, name))
    if reconnect:
        try:
            await context.bridge.reconnect()
        except ConnectFailed as error:
            error.message = f"The profile {name} is in use now. {error.message}"
            raise
    return await _answer(context, response, activated)


async def _answer(context: Context, response: Response, profile: Profile) -> ProfileView:
    response.headers["ETag"] = tag_of(profile)
    return _shown(context, profile, await _logins(context))


def _shown(context: Context, profile: Profile, logins: dict[str, datetime]) -> ProfileView:
    return profile_view(
        context.bridge.profiles,
        profile,
        in_session=context.bridge.made_the_session(profile),
        login_kept_at=logins.get(profile.name),
    )


async def _logins(context: Context) -> dict[str, datetime]:
    return {each.profile: each.changed_at for each in await context.bridge.credentials.kept()}
