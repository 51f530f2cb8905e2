"""What to do next with an order: the one button that stands first on its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dianke.sales.models import Delivery, Order
from dianke.sales.views.orders_stages import Board
from dianke.work.models import Approval

States = Order.State


@dataclass(frozen=True)
class Next:
    """`code` names it for the page, which leaves it out of the menu; `key` is the letter that presses it."""

    code: str
    label: str
    url: str
    icon: str
    opens: str = ""
    key: str = ""


def next_of(
    order: Order,
    *,
    can: Mapping[str, bool],
    board: Board,
    approval: Approval | None,
    deliveries: Sequence[Delivery],
) -> Next | None:
    """The next real step: an order is not closed while somebody still brings or installs something of it, or while a
    stage lies ahead; money is asked for first where it is missing for the next step."""
    if approval is not None:
        return Next(
            "request", _("See the request"), reverse("work:approval", args=[approval.pk]), "checklist"
        )
    if can["decide"]:
        return Next("decide", _("Approve"), reverse("sales:order-approve", args=[order.pk]), "check")
    if can["submit"]:
        return _of(order, "submit", _("Make an order of it"), "check", "o")
    pay = _of(order, "pay", _("Take a payment"), "cash", "p") if can["pay"] else None
    if pay is not None and order.paid_amount < order.deposit_amount:
        return pay
    trip = next((each for each in reversed(deliveries) if each.is_open), None) if can["trip"] else None
    if trip is not None and not (pay is not None and trip.kind == Delivery.Kind.DELIVERY):
        return _of_trip(trip)
    hand_over = pgettext("goods", "Hand over")
    if can["deliver"] and pay is None and order.state == States.SHIPPED:
        return _of(order, "deliver", hand_over, "package", "d")
    if can["plan"] and not can["deliver"]:
        return Next("plan", _("Plan a delivery"), reverse("sales:delivery-plan", args=[order.pk]), "truck")
    ahead = board.next if can["stage"] else None
    if ahead is not None and not ahead.why_not:
        return _of(order, "stage", _("Next stage"), "chevron-right", "s")
    if pay is not None:
        return pay
    if can["deliver"]:
        return _of(order, "deliver", hand_over, "package", "d")
    if ahead is not None:
        task = next(
            (each.task for each in reversed(board.entries) if each.task and each.left_at is None), None
        )
        if task is None:
            return None
        return Next("task", _("See the task"), reverse("work:task", args=[task.pk]), "checklist")
    return _of(order, "close", pgettext("an order", "Close"), "circle-check", "c") if can["close"] else None


def _of(order: Order, act: str, label: str, icon: str, key: str) -> Next:
    return Next(act, label, reverse(f"sales:order-{act}", args=[order.pk]), icon, "dialog", key)


def _of_trip(trip: Delivery) -> Next:
    """Where it is carried on: on the page of the delivery."""
    url = reverse("sales:delivery", args=[trip.pk])
    if trip.state == Delivery.State.FAILED:
        return Next("trip", _("Plan anew"), url, "calendar-event", key="d")
    if trip.kind == Delivery.Kind.INSTALLATION:
        return Next("trip", pgettext("order", "Go on with the installation"), url, "truck", key="d")
    return Next("trip", pgettext("order", "Go on with the delivery"), url, "truck", key="d")
