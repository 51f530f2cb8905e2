"""Data keys: issued for a subject, opened with a master key, cached for tables; and the check that the key
directory and the database belong together.

A customer's personal data is sealed with the customer's own data key, so destroying that key (`erasure`)
erases the person everywhere. What belongs to no person is sealed with the data key of its table.
"""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import NamedTuple

from cryptography.hazmat.primitives import serialization
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dianke.core.crypto import (
    EXACT_BITS,
    KEY_BYTES,
    OpenKey,
    SealBroken,
    WrappedKeyBroken,
    Wrapper,
    check_value,
    index_key,
    nonces,
)
from dianke.core.crypto import blind_index as keyed_hash
from dianke.core.errors import NotFound
from dianke.core.ids import uuid7s
from dianke.core.keys import Keyring, KeysMissing, RootKey, WrongKey, keyring
from dianke.core.models import OPENED, DataKey, KeyKind, KeyRecord, KeyState, subject_of

# Another process may go on sealing with the old key of a table for this long after a rotation began.
TABLE_KEY_SECONDS = 3600.0
_ADVISORY_LOCK = 0x6B657973  # "keys"


class DataKeyDestroyed(NotFound):
    code = "data_key_destroyed"
    message = _("This personal data was erased for good on request of the person and cannot be shown again.")


# --- do keys and database belong together ------------------------------------------------------------------
def register_keys() -> None:
    """Make the key files of a new merchant, or check those of an old one, and note the keys in the database.

    Raises `KeysMissing` or `WrongKey` if the database was encrypted with other keys; makes no key then.
    """
    ring = keyring()
    known = dict(KeyRecord.objects.filter(state=KeyState.ACTIVE).values_list("kind", "id"))
    present = {
        KeyKind.MASTER: ring.has_master_keys,
        KeyKind.BLIND_INDEX: ring.has_index_key,
        KeyKind.SEAL: ring.seal_path.exists(),
    }
    for kind, is_present in present.items():
        if kind in known and not is_present:
            raise KeysMissing(key=known[kind], place=str(ring.directory))
    ring.create_missing()
    check_keys()
    _note(KeyKind.MASTER, [(key.id, check_value(key.secret, KeyKind.MASTER)) for key in ring.masters])
    indexes = [(key.id, check_value(key.secret, KeyKind.BLIND_INDEX)) for key in ring.index_keys]
    _note(KeyKind.BLIND_INDEX, indexes)
    _note(KeyKind.SEAL, [_seal_identity(ring)])


def check_keys() -> None:
    """Raise `KeysMissing` or `WrongKey` unless the key directory holds every key the database needs."""
    ring = keyring()
    for record in KeyRecord.objects.exclude(state=KeyState.RETIRED):
        if record.kind == KeyKind.SEAL:
            if record.state == KeyState.ACTIVE and _seal_identity(ring)[1] != bytes(record.check_value):
                raise WrongKey(key=record.id, place=str(ring.seal_path))
            continue
        if record.kind == KeyKind.MASTER:
            key = ring.master(record.id)
        else:
            found = [key for key in ring.index_keys if key.id == record.id]
            if not found:
                raise KeysMissing(key=record.id, place=str(ring.index_path))
            key = found[0]
        if check_value(key.secret, record.kind) != bytes(record.check_value):
            raise WrongKey(key=record.id, place=ring.place)


def _seal_identity(ring: Keyring) -> tuple[str, bytes]:
    raw, public = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    identity = ring.seal_key().public_key().public_bytes(raw, public)
    return f"s-{identity.hex()[:12]}", identity


