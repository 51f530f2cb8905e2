"""What is done at the counter: top up, sell a card, use sessions, pay back, transfer, freeze, extend."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dianke.catalog.forms.parts import AmountField
from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.customers.queries.search import find
from dianke.stores.models import Store
from dianke.wallets.models import CardKind, Offer, PaymentKind
from dianke.wallets.queries.purse import CardState
from dianke.wallets.queries.wording import written
from dianke.web.forms import KitForm


def own_reference() -> Any:
    """A key made when the form is shown: sent twice, it is done once."""
    return forms.CharField(max_length=64, widget=forms.HiddenInput)


class AtStoreForm(KitForm):
    """At one of the stores where the person may do it."""

    store = forms.ModelChoiceField(label=_("Store"), queryset=Store.objects.none())
    key = own_reference()

    def __init__(self, *args: Any, stores: Sequence[Store], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["store"]
        field.queryset = Store.objects.filter(pk__in=[store.pk for store in stores])  # type: ignore[attr-defined]
        if len(stores) == 1:
            field.widget = forms.HiddenInput()
            field.initial = stores[0].pk


class PaidForm(AtStoreForm):
    """And paid at once."""

    payment_kind = forms.ChoiceField(
        label=_("Paid by"), choices=PaymentKind.choices, initial=PaymentKind.WECHAT
    )
    payment_reference = forms.CharField(
        label=_("Payment reference"),
        max_length=80,
        required=False,
        help_text=_("Number on the slip or in the app, for reconciling."),
    )


class TopUpForm(PaidForm):
    """How much, and which offer."""

    paid_amount = AmountField(label=_("Amount"))
    offer = forms.ModelChoiceField(
        label=_("Top-up offer"),
        queryset=Offer.objects.none(),
        required=False,
        empty_label=_("Without an offer"),
    )
    affix = {"paid_amount": _("yuan")}
    wide = ("offer",)
    field_order = ("store", "paid_amount", "offer", "payment_kind", "payment_reference")

    def __init__(self, *args: Any, offers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["offer"].queryset = offers  # type: ignore[attr-defined]
        self.fields["offer"].label_from_instance = offer_text  # type: ignore[attr-defined]


def offer_text(offer: Offer) -> str:
    """Name and steps in one line."""
    given = [(step.paid_amount, step.bonus_amount + step.promotional_amount) for step in offer.steps.all()]
    steps = (
        gettext("%(paid)s + %(more)s") % {"paid": _short(paid), "more": _short(more)} for paid, more in given
    )
    return f"{offer.name} · {' · '.join(steps)}"


def _short(minor: int) -> str:
    """An amount of an offer as it is said: without decimals that say nothing."""
    return f"{(Decimal(minor) / 100).normalize():f}"


class SellCardForm(PaidForm):
    """Which card, and what is paid for it."""

    kind = forms.ModelChoiceField(label=_("Kind of card"), queryset=CardKind.objects.none())
    paid_amount = AmountField(
        label=_("Amount paid"), required=False, help_text=_("Empty: the price of the card.")
    )
    affix = {"paid_amount": _("yuan")}
    field_order = ("store", "kind", "paid_amount", "payment_kind", "payment_reference")

    def __init__(self, *args: Any, kinds: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = kinds  # type: ignore[attr-defined]
        self.fields["kind"].label_from_instance = (  # type: ignore[attr-defined]
            lambda kind: f"{kind.name} ({written(kind.price_amount, kind.currency)})"
        )


class UseForm(AtStoreForm):
    """So many sessions of each service of a card, and the customer's code."""

    confirmation = forms.CharField(
        label=_("Code on the customer's phone"),
        max_length=20,
        required=False,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "data-scan": "", "placeholder": "000 000"}
        ),
    )
    waiver = forms.CharField(
        label=_("Why without the phone"),
        max_length=200,
        required=False,
        help_text=_("Only managers; the reason stays in the history."),
    )

    def __init__(self, *args: Any, card: CardState, may_waive: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        services: dict[int, tuple[str, int]] = {}
        for item in card.items:
            name, left = services.get(item.variant_id, (item.service, 0))
            services[item.variant_id] = (name, left + item.left)
        self.services = [pk for pk, (_name, left) in services.items() if left]
        for pk in self.services:
            name, left = services[pk]
            self.fields[f"count_{pk}"] = forms.IntegerField(
                label=name,
                min_value=0,
                max_value=left,
                required=False,
                initial=1 if len(self.services) == 1 else 0,
                help_text=_("%(count)s left") % {"count": left},
                widget=forms.NumberInput(attrs={"class": "form-control", "inputmode": "numeric"}),
            )
        if not card.needs_confirmation:
            del self.fields["confirmation"], self.fields["waiver"]
        elif not may_waive:
            del self.fields["waiver"]
        self.order_fields(
            ["store", *(f"count_{pk}" for pk in self.services), "confirmation", "waiver", "key"]
        )
        for field in self.fields.values():
            for name, value in (("is_wide", False), ("affix", ""), ("shape", "field"), ("mark", "")):
                if not hasattr(field, name):
                    setattr(field, name, value)

    def counts(self) -> dict[int, int]:
        """Service → sessions, of those with any."""
        given = {pk: self.cleaned_data.get(f"count_{pk}") or 0 for pk in self.services}
        return {pk: count for pk, count in given.items() if count}


class ReasonForm(KitForm):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
    wide = ("reason",)


class FreezeForm(ReasonForm):
    """Frozen, or reported lost."""

    is_lost = forms.BooleanField(
        label=_("The card is lost"), required=False, help_text=_("A new number ends it.")
    )


class ExtendForm(ReasonForm):
    """Longer, and why."""

    to_date = forms.DateField(label=_("Valid through"))
    field_order = ("to_date", "reason")


class PayBackForm(PaidForm):
    """How it is paid back, and why."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
    wide = ("reason",)
    field_order = ("store", "payment_kind", "payment_reference", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payment_kind"].label = _("Paid back by")


class ConvertForm(PaidForm):
    """How the difference is paid, and why the card is turned into another."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
    wide = ("reason",)
    field_order = ("store", "payment_kind", "payment_reference", "reason")

    def __init__(self, *args: Any, is_paid: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_paid:
            del self.fields["payment_kind"], self.fields["payment_reference"]


class TransferForm(AtStoreForm):
    """To whom: found by name, phone or member number."""

    to = forms.CharField(
        label=_("To customer"),
        max_length=60,
        help_text=_("Phone, member number or name; exactly one must match."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)
    wide = ("to", "reason")
    field_order = ("store", "to", "reason")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_to(self) -> Customer:
        found = find(self.actor, self.cleaned_data["to"], 3)
        if not found:
            raise forms.ValidationError(_("Nobody is found. Enter the whole phone number or member number."))
        if len(found) > 1:
            raise forms.ValidationError(_("Several match. Enter the whole phone number or member number."))
        return found[0].customer


class UndoForm(ReasonForm):
    """Why something is taken back."""

    reason = forms.CharField(
        label=pgettext_lazy("of taking back", "Reason"),
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": _("Entered twice, wrong customer …")}),
    )
