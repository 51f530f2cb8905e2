"""Transfers: goods sent from one place of stock to another, and what came of them."""

from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.inventory.models.documents import Document
from dianke.inventory.models.places import Place
from dianke.inventory.models.stock import Batch


class TransferQuerySet(models.QuerySet["Transfer"]):
    def visible_to(self, actor: Actor, permission: str = "inventory.view_stock") -> Self:
        """Transfers from and to the stores the actor reaches."""
        reached = actor.stores_for(permission)
        if reached is None:
            return self
        return self.filter(Q(from_place__store__in=reached) | Q(to_place__store__in=reached))

    def under_way(self) -> Self:
        return self.filter(state=Transfer.State.SHIPPED)

    def not_ended(self) -> Self:
        return self.filter(state__in=[Transfer.State.PLANNED, Transfer.State.SHIPPED])


class Transfer(models.Model):
    """From place to place. `passes` says when goods change hands between legal entities, `pricing` at what price (empty
    within one entity). The documents are what moved: `shipment` out, `receipt` in, or back when it was called off."""

    class State(models.TextChoices):
        PLANNED = "PLANNED", _("Planned")
        SHIPPED = "SHIPPED", _("Under way")
        RECEIVED = "RECEIVED", pgettext_lazy("of a transfer", "Received")
        CANCELLED = "CANCELLED", _("Called off")
        RETURNED = "RETURNED", _("Brought back")

    class Passes(models.TextChoices):
        ON_RECEIPT = "ON_RECEIPT", _("On receipt")
        ON_SHIPMENT = "ON_SHIPMENT", _("On shipment")

    class Pricing(models.TextChoices):
        COST = "COST", _("At cost")
        COST_PLUS = "COST_PLUS", _("At cost with a markup")
        FIXED = "FIXED", _("At fixed prices")

    uuid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.PLANNED)
    from_place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("from"))
    to_place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("to"))
    passes = models.CharField(
        _("goods change hands"), max_length=11, choices=Passes.choices, default=Passes.ON_RECEIPT
    )
    pricing = models.CharField(_("price"), max_length=9, choices=Pricing.choices, blank=True)
    markup_bp = models.PositiveIntegerField(_("markup (basis points)"), default=0)
    note = models.CharField(_("note"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    planned_at = models.DateTimeField(_("planned"))
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    shipped_at = models.DateTimeField(_("shipped"), null=True)
    shipped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    shipment = models.OneToOneField(Document, models.PROTECT, null=True, related_name="shipped_transfer")
    receipt = models.OneToOneField(Document, models.PROTECT, null=True, related_name="received_transfer")

    objects = TransferQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.CheckConstraint(
                condition=~Q(from_place=F("to_place")), name="inventory_transfer_goes_somewhere"
            ),
            models.CheckConstraint(
                condition=Q(state="PLANNED", shipped_at=None, closed_at=None)
                | Q(state="SHIPPED", shipped_at__isnull=False, closed_at=None)
                | Q(state__in=["RECEIVED", "RETURNED"], shipped_at__isnull=False, closed_at__isnull=False)
                | Q(state="CANCELLED", shipped_at=None, closed_at__isnull=False),
                name="inventory_transfer_state_has_times",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["PLANNED", "CANCELLED"], shipment=None)
                | Q(state__in=["SHIPPED", "RECEIVED", "RETURNED"], shipment__isnull=False),
                name="inventory_transfer_moved_by_shipment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["to_place"],
                condition=Q(state__in=["PLANNED", "SHIPPED"]),
                name="inventory_transfer_coming",
            ),
            models.Index(
                fields=["from_place"],
                condition=Q(state__in=["PLANNED", "SHIPPED"]),
                name="inventory_transfer_going",
            ),
        ]

    def __str__(self) -> str:
        return self.shipment.number or f"#{self.pk}" if self.shipment is not None else f"#{self.pk}"


class TransferLine(models.Model):
    """`quantity` as planned, `shipped` as it left, `good` and `damaged` as it came; all None until then. `unit_price`
    is what the other legal entity pays, in yuan without tax."""

    class Missing(models.TextChoices):
        LOST = "LOST", _("Lost on the way")
        NOT_SENT = "NOT_SENT", _("Never left")

    class Beyond(models.TextChoices):
        SENT_MORE = "SENT_MORE", _("The sender sent more")
        FOUND = "FOUND", _("Nobody misses it")

    transfer = models.ForeignKey(Transfer, models.CASCADE, related_name="lines", db_index=False)
    line = models.PositiveIntegerField()
    variant = models.ForeignKey(
        "catalog.Variant", models.PROTECT, related_name="+", verbose_name=_("product")
    )
    batch = models.ForeignKey(
        Batch, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("batch")
    )
    piece = models.ForeignKey(
        "catalog.Piece", models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("piece")
    )
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    shipped = models.DecimalField(_("shipped"), max_digits=18, decimal_places=4, null=True)
    good = models.DecimalField(_("received"), max_digits=18, decimal_places=4, null=True)
    damaged = models.DecimalField(_("damaged"), max_digits=18, decimal_places=4, null=True)
    missing = models.CharField(_("why less"), max_length=8, choices=Missing.choices, blank=True)
    beyond = models.CharField(_("why more"), max_length=9, choices=Beyond.choices, blank=True)
    unit_price = models.DecimalField(_("price"), max_digits=20, decimal_places=6, null=True)

    class Meta:
        ordering = ["transfer", "line"]
        verbose_name = _("line of a transfer")
        verbose_name_plural = _("lines of a transfer")
        constraints = [
            models.UniqueConstraint(fields=["transfer", "line"], name="inventory_transferline_once"),
            models.UniqueConstraint(
                fields=["transfer", "piece"],
                condition=Q(piece__isnull=False),
                name="inventory_transferline_piece_once",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0)
                & (Q(shipped=None) | Q(shipped__gte=0))
                & (Q(good=None) | Q(good__gte=0, damaged__gte=0, shipped__isnull=False)),
                name="inventory_transferline_quantities",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transfer_id}/{self.line}"

    @property
    def reservation(self) -> str:
        """Under which reference the goods are kept until they leave."""
        return f"inventory.transfer:{self.transfer_id}/{self.line}"
