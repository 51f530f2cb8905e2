"""Rules for short stock, and locking of periods."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Category
from dianke.catalog.queries.reading import category_tree
from dianke.inventory.forms.parts import PlaceField
from dianke.inventory.models import Place, Policy
from dianke.web.forms import KitForm

_HELP = _(
    "Refuse: nothing is sold that the books do not know of. Allow: the till never stops; what is short is squared by"
    " the next receipt or count."
)


class PolicyForm(KitForm):
    """What happens when more goes out than the books say is there."""

    policy = forms.ChoiceField(
        label=_("When stock runs short"), choices=Policy.choices, widget=forms.RadioSelect, help_text=_HELP
    )


class ExceptionForm(KitForm):
    """An exception for a category and what is below it."""

    category = forms.ModelChoiceField(label=_("Category and below"), queryset=Category.objects.none())
    place = PlaceField(label=_("Shelf"), queryset=Place.objects.none(), required=False)
    policy = forms.ChoiceField(
        label=_("When stock runs short"), choices=Policy.choices, widget=forms.RadioSelect, help_text=_HELP
    )

    def __init__(self, *args: Any, shelves: Any, may_everywhere: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tree = category_tree()
        category: Any = self.fields["category"]
        category.queryset = Category.objects.in_use()
        category.choices = [("", _("Please choose")), *((each.category.pk, each.full_name) for each in tree)]
        place: Any = self.fields["place"]
        place.queryset = shelves
        place.required = not may_everywhere
        place.empty_label = _("All stores") if may_everywhere else _("Please choose")
        if may_everywhere:
            place.mark = _("else everywhere")


class LockForm(KitForm):
    """The last day that is locked."""

    locked_through = forms.DateField(
        label=_("Locked through"), help_text=_("Usually the end of a month that has been closed.")
    )


class ReopenForm(KitForm):
    """Why locked books are opened again."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
    wide = ("reason",)
