"""What to buy: the plan made for a store, line by line with its reasons and what a person decided; and the wishes the
shop set for its goods."""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.purchasing.models.orders import PurchaseOrderLine
from dianke.purchasing.models.suppliers import Supplier, SupplierPrice
from dianke.purchasing.models.visible import VIEW, OfStoreQuerySet
from dianke.purchasing.rules.reasons import sentences


class SupplyRuleQuerySet(OfStoreQuerySet):
    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Those of stores the actor reaches, and the general ones."""
        reached = actor.stores_for(permission)
        if reached is None:
            return self
        return self.filter(Q(store__in=reached) | Q(store=None)) if reached else self.none()


class SupplyRule(models.Model):
    """Wishes for the supply of a variant in a store: the store's own row counts before the one for all stores (`store`
    None). `safety_quantity` None: calculated; `is_planned` False: never suggested."""

    store = models.ForeignKey(
        "stores.Store", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("store")
    )
    variant = models.ForeignKey(
        "catalog.Variant", models.CASCADE, related_name="+", verbose_name=_("product"), db_index=False
    )
    review_days = models.PositiveSmallIntegerField(_("days until the next order"), null=True, blank=True)
    safety_quantity = models.DecimalField(
        _("reserve"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    maximum_quantity = models.DecimalField(_("most"), max_digits=18, decimal_places=4, null=True, blank=True)
    supplier = models.ForeignKey(
        Supplier,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("its supplier"),
        db_index=False,
    )
    is_planned = models.BooleanField(_("suggested in plans"), default=True)

    objects = SupplyRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("supply of a product")
        verbose_name_plural = _("supply of products")
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "store"], nulls_distinct=False, name="purchasing_supplyrule_once"
            ),
            models.CheckConstraint(
                condition=Q(safety_quantity=None) | Q(safety_quantity__gte=0),
                name="purchasing_supplyrule_reserve",
            ),
            models.CheckConstraint(
                condition=Q(maximum_quantity=None)
                | Q(maximum_quantity__gt=0, safety_quantity=None)
                | Q(maximum_quantity__gte=F("safety_quantity")),
                name="purchasing_supplyrule_most_above_reserve",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} @ {self.store_id}"


class PurchasePlan(models.Model):
    """A plan for one store: suggestions of one moment, decided line by line, accepted into orders once."""

    class State(models.TextChoices):
        OPEN = "OPEN", _("Being decided")
        ACCEPTED = "ACCEPTED", _("Ordered")
        DISCARDED = "DISCARDED", _("Discarded")

    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"), db_index=False
    )
    number = models.CharField(_("number"), max_length=40, unique=True)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.OPEN)
    planned_on = models.DateField(_("planned on"))
    review_days = models.PositiveSmallIntegerField(_("days until the next order"))
    forecaster = models.CharField(_("forecast"), max_length=40)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made"))
    closed_at = models.DateTimeField(_("decided"), null=True)

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-id"]
        verbose_name = _("purchase plan")
        verbose_name_plural = _("purchase plans")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="OPEN", closed_at=None)
                | Q(state__in=["ACCEPTED", "DISCARDED"], closed_at__isnull=False),
                name="purchasing_plan_closed_has_time",
            ),
            models.UniqueConstraint(
                fields=["store"], condition=Q(state="OPEN"), name="purchasing_plan_one_open"
            ),
        ]
        indexes = [models.Index(fields=["store", "-made_at", "-id"], name="purchasing_plan_of_store")]

    def __str__(self) -> str:
        return self.number


class PlanLine(models.Model):
    """`suggested_quantity` is the rules', `quantity` what a person made of it. `explanation` is a list of
    `Reason.as_data`; `facts` the figures it rests on, as text by name (`on_hand reserved on_order demand safety
    target`)."""

    class Decision(models.TextChoices):
        SUGGESTED = "SUGGESTED", _("As suggested")
        CHANGED = "CHANGED", _("Changed")
        DISMISSED = "DISMISSED", _("Not bought")
        ORDERED = "ORDERED", _("Ordered")

    plan = models.ForeignKey(
        PurchasePlan, models.CASCADE, related_name="lines", verbose_name=_("plan"), db_index=False
    )
    variant = models.ForeignKey(
        "catalog.Variant", models.PROTECT, related_name="+", verbose_name=_("product"), db_index=False
    )
    supplier = models.ForeignKey(
        Supplier,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("supplier"),
        db_index=False,
    )
    supplier_price = models.ForeignKey(
        SupplierPrice, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    suggested_quantity = models.DecimalField(_("suggested"), max_digits=18, decimal_places=4)
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    explanation = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    needs_a_decision = models.BooleanField(default=False)
    decision = models.CharField(
        _("decision"), max_length=9, choices=Decision.choices, default=Decision.SUGGESTED
    )
    note = models.CharField(_("note"), max_length=120, blank=True)
    order_line = models.OneToOneField(PurchaseOrderLine, models.SET_NULL, null=True, related_name="plan_line")

    class Meta:
        ordering = ["plan", "id"]
        verbose_name = _("line of a plan")
        constraints = [
            models.UniqueConstraint(fields=["plan", "variant"], name="purchasing_planline_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=0, suggested_quantity__gte=0), name="purchasing_planline_quantities"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}: {self.variant_id}"

    @property
    def reasons(self) -> list[str]:
        """The explanation in the active language."""
        return sentences(self.explanation)

    @property
    def on_hand(self) -> Decimal:
        """What was on hand when the plan was made."""
        return Decimal(self.facts.get("on_hand", "0"))
