"""What happened to a product and everything of it: who changed what, from what to what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Piece, Product, Variant
from dianke.catalog.rules.sayings import grams
from dianke.catalog.views.goods import crumbs_to, product_or_404, shown
from dianke.catalog.views.listings import VIEW, merchant_currency
from dianke.events.queries import timeline
from dianke.events.registry import describe
from dianke.web.components import Entry
from dianke.work.queries.people import names_of

HISTORY_ROWS = 50
ICONS = {
    "catalog.product_created": "plus",
    "catalog.product_changed": "edit",
    "catalog.product_archived": "archive",
    "catalog.base_price_set": "coin",
    "catalog.barcode_added": "barcode",
    "catalog.barcode_removed": "barcode",
    "catalog.piece_added": "diamond",
    "catalog.pieces_added": "diamond",
    "catalog.piece_changed": "edit",
}


@require_GET
@requires(VIEW)
def history(request: Request, pk: int) -> HttpResponse:
    """Who changed what of the product, its variants and pieces."""
    product = product_or_404(request, pk)
    entries, cursor = entries_of(request, product)
    context = {
        "entries": entries,
        "next_cursor": cursor,
        "name": product.name,
        "crumb_list": crumbs_to(product),
    }
    return render(request, "catalog/product/history.html", context)


def entries_of(http: Request, subject: Any) -> tuple[list[Entry], str | None]:
    """A page of the timeline of something as the kit draws it."""
    page = timeline(subject, actor=http.actor, before=http.GET.get("before") or None, limit=HISTORY_ROWS)
    names = names_of([event.user_id for event in page.events])
    currency = merchant_currency()
    entries = [
        Entry(
            at=event.recorded_at,
            title=describe(event),
            icon=ICONS.get(event.kind, "point"),
            actor=_("the system") if event.user_id is None else names.get(event.user_id, ""),
            body=changed(event.data, currency),
        )
        for event in page.events
    ]
    return entries, page.next_cursor


def changed(data: Mapping[str, Any], currency: str) -> str:
    """What an event says besides its kind: tag, barcode, SKUs, fields that changed."""
    found = [str(data[name]) for name in ("tag", "value", "reason") if data.get(name)]
    if data.get("first") and data.get("count"):
        found.append(_("%(count)s pieces, %(first)s to %(last)s") % data)
    changes = data.get("changes")
    if isinstance(changes, dict):
        for name, pair in changes.items():
            label = _label(name)
            if label and isinstance(pair, list) and len(pair) == 2 and all(_is_plain(each) for each in pair):
                before, after = (_worth(name, each, currency) for each in pair)
                found.append(
                    _("%(field)s: %(before)s → %(after)s")
                    % {"field": label, "before": before, "after": after}
                )
            elif label:
                found.append(label)
    return "；".join(found)


def _label(name: str) -> str:
    for model in (Product, Variant, Piece):
        try:
            return str(getattr(model._meta.get_field(name), "verbose_name", ""))
        except LookupError:
            continue
    return ""


def _is_plain(value: Any) -> bool:
    return value is None or (isinstance(value, str | int | bool) and len(str(value)) <= 60)


def _worth(name: str, value: Any, currency: str) -> str:
    if value is None or value == "":
        return "–"
    if name.endswith("_amount") and str(value).lstrip("-").isdecimal():
        return shown(int(value), currency)
    if name.endswith("_weight_mg") and str(value).isdecimal():
        return grams(int(value))
    if name == "state":
        return str(dict(Product.State.choices).get(value, value))
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(value)
