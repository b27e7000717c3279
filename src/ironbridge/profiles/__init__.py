"""Named sets of settings in the database, which of them is in use, and when a change of one counts."""

from ironbridge.profiles.credentials import Credentials, Login
from ironbridge.profiles.effects import PROFILE_FIELDS, Effect, effect_of
from ironbridge.profiles.service import Profiles

__all__ = ["PROFILE_FIELDS", "Credentials", "Effect", "Login", "Profiles", "effect_of"]
