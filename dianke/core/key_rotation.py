"""Changing keys while the shop is open, in small transactions: it can be stopped anywhere and run again.

Master key: a new one goes in front, then data keys are wrapped anew; nothing that was sealed changes. Key of
a table: a new one goes in front, then every value of the table is sealed anew. An old key goes only when
nothing is left on it. Blind index key: every index is computed anew. Step by step: docs/algorithms/encryption.md.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from dianke.core.crypto import HEADER_BYTES, VERSION, WrappedKeyBroken
from dianke.core.data_keys import forget_caches, issue_table_key, register_keys, unwrap, wrapper_of
from dianke.core.encrypted_fields import (
    BlindIndexField,
    Ciphertext,
    EncryptedField,
    Sealed,
    encrypted_fields_of,
    sealed_models,
    tables_with_own_key,
)
from dianke.core.erasure import reconcile_erasures
from dianke.core.keys import keyring
from dianke.core.models import DataKey, KeyKind, KeyRecord, KeyState

Report = Callable[[str], None]
# A process that read the key of a table before the rotation seals with it a little longer; so a retired key of
# a table is destroyed only by a run that finds nothing on it this long afterwards.
GRACE = timedelta(days=1)


@dataclass
class Rotation:
    """What a rotation did and what is left: `left` counts the rows still on each old key."""

    key: str
    moved: int = 0
    left: dict[str, int] = field(default_factory=dict)
    retired: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return not any(self.left.values())


# --- master key --------------------------------------------------------------------------------------------
def rotate_keys(*, report: Report, now: datetime, batch_size: int = 1000) -> Rotation:
    """Change the master key, or finish a change that was interrupted; retire every key nothing is left on.

    `report` gets a line after each committed batch; it may raise to stop, the next run goes on from there.
    With the keys in the environment the new key must stand first there already (`KeysNotInFile` says so).
    """
    ring = keyring()
    register_keys()
    reconcile_erasures(now=now)
    if len(ring.masters) == 1:
        ring.add_master()
        report(_("New master key %(key)s is in use.") % {"key": ring.primary.id})
    register_keys()  # the record of the new key, which alone is active from here on
    return rewrap_data_keys(report=report, now=now, batch_size=batch_size)


def rewrap_data_keys(*, report: Report, now: datetime, batch_size: int = 1000) -> Rotation:
    """Wrap every data key with the first master key, and retire the master keys nothing is left on."""
    ring = keyring()
    primary = ring.primary
    result = Rotation(key=primary.id)
    total = sum(_data_keys_left(primary.id).values())
    broken: set[uuid.UUID] = set()
    while moved := _rewrap_batch(primary.id, batch_size, broken):
        result.moved += moved
        report(_("%(done)s of %(total)s data keys moved.") % {"done": result.moved, "total": total})
    for record in KeyRecord.objects.filter(kind=KeyKind.MASTER).exclude(id=primary.id):
        is_retired = record.state == KeyState.RETIRED or _retire(record.id, now)
        if is_retired and not ring.is_in_environment and any(key.id == record.id for key in ring.masters):
            ring.retire(record.id)
            result.retired.append(record.id)
            report(_("Old master key %(key)s is retired.") % {"key": record.id})
    result.left = _data_keys_left(primary.id)
    for key_id, count in result.left.items():
        report(_("%(count)s data keys are still on the old key %(key)s.") % {"count": count, "key": key_id})
    return result


def _data_keys_left(primary: str) -> dict[str, int]:
    rows = DataKey.objects.not_destroyed().exclude(master_key_id=primary).order_by()
    return dict(rows.values_list("master_key_id").annotate(models.Count("id")))


@transaction.atomic
def _rewrap_batch(primary: str, batch_size: int, broken: set[uuid.UUID]) -> int:
    """Wrap the next keys anew; how many, 0 when none is left that can be.

    Keys that do not open are added to `broken` and stay on their old master key, which therefore stays too.
    Keys another rotation is just moving are left to it.
    """
    rows = DataKey.objects.not_destroyed().exclude(master_key_id=primary).exclude(id__in=broken)
    wrapper = wrapper_of(keyring().master(primary))
    ids, wrapped = [], []
    for key in rows.order_by("id").select_for_update(skip_locked=True)[:batch_size]:
        try:
            wrapped.append(wrapper.wrap(unwrap(key), key.id, key.subject))
            ids.append(key.id)
        except WrappedKeyBroken:
            broken.add(key.id)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_datakey SET wrapped = fresh.wrapped, master_key_id = %s"
            " FROM unnest(%s::uuid[], %s::bytea[]) AS fresh (id, wrapped) WHERE core_datakey.id = fresh.id",
            [primary, ids, wrapped],
        )
    return len(ids)


@transaction.atomic
def _retire(key_id: str, now: datetime) -> bool:
    """Mark a master key retired if nothing is wrapped with it; from then on the database refuses it."""
    KeyRecord.objects.filter(id=key_id).update(state=KeyState.RETIRED, retired_at=now)  # waits for writers
    if DataKey.objects.not_destroyed().filter(master_key_id=key_id).exists():
        transaction.set_rollback(True)
        return False
    return True


# --- keys of tables ----------------------------------------------------------------------------------------
def rotate_table_keys(*, report: Report, now: datetime, batch_size: int = 500) -> list[Rotation]:
    """`rotate_table_key` for every table that has a key of its own."""
    return [
        rotate_table_key(table, report=report, now=now, batch_size=batch_size)
        for table in tables_with_own_key()
    ]


def rotate_table_key(table: str, *, report: Report, now: datetime, batch_size: int = 500) -> Rotation:
    """Give the table a new data key and seal its values anew, or finish a change that was interrupted.

    Old keys nothing is left on are destroyed once retired for `GRACE`. `report` as in `rotate_keys`.
    """
    keys = DataKey.objects.filter(subject_kind=DataKey.TABLE, subject_id=table).not_destroyed()
    is_interrupted = keys.exclude(retired_at=None).exists() and _values_left(table, keys.current().get())
    if not is_interrupted:
        with transaction.atomic():
            keys.current().update(retired_at=now)
            issue_table_key(table)
    forget_caches()
    current = keys.current().get()
    result = Rotation(key=str(current.id))
    for count in _reseal(table, current, batch_size):
        result.moved += count
        report(_("%(table)s: %(done)s rows sealed anew.") % {"table": table, "done": result.moved})
    left = _values_left(table, current)
    if left:
        result.left = {table: left}
        report(_("%(table)s: %(count)s rows are still on the old key.") % {"table": table, "count": left})
        return result
    for key in keys.filter(retired_at__lte=now - GRACE):
        keys.filter(id=key.id).update(wrapped=None, destroyed_at=now)
        result.retired.append(str(key.id))
    return result


def _holders(table: str) -> Iterator[tuple[type[Sealed], list[EncryptedField]]]:
    """The models with fields sealed under the table's key, and those fields."""
    for model in sealed_models():
        fields = [
            found
            for found in encrypted_fields_of(model)
            if found.model is model and not found.subject and found.seal_table == table
        ]
        if fields:
            yield model, fields


