"""The matrix of stock, and the drawer behind each of its figures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.inventory.forms.parts import as_number
from dianke.inventory.queries.item import movements_of_item
from dianke.inventory.queries.matrix import StoreStock, cells_of, shelves_of
from dianke.inventory.queries.stores import VIEW, stores_of
from dianke.inventory.views.addresses import (
    ADJUST,
    COSTS,
    RECEIVE,
    TRANSFER,
    address,
    item_crumbs,
    name_of,
    shown,
    transfer_url,
)
from dianke.inventory.views.item import movement_row, variant_or_404
from dianke.inventory.views.matrix_listing import StockListing
from dianke.stores.models import Store
from dianke.web.components import Stat
from dianke.web.list_views import list_context

DRAWER_ROWS = 20
ZERO = Decimal(0)


@require_GET
@requires(VIEW)
def stock(request: Request) -> HttpResponse:
    """What lies where, or its rows when filters change."""
    is_part = request.headers.get("HX-Target", "").endswith("#list")
    context = list_context(request, StockListing)
    actor = request.actor
    context |= {
        "transfer_url": address("inventory:transfer-new") if actor.can(TRANSFER) else "",
        "acts": acts_for(request),
    }
    response = render(request, "web/list.html#rows" if is_part else "inventory/stock/matrix.html", context)
    if is_part:
        query = context["query_string"]
        response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
    return response


def acts_for(http: Request) -> list[dict[str, str]]:
    """What the person may do to stock by hand, for the menu of the page."""
    actor = http.actor
    acts: list[tuple[str, str, str, str]] = [
        ("inventory:receive", _("Receive goods"), "package", RECEIVE),
        ("inventory:adjust", _("Adjust stock"), "adjustments", ADJUST),
        ("inventory:scrap", _("Scrap goods"), "trash", ADJUST),
        ("inventory:opening", _("Enter opening stock"), "stack", ADJUST),
        ("inventory:documents", _("Stock documents"), "files", VIEW),
        ("inventory:value", _("Value of stock"), "coin", COSTS),
    ]
    found = [
        {"url": reverse(name), "label": label, "icon": icon}
        for name, label, icon, permission in acts
        if actor.can(permission)
    ]
    if actor.can(ADJUST) and actor.can("imports.run_imports") and (url := address("imports:new")):
        found.append(
            {"url": f"{url}?importer=opening_stock", "label": _("Import opening stock"), "icon": "upload"}
        )
    return found


@require_GET
@requires(VIEW)
def movements(request: Request, pk: int) -> HttpResponse:
    """A figure of the matrix opened: what it is made of, what moved it lately, and what can be done."""
    variant = variant_or_404(request, pk)
    actor = request.actor
    chosen = request.GET.get("store", "")
    stores = stores_of(actor)
    store: Store | None = None
    if chosen:
        reached = Store.objects.visible_to(actor, VIEW)
        store = get_object_or_404(reached, pk=as_number(chosen))
    shelves = shelves_of([store.pk] if store else [each.pk for each in stores])
    found = cells_of([pk], shelves).get(pk, {})
    here = found.get(store.pk, StoreStock()) if store else None
    quantity = here.quantity if here else sum((each.quantity for each in found.values()), ZERO)
    reserved = here.reserved if here else sum((each.reserved for each in found.values()), ZERO)
    unit = variant.product.unit.name
    rows, _cursor = movements_of_item(
        pk, actor=actor, store_id=store.pk if store else None, limit=DRAWER_ROWS
    )
    free = quantity - reserved
    transfers: list[dict[str, Any]] = []
    if store and free > 0 and actor.can(TRANSFER, store_id=store.pk) and address("inventory:transfer-new"):
        transfers = [
            {"store": each, "url": transfer_url(pk, store.pk, each.pk, free)}
            for each in stores
            if each.pk != store.pk
        ]
    context = {
        "variant": variant,
        "name": name_of(variant),
        "store": store,
        "stats": [
            Stat(_("On hand"), shown(quantity), unit=unit),
            Stat(_("Reserved"), shown(reserved), unit=unit),
            Stat(_("Available"), shown(free), unit=unit),
        ],
        "rows": [movement_row(row) for row in rows],
        "transfers": transfers,
        "adjust_url": (
            f"{reverse('inventory:adjust')}?store={store.pk}&variant={pk}"
            if store and actor.can(ADJUST, store_id=store.pk)
            else ""
        ),
        "crumb_list": item_crumbs(variant),
    }
    return render(request, "inventory/stock/movements.html", context)
