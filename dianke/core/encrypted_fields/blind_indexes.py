"""Columns that find encrypted values: a keyed hash of a normalised form of another, encrypted, field.

They follow their source by themselves; nobody sets them. `bits=256` is for exact match. Fewer bits are for
filters such as the last four digits: several values then share an index on purpose, so the column tells less
about the person, and what is found must be compared after opening (`crypto.planned_bits` says how many bits
suit how many rows).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from django.core import checks
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import models

from dianke.core.crypto import EXACT_BITS
from dianke.core.data_keys import blind_index, blind_indexer, blind_indexes

if TYPE_CHECKING:
    from dianke.core.encrypted_fields.sealing import EncryptedField

    _Field = models.Field[Any, Any]
else:
    _Field = models.Field

Normaliser = Callable[[Any], str | None]


def folded(value: Any) -> str | None:
    """Full width, case and outer blanks do not matter."""
    return unicodedata.normalize("NFKC", str(value)).strip().casefold() or None


_NO_DIGIT = re.compile(r"[^0-9]+")


def last_four(value: Any) -> str | None:
    """The last four digits; None if there are fewer."""
    return last_digits(value, 4)


def last_six(value: Any) -> str | None:
    """The last six digits; None if there are fewer."""
    return last_digits(value, 6)


def last_digits(value: Any, count: int) -> str | None:
    """That many digits from the end, in whatever script they are written; None if there are fewer."""
    text = str(value)
    tail = text[-count:]
    if len(tail) == count and tail.isascii() and tail.isdecimal():  # as of every number in one form
        return tail
    if text.isascii():
        digits = _NO_DIGIT.sub("", text)
    else:
        digits = "".join(
            str(unicodedata.digit(letter)) for letter in text if unicodedata.digit(letter, None) is not None
        )
    return digits[-count:] if len(digits) >= count else None


class PendingIndex:
    """Stands in a row for an index that is computed when the row is written."""

    __slots__ = ("field", "row")

    def __init__(self, row: models.Model, field: BlindIndexField) -> None:
        self.row, self.field = row, field


class BlindIndexField(_Field):
    """A blind index of the encrypted field `source`.

    `index` names it among those of the source and is part of its key; `normalise` takes the source's value to
    the text that is hashed (None or "": no index). Nullable and indexed unless said otherwise.
    """

    empty_strings_allowed = False
    model: type[models.Model]
    db_index: bool

    def __init__(
        self,
        *args: Any,
        source: str = "",
        index: str = "exact",
        bits: int = EXACT_BITS,
        normalise: Normaliser = folded,
        **kwargs: Any,
    ) -> None:
        self.source, self.index, self.bits, self.normalise = source, index, bits, normalise
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("editable", False)
        kwargs.setdefault("db_index", not kwargs.get("unique"))
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs["db_index"] = self.db_index
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "BinaryField"

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        problems = super().check(**kwargs)
        try:
            source: Any = self.model._meta.get_field(self.source)
        except FieldDoesNotExist:
            source = None
        if not hasattr(source, "seal_pending"):
            hint = f"source={self.source!r} is no encrypted field of {self.model.__name__}."
            problems.append(checks.Error(hint, obj=self, id="core.E004"))
        elif source.subject and not self.null:
            hint = "An index of a subject's value is emptied when the subject is erased: null=True."
            problems.append(checks.Error(hint, obj=self, id="core.E005"))
        return problems

    @property
    def source_field(self) -> EncryptedField:
        return cast("EncryptedField", self.model._meta.get_field(self.source))

    # --- values --------------------------------------------------------------------------------------------
    def value_for(self, value: Any) -> bytes | None:
        """The index of one value of the source, to be written."""
        text = None if value is None else self.normalise(value)
        if not text:
            return None
        source = self.source_field
        return blind_index(source.seal_table, source.seal_name, self.index, text, self.bits)

    def search_values(self, value: Any) -> list[bytes]:
        """What rows with that value may hold; none for a value that has no index."""
        text = None if value is None else self.normalise(value)
        if not text:
            return []
        source = self.source_field
        return blind_indexes(source.seal_table, source.seal_name, self.index, text, self.bits)

    def follow(self, row: models.Model) -> None:
        """The source of this row was set: compute the index when the row is written."""
        row.__dict__[self.attname] = PendingIndex(row, self)

    def settle(self, row: models.Model) -> bytes | None:
        """The bytes for the column, computed if the source changed."""
        current = getattr(row, self.attname)
        if isinstance(current, PendingIndex) or self.source_field.is_pending(row):
            current = row.__dict__[self.attname] = self.value_for(self.source_field.read(row))
        return None if current is None else bytes(current)

    # --- Django --------------------------------------------------------------------------------------------
    def pre_save(self, model_instance: models.Model, add: bool) -> bytes | None:
        return self.settle(model_instance)

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, PendingIndex):
            return value.field.settle(value.row)
        if isinstance(value, str):
            raise FieldError(f"{self.name} holds hashes; search with {self.model.__name__}.blind().")
        return super().get_prep_value(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = self.get_prep_value(value)
        return None if value is None else connection.Database.Binary(value)

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> bytes | None:
        return None if value is None else bytes(value)


# --- the fields of a model ---------------------------------------------------------------------------------
@lru_cache(maxsize=1024)
def blind_indexes_of(model: type[models.Model], source: str) -> tuple[BlindIndexField, ...]:
    """The blind indexes that follow one encrypted field."""
    fields = [field for field in model._meta.concrete_fields if isinstance(field, BlindIndexField)]
    return tuple(field for field in fields if field.source == source)


def blind_index_field(model: type[models.Model], source: str, index: str) -> BlindIndexField:
    """The blind index field of that name over that source."""
    for field in blind_indexes_of(model, source):
        if field.index == index:
            return field
    raise FieldError(f"{model.__name__}.{source} has no blind index {index!r}")


def with_blind_indexes(model: type[models.Model], names: Iterable[str]) -> list[str]:
    """Field names for a partial save, with the blind indexes of the encrypted ones among them."""
    wanted = list(names)
    for field in model._meta.concrete_fields:
        if isinstance(field, BlindIndexField) and field.name not in wanted:
            source = field.source_field
            if source.name in wanted or source.attname in wanted:
                wanted.append(field.name)
    return wanted


def index_many(field: BlindIndexField, values: Sequence[Any]) -> list[bytes | None]:
    """The index of each value, for imports that write rows in bulk or with COPY."""
    texts = [None if value is None else field.normalise(value) for value in values]
    return index_texts(field, texts)


def index_texts(field: BlindIndexField, texts: Sequence[str | None]) -> list[bytes | None]:
    """`index_many` of texts that are normalised already."""
    source = field.source_field
    index = blind_indexer(source.seal_table, source.seal_name, field.index, field.bits)
    return [index(text) if text else None for text in texts]
