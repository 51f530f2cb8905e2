"""The list of goods: columns, filters, search, bulk actions; also what exports write.

Prices, codes and pictures of the variants come for the rows of one page or one batch of an export at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.models import Brand, Category, Photo, Product, Variant
from dianke.catalog.queries.photos import main_photos
from dianke.catalog.queries.reading import category_tree
from dianke.catalog.queries.search import narrowed
from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.stores.models import Merchant
from dianke.web.custom_fields import CustomFieldsListing
from dianke.web.formats import money
from dianke.web.listing import (
    BulkAction,
    Column,
    Filter,
    Result,
    as_id,
    choice_filter,
    register,
    yes_no_filter,
)
from dianke.web.listing import Kind as Shown
from dianke.web.listing import State as ListState

VIEW, MANAGE, LABELS = "catalog.view_products", "catalog.manage_products", "catalog.print_labels"
STATE_TONES: dict[str, str] = {
    Product.State.DRAFT: "wait",
    Product.State.ACTIVE: "good",
    Product.State.DISCONTINUED: "wait",
    Product.State.ARCHIVED: "off",
}
KIND_ICONS: dict[str, str] = {
    Product.Kind.GOODS: "package",
    Product.Kind.PIECE: "diamond",
    Product.Kind.SERVICE: "scissors",
    Product.Kind.BUNDLE: "gift",
    Product.Kind.MADE_TO_ORDER: "ruler",
}
MOST_BRANDS = 200
_BATCH = 500


def merchant_currency() -> str:
    """In which base prices are."""
    return Merchant.objects.values_list("currency", flat=True).first() or "CNY"


def category_choices() -> list[tuple[int, str]]:
    """All categories in use as the tree shows them, each indented by its level."""
    return [(each.category.pk, "\u3000" * (each.level - 1) + each.category.name) for each in category_tree()]


def _brands(actor: Actor) -> list[tuple[Any, Any]]:
    rows = Brand.objects.visible_to(actor).filter(archived_at=None)[:MOST_BRANDS]
    return [("none", _("Without a brand")), *((brand.pk, brand.name) for brand in rows)]


def _of_brand(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(brand=None) if value == "none" else rows.filter(brand_id=as_id(value))


def _of_category(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == "none":
        return rows.filter(category=None)
    # A saved view may ask for a category that has become part of another since.
    chosen = Category.objects.filter(pk=as_id(value)).values_list("pk", "merged_into_id").first()
    branch = Category.objects.branch((chosen[1] or chosen[0]) if chosen else 0)
    return rows.filter(category_id__in=branch.values("pk"))


@register
class ProductListing(CustomFieldsListing):
    """The merchant's goods, the newest first; what was put away only when asked for."""

    code = "catalog.products"
    title = _("Goods")
    permission = VIEW
    custom_model = "catalog.product"
    search_fields = ("name",)
    search_hint = _("Name, pinyin, code, barcode or tag")
    default_sort = "-created_at"
    columns = (
        Column(
            "name",
            pgettext_lazy("of a thing", "Name"),
            value=str,
            sort="name",
            link=lambda row: reverse("catalog:product", args=[row.pk]),
            template="catalog/cells/name.html",
            is_title=True,
        ),
        Column("code", pgettext_lazy("of a product", "Code"), sort="code"),
        Column("kind", _("Kind"), is_default=False),
        Column("category", _("Category"), value=lambda row: row.category.name if row.category else ""),
        Column("brand", _("Brand"), value=lambda row: row.brand.name if row.brand else ""),
        Column(
            "price",
            _("Retail price"),
            Shown.NUMBER,
            value=lambda row: getattr(row, "shown_price", ""),
            template="catalog/cells/price.html",
        ),
        Column(
            "variants",
            _("Variants"),
            Shown.NUMBER,
            value=lambda row: getattr(row, "shown_variants", 0),
            is_default=False,
        ),
        Column(
            "state",
            _("State"),
            Shown.STATUS,
            tone=lambda row: STATE_TONES.get(row.state, ""),
        ),
        Column("tracking", _("Stock told apart by"), is_default=False),
        Column("unit", pgettext_lazy("of goods", "Unit"), value=lambda row: row.unit.name, is_default=False),
        Column("aliases", _("Also called"), is_default=False),
        Column("tax_class", _("Tax class"), value=lambda row: str(row.tax_class or ""), is_default=False),
        Column("created_at", _("Since"), Shown.INSTANT, sort="created_at", is_default=False),
        Column("changed_at", _("Last changed"), Shown.INSTANT, sort="changed_at", is_default=False),
    )
    filters = (
        choice_filter("kind", _("Kind"), Product.Kind.choices, quick=True),
        Filter(
            "category",
            _("Category and below"),
            _of_category,
            lambda actor: [("none", _("Without a category")), *category_choices()],
        ),
        Filter("brand", _("Brand"), _of_brand, _brands),
        choice_filter("state", _("State"), Product.State.choices),
        choice_filter("tracking", _("Stock told apart by"), Product.Tracking.choices),
        yes_no_filter(
            "photo",
            _("Photo"),
            condition=Q(Exists(Photo.objects.filter(product=OuterRef("pk"), removed_at=None))),
            yes=_("With a photo"),
            no=_("Without a photo"),
        ),
        yes_no_filter(
            "price",
            _("Price"),
            condition=Q(
                Exists(Variant.objects.filter(product=OuterRef("pk"), is_active=True, price_amount=None))
            ),
            yes=_("A variant has none"),
            no=_("All have one"),
        ),
    )
    bulk_actions = (
        BulkAction("category", _("Category"), "catalog:bulk-category", MANAGE, icon="category"),
        BulkAction("state", _("State"), "catalog:bulk-state", MANAGE, icon="toggle-left"),
        BulkAction("labels", _("Print labels"), "catalog:labels-of-products", LABELS, icon="printer"),
    )

    def queryset(self) -> QuerySet[Product]:
        rows: QuerySet[Product] = Product.objects.visible_to(self.actor)
        # Thousands of hits of a common word are sorted; what no column shows would be carried along.
        return rows.defer("search_words", "description").select_related(
            "category", "brand", "unit", "tax_class"
        )

    def rows(self, state: ListState) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().rows(state)
        return rows if state.filters.get("state") else rows.exclude(state=Product.State.ARCHIVED)

    def search(self, queryset: Any, text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset.filter(narrowed(text))
        keys = [name for name in self.search_fields if name.startswith("custom__")]
        if not keys:
            return found
        condition = Q(pk__in=found.order_by().values("pk"))
        for name in keys:
            condition |= Q(**{f"{name}__icontains": text})
        both: QuerySet[Any] = queryset.filter(condition)
        return both

    def result(self, state: ListState) -> Result:
        """The page with prices and pictures of its rows: three queries more, whatever its length."""
        result = super().result(state)
        dress(result.page.items)
        return result

    def dressed(self, rows: Iterable[Any]) -> Iterator[Any]:
        """Rows of an export, dressed batch by batch."""
        batch: list[Any] = []
        for row in rows:
            batch.append(row)
            if len(batch) == _BATCH:
                dress(batch)
                yield from batch
                batch = []
        dress(batch)
        yield from batch


def dress(rows: Sequence[Any]) -> None:
    """Give each row what its cells show: the range of its base prices, how many variants, a picture."""
    ids = [row.pk for row in rows]
    if not ids:
        return
    currency = merchant_currency()
    of_product = Variant.objects.filter(product__in=ids, is_active=True).values("product_id").order_by()
    prices = {
        each["product_id"]: each
        for each in of_product.annotate(count=Count("pk"), low=Min("price_amount"), high=Max("price_amount"))
    }
    photos = main_photos(ids)
    for row in rows:
        found = prices.get(row.pk, {"count": 0, "low": None, "high": None})
        row.shown_variants = found["count"]
        row.shown_price = price_range(found["low"], found["high"], currency)
        row.shown_photo = photos.get(row.pk)
        row.shown_icon = KIND_ICONS.get(row.kind, "package")


def price_range(low: int | None, high: int | None, currency: str) -> str:
    """ "¥199.00", "¥199.00–¥259.00", or nothing."""
    if low is None or high is None:
        return ""
    first = money(Money.from_minor(low, currency))
    return first if low == high else f"{first}–{money(Money.from_minor(high, currency))}"
