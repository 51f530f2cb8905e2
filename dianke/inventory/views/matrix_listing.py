"""The matrix of stock as a list of the kit: a row is a variant, a column a store the actor looks into. Figures come for
the rows of one page or one batch of an export at once, so the number of queries is the same for one row or fifty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Brand, Category, Product, Unit, Variant
from dianke.catalog.queries.reading import category_tree
from dianke.core.actor import Actor
from dianke.core.paging import Page, keyset_page
from dianke.inventory.models import StockAlert
from dianke.inventory.queries import matrix
from dianke.inventory.queries.matrix import StoreStock
from dianke.inventory.queries.stores import stores_of
from dianke.inventory.views.addresses import plain, shown
from dianke.stores.models import Store
from dianke.web.formats import moment
from dianke.web.listing import COUNT_LIMIT, Column, Filter, Kind, Listing, Result, State, as_id, register

MOST_BRANDS = 200
_BATCH = 500
_STATES = (
    ("low", pgettext_lazy("of stock", "Low")),
    ("negative", _("Below zero")),
    ("none", _("None in stock")),
    ("some", _("In stock")),
    ("slow", _("Slow")),
)


class Cell(Decimal):
    """A figure of the matrix: a number for files and sorting, and what the screen says around it."""

    variant_id: int
    store_id: int
    stock: StoreStock
    text: str
    typed: str
    tone: str

    @classmethod
    def of(cls, variant_id: int, store_id: int, stock: StoreStock, *, is_free: bool) -> Self:
        cell = cls(stock.available if is_free else stock.quantity)
        cell.variant_id, cell.store_id, cell.stock = variant_id, store_id, stock
        cell.text, cell.typed = shown(cell), plain(cell)
        cell.tone = (
            "is-short" if stock.is_short else "is-low" if stock.is_low else "is-over" if stock.is_over else ""
        )
        return cell

    @property
    def may_leave(self) -> str:
        """How much of it a transfer may take, as typed; "" where there is nothing to take."""
        return plain(self.stock.available) if self.stock.available > 0 else ""


def _as_is(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows


def _of_category(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == "none":
        return rows.filter(product__category=None)
    chosen = Category.objects.filter(pk=as_id(value)).values_list("pk", "merged_into_id").first()
    branch = Category.objects.branch((chosen[1] or chosen[0]) if chosen else 0)
    return rows.filter(product__category__in=branch.values("pk"))


def _of_brand(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(product__brand=None if value == "none" else as_id(value))


def _categories(actor: Actor) -> list[tuple[Any, Any]]:
    tree = [(each.category.pk, "\u3000" * (each.level - 1) + each.category.name) for each in category_tree()]
    return [("none", _("Without a category")), *tree]


def _brands(actor: Actor) -> list[tuple[Any, Any]]:
    rows = Brand.objects.visible_to(actor).filter(archived_at=None)[:MOST_BRANDS]
    return [("none", _("Without a brand")), *((brand.pk, brand.name) for brand in rows)]


def _stores(actor: Actor) -> list[tuple[Any, Any]]:
    """Regions with more than one store, then the stores."""
    found = stores_of(actor)
    regions: dict[int, list[Store]] = {}
    for store in found:
        if store.region is not None:
            regions.setdefault(store.region.pk, []).append(store)
    groups = [
        (f"r{pk}", str(stores[0].region)) for pk, stores in regions.items() if 1 < len(stores) < len(found)
    ]
    return [*groups, *((store.pk, store.short_name) for store in found)]


def instant_of(text: str) -> datetime | None:
    """What the field of an instant holds, in the active time zone; None for what is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if timezone.is_aware(found) else found.replace(tzinfo=timezone.get_current_timezone())


