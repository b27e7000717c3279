"""Every setting says when a change of it counts, and whether a profile may hold it."""

from ironbridge.profiles.effects import APART, EFFECTS
from ironbridge.settings import ENVIRONMENT, Settings


def test_every_setting_is_one_of_a_profile_or_apart_from_it() -> None:
    assert set(EFFECTS) | APART == set(Settings.model_fields), (
        "add it to EFFECTS, or to APART if no profile may hold it"
    )
    assert not set(EFFECTS) & APART


def test_every_setting_can_be_set_from_the_environment_and_is_explained() -> None:
    assert set(ENVIRONMENT) == set(Settings.model_fields)
    explained = Settings.__doc__ or ""
    assert [name for name in Settings.model_fields if f"        {name}: " not in explained] == []
