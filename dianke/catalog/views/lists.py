"""The list of goods, and what is done to several at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Product
from dianke.catalog.views.listings import VIEW, ProductListing, dress
from dianke.core.errors import Conflict, InvalidInput
from dianke.web.forms import KitForm
from dianke.web.list_views import list_context
from dianke.web.responses import done

LIST = "catalog:products"


def address(name: str, *args: object) -> str:
    """The address of a page that another room may not have yet, or ""."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@require_GET
@requires(VIEW)
def product_list(request: Request) -> HttpResponse:
    """The list, or its rows when filters change."""
    is_part = request.headers.get("HX-Target", "").endswith("#list")
    context = list_context(request, ProductListing)
    actor = request.actor
    context |= {
        "new_url": reverse("catalog:product-new") if actor.can("catalog.manage_products") else "",
        "import_url": address("imports:new") if actor.can("catalog.import_products") else "",
    }
    response = render(request, "web/list.html#rows" if is_part else "catalog/list/products.html", context)
    if is_part:
        query = context["query_string"]
        response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
    return response


# --- several at once -------------------------------------------------------------------------------------------------
def chosen_ids(http: Request) -> list[int]:
    """The selected rows."""
    return [int(value) for value in http.POST.getlist("ids") if value.isdecimal() and len(value) < 19]


def next_or(http: Request, default: str) -> str:
    """Where the person came from, if that is one of our pages."""
    target = http.POST.get("next", "") or http.GET.get("next", "")
    is_safe = url_has_allowed_host_and_scheme(target, {http.get_host()})
    return target if target and is_safe else default


def several(
    http: Request, *, form: KitForm, title: str, submit: str, run: Callable[[list[Product]], str]
) -> HttpResponse:
    """First asks (the list posts ids only), then does it: `run(products)` answers what happened in words."""
    ids, status, back = chosen_ids(http), 200, next_or(http, reverse(LIST))
    products = list(Product.objects.visible_to(http.actor).filter(pk__in=ids).order_by("name", "pk"))
    if not products:
        return redirect(back)
    if "asked" in http.POST:
        status = 422
        if form.is_valid():
            try:
                text = run(products)
            except (InvalidInput, Conflict) as error:
                form.add_domain_error(error)
            else:
                return done(http, text, to=back)
    shown = products[:20]
    dress(shown)
    context: dict[str, Any] = {
        "form": form,
        "title": title,
        "submit": submit,
        "products": products,
        "shown": shown,
        "next": back,
    }
    return render(http, "catalog/list/several.html", context, status=status)


def bound(http: Request) -> Any:
    """The data of the question, once it was asked."""
    return http.POST if "asked" in http.POST else None
