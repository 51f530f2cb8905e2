"""Source records: what arrived about a customer, from where, as it came. Nothing here is ever changed.

A profile is what survives of the records of its cluster (`rules/survivorship.py`). A correction by staff is a
record too.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.core.encrypted_fields import EncryptedJSONField, EncryptedTextField, Sealed
from dianke.customers.models.people import Customer, customer_key


class Channel(models.TextChoices):
    COUNTER = "COUNTER", _("Counter")
    QR = "QR", _("Scanned QR code")
    WEB = "WEB", _("Web form")
    IMPORT = "IMPORT", _("Import")
    ECOMMERCE = "ECOMMERCE", _("Online shop")
    WECHAT = "WECHAT", _("WeChat")
    API = "API", _("Interface")
    PORTAL = "PORTAL", _("Customer's phone")
    STAFF = "STAFF", _("Correction by staff")
    DEMO = "DEMO", _("Demo")


class Review(models.TextChoices):
    ACCEPTED = "ACCEPTED", _("Accepted")
    WAITING = "WAITING", _("Waiting for review")
    REFUSED = "REFUSED", _("Refused")


class SourceRecord(Sealed):
    """`payload` is `{"raw": what came, "fields": the normalised profile fields}`; `customer` the identity it
    belongs to and whose key seals it. `source` names the system or file, `external_id` its key there;
    `fingerprint` (a keyed hash of the normalised fields) tells a repeat. `run_id` and `row` point into an
    import."""

    key = customer_key()
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="records")
    channel = models.CharField(_("channel"), max_length=12, choices=Channel)
    source = models.CharField(_("source"), max_length=60, blank=True)
    campaign = models.CharField(_("campaign"), max_length=60, blank=True)
    external_id = models.CharField(_("number there"), max_length=120, blank=True)
    received_at = models.DateTimeField(_("received"))
    payload = EncryptedJSONField(_("content"), subject="key", null=True)
    fingerprint = models.BinaryField(editable=False, null=True)
    review = models.CharField(_("review"), max_length=8, choices=Review, default=Review.ACCEPTED)
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    run_id = models.BigIntegerField(null=True, blank=True)
    row = models.IntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("source record")
        verbose_name_plural = _("source records")
        constraints = [
            models.UniqueConstraint(
                fields=["run_id", "row"], condition=Q(run_id__isnull=False), name="record_once_per_import_row"
            )
        ]
        indexes = [
            models.Index(
                fields=["source", "external_id"], name="record_by_external_id", condition=~Q(external_id="")
            ),
            models.Index(fields=["received_at"], name="record_waiting", condition=Q(review=Review.WAITING)),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.received_at:%Y-%m-%d}"


class CustomerFile(Sealed):
    """A file kept with a customer; the bytes stand sealed in the data directory under `uuid`."""

    key = customer_key()
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="files")
    name = EncryptedTextField(_("file name"), subject="key", max_length=160, null=True)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField(_("size in bytes"))
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    added_at = models.DateTimeField(_("added"))
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")


class NoteKind(models.TextChoices):
    NOTE = "NOTE", _("Note")
    CALL = "CALL", _("Phone call")
    VISIT = "VISIT", _("Visit")
    MESSAGE = "MESSAGE", _("Message")


class CustomerNote(Sealed):
    """What a colleague wrote down about a customer: a remark, or what came of a call, a visit or a message.
    Never changed; a mistaken one is taken back and stays as a gap in the timeline."""

    key = customer_key()
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="notes")
    kind = models.CharField(_("kind"), max_length=8, choices=NoteKind, default=NoteKind.NOTE)
    text = EncryptedTextField(_("text"), subject="key", null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(_("when"))
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        indexes = [
            # Who was spoken to since a day, without the sealed texts.
            models.Index(
                fields=["at"],
                include=["customer", "kind"],
                condition=Q(removed_at=None),
                name="customers_note_when",
            )
        ]
