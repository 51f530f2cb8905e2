"""How receipts of a store look and where they are printed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.sales.models.visible import OfStoreQuerySet


class ReceiptSetting(models.Model):
    """What stands on the receipts of a store besides the sale. Empty: name, address and telephone of the store."""

    store = models.OneToOneField("stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"))
    title = models.CharField(pgettext_lazy("register", "heading"), max_length=40, blank=True)
    header = models.CharField(_("below the heading"), max_length=200, blank=True)
    footer = models.CharField(pgettext_lazy("register", "at the end"), max_length=400, blank=True)
    has_tax = models.BooleanField(_("shows the tax contained"), default=False)
    has_link = models.BooleanField(_("shows the QR code of the customer's receipt"), default=True)

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipts of a store")

    def __str__(self) -> str:
        return self.title


class ReceiptPrinter(models.Model):
    """The printer of a register. Without an address the till prints by itself (USB, or the browser)."""

    class Width(models.IntegerChoices):
        NARROW = 58, _("58 mm")
        WIDE = 80, _("80 mm")

    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="+")
    register = models.OneToOneField(
        "stores.Register", models.PROTECT, related_name="+", verbose_name=_("register")
    )
    width = models.PositiveSmallIntegerField(
        pgettext_lazy("register", "paper"), choices=Width.choices, default=Width.NARROW
    )
    host = models.GenericIPAddressField(_("address in the shop's network"), null=True)
    port = models.PositiveIntegerField(pgettext_lazy("register", "port"), default=9100)
    has_qr = models.BooleanField(_("draws QR codes by itself"), default=True)
    has_drawer = models.BooleanField(_("opens the cash drawer"), default=True)
    copies = models.PositiveSmallIntegerField(pgettext_lazy("register", "copies"), default=1)

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt printer")
        verbose_name_plural = _("receipt printers")
        constraints = [
            models.CheckConstraint(
                condition=Q(width__in=[58, 80], copies__gte=1, copies__lte=5, port__gte=1, port__lte=65535),
                name="sales_receiptprinter_values",
            )
        ]

    def __str__(self) -> str:
        return str(self.register_id)


class ReceiptPrint(models.Model):
    """A receipt that was printed: the first is the receipt, every other a copy and says so."""

    class Way(models.TextChoices):
        NETWORK = "NETWORK", _("On the printer of the register")
        BYTES = "BYTES", _("By the till itself")

    order = models.ForeignKey(
        "sales.Order", models.PROTECT, related_name="prints", verbose_name=pgettext_lazy("register", "order")
    )
    register = models.ForeignKey(
        "stores.Register", models.PROTECT, null=True, related_name="+", db_index=False
    )
    way = models.CharField(max_length=7, choices=Way.choices)
    is_copy = models.BooleanField(pgettext_lazy("register", "copy"))
    printed_at = models.DateTimeField(pgettext_lazy("register", "printed"))
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("print of a receipt")
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(is_copy=False), name="sales_receiptprint_one_original"
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.printed_at}"
