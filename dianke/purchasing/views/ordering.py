"""What is ordered: a new order from the goods a supplier sells, the lines of a draft, added by scan or search."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Product, Variant
from dianke.catalog.queries.search import find, found_by_words
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.core.money import parse
from dianke.purchasing import operations
from dianke.purchasing.forms.orders import NewOrderForm
from dianke.purchasing.forms.parts import quantity_of
from dianke.purchasing.models import PurchaseOrder, Supplier, SupplierPrice
from dianke.purchasing.operations import OrderItem
from dianke.purchasing.queries.offers import price_in_force, prices_for
from dianke.purchasing.queries.supply import stock_of
from dianke.purchasing.rules.amounts import whole_packs
from dianke.purchasing.views.orders import render_order
from dianke.purchasing.views.rows import (
    FORM,
    MAKE,
    chosen_store,
    order_crumbs,
    order_or_404,
    order_url,
    plain,
    sees_costs,
    shown,
    stores_of,
    typed,
)
from dianke.stores.models import Store
from dianke.web.listing import as_id
from dianke.web.responses import done

PAGE = 60
MOST_FOUND = 8


@require_http_methods(FORM)
@requires(MAKE)
def order_new(request: Request) -> HttpResponse:
    """First from whom and for which store, then how much of what the supplier sells."""
    source = request.POST if request.method == "POST" else request.GET
    asked = as_id(source.get("supplier", ""))
    supplier = Supplier.objects.visible_to(request.actor).in_use().filter(pk=asked).first()
    store = chosen_store(request, MAKE)
    if supplier is None or store is None or "choose" in source:
        initial = {"supplier": supplier.pk if supplier else None}
        bound = request.GET if "choose" in request.GET else None
        form = NewOrderForm(bound, actor=request.actor, store=store, initial=initial)
        if bound is not None and form.is_valid():
            data = form.cleaned_data
            return redirect(f"{request.path}?supplier={data['supplier'].pk}&store={data['store'].pk}")
        context = {"form": form, "crumb_list": order_crumbs()}
        return render(
            request, "purchasing/orders/choose.html", context, status=422 if bound is not None else 200
        )
    quantities = _quantities(source)
    error, status = "", 200
    if request.method == "POST" and request.POST.get("act") == "draft":
        items = [OrderItem(pk, quantity) for pk, quantity in quantities.items() if quantity]
        try:
            order = operations.draft_order(
                supplier=supplier, store=store, items=items, actor=request.actor, now=request.now
            )
        except (InvalidInput, Conflict) as raised:
            error, status = str(raised), 422
        else:
            text = _("Draft %(number)s is made.") % {"number": order.number}
            return done(request, text, to=order_url(order))
    return _sheet(request, supplier, store, quantities, source, error=error, status=status)


def _quantities(source: Any) -> dict[int, Decimal]:
    """What was typed per variant: fields `q-<variant>`."""
    found = {}
    for name, text in source.items():
        if name.startswith("q-") and (pk := as_id(name[2:])):
            quantity = quantity_of(text)
            if quantity is not None and quantity >= 0:
                found[pk] = quantity
    return found


def _sheet(
    http: Request,
    supplier: Supplier,
    store: Store,
    quantities: dict[int, Decimal],
    source: Any,
    *,
    error: str,
    status: int,
) -> HttpResponse:
    """The goods the supplier sells, with what is there of them and how much is wanted."""
    day = store.business_date(http.now)
    wanted = "".join(char for char in source.get("q", "") if char.isprintable()).strip()[:60]
    sold = SupplierPrice.objects.in_force(day).filter(supplier=supplier).values("variant_id")
    rows = Variant.objects.filter(pk__in=sold, is_active=True, product__state=Product.State.ACTIVE)
    if wanted:
        codes = Q(code__iexact=wanted) | Q(barcodes__value=wanted) | Q(supplier_prices__supplier_code=wanted)
        rows = rows.filter(codes | Q(pk__in=found_by_words(wanted))).distinct()
    rows = rows.select_related("product__unit").order_by("product__name", "product_id", "position", "pk")
    page = Paginator(rows, PAGE).get_page(source.get("page"))
    variants = list(page.object_list)
    ids = [variant.pk for variant in variants]
    prices = prices_for(ids, store=store, day=day, supplier=supplier)
    stocks = stock_of(ids, store=store)
    shows_costs = sees_costs(http.actor)
    lines = []
    for variant in variants:
        typed_in = quantities.get(variant.pk, Decimal(0))
        theirs = [price for price in prices if price.variant_id == variant.pk]
        price = price_in_force(prices, variant_id=variant.pk, quantity=typed_in) or min(
            theirs, key=lambda each: each.minimum_quantity, default=None
        )
        stock = stocks.get(variant.pk)
        lines.append(
            {
                "variant": variant,
                "unit": variant.product.unit,
                "typed": typed(typed_in) if typed_in else "",
                "on_hand": plain(stock.on_hand) if stock else "0",
                "on_order": plain(stock.on_order) if stock and stock.on_order else "",
                "pack": plain(price.pack_quantity) if price and price.pack_quantity != 1 else "",
                "step": typed(price.pack_quantity) if price else "1",
                "least": plain(price.minimum_quantity) if price and price.minimum_quantity else "",
                "price": shown(price.price_amount, supplier.currency) if price and shows_costs else "",
            }
        )
    context: dict[str, Any] = {
        "supplier": supplier,
        "store": store,
        "lines": lines,
        "page": page,
        "query": wanted,
        "hidden": [
            (pk, typed(quantity)) for pk, quantity in quantities.items() if quantity and pk not in ids
        ],
        "sees_costs": shows_costs,
        "error": error,
        "has_more_stores": stores_of(http.actor, MAKE).count() > 1,
        "crumb_list": order_crumbs(),
    }
    return render(http, "purchasing/orders/new.html", context, status=status)


@require_POST
@requires(MAKE)
def order_lines(request: Request, pk: int) -> HttpResponse:
    """The lines of a draft as they were typed; `code` adds goods by scan, code or name, `variant` those chosen of
    several. A quantity of zero takes a line off."""
    order = order_or_404(request, pk)
    standing = list(order.lines.select_related("variant__product__unit").order_by("position"))
    quantities = _quantities(request.POST)
    texts = {line.variant_id: request.POST.get(f"q-{line.variant_id}", "") for line in standing}
    code = request.POST.get("code", "").strip()[:60]
    try:
        items = []
        for line in standing:
            quantity = quantities.get(line.variant_id)
            if quantity is None:
                raise operations.QuantityWrong(product=str(line.variant))
            if quantity:
                price = _agreed(request, line, order)
                items.append(OrderItem(line.variant_id, quantity, price_amount=price, note=line.note))
        added, choices = _added(request, order, code)
        if choices:
            return render_order(request, order, typed=texts, found=choices, code=code)
        if added is not None:
            items = _with(items, added, order)
        operations.change_order(order=order, values={}, items=items, actor=request.actor, now=request.now)
    except (InvalidInput, Conflict, NotAllowed) as error:
        return render_order(request, order, status=422, typed=texts, error=str(error), code=code)
    text = _("“%(name)s” is added.") % {"name": added} if added is not None else _("Saved.")
    return done(request, text, to=order_url(order))


def _agreed(http: Request, line: Any, order: PurchaseOrder) -> int | None:
    """Another price of the pack than stands, where one was typed by somebody who sees costs."""
    text = http.POST.get(f"p-{line.variant_id}", "").strip()
    if not text or not sees_costs(http.actor):
        return None
    amount = parse(text, order.currency, field="price_amount").to_minor()
    return None if amount == line.price_amount else amount


def _added(http: Request, order: PurchaseOrder, code: str) -> tuple[Variant | None, list[dict[str, Any]]]:
    """The goods to add: the one chosen, the one a code means, or several to choose from. Raises `GoodsNotFound`."""
    chosen = as_id(http.POST.get("variant", ""))
    rows = Variant.objects.visible_to(http.actor).select_related("product__unit")
    if chosen:
        found: Variant = get_object_or_404(rows, pk=chosen)
        return found, []
    if not code:
        return None, []
    hits = [hit.variant for hit in find(http.actor, code, MOST_FOUND)]
    if not hits:
        theirs = SupplierPrice.objects.filter(supplier=order.supplier_id, supplier_code__iexact=code)
        hits = list(rows.filter(pk__in=theirs.values("variant_id"))[:MOST_FOUND])
    unique = {variant.pk: variant for variant in hits}
    if not unique:
        raise operations.GoodsNotFound(wanted=code)
    if len(unique) == 1:
        return next(iter(unique.values())), []
    return None, [{"pk": pk, "name": str(variant), "code": variant.code} for pk, variant in unique.items()]


def _with(items: list[OrderItem], variant: Variant, order: PurchaseOrder) -> list[OrderItem]:
    """One pack of the goods more: scanning a product again orders more of it."""
    day = order.store.business_date(order.made_at)
    prices = prices_for([variant.pk], store=order.store, day=day, supplier=order.supplier)
    price = min(prices, key=lambda each: each.minimum_quantity, default=None)
    pack = price.pack_quantity if price else Decimal(1)
    least = max(pack, price.minimum_quantity if price else pack)
    found = []
    is_there = False
    for item in items:
        if item.variant_id == variant.pk:
            is_there = True
            item = OrderItem(variant.pk, item.quantity + pack, price_amount=item.price_amount, note=item.note)
        found.append(item)
    if not is_there:
        found.append(OrderItem(variant.pk, whole_packs(least, pack)))
    return found


@require_POST
@requires(MAKE)
def order_again(request: Request, pk: int) -> HttpResponse:
    """A new draft of the same goods at the prices of today."""
    order = order_or_404(request, pk)
    if order.state == PurchaseOrder.State.DRAFT:
        raise Http404
    items = [OrderItem(line.variant_id, line.quantity) for line in order.lines.order_by("position")]
    made = operations.draft_order(
        supplier=order.supplier,
        store=order.store,
        stock_place=order.stock_place,
        items=items,
        note=order.note,
        actor=request.actor,
        now=request.now,
    )
    return done(request, _("Draft %(number)s is made.") % {"number": made.number}, to=order_url(made))


def new_order_url(supplier: Supplier) -> str:
    """Where one orders from a supplier."""
    return f"{reverse('purchasing:order-new')}?supplier={supplier.pk}"
