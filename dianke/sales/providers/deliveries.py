"""What deliveries register: labels of their events, the task of a crew, where the pages stand; what of a customer is
erased, and what is in the copy of their data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.customers.queries.export import ExportPart, register_export
from dianke.customers.queries.export_tables import instant
from dianke.customers.queries.portal import PortalSection, register_portal_section
from dianke.customers.queries.rights import Blocker, ErasurePart, register_erasure, register_erasure_blocker
from dianke.events.registry import register_kind, register_rows
from dianke.sales.models import Delivery, DeliveryCrew, DeliverySlot, OldGold
from dianke.sales.operations.delivery_proof import erase_deliveries
from dianke.sales.queries.status import TOLD, own_orders
from dianke.web import navigation
from dianke.web.navigation import Page, Place
from dianke.work.registry import TaskKind, register_task_kind

DELIVER, MANAGE = "sales.deliver_orders", "sales.manage_settings"

_EVENTS = {
    "delivery_planned": _("Delivery of %(number)s planned for %(day)s"),
    "delivery_changed": _("Delivery of %(number)s changed: %(day)s"),
    "delivery_assigned": _("Delivery of %(number)s given to a crew"),
    "delivery_loaded": _("Goods of %(number)s loaded"),
    "delivery_started": _("Delivery of %(number)s on the way"),
    "delivery_done": _("Delivery of %(number)s handed over"),
    "delivery_failed": _("Delivery of %(number)s not handed over"),
    "delivery_cancelled": _("Delivery of %(number)s called off"),
    "delivery_slot_set": _("Window for deliveries “%(name)s” set"),
    "delivery_day_set": _("Window “%(name)s” on %(day)s set"),
    "delivery_crew_set": _("Delivery crew “%(name)s” set"),
    "delivery_rules_set": _("Rules of deliveries of “%(name)s” changed"),
    "customer_told": _("Customer told how %(number)s goes on"),
    "old_gold_taken": _("Old gold %(number)s taken in for %(order)s"),
    "day_price_kept": _("Price of the day kept for %(number)s"),
}


def _open_deliveries(customer_ids: Collection[int]) -> Sequence[Blocker]:
    if Delivery.objects.filter(customer__in=customer_ids).open().exists():
        return [Blocker(_("A delivery is still planned. Hand it over or call it off first."))]
    return []


def _rows(ids: Collection[int]) -> Iterable[dict[str, Any]]:
    rows = Delivery.objects.filter(customer__in=ids).select_related("order", "key", "slot")
    for delivery in rows.order_by("pk"):
        yield {
            "order": delivery.order.number,
            "day": f"{delivery.day:%Y-%m-%d}",
            "state": str(delivery.get_state_display()),
            "address": delivery.address,
            "receiver": delivery.receiver or "",
            "phone": delivery.phone or "",
            "taken_by": delivery.taken_by or "",
            "at": instant(delivery.done_at) if delivery.done_at else "",
        }


_EXPORT = ExportPart(
    "deliveries",
    pgettext_lazy("to a customer", "deliveries"),
    {
        "order": _("Order"),
        "day": _("Day"),
        "state": _("State"),
        "address": _("Address"),
        "receiver": _("Receiver"),
        "phone": _("Phone"),
        "taken_by": pgettext_lazy("delivery", "Taken by"),
        "at": _("When"),
    },
    _rows,
)


def _section(customer_ids: Sequence[int], now: datetime) -> Mapping[str, Any] | None:
    """The newest orders on the member card; nothing without any."""
    rows = [{"order": order, "label": TOLD[order.state]} for order in own_orders(customer_ids)[:2]]
    return {"rows": rows} if rows else None


def register() -> None:
    """Called once, when the app is ready."""
    for code, label in _EVENTS.items():
        register_kind(f"sales.{code}", label)
    register_rows(
        "sales.delivery",
        lambda actor: Delivery.objects.visible_to(actor),
        "order__number",
        noun=pgettext_lazy("to a customer", "delivery"),
        url_name="sales:delivery",
        permission=DELIVER,
    )
    register_rows("sales.deliveryslot", lambda actor: DeliverySlot.objects.visible_to(actor), "name")
    register_rows("sales.deliverycrew", lambda actor: DeliveryCrew.objects.visible_to(actor), "name")
    register_rows("sales.oldgold", lambda actor: OldGold.objects.visible_to(actor), "number")
    register_task_kind(
        TaskKind("delivery", pgettext_lazy("kind of task", "Delivery"), "truck", is_manual=False)
    )
    register_erasure_blocker("sales.deliveries", _open_deliveries)
    register_erasure(
        ErasurePart(
            "deliveries",
            _("Addresses, receivers, signatures and photos of deliveries"),
            erase_deliveries,
            kept=_("That and when goods were delivered stays with the order, without a name."),
        )
    )
    register_export(_EXPORT)
    register_portal_section(
        PortalSection("sales.orders", _("My orders"), "sales/portal/section.html", _section, order=30)
    )
    _pages()


def _pages() -> None:
    for page in (
        Page(
            "sales.deliveries",
            pgettext_lazy("to customers", "Deliveries"),
            "sales:deliveries",
            Place.ORDERS,
            DELIVER,
            "truck",
            40,
            words=_("install transport plan crew"),
        ),
        Page(
            "sales.my_deliveries",
            _("My deliveries today"),
            "sales:my-deliveries",
            Place.ORDERS,
            DELIVER,
            "route",
            41,
            words=_("crew driver today signature"),
        ),
        Page(
            "sales.delivery_list",
            _("All deliveries"),
            "sales:delivery-list",
            Place.ORDERS,
            DELIVER,
            "list",
            is_command=True,
        ),
        Page(
            "sales.delivery_new",
            _("Plan a delivery"),
            "sales:delivery-new",
            Place.ORDERS,
            DELIVER,
            "plus",
            is_command=True,
        ),
        Page(
            "sales.delivery_settings",
            _("Windows and crews for deliveries"),
            "sales:delivery-settings",
            Place.SETTINGS,
            DELIVER,
            "calendar-time",
            66,
            words=_("slot capacity crew signature photo"),
        ),
    ):
        navigation.register(replace(page, module="till"))
