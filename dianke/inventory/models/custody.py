"""Customers' goods we keep (a ring to repair, a coat to store), and bottles that stand open in the treatment room."""

from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.inventory.models.documents import Document
from dianke.inventory.models.places import Place
from dianke.inventory.models.stock import AtPlaceQuerySet, Batch


class CustodyItemQuerySet(models.QuerySet["CustodyItem"]):
    def visible_to(self, actor: Actor, permission: str = "inventory.manage_custody") -> Self:
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(store_id__in=reached)

    def kept(self) -> Self:
        """Those not given back yet."""
        return self.filter(returned_at=None)


class CustodyItem(models.Model):
    """Something that is a customer's: held under a tag, never valued. What is one of our articles moves by documents as
    well; what is not stands here alone. `condition` is what both saw when it came."""

    uuid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"))
    place = models.ForeignKey(Place, models.PROTECT, related_name="custody_items", verbose_name=_("place"))
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    tag = models.CharField(_("tag"), max_length=32)
    description = models.CharField(_("description"), max_length=120)
    condition = models.CharField(_("condition"), max_length=200, blank=True)
    purpose = models.CharField(_("what for"), max_length=120, blank=True)
    variant = models.ForeignKey(
        "catalog.Variant",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("product"),
    )
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="+", db_index=False)
    piece = models.ForeignKey("catalog.Piece", models.PROTECT, null=True, related_name="+", db_index=False)
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4, default=1)
    weight_mg = models.PositiveBigIntegerField(_("weight (mg)"), null=True)
    due_on = models.DateField(_("back by"), null=True)
    received_at = models.DateTimeField(_("taken in"))
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    returned_at = models.DateTimeField(_("given back"), null=True)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    document_in = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+")
    document_out = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+")

    objects = CustodyItemQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("customer's goods")
        verbose_name_plural = _("customers' goods")
        constraints = [
            models.UniqueConstraint(
                fields=["tag"], condition=Q(returned_at=None), name="inventory_custodyitem_tag_once"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="inventory_custodyitem_quantity"),
            models.CheckConstraint(
                condition=Q(document_out=None) | Q(returned_at__isnull=False),
                name="inventory_custodyitem_out_is_returned",
            ),
        ]
        indexes = [
            models.Index(
                fields=["store", "due_on"],
                condition=Q(returned_at=None),
                name="inventory_custodyitem_kept",
            )
        ]

    def __str__(self) -> str:
        return f"{self.tag} {self.description}"


class OpenLife(models.Model):
    """For how many days a variant is good once opened."""

    variant = models.OneToOneField(
        "catalog.Variant", models.CASCADE, primary_key=True, related_name="open_life"
    )
    days = models.PositiveSmallIntegerField(_("days once opened"))

    class Meta:
        verbose_name = _("life once opened")
        constraints = [models.CheckConstraint(condition=Q(days__gt=0), name="inventory_openlife_days")]

    def __str__(self) -> str:
        return str(self.days)


class OpenedUnit(models.Model):
    """A bottle that stands open: `left` of it, which the balance of its place still counts; emptied or poured away at
    `ended_at`."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="opened", verbose_name=_("place"))
    variant = models.ForeignKey(
        "catalog.Variant", models.PROTECT, related_name="+", verbose_name=_("product")
    )
    batch = models.ForeignKey(
        Batch, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("batch")
    )
    left = models.DecimalField(_("left"), max_digits=18, decimal_places=4)
    opened_at = models.DateTimeField(_("opened"))
    use_by = models.DateTimeField(_("use by"), null=True)
    ended_at = models.DateTimeField(null=True)

    objects = AtPlaceQuerySet.as_manager()

    class Meta:
        ordering = ["opened_at", "id"]
        verbose_name = _("opened bottle")
        verbose_name_plural = _("opened bottles")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, left__gt=0, left__lte=1) | Q(ended_at__isnull=False, left=0),
                name="inventory_openedunit_left",
            )
        ]
        indexes = [
            models.Index(
                fields=["place", "variant"], condition=Q(ended_at=None), name="inventory_openedunit_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.left}"
