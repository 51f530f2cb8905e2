"""The forms of orders: particulars of a draft, how it is sent, why it is cancelled or closed, why it is wanted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.core.messages import Channel, can_send
from dianke.purchasing.models import PurchaseOrder, Supplier
from dianke.stores.models import StockPlace, Store
from dianke.web.forms import KitForm

MAKE = "purchasing.make_orders"


class NewOrderForm(KitForm):
    """From whom and for which store; what is ordered comes on the next page."""

    supplier = forms.ModelChoiceField(label=_("Supplier"), queryset=Supplier.objects.none())
    store = forms.ModelChoiceField(label=_("For store"), queryset=Store.objects.none(), empty_label=None)

    def __init__(self, *args: Any, actor: Actor, store: Store | None, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {})
        kwargs["initial"].setdefault("store", store.pk if store else None)
        super().__init__(*args, **kwargs)
        suppliers = Supplier.objects.visible_to(actor).in_use().order_by("short_name", "pk")
        self.fields["supplier"].queryset = suppliers  # type: ignore[attr-defined]
        stores = Store.objects.visible_to(actor, MAKE).still_open().order_by("code")
        self.fields["store"].queryset = stores  # type: ignore[attr-defined]
        self.fields["store"].label_from_instance = lambda each: each.short_name  # type: ignore[attr-defined]


class OrderForm(KitForm):
    """Particulars of a draft."""

    expected_date = forms.DateField(label=_("Expected on"))
    stock_place = forms.ModelChoiceField(
        label=_("Delivered to"),
        required=False,
        queryset=StockPlace.objects.none(),
        empty_label=_("The first place of the store"),
    )
    exchange_rate = forms.DecimalField(
        label=_("Exchange rate"), max_digits=18, decimal_places=8, min_value=Decimal("0.00000001")
    )
    note = forms.CharField(
        label=_("Note for the supplier"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, order: PurchaseOrder, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "expected_date": order.expected_date,
            "stock_place": order.stock_place_id,
            "exchange_rate": format(order.exchange_rate.normalize(), "f"),
            "note": order.note,
        }
        super().__init__(*args, **kwargs)
        places = StockPlace.objects.filter(store=order.store_id, is_active=True)
        self.fields["stock_place"].queryset = places  # type: ignore[attr-defined]
        if order.currency == order.legal_entity.currency:
            del self.fields["exchange_rate"]


class ReasonForm(KitForm):
    """Why something is done that cannot be undone, or that somebody else has to decide."""

    reason = forms.CharField(label=_("Why?"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class SubmitForm(KitForm):
    """Why an order is wanted; only asked where a second person decides."""

    reason = forms.CharField(
        label=_("Why is it needed?"),
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Whoever approves reads this first."),
    )


class SendForm(KitForm):
    """By mail from here, or by hand: phone, chat, paper."""

    channel = forms.ChoiceField(
        label=_("How"), choices=PurchaseOrder.Channel.choices, widget=forms.RadioSelect
    )
    to = forms.EmailField(label=pgettext_lazy("mail", "To"), required=False, max_length=120)

    def __init__(self, *args: Any, order: PurchaseOrder, **kwargs: Any) -> None:
        has_mail = can_send(Channel.EMAIL)
        kwargs["initial"] = {
            "channel": "EMAIL" if has_mail and order.supplier.order_email else "BY_HAND",
            "to": order.supplier.order_email,
        }
        super().__init__(*args, **kwargs)
        if not has_mail:
            self.fields["channel"].help_text = _("No mail server is set up here: send it by hand.")
        if not order.supplier.order_email:
            self.fields["to"].help_text = _("The supplier has no address for orders yet.")
