"""What the database knows about keys: names and check values of the root keys, and the wrapped data keys.

No row here opens anything by itself. Data keys are issued, opened and destroyed in `data_keys`.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from dianke.core.ids import uuid7

OPENED = "_opened"  # where an instance keeps its key in the clear; never pickled


class KeyKind(models.TextChoices):
    MASTER = "MASTER", _("Master key")
    BLIND_INDEX = "BLIND_INDEX", _("Blind index key")
    SEAL = "SEAL", _("Signing key of the audit log")


class KeyState(models.TextChoices):
    ACTIVE = "ACTIVE", _("In use")
    READ_ONLY = "READ_ONLY", _("Only for reading")
    RETIRED = "RETIRED", _("Retired")


class KeyRecord(models.Model):
    """One root key this database was encrypted with; the key itself is in the key directory.

    A trigger refuses data keys on a RETIRED record and locks the record while data keys are being added, so
    that a key cannot be retired between the moment another process wraps with it and the moment that commits.
    """

    id = models.CharField(_("key"), primary_key=True, max_length=40)
    kind = models.CharField(_("kind"), max_length=12, choices=KeyKind)
    state = models.CharField(_("state"), max_length=10, choices=KeyState, default=KeyState.ACTIVE)
    check_value = models.BinaryField(_("check value"))
    created_at = models.DateTimeField(_("created"), db_default=Now())
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)

    class Meta:
        verbose_name = _("key")
        verbose_name_plural = _("keys")
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(state=KeyState.ACTIVE),
                name="core_keyrecord_one_active",
                violation_error_message=_("Another key of this kind is in use."),
            ),
            models.CheckConstraint(
                condition=models.Q(state=KeyState.RETIRED, retired_at__isnull=False)
                | (~models.Q(state=KeyState.RETIRED) & models.Q(retired_at__isnull=True)),
                name="core_keyrecord_retired_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class DataKeyQuerySet(models.QuerySet["DataKey"]):
    def current(self) -> DataKeyQuerySet:
        """Keys that new values are sealed with."""
        return self.filter(retired_at=None, destroyed_at=None)

    def destroyed(self) -> DataKeyQuerySet:
        return self.filter(destroyed_at__isnull=False)

    def not_destroyed(self) -> DataKeyQuerySet:
        return self.filter(destroyed_at=None)


class DataKey(models.Model):
    """The key of one subject (a customer; or a table, for what belongs to nobody), wrapped by a master key.

    Destroying it destroys everything sealed with it, in backups too (`data_keys.destroy_data_keys`).
    """

    TABLE = "table"

    id = models.UUIDField(_("id"), primary_key=True, default=uuid7, editable=False)
    subject_kind = models.CharField(_("kind of subject"), max_length=40)
    subject_id = models.CharField(_("subject"), max_length=64)
    wrapped = models.BinaryField(_("wrapped key"), null=True)
    master_key = models.ForeignKey(
        KeyRecord, models.PROTECT, verbose_name=_("master key"), related_name="data_keys", db_index=False
    )
    created_at = models.DateTimeField(_("created"), db_default=Now())
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)
    destroyed_at = models.DateTimeField(_("destroyed"), null=True, blank=True)

    objects = DataKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("data key")
        verbose_name_plural = _("data keys")
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"],
                condition=models.Q(retired_at=None, destroyed_at=None),
                name="core_datakey_one_current",
                violation_error_message=_("This subject has a key already."),
            ),
            models.CheckConstraint(
                condition=models.Q(wrapped=None, destroyed_at__isnull=False)
                | models.Q(wrapped__isnull=False, destroyed_at=None),
                name="core_datakey_destroyed_has_no_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.id}"

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name != OPENED}

    @property
    def subject(self) -> str:
        return subject_of(self.subject_kind, self.subject_id)

    @property
    def is_destroyed(self) -> bool:
        return self.destroyed_at is not None


def subject_of(kind: str, subject_id: str | uuid.UUID) -> str:
    """Whose key it is, as one string bound into the wrapping."""
    return f"{kind}:{subject_id}"