def _off_key(model: type[Sealed], fields: list[EncryptedField], current: DataKey) -> models.QuerySet[Sealed]:
    """The rows that have a value sealed with another key than `current`."""
    header = VERSION + current.id.bytes
    rows = model._base_manager.all()
    condition = models.Q()
    for found in fields:
        name = f"header_of_{found.name}"
        head = models.Func(
            models.F(found.name),
            models.Value(1),
            models.Value(HEADER_BYTES),
            function="substring",
            output_field=models.BinaryField(),
        )
        rows = rows.alias(**{name: head})
        condition |= models.Q(**{f"{name}__lt": header}) | models.Q(**{f"{name}__gt": header})
    return rows.filter(condition)


def _values_left(table: str, current: DataKey) -> int:
    return sum(_off_key(model, fields, current).count() for model, fields in _holders(table))


def _reseal(table: str, current: DataKey, batch_size: int) -> Iterator[int]:
    """Seal batch after batch anew, each its own transaction; yields the number of rows of each."""
    for model, fields in _holders(table):
        last: Any = None
        while True:
            with transaction.atomic():
                rows = _off_key(model, fields, current).order_by("pk")
                if last is not None:
                    rows = rows.filter(pk__gt=last)
                batch = list(rows.select_for_update(of=("self",))[:batch_size])
                for row in batch:
                    for found in fields:
                        _reseal_value(row, found)
                if batch:
                    model._base_manager.bulk_update(batch, [found.name for found in fields])
            if not batch:
                break
            last = batch[-1].pk
            yield len(batch)


