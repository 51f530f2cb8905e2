"""Invoices of suppliers, held against orders and receipts, for finance to pay."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.purchasing.models.orders import PurchaseOrderLine
from dianke.purchasing.models.suppliers import Supplier
from dianke.purchasing.models.visible import VIEW


class SupplierInvoiceQuerySet(models.QuerySet["SupplierInvoice"]):
    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Invoices with a line for a store the actor reaches; all for who reaches every store. They show what goods
        cost: only for who may see that."""
        if not actor.can("catalog.view_costs"):
            return self.none()
        reached = actor.stores_for(permission)
        if reached is None:
            return self
        theirs = SupplierInvoiceLine.objects.filter(order_line__order__store__in=reached)
        return self.filter(pk__in=theirs.values("invoice_id"))

    def payable(self) -> Self:
        """What finance may pay: it agrees, or somebody released it."""
        return self.filter(state__in=[SupplierInvoice.State.MATCHED, SupplierInvoice.State.RELEASED])


class SupplierInvoice(models.Model):
    """MATCHED when order, receipts and invoice agree; DISPUTED when they differ, until it is RELEASED by a person with
    a reason or CANCELLED. Amounts in minor units of `currency`; the tax is contained in the total."""

    class State(models.TextChoices):
        MATCHED = "MATCHED", pgettext_lazy("invoice", "Agrees")
        DISPUTED = "DISPUTED", _("Differs")
        RELEASED = "RELEASED", _("Released for payment")
        CANCELLED = "CANCELLED", _("Cancelled")

    supplier = models.ForeignKey(
        Supplier, models.PROTECT, related_name="invoices", verbose_name=_("supplier"), db_index=False
    )
    legal_entity = models.ForeignKey(
        "stores.LegalEntity", models.PROTECT, related_name="+", verbose_name=_("billed to"), db_index=False
    )
    number = models.CharField(_("invoice number"), max_length=40)
    invoice_date = models.DateField(_("date of the invoice"))
    due_date = models.DateField(_("to be paid by"))
    currency = models.CharField(_("currency"), max_length=3)
    total_amount = models.BigIntegerField(_("total"))
    tax_amount = models.BigIntegerField(_("tax contained"), default=0)
    state = models.CharField(_("state"), max_length=9, choices=State.choices)
    differences = models.JSONField(default=list)  # findings about the whole, as `Reason.as_data`
    note = models.CharField(_("note"), max_length=200, blank=True)
    decision_note = models.CharField(_("why it was released or cancelled"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("entered by")
    )
    recorded_at = models.DateTimeField(_("entered"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)

    objects = SupplierInvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at", "-id"]
        verbose_name = _("invoice of a supplier")
        verbose_name_plural = _("invoices of suppliers")
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "number"],
                condition=~Q(state="CANCELLED"),
                name="purchasing_invoice_number_once",
            ),
            models.CheckConstraint(condition=~Q(number=""), name="purchasing_invoice_has_number"),
            models.CheckConstraint(
                condition=Q(total_amount__gte=0, tax_amount__gte=0, tax_amount__lte=F("total_amount")),
                name="purchasing_invoice_amounts",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["MATCHED", "DISPUTED"], decided_at=None)
                | Q(state__in=["RELEASED", "CANCELLED"], decided_at__isnull=False),
                name="purchasing_invoice_decided_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["-recorded_at", "-id"], name="purchasing_invoice_newest"),
            models.Index(
                fields=["due_date"],
                condition=Q(state__in=["MATCHED", "RELEASED"]),
                name="purchasing_invoice_payable",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        """Not cancelled: its quantities count as invoiced."""
        return self.state != self.State.CANCELLED


class SupplierInvoiceLine(models.Model):
    """`total_amount` tax included for `quantity` stock units. `match` and `differences` are what the three-way match
    found when it was entered."""

    class Match(models.TextChoices):
        AGREES = "AGREES", pgettext_lazy("invoice", "Agrees")
        DIFFERS = "DIFFERS", _("Differs")

    invoice = models.ForeignKey(
        SupplierInvoice, models.CASCADE, related_name="lines", verbose_name=_("invoice"), db_index=False
    )
    position = models.PositiveSmallIntegerField()
    order_line = models.ForeignKey(
        PurchaseOrderLine, models.PROTECT, null=True, related_name="invoice_lines", verbose_name=_("line")
    )
    text = models.CharField(_("text"), max_length=120, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    total_amount = models.BigIntegerField(_("total"))
    tax_rate_bp = models.PositiveIntegerField(_("tax in basis points"), default=0)
    match = models.CharField(_("match"), max_length=7, choices=Match.choices)
    differences = models.JSONField(default=list)

    class Meta:
        ordering = ["invoice", "position"]
        verbose_name = _("line of an invoice")
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="purchasing_invoiceline_position"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, total_amount__gte=0), name="purchasing_invoiceline_amounts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}/{self.position}"
