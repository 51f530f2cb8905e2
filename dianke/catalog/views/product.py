"""The page of a product: variants and their prices, barcodes, what a service takes, what a bundle holds, options with a
calculator, pieces with today's price; the drawers that explain a price and tell what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import (
    BundleItem,
    Consumable,
    Photo,
    Piece,
    PriceList,
    PriceListItem,
    Product,
    Variant,
)
from dianke.catalog.queries import panels
from dianke.catalog.queries.day_prices import piece_prices
from dianke.catalog.queries.photos import photos_of_pieces
from dianke.catalog.queries.prices import names_of as names_of_items
from dianke.catalog.queries.prices import price_explained, prices_of
from dianke.catalog.rules.jewelry import PiecePrice, metal_name
from dianke.catalog.rules.pricing import Resolved
from dianke.catalog.rules.sayings import grams, percent
from dianke.catalog.views.calculator import calculator
from dianke.catalog.views.day_prices import store_of
from dianke.catalog.views.goods import (
    PRICES,
    goods_crumb,
    plain,
    product_or_404,
    shown,
    variant_or_404,
)
from dianke.catalog.views.listings import KIND_ICONS, MANAGE, STATE_TONES, VIEW, merchant_currency
from dianke.core.custom_fields import specs_for
from dianke.stores.models import Store
from dianke.web.components import Crumb, Fact
from dianke.web.custom_fields import facts_of

MOST_PIECES = 100
MOST_PHOTOS = 12


# --- the page --------------------------------------------------------------------------------------------------------
@require_GET
@requires(VIEW)
def product_page(request: Request, pk: int) -> HttpResponse:
    """Everything about one product."""
    product = product_or_404(request, pk)
    actor, store = request.actor, store_of(request)
    variants = list(
        product.variants.prefetch_related("barcodes", "variant_values__value").order_by(
            "-is_active", "position", "pk"
        )
    )
    currency = store.currency if store else merchant_currency()
    ids = [variant.pk for variant in variants]
    prices = prices_of(ids, store=store, at=request.now) if product.kind != Product.Kind.PIECE else {}
    rows = [_variant_row(variant, prices.get(variant.pk), currency) for variant in variants]
    view = panels.ProductView(product, variants, actor, request.now, store)
    columns = panels.columns_of(Variant, ids, actor, store)
    photos = _photos(request, product)
    faces: dict[int | None, Photo] = {}
    for photo in photos:
        faces.setdefault(photo.variant_id, photo)
    for row in rows:
        row["photo"] = faces.get(row["variant"].pk)
        row["cells"] = [cells.get(row["variant"].pk, "") for _column, cells in columns]
    context: dict[str, Any] = {
        "product": product,
        "crumb_list": _crumbs(product),
        "icon": KIND_ICONS.get(product.kind, "package"),
        "tone": STATE_TONES.get(product.state, ""),
        "store": store,
        "rows": rows,
        "columns": [column for column, _cells in columns],
        "matrix": _matrix(product, rows),
        "has_variants": len(variants) > 1 or any(variant.label for variant in variants),
        "photos": photos[:MOST_PHOTOS],
        "pictured": product,
        "photo_add_url": reverse("catalog:photos-of-product", args=[product.pk]),
        "arrange_url": reverse("catalog:photos", args=[product.pk]),
        "facts": _facts(product),
        "custom_facts": facts_of(specs_for("catalog.product"), product.custom),
        "values": panels.values_of(view),
        "main_sections": panels.sections_of(view, "main"),
        "side_sections": panels.sections_of(view, "side"),
        "list_prices": _list_prices(request, product, ids, currency),
        "can_manage": actor.can(MANAGE),
        "can_price": actor.can(PRICES),
        "can_print": actor.can("catalog.print_labels"),
        **_of_kind(request, product, variants, store, currency),
    }
    return render(request, "catalog/product/product.html", context)


def _photos(http: Request, product: Product) -> list[Photo]:
    """The product's own photos first, then those of its variants."""
    own_first = F("variant_id").asc(nulls_first=True)
    rows = Photo.objects.visible_to(http.actor).shown().filter(product=product, piece=None)
    return list(rows.order_by(own_first, "position", "pk"))


