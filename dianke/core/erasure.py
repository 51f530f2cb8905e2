"""Erasing a person by destroying the key of their data (crypto-shredding).

What the key sealed can never be read again, here or in any backup: the row of the key keeps only when it was
destroyed, and the key directory keeps the key's number, so that a restored backup cannot bring it back. Blind
indexes of the person's values are emptied, because they could be compared with a guess.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from dianke.core.encrypted_fields import BlindIndexField, encrypted_fields_of, sealed_models
from dianke.core.keys import keyring
from dianke.core.models import OPENED, DataKey


@transaction.atomic
def destroy_data_keys(keys: Iterable[DataKey], *, now: datetime) -> None:
    """Destroy data keys and empty the blind indexes of what they sealed. There is no way back.

    The rows that hold the sealed values stay; reading them raises `DataKeyDestroyed`. Repeating is harmless.
    """
    keys = list(keys)
    ids = {key.id for key in keys}
    DataKey.objects.filter(id__in=ids).not_destroyed().update(wrapped=None, destroyed_at=now)
    _empty_blind_indexes(ids)
    for key in keys:
        key.wrapped = None
        key.destroyed_at = key.destroyed_at or now
        key.__dict__.pop(OPENED, None)
    # Only once it is certain: a number on that list is refused even if the database knows nothing of it.
    transaction.on_commit(lambda: keyring().record_erasures(ids))


def reconcile_erasures(*, now: datetime) -> int:
    """Bring database and key directory to the same list of destroyed keys; how many it destroyed.

    Run at every start: a restored backup brings destroyed keys back, and a crash right after an erasure
    can leave its number out of the directory.
    """
    ring = keyring()
    ring.record_erasures(DataKey.objects.destroyed().values_list("id", flat=True))
    revived = list(DataKey.objects.not_destroyed().filter(id__in=ring.erased()))
    if revived:
        destroy_data_keys(revived, now=now)
    return len(revived)


def _empty_blind_indexes(key_ids: Collection[uuid.UUID]) -> None:
    for model in sealed_models():
        for subject in {field.subject for field in encrypted_fields_of(model) if field.subject}:
            empty = {
                field.name: None
                for field in model._meta.concrete_fields
                if isinstance(field, BlindIndexField) and field.source_field.subject == subject
            }
            if empty:
                model._base_manager.filter(**{f"{subject}__in": key_ids}).update(**empty)
