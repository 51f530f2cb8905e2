"""Single pieces: the page of one with its price line by line, one entered, many pasted at once, one corrected."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.forms.pieces import COLUMNS, PieceForm, PiecesForm
from dianke.catalog.models import Photo, Piece, Product, Variant
from dianke.catalog.operations import pieces
from dianke.catalog.queries import panels
from dianke.catalog.queries.day_prices import piece_price
from dianke.catalog.rules.jewelry import DayPriceMissing, PieceWithoutPrice
from dianke.catalog.rules.sayings import grams
from dianke.catalog.views.day_prices import store_of
from dianke.catalog.views.goods import crumbs_to, piece_or_404, product_or_404, shown
from dianke.catalog.views.history import entries_of
from dianke.catalog.views.listings import MANAGE, VIEW, merchant_currency
from dianke.catalog.views.product import metal_text
from dianke.core.errors import Conflict, InvalidInput
from dianke.web.components import Fact
from dianke.web.forms import form_view
from dianke.web.responses import done

FORM = ("GET", "POST")


@require_GET
@requires(VIEW)
def piece_page(request: Request, pk: int) -> HttpResponse:
    """What stands on the tag, and what it costs today, line by line."""
    piece, store, actor = piece_or_404(request, pk), store_of(request), request.actor
    price, problem = None, ""
    try:
        price = piece_price(piece, store, request.now)
    except (DayPriceMissing, PieceWithoutPrice) as error:
        problem = str(error)
    entries, _cursor = entries_of(request, piece)
    shots = Photo.objects.visible_to(actor).shown().filter(piece=piece).order_by("position", "pk")
    context: dict[str, Any] = {
        "photos": list(shots),
        "pictured": piece,
        "photo_add_url": reverse("catalog:photos-of-piece", args=[pk]),
        "arrange_url": reverse("catalog:photos", args=[piece.variant.product_id]),
        "piece": piece,
        "product": piece.variant.product,
        "store": store,
        "facts": _facts(piece, request, store),
        "amount": shown(price.amount, price.currency) if price else "",
        "lines": [(line.said, shown(line.amount, price.currency)) for line in price.lines] if price else [],
        "is_by_day": bool(price and price.is_by_day_price),
        "problem": problem,
        "entries": entries[:20],
        "can_manage": actor.can(MANAGE),
        "can_print": actor.can("catalog.print_labels"),
        "board_url": reverse("catalog:day-prices"),
        "crumb_list": crumbs_to(piece.variant.product),
    }
    return render(request, "catalog/product/piece.html", context)


def _facts(piece: Piece, http: Request, store: Any) -> list[Fact]:
    certificate = " ".join(filter(None, (piece.certificate_issuer, piece.certificate_number)))
    facts = [
        Fact(_("Variant"), piece.variant.label),
        Fact(_("Metal"), metal_text(piece)),
        Fact(_("Net weight"), grams(piece.net_weight_mg) if piece.net_weight_mg else ""),
        Fact(_("Gross weight"), grams(piece.gross_weight_mg) if piece.gross_weight_mg else ""),
        Fact(_("Stones"), grams(piece.stone_weight_mg) if piece.stone_weight_mg else ""),
        Fact(_("Size"), piece.size),
        Fact(pgettext("of a piece", "Certificate"), certificate),
        Fact(_("Note"), piece.note),
    ]
    for column, cells in panels.columns_of(Piece, [piece.pk], http.actor, store):
        facts.append(Fact(column.label, cells.get(piece.pk, "")))
    return [fact for fact in facts if fact.value not in (None, "")]


def _variant(product: Product, data: dict[str, Any]) -> Variant:
    """The variant that was chosen, or the only one."""
    found: Variant = (
        data.get("variant") or product.variants.filter(is_active=True).first() or product.variants.get()
    )
    found.product = product
    return found


@require_http_methods(FORM)
@requires(MANAGE)
def piece_new(request: Request, pk: int) -> HttpResponse:
    """Enter one piece."""
    product = product_or_404(request, pk)
    form = PieceForm(request.POST or None, product=product, piece=None, currency=merchant_currency())

    def run(data: dict[str, Any]) -> Piece:
        return pieces.add_piece(
            variant=_variant(product, data), values=form.piece_values(), actor=request.actor, now=request.now
        )

    back = reverse("catalog:product", args=[pk])
    return form_view(
        request,
        form=form,
        run=run,
        title=_("Add a piece: %(name)s") % {"name": product.name},
        success=lambda piece: _("Tag %(tag)s is entered.") % {"tag": piece.tag},
        redirect_to=back,
        cancel_url=back,
        context={"crumb_list": crumbs_to(product), "draft": f"piece-new-{pk}"},
    )


@require_http_methods(FORM)
@requires(MANAGE)
def piece_edit(request: Request, pk: int) -> HttpResponse:
    """Correct a piece."""
    piece = piece_or_404(request, pk)
    product = piece.variant.product
    form = PieceForm(request.POST or None, product=product, piece=piece, currency=merchant_currency())

    def run(data: dict[str, Any]) -> Piece:
        return pieces.change_piece(
            piece=piece, values=form.piece_values(), actor=request.actor, now=request.now
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Change %(name)s") % {"name": piece.tag},
        success=_("Saved."),
        redirect_to=reverse("catalog:piece", args=[pk]),
        cancel_url=reverse("catalog:piece", args=[pk]),
        context={"crumb_list": crumbs_to(product)},
    )


@require_http_methods(FORM)
@requires(MANAGE)
def pieces_new(request: Request, pk: int) -> HttpResponse:
    """A delivery at once: what the pieces share above, a table from a spreadsheet below. All or none."""
    product = product_or_404(request, pk)
    form, status = PiecesForm(request.POST or None, product=product, currency=merchant_currency()), 200
    back = reverse("catalog:product", args=[pk])
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = pieces.add_pieces(
                    variant=_variant(product, form.cleaned_data),
                    rows=[row.values for row in form.rows],
                    actor=request.actor,
                    now=request.now,
                )
            except (InvalidInput, Conflict) as error:
                _blame(form, error)
            else:
                count = len(made)
                text = ngettext("%(count)s piece entered.", "%(count)s pieces entered.", count) % {
                    "count": count
                }
                return done(request, text, to=back)
    context = {
        "form": form,
        "product": product,
        "columns": [label for _name, label in COLUMNS],
        "back": back,
        "example": "T900001\t3.52\t3.60\t12\tNGTC20260001\n\t5.10\t\t14",
        "tag_word": pgettext("of a piece", "Tag"),
        "crumb_list": crumbs_to(product),
    }
    return render(request, "catalog/product/pieces_form.html", context, status=status)


def _blame(form: PiecesForm, error: InvalidInput | Conflict) -> None:
    """Put what is wrong with one piece beside its row: the error names its tag or certificate."""
    named = {str(value).upper() for value in error.params.values()}
    wrong = [
        row
        for row in form.rows
        if {str(row.values.get(name, "")).upper() for name in ("tag", "certificate_number")} & named - {""}
    ]
    for row in wrong[-1:]:
        row.error = str(error)
    form.add_error("table", str(error))
