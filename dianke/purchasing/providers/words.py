"""What the room's events and rows are called, its hidden fields, the kind of record that takes custom fields."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.access.fields import FieldRule, register_field
from dianke.core.actor import Actor
from dianke.core.custom_fields import CustomModel, register_model
from dianke.core.phone import parse as parse_phone
from dianke.events.registry import register_kind, register_rows
from dianke.purchasing.models import (
    PurchaseOrder,
    PurchasePlan,
    Receipt,
    Supplier,
    SupplierInvoice,
    SupplierPrice,
    SupplierReturn,
    SupplyRule,
)

_EVENTS = {
    "supplier_added": _("Supplier “%(name)s” added"),
    "supplier_changed": _("Supplier changed"),
    "supplier_state_set": _("Supplier paused, put away or used again"),
    "price_set": _("Price of a supplier set"),
    "price_ended": _("Price of a supplier ended"),
    "supply_rule_set": _("Supply of a product set"),
    "plan_made": _("Purchase plan %(number)s made"),
    "plan_changed": _("Purchase plan changed"),
    "plan_accepted": _("Purchase plan %(number)s ordered"),
    "plan_discarded": _("Purchase plan %(number)s discarded"),
    "order_drafted": _("Purchase order %(number)s drafted"),
    "order_changed": _("Purchase order %(number)s changed"),
    "order_submitted": _("Purchase order %(number)s handed in"),
    "order_approved": _("Purchase order %(number)s approved"),
    "order_taken_back": _("Purchase order %(number)s is a draft again"),
    "order_sent": _("Purchase order %(number)s sent"),
    "order_mailed": _("Purchase order %(number)s taken by the mail server"),
    "order_mail_refused": _("Email of purchase order %(number)s refused"),
    "order_cancelled": _("Purchase order %(number)s cancelled"),
    "order_closed": _("Purchase order %(number)s closed, the rest given up"),
    "order_received": _("Goods of purchase order %(number)s received"),
    "goods_returned": _("Goods of purchase order %(number)s sent back"),
    "invoice_recorded": _("Invoice %(number)s of a supplier entered"),
    "invoice_released": _("Invoice %(number)s of a supplier released"),
    "invoice_cancelled": _("Invoice %(number)s of a supplier cancelled"),
}


def _supplier(actor: Actor, key: str) -> Any:
    return Supplier.objects.visible_to(actor).get(pk=int(key))


def register() -> None:
    """Called once, when the app is ready."""
    for code, label in _EVENTS.items():
        register_kind(f"purchasing.{code}", label)
    register_rows("purchasing.supplier", Supplier.objects.visible_to, "short_name")
    register_rows("purchasing.purchaseorder", PurchaseOrder.objects.visible_to, "number")
    register_rows("purchasing.purchaseplan", PurchasePlan.objects.visible_to, "number")
    register_rows("purchasing.receipt", Receipt.objects.visible_to, "order__number")
    register_rows("purchasing.supplierreturn", SupplierReturn.objects.visible_to, "order__number")
    register_rows("purchasing.supplierinvoice", SupplierInvoice.objects.visible_to, "number")
    register_rows("purchasing.supplierprice", SupplierPrice.objects.visible_to, "supplier__short_name")
    register_rows("purchasing.supplyrule", SupplyRule.objects.visible_to, "variant__product__name")
    register_model(CustomModel("purchasing.supplier", _("Suppliers"), "truck"))
    register_field(
        FieldRule(
            code="purchasing.supplier.contact_phone",
            label=_("Phone of the contact"),
            see="purchasing.view_orders",
            reveal="purchasing.make_orders",
            mask=lambda phone: parse_phone(phone).masked(),
            read=lambda supplier: supplier.contact_phone or "",
            find=_supplier,
        )
    )
