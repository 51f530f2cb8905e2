"""The keys of this merchant, kept as files beside the database and never in it.

A database or a dump of it is worthless to a thief without this directory, and this directory is worthless
without the database. Lose it and nobody, ourselves included, can read the encrypted data again: it belongs in
the backup, but in another place than the dump. `master.json` wraps the data keys, `index.json` makes the
blind indexes, `seal.key` signs audit checkpoints, `secret.txt` is Django's secret key, `erased.txt` lists the
data keys destroyed for good. How they work together: docs/algorithms/encryption.md.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
import secrets
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import DiankeError, TemporarilyUnavailable
from dianke.core.key_files import KeyFileDamaged, create_once, locked, read_private, replace_private

KEY_BYTES = 32
MASTER_KEYS_VARIABLE = "DIANKE_MASTER_KEYS"
_FORMAT = 1
_T = TypeVar("_T")


class KeysMissing(TemporarilyUnavailable):
    code = "keys_missing"
    message = _(
        "The key %(key)s that this database was encrypted with is not in %(place)s. "
        "Put the key directory back from your backup and start again; never make new keys for old data."
    )


class WrongKey(TemporarilyUnavailable):
    code = "wrong_key"
    message = _(
        "The key %(key)s in %(place)s has the right name but is not what this database was encrypted with. "
        "Put back the key directory that belongs to this database."
    )


class KeysNotInFile(DiankeError):
    code = "keys_not_in_file"
    message = _(
        "The master keys come from the environment variable %(variable)s, so Dianke cannot change them. "
        "Write the new key in front of the old one there, restart, and run this again."
    )


@dataclass(frozen=True)
class RootKey:
    """A 32-byte key with its name. The name is no secret and is stored with what the key encrypted."""

    id: str
    secret: bytes
    created_at: str = ""

    def __repr__(self) -> str:
        return f"RootKey(id={self.id!r})"

    @classmethod
    def fresh(cls, prefix: str) -> RootKey:
        """A new random key; `prefix` says what for: "m" master, "i" blind index."""
        return cls(
            id=f"{prefix}-{secrets.token_hex(6)}",
            secret=secrets.token_bytes(KEY_BYTES),
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )


def secret_key(directory: Path) -> str:
    """Django's SECRET_KEY from `secret.txt`, made on the first start; settings need it first of all."""
    path = directory / "secret.txt"
    create_once(path, lambda: secrets.token_urlsafe(64).encode())
    return read_private(path).decode().strip()