@transaction.atomic
def _note(kind: KeyKind, keys: list[tuple[str, bytes]]) -> None:
    """Records for the keys of one kind, the first of them active. A signing key's check is its public key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_LOCK])
    records = KeyRecord.objects.filter(kind=kind)
    states = dict(records.values_list("id", "state"))
    first = keys[0][0]
    if states.get(first) != KeyState.ACTIVE:
        records.filter(state=KeyState.ACTIVE).update(state=KeyState.READ_ONLY)
        records.filter(id=first).update(state=KeyState.ACTIVE, retired_at=None)
    KeyRecord.objects.bulk_create(
        KeyRecord(
            id=key_id,
            kind=kind,
            check_value=check,
            state=KeyState.ACTIVE if key_id == first else KeyState.READ_ONLY,
        )
        for key_id, check in keys
        if key_id not in states
    )
    transaction.on_commit(lambda: _noted.update(key_id for key_id, _check in keys))


# --- issuing and opening -----------------------------------------------------------------------------------
_noted: set[str] = set()  # names of root keys whose records are known to be committed


def wrapping_key() -> RootKey:
    """The master key that wraps new data keys; it has its record in the database."""
    ring = keyring()
    if not ring.has_master_keys or ring.primary.id not in _noted:
        register_keys()
    return ring.primary


def expect_noted(key_id: str) -> None:
    """The record of this root key is committed, says a process that asked the database; this one need not."""
    _noted.add(key_id)


class FreshKey(NamedTuple):
    """A data key that is not written yet: the columns of its row, and the key itself in the clear."""

    id: uuid.UUID
    subject_id: str
    wrapped: bytes
    master_key_id: str
    opened: OpenKey


def fresh_keys(kind: str, subject_ids: Iterable[uuid.UUID]) -> list[FreshKey]:
    """`new_data_keys` without model instances, for rows written with COPY by the hundred thousand."""
    master = wrapping_key()
    wrapper = wrapper_of(master)
    subjects = list(map(str, subject_ids))
    drawn = secrets.token_bytes(KEY_BYTES * len(subjects))
    found = []
    for at, (subject_id, key_id, nonce) in enumerate(
        zip(subjects, uuid7s(len(subjects)), nonces(len(subjects)), strict=True)
    ):
        secret = drawn[at * KEY_BYTES : (at + 1) * KEY_BYTES]
        wrapped = wrapper.wrap(secret, key_id, subject_of(kind, subject_id), nonce)
        found.append(FreshKey(key_id, subject_id, wrapped, master.id, OpenKey(key_id, secret)))
    return found


def new_data_keys(kind: str, subject_ids: Iterable[str | uuid.UUID]) -> list[DataKey]:
    """A data key for each subject, not written yet: for imports that write rows in bulk or with COPY."""
    master = wrapping_key()
    wrapper = wrapper_of(master)
    now = timezone.now()
    keys = []
    for subject_id in subject_ids:
        key = DataKey(subject_kind=kind, subject_id=str(subject_id), master_key_id=master.id, created_at=now)
        secret = secrets.token_bytes(KEY_BYTES)
        key.wrapped = wrapper.wrap(secret, key.id, subject_of(kind, subject_id))
        key.__dict__[OPENED] = OpenKey(key.id, secret)
        keys.append(key)
    return keys


def issue_data_keys(kind: str, subject_ids: Iterable[str | uuid.UUID]) -> list[DataKey]:
    """Write a new data key for each subject and return them in the same order."""
    return DataKey.objects.bulk_create(new_data_keys(kind, subject_ids), batch_size=5000)


def issue_data_key(kind: str, subject_id: str | uuid.UUID) -> DataKey:
    """Write a new data key for the subject, e.g. ("customer", customer.uuid), and return it."""
    return issue_data_keys(kind, [subject_id])[0]


def open_data_key(key: DataKey) -> OpenKey:
    """The key in the clear, unwrapped once per instance.

    Raises `DataKeyDestroyed`, `KeysMissing` (its master key is not here), `WrongKey`, `WrappedKeyBroken`.
    """
    opened: OpenKey | None = key.__dict__.get(OPENED)
    if opened is None:
        opened = key.__dict__[OPENED] = OpenKey(key.id, unwrap(key))
    return opened


def unwrap(key: DataKey) -> bytes:
    """The 32 secret bytes of a data key. Raises as `open_data_key`."""
    ring = keyring()
    if key.wrapped is None or key.id in ring.erased():
        raise DataKeyDestroyed
    master = ring.master(key.master_key_id)
    try:
        return wrapper_of(master).unwrap(bytes(key.wrapped), key.id, key.subject)
    except WrappedKeyBroken:
        record = KeyRecord.objects.filter(id=master.id).first()
        if record and check_value(master.secret, KeyKind.MASTER) != bytes(record.check_value):
            raise WrongKey(key=master.id, place=ring.place) from None
        raise


class KeyRow(NamedTuple):
    """A data key as a query of its columns gives it."""

    id: uuid.UUID
    subject_kind: str
    subject_id: str
    wrapped: bytes | None
    master_key_id: str


def key_opener() -> Callable[[KeyRow], OpenKey]:
    """A function that opens one key after the other; the key files are looked at once, and so is each key.

    It raises `DataKeyDestroyed`, `KeysMissing`, `WrappedKeyBroken`.
    """
    ring = keyring()
    destroyed = ring.erased()
    wrappers: dict[str, Wrapper] = {}
    known: dict[uuid.UUID, OpenKey] = {}

    def opened(key: KeyRow) -> OpenKey:
        if key.id in known:
            return known[key.id]
        if key.wrapped is None or key.id in destroyed:
            raise DataKeyDestroyed
        wrapper = wrappers.get(key.master_key_id)
        if wrapper is None:
            wrapper = wrappers[key.master_key_id] = wrapper_of(ring.master(key.master_key_id))
        subject = subject_of(key.subject_kind, key.subject_id)
        found = known[key.id] = OpenKey(key.id, wrapper.unwrap(bytes(key.wrapped), key.id, subject))
        return found

    return opened


def wrapper_of(master: RootKey) -> Wrapper:
    """The wrapping cipher of a master key."""
    return _wrapper(master.secret)


@lru_cache(maxsize=16)
def _wrapper(secret: bytes) -> Wrapper:
    return Wrapper(secret)


# --- keys of tables ----------------------------------------------------------------------------------------
_current: dict[str, tuple[float, OpenKey]] = {}  # by table, with the monotonic time it was read
_by_id: dict[uuid.UUID, tuple[str, OpenKey]] = {}  # with the table it belongs to
_unsure: set[uuid.UUID] = set()  # issued here in a transaction that may yet roll back: not to be cached


def table_key(table: str) -> OpenKey:
    """The data key that new values of that table are sealed with, issued on first use."""
    cached = _current.get(table)
    if cached is not None and time.monotonic() - cached[0] < TABLE_KEY_SECONDS:
        return cached[1]
    key = DataKey.objects.current().filter(subject_kind=DataKey.TABLE, subject_id=table).first()
    opened = open_data_key(key or issue_table_key(table))
    if opened.id not in _unsure:
        _current[table] = (time.monotonic(), opened)
        _by_id[opened.id] = (table, opened)
    return opened


def table_key_of(table: str, field: str, key_id: uuid.UUID | None) -> OpenKey:
    """The data key a value of that table was sealed with. Raises `SealBroken` if it is not this table's."""
    found = _by_id.get(key_id) if key_id else None
    if found is None:
        rows = DataKey.objects.filter(subject_kind=DataKey.TABLE)
        key = rows.filter(id=key_id).first() if key_id else None
        if key is None:
            raise SealBroken(table=table, column=field)
        found = (key.subject_id, open_data_key(key))
        if key.id not in _unsure:
            _by_id[key.id] = found
    if found[0] != table:
        raise SealBroken(table=table, column=field)
    return found[1]


