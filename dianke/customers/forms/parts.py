"""What the forms about a customer share: lines of text, errors of an entry beside their fields, custom fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dianke.core.custom_fields import FieldSpec, clean_value
from dianke.core.errors import DiankeError, InvalidInput
from dianke.customers.models import EntryRule, Gender
from dianke.customers.rules.entry import EntryProblems
from dianke.web.custom_fields import form_field
from dianke.web.forms import KitForm

MISSING = _("“%(label)s” is still empty. Please fill it in.")


def text_field(label: Any, most: int, **attrs: Any) -> forms.CharField:
    """One line of text."""
    return forms.CharField(
        label=label,
        max_length=most,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", **attrs}),
    )


def gender_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Gender"), choices=Gender.choices, required=False, widget=forms.RadioSelect, initial=""
    )


class ProblemsForm(KitForm):
    """Puts every problem of an entry beside the field it is about; `renamed` maps names that differ here."""

    renamed: Mapping[str, str] = {}

    def refuse(self, error: DiankeError) -> None:
        problems = (
            error.errors if isinstance(error, EntryProblems) and error.errors else {error.field or "": error}
        )
        for name, each in problems.items():
            wanted = self.renamed.get(name, name)
            self.add_error(wanted if wanted in self.fields else None, str(each))

    def add_domain_error(self, error: DiankeError) -> None:
        self.refuse(error)

    def apply_rules(self, rules: Mapping[str, EntryRule]) -> None:
        """Hints, and stars at what the merchant requires."""
        for name, rule in rules.items():
            field = self.fields.get(name)
            if field is None:
                continue
            if rule.hint:
                field.help_text = rule.hint
            if rule.is_required:
                require(field)


def require(field: forms.Field) -> None:
    """Make a field one that must be filled in."""
    field.required = True
    field.error_messages["required"] = MISSING % {"label": field.label}
    if isinstance(field, forms.ChoiceField):
        offered: Any = field.choices
        field.choices = [choice for choice in offered if choice[0] != ""]


class SpecFields:
    """Custom fields of one kind as form fields `<prefix>_<key>`; `values()` of a cleaned form as operations
    take them.
    """

    def __init__(
        self, specs: Sequence[FieldSpec], prefix: str, held: Mapping[str, Any] | None = None
    ) -> None:
        self.specs, self.prefix, self.held = specs, prefix, held
        self.names = {spec.key: f"{prefix}_{spec.key}" for spec in specs}

    def fields(self) -> dict[str, forms.Field]:
        return {self.names[spec.key]: form_field(spec, self.held) for spec in self.specs}

    def units(self) -> dict[str, Any]:
        return {
            self.names[spec.key]: spec.unit or _("yuan")
            for spec in self.specs
            if spec.unit or spec.type == "MONEY"
        }

    def values(self, form: forms.Form) -> dict[str, Any]:
        """Key → value; what is wrong goes beside its field."""
        found = {}
        for spec in self.specs:
            name = self.names[spec.key]
            if name not in form.cleaned_data:
                continue  # an error stands there already
            try:
                before = (self.held or {}).get(spec.key)
                found[spec.key] = clean_value(spec, form.cleaned_data[name], before=before)
            except InvalidInput as error:
                form.add_error(name, str(error))
        return found