class Keyring:
    """The keys in one directory. A changed file is read again: a rotation reaches running processes."""

    def __init__(self, directory: Path, environ: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self.master_path = directory / "master.json"
        self.index_path = directory / "index.json"
        self.seal_path = directory / "seal.key"
        self.erased_path = directory / "erased.txt"
        self._environ = os.environ if environ is None else environ
        self._cache: dict[str, tuple[tuple[int, int, int], Any]] = {}
        self._from_environment: tuple[str, tuple[RootKey, ...]] | None = None

    # --- what is there -----------------------------------------------------------------------------
    @property
    def is_in_environment(self) -> bool:
        return bool(self._environ.get(MASTER_KEYS_VARIABLE))

    @property
    def place(self) -> str:
        """Where the master keys come from, for messages."""
        return MASTER_KEYS_VARIABLE if self.is_in_environment else str(self.directory)

    @property
    def has_master_keys(self) -> bool:
        return self.is_in_environment or self.master_path.exists()

    @property
    def has_index_key(self) -> bool:
        return self.index_path.exists()

    def create_missing(self) -> None:
        """Make each key file that is not there. Only for a database that holds nothing encrypted yet."""
        if not self.is_in_environment:
            create_once(self.master_path, lambda: _dump([RootKey.fresh("m")]))
        create_once(self.index_path, lambda: _dump([RootKey.fresh("i")]))
        create_once(self.seal_path, _new_seal_key)

    # --- master keys ---------------------------------------------------------------------------------------
    @property
    def masters(self) -> tuple[RootKey, ...]:
        """The keys in use; the first encrypts, all decrypt."""
        if self.is_in_environment:
            return self._environment_keys()
        return self._cached(self.master_path, _key_parser(self.master_path))[0]

    @property
    def retired(self) -> tuple[RootKey, ...]:
        """Keys no data key is wrapped with any more; kept to read older backups until `forget_retired`."""
        if self.is_in_environment:
            return ()
        return self._cached(self.master_path, _key_parser(self.master_path))[1]

    @property
    def primary(self) -> RootKey:
        return self.masters[0]

    def master(self, key_id: str) -> RootKey:
        """The master key of that name, retired ones too. Raises `KeysMissing`."""
        found = _named(key_id, self.masters) or _named(key_id, self.retired)
        if found is not None:
            return found
        raise KeysMissing(key=key_id, place=self.place)

    def add_master(self) -> RootKey:
        """Put a new master key in front: it wraps from now on. On disk when this returns."""
        fresh = RootKey.fresh("m")
        with self._changing_masters() as (keys, _retired):
            keys.insert(0, fresh)
        return fresh

    def retire(self, key_id: str) -> None:
        """Take a key out of use. The caller made sure that nothing is wrapped with it (`key_rotation`)."""
        with self._changing_masters() as (keys, retired):
            if keys[0].id == key_id:
                raise ValueError("the key that encrypts cannot be retired")
            moved = [key for key in keys if key.id == key_id]
            keys[:] = [key for key in keys if key.id != key_id]
            retired.extend(moved)

    def forget_retired(self, key_ids: Iterable[str] | None = None) -> list[str]:
        """Destroy retired keys for good, all or those named: backups older than them become unreadable."""
        with self._changing_masters() as (_keys, retired):
            gone = [key.id for key in retired if key_ids is None or key.id in set(key_ids)]
            retired[:] = [key for key in retired if key.id not in gone]
        return gone

    @contextlib.contextmanager
    def _changing_masters(self) -> Iterator[tuple[list[RootKey], list[RootKey]]]:
        if self.is_in_environment:
            raise KeysNotInFile(variable=MASTER_KEYS_VARIABLE)
        with locked(self.directory):
            keys, retired = list(self.masters), list(self.retired)
            yield keys, retired
            replace_private(self.master_path, _dump(keys, retired))

    def _environment_keys(self) -> tuple[RootKey, ...]:
        raw = self._environ[MASTER_KEYS_VARIABLE]
        if self._from_environment is None or self._from_environment[0] != raw:
            entries = [part.strip().partition(":") for part in raw.split(",") if part.strip()]
            keys = tuple(
                RootKey(id=name.strip(), secret=_decode_key(text, MASTER_KEYS_VARIABLE))
                for name, _colon, text in entries
            )
            self._from_environment = (raw, keys)
        return self._from_environment[1]

    # --- the other keys ------------------------------------------------------------------------------------
    @property
    def index_keys(self) -> tuple[RootKey, ...]:
        """Blind index root keys; the first makes new indexes, searches try all."""
        return self._cached(self.index_path, _key_parser(self.index_path))[0]

    def add_index_key(self) -> RootKey:
        """Put a new blind index key in front; `key_rotation.rebuild_blind_indexes` must then run."""
        fresh = RootKey.fresh("i")
        with locked(self.directory):
            replace_private(self.index_path, _dump([fresh, *self.index_keys]))
        return fresh

    def drop_index_key(self, key_id: str) -> None:
        """Forget an old blind index key, once every index was rebuilt with the first."""
        with locked(self.directory):
            kept = [key for key in self.index_keys if key.id != key_id]
            if not kept or kept[0].id != self.index_keys[0].id:
                raise ValueError("the first blind index key is in use")
            replace_private(self.index_path, _dump(kept))

    def seal_key(self) -> Ed25519PrivateKey:
        """The key that signs audit checkpoints. Raises `KeysMissing`, `KeyFileDamaged`."""
        if not self.seal_path.exists():
            raise KeysMissing(key=self.seal_path.name, place=str(self.directory))
        try:
            key = serialization.load_pem_private_key(read_private(self.seal_path), password=None)
        except ValueError as error:
            raise KeyFileDamaged(place=str(self.seal_path), reason=str(error)) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyFileDamaged(place=str(self.seal_path), reason="not an Ed25519 key")
        return key

    # --- erasures ------------------------------------------------------------------------------------------
    def erased(self) -> frozenset[uuid.UUID]:
        """Data keys destroyed for good: refused even when an old backup brings their wrapped form back."""
        try:
            return self._cached(self.erased_path, _uuids)
        except KeysMissing:  # nobody was erased yet
            return frozenset()

    def record_erasures(self, key_ids: Iterable[uuid.UUID]) -> None:
        """Append to the list of destroyed data keys; on disk when this returns. Repeating is harmless."""
        with locked(self.directory):
            fresh = [key_id for key_id in key_ids if key_id not in self.erased()]
            if not fresh:
                return
            old = read_private(self.erased_path) if self.erased_path.exists() else b""
            replace_private(self.erased_path, old + b"".join(f"{key_id}\n".encode() for key_id in fresh))

    # --- reading -------------------------------------------------------------------------------------------
    def _cached(self, path: Path, parse: Callable[[bytes], _T]) -> _T:
        """The parsed file, parsed again only when its inode, size or time of change differ."""
        try:
            found = os.stat(path)  # half the price of path.stat(), and asked for every value
        except FileNotFoundError:
            raise KeysMissing(key=path.name, place=str(self.directory)) from None
        mark = (found.st_ino, found.st_size, found.st_mtime_ns)
        known = self._cache.get(path.name)
        if known is not None and known[0] == mark:
            value: _T = known[1]
            return value
        value = parse(read_private(path))
        self._cache[path.name] = (mark, value)
        return value


_Keys = tuple[RootKey, ...]


def _named(key_id: str, keys: _Keys) -> RootKey | None:
    return next((key for key in keys if key.id == key_id), None)


def _dump(keys: Iterable[RootKey], retired: Iterable[RootKey] = ()) -> bytes:
    def rows(some: Iterable[RootKey]) -> list[dict[str, str]]:
        return [
            {"id": key.id, "key": base64.b64encode(key.secret).decode(), "created_at": key.created_at}
            for key in some
        ]

    return json.dumps({"version": _FORMAT, "keys": rows(keys), "retired": rows(retired)}, indent=1).encode()


def _uuids(data: bytes) -> frozenset[uuid.UUID]:
    return frozenset(map(uuid.UUID, data.decode().split()))


@cache
def _key_parser(path: Path) -> Callable[[bytes], tuple[_Keys, _Keys]]:
    """A reader of (keys in use, retired keys) out of bytes; the path is for its errors."""

    def row(entry: Any) -> RootKey:
        secret = _decode_key(str(entry["key"]), str(path))
        return RootKey(id=str(entry["id"]), secret=secret, created_at=str(entry.get("created_at", "")))

    def parse(data: bytes) -> tuple[_Keys, _Keys]:
        try:
            document = json.loads(data)
            if document["version"] != _FORMAT:
                raise KeyFileDamaged(place=str(path), reason=f"version {document['version']}")
            keys, retired = tuple(map(row, document["keys"])), tuple(map(row, document.get("retired", ())))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise KeyFileDamaged(place=str(path), reason=repr(error)) from error
        if not keys:
            raise KeyFileDamaged(place=str(path), reason="no key in it")
        return keys, retired

    return parse


def _decode_key(text: str, place: str) -> bytes:
    try:
        secret = base64.b64decode(text.strip(), validate=True)
    except binascii.Error as error:
        raise KeyFileDamaged(place=place, reason=str(error)) from error
    if len(secret) != KEY_BYTES:
        raise KeyFileDamaged(place=place, reason=f"a key has {len(secret)} bytes instead of {KEY_BYTES}")
    return secret


def _new_seal_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


_keyrings: dict[Path, Keyring] = {}


def keyring() -> Keyring:
    """The keyring of this merchant (`settings.DIANKE_KEYS_DIR`), one per process. Makes no files."""
    from django.conf import settings  # settings themselves import this module for `secret_key`

    directory = Path(settings.DIANKE_KEYS_DIR)
    if directory not in _keyrings:
        _keyrings[directory] = Keyring(directory)
    return _keyrings[directory]