def _crumbs(product: Product) -> list[Crumb]:
    crumbs = [goods_crumb()]
    if product.category:
        crumbs.append(
            Crumb(product.category.name, f"{reverse('catalog:products')}?category={product.category.pk}")
        )
    return crumbs


def _facts(product: Product) -> list[Fact]:
    facts = [
        Fact(pgettext("of a product", "Code"), product.code),
        Fact(_("Kind"), product.get_kind_display()),
        Fact(_("Category"), product.category or ""),
        Fact(_("Brand"), product.brand or ""),
        Fact(pgettext("of goods", "Unit"), product.unit),
        Fact(_("Tax class"), product.tax_class or ""),
        Fact(_("Stock told apart by"), product.get_tracking_display() if product.is_stocked else ""),
        Fact(
            _("Keeps for"),
            _("%(days)s days") % {"days": product.shelf_life_days} if product.shelf_life_days else "",
        ),
        Fact(_("Days to make"), product.lead_days or ""),
        Fact(_("Trade"), product.get_trade_display() if product.trade else ""),
        Fact(_("Also called"), product.aliases),
    ]
    return [fact for fact in facts if fact.value not in (None, "")]


def _variant_row(variant: Variant, price: Resolved | None, currency: str) -> dict[str, Any]:
    return {
        "variant": variant,
        "label": variant.label or variant.product.name,
        "base": shown(variant.price_amount, currency),
        "price": shown(price.amount, currency) if price else "",
        "reason": str(price.reason) if price and price.list_id is not None else "",
        "barcodes": list(variant.barcodes.all()),
        "values": {each.attribute_id: each.value for each in variant.variant_values.all()},
        "cells": [],
    }


