"""Deliveries for who plans them: the board of a day by crew, the list, the page of one with its proof and history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from django.db.models import DateTimeField, Q, QuerySet, Value
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.customers.queries.duplicates import masked_name
from dianke.sales.models import Delivery, DeliveryChange, DeliveryCrew, DeliveryProof
from dianke.sales.operations.deliveries import assign_delivery
from dianke.sales.operations.delivery_proof import read_proof
from dianke.sales.operations.fulfilling import DELIVER
from dianke.sales.queries.deliveries import Trip, local_now, trips, windows
from dianke.sales.queries.status import status_token
from dianke.sales.rules.slots import is_late
from dianke.sales.views.orders_rows import chosen_store, counted, shown, stores_of
from dianke.stores.models import Store
from dianke.web.components import Crumb, Entry, Fact, Step
from dianke.web.list_views import list_view
from dianke.web.listing import (
    Column,
    Kind,
    Listing,
    as_id,
    choice_filter,
    date_filter,
    register,
    relation_filter,
    yes_no_filter,
)
from dianke.web.responses import done

States = Delivery.State
TONES = {
    States.PLANNED: "",
    States.LOADED: "wait",
    States.UNDER_WAY: "wait",
    States.DELIVERED: "good",
    States.FAILED: "bad",
    States.CANCELLED: "off",
}
ICONS = {
    States.PLANNED: "calendar-event",
    States.LOADED: "package",
    States.UNDER_WAY: "truck",
    States.DELIVERED: "circle-check",
    States.FAILED: "alert-triangle",
    States.CANCELLED: "x",
}
MOST_WAITING = 30


# --- what an address names -------------------------------------------------------------------------------------------
def delivery_or_404(http: Request, pk: int) -> Delivery:
    rows = Delivery.objects.visible_to(http.actor, DELIVER).select_related(
        "order", "store", "slot", "crew", "key", "customer__merged_into", "made_by", "done_by", "task"
    )
    found: Delivery = get_object_or_404(rows, pk=pk)
    return found


def delivery_url(delivery: Delivery) -> str:
    return reverse("sales:delivery", args=[delivery.pk])


def delivery_crumbs(delivery: Delivery | None = None) -> list[Crumb]:
    way = [Crumb(gettext("Deliveries"), reverse("sales:deliveries"))]
    return [*way, Crumb(delivery.order.number, delivery_url(delivery))] if delivery else way


def day_of(text: str, fallback: date) -> date:
    """A day as an address gives it, else today."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return fallback


def who(delivery: Delivery) -> str:
    """Whom it goes to: in full while it is open, with the name hidden afterwards."""
    name = delivery.receiver or ""
    return name if delivery.is_open else masked_name(name)


# --- the board of a day ----------------------------------------------------------------------------------------------
@never_cache
@require_GET
@requires(DELIVER)
def board(request: Request) -> HttpResponse:
    """A day of a store: windows with what is left of them, what has no crew yet, and what each crew has."""
    stores = list(stores_of(request.actor, DELIVER))
    store = chosen_store(request.GET, request.actor, stores)
    if store is None:
        return render(request, "sales/deliveries/board.html", {"stores": [], "store": None})
    today = local_now(store, request.now).date()
    day = day_of(request.GET.get("day", ""), today)
    rows = Delivery.objects.visible_to(request.actor, DELIVER).filter(store=store)
    of_day = rows.filter(day=day).exclude(state__in=[States.CANCELLED, States.FAILED])
    found = trips(of_day.order_by("slot__from_time", "pk"), request.now)
    waiting = rows.filter(Q(state=States.FAILED) | Q(day__lt=today) & Q(state__in=_UNDER_WAY))
    left = trips(waiting.order_by("day", "pk")[:MOST_WAITING], request.now)
    crews = list(DeliveryCrew.objects.filter(store=store, is_active=True))
    in_use = {crew.pk for crew in crews}
    crews += [
        each.delivery.crew for each in found if each.delivery.crew and each.delivery.crew_id not in in_use
    ]
    lanes = [_lane(None, found), *(_lane(crew, found) for crew in dict.fromkeys(crews))]
    context = {
        "stores": stores,
        "store": store,
        "day": day,
        "today": today,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "windows": [(slot, window) for slot, window in windows(store.pk, day)],
        "lanes": lanes,
        "crews": crews,
        "waiting": [card(each) for each in left],
        "count": len(found),
        "done_count": sum(each.delivery.state == States.DELIVERED for each in found),
        "may_set": request.actor.can("sales.manage_settings", store_id=store.pk),
    }
    return render(request, "sales/deliveries/board.html", context)


_UNDER_WAY = [States.PLANNED, States.LOADED, States.UNDER_WAY]


