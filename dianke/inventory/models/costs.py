"""What stock is worth: cost states and entries, locks of periods, month ends folded for reports."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.inventory.models.documents import Document, Movement
from dianke.inventory.rules.costing import EntryKind

_KINDS = [(kind.value, kind.name) for kind in EntryKind]


class CostState(models.Model):
    """Quantity and value of a variant over all valued places of a legal entity: the sum of its cost entries. The row
    two documents over the same goods of one entity wait for."""

    pk = models.CompositePrimaryKey("legal_entity_id", "variant_id")
    legal_entity = models.ForeignKey(
        "stores.LegalEntity", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    variant = models.ForeignKey("catalog.Variant", models.PROTECT, related_name="+")
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    value = models.DecimalField(max_digits=20, decimal_places=6)
    average = models.DecimalField(max_digits=20, decimal_places=6)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(quantity=0) | Q(value=0), name="inventory_coststate_nothing_is_worth_nothing"
            )
        ]


class CostEntryQuerySet(models.QuerySet["CostEntry"]):
    def visible_to(self, actor: Actor, permission: str = "catalog.view_costs") -> Self:
        """Entries of documents of the stores whose costs the actor may see."""
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(document__store__in=reached)


class CostEntry(models.Model):
    """What a movement (or a document without one: a later cost) changed of the value of stock. `expense` is what it
    booked as cost instead: differences of goods issued before they came, later costs of goods already gone."""

    document = models.ForeignKey(
        Document, models.PROTECT, related_name="cost_entries", db_constraint=False, db_index=False
    )
    movement = models.ForeignKey(
        Movement, models.PROTECT, null=True, related_name="cost_entries", db_constraint=False, db_index=False
    )
    legal_entity = models.ForeignKey(
        "stores.LegalEntity", models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    variant = models.ForeignKey(
        "catalog.Variant", models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=10, choices=_KINDS)
    quantity_change = models.DecimalField(max_digits=18, decimal_places=4)
    value_change = models.DecimalField(max_digits=20, decimal_places=6)
    expense = models.DecimalField(max_digits=20, decimal_places=6)
    average_after = models.DecimalField(max_digits=20, decimal_places=6)
    occurred_at = models.DateTimeField()
    business_date = models.DateField()

    objects = CostEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("cost entry")
        verbose_name_plural = _("cost entries")
        indexes = [
            models.Index(fields=["document", "id"], name="inventory_costentry_document"),
            models.Index(
                fields=["movement"], condition=Q(movement__isnull=False), name="inventory_costentry_movement"
            ),
            models.Index(fields=["variant", "legal_entity", "id"], name="inventory_costentry_history"),
            BrinIndex(fields=["business_date"], autosummarize=True, name="inventory_costentry_date"),
        ]


class PeriodLock(models.Model):
    """Nothing of the legal entity is dated on or before `locked_through`; the latest row counts, and reopening removes
    it."""

    legal_entity = models.ForeignKey("stores.LegalEntity", models.PROTECT, related_name="+")
    locked_through = models.DateField(_("locked through"))
    last_document_id = models.BigIntegerField()
    locked_at = models.DateTimeField()
    user_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("lock of a period")
        constraints = [
            models.UniqueConstraint(
                fields=["legal_entity", "locked_through"], name="inventory_periodlock_once"
            )
        ]

    def __str__(self) -> str:
        return self.locked_through.isoformat()


class ClosingMark(models.Model):
    """How far the month ends of a legal entity are folded: month ends from `first_on` to `last_on` hold every
    movement and cost entry dated on or before them up to these ids."""

    legal_entity = models.OneToOneField(
        "stores.LegalEntity", models.PROTECT, primary_key=True, related_name="+"
    )
    first_on = models.DateField()
    last_on = models.DateField()
    upto_movement_id = models.BigIntegerField()
    upto_entry_id = models.BigIntegerField()


class StockClosing(models.Model):
    """How much of a variant a held place had at the end of a month."""

    closed_on = models.DateField()
    place = models.ForeignKey("inventory.Place", models.PROTECT, related_name="+", db_index=False)
    variant = models.ForeignKey(
        "catalog.Variant", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    quantity = models.DecimalField(max_digits=18, decimal_places=4)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["closed_on", "place", "variant"], name="inventory_stockclosing_once"
            )
        ]


class CostClosing(models.Model):
    """What a variant of a legal entity was worth at the end of a month."""

    closed_on = models.DateField()
    legal_entity = models.ForeignKey("stores.LegalEntity", models.PROTECT, related_name="+", db_index=False)
    variant = models.ForeignKey(
        "catalog.Variant", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    value = models.DecimalField(max_digits=20, decimal_places=6)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["closed_on", "legal_entity", "variant"], name="inventory_costclosing_once"
            )
        ]
