"""Custom fields in forms and lists: a form mixes in `CustomFieldsForm`, a list `CustomFieldsListing`, and what the
merchant defined appears, is checked by the rules of `core.custom_fields`, sorted into sections, filtered, searched.

    class TaskForm(CustomFieldsForm, KitForm):
        custom_model = "work.task"

    form = TaskForm(request.POST or None, custom=task.custom, trade=store.trade)
    change_task(task=task, custom=form.custom_values(), ...)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.custom_fields import FieldSpec, FieldType, clean_value, shown, specs_for
from dianke.core.errors import InvalidInput
from dianke.web.components import Fact
from dianke.web.listing import Column, Filter, Kind, Listing, Text

_KINDS = {
    FieldType.NUMBER: Kind.NUMBER,
    FieldType.MONEY: Kind.MONEY,
    FieldType.DATE: Kind.DATE,
    FieldType.YES_NO: Kind.YES_NO,
}
_ANSWERS = (("yes", _("Yes")), ("no", _("No")))
UNSET = ("", "—")


class CustomFieldsForm(forms.Form):
    """Mixin before `KitForm`. `custom` are the row's present values; `trade` narrows to the store's trade."""

    custom_model: ClassVar[str]
    affix: Mapping[str, Text] = {}
    sections: tuple[tuple[Text, tuple[str, ...]], ...] = ()

    def __init__(
        self, *args: Any, custom: Mapping[str, Any] | None = None, trade: str | None = None, **kwargs: Any
    ) -> None:
        self.specs = specs_for(self.custom_model, trade)
        self._before = custom
        # Forms copy `base_fields` when they are made; giving this one its own lets the kit dress all alike.
        self.base_fields = {  # type: ignore[misc]
            **type(self).base_fields,
            **{s.form_name: form_field(s, custom) for s in self.specs},
        }
        units = {s.form_name: s.unit or _("yuan") for s in self.specs if s.unit or s.type is FieldType.MONEY}
        self.affix = {**self.affix, **units}
        groups: dict[str, list[str]] = {}
        for spec in self.specs:
            groups.setdefault(spec.section, []).append(spec.form_name)
        self.sections = (
            *self.sections,
            *((heading or _("More about it"), tuple(names)) for heading, names in groups.items()),
        )
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._values: dict[str, Any] = {}
        for spec in self.specs:
            if spec.form_name not in cleaned:
                continue  # an error stands there already
            try:
                self._values[spec.key] = clean_value(
                    spec, cleaned[spec.form_name], before=(self._before or {}).get(spec.key)
                )
            except InvalidInput as error:
                self.add_error(spec.form_name, str(error))
        return cleaned

    def custom_values(self) -> dict[str, Any]:
        """Key → value of a valid form, as operations take them."""
        return dict(self._values)


def form_field(spec: FieldSpec, custom: Mapping[str, Any] | None) -> forms.Field:
    """The form field of a custom field with its present or default value."""
    value = spec.default if custom is None else custom.get(spec.key)
    common: dict[str, Any] = {
        "label": spec.label,
        "help_text": spec.help,
        "required": spec.is_required,
        "initial": value,
    }
    if spec.type in (FieldType.CHOICE, FieldType.STAFF):
        held = str(value) if value is not None else None
        offered = [(o.code, o.label) for o in spec.options if not o.is_archived or o.code == held]
        return forms.ChoiceField(choices=[UNSET, *offered], **common)
    if spec.type is FieldType.MULTI_CHOICE:
        several = value if isinstance(value, list) else []
        offered = [(o.code, o.label) for o in spec.options if not o.is_archived or o.code in several]
        return forms.MultipleChoiceField(choices=offered, widget=forms.CheckboxSelectMultiple, **common)
    if spec.type is FieldType.YES_NO:
        common["initial"] = None if value is None else "yes" if value else "no"
        return forms.ChoiceField(choices=[UNSET, *_ANSWERS], **common)
    if spec.type is FieldType.LONG_TEXT:
        return forms.CharField(widget=forms.Textarea, **common)
    if spec.type is FieldType.DATE:
        return forms.DateField(**common)
    if spec.type is FieldType.LUNAR_DATE:
        common["initial"] = value.get("text") if isinstance(value, dict) else value
        common["help_text"] = spec.help or _("As people say it in Chinese, or month and day: 8-15.")
    attributes = {
        FieldType.NUMBER: {"inputmode": "decimal"},
        FieldType.MONEY: {"inputmode": "decimal"},
        FieldType.PHONE: {"type": "tel"},
        FieldType.URL: {"type": "url", "placeholder": "https://"},
    }.get(spec.type, {})
    return forms.CharField(widget=forms.TextInput(attrs=attributes), **common)


def facts_of(specs: Sequence[FieldSpec], custom: Mapping[str, Any]) -> list[Fact]:
    """The filled-in custom fields of a row as terms and values."""
    found = []
    for spec in specs:
        value = shown(spec, custom.get(spec.key))
        if value is None:
            continue
        if spec.type is FieldType.YES_NO:
            value = _("Yes") if value else _("No")
        found.append(Fact(spec.label, value, url=value if spec.type is FieldType.URL else ""))
    return found


def column_of(spec: FieldSpec) -> Column:
    """The list column of a custom field."""
    return Column(
        f"custom_{spec.key}",
        spec.label,
        _KINDS.get(spec.type, Kind.TEXT),
        value=lambda row: shown(spec, row.custom.get(spec.key)),
        is_default=spec.in_list,
    )


def filter_of(spec: FieldSpec) -> Filter:
    """The list filter of a custom field: containment, which the index of the column serves."""

    def options(actor: Actor) -> list[tuple[str, Any]]:
        if spec.type is FieldType.YES_NO:
            return list(_ANSWERS)
        return [(option.code, option.label) for option in spec.options]

    def apply(queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        wanted: Any
        if spec.type is FieldType.MULTI_CHOICE:
            wanted = [value]
        elif spec.type is FieldType.STAFF:
            wanted = int(value) if value.isdecimal() else -1
        else:
            try:
                wanted = clean_value(spec, value, before=value)
            except InvalidInput:
                return queryset.none()
        return queryset.filter(custom__contains={spec.key: wanted})

    has_options = spec.type in (FieldType.CHOICE, FieldType.MULTI_CHOICE, FieldType.YES_NO, FieldType.STAFF)
    return Filter(f"custom_{spec.key}", spec.label, apply, options if has_options else None, kind="choice")


class CustomFieldsListing(Listing):
    """A list whose rows have custom fields: their columns, filters and search are added to its own."""

    custom_model: ClassVar[str]

    def __init__(self, actor: Actor, now: Any) -> None:
        super().__init__(actor, now)
        specs = specs_for(self.custom_model)
        self.columns = (*type(self).columns, *(column_of(spec) for spec in specs))  # type: ignore[misc]
        self.filters = (*type(self).filters, *(filter_of(spec) for spec in specs if spec.in_filter))  # type: ignore[misc]
        self.search_fields = (  # type: ignore[misc]
            *type(self).search_fields,
            *(f"custom__{spec.key}" for spec in specs if spec.in_search),
        )
