"""A product is entered by its kind, changed, put on offer or away; several at once get a category or a state."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.forms.products import (
    CategoryChoiceForm,
    NewProductForm,
    ProductForm,
    StateChoiceForm,
)
from dianke.catalog.models import Category, Product
from dianke.catalog.operations import products
from dianke.catalog.views.goods import crumbs_to, goods_crumb, product_or_404
from dianke.catalog.views.listings import KIND_ICONS, MANAGE, merchant_currency
from dianke.catalog.views.lists import bound, next_or, several
from dianke.web.forms import form_view
from dianke.web.responses import done

FORM = ("GET", "POST")
STATES = {
    Product.State.ACTIVE: products.activate_product,
    Product.State.DISCONTINUED: products.discontinue_product,
    Product.State.ARCHIVED: products.archive_product,
}


@require_http_methods(FORM)
@requires(MANAGE)
def product_new(request: Request) -> HttpResponse:
    """First which kind, then one short form."""
    kind = request.GET.get("kind", "")
    if kind not in Product.Kind.values:
        notes = {
            Product.Kind.GOODS: _("Counted or weighed, with variants such as colour and size."),
            Product.Kind.PIECE: _(
                "Every piece has a tag, weights and a certificate: rings, stones, antiques."
            ),
            Product.Kind.SERVICE: _("Takes time and skills: haircut, facial, repair."),
            Product.Kind.BUNDLE: _("Several goods or services at one price."),
            Product.Kind.MADE_TO_ORDER: _(
                "The customer chooses options: furniture, curtains, engraved rings."
            ),
        }
        kinds = [
            (value, label, notes[Product.Kind(value)], KIND_ICONS[Product.Kind(value)])
            for value, label in Product.Kind.choices
        ]
        return render(request, "catalog/product/kinds.html", {"kinds": kinds, "crumb_list": [goods_crumb()]})
    form = NewProductForm(request.POST or None, kind=kind, currency=merchant_currency())

    def run(data: dict[str, Any]) -> Product:
        return products.create_product(
            values=form.product_values(),
            price_amount=data.get("price_amount"),
            barcode=data.get("barcode", ""),
            custom=form.custom_values(),
            minutes=data.get("duration_minutes") or None,
            parts=data.get("parts") or (),
            actor=request.actor,
            now=request.now,
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=_("New: %(kind)s") % {"kind": Product.Kind(kind).label},
        success=lambda product: _("“%(name)s” is entered.") % {"name": product.name},
        redirect_to=lambda product: reverse("catalog:product", args=[product.pk]),
        cancel_url=reverse("catalog:products"),
        template="catalog/product/new.html",
        context={"crumb_list": [goods_crumb()], "draft": f"product-new-{kind}"},
    )


@require_http_methods(FORM)
@requires(MANAGE)
def product_edit(request: Request, pk: int) -> HttpResponse:
    """Change the facts of a product."""
    product = product_or_404(request, pk)
    form = ProductForm(request.POST or None, product=product, currency=merchant_currency())
    back = reverse("catalog:product", args=[pk])

    def run(data: dict[str, Any]) -> Product:
        return products.change_product(
            product=product,
            values=form.product_values(),
            custom=form.custom_values(),
            actor=request.actor,
            now=request.now,
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Change %(name)s") % {"name": product.name},
        success=_("Saved."),
        redirect_to=back,
        cancel_url=back,
        template="catalog/product/form.html",
        context={"crumb_list": crumbs_to(product)},
    )


@require_POST
@requires(MANAGE)
def product_state(request: Request, pk: int) -> HttpResponse:
    """Put on offer, buy no more, put away."""
    product = product_or_404(request, pk)
    state = request.POST.get("state", "")
    if state not in STATES:
        raise Http404
    product = STATES[Product.State(state)](product=product, actor=request.actor, now=request.now)
    texts = {
        Product.State.ACTIVE: _("“%(name)s” is on offer."),
        Product.State.DISCONTINUED: _("“%(name)s” is not bought any more; what is there is sold."),
        Product.State.ARCHIVED: _("“%(name)s” is put away."),
    }
    text = texts[Product.State(state)] % {"name": product.name}
    return done(request, text, to=next_or(request, reverse("catalog:product", args=[pk])))


# --- several at once -------------------------------------------------------------------------------------------------
@require_POST
@requires(MANAGE)
def bulk_category(request: Request) -> HttpResponse:
    """Put several products into a category."""
    form = CategoryChoiceForm(bound(request))

    def run(chosen: list[Product]) -> str:
        pk = form.cleaned_data["category"]
        category = Category.objects.filter(pk=pk).first() if pk else None
        products.categorise_products(products=chosen, category=category, actor=request.actor, now=request.now)
        count = len(chosen)
        text = ngettext(
            "%(count)s product sorted into %(name)s.", "%(count)s products sorted into %(name)s.", count
        )
        return text % {"count": count, "name": category.name if category else _("no category")}

    return several(request, form=form, title=_("Put into a category"), submit=_("Put there"), run=run)


@require_POST
@requires(MANAGE)
def bulk_state(request: Request) -> HttpResponse:
    """Offer, discontinue or put away several products."""
    form = StateChoiceForm(bound(request))

    def run(chosen: list[Product]) -> str:
        state = Product.State(form.cleaned_data["state"])
        products.enter_state(products=chosen, state=state, actor=request.actor, now=request.now)
        count = len(chosen)
        text = ngettext("%(count)s product: %(state)s.", "%(count)s products: %(state)s.", count)
        return text % {"count": count, "state": state.label}

    return several(request, form=form, title=_("Change the state"), submit=_("Change"), run=run)
