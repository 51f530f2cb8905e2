"""Prices of one product compared: over suppliers for the quantity that is needed, and over time."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Variant
from dianke.catalog.queries.search import find
from dianke.core.money import Money
from dianke.purchasing.forms.parts import quantity_of
from dianke.purchasing.models.suppliers import COSTS
from dianke.purchasing.queries.offers import compare_suppliers, price_history
from dianke.purchasing.rules.comparing import PricePoint, PriceTrend
from dianke.purchasing.rules.reasons import percent_text
from dianke.purchasing.views.rows import chosen_store, plain, stores_of
from dianke.purchasing.views.supplier_listings import stars
from dianke.stores.queries import local_date
from dianke.web import charts
from dianke.web.components import Crumb
from dianke.web.formats import money
from dianke.web.listing import as_id

MOST_FOUND = 12
CHART_DAYS = 730


@require_GET
@requires(COSTS)
def comparison(request: Request) -> HttpResponse:
    """Who sells a product for how much, packs, minimums and tax that comes back counted in; and how prices went."""
    actor = request.actor
    asked = "".join(char for char in request.GET.get("q", "") if char.isprintable()).strip()[:60]
    wanted = as_id(request.GET.get("variant", ""))
    rows = Variant.objects.visible_to(actor).select_related("product__unit")
    variant = get_object_or_404(rows, pk=wanted) if wanted else None
    found = []
    if variant is None and asked:
        hits = {hit.variant.pk: hit.variant for hit in find(actor, asked, MOST_FOUND)}
        found = list(hits.values())
        if len(found) == 1:
            variant, found = rows.get(pk=found[0].pk), []
    stores = list(stores_of(actor)[:200])
    store = chosen_store(request) or (stores[0] if stores else None)
    needed = quantity_of(request.GET.get("needed", "")) or Decimal(1)
    if needed <= 0:
        needed = Decimal(1)
    context: dict[str, Any] = {
        "query": asked,
        "found": found,
        "variant": variant,
        "stores": stores,
        "store": store,
        "needed": format(needed.normalize(), "f"),
        "crumb_list": [Crumb(_("Suppliers"), reverse("purchasing:suppliers"))],
    }
    if variant is not None and store is not None:
        today = local_date(request.now)
        history = price_history(variant.pk, actor=actor, from_date=today - timedelta(days=CHART_DAYS))
        context |= {
            "unit": variant.product.unit,
            "offers": [
                _offer(each) for each in compare_suppliers(variant.pk, needed=needed, store=store, day=today)
            ],
            "chart": _chart(history, today),
            "trends": [_trend(pk, name, moved) for pk, (name, _points, moved) in history.items()],
        }
    return render(request, "purchasing/suppliers/comparison.html", context)


def _offer(row: Any) -> dict[str, Any]:
    currency = row.total.currency

    def each(price: Decimal) -> str:
        return money(Money(price.quantize(Decimal("0.01")), currency))

    return {
        "offer": row.offer,
        "quantity": plain(row.order_quantity),
        "total": money(row.total),
        "each": each(row.unit_price),
        "effective": each(row.effective_unit_price),
        "above": percent_text(row.above_cheapest_bp) if row.above_cheapest_bp else "",
        "stars": stars(row.offer.rating),
        "least": plain(row.offer.minimum_quantity) if row.offer.minimum_quantity else "",
        "pack": plain(row.offer.pack_quantity) if row.offer.pack_quantity != 1 else "",
    }


def _trend(pk: int, name: str, moved: PriceTrend) -> dict[str, Any]:
    def shown(price: Decimal | None) -> str:
        return "" if price is None else format(price.quantize(Decimal("0.01")), ",f")

    change = None if moved.change_bp is None else round(moved.change_bp / 100)
    return {
        "pk": pk,
        "name": name,
        "lowest": shown(moved.lowest),
        "highest": shown(moved.highest),
        "change": change,
    }


def _chart(history: Any, today: date) -> charts.Chart | None:
    """A line per supplier: the price in force on each day one of them changed."""
    shown = dict(list(history.items())[: charts.MOST_SERIES])
    days = sorted({point.day for _name, points, _moved in shown.values() for point in points} | {today})
    days = [day for day in days if day <= today]
    if len(days) < 2:
        return None
    series = {name: [_on(points, day) for day in days] for name, points, _moved in shown.values()}
    return charts.line(
        "prices",
        title=_("How prices went"),
        subtitle=_("Per stock unit, without tax that comes back"),
        unit=_("a unit"),
        categories=[f"{day:%Y-%m-%d}" for day in days],
        series=series,
    )


def _on(points: list[PricePoint], day: date) -> Decimal | None:
    """The last price from that day or before; None before the first."""
    earlier = [point.unit_price for point in points if point.day <= day]
    return earlier[-1].quantize(Decimal("0.01")) if earlier else None
