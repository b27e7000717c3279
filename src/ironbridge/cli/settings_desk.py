"""Where the settings commands do their work: at the running service of the home, else at the home itself.

A running service owns its home, and a change must reach what runs; so it is asked wherever there is one. Both ways give
the same JSON, made by the same views.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import quote

from ironbridge.cli.exits import ServiceAbsent
from ironbridge.cli.service import PREFIX, Service, find_service

if TYPE_CHECKING:
    from ironbridge.domain.profile import Profile
    from ironbridge.profiles import Credentials, Profiles
    from ironbridge.settings import Settings

Json = dict[str, Any]
T = TypeVar("T")


class SettingsDesk(Protocol):
    """What the commands need. A profile that is None is the current one."""

    def show(self) -> Json: ...

    def profiles(self) -> Json: ...

    def profile(self, name: str | None) -> Json: ...

    def create(self, name: str, values: Mapping[str, Any], copy_of: str | None) -> Json: ...

    def change(self, name: str | None, changes: Mapping[str, Any]) -> Json: ...

    def delete(self, name: str) -> None: ...

    def activate(self, name: str, *, reconnect: bool) -> Json: ...

    def test(self, changes: Mapping[str, Any], profile: str | None) -> Json: ...

    def logins(self) -> Json: ...

    def store_login(self, profile: str | None, username: str, password: str) -> Json: ...

    def forget_login(self, profile: str | None) -> None: ...

    def rotate(self) -> Json: ...


def settings_desk(home: Path | None, url: str | None, token: str | None) -> SettingsDesk:
    """The service's, where one runs on the home or is named; else the home's own."""
    try:
        return _AtService(find_service(home, url, token))
    except ServiceAbsent:
        if url is not None:
            raise
        return _AtHome(home)


class _AtService:
    def __init__(self, service: Service) -> None:
        self._service = service

    def show(self) -> Json:
        return self._ask("GET", "/settings")

    def profiles(self) -> Json:
        return self._ask("GET", "/profiles")

    def profile(self, name: str | None) -> Json:
        return self._ask("GET", self._path(name))

    def create(self, name: str, values: Mapping[str, Any], copy_of: str | None) -> Json:
        return self._ask("POST", "/profiles", {"name": name, "settings": dict(values), "copy_of": copy_of})

    def change(self, name: str | None, changes: Mapping[str, Any]) -> Json:
        return self._ask("PATCH", self._path(name), dict(changes))

    def delete(self, name: str) -> None:
        self._ask("DELETE", self._path(name))

    def activate(self, name: str, *, reconnect: bool) -> Json:
        return self._ask("POST", f"{self._path(name)}/activate?reconnect={str(reconnect).lower()}")

    def test(self, changes: Mapping[str, Any], profile: str | None) -> Json:
        return self._ask("POST", "/connection/test", {**changes, **({"profile": profile} if profile else {})})

    def logins(self) -> Json:
        return self._ask("GET", "/settings/credentials")

    def store_login(self, profile: str | None, username: str, password: str) -> Json:
        return self._ask(
            "POST", "/settings/credentials", {"username": username, "password": password, "profile": profile}
        )

    def forget_login(self, profile: str | None) -> None:
        self._ask("DELETE", f"/settings/credentials{f'?profile={quote(profile)}' if profile else ''}")

    def rotate(self) -> Json:
        return self._ask("POST", "/settings/credentials/rotate")

    def _path(self, name: str | None) -> str:
        return f"/profiles/{quote(name or self.show()['profile'], safe='')}"

    def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        answer: Json = self._service.request(method, f"{PREFIX}{path}", body=body) or {}
        return answer


class _AtHome:
    def __init__(self, home: Path | None) -> None:
        from ironbridge.settings import load_settings

        self._given = load_settings({"home": home})

    def show(self) -> Json:
        from ironbridge.api.settings_views import setting_views, warnings_of

        async def work(profiles: Profiles, _logins: Credentials) -> Json:
            settings = await profiles.open()
            return {
                "profile": profiles.current.name,
                "version": profiles.current.version,
                "fields": [each.model_dump(mode="json") for each in setting_views(settings)],
                "warnings": [each.model_dump(mode="json") for each in warnings_of(settings)],
                "pending": [],
                "restart": [],
            }

        return self._do(work)

    def profiles(self) -> Json:
        async def work(profiles: Profiles, logins: Credentials) -> Json:
            found = await profiles.all()
            return {
                "current": next((each.name for each in found if each.current), ""),
                "profiles": [await _view(profiles, logins, each) for each in found],
            }

        return self._do(work)

    def profile(self, name: str | None) -> Json:
        async def work(profiles: Profiles, logins: Credentials) -> Json:
            return await _view(profiles, logins, await profiles.get(name or await _current(profiles)))

        return self._do(work)

    def create(self, name: str, values: Mapping[str, Any], copy_of: str | None) -> Json:
        async def work(profiles: Profiles, logins: Credentials) -> Json:
            return await _view(profiles, logins, await profiles.create(name, values, copy_of=copy_of))

        return self._do(work)

    def change(self, name: str | None, changes: Mapping[str, Any]) -> Json:
        async def work(profiles: Profiles, logins: Credentials) -> Json:
            return await _view(profiles, logins, await profiles.change(name or await _current(profiles), changes))

        return self._do(work)

    def delete(self, name: str) -> None:
        async def work(profiles: Profiles, _logins: Credentials) -> None:
            await profiles.delete(name)

        self._do(work)

    def activate(self, name: str, *, reconnect: bool) -> Json:
        del reconnect  # nothing runs that could

        async def work(profiles: Profiles, logins: Credentials) -> Json:
            return await _view(profiles, logins, await profiles.activate(name))

        return self._do(work)

    def test(self, changes: Mapping[str, Any], profile: str | None) -> Json:
        from ironbridge.api.session_views import test_result
        from ironbridge.bridge import diagnosis_of, endpoint_of
        from ironbridge.settings import port_warning

        async def settings_of(profiles: Profiles, _logins: Credentials) -> Settings:
            return profiles.settings_of(await profiles.get(profile or await _current(profiles)))

        wanted = {"backups": (), "data_sessions": (), **changes}
        base = self._do(settings_of)
        if base.host is None and "port" in wanted:
            wanted.setdefault("host", "127.0.0.1")
        settings = base.updated(wanted)
        endpoint = endpoint_of(settings, None)
        found = asyncio.run(diagnosis_of(settings, endpoint, id_is_ours=False, named=not settings.embedded))
        warning = port_warning(endpoint.port)
        return test_result(found, [warning] if warning else []).model_dump(mode="json")

    def logins(self) -> Json:
        async def work(_profiles: Profiles, logins: Credentials) -> Json:
            kept = await logins.kept()
            return {"credentials": [{"profile": one.profile, "changed_at": one.changed_at} for one in kept]}

        return self._do(work)

    def store_login(self, profile: str | None, username: str, password: str) -> Json:
        from ironbridge.profiles import Login

        async def work(profiles: Profiles, logins: Credentials) -> Json:
            kept = await logins.keep(profile or await _current(profiles), Login(username, password))
            return {"profile": kept.profile, "changed_at": kept.changed_at}

        return self._do(work)

    def forget_login(self, profile: str | None) -> None:
        async def work(profiles: Profiles, logins: Credentials) -> None:
            await logins.forget(profile or await _current(profiles))

        self._do(work)

    def rotate(self) -> Json:
        async def work(_profiles: Profiles, logins: Credentials) -> Json:
            return {"secrets": await logins.rotate()}

        return self._do(work)

    def _do(self, work: Callable[[Profiles, Credentials], Awaitable[T]]) -> T:
        from ironbridge.bootstrap import open_profiles
        from ironbridge.domain.audit import Actor, ActorKind, acting

        async def run() -> T:
            async with open_profiles(self._given) as (profiles, logins):
                with acting(Actor(ActorKind.USER, "home owner", "cli")):
                    return await work(profiles, logins)

        return asyncio.run(run())


async def _current(profiles: Profiles) -> str:
    return next(each.name for each in await profiles.all() if each.current)


async def _view(profiles: Profiles, logins: Credentials, profile: Profile) -> Json:
    from ironbridge.api.settings_views import profile_view

    kept = {each.profile: each.changed_at for each in await logins.kept()}
    return profile_view(profiles, profile, login_kept_at=kept.get(profile.name)).model_dump(mode="json")
