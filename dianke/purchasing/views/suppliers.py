"""Suppliers: the list, the page of one with prices, orders and how it keeps its word, and what is done to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Variant
from dianke.catalog.queries.search import found_by_words
from dianke.core.custom_fields import specs_for
from dianke.purchasing import operations
from dianke.purchasing.forms.suppliers import EndPriceForm, PriceForm, SupplierForm
from dianke.purchasing.models import PurchaseOrder, Supplier, SupplierPrice
from dianke.purchasing.models.suppliers import COSTS
from dianke.purchasing.queries.performance import supplier_reports
from dianke.purchasing.rules.reasons import percent_text
from dianke.purchasing.views.ordering import new_order_url
from dianke.purchasing.views.rows import (
    FORM,
    MAKE,
    MANAGE,
    ORDER_TONES,
    SUPPLIER_TONES,
    VIEW,
    history_page,
    plain,
    sees_costs,
    shown,
    supplier_crumbs,
    supplier_or_404,
)
from dianke.purchasing.views.supplier_listings import PerformanceListing, SupplierListing, stars, terms_text
from dianke.stores.queries import local_date
from dianke.web.components import Fact, Stat
from dianke.web.custom_fields import facts_of
from dianke.web.forms import form_view
from dianke.web.list_views import list_context, list_view
from dianke.web.listing import as_id
from dianke.web.responses import done

PRICES = 50
YEAR = 365
performance_list = list_view(PerformanceListing, "purchasing/suppliers/performance.html")


@require_GET
@requires(VIEW)
def supplier_list(request: Request) -> HttpResponse:
    """The list, or its rows when filters change."""
    is_part = request.headers.get("HX-Target", "").endswith("#list")
    context = list_context(request, SupplierListing)
    may = request.actor.can(MANAGE)
    context |= {
        "new_url": reverse("purchasing:supplier-new") if may else "",
        "import_url": f"{reverse('imports:new')}?importer=suppliers"
        if may and request.actor.can("imports.run_imports")
        else "",
        "sees_costs": sees_costs(request.actor),
    }
    response = render(request, "web/list.html#rows" if is_part else "purchasing/suppliers/list.html", context)
    if is_part:
        query = context["query_string"]
        response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
    return response


@require_GET
@requires(VIEW)
def supplier_page(request: Request, pk: int) -> HttpResponse:
    """A supplier: terms, contact, prices (for who sees costs), orders, and how it keeps its word."""
    supplier, actor = supplier_or_404(request, pk), request.actor
    shows_costs, today = sees_costs(actor), local_date(request.now)
    report = next(
        iter(
            supplier_reports(
                from_date=today - timedelta(days=YEAR),
                to_date=today + timedelta(days=1),
                today=today,
                actor=actor,
                supplier_ids=[supplier.pk],
            )
        ),
        None,
    )
    orders = PurchaseOrder.objects.visible_to(actor).filter(supplier=supplier).select_related("store")
    context: dict[str, Any] = {
        "supplier": supplier,
        "tone": SUPPLIER_TONES.get(supplier.state, ""),
        "stars": stars(supplier.rating),
        "stats": _stats(report, shows_costs),
        "facts": _facts(supplier),
        "reach": _reach(supplier),
        "entities": list(supplier.legal_entities.all()),
        "custom_facts": facts_of(specs_for("purchasing.supplier"), supplier.custom),
        "orders": [
            {
                "order": order,
                "tone": ORDER_TONES.get(order.state, ""),
                "total": shown(order.total_amount, order.currency) if shows_costs else "",
            }
            for order in orders.order_by("-made_at", "-pk")[:8]
        ],
        "sees_costs": shows_costs,
        "may_manage": actor.can(MANAGE),
        "may_price": actor.can(MANAGE) and shows_costs,
        "reveal_url": f"{reverse('reveal')}?field=purchasing.supplier.contact_phone&subject={supplier.pk}"
        if supplier.contact_phone and actor.can(MAKE)
        else "",
        "order_url": new_order_url(supplier) if actor.can(MAKE) and supplier.may_be_ordered_from else "",
        "import_url": f"{reverse('imports:new')}?importer=supplier_prices"
        if actor.can(MANAGE) and shows_costs and actor.can("imports.run_imports")
        else "",
        "today": today,
        "crumb_list": supplier_crumbs(),
    }
    if shows_costs:
        context |= _prices(request, supplier)
    return render(request, "purchasing/suppliers/supplier.html", context)


def _stats(report: Any, shows_costs: bool) -> list[Stat]:
    """How it kept its word in the last year, as figures."""
    if report is None or report.performance.score is None:
        return []
    found = report.performance

    def share(value: int | None) -> str:
        return "–" if value is None else percent_text(value)

    stats = [
        Stat(_("On time"), share(found.on_time_bp), note=_("of the lines due in 12 months")),
        Stat(_("Complete"), share(found.complete_bp), note=_("of what was ordered")),
        Stat(_("With faults"), share(found.defect_bp), note=_("of what came")),
        Stat(
            _("Days late on average"),
            "–" if found.average_delay_days is None else str(found.average_delay_days),
        ),
    ]
    if shows_costs:
        bought = " + ".join(shown(amount, code) for code, amount in sorted(report.bought.items()))
        stats.append(Stat(_("Bought for"), bought, note=_("in 12 months")))
    return stats


def _facts(supplier: Supplier) -> list[Fact]:
    facts = [
        Fact(_("Registered name"), supplier.name),
        Fact(_("Tax number"), supplier.tax_number),
        Fact(_("Days to deliver"), supplier.lead_days),
        Fact(_("Payment"), terms_text(supplier)),
        Fact(
            _("Least order"),
            shown(supplier.minimum_order_amount, supplier.currency) if supplier.minimum_order_amount else "",
        ),
        Fact(_("Currency"), supplier.currency),
        Fact(_("Invoices give the tax back"), _("Yes") if supplier.is_tax_deductible else _("No")),
    ]
    return [fact for fact in facts if fact.value not in (None, "")]


def _reach(supplier: Supplier) -> list[Fact]:
    facts = [
        Fact(pgettext("person", "Contact"), supplier.contact_name),
        Fact(_("Email for orders"), supplier.order_email),
        Fact(_("Switchboard"), supplier.telephone),
        Fact(_("Address"), supplier.address),
        Fact(_("Website"), supplier.website, url=supplier.website),
    ]
    return [fact for fact in facts if fact.value not in (None, "")]


def _prices(http: Request, supplier: Supplier) -> dict[str, Any]:
    """A page of the prices in force or to come; earlier ones stand in the comparison."""
    wanted = "".join(char for char in http.GET.get("q", "") if char.isprintable()).strip()[:60]
    today = local_date(http.now)
    rows = SupplierPrice.objects.visible_to(http.actor).filter(supplier=supplier)
    rows = rows.filter(Q(to_date=None) | Q(to_date__gt=today))
    if wanted:
        goods = Q(variant__in=found_by_words(wanted)) | Q(variant__code__iexact=wanted)
        rows = rows.filter(goods | Q(supplier_code__iexact=wanted))
    rows = rows.select_related("variant__product__unit").order_by(
        "variant__product__name", "variant_id", "minimum_quantity", "from_date"
    )
    page = Paginator(rows, PRICES).get_page(http.GET.get("page"))
    return {
        "query": wanted,
        "page": page,
        "prices": [_price_row(price, supplier, today) for price in page.object_list],
    }


def _price_row(price: SupplierPrice, supplier: Supplier, today: Any) -> dict[str, Any]:
    unit = str(price.variant.product.unit)
    each = price.price_amount / price.pack_quantity if price.pack_quantity != 1 else None
    return {
        "price": price,
        "name": str(price.variant),
        "amount": shown(price.price_amount, supplier.currency),
        "pack": f"{plain(price.pack_quantity)} {unit}/{price.pack_name or _('pack')}"
        if price.pack_quantity != 1
        else unit,
        "each": shown(int(each.to_integral_value()), supplier.currency) if each is not None else "",
        "tax": percent_text(price.tax_rate_bp) if price.tax_rate_bp else "",
        "least": plain(price.minimum_quantity) if price.minimum_quantity else "",
        "is_coming": price.from_date > today,
    }


# --- written ---------------------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(MANAGE)
def supplier_form(request: Request, pk: int | None = None) -> HttpResponse:
    """A new supplier, or another word about one."""
    supplier = supplier_or_404(request, pk) if pk else None
    form = SupplierForm(request.POST or None, actor=request.actor, supplier=supplier)
    if supplier is None and request.method == "GET":
        form.initial["code"] = _next_code()

    def run(data: dict[str, Any]) -> Supplier:
        common: dict[str, Any] = {
            "values": form.supplier_values(),
            "legal_entities": list(data["legal_entities"]),
            "actor": request.actor,
            "now": request.now,
        }
        if supplier is None:
            return operations.add_supplier(**common)
        return operations.change_supplier(supplier=supplier, **common)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Change %(name)s") % {"name": supplier.short_name} if supplier else _("New supplier"),
        success=_("Saved."),
        redirect_to=lambda made: reverse("purchasing:supplier", args=[made.pk]),
        cancel_url=reverse("purchasing:supplier", args=[pk]) if pk else reverse("purchasing:suppliers"),
        context={
            "crumb_list": supplier_crumbs(supplier),
            "draft": "" if supplier else "purchasing.supplier.new",
        },
    )


def _next_code() -> str:
    """A code nobody has: "S0012"."""
    number = Supplier.objects.count() + 1
    taken = set(Supplier.objects.filter(code__startswith="S").values_list("code", flat=True))
    while f"S{number:04}" in taken:
        number += 1
    return f"S{number:04}"


@require_POST
@requires(MANAGE)
def supplier_state(request: Request, pk: int) -> HttpResponse:
    """Pause, put away, use again."""
    supplier, wanted = supplier_or_404(request, pk), request.POST.get("state", "")
    if wanted not in Supplier.State.values:
        raise Http404
    supplier = operations.set_supplier_state(
        supplier=supplier, state=wanted, actor=request.actor, now=request.now
    )
    told = {
        "ACTIVE": _("“%(name)s” is used again."),
        "PAUSED": _("“%(name)s” is paused: no new orders."),
        "ARCHIVED": _("“%(name)s” is put away."),
    }
    text = told[wanted] % {"name": supplier.short_name}
    return done(request, text, to=reverse("purchasing:supplier", args=[pk]))


@require_GET
@requires(VIEW)
def supplier_history(request: Request, pk: int) -> HttpResponse:
    """Who did what to the supplier."""
    supplier = supplier_or_404(request, pk)
    return history_page(request, supplier, name=supplier.short_name, crumbs=supplier_crumbs(supplier))


@require_http_methods(FORM)
@requires(MANAGE)
def price_new(request: Request, pk: int) -> HttpResponse:
    """A price from a day on; of goods it sells already (`?price=`) everything is filled in."""
    request.actor.require(COSTS)
    supplier = supplier_or_404(request, pk)
    prices = SupplierPrice.objects.visible_to(request.actor).select_related("variant__product")
    standing = prices.filter(supplier=supplier, pk=as_id(request.GET.get("price", ""))).first()
    wanted = as_id(request.GET.get("variant", ""))
    variant = Variant.objects.visible_to(request.actor).filter(pk=wanted).first() if wanted else None
    form = PriceForm(
        request.POST or None,
        actor=request.actor,
        supplier=supplier,
        today=local_date(request.now),
        price=standing,
        variant=variant,
    )

    def run(data: dict[str, Any]) -> SupplierPrice:
        if form.variant is None:
            raise operations.GoodsUnknown
        return operations.set_price(
            supplier=supplier, variant=form.variant, actor=request.actor, now=request.now, **form.values()
        )

    back = reverse("purchasing:supplier", args=[pk])
    title = _("New price of %(name)s") % {"name": form.variant or supplier.short_name}
    return form_view(
        request,
        form=form,
        run=run,
        title=title,
        success=_("Saved. The price before ends that day."),
        redirect_to=back,
        cancel_url=back,
        context={"crumb_list": supplier_crumbs(supplier)},
    )


@require_http_methods(FORM)
@requires(MANAGE)
def price_end(request: Request, pk: int) -> HttpResponse:
    """The supplier sells it no more."""
    request.actor.require(COSTS)
    rows = SupplierPrice.objects.visible_to(request.actor).select_related("supplier", "variant__product")
    price = get_object_or_404(rows, pk=pk)
    form = EndPriceForm(
        request.POST or None, initial={"to_date": local_date(request.now) + timedelta(days=1)}
    )

    def run(data: dict[str, Any]) -> SupplierPrice:
        return operations.end_price(
            price=price, to_date=data["to_date"], actor=request.actor, now=request.now
        )

    back = reverse("purchasing:supplier", args=[price.supplier_id])
    return form_view(
        request,
        form=form,
        run=run,
        title=_("End the price of %(name)s") % {"name": price.variant},
        success=_("The price ends that day."),
        submit=_("End it"),
        redirect_to=back,
        cancel_url=back,
        context={"crumb_list": supplier_crumbs(price.supplier)},
    )
