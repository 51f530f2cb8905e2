"""The closed days of a store: what was sold, paid and given back, as it was known when the day was closed.

Nothing here is ever changed. What arrives later with the date of a closed day goes into a supplementary close with its
own number: the closes of a date together are what is known of it. The database holds the numbers free of gaps.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.sales.models.visible import OfStoreQuerySet


class DayClose(models.Model):
    """`sequence` 0 is the close of the day, 1 and above are supplements. The `figures` of the snapshot are nested whole
    numbers (amounts in minor units), of a supplement only what came since. `digest` is the SHA-256 of the snapshot
    (RFC 8785), which holds the digest of the close before."""

    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"), db_index=False
    )
    legal_entity = models.ForeignKey("stores.LegalEntity", models.PROTECT, related_name="+", db_index=False)
    business_date = models.DateField(_("business date"))
    sequence = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField(_("number"))
    currency = models.CharField(max_length=3)
    closed_at = models.DateTimeField(pgettext_lazy("register", "closed"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("closed by"),
        db_index=False,
    )
    snapshot = models.JSONField()
    digest = models.CharField(max_length=64)

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        ordering = ["-business_date", "-sequence"]
        verbose_name = _("day close")
        verbose_name_plural = _("day closes")
        constraints = [
            models.UniqueConstraint(
                fields=["store", "business_date", "sequence"], name="sales_dayclose_once"
            ),
            models.UniqueConstraint(fields=["store", "number"], name="sales_dayclose_number"),
            models.CheckConstraint(condition=Q(number__gt=0), name="sales_dayclose_number_positive"),
        ]
        indexes = [models.Index(fields=["-business_date", "-id"], name="sales_dayclose_newest")]

    def __str__(self) -> str:
        return f"{self.business_date} #{self.number}"

    @property
    def is_supplement(self) -> bool:
        return self.sequence > 0


class ZReport(models.Model):
    """What one register did within a close: the Z report. `number` counts per register."""

    close = models.ForeignKey(DayClose, models.PROTECT, related_name="reports", verbose_name=_("day close"))
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="+", db_index=False)
    register = models.ForeignKey(
        "stores.Register", models.PROTECT, related_name="+", verbose_name=_("register"), db_index=False
    )
    number = models.PositiveIntegerField(_("number"))
    snapshot = models.JSONField()
    digest = models.CharField(max_length=64)

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        ordering = ["register", "-number"]
        verbose_name = _("Z report")
        verbose_name_plural = _("Z reports")
        constraints = [
            models.UniqueConstraint(fields=["register", "number"], name="sales_zreport_number"),
            models.UniqueConstraint(fields=["close", "register"], name="sales_zreport_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="sales_zreport_number_positive"),
        ]

    def __str__(self) -> str:
        return f"Z {self.number}"
