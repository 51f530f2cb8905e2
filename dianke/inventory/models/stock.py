"""What is where now: balances, holders of pieces, batches, reservations; and the anchors that counts set."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.inventory.models.documents import Movement
from dianke.inventory.models.places import Place


class AtPlaceQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor, permission: str = "inventory.view_stock") -> Self:
        """Rows at places of the stores the actor reaches."""
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(place__store__in=reached)


class Batch(models.Model):
    """Goods of a variant made or received together, which may expire together."""

    variant = models.ForeignKey(
        "catalog.Variant", models.PROTECT, related_name="batches", verbose_name=_("product")
    )
    code = models.CharField(_("batch"), max_length=40)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    produced_on = models.DateField(_("produced on"), null=True, blank=True)

    class Meta:
        ordering = [F("expires_on").asc(nulls_last=True), "id"]
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        constraints = [models.UniqueConstraint(fields=["variant", "code"], name="inventory_batch_code")]
        indexes = [models.Index(fields=["expires_on"], name="inventory_batch_expiring")]

    def __str__(self) -> str:
        return self.code


class Balance(models.Model):
    """How much of a variant (of a batch) a held place has; `reserved` of it is promised. Kept by the database with
    each movement; `may_be_negative` notes that the policy allowed it to be short."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="balances", db_index=False)
    variant = models.ForeignKey("catalog.Variant", models.PROTECT, related_name="balances", db_index=False)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="balances", db_index=False)
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    reserved = models.DecimalField(_("reserved"), max_digits=18, decimal_places=4)
    may_be_negative = models.BooleanField()

    objects = AtPlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock on hand")
        constraints = [
            # Read by variant first: "where is there one of these?"
            models.UniqueConstraint(
                fields=["variant", "place", "batch"], nulls_distinct=False, name="inventory_balance_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0) | Q(may_be_negative=True), name="inventory_balance_not_negative"
            ),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="inventory_balance_reserved"),
        ]
        indexes = [
            models.Index(fields=["place", "variant"], name="inventory_balance_of_place"),
            models.Index(fields=["place"], condition=Q(quantity__lt=0), name="inventory_balance_negative"),
            models.Index(
                fields=["batch"], condition=Q(batch__isnull=False), name="inventory_balance_of_batch"
            ),
        ]

    @property
    def available(self) -> Any:
        """What may still be promised or sold."""
        return self.quantity - self.reserved


class PieceAt(models.Model):
    """Who holds a piece, since which movement: one place at a time, because the piece is the key."""

    piece = models.OneToOneField("catalog.Piece", models.PROTECT, primary_key=True, related_name="held_at")
    place = models.ForeignKey(Place, models.PROTECT, related_name="pieces")
    came_from = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False)
    since = models.DateTimeField()
    movement = models.ForeignKey(Movement, models.PROTECT, related_name="+", db_index=False)

    objects = AtPlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("holder of a piece")


class Reservation(models.Model):
    """So much is kept for somebody until `expires_at` (None: until released). It ends taken (`taken_at`, by a document
    that moved it) or released (`released_at`)."""

    reference = models.CharField(max_length=200)
    place = models.ForeignKey(Place, models.PROTECT, related_name="reservations", db_index=False)
    variant = models.ForeignKey("catalog.Variant", models.PROTECT, related_name="+", db_index=False)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="+", db_index=False)
    piece = models.ForeignKey("catalog.Piece", models.PROTECT, null=True, related_name="+", db_index=False)
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    reserved_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)

    objects = AtPlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="inventory_reservation_once"),
            models.UniqueConstraint(
                fields=["piece"],
                condition=Q(piece__isnull=False, released_at=None, taken_at=None),
                name="inventory_reservation_piece_once",
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="inventory_reservation_quantity"),
            models.CheckConstraint(
                condition=Q(released_at=None) | Q(taken_at=None), name="inventory_reservation_ends_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(released_at=None, taken_at=None),
                name="inventory_reservation_expiring",
            ),
            models.Index(
                fields=["variant", "place"],
                condition=Q(released_at=None, taken_at=None),
                name="inventory_reservation_open",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Anchor(models.Model):
    """A count was posted for a variant (a batch of it) at a place: what was counted at that instant stands, whatever is
    dated up to it and posted later."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="anchors", db_index=False)
    variant = models.ForeignKey("catalog.Variant", models.PROTECT, related_name="+", db_index=False)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "place", "batch", "at"], nulls_distinct=False, name="inventory_anchor_once"
            )
        ]
