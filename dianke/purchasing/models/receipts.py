"""What came, what of it was wrong, and what went back. The goods themselves move in the stock document named here."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.purchasing.models.orders import PurchaseOrder, PurchaseOrderLine
from dianke.purchasing.models.suppliers import Supplier
from dianke.purchasing.models.visible import OfStoreQuerySet


class Receipt(models.Model):
    """A delivery for one order. `reference` is given by who receives, so that sending it again makes nothing twice;
    `document` is what was taken into stock, None when everything was refused."""

    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="receipts", verbose_name=_("order"))
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"), db_index=False
    )
    document = models.OneToOneField(
        "inventory.Document", models.PROTECT, null=True, related_name="purchase_receipt"
    )
    reference = models.CharField(max_length=120, unique=True)
    digest = models.CharField(max_length=64)
    delivery_note = models.CharField(_("delivery note"), max_length=40, blank=True)
    business_date = models.DateField(_("business date"))
    received_at = models.DateTimeField(_("received"))
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("received by")
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-id"]
        verbose_name = _("receipt of an order")
        verbose_name_plural = _("receipts of orders")
        indexes = [models.Index(fields=["store", "-received_at", "-id"], name="purchasing_receipt_of_store")]

    def __str__(self) -> str:
        return f"{self.order} {self.business_date}"


class Difference(models.TextChoices):
    """As `rules.receiving.Difference`, in words."""

    NONE = "NONE", _("As ordered")
    SHORT = "SHORT", _("Too little")
    OVER = "OVER", _("Too much")
    DAMAGED = "DAMAGED", _("Damaged")
    WRONG_GOODS = "WRONG_GOODS", _("Wrong goods")
    EXPIRED = "EXPIRED", _("Expired or too close to it")
    OTHER = "OTHER", _("Another fault")


class ReceiptLine(models.Model):
    """Of `delivered_quantity`, `accepted_quantity` was taken in; `order_line` None: goods nobody ordered. Goods of
    several batches or single pieces are several lines of one order line. `unit_cost` is what a stock unit costs the
    entity, in its currency."""

    receipt = models.ForeignKey(
        Receipt, models.CASCADE, related_name="lines", verbose_name=_("receipt"), db_index=False
    )
    position = models.PositiveSmallIntegerField()
    order_line = models.ForeignKey(
        PurchaseOrderLine, models.PROTECT, null=True, related_name="receipt_lines", verbose_name=_("line")
    )
    variant = models.ForeignKey(
        "catalog.Variant", models.PROTECT, related_name="+", verbose_name=_("product"), db_index=False
    )
    batch_code = models.CharField(_("batch"), max_length=40, blank=True)
    piece = models.ForeignKey(
        "catalog.Piece",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("piece"),
        db_index=False,
    )
    delivered_quantity = models.DecimalField(_("came"), max_digits=18, decimal_places=4)
    accepted_quantity = models.DecimalField(_("taken in"), max_digits=18, decimal_places=4)
    over_quantity = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    missing_quantity = models.DecimalField(_("missing"), max_digits=18, decimal_places=4, default=Decimal(0))
    closed_quantity = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    difference = models.CharField(
        _("difference"), max_length=11, choices=Difference.choices, default=Difference.NONE
    )
    note = models.CharField(_("reason"), max_length=200, blank=True)
    unit_cost = models.DecimalField(max_digits=20, decimal_places=6, default=Decimal(0))

    class Meta:
        ordering = ["receipt", "position"]
        verbose_name = _("line of a receipt")
        constraints = [
            models.UniqueConstraint(fields=["receipt", "position"], name="purchasing_receiptline_position"),
            models.CheckConstraint(
                condition=Q(accepted_quantity__gte=0, delivered_quantity__gte=F("accepted_quantity")),
                name="purchasing_receiptline_accepted_of_delivered",
            ),
            models.CheckConstraint(
                condition=Q(over_quantity=0) | ~Q(note=""), name="purchasing_receiptline_over_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(accepted_quantity=F("delivered_quantity"))
                | Q(difference__in=["DAMAGED", "WRONG_GOODS", "EXPIRED", "OTHER", "OVER"]),
                name="purchasing_receiptline_refused_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(order_line__isnull=False) | Q(accepted_quantity=0),
                name="purchasing_receiptline_takes_what_was_ordered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receipt_id}/{self.position}"

    @property
    def rejected_quantity(self) -> Decimal:
        return self.delivered_quantity - self.accepted_quantity


class SupplierReturn(models.Model):
    """Goods that were taken in and went back. REPLACE: they are to come again; CREDIT: they are not to be paid."""

    class Wish(models.TextChoices):
        CREDIT = "CREDIT", _("Credit")
        REPLACE = "REPLACE", _("Replacement")

    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="returns", verbose_name=_("supplier"))
    order = models.ForeignKey(
        PurchaseOrder, models.PROTECT, null=True, related_name="returns", verbose_name=_("order")
    )
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"), db_index=False
    )
    document = models.OneToOneField(
        "inventory.Document", models.PROTECT, related_name="purchase_return", verbose_name=_("stock document")
    )
    reference = models.CharField(max_length=120, unique=True)
    digest = models.CharField(max_length=64)
    wish = models.CharField(_("wanted"), max_length=7, choices=Wish.choices, default=Wish.CREDIT)
    reason = models.CharField(_("reason"), max_length=200)
    currency = models.CharField(_("currency"), max_length=3)
    total_amount = models.BigIntegerField(_("to be credited"), default=0)
    business_date = models.DateField(_("business date"))
    returned_at = models.DateTimeField(_("returned"))
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("returned by")
    )

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        ordering = ["-returned_at", "-id"]
        verbose_name = _("return to a supplier")
        verbose_name_plural = _("returns to suppliers")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="purchasing_return_has_reason"),
            models.CheckConstraint(condition=Q(total_amount__gte=0), name="purchasing_return_amount"),
        ]
        indexes = [models.Index(fields=["store", "-returned_at", "-id"], name="purchasing_return_of_store")]

    def __str__(self) -> str:
        return f"{self.supplier} {self.business_date}"


class SupplierReturnLine(models.Model):
    """`amount`: what the goods were bought for, tax included; zero when they are replaced or nobody knows."""

    supplier_return = models.ForeignKey(
        SupplierReturn, models.CASCADE, related_name="lines", verbose_name=_("return"), db_index=False
    )
    position = models.PositiveSmallIntegerField()
    order_line = models.ForeignKey(
        PurchaseOrderLine, models.PROTECT, null=True, related_name="return_lines", verbose_name=_("line")
    )
    variant = models.ForeignKey(
        "catalog.Variant", models.PROTECT, related_name="+", verbose_name=_("product"), db_index=False
    )
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    amount = models.BigIntegerField(_("bought for"), default=0)

    class Meta:
        ordering = ["supplier_return", "position"]
        verbose_name = _("line of a return")
        constraints = [
            models.UniqueConstraint(
                fields=["supplier_return", "position"], name="purchasing_returnline_position"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, amount__gte=0), name="purchasing_returnline_amounts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_return_id}/{self.position}"
