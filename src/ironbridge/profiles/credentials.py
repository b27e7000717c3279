"""The login of a profile's gateway: kept encrypted, shown to nobody, given to the program that starts the gateway.

Ironbridge itself needs none: TWS and IB Gateway log in on their own. A program that starts them, as containers and
launchers do, asks here. What is recorded of a change is that there was one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ironbridge.domain.audit import Act, Deed
from ironbridge.errors import CredentialNotFound, InvalidSettings
from ironbridge.interfaces import AuditLog, Clock
from ironbridge.profiles.stores import ProfileStore, Vault

USERNAME, PASSWORD = "username", "password"
LONGEST = 256
REVEALED = "credentials.revealed"


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and a password; its repr shows neither."""

    username: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoginKept:
    """That the login of a profile is kept, and since when."""

    profile: str
    changed_at: datetime


class Credentials:
    """Logins by profile.

    Parameters:
        vault: where they are encrypted.
        profiles: for which there may be one.
        audit: told that one was changed.
        clock: stamps changes.
    """

    def __init__(self, vault: Vault, profiles: ProfileStore, audit: AuditLog, clock: Clock) -> None:
        self._vault = vault
        self._profiles = profiles
        self._audit = audit
        self._clock = clock

    async def kept(self) -> Sequence[LoginKept]:
        """The profiles that have a login."""
        found = await self._vault.kept()
        return [
            LoginKept(each.name.removesuffix(f"/{PASSWORD}"), each.changed_at)
            for each in found
            if each.name.endswith(f"/{PASSWORD}")
        ]

    async def keep(self, profile: str, login: Login) -> LoginKept:
        """Keep a login in place of the one before.

        Raises:
            InvalidSettings: it is empty, too long or holds control characters; the message does not repeat it.
            ProfileNotFound: there is no such profile.
            VaultLocked: the key file cannot be used.
        """
        for name, secret in ((USERNAME, login.username), (PASSWORD, login.password)):
            if not (0 < len(secret) <= LONGEST and secret.isprintable()):
                raise InvalidSettings(
                    f"The {name} cannot be one.",
                    next_step=f"Give 1 to {LONGEST} characters, none of them a control character.",
                    fields=[name],
                )
        await self._profiles.get(profile)
        now = self._clock.now()
        record = self._audit.recording(Act(Deed.CREDENTIALS_CHANGED, profile, "the gateway's login was stored"))
        secrets = {f"{profile}/{USERNAME}": login.username, f"{profile}/{PASSWORD}": login.password}
        await self._vault.keep(secrets, now, record)
        return LoginKept(profile, now)

    async def reveal(self, profile: str) -> Login:
        """The login itself, for a program that logs the gateway in.

        Raises:
            CredentialNotFound: none is kept.
            VaultLocked: its key is not there.
        """
        try:
            login = Login(
                await self._vault.reveal(f"{profile}/{USERNAME}"), await self._vault.reveal(f"{profile}/{PASSWORD}")
            )
        except CredentialNotFound:
            raise _none(profile) from None
        await self._audit.record(Act(REVEALED, profile, "the gateway's login was given to a program"))
        return login

    async def forget(self, profile: str) -> None:
        """Remove the login of a profile.

        Raises:
            CredentialNotFound: none is kept.
        """
        if profile not in {each.profile for each in await self.kept()}:
            raise _none(profile)
        record = self._audit.recording(Act(Deed.CREDENTIALS_CHANGED, profile, "the gateway's login was removed"))
        await self._vault.forget(f"{profile}/{USERNAME}", f"{profile}/{PASSWORD}", also=record)

    async def rotate(self) -> int:
        """Encrypt every login with a new key and drop the old ones; returns how many secrets there are."""
        record = self._audit.recording(Act(Deed.CREDENTIALS_CHANGED, "", "everything was encrypted with a new key"))
        return await self._vault.rotate(record)


def _none(profile: str) -> CredentialNotFound:
    return CredentialNotFound(
        f"No login is kept for the profile {profile}.", next_step="`ironbridge settings credentials` stores one."
    )
