"""The forms of orders: why, when, how much and by which way; the terms of a new one."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.errors import DiankeError
from dianke.core.money import parse
from dianke.sales.models import Order, Stage, Tender
from dianke.sales.queries.basket import OrderTerms
from dianke.stores.models import Register
from dianke.web.forms import KitForm


class AmountField(forms.CharField):
    """An amount as people type it ("1200", "1.2万"); gives minor units."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=24, **kwargs)
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value: Any) -> int | None:
        """Minor units; None for nothing typed where that is allowed."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse(text).to_minor()
        except DiankeError as error:
            raise forms.ValidationError(str(error)) from error


class ReasonForm(KitForm):
    """Why something is done that cannot be undone."""

    reason = forms.CharField(label=_("Why?"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class CloseForm(KitForm):
    """Why the rest is given up; asked only when there is a rest."""

    reason = forms.CharField(label=_("Why?"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, has_rest: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_rest:
            del self.fields["reason"]


class SubmitForm(KitForm):
    """Why a second person should agree; asked only where one has to."""

    reason = forms.CharField(
        label=_("Why is it needed?"),
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Whoever approves reads this first."),
    )


class DueDateForm(KitForm):
    """Another day, and why."""

    due_date = forms.DateField(label=_("Promised for"), required=False)
    reason = forms.CharField(label=_("Why?"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class CancelForm(KitForm):
    """Whose wish it is decides what becomes of earnest money."""

    whose = forms.ChoiceField(
        label=_("Who withdraws?"),
        choices=(("customer", _("The customer")), ("us", _("We: we cannot deliver as agreed"))),
        initial="customer",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("Why?"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class StageForm(KitForm):
    """Which stage comes next."""

    stage = forms.ChoiceField(label=_("Next stage"))
    note = forms.CharField(label=_("Note"), required=False, max_length=200)

    def __init__(self, *args: Any, stages: list[Stage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].choices = [(stage.code, stage.name) for stage in stages]  # type: ignore[attr-defined]


class PayForm(KitForm):
    """How much was paid by which way. Of cash more may be handed over: the rest is change."""

    tender = forms.ModelChoiceField(
        label=_("Paid by"), queryset=Tender.objects.none(), to_field_name="code", empty_label=None
    )
    amount = AmountField(label=_("Amount"))
    reference = forms.CharField(
        label=_("Number of the payment"),
        required=False,
        max_length=64,
        help_text=_("As it stands on the terminal or in the app of the bank; for cash leave it empty."),
    )
    register = forms.ModelChoiceField(
        label=_("Into the drawer of"),
        required=False,
        queryset=Register.objects.none(),
        empty_label=_("No drawer: the cash of the store"),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, tenders: Any, registers: Any, amount: str, register_id: int | None, **kwargs: Any
    ) -> None:
        kwargs["initial"] = {"amount": amount, "key": uuid4(), "register": register_id}
        super().__init__(*args, **kwargs)
        self.fields["tender"].queryset = tenders  # type: ignore[attr-defined]
        self.fields["register"].queryset = registers  # type: ignore[attr-defined]
        if not registers:
            del self.fields["register"]


class TermsForm(KitForm):
    """What an order has beyond its lines."""

    due_date = forms.DateField(label=_("Promised for"), required=False)
    deposit_kind = forms.ChoiceField(
        label=pgettext_lazy("order", "Deposit"),
        choices=(
            ("", _("No deposit")),
            ("PREPAYMENT", _("Prepayment: comes back when the order is cancelled")),
            ("EARNEST", _("Earnest money: lost when the customer withdraws")),
        ),
        required=False,
    )
    deposit_amount = AmountField(label=_("Amount of the deposit"), required=False)
    is_reserved = forms.BooleanField(
        label=_("Keep goods that are in stock for this order"), required=False, initial=True
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )
    reason = forms.CharField(
        label=_("Why a second person should agree"),
        required=False,
        max_length=200,
        help_text=_("Read by whoever approves, where prices taken off by hand need an approval."),
    )

    def terms(self, instalments: tuple[Any, ...]) -> OrderTerms:
        """Of valid data."""
        data = self.cleaned_data
        return OrderTerms(
            due_date=data["due_date"],
            deposit_kind=data["deposit_kind"],
            deposit_amount=data["deposit_amount"] or 0,
            instalments=instalments,
            is_reserved=data.get("is_reserved", False),
        )


class DraftForm(TermsForm):
    """The terms of a draft, and who sells it."""

    seller = forms.ChoiceField(label=pgettext_lazy("of an order", "Sold by"), required=False)

    def __init__(self, *args: Any, people: list[tuple[int, str]], sold_by: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        as_it_is = _("As it is: %(names)s") % {"names": sold_by} if sold_by else _("As it is")
        del self.fields["is_reserved"], self.fields["reason"]
        self.fields["seller"].choices = [("", as_it_is), *people]  # type: ignore[attr-defined]


def tenders_for(order: Order) -> Any:
    """Ways an order can be paid by afterwards."""
    kinds = Tender.Account
    rows = Tender.objects.in_use().exclude(account__in=[kinds.RECEIVABLE, kinds.EXCHANGE, kinds.OLD_METAL])
    return rows if order.customer_id else rows.exclude(account=kinds.WALLET)
