"""What a till may do without the server, and what the server knows of what it did.

The limits a till was given are a row and a signed text that the till keeps; sales come back with that text. The journal
of a device says up to which number its sales arrived without a hole, and which are missing.
"""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.core.ids import uuid7
from dianke.sales.models.visible import VIEW, OfStoreQuerySet

_USER = settings.AUTH_USER_MODEL


class LimitColumns(models.Model):
    """How much a till may sell offline: of one grant, or what new grants of a store get. Amounts in minor units."""

    sale_count = models.PositiveIntegerField(pgettext_lazy("register", "sales"), default=500)
    total_amount = models.BigIntegerField(_("all sales together"), default=5_000_000)
    sale_amount = models.BigIntegerField(pgettext_lazy("register", "one sale"), default=500_000)
    points_count = models.PositiveIntegerField(_("points spent"), default=0)
    coupon_count = models.PositiveIntegerField(_("coupons used"), default=0)
    wallet_amount = models.BigIntegerField(_("stored value spent"), default=0)
    warn_hours = models.PositiveSmallIntegerField(_("warn after hours"), default=4)
    block_hours = models.PositiveSmallIntegerField(_("stop after hours"), default=24)

    class Meta:
        abstract = True


class OfflinePolicyQuerySet(OfStoreQuerySet):
    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """The limits of all, and those of the stores the actor reaches."""
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(Q(store=None) | Q(store__in=reached))


class OfflinePolicy(LimitColumns):
    """The limits of a store's tills; the row without a store is for all that have none of their own."""

    store = models.OneToOneField(
        "stores.Store", models.PROTECT, null=True, related_name="+", verbose_name=_("store")
    )

    objects = OfflinePolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("limits of selling offline")
        constraints = [
            models.UniqueConstraint(fields=["store"], name="sales_offlinepolicy_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(total_amount__gte=0, sale_amount__gte=0, wallet_amount__gte=0, block_hours__gte=1)
                & Q(warn_hours__lte=F("block_hours")),
                name="sales_offlinepolicy_limits",
            ),
        ]

    def __str__(self) -> str:
        return str(self.store_id or "")


class OfflineGrant(LimitColumns):
    """The limits one device was given, until `expires_at`; `used_…` is what arrived under them."""

    uuid = models.UUIDField(default=uuid7, editable=False, unique=True)
    device = models.ForeignKey(
        "access.Device",
        models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("register", "till"),
        db_index=False,
    )
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"))
    register = models.ForeignKey(
        "stores.Register",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("register"),
        db_index=False,
    )
    issued_at = models.DateTimeField(pgettext_lazy("register", "issued"))
    issued_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+", db_index=False)
    expires_at = models.DateTimeField(pgettext_lazy("register", "ends"))
    revoked_at = models.DateTimeField(pgettext_lazy("register", "withdrawn"), null=True)
    revoked_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+", db_index=False)
    revoked_reason = models.CharField(max_length=200, blank=True)
    used_sale_count = models.PositiveIntegerField(default=0)
    used_total_amount = models.BigIntegerField(default=0)
    used_points_count = models.BigIntegerField(default=0)
    used_coupon_count = models.PositiveIntegerField(default=0)
    used_wallet_amount = models.BigIntegerField(default=0)

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "-id"]
        verbose_name = _("limits given to a till")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")), name="sales_offlinegrant_period"
            ),
        ]
        indexes = [models.Index(fields=["device", "-issued_at", "-id"], name="sales_offlinegrant_of_device")]

    def __str__(self) -> str:
        return str(self.uuid)


class DeviceJournal(models.Model):
    """`highest` is the largest number that arrived, `arrived_count` how many did. `skew_seconds`: how far the device's
    clock was ahead when it last reported."""

    device = models.OneToOneField(
        "access.Device", models.PROTECT, related_name="+", verbose_name=pgettext_lazy("register", "till")
    )
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"))
    highest = models.BigIntegerField(default=0)
    arrived_count = models.BigIntegerField(default=0)
    skew_seconds = models.IntegerField(_("clock ahead by seconds"), default=0)
    reported_at = models.DateTimeField(_("last reported"), null=True)

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("journal of a till")
        constraints = [
            models.CheckConstraint(
                condition=Q(highest__gte=F("arrived_count"), arrived_count__gte=0),
                name="sales_devicejournal_counts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.device_id}: {self.highest}"


class DeviceGap(models.Model):
    """Numbers of a device from `first` to `last` that did not arrive although later ones did."""

    journal = models.ForeignKey(DeviceJournal, models.CASCADE, related_name="gaps", db_index=False)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    noticed_at = models.DateTimeField(pgettext_lazy("register", "noticed"))

    class Meta:
        ordering = ["journal", "first"]
        verbose_name = _("missing sales of a till")
        constraints = [
            models.UniqueConstraint(fields=["journal", "first"], name="sales_devicegap_once"),
            models.CheckConstraint(
                condition=Q(first__gte=1, last__gte=F("first")), name="sales_devicegap_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.journal_id}: {self.first}–{self.last}"
