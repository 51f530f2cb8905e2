"""An order as its customer sees it: how far it is, what comes next, what is paid, when it is brought, what proves it;
what goods given back today would come to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core import signing
from django.db.models import Prefetch, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import DiankeError
from dianke.sales.models import Delivery, DeliveryLine, DeliveryProof, Order, OrderLine
from dianke.sales.queries.returning import ReturnItem, ReturnPlan, preview_return
from dianke.sales.rules.states import LIFE
from dianke.web.formats import calendar_day

_LINK = signing.Signer(salt="dianke.sales.order")
Text = str | Promise
States = Order.State
#: How each state is told to a customer.
TOLD: dict[str, Text] = {
    "DRAFT": pgettext_lazy("order, to the customer", "Quote"),
    "PLACED": pgettext_lazy("order, to the customer", "Ordered"),
    "APPROVED": pgettext_lazy("order, to the customer", "Confirmed"),
    "IN_PRODUCTION": pgettext_lazy("order, to the customer", "Being made"),
    "READY": pgettext_lazy("order, to the customer", "Ready"),
    "SHIPPED": pgettext_lazy("order, to the customer", "On the way"),
    "DELIVERED": pgettext_lazy("order, to the customer", "Delivered"),
    "INSTALLED": pgettext_lazy("order, to the customer", "Installed"),
    "CLOSED": pgettext_lazy("order, to the customer", "Completed"),
    "CANCELLED": pgettext_lazy("order, to the customer", "Cancelled"),
}
_NEXT: dict[str, Text] = {
    "DRAFT": _("Tell us in the shop whether you take the quote."),
    "PLACED": _("We look it over and confirm it."),
    "APPROVED": _("We get your goods ready."),
    "IN_PRODUCTION": _("Your goods are being made."),
    "READY": _("Your goods are ready: we bring them, or you fetch them."),
    "SHIPPED": _("Your goods are on their way to you."),
    "DELIVERED": _("Everything was handed over."),
    "INSTALLED": _("Everything is installed."),
    "CLOSED": _("Nothing more to do. Thank you."),
    "CANCELLED": _("This order was cancelled."),
}


_UNDER_WAY = ("IN_PRODUCTION", "READY", "SHIPPED")


# --- the link ------------------------------------------------------------------------------------------------------
def status_token(order: Order) -> str:
    """What names the page of an order to who holds the link, and to nobody else."""
    return _LINK.sign(order.uuid.hex).replace(":", "~")


def order_of_status(token: str) -> Order | None:
    """The order a link is for; None for one that is not ours, and for a quote nobody sent."""
    try:
        key = _LINK.unsign(token.replace("~", ":"))
    except signing.BadSignature:
        return None
    found: Order | None = _orders().filter(uuid=key).first()
    return found


def _orders() -> QuerySet[Order]:
    rows: QuerySet[Order] = Order.objects.exclude(state=States.DRAFT)
    return rows.select_related("store", "customer", "stage")


def own_orders(customer_ids: Collection[int]) -> QuerySet[Order]:
    """Orders of all identities of a profile, the newest first; no drafts."""
    return _orders().filter(customer__in=customer_ids).order_by("-occurred_at", "-pk")


# --- how far it is ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Reached:
    """A step of the time line; `at` None: still to come; `is_now`: the stage that is being worked on."""

    label: Text
    at: datetime | None
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class Trip:
    """A delivery as the customer sees it: no address, no names."""

    kind: Text
    state: str
    label: Text
    day: date
    window: str
    goods: Sequence[tuple[str, str]]
    proofs: Sequence[DeliveryProof]


@dataclass(frozen=True, slots=True)
class Status:
    order: Order
    label: Text
    next_step: Text
    steps: Sequence[Reached]
    lines: Sequence[OrderLine]
    trips: Sequence[Trip]
    paid: int
    due: int
    deposit: int


def status_of(order: Order) -> Status:
    """All of it, in five statements whatever the order holds."""
    changes = list(order.changes.filter(kind__in=["STATE", "STAGE"]).order_by("pk"))
    deliveries = list(
        Delivery.objects.filter(order=order)
        .exclude(state=Delivery.State.CANCELLED)
        .select_related("slot")
        .prefetch_related(
            Prefetch("lines", DeliveryLine.objects.select_related("line__variant__product__unit")), "proofs"
        )
        .order_by("day", "pk")
    )
    trips = [_trip(each) for each in deliveries]
    return Status(
        order=order,
        label=TOLD[order.state],
        next_step=_next(order, deliveries),
        steps=_steps(order, changes),
        lines=list(order.lines.select_related("variant__product__unit").order_by("position")),
        trips=trips,
        paid=order.paid_amount,
        due=order.due_amount,
        deposit=max(0, order.deposit_amount - order.paid_amount) if order.is_open else 0,
    )


def _steps(order: Order, changes: Sequence[Any]) -> list[Reached]:
    found = [Reached(TOLD["PLACED"], order.occurred_at)]
    seen = {"PLACED", "DRAFT"}
    stages = [change for change in changes if change.kind == "STAGE"]
    entered = {change.at for change in stages}
    last = stages[-1] if stages and order.is_open and order.state != States.INSTALLED else None
    for change in changes:
        if change.kind == "STAGE":
            found.append(Reached(change.after, change.at, is_now=change is last))
        elif change.after in _UNDER_WAY and change.at in entered:
            seen.add(change.after)  # the stage that brought it says the same in the words of the trade
        elif change.after in TOLD and change.after not in seen and change.after != "":
            seen.add(change.after)
            found.append(Reached(TOLD[change.after], change.at))
    if order.is_open:
        usual = [state for state in ("APPROVED", "DELIVERED", "CLOSED") if state not in seen]
        reached = LIFE.index(order.state)
        found += [Reached(TOLD[state], None) for state in usual if LIFE.index(state) > reached]
    return found


def _next(order: Order, deliveries: Sequence[Delivery]) -> Text:
    planned = [each for each in deliveries if each.is_planned]
    if order.is_open and order.deposit_amount > order.paid_amount:
        return gettext("The deposit is still to be paid.")
    if any(each.state == Delivery.State.UNDER_WAY for each in planned):
        return gettext("The crew is on its way to you.")
    if planned:
        first = planned[0]
        span = f" {first.slot.span}" if first.slot else ""
        day = f"{calendar_day(first.day, first.day)}{span}"
        if first.kind == Delivery.Kind.INSTALLATION:
            return gettext("Installation is planned for %(day)s.") % {"day": day}
        return gettext("Delivery is planned for %(day)s.") % {"day": day}
    return _NEXT[order.state]


def _trip(delivery: Delivery) -> Trip:
    is_failed = delivery.state == Delivery.State.FAILED
    return Trip(
        kind=delivery.get_kind_display(),
        state=delivery.state,
        label=gettext("A new day is being found") if is_failed else delivery.get_state_display(),
        day=delivery.day,
        window=delivery.slot.span if delivery.slot else "",
        goods=[(each.line.name, _counted(each)) for each in delivery.lines.all()],
        proofs=[each for each in delivery.proofs.all() if each.erased_at is None],
    )


def _counted(each: DeliveryLine) -> str:
    unit = str(each.line.variant.product.unit) if each.line.variant else ""
    return f"{each.quantity.normalize():f}\u00a0{unit}".strip()


# --- what a refund would come to -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Estimate:
    """What may come back, and what all of that would come to today; `why_not` where nothing can be worked out."""

    lines: Sequence[tuple[OrderLine, bool]]
    plan: ReturnPlan | None
    why_not: str = ""


def estimate_refund(order: Order, *, now: datetime) -> Estimate:
    """The numbers of the counter's own preview, for everything that is still with the customer."""
    lines = list(order.lines.select_related("variant__product__unit").order_by("position"))
    told = [(line, line.kept_quantity > 0 and not line.is_prepaid) for line in lines]
    items = [ReturnItem(line.pk, line.kept_quantity) for line, may in told if may]
    if not items:
        return Estimate(told, None, gettext("Nothing of this order can come back any more."))
    try:
        return Estimate(told, preview_return(order, items, now=now))
    except DiankeError as error:
        return Estimate(told, None, str(error))
