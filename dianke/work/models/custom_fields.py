"""Definitions of custom fields. Values stand in the rows they belong to (`core.custom_fields`)."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.core.custom_fields import FieldSpec, FieldType, Option
from dianke.stores.models import Trade


class CustomFieldQuerySet(models.QuerySet["CustomField"]):
    def active(self) -> Self:
        return self.filter(archived_at=None)

    def for_model(self, code: str, trade: str | None = None) -> Self:
        """Fields of a model in use; with a trade those for every trade and for this one."""
        rows = self.active().filter(model=code)
        return rows if trade is None else rows.filter(Q(trade="") | Q(trade=trade))


class CustomField(models.Model):
    """`key` and `type` never change: rows hold values under the key in the shape of the type. A field that is not
    wanted any more is archived; its values stay in the rows and come back with it."""

    model = models.CharField(_("belongs to"), max_length=60)
    key = models.CharField(_("key of the field"), max_length=30)
    label = models.CharField(_("name of the field"), max_length=30)
    type = models.CharField(_("kind of value"), max_length=12, choices=FieldType.choices)
    trade = models.CharField(_("trade"), max_length=16, choices=Trade.choices, blank=True)
    section = models.CharField(_("heading"), max_length=20, blank=True)
    help = models.CharField(_("hint"), max_length=120, blank=True)
    unit = models.CharField(_("unit"), max_length=10, blank=True)
    options = models.JSONField(_("choices"), default=list, blank=True)
    default = models.JSONField(_("usual value"), null=True, blank=True)
    is_required = models.BooleanField(_("must be filled in"), default=False)
    in_list = models.BooleanField(_("shown in lists"), default=False)
    in_filter = models.BooleanField(_("lists can be filtered by it"), default=False)
    in_search = models.BooleanField(_("search looks in it"), default=False)
    position = models.PositiveSmallIntegerField()
    archived_at = models.DateTimeField(null=True)

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        ordering = ["model", "position", "id"]
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        constraints = [models.UniqueConstraint(fields=["model", "key"], name="work_custom_field_key_once")]

    def __str__(self) -> str:
        return self.label

    def spec(self, options: tuple[Option, ...] | None = None) -> FieldSpec:
        """The field as forms, lists and rules need it; `options` replaces its own (colleagues to choose from)."""
        own: list[dict[str, Any]] = self.options
        return FieldSpec(
            key=self.key,
            label=self.label,
            type=FieldType(self.type),
            help=self.help,
            unit=self.unit,
            is_required=self.is_required,
            default=self.default,
            options=options
            if options is not None
            else tuple(Option(o["code"], o["label"], bool(o.get("is_archived"))) for o in own),
            section=self.section,
            trade=self.trade,
            in_list=self.in_list,
            in_filter=self.in_filter,
            in_search=self.in_search,
        )
