"""Price lists: the list of them, the page of one with its prices, a change of percent with a preview."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.forms.prices import (
    AddPricesForm,
    AdjustForm,
    CategoryPriceForm,
    CopyForm,
    ItemsForm,
    PriceListForm,
)
from dianke.catalog.models import Category, PriceList, Product, Variant
from dianke.catalog.operations import price_lists, prices
from dianke.catalog.operations.price_lists import MANAGE
from dianke.catalog.queries.prices import Adjusted, names_of, preview_adjustment
from dianke.catalog.views.goods import plain, shown
from dianke.catalog.views.listings import VIEW
from dianke.core.errors import Conflict, InvalidInput
from dianke.web.components import Crumb, Fact
from dianke.web.forms import form_view
from dianke.web.list_views import list_view
from dianke.web.listing import Column, Listing, choice_filter, register
from dianke.web.listing import Kind as Shown
from dianke.web.responses import done

FORM = ("GET", "POST")
PAGE = 100
TONES: dict[str, str] = {
    PriceList.State.DRAFT: "wait",
    PriceList.State.ACTIVE: "good",
    PriceList.State.ARCHIVED: "off",
}


@register
class PriceListListing(Listing):
    """Price lists the actor may see."""

    code = "catalog.price_lists"
    title = gettext_lazy("Price lists")
    permission = VIEW
    default_sort = "name"
    search_fields = ("name", "code")
    search_hint = gettext_lazy("Name or code")
    columns = (
        Column(
            "name",
            pgettext_lazy("of a thing", "Name"),
            sort="name",
            is_title=True,
            link=lambda row: reverse("catalog:price-list", args=[row.pk]),
        ),
        Column("code", pgettext_lazy("of a product", "Code"), sort="code"),
        Column("whom", gettext_lazy("For whom"), value=lambda row: whom(row)),
        Column("from_at", gettext_lazy("From"), Shown.DATE, sort="from_at", value=lambda row: row.from_at),
        Column("to_at", gettext_lazy("Until"), Shown.DATE, sort="to_at", value=lambda row: row.to_at),
        Column("count", gettext_lazy("Prices"), Shown.NUMBER, value=lambda row: row.item_count),
        Column("priority", gettext_lazy("Priority"), Shown.NUMBER, sort="priority"),
        Column(
            "state",
            gettext_lazy("State"),
            Shown.STATUS,
            sort="state",
            tone=lambda row: TONES.get(row.state, ""),
        ),
    )
    filters = (choice_filter("state", gettext_lazy("State"), PriceList.State.choices, quick=True),)
    empty = (
        "coin",
        gettext_lazy(
            "Special prices for a store, a member tier, a channel or a period. Without a list the base price counts."
        ),
        gettext_lazy("New price list"),
        "catalog:price-list-new",
        MANAGE,
    )
    action = (gettext_lazy("New price list"), "catalog:price-list-new", MANAGE, "plus")

    def queryset(self) -> QuerySet[PriceList]:
        rows = PriceList.objects.visible_to(self.actor).prefetch_related("stores")
        return rows.annotate(item_count=Count("items"))


price_list_list = list_view(PriceListListing)


def whom(row: PriceList) -> str:
    """ "西湖 · 金卡", or everybody."""
    parts = [
        "、".join(store.short_name for store in row.stores.all()),
        "、".join(row.tiers),
        "、".join(row.channels),
    ]
    if row.contract_customer:
        parts.append(_("one customer"))
    return " · ".join(part for part in parts if part) or _("everybody")


def _list(http: Request, pk: int) -> PriceList:
    found: PriceList = get_object_or_404(
        PriceList.objects.visible_to(http.actor).prefetch_related("stores"), pk=pk
    )
    return found


def _crumbs(row: PriceList | None = None) -> list[Crumb]:
    crumbs = [Crumb(_("Price lists"), reverse("catalog:price-lists"))]
    return [*crumbs, Crumb(row.name, reverse("catalog:price-list", args=[row.pk]))] if row else crumbs


@require_http_methods(FORM)
@requires(VIEW)
def price_list_page(request: Request, pk: int) -> HttpResponse:
    """A price list: what it asks for, and its prices, which change in place."""
    row = _list(request, pk)
    may_change = request.actor.can(MANAGE) and row.state != PriceList.State.ARCHIVED
    if request.method == "POST":
        request.actor.require(MANAGE)
    wanted = "".join(char for char in request.GET.get("q", "") if char.isprintable()).strip()[:60]
    items = row.items.order_by("pk")
    if wanted:
        items = _matching(items, wanted)
    page = Paginator(items, PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    form = ItemsForm(request.POST or None, items=rows, currency=row.currency)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                found = prices.set_prices(
                    price_list=row, prices=form.changes(), actor=request.actor, now=request.now
                )
            except (InvalidInput, Conflict) as error:
                form.add_domain_error(error)
            else:
                text = ngettext("%(count)s price changed.", "%(count)s prices changed.", found.total)
                return done(request, text % {"count": found.total}, to=request.get_full_path())
    names = names_of(rows)
    context: dict[str, Any] = {
        "row": row,
        "tone": TONES.get(PriceList.State(row.state), ""),
        "facts": _facts(row),
        "form": form,
        "query": wanted,
        "lines": [
            {
                "item": item,
                "name": names.get(item.pk, ""),
                "kind": _("variant")
                if item.variant_id
                else _("product")
                if item.product_id
                else _("category"),
                "from": plain(item.min_quantity) if item.min_quantity > 1 else "",
                "field": form[f"price_{item.pk}"],
                "shown": form.fields[f"price_{item.pk}"].initial,
            }
            for item in rows
        ],
        "page": page,
        "may_change": may_change,
        "can_manage": request.actor.can(MANAGE),
        "crumb_list": _crumbs(),
    }
    return render(request, "catalog/prices/list.html", context, status=status)


def _matching(items: Any, text: str) -> Any:
    """Prices for goods that are called so."""
    variants = Variant.objects.filter(search_words__found_by=text).values("pk")
    products = Product.objects.filter(search_words__found_by=text).values("pk")
    categories = Category.objects.filter(name__icontains=text).values("pk")
    return items.filter(Q(variant__in=variants) | Q(product__in=products) | Q(category__in=categories))


def _facts(row: PriceList) -> list[Fact]:
    def day(instant: Any) -> str:
        return f"{timezone.localtime(instant):%Y-%m-%d %H:%M}" if instant else ""

    facts = [
        Fact(_("For whom"), whom(row)),
        Fact(_("From"), day(row.from_at)),
        Fact(_("Until"), day(row.to_at)),
        Fact(_("Priority"), row.priority),
        Fact(_("Currency"), row.currency),
        Fact(_("Note"), row.note),
    ]
    return [fact for fact in facts if fact.value not in (None, "")]


@require_http_methods(FORM)
@requires(MANAGE)
def price_list_form(request: Request, pk: int | None = None) -> HttpResponse:
    """A new price list, or the conditions of an existing one."""
    row = _list(request, pk) if pk else None
    form = PriceListForm(request.POST or None, actor=request.actor, price_list=row)

    def run(data: dict[str, Any]) -> PriceList:
        common: dict[str, Any] = {
            "values": form.list_values(),
            "stores": list(data["stores"]),
            "is_active": data["is_active"],
            "actor": request.actor,
            "now": request.now,
        }
        if row is None:
            return price_lists.create_price_list(**common)
        return price_lists.change_price_list(price_list=row, **common)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Change %(name)s") % {"name": row.name} if row else _("New price list"),
        success=_("Saved."),
        redirect_to=lambda made: reverse("catalog:price-list", args=[made.pk]),
        cancel_url=reverse("catalog:price-list", args=[pk]) if pk else reverse("catalog:price-lists"),
        context={"crumb_list": _crumbs(row)},
    )


@require_http_methods(FORM)
@requires(MANAGE)
def prices_add(request: Request, pk: int) -> HttpResponse:
    """Further prices of a list, typed or pasted."""
    row = _list(request, pk)
    form = AddPricesForm(request.POST or None, currency=row.currency)

    def run(data: dict[str, Any]) -> Any:
        return prices.set_prices(price_list=row, prices=form.prices, actor=request.actor, now=request.now)

    return _of_list(request, row, form, run, _("Add prices"))


@require_http_methods(FORM)
@requires(MANAGE)
def category_price(request: Request, pk: int) -> HttpResponse:
    """A share of the base price for a whole category."""
    row = _list(request, pk)
    form = CategoryPriceForm(request.POST or None)

    def run(data: dict[str, Any]) -> Any:
        price = prices.Price(category_id=data["category"], percent_bp=data["percent_bp"])
        return prices.set_prices(price_list=row, prices=[price], actor=request.actor, now=request.now)

    return _of_list(request, row, form, run, _("Price for a category"))


def _of_list(http: Request, row: PriceList, form: Any, run: Any, title: str) -> HttpResponse:
    def told(found: Any) -> str:
        text = ngettext("%(count)s price changed.", "%(count)s prices changed.", found.total)
        return text % {"count": found.total}

    back = reverse("catalog:price-list", args=[row.pk])
    return form_view(
        http,
        form=form,
        run=run,
        title=title,
        success=told,
        redirect_to=back,
        cancel_url=back,
        template="catalog/product/form.html",
        context={"crumb_list": _crumbs(row)},
    )


@require_http_methods(FORM)
@requires(MANAGE)
def adjust(request: Request, pk: int) -> HttpResponse:
    """Raise or lower the prices of a list by percent: first a preview, then it counts."""
    row = _list(request, pk)
    form, status = AdjustForm(request.POST or None), 200
    back = reverse("catalog:price-list", args=[pk])
    count = 0
    lines: list[Adjusted] = []
    if request.method == "POST":
        status = 422
        if form.is_valid():
            change_bp, unit = int(form.cleaned_data["change"] * 100), form.cleaned_data["unit"]
            category = form.chosen_category()
            try:
                prices.check_adjustment(change_bp, unit)
                if "confirmed" in request.POST:
                    expected = request.POST.get("expected", "")
                    found = prices.adjust_prices(
                        price_list=row,
                        change_bp=change_bp,
                        unit=unit,
                        category=category,
                        expected=int(expected) if expected.isdecimal() and len(expected) < 9 else None,
                        actor=request.actor,
                        now=request.now,
                    )
                    text = ngettext("%(count)s price changed.", "%(count)s prices changed.", found.total)
                    return done(request, text % {"count": found.total}, to=back)
            except (InvalidInput, Conflict) as error:
                form.add_domain_error(error)
            if "again" not in request.POST and not form.errors:
                count, lines = preview_adjustment(
                    row, change_bp=change_bp, unit=unit, category=category, limit=50
                )
                status = 200
                if not count:
                    form.add_error(None, _("No price of this list changes by that."))
                    status = 422
    context = {
        "form": form,
        "row": row,
        "count": count,
        "lines": [
            {
                "name": line.name,
                "from": plain(line.min_quantity) if line.min_quantity > 1 else "",
                "before": shown(line.before, row.currency),
                "after": shown(line.after, row.currency),
            }
            for line in lines
        ],
        "back": back,
        "crumb_list": _crumbs(row),
    }
    return render(request, "catalog/prices/adjust.html", context, status=status)


@require_http_methods(FORM)
@requires(MANAGE)
def copy(request: Request, pk: int) -> HttpResponse:
    """A draft with the same conditions and prices."""
    row = _list(request, pk)
    initial = {"name": _("%(name)s (copy)") % {"name": row.name}, "code": f"{row.code[:20]}-2"}
    form = CopyForm(request.POST or None, initial=initial)

    def run(data: dict[str, Any]) -> PriceList:
        return prices.copy_price_list(price_list=row, values=data, actor=request.actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Copy %(name)s") % {"name": row.name},
        success=_("Copied as a draft: it counts once it is in use."),
        redirect_to=lambda made: reverse("catalog:price-list", args=[made.pk]),
        cancel_url=reverse("catalog:price-list", args=[pk]),
        context={"crumb_list": _crumbs(row)},
    )


@require_POST
@requires(MANAGE)
def price_list_state(request: Request, pk: int) -> HttpResponse:
    """Bring into use, take out, put away, bring back."""
    row = _list(request, pk)
    wanted = request.POST.get("state", "")
    who: dict[str, Any] = {"price_list": row, "actor": request.actor, "now": request.now}
    if wanted == "ARCHIVED":
        row = price_lists.archive_price_list(**who)
        text = _("“%(name)s” is archived and counts no more.")
    elif wanted == "RESTORED":
        row = price_lists.restore_price_list(**who)
        text = _("“%(name)s” is back as a draft.")
    elif wanted in ("ACTIVE", "DRAFT"):
        row = price_lists.change_price_list(values={}, is_active=wanted == "ACTIVE", **who)
        text = (
            _("“%(name)s” is in use.")
            if wanted == "ACTIVE"
            else _("“%(name)s” is a draft again and does not count.")
        )
    else:
        raise Http404
    return done(request, text % {"name": row.name}, to=reverse("catalog:price-list", args=[pk]))