def _lane(crew: DeliveryCrew | None, found: Sequence[Trip]) -> dict[str, Any]:
    own = [card(each) for each in found if each.delivery.crew_id == (crew.pk if crew else None)]
    return {"crew": crew, "cards": own}


def card(trip: Trip) -> dict[str, Any]:
    """A delivery on a board."""
    delivery = trip.delivery
    return {
        "delivery": delivery,
        "order": trip.order,
        "who": who(delivery),
        "where": delivery.district_text,
        "goods": trip.goods,
        "tone": TONES[States(delivery.state)],
        "is_late": trip.is_late,
        "is_unsigned": trip.is_unsigned,
        "due": shown(trip.due_amount, trip.order.currency) if trip.due_amount and delivery.is_open else "",
        "may_move": delivery.is_planned,
    }


@require_POST
@requires(DELIVER)
def delivery_assign(request: Request, pk: int) -> HttpResponse:
    """Give it to a crew, by dragging or by choosing; empty: to nobody yet."""
    delivery = delivery_or_404(request, pk)
    wanted = as_id(request.POST.get("crew", ""))
    crew = get_object_or_404(DeliveryCrew, pk=wanted, store=delivery.store_id) if wanted else None
    assign_delivery(delivery=delivery, crew=crew, actor=request.actor, now=request.now)
    text = gettext("Given to “%(crew)s”.") % {"crew": crew} if crew else gettext("Back in the pile.")
    back = f"{reverse('sales:deliveries')}?store={delivery.store_id}&day={delivery.day:%Y-%m-%d}"
    return done(request, text, to=back)


# --- the list --------------------------------------------------------------------------------------------------------
def _stores_offered(actor: Actor) -> QuerySet[Store]:
    return Store.objects.visible_to(actor, DELIVER)


@register
class DeliveryListing(Listing):
    """Deliveries of the stores the actor reaches, the latest day first."""

    code = "sales.deliveries"
    title = _("All deliveries")
    permission = DELIVER
    search_fields = ("order__number",)
    search_hint = _("Number of the order")
    default_sort = "-day"
    columns = (
        Column(
            "order",
            pgettext_lazy("of a delivery", "Order"),
            is_title=True,
            value=lambda row: row.order.number,
            sort="order__number",
            link=lambda row: reverse("sales:delivery", args=[row.pk]),
        ),
        Column("state", _("State"), Kind.STATUS, tone=lambda row: TONES[States(row.state)]),
        Column("kind", pgettext_lazy("of a trip", "Kind"), value=lambda row: row.get_kind_display()),
        Column("day", _("Day"), Kind.DATE, sort="day"),
        Column("slot", _("Window"), value=lambda row: row.slot.span if row.slot else ""),
        Column("crew", _("Crew"), value=lambda row: row.crew.name if row.crew else ""),
        Column("where", _("Where to"), value=lambda row: row.district_text),
        Column(
            "watch",
            _("To look at"),
            Kind.STATUS,
            value=lambda row: watch(row, row.asked_at)[1],
            tone=lambda row: watch(row, row.asked_at)[0],
        ),
        Column("store", _("Store"), value="store__short_name", is_default=False),
        Column("attempts", _("Tries"), is_default=False),
        Column("done_at", _("Done at"), Kind.INSTANT, sort="done_at", is_default=False),
    )
    filters = (
        choice_filter("state", _("State"), Delivery.State.choices, quick=True),
        yes_no_filter(
            "unsigned",
            _("Signature"),
            condition=Q(state="DELIVERED", is_signed=False),
            yes=_("Not signed"),
            no=_("Others"),
        ),
        relation_filter("store", _("Store"), _stores_offered),
        relation_filter("crew", _("Crew"), lambda actor: DeliveryCrew.objects.visible_to(actor, DELIVER)),
        date_filter("day", _("Day"), lookup="day"),
    )
    empty = (
        "truck",
        _("Plan what goes to whom and when: crews see their day on the phone and have it signed there."),
        _("Plan a delivery"),
        "sales:delivery-new",
        DELIVER,
    )
    action = (_("Plan a delivery"), "sales:delivery-new", DELIVER, "plus")

    def queryset(self) -> QuerySet[Delivery]:
        rows: QuerySet[Delivery] = Delivery.objects.visible_to(self.actor, DELIVER)
        asked = Value(self.now, output_field=DateTimeField())
        return rows.select_related("order", "slot", "crew", "store").annotate(asked_at=asked)


def watch(row: Delivery, now: Any) -> tuple[str, str]:
    """(tone, word) of what somebody should look at."""
    to_time = row.slot.to_time if row.slot else None
    clock = local_now(row.store, now)
    if is_late(is_open=row.is_planned, day=row.day, to_time=to_time, local_now=clock):
        return "bad", gettext("Late")
    if row.state == States.DELIVERED and not row.is_signed:
        return "wait", gettext("Not signed")
    return "", ""


