"""Variants from attributes, what a variant is called and costs, its barcodes."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.forms.products import (
    BarcodeForm,
    BasePriceForm,
    BasePricesForm,
    MatrixForm,
    VariantForm,
)
from dianke.catalog.models import Attribute, AttributeValue, Barcode, Product, Variant
from dianke.catalog.operations import barcodes, variants
from dianke.catalog.views.goods import PRICES, crumbs_to, product_or_404, variant_or_404
from dianke.catalog.views.listings import MANAGE, merchant_currency
from dianke.core.errors import Conflict, InvalidInput
from dianke.web.forms import KitForm, form_view
from dianke.web.responses import done

FORM = ("GET", "POST")


def _page(product: Product) -> str:
    return reverse("catalog:product", args=[product.pk])


@require_http_methods(FORM)
@requires(MANAGE)
def matrix(request: Request, pk: int) -> HttpResponse:
    """The attributes of a product with their values; their combinations are its variants."""
    product = product_or_404(request, pk)
    form = MatrixForm(request.POST or None, axes=_held(product))

    def run(data: dict[str, Any]) -> Product:
        return variants.set_matrix_by_names(
            product=product, axes=form.axes(), actor=request.actor, now=request.now
        )

    def told(changed: Product) -> str:
        count = changed.variants.filter(is_active=True).count()
        return ngettext("%(count)s variant in use.", "%(count)s variants in use.", count) % {"count": count}

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Variants of %(name)s") % {"name": product.name},
        success=told,
        redirect_to=_page(product),
        cancel_url=_page(product),
        template="catalog/product/matrix.html",
        context={
            "crumb_list": crumbs_to(product),
            "product": product,
            "known": Attribute.objects.values_list("name", flat=True),
        },
    )


def _held(product: Product) -> list[tuple[str, str]]:
    """The attributes of the product as they are typed: only values that variants in use have."""
    held = []
    for axis in product.axes.select_related("attribute"):
        used = AttributeValue.objects.filter(
            attribute=axis.attribute, variants__product=product, variants__is_active=True
        )
        names = used.distinct().order_by("position", "pk").values_list("name", flat=True)
        held.append((axis.attribute.name, " ".join(names)))
    return held


@require_http_methods(FORM)
@requires(MANAGE)
def variant(request: Request, pk: int) -> HttpResponse:
    """SKU, number on the scale, in or out of use."""
    found = variant_or_404(request, pk)
    form = VariantForm(request.POST or None, variant=found)

    def run(data: dict[str, Any]) -> Variant:
        return variants.change_variant(variant=found, values=data, actor=request.actor, now=request.now)

    return _of_variant(request, found, form, run, _("Change %(name)s") % {"name": found}, _("Saved."))


@require_http_methods(FORM)
@requires(PRICES)
def base_price(request: Request, pk: int) -> HttpResponse:
    """The base retail price of one variant."""
    found = variant_or_404(request, pk)
    initial = {"price_amount": found.price_amount}
    form = BasePriceForm(request.POST or None, currency=merchant_currency(), initial=initial)

    def run(data: dict[str, Any]) -> Variant:
        return variants.set_base_price(
            variant=found, price_amount=data["price_amount"], actor=request.actor, now=request.now
        )

    return _of_variant(
        request,
        found,
        form,
        run,
        _("Base price of %(name)s") % {"name": found},
        _("The new price counts at once."),
    )


@require_http_methods(FORM)
@requires(PRICES)
def base_prices(request: Request, pk: int) -> HttpResponse:
    """The base prices of all variants of a product."""
    product = product_or_404(request, pk)
    rows = list(product.variants.filter(is_active=True))
    form = BasePricesForm(request.POST or None, variants=rows, currency=merchant_currency())

    def run(data: dict[str, Any]) -> int:
        return variants.set_base_prices(
            product=product, prices=form.prices(), actor=request.actor, now=request.now
        )

    def told(count: int) -> str:
        return ngettext("%(count)s price changed.", "%(count)s prices changed.", count) % {"count": count}

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Base prices of %(name)s") % {"name": product.name},
        success=told,
        redirect_to=_page(product),
        cancel_url=_page(product),
        context={"crumb_list": crumbs_to(product)},
    )


def _of_variant(
    http: Request, found: Variant, form: KitForm, run: Any, title: str, success: str
) -> HttpResponse:
    back = _page(found.product)
    return form_view(
        http,
        form=form,
        run=run,
        title=title,
        success=success,
        redirect_to=back,
        cancel_url=back,
        context={"crumb_list": crumbs_to(found.product)},
    )


# --- barcodes --------------------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(MANAGE)
def barcode_list(request: Request, pk: int) -> HttpResponse:
    """The barcodes of a variant; scan or type one more."""
    found = variant_or_404(request, pk)
    form, status = BarcodeForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = barcodes.add_barcode(
                    variant=found,
                    value=form.cleaned_data["value"],
                    pack_quantity=form.cleaned_data["pack_quantity"],
                    actor=request.actor,
                    now=request.now,
                )
            except (InvalidInput, Conflict) as error:
                form.add_domain_error(error)
            else:
                text = _("Barcode %(value)s stands for “%(name)s” now.") % {"value": made, "name": found}
                return done(request, text, to=_page(found.product))
    context = {
        "variant": found,
        "barcodes": list(found.barcodes.order_by("pk")),
        "form": form,
        "crumb_list": crumbs_to(found.product),
    }
    return render(request, "catalog/product/barcodes.html", context, status=status)


@require_POST
@requires(MANAGE)
def barcode_own(request: Request, pk: int) -> HttpResponse:
    """Give a variant an EAN-13 of our own."""
    found = variant_or_404(request, pk)
    made = barcodes.give_own_barcode(variant=found, actor=request.actor, now=request.now)
    text = _("Barcode %(value)s stands for “%(name)s” now.") % {"value": made, "name": found}
    return done(request, text, to=_page(found.product))


@require_POST
@requires(MANAGE)
def barcode_remove(request: Request, pk: int) -> HttpResponse:
    """Forget a barcode."""
    rows = Barcode.objects.visible_to(request.actor).select_related("variant__product")
    found = get_object_or_404(rows, pk=pk)
    product, value = found.variant.product, str(found)
    barcodes.remove_barcode(barcode=found, actor=request.actor, now=request.now)
    return done(request, _("Barcode %(value)s is free again.") % {"value": value}, to=_page(product))


@require_http_methods(FORM)
@requires(MANAGE)
def barcodes_give(request: Request, pk: int) -> HttpResponse:
    """Own codes for every variant in use that has no barcode yet."""
    product = product_or_404(request, pk)
    rows = list(product.variants.filter(is_active=True, barcodes=None).select_related("product"))

    def run(data: dict[str, Any]) -> int:
        return len(barcodes.give_own_barcodes(product=product, actor=request.actor, now=request.now))

    def told(count: int) -> str:
        return ngettext("%(count)s barcode given.", "%(count)s barcodes given.", count) % {"count": count}

    return form_view(
        request,
        form=KitForm(request.POST or None),
        run=run,
        title=_("Give own barcodes"),
        success=told,
        redirect_to=_page(product),
        cancel_url=_page(product),
        submit=_("Give them"),
        template="catalog/product/give.html",
        context={"crumb_list": crumbs_to(product), "variants": rows, "product": product},
    )
