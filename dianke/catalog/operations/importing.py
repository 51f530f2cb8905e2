"""Rows of a file become goods: a batch is read (`rules.import_rows`) and decided (a new product, a further variant, a
change, the same again) in a fixed number of queries; `import_writing` writes what was decided.

Everything made or changed is noted (`ImportedRow`) so that it can be taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import (
    Barcode,
    Brand,
    Category,
    ImportedRow,
    Product,
    Unit,
    Variant,
)
from dianke.catalog.operations.categories import lock_tree, make_category
from dianke.catalog.operations.products import TRACKING
from dianke.catalog.rules.import_rows import Entry, GoodsNameMissing, NotUnderstood, entry_of
from dianke.core.custom_fields import FieldSpec, clean_values
from dianke.core.errors import InvalidInput
from dianke.core.names import fold
from dianke.events.operations import step

PRODUCT_FIELDS = ("name", "aliases", "state", "category_id", "brand_id", "description", "shelf_life_days")
CUSTOM = "custom_"


class BarcodeElsewhere(InvalidInput):
    code = "import_barcode_elsewhere"
    message = _("The barcode belongs to other goods already and is left out. Correct it there or here.")
    default_field = "barcode"


class CodesDisagree(InvalidInput):
    code = "import_codes_disagree"
    message = _("The SKU belongs to another product than the product code. Correct one of them.")
    default_field = "sku"


class TwiceInFile(InvalidInput):
    code = "import_goods_twice"
    message = _("An earlier row of the file is about the same goods. Leave one of the two.")
    default_field = "sku"


class PriceStays(InvalidInput):
    code = "import_price_stays"
    message = _("The price stays as it is: changing base prices takes another permission.")
    default_field = "price"


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "NEW"
    CHANGED = "CHANGED"
    SAME = "SAME"
    SKIP = "SKIP"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class Settings:
    """What one import was told."""

    run_id: int
    now: datetime
    currency: str = "CNY"
    by_name: bool = False
    may_update: bool = True
    may_price: bool = True
    specs: Sequence[FieldSpec] = ()


@dataclass(slots=True)
class Draft:
    """A row on its way: what it says, whose row it becomes. `product` may be one another draft makes."""

    row: int
    entry: Entry = field(default_factory=Entry)
    custom: dict[str, Any] = field(default_factory=dict)
    problems: list[tuple[InvalidInput, bool]] = field(default_factory=list)  # (error, is a warning)
    fate: Fate = Fate.ERROR
    product: Product | None = None
    variant: Variant | None = None
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    before: dict[str, dict[str, Any]] = field(default_factory=dict)
    barcode: str = ""
    makes_product: bool = False

    def refuse(self, error: InvalidInput) -> None:
        self.fate = Fate.ERROR
        self.problems.append((error, False))

    def warn(self, error: InvalidInput) -> None:
        self.problems.append((error, True))


def read(rows: Sequence[tuple[int, Mapping[str, str]]], settings: Settings) -> list[Draft]:
    """The rows as drafts, with what is wrong with them. No query."""
    drafts = []
    for number, row in rows:
        draft = Draft(number)
        try:
            draft.entry = entry_of(row, settings.currency)
            asked = {
                name[len(CUSTOM) :]: text for name, text in row.items() if name.startswith(CUSTOM) and text
            }
            draft.custom = clean_values(settings.specs, asked, before={}) if asked else {}
        except InvalidInput as error:
            draft.refuse(error)
        else:
            draft.fate = Fate.SKIP if draft.entry.is_empty else Fate.NEW
            for warning in draft.entry.warnings:
                draft.warn(warning)
        drafts.append(draft)
    return drafts


class _Shelf:
    """What is here already of the goods a batch speaks of, and what its earlier rows make. Five queries."""

    def __init__(self, drafts: Sequence[Draft], settings: Settings) -> None:
        entries = [draft.entry for draft in drafts]
        skus = {entry.sku for entry in entries if entry.sku}
        product_codes = {entry.product_code for entry in entries if entry.product_code}
        product_codes |= {entry.sku for entry in entries if entry.sku}
        held = Barcode.objects.filter(value__among={e.barcode.value for e in entries if e.barcode})
        self.barcodes: dict[str, int] = dict(held.values_list("value", "variant_id"))
        names = {entry.name for entry in entries if entry.name}
        wanted = Q(code__among=product_codes)
        if settings.by_name:
            wanted |= Q(name__among=names)
        else:  # variants of one product without a code, told over two batches of this file
            own = ImportedRow.objects.filter(run_id=settings.run_id, makes_product=True)
            with_options = {entry.name for entry in entries if entry.name and entry.options}
            wanted |= Q(name__among=with_options, pk__in=own.values("variant__product_id"))
        products = {row.pk: row for row in Product.objects.filter(wanted).order_by("-pk")}
        variants = list(
            Variant.objects.filter(
                Q(code__among=skus | product_codes)
                | Q(pk__among=set(self.barcodes.values()))
                | Q(product_id__among=products)
            ).select_related("product")
        )
        self.by_sku = {variant.code: variant for variant in variants}
        self.by_id = {variant.pk: variant for variant in variants}
        self.products = {row.code: row for row in products.values()}
        self.products |= {variant.product.code: variant.product for variant in variants}
        self.by_name = {row.name: row for row in products.values()}
        for variant in variants:  # one object per product
            variant.product = self.products[variant.product.code]
        self.by_label: dict[tuple[int, str], Variant] = {
            (id_of(variant.product), variant.label): variant for variant in variants
        }
        self.seen: set[int] = set()


def id_of(product: Product) -> int:
    """What tells products apart before they have a key."""
    return id(product)


def decide(drafts: Sequence[Draft], settings: Settings) -> None:
    """Give every good draft its fate, its product and its variant (both may be unsaved)."""
    shelf = _Shelf([draft for draft in drafts if draft.fate is Fate.NEW], settings)
    words = Words([draft for draft in drafts if draft.fate is Fate.NEW])
    for draft in drafts:
        if draft.fate is Fate.NEW:
            _decide(draft, shelf, words, settings)


def _decide(draft: Draft, shelf: _Shelf, words: Words, settings: Settings) -> None:
    entry = draft.entry
    product = shelf.products.get(entry.product_code) if entry.product_code else None
    variant = shelf.by_sku.get(entry.sku) if entry.sku else None
    if variant is not None and product is not None and variant.product is not product:
        draft.refuse(CodesDisagree())
        return
    if variant is None and not entry.sku and entry.barcode and entry.barcode.value in shelf.barcodes:
        variant = shelf.by_id.get(shelf.barcodes[entry.barcode.value])
    is_by_name = bool(entry.options) or (settings.by_name and not entry.sku)
    if variant is None and product is None and entry.name and is_by_name and not entry.product_code:
        product = shelf.by_name.get(entry.name)
    if variant is None and product is not None:
        variant = shelf.by_label.get((id_of(product), entry.label))
        if variant is not None and entry.sku and variant.code != entry.sku:
            draft.refuse(CodesDisagree())
            return
    if variant is not None and id(variant) in shelf.seen:
        draft.refuse(TwiceInFile())
        return
    if variant is not None:
        _change(draft, variant, words, settings)
    elif product is None and not entry.name:
        draft.refuse(GoodsNameMissing())
        return
    else:
        _new(draft, product, shelf, words, settings)
    if draft.variant is not None:
        shelf.seen.add(id(draft.variant))
    _keep_barcode(draft, shelf)
    if draft.fate is Fate.SAME and draft.barcode:
        draft.fate = Fate.CHANGED
    if draft.fate is Fate.CHANGED and not settings.may_update:
        draft.fate, draft.changes, draft.barcode = Fate.SKIP, {}, ""


def _keep_barcode(draft: Draft, shelf: _Shelf) -> None:
    code = draft.entry.barcode
    if code is None or draft.variant is None:
        return
    held = shelf.barcodes.get(code.value)
    if held is None:
        draft.barcode = code.value
        shelf.barcodes[code.value] = draft.variant.pk or -id(draft.variant)
    elif held not in (draft.variant.pk, -id(draft.variant)):
        draft.warn(BarcodeElsewhere())


def _change(draft: Draft, variant: Variant, words: Words, settings: Settings) -> None:
    """What the row says otherwise than the goods that are here. Empty cells change nothing."""
    entry, product = draft.entry, variant.product
    draft.product, draft.variant, draft.fate = product, variant, Fate.SAME
    said = {
        "name": entry.name or None,
        "aliases": entry.aliases,
        "state": entry.state,
        "description": entry.description,
        "shelf_life_days": entry.shelf_life_days,
        "category_id": words.category_id(entry.category) if entry.category else None,
        "brand_id": words.brand_id(entry.brand) if entry.brand else None,
    }
    changed = {name: value for name, value in said.items() if value not in (None, getattr(product, name))}
    if draft.custom and any(product.custom.get(key) != value for key, value in draft.custom.items()):
        changed["custom"] = product.custom | draft.custom
    if changed:
        draft.changes["product"] = changed
    if entry.price_amount is not None and entry.price_amount != variant.price_amount:
        if settings.may_price:
            draft.changes["variant"] = {"price_amount": entry.price_amount}
        else:
            draft.warn(PriceStays())
    if draft.changes:
        draft.fate = Fate.CHANGED


def _new(draft: Draft, product: Product | None, shelf: _Shelf, words: Words, settings: Settings) -> None:
    entry = draft.entry
    if product is None:
        kind = entry.kind or Product.Kind.GOODS
        product = Product(
            kind=kind,
            tracking=TRACKING.get(Product.Kind(kind), Product.Tracking.NONE),
            code=entry.product_code or ("" if entry.options else entry.sku[:40]),
            name=entry.name,
            aliases=entry.aliases or "",
            state=entry.state or Product.State.ACTIVE,
            description=entry.description or "",
            shelf_life_days=entry.shelf_life_days,
            custom=draft.custom,
            created_at=settings.now,
            changed_at=settings.now,
        )
        if product.code and product.code in shelf.products:
            product.code = ""
        if entry.unit and not words.unit(entry.unit):
            draft.warn(NotUnderstood(field="unit"))
        draft.makes_product = True
        if product.code:
            shelf.products[product.code] = product
        shelf.by_name.setdefault(product.name, product)
    draft.product = product
    draft.variant = Variant(
        product=product, code=entry.sku, label=entry.label, price_amount=entry.price_amount
    )
    shelf.by_label[id_of(product), entry.label] = draft.variant
    if entry.sku:
        shelf.by_sku[entry.sku] = draft.variant
    draft.fate = Fate.NEW


class Words:
    """What the words of a batch stand for: categories, brands, units. Three queries; `make` writes what is missing."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.units = {fold(word): unit for unit in Unit.objects.all() for word in (unit.name, unit.code)}
        self.brands = {fold(brand.name): brand for brand in Brand.objects.all()}
        self.categories: dict[tuple[int | None, str], Category] = {}
        if any(draft.entry.category for draft in drafts):
            for category in Category.objects.select_related("merged_into"):
                key = (category.parent_id, fold(category.name))
                standing = category.merged_into or category
                if key not in self.categories or category.merged_into_id is None:
                    self.categories[key] = standing

    def unit(self, text: str) -> Unit | None:
        return self.units.get(fold(text))

    def brand_id(self, name: str) -> int:
        """0 for one that is yet to be made: it differs from every other."""
        brand = self.brands.get(fold(name))
        return brand.pk if brand else 0

    def category_id(self, names: Sequence[str]) -> int:
        category: Category | None = None
        for name in names:
            category = self.categories.get((category.pk if category else None, fold(name)))
            if category is None:
                return 0
        return category.pk if category else 0

    @step
    def make(self, entries: Iterable[Entry]) -> None:
        """The categories and brands these rows name that are not there yet."""
        entries = list(entries)
        for name in dict.fromkeys(entry.brand for entry in entries if entry.brand):
            if fold(name) not in self.brands:
                self.brands[fold(name)] = Brand.objects.create(name=name)
        missing = [names for entry in entries if (names := entry.category) and not self.category_id(names)]
        if missing:
            lock_tree()
        for names in dict.fromkeys(missing):
            parent: Category | None = None
            for name in names:
                key = (parent.pk if parent else None, fold(name))
                if key not in self.categories:
                    self.categories[key] = make_category(name=name, parent=parent)
                parent = self.categories[key]
