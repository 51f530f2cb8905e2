"""Kinds of payment, stages of orders, receipts and their printers, credit of customers, bills of channels: as typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.forms.parts import AmountField
from dianke.sales.models import Order, ReceiptPrinter, Stage, Tender
from dianke.stores.models import LegalEntity
from dianke.web.forms import KitForm

States = Order.State


class TenderForm(KitForm):
    """A kind of payment: how it is called, whether it is offered, what happens to refunds."""

    name = forms.CharField(
        label=pgettext_lazy("of a setting", "Name"),
        max_length=40,
        help_text=_("As the till and the receipt say it."),
    )
    is_active = forms.BooleanField(
        label=_("In use"),
        required=False,
        help_text=_("Off: the till offers it no more; what was paid stays."),
    )
    needs_reference = forms.BooleanField(
        label=_("Asks for the number of the payment"),
        required=False,
        help_text=_("For what was paid on another device: needed to compare with the bill of the channel."),
    )
    refund_days = forms.IntegerField(
        label=_("Can be refunded for"),
        min_value=1,
        max_value=3650,
        required=False,
        help_text=_("Empty: always. Later it is given back by the other kind."),
    )
    fallback = forms.ModelChoiceField(
        label=_("Otherwise refund by"), queryset=Tender.objects.none(), required=False
    )
    affix = {"refund_days": _("days")}
    wide = ("name",)

    def __init__(self, *args: Any, tender: Tender, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        at_hand = Tender.objects.filter(account__in=[Tender.Account.CASH, Tender.Account.BANK])
        self.fields["fallback"].queryset = at_hand.exclude(pk=tender.pk)  # type: ignore[attr-defined]


class StageForm(KitForm):
    """A stage: what it is called, when it may begin, which work begins with it."""

    name = forms.CharField(label=pgettext_lazy("of a setting", "Name"), max_length=40)
    position = forms.IntegerField(
        label=_("Place in the order"), min_value=0, max_value=999, help_text=_("The smallest comes first.")
    )
    order_state = forms.ChoiceField(
        label=_("The order is then"),
        choices=[
            (state.value, state.label)
            for state in (
                States.APPROVED,
                States.IN_PRODUCTION,
                States.READY,
                States.SHIPPED,
                States.DELIVERED,
                States.INSTALLED,
            )
        ],
    )
    gate = forms.ChoiceField(
        label=_("Begins only when"),
        choices=Stage.Gate.choices,
        required=False,
        help_text=_("Nobody gets past this by hand."),
    )
    task_title = forms.CharField(
        label=_("Task that begins with it"),
        max_length=80,
        required=False,
        help_text=_("Empty: none. Who gets it is said by the assignment rules."),
    )
    task_days = forms.IntegerField(label=_("Due after"), min_value=0, max_value=365, initial=1)
    is_active = forms.BooleanField(
        label=_("In use"), required=False, initial=True, help_text=_("Off: orders that are in it stay in it.")
    )
    affix = {"task_days": _("days")}
    sections = ((pgettext_lazy("of a stage", "Work"), ("task_title", "task_days")), ("", ("is_active",)))


class ReceiptForm(KitForm):
    """What stands on the receipts of a store besides the sale."""

    title = forms.CharField(
        label=pgettext_lazy("receipt", "Heading"),
        max_length=40,
        required=False,
        help_text=_("Empty: the name of the store."),
    )
    header = forms.CharField(
        label=_("Below the heading"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Empty: address and telephone of the store."),
    )
    footer = forms.CharField(
        label=pgettext_lazy("receipt", "At the end"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For instance how long goods can be brought back."),
    )
    has_tax = forms.BooleanField(label=_("Shows the tax contained"), required=False)
    has_link = forms.BooleanField(
        label=_("QR code of the receipt"),
        required=False,
        help_text=_("The customer scans it and has the receipt on the phone."),
    )
    wide = ("title",)


class PrinterForm(KitForm):
    """Where the receipts of a register are printed."""

    width = forms.TypedChoiceField(
        label=_("Paper"), choices=ReceiptPrinter.Width.choices, coerce=int, widget=forms.RadioSelect
    )
    host = forms.GenericIPAddressField(
        label=_("Address of the printer"),
        required=False,
        help_text=_("Such as 192.168.1.50. Empty: the till prints by itself (USB or browser)."),
    )
    port = forms.IntegerField(
        label=pgettext_lazy("register", "Port"), min_value=1, max_value=65535, initial=9100
    )
    copies = forms.IntegerField(label=_("Copies"), min_value=1, max_value=5, initial=1)
    has_qr = forms.BooleanField(
        label=_("Draws QR codes by itself"),
        required=False,
        help_text=_("Nearly all do. Off: the code is printed as a picture."),
    )
    has_drawer = forms.BooleanField(label=_("The cash drawer is connected to it"), required=False)
    wide = ("host",)


class CreditForm(KitForm):
    """How much a customer may owe."""

    limit_amount = AmountField(label=_("May owe up to"))
    days = forms.IntegerField(label=_("Days to pay"), min_value=0, max_value=365, initial=30)
    is_blocked = forms.BooleanField(
        label=_("Stop credit"), required=False, help_text=_("Nothing more on account until this is lifted.")
    )
    affix = {"limit_amount": _("yuan"), "days": _("days")}


class CreditNewForm(CreditForm):
    """And who, to whom."""

    customer = forms.CharField(
        label=_("Customer"),
        max_length=60,
        help_text=_("Phone, member number or name; exactly one must match."),
    )
    legal_entity = forms.ModelChoiceField(label=_("Owes to"), queryset=LegalEntity.objects.none())
    field_order = ("customer", "legal_entity", "limit_amount", "days", "is_blocked")
    wide = ("customer",)

    def __init__(self, *args: Any, entities: QuerySet[LegalEntity], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["legal_entity"].queryset = entities  # type: ignore[attr-defined]
        if self.initial.get("legal_entity") is None:
            few = list(entities[:2])
            self.fields["legal_entity"].initial = few[0].pk if len(few) == 1 else None


class BillForm(KitForm):
    """The bill of a channel for a day: as a file, or pasted."""

    tender = forms.ModelChoiceField(label=_("Kind of payment"), queryset=Tender.objects.none())
    legal_entity = forms.ModelChoiceField(
        label=pgettext_lazy("of money", "Receiver"), queryset=LegalEntity.objects.none()
    )
    business_date = forms.DateField(label=_("Day of the bill"))
    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
        help_text=_("CSV: number at the channel and amount in yuan, refunds below zero."),
    )
    text = forms.CharField(
        label=_("Or paste the rows"),
        required=False,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "placeholder": "4200002511,199.00"}),
    )
    wide = ("file",)

    def __init__(
        self, *args: Any, tenders: QuerySet[Tender], entities: QuerySet[LegalEntity], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tender"].queryset = tenders  # type: ignore[attr-defined]
        self.fields["legal_entity"].queryset = entities  # type: ignore[attr-defined]
        few = list(entities[:2])
        if len(few) == 1:
            self.fields["legal_entity"].initial = few[0].pk