def _reseal_value(row: Sealed, found: EncryptedField) -> None:
    sealed = getattr(row, found.attname)
    if sealed is not None:
        row.__dict__[found.attname] = Ciphertext(found.seal(row, found.open(row, sealed)))


# --- blind indexes -----------------------------------------------------------------------------------------
def rotate_index_key(*, report: Report, now: datetime, batch_size: int = 500) -> int:
    """Change the blind index key, or finish a change that was interrupted; how many rows were indexed anew.

    Searches find old and new rows meanwhile, but an exact index does not see that an old and a new row are equal:
    do it at a quiet hour.
    """
    ring = keyring()
    register_keys()
    if len(ring.index_keys) == 1:
        ring.add_index_key()
        report(_("New blind index key %(key)s is in use.") % {"key": ring.index_keys[0].id})
    register_keys()
    total = 0
    # Again and again, until no row is left that somebody indexed with the old key during the last round.
    while changed := sum(
        rebuild_blind_indexes(model, report=report, batch_size=batch_size) for model in sealed_models()
    ):
        total += changed
    for old in ring.index_keys[1:]:
        ring.drop_index_key(old.id)
    kept = ring.index_keys[0].id
    records = KeyRecord.objects.filter(kind=KeyKind.BLIND_INDEX).exclude(state=KeyState.RETIRED)
    records.exclude(id=kept).update(state=KeyState.RETIRED, retired_at=now)
    return total


def rebuild_blind_indexes(model: type[Sealed], *, report: Report, batch_size: int = 500) -> int:
    """Compute every blind index of the table anew, after its key or its normaliser changed; the rows changed.

    Rows whose key was destroyed keep empty indexes. A second run changes nothing.
    """
    indexes = [found for found in model._meta.concrete_fields if isinstance(found, BlindIndexField)]
    if not indexes:
        return 0
    names = [found.name for found in indexes]
    changed = 0
    last: Any = None
    while True:
        with transaction.atomic():
            rows = model._base_manager.select_for_update(of=("self",)).order_by("pk")
            if last is not None:
                rows = rows.filter(pk__gt=last)
            batch = list(rows[:batch_size])
            models.prefetch_related_objects(batch, *{found.source_field.subject for found in indexes} - {""})
            touched = [row for row in batch if _reindex(row, indexes)]
            if touched:
                model._base_manager.bulk_update(touched, names)
        if not batch:
            return changed
        last = batch[-1].pk
        changed += len(touched)
        report(_("%(table)s: %(done)s rows indexed anew.") % {"table": model._meta.db_table, "done": changed})


def _reindex(row: Sealed, indexes: list[BlindIndexField]) -> bool:
    is_changed = False
    for index in indexes:
        source = index.source_field
        key = getattr(row, source.subject) if source.subject else None
        is_erased = key is not None and key.is_destroyed
        fresh = None if is_erased else index.value_for(source.read(row))
        if fresh != getattr(row, index.attname):
            row.__dict__[index.attname] = fresh
            is_changed = True
    return is_changed
