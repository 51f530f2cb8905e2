"""What the page of a product says about buying it: how much is on order, who sells it for how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from dianke.catalog.models import Product, Variant
from dianke.catalog.queries import panels
from dianke.catalog.queries.panels import ProductView
from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.inventory.queries.figures import BoardLink, Figure, register_board_link, register_figure
from dianke.purchasing.models import SupplierPrice
from dianke.purchasing.models.suppliers import COSTS
from dianke.purchasing.queries.supply import on_order_seen
from dianke.purchasing.rules.reasons import quantity_text
from dianke.stores.models import Store
from dianke.web.components import Stat
from dianke.web.formats import money, number

VIEW = "purchasing.view_orders"
MOST_ROWS = 8


def _on_order(view: ProductView) -> Stat | None:
    """How much is still to come of it, to the store or to all one sees; with what the next delivery is due."""
    if view.product.kind in (Product.Kind.SERVICE, Product.Kind.BUNDLE):
        return None
    return _coming(view.product, [variant.pk for variant in view.variants], view.actor, view.store)


def _on_order_of_item(variant: Variant, actor: Actor, now: datetime) -> Stat | None:
    """The same for one article, on its page in stock."""
    return _coming(variant.product, [variant.pk], actor, None)


def _coming(product: Product, variant_ids: Sequence[int], actor: Actor, store: Store | None) -> Stat | None:
    quantity, due = on_order_seen(variant_ids, actor=actor, store=store)
    if not quantity:
        return None
    plain = Decimal(quantity_text(quantity))
    note = _("next on %(day)s") % {"day": f"{due:%Y-%m-%d}"} if due else ""
    return Stat(
        pgettext("goods", "On order"),
        number(plain),
        unit=str(product.unit),
        note=note,
        url=f"{reverse('purchasing:orders')}?q={product.code}",
    )


def _suppliers(view: ProductView) -> Mapping[str, Any] | None:
    """The prices in force of its variants, the newest first."""
    day = timezone.localdate(view.now)
    rows = SupplierPrice.objects.visible_to(view.actor).in_force(day)
    rows = rows.filter(variant__in=[variant.pk for variant in view.variants])
    found = list(
        rows.select_related("supplier").order_by("minimum_quantity", "price_amount", "pk")[:MOST_ROWS]
    )
    if not found:
        return None
    labels = {variant.pk: variant.label for variant in view.variants}
    return {
        "rows": [
            {
                "name": price.supplier.short_name,
                "goods": labels.get(price.variant_id, "") or price.supplier_code or price.supplier.code,
                "pack": _pack(price, str(view.product.unit)),
                "day": price.from_date,
                "amount": money(Money.from_minor(price.price_amount, price.supplier.currency)),
                "url": reverse("purchasing:supplier", args=[price.supplier_id]),
            }
            for price in found
        ],
        "compare_url": f"{reverse('purchasing:comparison')}?variant={found[0].variant_id}",
    }


def _pack(price: SupplierPrice, unit: str) -> str:
    if price.pack_quantity == 1:
        return ""
    return f"{quantity_text(price.pack_quantity)} {unit}/{price.pack_name or _('pack')}"


def register() -> None:
    """Called once, when the app is ready."""
    panels.register_value(panels.Value("purchasing.on_order", VIEW, _on_order, 40))
    register_figure(Figure("purchasing.on_order", VIEW, _on_order_of_item, 40))
    register_board_link(
        BoardLink(
            "purchasing.board", gettext_lazy("Purchase plan"), "purchasing:board", VIEW, icon="shopping-bag"
        )
    )
    panels.register_section(
        panels.Section(
            "purchasing.suppliers",
            gettext_lazy("Suppliers"),
            "purchasing/panels/suppliers.html",
            COSTS,
            _suppliers,
            60,
            "side",
        )
    )
