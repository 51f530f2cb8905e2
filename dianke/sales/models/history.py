"""Lines of past orders as the files of another system said them, each with what it is and what became of it here."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.sales.models.lines import OrderLine
from dianke.sales.models.orders import Order
from dianke.sales.models.visible import OfStoreQuerySet


class HistoryLine(models.Model):
    """One row of a file. `who` names the buyer within the source (never a phone in the clear), `customer` whom we know.
    `amount` is quantity times unit price less discount in minor units. What was sold is `line` of `order`; what was
    taken back is in returns as far as `matched_quantity`, for `matched_amount` (above zero). WAITING: the file is not
    through."""

    class Kind(models.TextChoices):
        SALE = "SALE", pgettext_lazy("line of the past", "Goods sold")
        FEE = "FEE", pgettext_lazy("line of the past", "Fees")
        VOUCHER = "VOUCHER", pgettext_lazy("line of the past", "Vouchers sold")
        CANCELLATION = "CANCELLATION", pgettext_lazy("line of the past", "Cancellations")
        RETURN = "RETURN", pgettext_lazy("line of the past", "Returns")
        FEE_BACK = "FEE_BACK", pgettext_lazy("line of the past", "Fees given back")
        DISCOUNT = "DISCOUNT", pgettext_lazy("line of the past", "Discounts")
        EXPENSE = "EXPENSE", pgettext_lazy("line of the past", "Expenses of the shop")
        CORRECTION = "CORRECTION", pgettext_lazy("line of the past", "Corrections")

    class State(models.TextChoices):
        WAITING = "WAITING", pgettext_lazy("line of the past", "Waiting")
        IN_ORDER = "IN_ORDER", pgettext_lazy("line of the past", "In an order")
        MATCHED = "MATCHED", pgettext_lazy("line of the past", "Sale found")
        PARTLY = "PARTLY", pgettext_lazy("line of the past", "Sale found in part")
        UNMATCHED = "UNMATCHED", pgettext_lazy("line of the past", "Without a sale")
        APART = "APART", pgettext_lazy("line of the past", "Kept apart")

    run = models.ForeignKey("imports.ImportRun", models.PROTECT, related_name="+", db_index=False)
    row = models.IntegerField(_("row of the file"))
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"), db_index=False
    )
    number = models.CharField(_("number there"), max_length=40)
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("description"), max_length=200, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    unit_price = models.DecimalField(_("unit price"), max_digits=18, decimal_places=6)
    discount = models.DecimalField(_("discount"), max_digits=18, decimal_places=4, default=Decimal(0))
    amount = models.BigIntegerField(_("amount"))
    at = models.DateTimeField(_("when"))
    who = models.CharField(_("customer there"), max_length=120, blank=True)
    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("customer"),
        db_index=False,
    )
    country = models.CharField(_("country or note"), max_length=60, blank=True)
    seller_id = models.BigIntegerField(null=True)
    tender = models.CharField(_("kind of payment"), max_length=16)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    state = models.CharField(
        _("what became of it"), max_length=9, choices=State.choices, default=State.WAITING
    )
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, related_name="+", verbose_name=_("order"), db_index=False
    )
    # Written beside the line it names and gone with it: a constraint would look for it at every line that is deleted.
    line = models.ForeignKey(
        OrderLine, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    matched_quantity = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    matched_amount = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=16)

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        ordering = ["run", "row"]
        verbose_name = _("line of a past order")
        verbose_name_plural = _("lines of past orders")
        constraints = [models.UniqueConstraint(fields=["run", "row"], name="sales_historyline_once")]
        indexes = [
            models.Index(fields=["store", "number"], name="sales_history_number"),
            models.Index(
                fields=["run", "at", "number"], condition=Q(state="WAITING"), name="sales_history_waiting"
            ),
            models.Index(
                fields=["store", "who", "code"],
                condition=~Q(who="") & Q(line__isnull=False),
                name="sales_history_sold",
            ),
            models.Index(fields=["order"], condition=Q(order__isnull=False), name="sales_history_of_order"),
            models.Index(
                fields=["customer"], condition=Q(customer__isnull=False), name="sales_history_of_customer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.code}"


class HistoryItem(models.Model):
    """A code of the past: the goods here that it stands for, the name that was chosen and why, and every name that was
    said, as `[name, lines, last day]`, the chosen one first."""

    class Why(models.TextChoices):
        SINGLE = "SINGLE", pgettext_lazy("why goods are called so", "The only name")
        CASE = "CASE", pgettext_lazy("why goods are called so", "The only one in capitals")
        RECENT = "RECENT", pgettext_lazy("why goods are called so", "The newer name")
        FREQUENT = "FREQUENT", pgettext_lazy("why goods are called so", "The most frequent name")
        CODE = "CODE", pgettext_lazy("why goods are called so", "No name was said")
        KNOWN = "KNOWN", pgettext_lazy("why goods are called so", "Was here already")

    run = models.ForeignKey("imports.ImportRun", models.PROTECT, related_name="+", db_index=False)
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"), db_index=False
    )
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    why = models.CharField(_("why"), max_length=8, choices=Why.choices)
    variant = models.ForeignKey(
        "catalog.Variant",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("product"),
        db_index=False,
    )
    names = models.JSONField(_("names said"), default=list)
    name_count = models.IntegerField(_("names"))
    line_count = models.IntegerField(_("lines"))

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        ordering = ["-name_count", "-line_count", "id"]
        verbose_name = _("goods of past orders")
        verbose_name_plural = _("goods of past orders")
        constraints = [models.UniqueConstraint(fields=["run", "code"], name="sales_historyitem_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
