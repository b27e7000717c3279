"""What the profiles need of a store, as Protocols; `store` has both.

Every call raises `StorageError` where it could not do its part, and then nothing was done. `also` is called within the
transaction of a change, so that the change and its record are one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from ironbridge.domain.profile import Profile

Also = Callable[[Any], object]


class ProfileStore(Protocol):
    """Where profiles are kept. A change names the version that it changes: `ProfileChanged` where it is another."""

    async def all(self) -> Sequence[Profile]: ...

    async def get(self, name: str) -> Profile: ...

    async def current(self) -> Profile: ...

    async def create(self, name: str, values: Mapping[str, Any], at: datetime, also: Also | None = None) -> Profile: ...

    async def change(
        self, name: str, values: Mapping[str, Any], version: int, at: datetime, also: Also | None = None
    ) -> Profile: ...

    async def activate(self, name: str, version: int | None, also: Also | None = None) -> Profile: ...

    async def delete(self, name: str, version: int | None, also: Also | None = None) -> None:
        """Forget the profile, and with it the login that is kept for it."""
        ...


class KeptSecret(Protocol):
    """That a secret is kept, and since when."""

    @property
    def name(self) -> str: ...

    @property
    def changed_at(self) -> datetime: ...


class Vault(Protocol):
    """Secrets by name, encrypted (SVC-5)."""

    async def kept(self, prefix: str = "") -> Sequence[KeptSecret]: ...

    async def keep(self, secrets: Mapping[str, str], at: datetime, also: Also | None = None) -> None: ...

    async def reveal(self, name: str) -> str: ...

    async def forget(self, *names: str, also: Also | None = None) -> None: ...

    async def rotate(self, also: Also | None = None) -> int: ...