delivery_list = list_view(DeliveryListing)


# --- one of them -----------------------------------------------------------------------------------------------------
@never_cache
@require_GET
@requires(DELIVER)
def delivery_page(request: Request, pk: int) -> HttpResponse:
    """What goes where, how far it is, what proves it, and what happened. The address is shown while it is open."""
    delivery = delivery_or_404(request, pk)
    head = delivery.customer.merged_into or delivery.customer
    is_seen = Customer.objects.visible_to(request.actor).filter(pk=head.pk).exists()
    changes = list(delivery.changes.select_related("slot", "crew", "user").order_by("-pk"))
    is_overdue = watch(delivery, request.now)[0] == "bad"
    facts = [
        Fact(gettext("Order"), delivery.order.number, reverse("sales:order", args=[delivery.order_id])),
        Fact(gettext("Kind"), delivery.get_kind_display()),
        Fact(gettext("Day"), delivery.day),
        Fact(gettext("Window"), str(delivery.slot) if delivery.slot else ""),
        Fact(gettext("Crew"), delivery.crew.name if delivery.crew else ""),
        Fact(gettext("Store"), delivery.store.short_name),
        Fact(gettext("Tries"), str(delivery.attempts) if delivery.attempts > 1 else ""),
        Fact(pgettext("delivery", "Taken by"), delivery.taken_by or ""),
        Fact(gettext("Done by"), delivery.done_by.name if delivery.done_by else ""),
    ]
    context = {
        "delivery": delivery,
        "tone": TONES[States(delivery.state)],
        "is_late": is_overdue,
        "is_unsigned": delivery.state == States.DELIVERED and not delivery.is_signed,
        "who": who(delivery),
        "map_url": map_url(delivery),
        "customer_url": reverse("customers:customer", args=[head.pk]) if is_seen else "",
        "lines": [
            {"line": each.line, "quantity": counted(each.quantity, each.line)}
            for each in delivery.lines.select_related("line__variant__product__unit").order_by(
                "line__position"
            )
        ],
        "facts": [fact for fact in facts if fact.value not in (None, "")],
        "steps": _steps(delivery, changes),
        "status_url": request.build_absolute_uri(
            reverse("sales:order-status", args=[status_token(delivery.order)])
        ),
        "proofs": list(delivery.proofs.filter(erased_at=None)),
        "entries": [_entry(each) for each in changes],
        "due": shown(delivery.order.due_amount, delivery.order.currency)
        if delivery.is_open and delivery.order.due_amount
        else "",
        "crumb_list": delivery_crumbs(),
    }
    return render(request, "sales/deliveries/delivery.html", context)


def map_url(delivery: Delivery) -> str:
    """A search for the address in the map most phones have; opens only when it is pressed."""
    return f"https://uri.amap.com/search?keyword={quote(delivery.address)}" if delivery.street else ""


def _steps(delivery: Delivery, changes: Sequence[DeliveryChange]) -> list[Step]:
    """How far the present try is; each stage with when it was reached and who noted it."""
    order = [States.PLANNED, States.LOADED, States.UNDER_WAY, States.DELIVERED]
    if delivery.state in (States.FAILED, States.CANCELLED):
        return []
    reached = order.index(States(delivery.state))
    latest = {change.state: change for change in reversed(changes)}  # a later try comes after the earlier one
    found = []
    for n, state in enumerate(order):
        change = latest.get(state) if n <= reached else None
        found.append(
            Step(
                state.label,
                is_done=n < reached or delivery.state == States.DELIVERED,
                is_current=n == reached and delivery.state != States.DELIVERED,
                at=change.at if change else None,
                note=change.user.name if change and change.user else "",
            )
        )
    return found


def _entry(change: DeliveryChange) -> Entry:
    state = States(change.state)
    parts = [
        change.get_reason_display() if change.reason else "",
        change.note,
        f"{change.day:%m-%d}" + (f" {change.slot.span}" if change.slot else "")
        if state in (States.PLANNED, States.FAILED)
        else "",
        change.crew.name if change.crew else "",
    ]
    return Entry(
        at=change.at,
        title=str(state.label),
        icon=ICONS[state],
        actor=change.user.name if change.user else "",
        body=" · ".join(part for part in parts if part),
    )


@never_cache
@require_GET
@requires(DELIVER)
def proof_open(request: Request, pk: int) -> HttpResponse:
    """A signature or photo, opened with the customer's key."""
    proof = get_object_or_404(
        DeliveryProof.objects.visible_to(request.actor, DELIVER).select_related("key"), pk=pk
    )
    return picture(proof)


def picture(proof: DeliveryProof) -> HttpResponse:
    """The bytes, for this browser only."""
    response = HttpResponse(read_proof(proof), content_type=proof.content_type)
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
