"""The form of a registration point: what its code says about who comes through it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.customers.models import RegistrationPoint
from dianke.stores.models import Partner, Store
from dianke.stores.queries import users_at
from dianke.web.forms import KitForm


class RegistrationPointForm(KitForm):
    """`point` None is a new one; the store of a printed code stays."""

    name = forms.CharField(
        label=_("Name of the code"),
        max_length=60,
        help_text=_("Where the code hangs or who carries it, for your own list."),
    )
    store = forms.ModelChoiceField(
        label=_("Store"), queryset=Store.objects.none(), help_text=_("New customers belong to this store.")
    )
    staff = forms.ModelChoiceField(
        label=_("Employee"),
        queryset=User.objects.none(),
        required=False,
        help_text=_("Who is credited with the customers that come through this code."),
    )
    partner = forms.ModelChoiceField(
        label=_("Partner"),
        queryset=Partner.objects.none(),
        required=False,
        help_text=_("Only this partner and the managers see customers who come through this code."),
    )
    campaign = forms.CharField(
        label=_("Campaign"), max_length=60, required=False, help_text=_("For later: what brought them here.")
    )

    def __init__(
        self, *args: Any, actor: Actor, point: RegistrationPoint | None = None, **kwargs: Any
    ) -> None:
        if point is not None:
            kwargs["initial"] = {
                "name": point.name,
                "staff": point.staff_id,
                "partner": point.partner_id,
                "campaign": point.campaign,
            }
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        stores = Store.objects.visible_to(actor, "customers.manage_registration").still_open()
        fields["store"].queryset = stores
        if point is not None:
            del fields["store"]
        elif len(reached := list(stores[:2])) == 1:
            fields["store"].initial = reached[0].pk
        fields["staff"].queryset = User.objects.filter(
            pk__in=users_at(actor.stores_for("customers.manage_registration"))
        ).order_by("name")
        fields["partner"].queryset = Partner.objects.filter(is_active=True)