def issue_table_key(table: str) -> DataKey:
    """Write a data key for the table unless it has a current one, and return the current one."""
    key = new_data_keys(DataKey.TABLE, [table])[0]
    _unsure.add(key.id)
    DataKey.objects.bulk_create([key], ignore_conflicts=True)  # another process may have been faster
    transaction.on_commit(lambda: _unsure.discard(key.id))
    return DataKey.objects.current().get(subject_kind=DataKey.TABLE, subject_id=table)


def forget_caches() -> None:
    """Read table keys and records afresh: after a migration, a rotation, or in tests."""
    _current.clear()
    _by_id.clear()
    _noted.clear()
    _unsure.clear()


# --- blind indexes -----------------------------------------------------------------------------------------
def blind_index(table: str, field: str, index: str, plaintext: str, bits: int = EXACT_BITS) -> bytes:
    """The blind index of a normalised plaintext under the first index key."""
    return blind_indexer(table, field, index, bits)(plaintext)


def blind_indexer(table: str, field: str, index: str, bits: int = EXACT_BITS) -> Callable[[str], bytes]:
    """`blind_index` for many plaintexts of one index."""
    return partial(keyed_hash, _index_key(_index_roots()[0].secret, table, field, index), bits=bits)


def blind_indexes(table: str, field: str, index: str, plaintext: str, bits: int = EXACT_BITS) -> list[bytes]:
    """What to search for: the blind index under every index key (more than one only while keys change)."""
    return [
        keyed_hash(_index_key(root.secret, table, field, index), plaintext, bits) for root in _index_roots()
    ]


def _index_roots() -> tuple[RootKey, ...]:
    try:
        return keyring().index_keys
    except KeysMissing:
        register_keys()  # makes the first key of a new merchant, or says which one is missing
        return keyring().index_keys


@lru_cache(maxsize=256)
def _index_key(root: bytes, table: str, field: str, index: str) -> bytes:
    return index_key(root, table, field, index)
