"""Profiles and what is in force, in JSON.

The settings of a profile are made from `ironbridge.settings.Settings`, one optional field for each, so that what REST
takes can never differ from what there is.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import Field, SecretStr, create_model

from ironbridge.api.schemas.values import AmountIn, Moment, Received, Sent
from ironbridge.profiles import PROFILE_FIELDS
from ironbridge.settings import Settings

_Text = Annotated[str, Field(min_length=1, max_length=300)]


def explained() -> dict[str, str]:
    """What the docstring of the settings says of each."""
    parameters = (Settings.__doc__ or "").partition("Parameters:\n")[2]
    found = re.findall(r"^ {8}(\w+): (.*?)(?=^ {8}\w+: |\Z)", parameters, re.MULTILINE | re.DOTALL)
    return {name: " ".join(text.split()) for name, text in found}


def _type_of(field: str) -> Any:
    info = Settings.model_fields[field]
    kind: Any = info.annotation
    if get_origin(kind) is tuple:
        most = next((each.max_length for each in info.metadata if hasattr(each, "max_length")), 100)
        return Annotated[list[_Text], Field(max_length=most)]
    parts = [each for each in get_args(kind) if each is not type(None)] if type(None) in get_args(kind) else [kind]
    part, bounds = parts[0], tuple(info.metadata)
    if get_origin(part) is Annotated:
        part, *more = get_args(part)
        bounds = (*more, *bounds)
    part = AmountIn if part is Decimal else part
    return Annotated[(part, *bounds)] if bounds else part


def profile_fields() -> dict[str, Any]:
    """Each setting of a profile as a field of a model: optional, with the words of the docstring."""
    words = explained()
    return {
        name: (_type_of(name) | None, Field(default=None, description=words[name]))
        for name in Settings.model_fields
        if name in PROFILE_FIELDS
    }


ProfileSettings = create_model(
    "ProfileSettings",
    __base__=Received,
    __doc__="Settings of a profile by name; null is the default.",
    **profile_fields(),
)

ProfileName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=60,
        description='1 to 40 small letters, digits, ".", "_" and "-", beginning with a letter or digit.',
        examples=["tws-paper"],
    ),
]


class ProfileCreate(Received):
    """A new profile."""

    name: ProfileName
    copy_of: ProfileName | None = Field(default=None, description="Begin with the settings of this one.")
    settings: ProfileSettings = Field(
        default_factory=ProfileSettings, description="What is not given is at its default, or as in the copied one."
    )


class Overridden(Sent):
    """A setting of the profile that does not count, because a nearer source sets it."""

    field: str
    by: str = Field(examples=["the environment variable IBKR_PORT"])


class SettingsWarning(Sent):
    """Something that a person should look at; it does not stop the settings from being saved."""

    field: str
    message: str


class ProfileView(Sent):
    """A profile. Its ETag is for the If-Match header of a change."""

    name: str
    current: bool = Field(description="Its settings are the ones in use. Exactly one profile's are.")
    in_session: bool = Field(description="The present session was made by it.")
    version: int = Field(description="One more with each change.")
    created_at: Moment
    changed_at: Moment
    settings: ProfileSettings = Field(description="Every setting, defaults included.")
    given: list[str] = Field(description="The settings that the profile itself holds.")
    overridden: list[Overridden]
    warnings: list[SettingsWarning]
    login_kept_at: Moment | None = Field(description="Since when a login of its gateway is kept; null where none is.")


class ProfileList(Sent):
    """All profiles, by name."""

    current: str
    profiles: list[ProfileView]


class SettingView(Sent):
    """One setting in force, and where it comes from."""

    name: str
    value: Any
    source: Literal["argument", "environment", "file", "profile", "kept", "default"]
    place: str = Field(description="The source in words.", examples=["the environment variable IBKR_PORT"])
    fixed: bool = Field(description="A source nearer than the database sets it: it cannot be changed at run time.")
    of_profile: bool = Field(description="Profiles hold it.")
    effect: Literal["now", "next-subscription", "next-connect", "next-start"] = Field(
        description="From when on a change counts."
    )
    description: str


class CredentialsIn(Received):
    """The login of a profile's gateway. It is kept encrypted and never shown."""

    username: SecretStr
    password: SecretStr
    profile: ProfileName | None = Field(default=None, description="Left out: the current one.")


class CredentialsKept(Sent):
    """That a login is kept; not what it is."""

    profile: str
    changed_at: Moment


class CredentialsList(Sent):
    credentials: list[CredentialsKept]


class Rotated(Sent):
    """Everything is encrypted with a new key."""

    secrets: int
