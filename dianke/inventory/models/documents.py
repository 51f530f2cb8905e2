"""Documents and the movements they consist of: written once, corrected only by a document that reverses them."""

from __future__ import annotations

import uuid
from typing import Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.inventory.models.places import Place


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, actor: Actor, permission: str = "inventory.view_stock") -> Self:
        """Documents of the stores the actor reaches."""
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(store_id__in=reached)


class Document(models.Model):
    """What moved goods, as one: all its movements or none. `reference` is the business key of the cause; a second
    posting under it is answered with the first. `number` is for people and gap-free per store, kind and year; what a
    sale moves carries the sale's number and has none of its own.

    `occurred_at` is when the goods moved, `business_date` the store's day of it, `recorded_at` when it was posted.
    """

    class Kind(models.TextChoices):
        OPENING = "OPENING", _("Opening stock")
        RECEIPT = "RECEIPT", _("Receipt of goods")
        SUPPLIER_RETURN = "SUPPLIER_RETURN", _("Return to supplier")
        SALE = "SALE", _("Sale")
        SALE_RETURN = "SALE_RETURN", _("Return by a customer")
        SHIPMENT = "SHIPMENT", _("Shipment to another store")
        TRANSFER_RECEIPT = "TRANSFER_RECEIPT", _("Receipt from another store")
        COUNT = "COUNT", _("Stocktake")
        ADJUSTMENT = "ADJUSTMENT", _("Adjustment")
        SCRAP = "SCRAP", _("Scrapping")
        CONSUMPTION = "CONSUMPTION", _("Use in a service")
        CUSTODY_IN = "CUSTODY_IN", _("Customer's goods taken in")
        CUSTODY_OUT = "CUSTODY_OUT", _("Customer's goods given back")
        LANDED_COST = "LANDED_COST", _("Later cost of a receipt")
        REVALUATION = "REVALUATION", _("Revaluation")

    uuid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    number = models.CharField(_("number"), max_length=40, null=True)  # noqa: DJ001  # unique where there is one
    reference = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="+", db_constraint=False, verbose_name=_("store")
    )
    legal_entity = models.ForeignKey(
        "stores.LegalEntity",
        models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name=_("legal entity"),
    )
    business_date = models.DateField(_("business date"))
    occurred_at = models.DateTimeField(_("moved at"))
    recorded_at = models.DateTimeField(_("posted at"))
    user_id = models.BigIntegerField(null=True)
    operation = models.CharField(max_length=80)
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversed_by", db_constraint=False
    )

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock document")
        verbose_name_plural = _("stock documents")
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="inventory_document_once"),
            models.UniqueConstraint(fields=["number"], name="inventory_document_number"),
        ]
        indexes = [models.Index(fields=["store", "kind", "id"], name="inventory_document_list")]

    def __str__(self) -> str:
        return self.number or self.reference


class DocumentCounter(models.Model):
    """The last number given to documents of a kind in a store and year. Taken last in a transaction: its row is what
    two documents of one store wait for."""

    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "kind", "year"], name="inventory_documentcounter_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


class MovementQuerySet(models.QuerySet["Movement"]):
    def visible_to(self, actor: Actor, permission: str = "inventory.view_stock") -> Self:
        """Movements of documents of the stores the actor reaches, and what others sent to these stores or took."""
        reached = actor.stores_for(permission)
        if reached is None:
            return self
        theirs = Place.objects.filter(store__in=reached).values("pk")
        return self.filter(Q(from_place__in=theirs) | Q(to_place__in=theirs) | Q(document__store__in=reached))


class Movement(models.Model):
    """One line of a document: so much of a variant (of a batch; or one piece) from one place to another.

    References are checked when it is written, set-based, and nothing they name can be deleted; foreign keys would
    lock the rows of the same few places for every sale.
    """

    document = models.ForeignKey(
        Document, models.PROTECT, related_name="movements", db_constraint=False, db_index=False
    )
    line = models.PositiveIntegerField()
    variant = models.ForeignKey(
        "catalog.Variant", models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    batch = models.ForeignKey(
        "inventory.Batch", models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    piece = models.ForeignKey(
        "catalog.Piece", models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    from_place = models.ForeignKey(
        Place, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    to_place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    occurred_at = models.DateTimeField(_("moved at"))
    business_date = models.DateField(_("business date"))
    reason = models.CharField(_("reason"), max_length=40, blank=True, default="")
    #: The movement this one gives back: of a return the sale's, of a reversal the reversed one.
    origin = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="given_back_by", db_constraint=False, db_index=False
    )

    objects = MovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        constraints = [
            models.UniqueConstraint(fields=["document", "line"], name="inventory_movement_line"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="inventory_movement_quantity"),
            models.CheckConstraint(
                condition=~Q(from_place=F("to_place")), name="inventory_movement_goes_somewhere"
            ),
            models.CheckConstraint(
                condition=Q(piece=None) | Q(quantity=1), name="inventory_movement_piece_is_one"
            ),
        ]
        indexes = [
            models.Index(fields=["variant", "occurred_at", "id"], name="inventory_movement_history"),
            models.Index(
                fields=["piece", "id"], condition=Q(piece__isnull=False), name="inventory_movement_of_piece"
            ),
            models.Index(
                fields=["origin"], condition=Q(origin__isnull=False), name="inventory_movement_given_back"
            ),
            BrinIndex(fields=["business_date"], autosummarize=True, name="inventory_movement_date"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id}/{self.line}"
