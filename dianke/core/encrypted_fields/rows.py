"""The base of models with encrypted fields, the list of them, and sealing many rows at once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from dianke.core.crypto import OpenKey
from dianke.core.data_keys import FreshKey, KeyRow, key_opener, open_data_key, table_key
from dianke.core.encrypted_fields.blind_indexes import blind_index_field, with_blind_indexes
from dianke.core.encrypted_fields.sealing import OPENED, EncryptedField
from dianke.core.ids import uuid7
from dianke.core.models import DataKey


class Sealed(models.Model):
    """Base of every model with encrypted fields: an identity that is known before the row is written."""

    uuid = models.UUIDField(_("id"), default=uuid7, unique=True, editable=False)

    class Meta:
        abstract = True

    def __getstate__(self) -> dict[str, Any]:
        """Pickles (caches, jobs) carry ciphertexts only."""
        for field in encrypted_fields_of(type(self)):
            if field.attname in self.__dict__:
                field.seal_pending(self)
        return {name: value for name, value in super().__getstate__().items() if name != OPENED}

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A partial save of an encrypted field takes its blind indexes along."""
        names = kwargs.get("update_fields")
        if names is not None:
            kwargs["update_fields"] = with_blind_indexes(type(self), names)
        super().save(*args, **kwargs)

    @classmethod
    def blind(cls, source: str, value: Any, index: str = "exact") -> dict[str, Any]:
        """Conditions to find rows by an encrypted field: `filter(**Contact.blind("phone", "13800138000"))`.

        An index of few bits (last four digits) also returns rows that only share it: compare after opening.
        """
        field = blind_index_field(cls, source, index)
        return {f"{field.name}__in": field.search_values(value)}


class SealedQuerySet(models.QuerySet[Any]):
    """For models with encrypted fields: a bulk update takes the blind indexes along."""

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> int:
        return super().bulk_update(objs, with_blind_indexes(self.model, fields), batch_size)


def encrypted_fields_of(model: type[models.Model]) -> list[EncryptedField]:
    """The encrypted fields of one model."""
    return [field for field in model._meta.concrete_fields if isinstance(field, EncryptedField)]


def sealed_models() -> Iterator[type[Sealed]]:
    """Every installed model that has encrypted fields."""
    for model in apps.get_models():
        if issubclass(model, Sealed) and encrypted_fields_of(model):
            yield model


def tables_with_own_key() -> list[str]:
    """Names under which tables have a data key of their own."""
    return sorted(
        {
            field.seal_table
            for model in sealed_models()
            for field in encrypted_fields_of(model)
            if not field.subject
        }
    )


def value_opener(
    field: EncryptedField, opened_key: Callable[[KeyRow], OpenKey] | None = None
) -> Callable[[uuid.UUID, bytes, KeyRow], Any]:
    """A function that opens one value after the other, given as a query of columns gives them: the row's uuid, the
    sealed bytes, the subject's data key. Without model instances, for many values of which few are shown. Several
    fields of the same people share one `key_opener`. It raises `SealBroken` and what `key_opener` raises."""
    opened_key = opened_key or key_opener()

    def opened(row: uuid.UUID, sealed: bytes, key: KeyRow) -> Any:
        encoded = opened_key(key).open(bytes(sealed), table=field.seal_table, field=field.seal_name, row=row)
        return field.decode(encoded)

    return opened


def encrypt_many(
    field: EncryptedField,
    rows: Sequence[uuid.UUID],
    values: Sequence[Any],
    keys: Sequence[DataKey | FreshKey | OpenKey] | None = None,
) -> list[bytes | None]:
    """The column of `field` for many rows at once, without model instances: for imports with COPY.

    `rows` are the rows' uuids, `keys` their subjects' data keys (None: the key of the table).
    """
    table, name, encode = field.seal_table, field.seal_name, field.encode
    openers = [table_key(table)] * len(rows) if keys is None else [_opened(key) for key in keys]
    plaintexts = [None if value is None else encode(value) for value in values]
    return OpenKey.seal_column(openers, plaintexts, rows, table=table, field=name)


def _opened(key: DataKey | FreshKey | OpenKey) -> OpenKey:
    if isinstance(key, OpenKey):
        return key
    return key.opened if isinstance(key, FreshKey) else open_data_key(key)
