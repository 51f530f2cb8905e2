"""The base of encrypted fields: a row holds a sealed value, opens it when read and seals it when written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from django.core import checks
from django.core.exceptions import FieldError
from django.db import models

from dianke.core.crypto import OpenKey, SealBroken, key_of
from dianke.core.data_keys import open_data_key, table_key, table_key_of
from dianke.core.encrypted_fields.blind_indexes import blind_indexes_of
from dianke.core.models import DataKey

if TYPE_CHECKING:
    _Field = models.Field[Any, Any]
else:
    _Field = models.Field


class Ciphertext(bytes):
    """Bytes out of an encrypted column."""

    def __repr__(self) -> str:
        return f"<sealed, {len(self)} bytes>"


class Pending:
    """A value set on a row, to be sealed when the row is written. Keeps the plaintext out of `repr`."""

    __slots__ = ("field", "plain", "row")

    def __init__(self, row: models.Model, field: EncryptedField, plain: Any) -> None:
        self.row, self.field, self.plain = row, field, plain

    def __repr__(self) -> str:
        return "<value to be sealed>"


OPENED = "_opened_values"  # on the row: {attname: (ciphertext, value, encoded value)}


class _Access:
    """`row.phone`: opens on reading, keeps for sealing on writing."""

    def __init__(self, field: EncryptedField) -> None:
        self.field = field

    def __get__(self, row: models.Model | None, owner: type[models.Model]) -> Any:
        return self if row is None else self.field.read(row)

    def __set__(self, row: models.Model, value: Any) -> None:
        self.field.write(row, value)


class EncryptedField(_Field, ABC):
    """Base of the encrypted fields.

    `subject` names the row's foreign key to the DataKey that seals the value; without it the key of the table
    does. `known_as` ("old_table.old_field") keeps values readable after a rename.
    """

    empty_strings_allowed = False
    subject: str
    known_as: str
    seal_table: str
    seal_name: str
    db_index: bool

    def __init__(self, *args: Any, subject: str = "", known_as: str = "", **kwargs: Any) -> None:
        self.subject, self.known_as = subject, known_as
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_length", None)
        if self.known_as:
            kwargs["known_as"] = self.known_as
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_attname(self) -> str:
        return f"{self.name}_sealed"

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, name, _Access(self))
        table, _dot, field = self.known_as.rpartition(".")
        self.seal_table, self.seal_name = table or cls._meta.db_table, field or name

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        problems = super().check(**kwargs)
        if not any(field.name == "uuid" for field in self.model._meta.fields):
            problems.append(checks.Error("Encrypted fields need the base Sealed.", obj=self, id="core.E001"))
        if self.unique or self.db_index or self.primary_key:
            problems.append(
                checks.Error(
                    "Encrypted values cannot be indexed; use BlindIndexField.", obj=self, id="core.E002"
                )
            )
        key: Any = next((field for field in self.model._meta.fields if field.name == self.subject), None)
        if self.subject and (key is None or key.related_model is not DataKey):
            problems.append(
                checks.Error(
                    f"subject={self.subject!r} is no foreign key to DataKey.", obj=self, id="core.E003"
                )
            )
        return problems

    # --- a row's value -------------------------------------------------------------------------------------
    def read(self, row: models.Model) -> Any:
        """The row's value in the clear. Raises `SealBroken`, `DataKeyDestroyed` and the errors of keys."""
        current = getattr(row, self.attname)
        if current is None:
            return None
        if not isinstance(current, Ciphertext):
            return self.pending(row, current).plain
        known = row.__dict__.setdefault(OPENED, {}).get(self.attname)
        if known is not None and known[0] is current:
            return known[1]
        encoded = self.open(row, current)
        value = self.decode(encoded)
        row.__dict__[OPENED][self.attname] = (current, value, encoded)
        return value

    def write(self, row: models.Model, value: Any) -> None:
        """Set the row's value; it is sealed when the row is saved."""
        row.__dict__[self.attname] = None if value is None else Pending(row, self, value)
        for index in blind_indexes_of(type(row), self.name):
            index.follow(row)

    def pending(self, row: models.Model, value: Any) -> Pending:
        """The value as one to be sealed; Django itself sets defaults and cleaned values plainly."""
        if isinstance(value, Pending):
            return value
        self.write(row, value)
        fresh: Pending = row.__dict__[self.attname]
        return fresh

    def is_pending(self, row: models.Model) -> bool:
        """Whether the row's value is not the one that was read from the database."""
        return not isinstance(row.__dict__.get(self.attname), Ciphertext | None)

    def seal_pending(self, row: models.Model) -> Ciphertext | None:
        """The bytes for the column: those that were read if the value did not change, else fresh ones."""
        current = getattr(row, self.attname)
        if current is None:
            return None
        if isinstance(current, Ciphertext):
            known = row.__dict__.get(OPENED, {}).get(self.attname)
            is_opened = known is not None and known[0] is current
            encoded = self.encode(known[1]) if is_opened else None
            is_changed = is_opened and encoded != known[2]  # a JSON value was changed in place
            moved = self.subject and key_of(current) != getattr(row, f"{self.subject}_id")
            if not is_changed and not moved and not row._state.adding:
                return current
            # A new row with old bytes is a copy: opening proves that they are its own.
            value = known[1] if is_opened else self.decode(self.open(row, current, check_subject=False))
            encoded = self.encode(value)
        else:
            value = self.to_python(self.pending(row, current).plain)
            encoded = self.encode(value)
        sealed = Ciphertext(self.seal(row, encoded))
        row.__dict__[self.attname] = sealed
        row.__dict__.setdefault(OPENED, {})[self.attname] = (sealed, value, encoded)
        return sealed

    def seal(self, row: models.Model, encoded: bytes) -> bytes:
        """Seal for this row with its subject's key or the table's."""
        return self.sealing_key(row).seal(
            encoded,
            table=self.seal_table,
            field=self.seal_name,
            row=row.uuid,  # type: ignore[attr-defined]
        )

    def open(self, row: models.Model, sealed: bytes, *, check_subject: bool = True) -> bytes:
        """Open bytes of this row. With `check_subject` they must be sealed with the key the row names now."""
        key_id = key_of(sealed)
        if not self.subject:
            key = table_key_of(self.seal_table, self.seal_name, key_id)
        elif key_id is not None and (check_subject or key_id == getattr(row, f"{self.subject}_id")):
            key = self.sealing_key(row)
        else:
            key = self._former_key(key_id)
        return key.open(
            sealed,
            table=self.seal_table,
            field=self.seal_name,
            row=row.uuid,  # type: ignore[attr-defined]
        )

    def sealing_key(self, row: models.Model) -> OpenKey:
        """The data key this row's value is to be sealed with."""
        if not self.subject:
            return table_key(self.seal_table)
        subject = getattr(row, self.subject)
        if subject is None:
            raise ValueError(f"set {self.subject} before {self.name}: its value is sealed with that key")
        return open_data_key(subject)

    def _former_key(self, key_id: Any) -> OpenKey:
        key = DataKey.objects.filter(id=key_id).first() if key_id else None
        if key is None:
            raise SealBroken(table=self.seal_table, column=self.seal_name)
        return open_data_key(key)

    # --- what kinds of value differ in ---------------------------------------------------------------------
    @abstractmethod
    def encode(self, value: Any) -> bytes:
        """The bytes that are sealed."""

    @abstractmethod
    def decode(self, encoded: bytes) -> Any:
        """The value of bytes that were opened."""

    # --- Django --------------------------------------------------------------------------------------------
    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Ciphertext | None:
        return None if value is None else Ciphertext(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return self.seal_pending(model_instance)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, Pending):  # bulk_update takes the attribute as it is
            value = value.field.seal_pending(value.row)
        if value is not None and not isinstance(value, Ciphertext):
            raise FieldError(f"{self.name} is encrypted: set it on the row and save the row.")
        return None if value is None else connection.Database.Binary(value)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError(
            f"{self.name} is encrypted and cannot be compared in the database; "
            f"search with {self.model.__name__}.blind()."
        )

    def value_from_object(self, obj: models.Model) -> Any:
        return self.read(obj)

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(f"{self.name} is encrypted; export it through the room it belongs to.")

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        if isinstance(value, Ciphertext):
            return value
        return super().clean(value.plain if isinstance(value, Pending) else value, model_instance)
