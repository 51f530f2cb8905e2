"""What customers are told of their orders, as those know it who carry it."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from dianke.core.messages import Occasion, register_occasion
from dianke.sales.operations.telling import TEXTS

_LABELS = {
    "sales.order_approved": pgettext_lazy("notice", "Order confirmed"),
    "sales.order_stage_entered": pgettext_lazy("notice", "Order goes on"),
    "sales.order_cancelled": pgettext_lazy("notice", "Order cancelled"),
    "sales.delivery_planned": pgettext_lazy("notice", "Delivery planned"),
    "sales.delivery_changed": pgettext_lazy("notice", "Delivery on another day"),
    "sales.delivery_started": pgettext_lazy("notice", "Delivery on its way"),
    "sales.delivery_done": pgettext_lazy("notice", "Delivery handed over"),
    "sales.delivery_failed": pgettext_lazy("notice", "Delivery not handed over"),
}


def register() -> None:
    """Called once, when the apps are ready."""
    for kind, text in TEXTS.items():
        register_occasion(Occasion(kind, text, _LABELS[kind]))
