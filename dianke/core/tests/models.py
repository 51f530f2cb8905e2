"""Models the encryption tests work on; their tables exist only inside those tests.

They live in a registry of their own, so that no other test or migration sees them.
"""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import models

from dianke.core.encrypted_fields import (
    BlindIndexField,
    EncryptedDateField,
    EncryptedJSONField,
    EncryptedTextField,
    Sealed,
    SealedQuerySet,
    last_four,
)
from dianke.core.models import DataKey

test_apps = Apps()
test_apps.register_model("core", DataKey)


def digits(value: object) -> str | None:
    """Digits only, as a stand-in for the normaliser of phones."""
    return "".join(letter for letter in str(value) if letter.isdigit()) or None


class Contact(Sealed):
    """What belongs to a person: sealed with the person's key."""

    name = models.CharField(max_length=50, blank=True)
    customer_key = models.ForeignKey(DataKey, models.PROTECT, null=True, related_name="+")
    phone = EncryptedTextField(subject="customer_key", max_length=20, null=True, blank=True)
    birthday = EncryptedDateField(subject="customer_key", null=True, blank=True)
    phone_exact = BlindIndexField(source="phone", normalise=digits)
    phone_last4 = BlindIndexField(source="phone", index="last4", bits=13, normalise=last_four)

    objects = SealedQuerySet.as_manager()

    class Meta:
        apps = test_apps
        app_label = "core_tests"


class Note(Sealed):
    """What belongs to nobody: sealed with the key of the table."""

    title = models.CharField(max_length=50, blank=True)
    text = EncryptedTextField(default="")
    extra = EncryptedJSONField(null=True)
    text_exact = BlindIndexField(source="text")

    class Meta:
        apps = test_apps
        app_label = "core_tests"
