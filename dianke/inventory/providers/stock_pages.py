"""Where the pages of stock stand in the navigation, what stock adds to the page of a product, what it says on Today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dianke.catalog.queries import panels
from dianke.catalog.queries.panels import ProductView, Section, Text, Value, VariantColumn
from dianke.core.actor import Actor
from dianke.inventory.models import PieceAt, Place, StockAlert
from dianke.inventory.providers.opening_importer import register_importer
from dianke.inventory.queries import PlaceStock, distribution, on_hand
from dianke.stores.models import Store
from dianke.web import navigation, today
from dianke.web.components import Stat
from dianke.web.navigation import Page
from dianke.web.navigation import Place as Corner
from dianke.web.today import SectionContent

VIEW, COSTS = "inventory.view_stock", "catalog.view_costs"
ZERO = Decimal(0)
#: Low items named on Today; the rest is a number.
NAMED = 4

_PAGES = (
    Page(
        "inventory.stock",
        pgettext_lazy("of goods", "Stock"),
        "inventory:stock",
        Corner.GOODS,
        VIEW,
        "stack",
        15,
        words=_("on hand matrix stores inventory"),
    ),
    Page(
        "inventory.alerts",
        pgettext_lazy("of stock", "Alerts"),
        "inventory:alerts",
        Corner.GOODS,
        VIEW,
        "bell",
        is_command=True,
        words=_("low expiry slow negative suggestions"),
    ),
    Page(
        "inventory.documents",
        _("Stock documents"),
        "inventory:documents",
        Corner.GOODS,
        VIEW,
        "files",
        is_command=True,
        words=_("receipts movements ledger"),
    ),
    Page(
        "inventory.receive",
        _("Receive goods"),
        "inventory:receive",
        Corner.GOODS,
        "inventory.receive_goods",
        "package",
        is_command=True,
    ),
    Page(
        "inventory.adjust",
        _("Adjust stock"),
        "inventory:adjust",
        Corner.GOODS,
        "inventory.adjust_stock",
        "adjustments",
        is_command=True,
    ),
    Page(
        "inventory.scrap",
        _("Scrap goods"),
        "inventory:scrap",
        Corner.GOODS,
        "inventory.adjust_stock",
        "trash",
        is_command=True,
    ),
    Page(
        "inventory.opening",
        _("Enter opening stock"),
        "inventory:opening",
        Corner.GOODS,
        "inventory.adjust_stock",
        "stack",
        is_command=True,
    ),
    Page("inventory.value", _("Value of stock"), "inventory:value", Corner.GOODS, COSTS, "coin", 60),
    Page(
        "inventory.periods",
        _("Locked periods"),
        "inventory:periods",
        Corner.GOODS,
        "inventory.lock_periods",
        "lock",
        is_command=True,
        words=_("close month"),
    ),
    Page(
        "inventory.settings",
        _("Short stock"),
        "inventory:settings",
        Corner.SETTINGS,
        "inventory.manage_settings",
        "stack",
        75,
        words=_("negative policy refuse allow"),
    ),
)


def register() -> None:
    """Called once, when the app is ready."""
    for page in _PAGES:
        navigation.register(replace(page, module="inventory"))
    panels.register_value(Value("inventory.on_hand", VIEW, _on_hand_value, order=10))
    panels.register_section(
        Section(
            "inventory.distribution",
            _("Where it lies"),
            "inventory/stock/parts/of_product.html",
            VIEW,
            _distribution,
            order=10,
            place="side",
        )
    )
    panels.register_variant_column(
        VariantColumn("inventory.on_hand", _("On hand"), VIEW, _on_hand_cells, order=10)
    )
    panels.register_piece_column(
        VariantColumn("inventory.place", _("Where it is"), VIEW, _piece_cells, order=10)
    )
    today.register(today.Section("inventory.alerts", VIEW, _alerts_today, order=40, is_side=True))
    register_importer()


# --- the page of a product -------------------------------------------------------------------------------------------
def _shown(quantity: Decimal) -> str:
    from dianke.inventory.forms.parts import plain

    return plain(quantity)


def _stocks(view: ProductView) -> list[PlaceStock]:
    """Where the variants are, read once for the whole page."""
    if "inventory.stocks" not in view.shared:
        pks = [variant.pk for variant in view.variants]
        view.shared["inventory.stocks"] = distribution(pks, actor=view.actor)
    return list(view.shared["inventory.stocks"])


def _on_hand_value(view: ProductView) -> Stat | None:
    """What lies in the store the person works in, else in all they look into."""
    if not view.product.is_stocked:
        return None
    rows = [row for row in _stocks(view) if view.store is None or row.store_id == view.store.pk]
    quantity, reserved = sum((row.quantity for row in rows), ZERO), sum((row.reserved for row in rows), ZERO)
    first = view.variants[0].pk if view.variants else 0
    return Stat(
        gettext("On hand at %(store)s") % {"store": view.store.short_name} if view.store else _("On hand"),
        _shown(quantity),
        unit=view.product.unit.name,
        note=gettext("%(quantity)s of it reserved") % {"quantity": _shown(reserved)} if reserved else "",
        url=reverse("inventory:item", args=[first]) if len(view.variants) == 1 else "",
    )


def _distribution(view: ProductView) -> Mapping[str, Any] | None:
    """Store by store over all variants, and the way to each variant's page."""
    if not view.product.is_stocked:
        return None
    stores: dict[tuple[int, str], Decimal] = {}
    of_variant: dict[int, Decimal] = {}
    for row in _stocks(view):
        where = (row.store_id, row.store)
        stores[where] = stores.get(where, ZERO) + row.quantity
        of_variant[row.variant_id] = of_variant.get(row.variant_id, ZERO) + row.quantity
    ordered = sorted(stores.items(), key=lambda pair: (-pair[1], pair[0]))
    return {
        "unit": view.product.unit.name,
        "stores": [{"name": name, "quantity": _shown(quantity)} for (_pk, name), quantity in ordered],
        "variants": [
            {
                "variant": variant,
                "label": variant.label or variant.product.name,
                "quantity": _shown(of_variant.get(variant.pk, ZERO)),
                "url": reverse("inventory:item", args=[variant.pk]),
            }
            for variant in view.variants
            if variant.is_active
        ][:30],
    }


