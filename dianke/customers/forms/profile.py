"""The small forms around a profile: tags, who looks after it, which stores see it, a file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.customers.models import Tag
from dianke.stores.models import Partner, Store
from dianke.web.forms import KitForm
from dianke.work.queries.people import colleagues

NOBODY = "none"


class TagsForm(KitForm):
    """Which tags; for one customer those it has are ticked."""

    tags = forms.ModelMultipleChoiceField(
        label=_("Tags"), queryset=Tag.objects.none(), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, held: Iterable[int] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = set(held)
        offered = Tag.objects.filter(archived_at=None) | Tag.objects.filter(pk__in=ids)
        self.fields["tags"].queryset = offered.order_by("name")  # type: ignore[attr-defined]
        self.fields["tags"].initial = list(ids)


class OwnerForm(KitForm):
    """Who looks after the customer."""

    owner = forms.ChoiceField(label=_("Person in charge"))

    def __init__(self, *args: Any, actor: Actor, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people: dict[str, User] = {str(user.pk): user for user in colleagues(actor, now=now)}
        choices = [(key, str(user)) for key, user in self.people.items()]
        self.fields["owner"].choices = [(NOBODY, _("Nobody")), *choices]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> User | None:
        return self.people.get(self.cleaned_data["owner"])


class StoreForm(KitForm):
    """Which other store may see and serve the customer too."""

    store = forms.ModelChoiceField(label=_("Store"), queryset=Store.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stores = Store.objects.filter(closed_on=None).order_by("code")
        self.fields["store"].queryset = stores  # type: ignore[attr-defined]
        self.fields["store"].label_from_instance = lambda store: store.short_name  # type: ignore[attr-defined]


class PartnersForm(KitForm):
    """Which other partners see and serve a kept customer."""

    partners = forms.ModelMultipleChoiceField(
        label=_("Partners"),
        queryset=Partner.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_(
            "Whoever is ticked finds this customer and serves them like their own. Nobody else does."
        ),
    )

    def __init__(self, *args: Any, offered: Iterable[Partner], held: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = {partner.pk for partner in offered} | set(held)
        self.fields["partners"].queryset = (  # type: ignore[attr-defined]
            Partner.objects.filter(pk__in=ids).select_related("user").order_by("name", "pk")
        )
        self.fields["partners"].initial = list(held)


class FileForm(KitForm):
    """A file to keep with the customer."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("A picture, PDF, Word or Excel file of at most 10 MB."),
        allow_empty_file=True,
    )
