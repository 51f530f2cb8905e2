"""The board of alerts: what the last look through the stock found, group by group, and which store could help another
out; each suggestion with its reasons and the way to the prefilled transfer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Variant
from dianke.inventory.models import Place, StockAlert
from dianke.inventory.queries.alerts import reasons_of, suggested_transfers
from dianke.inventory.queries.figures import board_links
from dianke.inventory.queries.stores import VIEW, stores_of
from dianke.inventory.rules.alerts import Suggestion
from dianke.inventory.views.addresses import TRANSFER, address, name_of, shown, stock_crumb, transfer_url
from dianke.inventory.views.saying import TONES, alert_text
from dianke.web.list_views import list_context
from dianke.web.listing import Column, Filter, Kind, Listing, as_id, choice_filter, register

#: So many low items are looked at to suggest transfers, and so many suggestions shown.
LOOKED_AT, SHOWN = 200, 12


@register
class AlertListing(Listing):
    """Open alerts, the newest first."""

    code = "inventory.alerts"
    title = pgettext_lazy("of stock", "Alerts")
    permission = VIEW
    default_sort = "-pk"
    search_fields = ("variant__product__name", "variant__code")
    search_hint = _("Name or code")
    columns = (
        Column(
            "item",
            pgettext_lazy("of a thing", "Name"),
            value=lambda row: name_of(row.variant),
            link=lambda row: reverse("inventory:item", args=[row.variant_id]),
            is_title=True,
        ),
        Column("kind", _("Alert"), Kind.STATUS, tone=lambda row: TONES[row.kind]),
        Column("text", _("What is the matter"), value=alert_text),
        Column(
            "place",
            pgettext_lazy("of an alert", "Where"),
            value=lambda row: f"{row.place.store.short_name} {row.place}",
        ),
        Column("batch", _("Batch"), value=lambda row: str(row.batch) if row.batch else ""),
        Column("began_at", _("Since"), Kind.INSTANT, sort="began_at"),
    )
    filters = (
        choice_filter("kind", _("Alert"), StockAlert.Kind.choices, quick=True),
        Filter(
            "store",
            _("Store"),
            lambda rows, value: rows.filter(place__store=as_id(value)),
            lambda actor: [(store.pk, store.short_name) for store in stores_of(actor)],
        ),
    )

    def queryset(self) -> QuerySet[StockAlert]:
        rows: QuerySet[StockAlert] = StockAlert.objects.open().visible_to(self.actor)
        return rows.select_related("variant__product", "place__store", "batch")


@require_GET
@requires(VIEW)
def alerts(request: Request) -> HttpResponse:
    """The board, or its rows when filters change."""
    is_part = request.headers.get("HX-Target", "").endswith("#list")
    context = list_context(request, AlertListing)
    if is_part:
        response = render(request, "web/list.html#rows", context)
        query = context["query_string"]
        response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
        return response
    actor = request.actor
    counts = dict(
        StockAlert.objects.open().visible_to(actor).values_list("kind").annotate(count=Count("pk")).order_by()
    )
    context |= {
        "groups": [
            {
                "kind": kind,
                "label": label,
                "count": counts.get(kind, 0),
                "tone": TONES[kind],
                "url": f"{request.path}?kind={kind}",
            }
            for kind, label in StockAlert.Kind.choices
        ],
        "is_empty": not counts,
        "suggestions": _suggestions(request) if actor.can(TRANSFER) and not context["is_filtered"] else [],
        "links": [
            {"label": link.label, "url": url, "icon": link.icon}
            for link in board_links(actor)
            if (url := address(link.url_name))
        ],
        "crumb_list": [stock_crumb()],
    }
    return render(request, "inventory/stock/alerts.html", context)


def _suggestions(http: Request) -> list[dict[str, Any]]:
    """Who could help whom with what runs low: the newest low items only, so that the board opens at once."""
    low = StockAlert.objects.open().visible_to(http.actor, TRANSFER).filter(kind=StockAlert.Kind.LOW)
    variant_ids = set(low.order_by("-pk").values_list("variant_id", flat=True)[:LOOKED_AT])
    if not variant_ids:
        return []
    today = timezone.localdate(http.now)
    found = suggested_transfers(actor=http.actor, today=today, variant_ids=variant_ids)[:SHOWN]
    return dressed(found)


def dressed(found: Sequence[Suggestion]) -> list[dict[str, Any]]:
    """Suggestions with names, reasons and the way to the transfer. Two queries."""
    variants = Variant.objects.select_related("product__unit").in_bulk({each.variant for each in found})
    wanted = {each.from_place for each in found} | {each.to_place for each in found}
    places = Place.objects.select_related("store").in_bulk(wanted)
    rows = []
    for each in found:
        variant, one, other = variants[each.variant], places[each.from_place], places[each.to_place]
        if one.store is None or other.store is None:
            continue
        rows.append(
            {
                "name": name_of(variant),
                "url": reverse("inventory:item", args=[variant.pk]),
                "from": one,
                "to": other,
                "is_same_store": one.store_id == other.store_id,
                "quantity": shown(each.quantity),
                "unit": variant.product.unit.name,
                "reasons": reasons_of(each),
                "transfer_url": transfer_url(variant.pk, one.store_id, other.store_id, each.quantity)
                if one.store_id and other.store_id and one.store_id != other.store_id
                else "",
            }
        )
    return rows
