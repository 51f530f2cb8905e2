"""What goods are sorted, counted and taxed by: the tree of categories, brands, units, tax classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.forms.settings import (
    BrandForm,
    CategoryForm,
    TaxClassForm,
    TaxRateForm,
    UnitForm,
    WhereForm,
)
from dianke.catalog.models import Brand, Category, PriceListItem, Product, TaxClass, Unit
from dianke.catalog.operations import brands, categories, units
from dianke.catalog.queries.reading import category_tree
from dianke.catalog.rules.sayings import percent
from dianke.catalog.views.goods import plain, shown
from dianke.catalog.views.listings import MANAGE, VIEW
from dianke.core.errors import Conflict, InvalidInput
from dianke.web.components import Crumb
from dianke.web.forms import KitForm, form_view
from dianke.web.listing import as_id
from dianke.web.responses import done

FORM = ("GET", "POST")
TAXES = units.TAXES


def _form(
    http: Request,
    form: KitForm,
    run: Callable[[dict[str, Any]], Any],
    title: str,
    back: str,
    *,
    success: str = "",
    submit: str = "",
) -> HttpResponse:
    """One small form of a list of settings."""
    more = {"submit": submit} if submit else {}
    return form_view(
        http,
        form=form,
        run=run,
        title=title,
        success=success or _("Saved."),
        redirect_to=reverse(back),
        cancel_url=reverse(back),
        **more,  # type: ignore[arg-type]
    )


# --- categories ------------------------------------------------------------------------------------------------------
@require_GET
@requires(VIEW)
def category_page(request: Request) -> HttpResponse:
    """The tree, with how many products stand in each category."""
    counts = dict(
        Product.objects.exclude(state=Product.State.ARCHIVED)
        .exclude(category=None)
        .values_list("category")
        .annotate(count=Count("pk"))
        .order_by()
    )
    rows = [
        {
            "category": each.category,
            "level": each.level,
            "full_name": each.full_name,
            "count": counts.get(each.category.pk, 0),
        }
        for each in category_tree()
    ]
    siblings: dict[int | None, list[int]] = {}
    for row in rows:
        siblings.setdefault(row["category"].parent_id, []).append(row["category"].pk)
    for row in rows:
        row["is_first"] = siblings[row["category"].parent_id][0] == row["category"].pk
    merged = Category.objects.exclude(merged_into=None).select_related("merged_into").order_by("-archived_at")
    context = {"rows": rows, "merged": merged[:30], "can_manage": request.actor.can(MANAGE)}
    return render(request, "catalog/settings/categories.html", context)


def _category(pk: int) -> Category:
    found: Category = get_object_or_404(Category.objects.in_use(), pk=pk)
    return found


@require_http_methods(FORM)
@requires(MANAGE)
def category_new(request: Request) -> HttpResponse:
    """A further category, at the top or `?inside=` another."""
    parent = _category(as_id(request.GET["inside"])) if request.GET.get("inside") else None
    form = CategoryForm(request.POST or None)

    def run(data: dict[str, Any]) -> Category:
        return categories.add_category(name=data["name"], parent=parent, actor=request.actor, now=request.now)

    title = _("New category inside %(name)s") % {"name": parent} if parent else _("New category")
    return _form(request, form, run, title, "catalog:categories")


@require_http_methods(FORM)
@requires(MANAGE)
def category_rename(request: Request, pk: int) -> HttpResponse:
    """Another name."""
    found = _category(pk)
    form = CategoryForm(request.POST or None, initial={"name": found.name})

    def run(data: dict[str, Any]) -> Category:
        return categories.rename_category(
            category=found, name=data["name"], actor=request.actor, now=request.now
        )

    return _form(request, form, run, _("Rename %(name)s") % {"name": found}, "catalog:categories")


@require_http_methods(FORM)
@requires(MANAGE)
def category_move(request: Request, pk: int) -> HttpResponse:
    """Put a category with its branch elsewhere."""
    found = _category(pk)
    form = WhereForm(request.POST or None, category=found, is_merge=False)

    def run(data: dict[str, Any]) -> Category:
        return categories.move_category(
            category=found, parent=form.chosen(), actor=request.actor, now=request.now
        )

    title = _("Move %(name)s with everything below it") % {"name": found}
    return _form(request, form, run, title, "catalog:categories", submit=_("Move"))


@require_http_methods(FORM)
@requires(MANAGE)
def category_merge(request: Request, pk: int) -> HttpResponse:
    """Make a category part of another: what happens is shown first."""
    found, back = _category(pk), reverse("catalog:categories")
    form = WhereForm(request.POST or None, category=found, is_merge=True)
    title, status = _("Merge %(name)s into another category") % {"name": found}, 200
    context: dict[str, Any] = {"crumb_list": [Crumb(pgettext("of goods", "Categories"), back)], "back": back}
    if request.method == "POST":
        into = form.chosen() if form.is_valid() else None
        status = 200 if into else 422
        if into and "confirmed" in request.POST and "again" not in request.POST:
            try:
                categories.merge_category(category=found, into=into, actor=request.actor, now=request.now)
            except (InvalidInput, Conflict) as error:
                form.add_domain_error(error)
                status = 422
            else:
                text = _("“%(name)s” is part of “%(into)s” now.") % {"name": found, "into": into}
                return done(request, text, to=back)
        elif into and "again" not in request.POST:
            context |= _consequences(found, into)
    return render(
        request,
        "catalog/settings/merge.html",
        {"form": form, "title": title, "found": found, **context},
        status=status,
    )


def _consequences(found: Category, into: Category) -> dict[str, Any]:
    """What a merge would do, in words."""
    products = Product.objects.filter(category=found).count()
    below = Category.objects.in_use().filter(path__contains=[found.pk]).count()
    clashes = categories.clashing_prices(found, into)
    prices = PriceListItem.objects.filter(category=found).count() - len(clashes)
    kept = {
        (item.price_list_id, item.min_quantity): item for item in PriceListItem.objects.filter(category=into)
    }
    lines = [
        ngettext("%(count)s product goes there.", "%(count)s products go there.", products)
        % {"count": products},
        ngettext("%(count)s category below goes along.", "%(count)s categories below go along.", below)
        % {"count": below},
        ngettext(
            "%(count)s price of a price list counts for the other category.",
            "%(count)s prices of price lists count for the other category.",
            prices,
        )
        % {"count": prices},
    ]
    return {
        "into": into,
        "consequences": [line for line, count in zip(lines, (products, below, prices), strict=True) if count],
        "clashes": [
            {
                "list": item.price_list,
                "from": plain(item.min_quantity) if item.min_quantity > 1 else "",
                "gone": _said(item),
                "kept": _said(kept[item.price_list_id, item.min_quantity], item.price_list.currency),
            }
            for item in clashes
        ],
    }


def _said(item: PriceListItem, currency: str = "") -> str:
    if item.percent_bp is not None:
        return percent(item.percent_bp)
    return shown(item.price_amount, currency or item.price_list.currency)


@require_POST
@requires(MANAGE)
def category_up(request: Request, pk: int) -> HttpResponse:
    """One place further up among its siblings."""
    found = _category(pk)
    rows = Category.objects.in_use().filter(parent=found.parent_id).order_by("position", "pk")
    order = list(rows.values_list("pk", flat=True))
    place = order.index(found.pk)
    if place:
        order[place - 1], order[place] = order[place], order[place - 1]
        categories.sort_categories(parent=found.parent, order=order, actor=request.actor, now=request.now)
    return done(request, _("Moved up."), to=reverse("catalog:categories"))


# --- brands ----------------------------------------------------------------------------------------------------------
@require_GET
@requires(VIEW)
def brand_list(request: Request) -> HttpResponse:
    """Brands with how many products each has."""
    counted = Count("products", filter=~Q(products__state=Product.State.ARCHIVED))
    rows = list(Brand.objects.annotate(count=counted).order_by("name")[:1000])
    context = {
        "rows": [row for row in rows if row.archived_at is None],
        "archived": [row for row in rows if row.archived_at is not None],
        "can_manage": request.actor.can(MANAGE),
    }
    return render(request, "catalog/settings/brands.html", context)


@require_http_methods(FORM)
@requires(MANAGE)
def brand_form(request: Request, pk: int | None = None) -> HttpResponse:
    """A new brand, or an existing one."""
    found = get_object_or_404(Brand, pk=pk) if pk else None
    initial = {"name": found.name, "aliases": found.aliases} if found else None
    form = BrandForm(request.POST or None, initial=initial)

    def run(data: dict[str, Any]) -> Brand:
        if found is None:
            return brands.add_brand(**data, actor=request.actor, now=request.now)
        return brands.change_brand(brand=found, values=data, actor=request.actor, now=request.now)

    return _form(request, form, run, found.name if found else _("New brand"), "catalog:brands")


@require_POST
@requires(MANAGE)
def brand_state(request: Request, pk: int) -> HttpResponse:
    """Offer a brand no more, or again."""
    found = get_object_or_404(Brand, pk=pk)
    values = {"is_archived": found.archived_at is None}
    found = brands.change_brand(brand=found, values=values, actor=request.actor, now=request.now)
    text = (
        _("“%(name)s” is offered again.")
        if found.archived_at is None
        else _("“%(name)s” is offered no more.")
    )
    return done(request, text % {"name": found.name}, to=reverse("catalog:brands"))


# --- units and taxes -------------------------------------------------------------------------------------------------
@require_GET
@requires(MANAGE)
def measures(request: Request) -> HttpResponse:
    """Units and tax classes, with the rate of today."""
    today = timezone.localtime(request.now).date()
    classes = []
    for tax in TaxClass.objects.prefetch_related("rates"):
        rates = sorted(tax.rates.all(), key=lambda rate: rate.from_date)
        now = [rate for rate in rates if rate.from_date <= today]
        classes.append(
            {
                "tax": tax,
                "rate": now[-1] if now else None,
                "coming": [r for r in rates if r.from_date > today],
            }
        )
    context = {
        "units": Unit.objects.all(),
        "classes": classes,
        "can_tax": request.actor.can(TAXES),
        "crumb_list": [Crumb(_("Settings"), reverse("settings"))],
    }
    return render(request, "catalog/settings/measures.html", context)


@require_http_methods(FORM)
@requires(MANAGE)
def unit_new(request: Request) -> HttpResponse:
    """A further unit."""
    form = UnitForm(request.POST or None)

    def run(data: dict[str, Any]) -> Unit:
        return units.add_unit(**data, actor=request.actor, now=request.now)

    return _form(request, form, run, _("New unit"), "catalog:measures")


@require_http_methods(FORM)
@requires(TAXES)
def tax_class_new(request: Request) -> HttpResponse:
    """A further tax class with its first rate."""
    today = timezone.localtime(request.now).date()
    form = TaxClassForm(request.POST or None, initial={"from_date": today})

    def run(data: dict[str, Any]) -> TaxClass:
        return units.add_tax_class(**data, actor=request.actor, now=request.now)

    return _form(request, form, run, _("New tax class"), "catalog:measures")


@require_http_methods(FORM)
@requires(TAXES)
def tax_rate(request: Request, pk: int) -> HttpResponse:
    """Another rate of a class from a day on."""
    found = get_object_or_404(TaxClass, pk=pk)
    form = TaxRateForm(request.POST or None, initial={"from_date": timezone.localtime(request.now).date()})

    def run(data: dict[str, Any]) -> Any:
        return units.set_tax_rate(tax_class=found, **data, actor=request.actor, now=request.now)

    return _form(request, form, run, _("Rate of %(name)s") % {"name": found}, "catalog:measures")
