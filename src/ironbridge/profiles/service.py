"""Profiles: which there are, which one is in use, and the settings that follow from it.

Owns the settings in force: what was given at the start, laid over the current profile. A change is checked as a whole
before it is kept, kept together with its record in the audit log, and only then applied; what fails leaves everything
as it was. Changes are made one at a time, and each to a version: of two who changed the same, the second is told.

What an argument, the environment or the file sets is refused as a change of the current profile, with the place that
sets it: it could be kept, and would not count. A profile that is not the current one may hold it, for other starts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

from ironbridge.domain.audit import Act, Deed
from ironbridge.domain.profile import Profile, check_profile_name
from ironbridge.errors import InvalidSettings, ProfileChanged, ProfileInUse, SettingFixed
from ironbridge.interfaces import AuditLog, Clock
from ironbridge.profiles.effects import PROFILE_FIELDS
from ironbridge.profiles.stores import ProfileStore
from ironbridge.settings import Settings
from ironbridge.sources import Origin, Source


class Profiles:
    """The profiles of one home.

    Parameters:
        store: where they are kept.
        audit: told each change, in its transaction.
        clock: stamps changes.
        given: the settings of the sources that are nearer than the database.
        kept: settings that no profile holds and that were changed at run time.
        in_session: whether a profile that is not current is still the one that the present session was made by.
    """

    def __init__(
        self,
        store: ProfileStore,
        audit: AuditLog,
        clock: Clock,
        given: Settings,
        kept: Mapping[str, Any] | None = None,
        in_session: Callable[[Profile], bool] = lambda _: False,
    ) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._given = given
        self._kept = dict(kept or {})
        self._one_at_a_time = asyncio.Lock()
        self._current: Profile | None = None
        self._settings = given
        self.in_session = in_session
        self.applied: Callable[[Settings, Settings], None] = lambda _before, _after: None
        """Called with the settings before and after, once a change of what is in force has been kept."""

    async def open(self) -> Settings:
        """Read the current profile; returns the settings in force.

        Raises:
            InvalidSettings: it does not stand beside what is given, with what to do.
            StorageError: it cannot be read.
        """
        profile = await self._store.current()
        try:
            self._settings = self._under(profile.name, profile.values)
        except InvalidSettings as error:
            unset = f"`ironbridge settings unset {' '.join(error.details.get('fields', ()))}`"
            raise InvalidSettings(
                error.message,
                next_step=f"Correct it where it was given; where that is the profile: {unset}.",
                **error.details,
            ) from error
        self._current = profile
        return self._settings

    @property
    def settings(self) -> Settings:
        """The settings in force, each with its source."""
        return self._settings

    @property
    def current(self) -> Profile:
        """The profile whose settings are in use."""
        assert self._current is not None, "opened first"
        return self._current

    async def follow(self) -> Profile | None:
        """Use what another process of the home has changed; returns the profile where there was something.

        Raises:
            InvalidSettings: it does not stand beside what is given here; the settings stay as they are.
            StorageError: it cannot be read.
        """
        async with self._one_at_a_time:
            found, present = await self._store.current(), self.current
            if (found.name, found.version) == (present.name, present.version):
                return None
            self._use(found)
            return found

    async def all(self) -> Sequence[Profile]:
        """Every profile, by name."""
        return await self._store.all()

    async def get(self, name: str) -> Profile:
        """One profile.

        Raises:
            ProfileNotFound: there is none of that name.
        """
        return await self._store.get(name)

    def settings_of(self, profile: Profile) -> Settings:
        """The settings that would be in force if this profile were the current one.

        Raises:
            InvalidSettings: it does not stand beside what is given.
        """
        return self._under(profile.name, profile.values)

    def overridden(self, profile: Profile) -> Mapping[str, Source]:
        """What the profile sets and a nearer source sets too, with that source: the profile's value does not count."""
        sources = {name: self._given.source(name) for name in sorted(profile.values)}
        return {name: source for name, source in sources.items() if source.fixed}

    async def create(
        self, name: str, values: Mapping[str, Any] | None = None, *, copy_of: str | None = None
    ) -> Profile:
        """Make a profile; it is not in use until it is activated.

        Parameters:
            name: small letters, digits, ".", "_" and "-".
            values: its settings by name; all others are at their defaults.
            copy_of: a profile whose settings it begins with.

        Raises:
            InvalidSettings: the name or a value cannot be meant.
            ProfileExists: the name is taken.
            ProfileNotFound: there is no profile to copy.
        """
        check_profile_name(name)
        base = (await self._store.get(copy_of)).values if copy_of is not None else {}
        _refuse_foreign({}, values or {})
        wanted = self._checked(name, base, values or {})
        return await self._store.create(name, wanted, self._clock.now(), self._record(name, {}, wanted, "created"))

    async def change(self, name: str, changes: Mapping[str, Any], *, version: int | None = None) -> Profile:
        """Change some settings of a profile. Those of the current one are in force from now on, as far as they can.

        Parameters:
            name: which.
            changes: values by name; None puts one back to its default, and switches off one that can be.
            version: the version that the change is meant for; None for whichever it is.

        Raises:
            InvalidSettings: a name or a value that cannot be meant; nothing was changed.
            SettingFixed: a nearer source sets it; nothing was changed.
            ProfileNotFound: there is none of that name.
            ProfileChanged: it is in another version by now; nothing was changed.
        """
        async with self._one_at_a_time:
            profile = await self._store.get(name)
            if version is not None and version != profile.version:
                raise _changed(profile, version)
            _refuse_foreign(profile.values, changes)
            if profile.current:
                self._refuse_fixed(changes)
            wanted = self._checked(name, profile.values, changes)
            if wanted == profile.values:
                return profile
            record = self._record(name, profile.values, wanted, "changed")
            changed = await self._store.change(name, wanted, profile.version, self._clock.now(), record)
            if changed.current:
                self._use(changed)
            return changed

    async def activate(self, name: str, *, version: int | None = None) -> Profile:
        """Put a profile to use in place of the present one: for the next connect, and what can be at once.

        Raises:
            InvalidSettings: it does not stand beside what is given at the start; the present one stays.
            ProfileNotFound: there is none of that name.
            ProfileChanged: it is in another version by now.
        """
        async with self._one_at_a_time:
            profile = await self._store.get(name)
            self._under(name, profile.values)
            before = self._current.name if self._current is not None else ""
            act = Act(Deed.PROFILE_ACTIVATED, name, f"in place of {before}", {"before": before, "after": name})
            activated = await self._store.activate(
                name, profile.version if version is None else version, self._audit.recording(act)
            )
            self._use(activated)
            return activated

    async def delete(self, name: str, *, version: int | None = None) -> None:
        """Forget a profile.

        Raises:
            ProfileInUse: it is the current one, or the present session was made by it.
            ProfileNotFound: there is none of that name.
            ProfileChanged: it is in another version by now.
        """
        async with self._one_at_a_time:
            if self._current is None or name != self._current.name:
                self._refuse_in_session(await self._store.all(), name)
            record = Act(Deed.PROFILE_CHANGED, name, "deleted")
            await self._store.delete(name, version, self._audit.recording(record))

    def take_kept(self, values: Mapping[str, Any]) -> Settings:
        """Settings that no profile holds were changed and kept: they are in force from now on."""
        self._kept.update(values)
        self._use(self.current)
        return self._settings

    def _refuse_in_session(self, profiles: Sequence[Profile], name: str) -> None:
        for profile in profiles:
            if profile.name == name and self.in_session(profile):
                raise ProfileInUse(
                    f"The present session was made by the profile {name}.",
                    next_step="Reconnect by the current profile, or disconnect, first.",
                )

    def _refuse_fixed(self, changes: Mapping[str, Any]) -> None:
        shown = self._settings.model_dump(mode="json")
        wanted = _normal(self._settings, {name: value for name, value in changes.items() if value is not None})
        found = {
            name: source
            for name, value in wanted.items()
            if (source := self._settings.source(name)).fixed and value != shown[name]
        }
        if found:
            raise SettingFixed(
                " ".join(
                    f"{name} is {shown[name]!r} by {source}, which counts before any profile."
                    for name, source in found.items()
                ),
                next_step="Change it there, or take it out there, and start again.",
                fields=list(found),
            )

    def _checked(self, name: str, base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
        """The values with the changes made, each as JSON holds it; raises where they cannot be meant."""
        merged = {
            field: value for field, value in {**base, **changes}.items() if value is not None or _may_be_none(field)
        }
        # Once against all that is given, for a value that does not count now must be right as well; and once as it
        # would count.
        wanted = _normal(self._given, merged)
        self._under(name, wanted)
        return wanted

    def _under(self, name: str, values: Mapping[str, Any]) -> Settings:
        settings = self._given.over(values, Source(Origin.PROFILE, name))
        return settings.over(self._kept, Source(Origin.KEPT))

    def _use(self, profile: Profile) -> None:
        before, self._settings = self._settings, self._under(profile.name, profile.values)
        self._current = profile
        self.applied(before, self._settings)

    def _record(
        self, name: str, before: Mapping[str, Any], after: Mapping[str, Any], how: str
    ) -> Callable[[Any], object]:
        fields = sorted(field for field in {*before, *after} if before.get(field) != after.get(field))
        details = {field: {"before": before.get(field), "after": after.get(field)} for field in fields}
        return self._audit.recording(Act(Deed.PROFILE_CHANGED, name, f"{how}: {', '.join(fields)}", details))

    def __repr__(self) -> str:
        return f"<Profiles: {self._current.name if self._current else 'not open'}>"


def _refuse_foreign(present: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    # What a newer Ironbridge or a hand has put there can be taken out again, and nothing more.
    known = PROFILE_FIELDS | {name for name in present if changes.get(name) is None}
    if foreign := sorted(set(changes) - known):
        raise InvalidSettings(
            f"{', '.join(foreign)} is no setting of a profile.",
            next_step=f"A profile holds {', '.join(sorted(PROFILE_FIELDS))}.",
            fields=foreign,
        )


def _may_be_none(field: str) -> bool:
    """Whether None is a value of the setting, and not its default: to set None switches it off."""
    known = Settings.model_fields.get(field)
    return known is not None and known.default is not None and type(None) in get_args(known.annotation)


def _normal(settings: Settings, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as JSON holds them, checked beside these settings, over which they are laid."""
    shown = settings.updated(values).model_dump(mode="json")
    return {name: shown[name] for name in values}


def _changed(profile: Profile, version: int) -> ProfileChanged:
    return ProfileChanged(
        f"The profile {profile.name} is in version {profile.version} now, and the change was meant for {version}.",
        next_step="Look at what it holds now, and make your change again.",
        version=profile.version,
    )
