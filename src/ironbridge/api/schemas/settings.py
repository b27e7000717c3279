"""The connection settings, as they are kept in the profile.

The ten that earlier systems of this kind have are all sent by PUT; the further ones of a profile, made from
`ironbridge.settings.Settings` as in `schemas.profiles`, may be left out and stay as they are then.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, create_model

from ironbridge.api.schemas.profiles import SettingsWarning, SettingView, profile_fields
from ironbridge.api.schemas.values import Received, Sent

_Host = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9._:-]{0,253}$",
        description="Where TWS or IB Gateway listens. Empty: the built-in paper gateway.",
        examples=["127.0.0.1"],
    ),
]
_Account = Annotated[str, Field(pattern=r"^[A-Z0-9]{0,16}$", examples=["DU1000001"])]
_Permission = Annotated[str, Field(min_length=1, max_length=64)]


class _Familiar(Received):
    """Those that PUT must name."""

    host: _Host
    port: int = Field(
        ge=1,
        le=65535,
        description="TWS live 7496, TWS paper 7497, IB Gateway live 4001, IB Gateway paper 4002.",
        examples=[4002],
    )
    client_id: int = Field(ge=0, le=2**31 - 1, description="Keep it: another id cannot manage this one's orders.")
    account: _Account = Field(description="Empty: the first account of the login.")
    market_data_type: int = Field(ge=1, le=4, description="1 live, 2 frozen, 3 delayed, 4 delayed-frozen.")
    auto_connect: bool = Field(description="Connect when the service starts.")
    active: bool = Field(description="False: stay disconnected until a person connects.")
    connection_timeout: float = Field(gt=0, le=300, description="Seconds.")
    retry_attempts: int = Field(ge=0, le=1000, description="Failed attempts before giving up; 0: never.")
    market_data_permissions: list[_Permission] = Field(
        max_length=100, description="Notes on what the account may see; for people."
    )


_FURTHER: dict[str, Any] = {
    name: field for name, field in profile_fields().items() if name not in _Familiar.model_fields
}

ConnectionSettings = create_model(
    "ConnectionSettings",
    __base__=_Familiar,
    __doc__="The settings of the connection: those that must be sent, and those that stay as they are when left out.",
    **_FURTHER,
)


class SettingsView(Sent):
    """The settings in force, where each comes from, and how they relate to the running session."""

    profile: str = Field(description="The current profile.")
    version: int = Field(description="Its version.")
    settings: ConnectionSettings
    fields: list[SettingView] = Field(description="Every setting there is, those of the connection included.")
    warnings: list[SettingsWarning]
    pending: list[str] = Field(description="Fields whose saved value takes effect at the next reconnect.")
    restart: list[str] = Field(description="Fields whose saved value takes effect when the service starts again.")
