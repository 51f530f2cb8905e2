"""What was earned and what was taken back, line by line and day by day: the one set of rows every report is made of.

A sale at once is earned on its own business date. What an order delivers later is noted here per delivery
(`EarnedLine`), as the line itself only knows how much of it left so far. `Turnover` reads both, and returns, as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor, RowScope
from dianke.sales.models.lines import LinePerson, OrderLine
from dianke.sales.models.orders import Order
from dianke.sales.models.visible import OfStoreQuerySet

REPORTS = "sales.view_reports"


class EarnedLine(models.Model):
    """So much of a line of an order left on a day, and what of its amounts that earned (minor units; cost in yuan)."""

    line = models.ForeignKey(
        OrderLine, models.PROTECT, related_name="earned", verbose_name=_("line of an order")
    )
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"), db_index=False
    )
    business_date = models.DateField(_("business date"))
    earned_at = models.DateTimeField(_("when"))
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    list_amount = models.BigIntegerField(_("at list price"))
    amount = models.BigIntegerField(_("amount"))
    tax_amount = models.BigIntegerField(_("tax contained"))
    cost = models.DecimalField(_("cost of the goods"), max_digits=20, decimal_places=6, default=Decimal(0))

    class Meta:
        ordering = ["line", "id"]
        verbose_name = _("delivered part of a line")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, list_amount__gte=0, amount__gte=0, tax_amount__gte=0),
                name="sales_earnedline_amounts",
            ),
        ]
        indexes = [models.Index(fields=["store", "business_date"], name="sales_earned_of_day")]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.quantity}"


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose sales a person may read: all of the stores in `whole` (None: of every store), of those in `own` (None: of
    every other) the lines they had a share of."""

    whole: frozenset[int] | None
    own: frozenset[int] | None

    @classmethod
    def of(cls, actor: Actor, permission: str = REPORTS) -> Reach:
        if actor.is_system:
            return cls(None, frozenset())
        found: dict[bool, frozenset[int] | None] = {True: frozenset(), False: frozenset()}
        for grant in actor.grants:
            if permission in grant.permissions:
                is_own = grant.scope is RowScope.OWN
                so_far = found[is_own]
                reached = grant.store_ids
                found[is_own] = None if so_far is None or reached is None else so_far | reached
        return cls(found[False], found[True])


class TurnoverQuerySet(OfStoreQuerySet):
    """Rows of stores; of a store where the actor reaches only their own, the lines they had a share of."""

    def visible_to(self, actor: Actor, permission: str = REPORTS) -> Self:
        reach = Reach.of(actor, permission)
        if reach.whole is None:
            return self
        condition = Q(store__in=reach.whole)
        if reach.own is None or reach.own:
            people = LinePerson.objects.filter(line=OuterRef("line_id"))
            theirs = Q(Exists(people.filter(user=actor.user_id or 0)))
            theirs |= Q(made_by=actor.user_id or 0) & ~Q(Exists(people))
            condition |= theirs if reach.own is None else Q(store__in=reach.own) & theirs
        return self.filter(condition)


class Turnover(models.Model):
    """A view of the database (migration 0004): a row is a line sold, a delivery of a line, or a line given back (its
    quantity, amounts and cost below zero). Top-ups and cards are no sales and are not in it. `amount` is what was to be
    paid, tax included; `store` and its books are those that sold."""

    class Kind(models.TextChoices):
        SOLD = "SOLD", pgettext_lazy("row of a report", "Sold")
        RETURNED = "RETURNED", pgettext_lazy("row of a report", "Returned")

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    order = models.ForeignKey(Order, models.DO_NOTHING, related_name="+", verbose_name=_("order"))
    line = models.ForeignKey(OrderLine, models.DO_NOTHING, related_name="+")
    sale_return = models.ForeignKey("sales.SaleReturn", models.DO_NOTHING, null=True, related_name="+")
    store = models.ForeignKey("stores.Store", models.DO_NOTHING, related_name="+", verbose_name=_("store"))
    business_date = models.DateField(_("business date"))
    occurred_at = models.DateTimeField(_("when"))
    channel = models.CharField(_("channel"), max_length=11, choices=Order.Channel.choices)
    customer = models.ForeignKey("customers.Customer", models.DO_NOTHING, null=True, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, related_name="+")
    variant = models.ForeignKey("catalog.Variant", models.DO_NOTHING, null=True, related_name="+")
    line_kind = models.CharField(max_length=7, choices=OrderLine.Kind.choices)
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    list_amount = models.BigIntegerField(_("at list price"))
    amount = models.BigIntegerField(_("amount"))
    tax_amount = models.BigIntegerField(_("tax contained"))
    cost = models.DecimalField(_("cost of the goods"), max_digits=20, decimal_places=6)

    objects = TurnoverQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "sales_turnover"
        ordering = ["-occurred_at", "-id"]
        verbose_name = _("line of a report")

    def __str__(self) -> str:
        return f"{self.order_id}: {self.amount}"
