"""Secrets in the database, encrypted (SVC-5): Fernet, with keys that can be changed. The only importer of cryptography.

The keys lie in a file of their own in the home folder, readable by its owner alone, newest first, one a line: a copy of
the database alone tells nothing. The newest encrypts, any of them decrypts. A change of keys writes the new one before
anything is encrypted with it and drops the old ones after the last is, so that a crash between leaves both.

A secret leaves here only by `reveal`, for the program that needs it; no text of an error or of a record holds one.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Connection, delete, insert, select, update

from ironbridge.errors import CredentialNotFound, StorageError, VaultLocked
from ironbridge.store.engine import Database
from ironbridge.store.tables import CREDENTIALS as TABLE

KEY_FILE = "vault.key"
_OTHERS = 0o077

Also = Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Kept:
    """That a secret is kept, and since when; not what it is."""

    name: str
    changed_at: datetime


class Vault:
    """An `ironbridge.profiles.stores.Vault` in a database.

    Parameters:
        database: where the encrypted secrets are.
        keys: the file of keys; it is made when the first secret is kept.
    """

    def __init__(self, database: Database, keys: Path) -> None:
        self._database = database
        self._file = keys
        self._rotating = asyncio.Lock()

    async def kept(self, prefix: str = "") -> Sequence[Kept]:
        """What is kept, by name."""
        query = select(TABLE.c.name, TABLE.c.changed_at).where(TABLE.c.name.startswith(prefix, autoescape=True))
        rows = await self._database.read(lambda connection: connection.execute(query.order_by(TABLE.c.name)).all())
        return [Kept(name, datetime.fromisoformat(at)) for name, at in rows]

    async def keep(self, secrets: Mapping[str, str], at: datetime, also: Also | None = None) -> None:
        """Keep secrets by name, all or none, in place of those before.

        Raises:
            VaultLocked: the keys cannot be used.
            StorageError: they were not kept.
        """

        def work(connection: Connection) -> None:
            fernet = self._fernet(make=True)
            for name, secret in secrets.items():
                connection.execute(delete(TABLE).where(TABLE.c.name == name))
                token = fernet.encrypt(secret.encode()).decode("ascii")
                connection.execute(insert(TABLE).values(name=name, token=token, changed_at=at.isoformat()))
            if also is not None:
                also(connection)

        await self._database.write(work)

    async def reveal(self, name: str) -> str:
        """The secret itself.

        Raises:
            CredentialNotFound: nothing is kept under that name.
            VaultLocked: its key is not there.
        """
        query = select(TABLE.c.token).where(TABLE.c.name == name)
        token = await self._database.read(lambda connection: connection.execute(query).scalar())
        if token is None:
            raise CredentialNotFound(f"No credential {name} is kept.", next_step="Store it first.")
        return self._opened(self._fernet(), name, token)

    async def forget(self, *names: str, also: Also | None = None) -> None:
        """Remove secrets; one that is not kept is no error."""

        def work(connection: Connection) -> None:
            connection.execute(delete(TABLE).where(TABLE.c.name.in_(names)))
            if also is not None:
                also(connection)

        await self._database.write(work)

    async def rotate(self, also: Also | None = None) -> int:
        """Encrypt everything with a new key and drop the old ones; returns how many secrets there are.

        Raises:
            VaultLocked: one of them cannot be decrypted; the old keys stay.
        """

        def work(connection: Connection) -> int:
            self._write([Fernet.generate_key(), *self._keys(make=True)])
            fernet = self._fernet()
            rows = connection.execute(select(TABLE.c.name, TABLE.c.token)).all()
            for name, token in rows:
                fresh = fernet.encrypt(self._opened(fernet, name, token).encode()).decode("ascii")
                connection.execute(update(TABLE).where(TABLE.c.name == name).values(token=fresh))
            if also is not None:
                also(connection)
            return len(rows)

        # One after the other: the end of one must not drop the key that the next one has just begun to use.
        async with self._rotating:
            count = await self._database.write(work)
            # Only now is it on the disk that nothing needs the old keys any more.
            self._write(self._keys()[:1])
        return count

    @staticmethod
    def _opened(fernet: MultiFernet, name: str, token: str) -> str:
        try:
            return fernet.decrypt(token.encode("ascii")).decode()
        except (InvalidToken, UnicodeError):
            raise VaultLocked(
                f"The credential {name} cannot be decrypted: its key is not in the key file, or it was damaged.",
                next_step="Restore the key file that belongs to this database, or store the credential again.",
            ) from None

    def _fernet(self, *, make: bool = False) -> MultiFernet:
        try:
            return MultiFernet([Fernet(key) for key in self._keys(make=make)])
        except ValueError:
            raise VaultLocked(
                f"{self._file} does not hold keys.",
                next_step="Restore it from a copy; or remove it and store the credentials again.",
            ) from None

    def _keys(self, *, make: bool = False) -> list[bytes]:
        try:
            if make and not self._file.exists():
                self._write([Fernet.generate_key()])
            if os.name == "posix" and self._file.stat().st_mode & _OTHERS:
                raise VaultLocked(f"Others can read {self._file}.", next_step=f"chmod 600 {self._file}")
            return self._file.read_bytes().split()
        except FileNotFoundError:
            raise VaultLocked(
                f"There is no {self._file}, which holds the key to the credentials.",
                next_step="Restore it from a copy, or store the credentials again.",
            ) from None
        except OSError as error:
            raise VaultLocked(
                f"{self._file} cannot be used: {error.strerror or error}.", next_step="Mend its permissions."
            ) from error

    def _write(self, keys: list[bytes]) -> None:
        """Put the file in place whole: a crash leaves the one before."""
        fresh = self._file.with_name(f"{self._file.name}.new")
        try:
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(b"\n".join(keys) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._file)
        except OSError as error:
            raise StorageError(
                f"The key file {self._file} cannot be written: {error.strerror or error}.",
                next_step="Make its folder writable and make room there.",
            ) from error
