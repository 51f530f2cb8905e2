"""The form of a care rule."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.customers.models import CareRule, DateKind, Tag
from dianke.customers.operations.care import MANAGE, MOST_DAYS_BEFORE
from dianke.stores.models import Store
from dianke.web.forms import KitForm


class CareRuleForm(KitForm):
    """Which occasion makes which task how long before."""

    title = forms.CharField(
        label=_("Task"),
        max_length=80,
        help_text=_("The customer's name is added: “Birthday greeting: Wang Mei”."),
    )
    kind = forms.ChoiceField(label=_("Occasion"), choices=DateKind.choices)
    days_before = forms.IntegerField(
        label=_("How long before"), min_value=0, max_value=MOST_DAYS_BEFORE, initial=3
    )
    store = forms.ModelChoiceField(
        label=_("Only customers of"),
        required=False,
        queryset=Store.objects.none(),
        empty_label=_("every store"),
    )
    tag = forms.ModelChoiceField(
        label=_("Only with the tag"),
        required=False,
        queryset=Tag.objects.none(),
        empty_label=_("every customer"),
    )
    note = forms.CharField(
        label=_("What to say or give"), required=False, max_length=200, widget=forms.Textarea
    )
    name = forms.CharField(
        label=_("Name of the rule"), required=False, max_length=60, help_text=_("Empty: like the task.")
    )
    wide = ("title",)
    affix = {"days_before": _("days")}

    def __init__(self, *args: Any, actor: Actor, rule: CareRule | None = None, **kwargs: Any) -> None:
        if rule is not None:
            kwargs.setdefault("initial", {name: getattr(rule, name) for name in self.base_fields})
        super().__init__(*args, **kwargs)
        self.fields["store"].queryset = Store.objects.visible_to(actor, MANAGE).still_open()  # type: ignore[attr-defined]
        self.fields["tag"].queryset = Tag.objects.filter(archived_at=None)  # type: ignore[attr-defined]
