"""Reads about deliveries: windows with what is left of them, what of an order can still be planned, the boards of the
planner and of a crew, proof of what was brought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from dianke.core.actor import Actor
from dianke.core.business_dates import zone_named
from dianke.sales.models import (
    Delivery,
    DeliveryCrew,
    DeliveryLine,
    DeliverySetting,
    DeliverySlot,
    Order,
    OrderLine,
    SlotDay,
)
from dianke.sales.rules.slots import Window, is_late
from dianke.stores.models import Store

#: Kinds of lines that are carried to somebody.
CARRIED = (OrderLine.Kind.GOODS, OrderLine.Kind.PIECE, OrderLine.Kind.BUNDLE)


def setting_of(store_id: int) -> DeliverySetting:
    """What the store decided, else the defaults."""
    return DeliverySetting.objects.filter(store=store_id).first() or DeliverySetting(store_id=store_id)


def local_now(store: Store, now: datetime) -> datetime:
    """The clock of the store."""
    return timezone.localtime(now, zone_named(store.time_zone))


# --- windows ---------------------------------------------------------------------------------------------------
def windows(store_id: int, first: date, days: int = 1) -> list[tuple[DeliverySlot, Window]]:
    """The windows of a store from `first` on, in their order. Three queries."""
    slots = list(DeliverySlot.objects.filter(store=store_id, is_active=True).order_by("from_time", "pk"))
    if not slots:
        return []
    last = first + timedelta(days=days - 1)
    others = {
        (each.slot_id, each.day): each.capacity
        for each in SlotDay.objects.filter(slot__in=slots, day__range=(first, last))
    }
    rows = (
        Delivery.objects.under_way()
        .filter(slot__in=slots, day__range=(first, last))
        .values("slot_id", "day")
        .annotate(count=Count("pk"))
        .order_by()
    )
    taken = {(row["slot_id"], row["day"]): row["count"] for row in rows}
    found = []
    for day in (first + timedelta(days=n) for n in range(days)):
        for slot in slots:
            key = (slot.pk, day)
            if key not in others and not slot.runs_on(day):
                continue
            capacity = others.get(key, slot.capacity)
            found.append(
                (slot, Window(slot.pk, day, slot.from_time, slot.to_time, capacity, taken.get(key, 0)))
            )
    return found


# --- what of an order ------------------------------------------------------------------------------------------
def planned_quantities(line_ids: Collection[int], *, kind: str = "DELIVERY") -> dict[int, Decimal]:
    """By line, what is on its way or planned to be."""
    rows = (
        DeliveryLine.objects.filter(
            line__in=line_ids, delivery__kind=kind, delivery__state__in=["PLANNED", "LOADED", "UNDER_WAY"]
        )
        .values("line_id")
        .annotate(sum=Sum("quantity"))
        .order_by()
    )
    return {row["line_id"]: row["sum"] for row in rows}


def installed_quantities(line_ids: Collection[int]) -> dict[int, Decimal]:
    """By line, what is installed or planned to be."""
    rows = (
        DeliveryLine.objects.filter(line__in=line_ids, delivery__kind="INSTALLATION")
        .exclude(delivery__state__in=["FAILED", "CANCELLED"])
        .values("line_id")
        .annotate(sum=Sum("quantity"))
        .order_by()
    )
    return {row["line_id"]: row["sum"] for row in rows}


def plannable(order: Order, kind: str = "DELIVERY") -> list[tuple[OrderLine, Decimal]]:
    """Lines of an order with what of each is not planned yet, more than nothing."""
    lines = list(order.lines.select_related("variant__product__unit").order_by("position"))
    ids = [line.pk for line in lines]
    planned = planned_quantities(ids) if kind == "DELIVERY" else installed_quantities(ids)
    found = []
    for line in lines:
        if line.kind not in CARRIED:
            continue
        whole = line.open_quantity if kind == "DELIVERY" else line.quantity - line.returned_quantity
        left = whole - planned.get(line.pk, Decimal(0))
        if left > 0:
            found.append((line, left))
    return found


def waiting_orders(actor: Actor, permission: str) -> QuerySet[Order]:
    """Approved orders of known customers with goods that are not delivered, promised first."""
    open_lines = OrderLine.objects.filter(kind__in=CARRIED).exclude(fulfilled_quantity__gte=F("quantity"))
    rows: QuerySet[Order] = Order.objects.visible_to(actor, permission)
    return rows.filter(
        state__in=["APPROVED", "IN_PRODUCTION", "READY", "SHIPPED", "DELIVERED"],
        customer__isnull=False,
        pk__in=open_lines.values("order"),
    ).order_by("due_date", "pk")


# --- boards ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Trip:
    """A delivery as boards show it."""

    delivery: Delivery
    order: Order
    goods: Sequence[tuple[str, str]]
    is_late: bool
    due_amount: int

    @property
    def is_unsigned(self) -> bool:
        return self.delivery.state == "DELIVERED" and not self.delivery.is_signed


def trips(rows: QuerySet[Delivery], now: datetime) -> list[Trip]:
    """Deliveries with their goods. Two queries."""
    found = list(rows.select_related("order", "store", "slot", "crew", "key", "customer", "task"))
    lines: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for line in DeliveryLine.objects.filter(delivery__in=found).select_related(
        "line__variant__product__unit"
    ):
        unit = str(line.line.variant.product.unit) if line.line.variant else ""
        lines[line.delivery_id].append((line.line.name, f"{line.quantity.normalize():f}\u00a0{unit}".strip()))
    return [
        Trip(
            each,
            each.order,
            lines[each.pk],
            is_late(
                is_open=each.is_planned,
                day=each.day,
                to_time=each.slot.to_time if each.slot else None,
                local_now=local_now(each.store, now),
            ),
            each.order.due_amount,
        )
        for each in found
    ]


def of_crew_member(actor: Actor, today: date) -> QuerySet[Delivery]:
    """What the person's crews have today, and what of earlier days is not done."""
    crews = DeliveryCrew.objects.filter(members=actor.user_id)
    rows: QuerySet[Delivery] = Delivery.objects.visible_to(actor, "sales.deliver_orders").filter(
        crew__in=crews
    )
    today_or_open = Q(day=today) | Q(day__lt=today, state__in=["PLANNED", "LOADED", "UNDER_WAY"])
    return rows.filter(today_or_open).exclude(state="CANCELLED").order_by("day", "slot__from_time", "pk")


# --- proof -----------------------------------------------------------------------------------------------------
def of_order(order: Order) -> QuerySet[Delivery]:
    """The deliveries of an order, the newest first."""
    return (
        Delivery.objects.filter(order=order)
        .select_related("slot", "crew", "key", "store")
        .prefetch_related("lines__line", "proofs")
        .order_by("-day", "-pk")
    )


def verify_deliveries() -> list[str]:
    """What of planned deliveries is more than is still to be delivered, one sentence each."""
    rows = (
        DeliveryLine.objects.filter(
            delivery__kind="DELIVERY", delivery__state__in=["PLANNED", "LOADED", "UNDER_WAY"]
        )
        .values("line_id", "line__quantity", "line__fulfilled_quantity", "line__order__number")
        .annotate(sum=Sum("quantity"))
        .order_by("line_id")
    )
    return [
        f"order {row['line__order__number']}: {row['sum']} of line {row['line_id']} planned,"
        f" {row['line__quantity'] - row['line__fulfilled_quantity']} open"
        for row in rows
        if row["sum"] > row["line__quantity"] - row["line__fulfilled_quantity"]
    ]