def _matrix(product: Product, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The variants as a table of two attributes: the first down, the second across; None with any other number."""
    axes = list(product.axes.select_related("attribute"))
    if len(axes) != 2:
        return None
    down, across = axes[0].attribute_id, axes[1].attribute_id
    cells: dict[tuple[int, int], Mapping[str, Any]] = {}
    heads: list[dict[int, Any]] = [{}, {}]
    for row in rows:
        values = row["values"]
        if down not in values or across not in values or not row["variant"].is_active:
            continue
        one, other = values[down], values[across]
        heads[0].setdefault(one.pk, one)
        heads[1].setdefault(other.pk, other)
        cells[one.pk, other.pk] = row
    across_values = sorted(heads[1].values(), key=lambda value: (value.position, value.pk))
    return {
        "down": axes[0].attribute,
        "across": axes[1].attribute,
        "heads": across_values,
        "rows": [
            (value, [cells.get((value.pk, other.pk)) for other in across_values])
            for value in sorted(heads[0].values(), key=lambda value: (value.position, value.pk))
        ],
    }


def _list_prices(
    http: Request, product: Product, variant_ids: Sequence[int], currency: str
) -> list[dict[str, Any]]:
    """What price lists say about the product, its variants and its categories; in the order in which lists weigh."""
    named = Q(product=product) | Q(variant__in=variant_ids)
    if product.category:
        named |= Q(category__in=product.category.line)
    items = list(
        PriceListItem.objects.visible_to(http.actor)
        .filter(named)
        .exclude(price_list__state=PriceList.State.ARCHIVED)
        .select_related("price_list")
        .order_by("-price_list__priority", "price_list__name", "min_quantity", "pk")[:60]
    )
    names = names_of_items(items)
    in_force = set(
        PriceList.objects.in_force(http.now)
        .filter(pk__in={item.price_list_id for item in items})
        .values_list("pk", flat=True)
    )
    return [
        {
            "list": item.price_list,
            "is_in_force": item.price_list_id in in_force,
            "what": _("this product") if item.product_id else names.get(item.pk, ""),
            "price": shown(item.price_amount, item.price_list.currency)
            if item.price_amount is not None
            else _("%(percent)s of the base price") % {"percent": percent(item.percent_bp or 0)},
            "from": plain(item.min_quantity) if item.min_quantity > 1 else "",
        }
        for item in items
    ]


# --- by kind ---------------------------------------------------------------------------------------------------------
def _of_kind(
    http: Request, product: Product, variants: Sequence[Variant], store: Store | None, currency: str
) -> dict[str, Any]:
    if product.kind == Product.Kind.PIECE:
        return _pieces(http, product, store)
    if product.kind == Product.Kind.SERVICE:
        detail = getattr(product, "service", None)
        used = _by_variant(Consumable.objects.filter(service__in=variants), "service_id")
        consumables = [
            (variant, [(row.variant, plain(row.quantity)) for row in used.get(variant.pk, ())])
            for variant in variants
        ]
        return {
            "service": detail,
            "skills": list(detail.skills.all()) if detail else [],
            "consumables": [(variant, rows) for variant, rows in consumables if rows or variant.is_active],
        }
    if product.kind == Product.Kind.BUNDLE:
        held = _by_variant(BundleItem.objects.filter(bundle__in=variants), "bundle_id")
        in_use = [variant for variant in variants if variant.is_active]
        return {"bundles": [(variant, _bundle(held.get(variant.pk, []))) for variant in in_use]}
    if product.kind == Product.Kind.MADE_TO_ORDER:
        return calculator(http, product, variants, currency)
    return {}


def _by_variant(rows: Any, name: str) -> dict[int, list[Any]]:
    """Parts with their goods, by the variant they belong to. One query."""
    found: dict[int, list[Any]] = {}
    for row in rows.select_related("variant__product__unit"):
        found.setdefault(getattr(row, name), []).append(row)
    return found


def _bundle(items: Sequence[BundleItem]) -> list[dict[str, Any]]:
    whole = sum(item.weight for item in items)
    return [
        {
            "variant": item.variant,
            "quantity": plain(item.quantity),
            "share": percent(item.weight * 10_000 // whole) if whole else "",
        }
        for item in items
    ]


def _pieces(http: Request, product: Product, store: Store | None) -> dict[str, Any]:
    rows = (
        Piece.objects.filter(variant__product=product)
        .select_related("variant")
        .order_by("-created_at", "-pk")
    )
    found = list(rows[: MOST_PIECES + 1])
    pieces = found[:MOST_PIECES]
    prices = piece_prices(pieces, store, http.now)
    faces = photos_of_pieces([piece.pk for piece in pieces])
    columns = panels.columns_of(Piece, [piece.pk for piece in pieces], http.actor, store)
    return {
        "pieces": [
            {
                "piece": piece,
                "photo": faces.get(piece.pk),
                "metal": metal_text(piece),
                "net": grams(piece.net_weight_mg) if piece.net_weight_mg else "",
                "price": piece_amount(prices.get(piece.pk)),
                "cells": [cells.get(piece.pk, "") for _column, cells in columns],
            }
            for piece in pieces
        ],
        "piece_columns": [column for column, _cells in columns],
        "has_more_pieces": len(found) > MOST_PIECES,
        "most_pieces": MOST_PIECES,
    }


def metal_text(piece: Piece) -> str:
    """ "Gold 999", or nothing."""
    return "" if piece.metal == Piece.Metal.NONE else metal_name(piece.metal, piece.fineness)


def piece_amount(price: PiecePrice | None) -> str:
    """What it costs today, or nothing."""
    return shown(price.amount, price.currency) if price else ""


# --- why it costs what it costs --------------------------------------------------------------------------------------
@require_GET
@requires(VIEW)
def variant_price(request: Request, pk: int) -> HttpResponse:
    """The price of a variant in this store, what else applied, and what did not."""
    variant, store = variant_or_404(request, pk), store_of(request)
    found = price_explained(variant, store=store, at=request.now)
    price = found.price
    context = {
        "variant": variant,
        "store": store,
        "amount": shown(price.amount, price.currency),
        "base": shown(price.base_amount, price.currency),
        "reason": price.reason,
        "passed_over": [
            (offer.terms.name, shown(offer.amount, price.currency)) for offer in price.passed_over
        ],
        "not_counted": found.not_counted,
        "can_price": request.actor.can(PRICES),
        "crumb_list": [
            *_crumbs(variant.product),
            Crumb(variant.product.name, reverse("catalog:product", args=[variant.product_id])),
        ],
    }
    return render(request, "catalog/product/price.html", context)