def _on_hand_cells(ids: Sequence[int], actor: Actor, store: Store | None) -> Mapping[int, Text]:
    """How many of each variant lie in the store, else in all the person looks into; nothing for what has no stock."""
    found: dict[int, Decimal] = {}
    for row in on_hand(ids, actor=actor, store_ids=[store.pk] if store else None):
        found[row.variant_id] = found.get(row.variant_id, ZERO) + row.quantity
    return {pk: _shown(quantity) for pk, quantity in found.items()}


def _piece_cells(ids: Sequence[int], actor: Actor, store: Store | None) -> Mapping[int, Text]:
    """Where each piece is: at a shelf of a store, under way, sold. Of other stores only that it is away."""
    stores = actor.stores_for(VIEW)
    found: dict[int, Text] = {}
    for row in PieceAt.objects.filter(piece__in=ids).select_related("place__store"):
        place = row.place
        if place.kind == Place.Kind.CUSTOMER:
            found[row.piece_id] = _("Sold")
        elif place.store is None:
            found[row.piece_id] = str(place)
        elif stores is None or place.store.pk in stores:
            found[row.piece_id] = f"{place.store.short_name} {place}"
        else:
            found[row.piece_id] = _("In another store")
    return found


# --- Today -----------------------------------------------------------------------------------------------------------
def _alerts_today(actor: Actor, now: datetime) -> SectionContent | None:
    """What is out of bounds in the store one works in (else in all one looks into), in three lines."""
    from dianke.inventory.views.saying import alert_text

    rows = StockAlert.objects.open().visible_to(actor)
    if actor.store_id:
        rows = rows.filter(place__store=actor.store_id)
    counts = dict(rows.values_list("kind").annotate(count=Count("pk")).order_by())
    if not counts:
        return None
    urgent = rows.filter(kind__in=[StockAlert.Kind.LOW, StockAlert.Kind.NEGATIVE])
    named = urgent.select_related("variant__product", "place__store", "batch").order_by("-kind", "-pk")[
        :NAMED
    ]
    board = reverse("inventory:alerts")
    return SectionContent(
        "inventory/stock/parts/today.html",
        {
            "counts": [
                {"label": label, "count": counts[kind], "url": f"{board}?kind={kind}"}
                for kind, label in StockAlert.Kind.choices
                if counts.get(kind)
            ],
            "rows": [
                {
                    "alert": row,
                    "name": f"{row.variant.product.name} {row.variant.label}".strip(),
                    "text": alert_text(row),
                    "url": reverse("inventory:item", args=[row.variant_id]),
                }
                for row in named
            ],
            "url": board,
        },
    )
