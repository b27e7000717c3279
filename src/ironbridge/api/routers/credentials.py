"""Logins of gateways: stored, listed by profile, removed. None of them ever goes out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from ironbridge.api.context import ContextDep
from ironbridge.api.problems import documented
from ironbridge.api.schemas.profiles import CredentialsIn, CredentialsKept, CredentialsList, Rotated
from ironbridge.profiles import Login

router = APIRouter(prefix="/settings/credentials", tags=["credentials"], responses=documented(401, 403, 503))


@router.get("", summary="Which profiles have a login")
async def list_credentials(context: ContextDep) -> CredentialsList:
    """By profile, with the moment of its last change; nothing of the logins themselves."""
    kept = await context.bridge.credentials.kept()
    return CredentialsList(
        credentials=[CredentialsKept(profile=each.profile, changed_at=each.changed_at) for each in kept]
    )


@router.post("", summary="Store the login of a profile's gateway", responses=documented(400, 404, 413, 415, 422))
async def store_credentials(context: ContextDep, body: CredentialsIn) -> CredentialsKept:
    """Encrypted, in place of the one before. For programs that start and log in the gateway."""
    bridge = context.bridge
    profile = body.profile or bridge.profiles.current.name
    login = Login(body.username.get_secret_value(), body.password.get_secret_value())
    kept = await bridge.credentials.keep(profile, login)
    return CredentialsKept(profile=kept.profile, changed_at=kept.changed_at)


@router.delete("", status_code=204, summary="Remove the login of a profile's gateway", responses=documented(404, 422))
async def delete_credentials(
    context: ContextDep,
    profile: Annotated[str | None, Query(max_length=60, description="Left out: the current one.")] = None,
) -> None:
    """It cannot be brought back."""
    await context.bridge.credentials.forget(profile or context.bridge.profiles.current.name)


@router.post("/rotate", summary="Encrypt every login with a new key")
async def rotate_credentials(context: ContextDep) -> Rotated:
    """The keys of before are of no use any more."""
    return Rotated(secrets=await context.bridge.credentials.rotate())
