"""The page of an item: its figures, where it lies, batches, pieces, what is promised, its course over the last days,
and everything that moved it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Product, Variant
from dianke.inventory.forms.levels import LevelsForm
from dianke.inventory.models import Document, StockAlert
from dianke.inventory.operations.alerts import Level, set_safety_stock
from dianke.inventory.queries import item
from dianke.inventory.queries.figures import figures_of
from dianke.inventory.queries.item import Moved, ShelfStock
from dianke.inventory.queries.matrix import shelves_of
from dianke.inventory.queries.stores import VIEW, stores_of
from dianke.inventory.views.addresses import (
    ADJUST,
    COSTS,
    SETTINGS,
    TRANSFER,
    address,
    item_crumbs,
    name_of,
    shown,
    signed,
    stock_crumb,
    transfer_url,
    yuan,
)
from dianke.inventory.views.saying import alert_text
from dianke.stores.models import Store
from dianke.web import charts
from dianke.web.charts import Chart
from dianke.web.components import Crumb, Stat
from dianke.web.formats import calendar_day
from dianke.web.forms import form_view

HISTORY_ROWS = 30
NEAR_EXPIRY = timedelta(days=30)


def variant_or_404(http: Request, pk: int) -> Variant:
    """The variant with what its pages name."""
    rows = Variant.objects.visible_to(http.actor).select_related(
        "product__unit", "product__category", "product__brand"
    )
    found: Variant = get_object_or_404(
        rows.exclude(product__kind__in=[Product.Kind.SERVICE, Product.Kind.BUNDLE]), pk=pk
    )
    return found


@require_GET
@requires(VIEW)
def item_page(request: Request, pk: int) -> HttpResponse:
    """Everything about one item, or a further page of its history."""
    variant = variant_or_404(request, pk)
    stores = stores_of(request.actor)
    history = _history(request, variant, stores)
    if request.headers.get("HX-Target", "").endswith("#history"):
        return render(request, "inventory/stock/item.html#history", {"variant": variant, **history})
    actor = request.actor
    shelves = item.shelves_of_item(pk, actor=actor)
    context: dict[str, Any] = {
        "variant": variant,
        "product": variant.product,
        "name": name_of(variant),
        "crumb_list": [stock_crumb()],
        "stats": _stats(request, variant, shelves),
        "figure": _curve(request, variant, stores),
        "shelves": [_shelf(request, variant, shelf) for shelf in shelves],
        "unit": variant.product.unit.name,
        "batches": _batches(request, variant) if variant.product.tracking == Product.Tracking.BATCH else [],
        "pieces": item.pieces_of_item(pk, actor=actor)
        if variant.product.tracking == Product.Tracking.PIECE
        else [],
        "promised": [
            {"row": row, "quantity": shown(row.quantity)} for row in item.promised_of_item(pk, actor=actor)
        ],
        "alerts": _alerts(request, variant),
        "adjust_url": f"{reverse('inventory:adjust')}?variant={pk}" if actor.can(ADJUST) else "",
        "levels_url": reverse("inventory:levels", args=[pk]) if actor.can(SETTINGS) else "",
        "siblings": list(
            Variant.objects.visible_to(actor)
            .filter(product=variant.product_id, is_active=True)
            .exclude(pk=pk)
            .order_by("position", "pk")[:30]
        ),
        **history,
    }
    return render(request, "inventory/stock/item.html", context)


def _stats(http: Request, variant: Variant, shelves: list[ShelfStock]) -> list[Stat]:
    actor, unit = http.actor, variant.product.unit.name
    quantity = sum((shelf.quantity for shelf in shelves), Decimal(0))
    reserved = sum((shelf.reserved for shelf in shelves), Decimal(0))
    found = [
        Stat(_("On hand"), shown(quantity), unit=unit),
        Stat(_("Reserved"), shown(reserved), unit=unit),
        Stat(_("Available"), shown(quantity - reserved), unit=unit),
        Stat(_("Under way"), shown(item.under_way(variant.pk, actor=actor)), unit=unit),
        *figures_of(variant, actor=actor, now=http.now),
    ]
    if actor.can(COSTS) and (together := item.worth_together(item.worth_of_item(variant.pk, actor=actor))):
        average, value = together
        found += [
            Stat(
                _("Average cost"),
                yuan(average),
                exact=yuan(average, 6),
                note=_("tax excluded as entered, moving average"),
            ),
            Stat(_("Stock value"), yuan(value)),
        ]
    return found


def _curve(http: Request, variant: Variant, stores: Sequence[Store]) -> Chart:
    """The course of the last days over all shelves one may look into."""
    places = shelves_of([store.pk for store in stores])
    zone = timezone.get_current_timezone_name()
    today = timezone.localdate(http.now)
    days = item.curve(variant.pk, place_ids=places, today=today, zone=zone)
    first, last = days[0][1], days[-1][1]
    change = last - first
    title = (
        _("Unchanged over %(days)s days: %(quantity)s %(unit)s")
        if not change
        else _("%(change)s %(unit)s over %(days)s days, now %(quantity)s")
    )
    return charts.line(
        "stock-curve",
        title=title
        % {
            "days": len(days),
            "quantity": shown(last),
            "change": signed(change),
            "unit": variant.product.unit.name,
        },
        subtitle=_("On hand at the end of each day, on the shelves of the stores you see"),
        unit=variant.product.unit.name,
        categories=[f"{day:%m-%d}" for day, _quantity in days],
        series={_("On hand"): [Decimal(format(quantity.normalize(), "f")) for _day, quantity in days]},
    )


def _shelf(http: Request, variant: Variant, shelf: ShelfStock) -> dict[str, Any]:
    actor, store_id = http.actor, shelf.place.store_id or 0
    return {
        "shelf": shelf,
        "quantity": shown(shelf.quantity),
        "reserved": shown(shelf.reserved) if shelf.reserved else "",
        "available": shown(shelf.available),
        "bounds": _bounds(shelf),
        "tone": "bad" if shelf.quantity < 0 else "wait" if shelf.is_low else "good" if shelf.is_over else "",
        "transfer_url": transfer_url(variant.pk, store_id, None, shelf.available)
        if shelf.available > 0 and actor.can(TRANSFER, store_id=store_id)
        else "",
        "levels_url": f"{reverse('inventory:levels', args=[variant.pk])}?place={shelf.place.pk}"
        if actor.can(SETTINGS, store_id=store_id)
        else "",
    }


def _bounds(shelf: ShelfStock) -> str:
    """ "5–20", "≥ 5", or nothing."""
    if shelf.minimum is None:
        return ""
    low = shown(shelf.minimum)
    return f"≥ {low}" if shelf.maximum is None else f"{low}–{shown(shelf.maximum)}"


def _batches(http: Request, variant: Variant) -> list[dict[str, Any]]:
    today = timezone.localdate(http.now)
    found = []
    for row in item.batches_of_item(variant.pk, actor=http.actor):
        expires: date | None = row.batch.expires_on if row.batch else None
        tone = ""
        if expires is not None:
            tone = "bad" if expires < today else "wait" if expires <= today + NEAR_EXPIRY else "good"
        found.append(
            {
                "row": row,
                "quantity": shown(row.quantity),
                "expires": calendar_day(expires, today) if expires else "",
                "tone": tone,
            }
        )
    return found


def _alerts(http: Request, variant: Variant) -> list[dict[str, Any]]:
    rows = StockAlert.objects.open().visible_to(http.actor).filter(variant=variant)
    return [
        {"alert": row, "text": alert_text(row)}
        for row in rows.select_related("place__store", "batch").order_by("kind", "-pk")[:20]
    ]


# --- what moved it ---------------------------------------------------------------------------------------------------
def _history(http: Request, variant: Variant, stores: Sequence[Store]) -> dict[str, Any]:
    """A page of the movements with its filters: store, kind of document, days."""
    asked = http.GET.get("store", "")
    store = next((each for each in stores if str(each.pk) == asked), None)
    kind = http.GET.get("kind", "")
    kind = kind if kind in Document.Kind.values else ""
    first, last = _day(http.GET.get("from", "")), _day(http.GET.get("to", ""))
    rows, cursor = item.movements_of_item(
        variant.pk,
        actor=http.actor,
        store_id=store.pk if store else None,
        kind=kind,
        first=_begin(first) if first else None,
        until=_begin(last + timedelta(days=1)) if last else None,
        cursor=http.GET.get("cursor") or None,
        limit=HISTORY_ROWS,
    )
    query = http.GET.copy()
    query.pop("cursor", None)
    return {
        "moves": [movement_row(row) for row in rows],
        "next_cursor": cursor,
        "history_query": query.urlencode(),
        "is_later_page": "cursor" in http.GET,
        "stores": stores,
        "chosen_store": store,
        "kinds": Document.Kind.choices,
        "chosen_kind": kind,
        "first_day": first,
        "last_day": last,
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone())


def movement_row(moved: Moved) -> dict[str, Any]:
    """A line of the history as it is drawn."""
    row = moved.movement
    apart = " · ".join(
        str(part) for part in (row.batch and row.batch.code, row.piece and row.piece.tag, row.reason) if part
    )
    return {
        "move": row,
        "document": row.document,
        "url": reverse("inventory:document", args=[row.document_id]) if moved.is_reachable else "",
        "number": row.document.number or row.document.get_kind_display(),
        "change": signed(moved.change) if moved.change is not None else shown(row.quantity),
        "tone": "" if moved.change is None else "is-in" if moved.change > 0 else "is-out",
        "way": _("%(from)s → %(to)s") % {"from": place_name(row.from_place), "to": place_name(row.to_place)},
        "apart": apart,
    }


def place_name(place: Any) -> str:
    """ "西湖 店面"; of the outside what it is."""
    return f"{place.store.short_name} {place}" if place.store is not None else str(place)


# --- safety stock ----------------------------------------------------------------------------------------------------
@requires(SETTINGS)
def levels(request: Request, pk: int) -> HttpResponse:
    """How much of an item a shelf should have; asked for one shelf, or for any the person sets."""
    variant = variant_or_404(request, pk)
    form = LevelsForm(
        request.POST or None, actor=request.actor, variant=variant, place_id=request.GET.get("place", "")
    )
    return form_view(
        request,
        form=form,
        run=lambda data: set_safety_stock(
            place=data["place"],
            levels=[Level(variant.pk, data["minimum"], data["maximum"])],
            actor=request.actor,
            now=request.now,
        ),
        title=_("Safety stock of %(name)s") % {"name": name_of(variant)},
        success=_("Safety stock set. Alerts follow tonight."),
        redirect_to=reverse("inventory:item", args=[pk]),
        cancel_url=reverse("inventory:item", args=[pk]),
        context={"crumb_list": item_crumbs(variant)},
    )


def documents_crumb() -> Crumb:
    return Crumb(_("Stock documents"), address("inventory:documents"))
