"""Settings and profiles as the service and the command line show them, and the tag that names a version of one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from ironbridge.api.schemas.profiles import (
    Overridden,
    ProfileSettings,
    ProfileView,
    SettingsWarning,
    SettingView,
    explained,
)
from ironbridge.domain.profile import Profile
from ironbridge.errors import InvalidInput, InvalidSettings, ProfileChanged, StorageError
from ironbridge.profiles import PROFILE_FIELDS, Profiles, effect_of
from ironbridge.session.accounts import is_paper
from ironbridge.settings import Settings, port_warning

_TAG = re.compile(r'^(?:W/)?"(?P<name>[a-z0-9._-]{1,40}):(?P<version>\d{1,9})"$')


def tag_of(profile: Profile) -> str:
    """The ETag of a profile as it is."""
    return f'"{profile.name}:{profile.version}"'


def version_of(if_match: str | None, name: str) -> int | None:
    """The version that a change is meant for, as the If-Match header has it; None where any will do.

    Raises:
        InvalidInput: the header is no tag of a profile.
        ProfileChanged: it is the tag of another profile.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    found = _TAG.match(if_match.strip())
    if found is None:
        raise InvalidInput("The If-Match header is no tag of a profile.", next_step="Send the ETag of the last GET.")
    if found["name"] != name:
        raise ProfileChanged(
            f"This was meant for the profile {found['name']}, and {name} is the current one now.",
            next_step="Look at what is in force now, and make your change again.",
        )
    return int(found["version"])


def setting_views(settings: Settings) -> list[SettingView]:
    """Every setting, with its source and when a change of it counts."""
    values, words = settings.model_dump(mode="json"), explained()
    return [
        SettingView(
            name=name,
            value=values[name],
            source=settings.source(name).origin.value,
            place=str(settings.source(name)),
            fixed=settings.source(name).fixed,
            of_profile=name in PROFILE_FIELDS,
            effect=effect_of(name).value,
            description=words[name],
        )
        for name in Settings.model_fields
    ]


def profile_view(
    profiles: Profiles, profile: Profile, *, in_session: bool = False, login_kept_at: datetime | None = None
) -> ProfileView:
    """One profile; its own settings over the defaults, whatever else is given."""
    shown = Settings().model_dump(mode="json", include=set(PROFILE_FIELDS)) | {
        name: value for name, value in profile.values.items() if name in PROFILE_FIELDS
    }
    return ProfileView(
        name=profile.name,
        current=profile.current,
        in_session=in_session,
        version=profile.version,
        created_at=profile.created_at,
        changed_at=profile.changed_at,
        settings=_typed(profile, shown),
        given=sorted(profile.values),
        overridden=[Overridden(field=name, by=str(source)) for name, source in profiles.overridden(profile).items()],
        warnings=list(_warnings_of(profiles, profile)),
        login_kept_at=login_kept_at,
    )


def _typed(profile: Profile, values: dict[str, Any]) -> ProfileSettings:
    try:
        return ProfileSettings.model_validate(values, strict=False)
    except ValidationError as error:
        raise StorageError(
            f"The profile {profile.name} holds what cannot be meant: {error.errors()[0]['loc'][0]}.",
            next_step="The database was edited: set that again, or delete the profile.",
        ) from error


def _warnings_of(profiles: Profiles, profile: Profile) -> Iterable[SettingsWarning]:
    try:
        yield from warnings_of(profiles.settings_of(profile))
    except InvalidSettings as error:
        for field in error.details.get("fields", ["host"]):
            yield SettingsWarning(field=field, message=str(error))


def warnings_of(settings: Settings) -> Iterable[SettingsWarning]:
    """What a person should look at before a session is made by these settings."""
    if settings.host is not None and (text := port_warning(settings.port)):
        yield SettingsWarning(field="port", message=text)
    if settings.client_id == 0:
        yield SettingsWarning(
            field="client_id",
            message="Client 0 also takes over orders made by hand in TWS. Use another unless you mean that.",
        )
    account = settings.account
    if account is not None and not is_paper(account) and account != settings.live_account:
        yield SettingsWarning(
            field="account",
            message=f"{account} is a live account, and it is not armed: a session for it is refused. Start with "
            f"--live-account {account}, or live_account in the file, if you mean to trade real money.",
        )