@register
class StockListing(Listing):
    """What lies where, variant by variant: the newest goods first."""

    code = "inventory.stock"
    title = pgettext_lazy("of goods", "Stock")
    permission = "inventory.view_stock"
    search_fields = ("search_words",)
    search_hint = _("Name, pinyin, code, barcode or tag")
    default_sort = "-pk"
    columns = ()
    filters = (
        Filter("state", pgettext_lazy("of stock", "State"), _as_is, lambda actor: _STATES, is_quick=True),
        Filter("store", _("Stores"), _as_is, _stores),
        Filter("category", _("Category and below"), _of_category, _categories),
        Filter("brand", _("Brand"), _of_brand, _brands),
        Filter(
            "figure",
            _("Figure shown"),
            _as_is,
            lambda actor: (("available", _("What can still be sold or promised")),),
        ),
        Filter("at", _("As of"), _as_is, kind="instant"),
    )

    def __init__(self, actor: Actor, now: datetime) -> None:
        super().__init__(actor, now)
        # The store one works in stands first.
        self.stores: list[Store] = sorted(stores_of(actor), key=lambda store: store.pk != actor.store_id)
        self.shelves: dict[int, int] = matrix.shelves_of([store.pk for store in self.stores])
        self.at: datetime | None = None
        self.is_free = False

    # --- what is asked for -----------------------------------------------------------------------------------
    def state(self, params: QueryDict) -> State:
        """The state, and with it which stores and which instant the columns tell of."""
        state = super().state(params)
        chosen = state.filters.get("store", "")
        if chosen.startswith("r"):
            self.stores = [store for store in self.stores if store.region_id == as_id(chosen[1:])]
        elif chosen:
            self.stores = [store for store in self.stores if store.pk == as_id(chosen)]
        kept = {store.pk for store in self.stores}
        self.shelves = {shelf: store for shelf, store in self.shelves.items() if store in kept}
        at = instant_of(state.filters.get("at", ""))
        self.at = at if at is not None and at < self.now else None
        self.is_free = state.filters.get("figure") == "available" and self.at is None
        return state

    def allowed_columns(self) -> list[Column]:
        """The goods, a column for each store, and what they come to together."""
        fixed = [
            Column(
                "name",
                pgettext_lazy("of a thing", "Name"),
                value=lambda row: row.product.name,
                sort="product__name",
                template="inventory/stock/cells/item.html",
                is_title=True,
            ),
            Column("label", pgettext_lazy("of a product", "Variant"), is_default=False),
            Column("code", _("SKU"), sort="code"),
            Column(
                "category",
                _("Category"),
                value=lambda row: row.product.category.name if row.product.category else "",
                is_default=False,
            ),
            Column(
                "brand",
                _("Brand"),
                value=lambda row: row.product.brand.name if row.product.brand else "",
                is_default=False,
            ),
            Column(
                "unit",
                pgettext_lazy("of goods", "Unit"),
                value=lambda row: row.product.unit.name,
                is_default=False,
            ),
        ]
        cells = [
            Column(
                f"store_{store.pk}",
                store.short_name,
                Kind.NUMBER,
                value=_cell_of(store.pk),
                template="inventory/stock/cells/figure.html",
                total=True,
            )
            for store in self.stores
        ]
        together = Column(
            "together",
            self._heading(),
            Kind.NUMBER,
            value=lambda row: row.together,
            template="inventory/stock/cells/together.html",
            total=True,
        )
        return [*fixed, *cells, together]

    def _heading(self) -> str:
        if self.at is not None:
            return gettext("Together on %(instant)s") % {"instant": moment(self.at, self.now)}
        return gettext("Available together") if self.is_free else gettext("Together")

    # --- which rows ------------------------------------------------------------------------------------------
    def queryset(self) -> QuerySet[Variant]:
        rows = Variant.objects.visible_to(self.actor).filter(is_active=True)
        kinds = [Product.Kind.SERVICE, Product.Kind.BUNDLE]
        rows = rows.exclude(product__kind__in=kinds).exclude(product__state=Product.State.ARCHIVED)
        return rows.select_related("product__unit", "product__category", "product__brand")

    def search(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        return queryset.filter(matrix.meant_by(text))

    def filter_state(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """The states, on the shelves of the stores shown."""
        places = list(self.shelves)
        conditions: dict[str, Callable[[], Q]] = {
            "low": lambda: matrix.is_low(places),
            "negative": lambda: matrix.is_negative(places),
            "none": lambda: ~matrix.has_stock(places),
            "some": lambda: matrix.has_stock(places),
            "slow": lambda: matrix.has_alert(StockAlert.Kind.SLOW, places),
        }
        return rows.filter(conditions[value]()) if value in conditions else rows

    def result(self, state: State) -> Result:
        """The page with its figures: one statement more, and one for the totals where they can be summed quickly."""
        rows = self.rows(state)
        page: Page[Any] = keyset_page(rows, order=self.order(state), cursor=state.cursor, limit=state.size)
        on_one_page = state.cursor is None and page.next_cursor is None
        count = len(page.items) if on_one_page else rows.order_by()[: COUNT_LIMIT + 1].count()
        self.dress(page.items)
        totals: dict[str, Any] = {}
        if not self._add_up(rows if not on_one_page and count <= COUNT_LIMIT else None, page.items):
            return Result(page=page, count=count, totals=totals)
        if page.items and on_one_page:
            totals = {
                f"store_{store.pk}": sum((row.cells[store.pk] for row in page.items), Decimal(0))
                for store in self.stores
            }
        elif page.items and count <= COUNT_LIMIT and self.at is None:
            sums = matrix.totals_of(rows, self.shelves, is_free=self.is_free)
            totals = {f"store_{store.pk}": sums.get(store.pk, Decimal(0)) for store in self.stores}
        if totals:
            totals["together"] = sum(totals.values(), Decimal(0))
        return Result(page=page, count=count, totals=totals)

    @staticmethod
    def _add_up(rows: QuerySet[Any] | None, shown: Sequence[Any]) -> bool:
        """Whether a sum says anything: all is counted (pieces, boxes, bottles), or measured in one unit."""
        units = {(row.product.unit.kind, row.product.unit_id) for row in shown}
        if rows is not None:
            units |= set(rows.order_by().values_list("product__unit__kind", "product__unit").distinct()[:20])
        return len(units) == 1 or {kind for kind, _pk in units} == {Unit.Kind.COUNT}

    def dress(self, rows: Sequence[Any]) -> None:
        """Give each row its figures."""
        found = matrix.cells_of([row.pk for row in rows], self.shelves, at=self.at)
        for row in rows:
            there = found.get(row.pk, {})
            row.cells = {
                store.pk: Cell.of(row.pk, store.pk, there.get(store.pk, StoreStock()), is_free=self.is_free)
                for store in self.stores
            }
            row.together = sum(row.cells.values(), Decimal(0))
            row.together_text = shown(row.together)

    def dressed(self, rows: Iterable[Any]) -> Iterator[Any]:
        """Rows of an export, dressed batch by batch."""
        batch: list[Any] = []
        for row in rows:
            batch.append(row)
            if len(batch) == _BATCH:
                self.dress(batch)
                yield from batch
                batch = []
        self.dress(batch)
        yield from batch


def _cell_of(store_id: int) -> Callable[[Any], Cell]:
    """A function of its own for each store, as one in a loop would keep the last."""
    return lambda row: row.cells[store_id]
