"""The encrypted fields: text, JSON and dates."""

from __future__ import annotations

import datetime
import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from dianke.core.encrypted_fields.sealing import EncryptedField
from dianke.core.json_bytes import encoded


class EncryptedTextField(EncryptedField):
    """Encrypted text; `max_length` (characters) is checked on validation."""

    description = _("Encrypted text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(MaxLengthValidator(self.max_length))

    def encode(self, value: Any) -> bytes:
        return str(value).encode()

    def decode(self, encoded: bytes) -> str:
        return encoded.decode()

    def to_python(self, value: Any) -> str | None:
        return None if value is None else str(value)

    def formfield(self, **kwargs: Any) -> Any:
        widget = {} if self.max_length else {"widget": forms.Textarea}
        defaults = {"form_class": forms.CharField, "max_length": self.max_length, **widget}
        if self.null:
            defaults["empty_value"] = None
        return super().formfield(**{**defaults, **kwargs})


class EncryptedJSONField(EncryptedField):
    """Encrypted JSON (objects, lists, text, whole numbers, booleans, None inside)."""

    description = _("Encrypted JSON")

    def encode(self, value: Any) -> bytes:
        return encoded(value)

    def decode(self, encoded: bytes) -> Any:
        return json.loads(encoded)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.JSONField, **kwargs})


class EncryptedDateField(EncryptedField):
    """Encrypted calendar date."""

    description = _("Encrypted date")

    def encode(self, value: Any) -> bytes:
        date = self.to_python(value)
        return b"" if date is None else date.isoformat().encode()

    def decode(self, encoded: bytes) -> datetime.date | None:
        return self.to_python(encoded.decode())

    def to_python(self, value: Any) -> datetime.date | None:
        if value in (None, ""):
            return None
        if isinstance(value, datetime.datetime):
            return value.date()
        if isinstance(value, datetime.date):
            return value
        try:
            date = parse_date(str(value))
        except ValueError:
            date = None
        if date is None:
            raise ValidationError(
                _("%(value)s is no date. Write it like 1990-05-28."), params={"value": value}
            )
        return date

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.DateField, **kwargs})
