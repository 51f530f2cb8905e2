"""Labels: which goods, which size, how many; a look at them, and the page that prints."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Piece, Product, Variant
from dianke.catalog.queries import labels
from dianke.catalog.views.day_prices import store_of
from dianke.catalog.views.listings import LABELS
from dianke.catalog.views.lists import chosen_ids
from dianke.web.components import Crumb
from dianke.web.listing import as_id

SHOWN = 6
PAPERS = ("roll", "a4")


def _ids(http: Request, name: str) -> list[int]:
    return [pk for pk in (as_id(value) for value in http.GET.getlist(name)[: labels.MOST_LABELS]) if pk]


def _goods(http: Request) -> tuple[list[Variant], list[Piece]]:
    """The variants and pieces the address names; of a product all variants in use, or its newest pieces."""
    actor = http.actor
    products = Product.objects.visible_to(actor).filter(pk__in=_ids(http, "product"))
    by_piece = [product.pk for product in products if product.kind == Product.Kind.PIECE]
    others = [product.pk for product in products if product.kind != Product.Kind.PIECE]
    variants = Variant.objects.visible_to(actor).select_related("product__unit")
    chosen = variants.filter(pk__in=_ids(http, "variant")) | variants.filter(
        product__in=others, is_active=True
    )
    pieces = Piece.objects.visible_to(actor).select_related("variant__product")
    tagged = pieces.filter(pk__in=_ids(http, "piece")) | pieces.filter(variant__product__in=by_piece)
    return (
        list(chosen.order_by("product__name", "product_id", "position", "pk")[: labels.MOST_LABELS]),
        list(tagged.order_by("-created_at", "-pk")[: labels.MOST_LABELS]),
    )


def _context(http: Request) -> dict[str, Any]:
    variants, pieces = _goods(http)
    store = store_of(http)
    usual = "tag" if pieces and not variants else "product"
    size = labels.BY_CODE.get(http.GET.get("size", usual), labels.BY_CODE[usual])
    paper = http.GET.get("paper", "roll")
    wanted = http.GET.get("symbols", "qr")
    symbols = labels.Symbols(wanted if wanted in labels.Symbols.values else "qr")
    copies = min(max(as_id(http.GET.get("copies", "1")), 1), labels.MOST_COPIES)
    made = [*labels.of_pieces(pieces, store, http.now), *labels.of_variants(variants, store, http.now)]
    shown = labels.dressed(made, size, symbols)
    return {
        "labels": shown,
        "symbols": symbols,
        "size": size,
        "paper": paper if paper in PAPERS else "roll",
        "copies": copies,
        "store": store,
        "too_long": sum(label.is_too_long for label in shown),
        "unpriced": sum(not label.price for label in made),
    }


@require_GET
@requires(LABELS)
def labels_page(request: Request) -> HttpResponse:
    """Choose size, paper and copies, and see the first labels."""
    context = _context(request)
    made = context["labels"]
    hidden = [(name, pk) for name in ("product", "variant", "piece") for pk in _ids(request, name)]
    context |= {
        "count": len(made) * context["copies"],
        "too_many": len(made) * context["copies"] > labels.MOST_LABELS,
        "most": labels.MOST_LABELS,
        "most_copies": labels.MOST_COPIES,
        "labels": made[:SHOWN],
        "sizes": labels.SIZES,
        "symbol_choices": labels.Symbols.choices,
        "hidden": hidden,
        "print_url": f"{reverse('catalog:labels-print')}?{request.GET.urlencode()}",
        "crumb_list": [Crumb(_("Goods"), reverse("catalog:products"))],
    }
    return render(request, "catalog/labels/choose.html", context)


@require_GET
@requires(LABELS)
def labels_print(request: Request) -> HttpResponse:
    """The labels on paper."""
    context = _context(request)
    each = [label for label in context["labels"] for _copy in range(context["copies"])]
    context["labels"] = each[: labels.MOST_LABELS]
    return render(request, "catalog/labels/print.html", context)


@require_POST
@requires(LABELS)
def labels_of_products(request: Request) -> HttpResponse:
    """From the selection of the list to its labels."""
    ids = chosen_ids(request)[:100]
    query = "&".join(f"product={pk}" for pk in ids)
    return redirect(f"{reverse('catalog:labels')}?{query}")
