"""What a batch of imported goods writes: products, variants, their options, changes, and a note of each row.

Each table is written in a fixed number of statements however many rows the batch has.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from dianke.catalog.models import (
    Attribute,
    AttributeValue,
    Barcode,
    ImportedRow,
    Product,
    ProductAttribute,
    ServiceDetail,
    TaxClass,
    Variant,
    VariantValue,
)
from dianke.catalog.operations.importing import PRODUCT_FIELDS, Draft, Fate, Settings, Words, decide
from dianke.catalog.operations.numbering import next_product_codes
from dianke.catalog.operations.products import USUAL_UNIT, refresh_variant_words
from dianke.catalog.rules.variants import new_code
from dianke.core.names import fold
from dianke.core.search_words import words_of
from dianke.events.operations import step


@step
def take_in(drafts: Sequence[Draft], settings: Settings) -> None:
    """Decide and write a batch; the drafts carry what became of them."""
    decide(drafts, settings)
    _write_new([draft for draft in drafts if draft.fate is Fate.NEW], settings)
    _write_changes([draft for draft in drafts if draft.fate is Fate.CHANGED], settings)
    written = [draft for draft in drafts if draft.fate in (Fate.NEW, Fate.CHANGED) and draft.variant]
    Barcode.objects.bulk_create(
        Barcode(variant=draft.variant, value=draft.barcode, kind=draft.entry.barcode.kind)
        for draft in written
        if draft.barcode and draft.variant and draft.entry.barcode
    )
    ImportedRow.objects.bulk_create(_noted(draft, settings) for draft in written)


def _noted(draft: Draft, settings: Settings) -> ImportedRow:
    variant, product = draft.variant, draft.product
    assert variant is not None
    assert product is not None
    is_new = draft.fate is Fate.NEW
    after = draft.changes
    if is_new:
        after = {
            "variant": {"price_amount": variant.price_amount, "label": variant.label, "code": variant.code}
        }
        if draft.makes_product:
            after["product"] = {name: getattr(product, name) for name in PRODUCT_FIELDS}
    return ImportedRow(
        run_id=settings.run_id,
        row=draft.row,
        variant=variant,
        makes_product=draft.makes_product,
        makes_variant=is_new,
        before=draft.before,
        after=after,
        barcodes=[draft.barcode] if draft.barcode else [],
    )


def _write_new(drafts: Sequence[Draft], settings: Settings) -> None:
    if not drafts:
        return
    words = Words(drafts)
    words.make(draft.entry for draft in drafts)
    taxes = {row.code: row for row in TaxClass.objects.all()}
    makers = [draft for draft in drafts if draft.makes_product]
    bare = [draft for draft in makers if draft.product and not draft.product.code]
    for draft, code in zip(bare, _free_codes(len(bare)), strict=True):
        assert draft.product is not None
        draft.product.code = code
    products = []
    for draft in makers:
        product, entry = draft.product, draft.entry
        assert product is not None
        product.category_id = words.category_id(entry.category) or None
        product.brand_id = words.brand_id(entry.brand) or None if entry.brand else None
        usual = words.units[fold(USUAL_UNIT.get(Product.Kind(product.kind), "PIECE"))]
        product.unit = words.unit(entry.unit) or usual
        product.tax_class = taxes.get("SERVICE" if product.kind == Product.Kind.SERVICE else "STANDARD")
        product.search_words = words_of(getattr(product, name) for name in Product.words_from)
        products.append(product)
    Product.objects.bulk_create(products, batch_size=1000)
    ServiceDetail.objects.bulk_create(
        ServiceDetail(product=draft.product, duration_minutes=draft.entry.minutes)
        for draft in makers
        if draft.entry.minutes and draft.product and draft.product.kind == Product.Kind.SERVICE
    )
    _write_variants(drafts)


def _write_variants(drafts: Sequence[Draft]) -> None:
    stems = {draft.product.code for draft in drafts if draft.product}
    wanted = stems | {draft.variant.code for draft in drafts if draft.variant}
    held = Variant.objects.filter(Q(code__among=wanted) | Q(product__code__among=stems))
    taken = set(held.values_list("code", flat=True))
    taken |= {draft.variant.code for draft in drafts if draft.variant and draft.variant.code}
    count: dict[int, int] = {}
    variants = []
    for draft in drafts:
        variant, product = draft.variant, draft.product
        assert variant is not None
        assert product is not None
        variant.product = product
        number = count[product.pk] = count.get(product.pk, 0) + 1
        variant.position = number - 1
        if not variant.code:
            variant.code = new_code(product.code, str(number) if variant.label else "", taken)
            taken.add(variant.code)
        variant.search_words = words_of(getattr(variant, name) for name in Variant.words_from)
        variants.append(variant)
    Variant.objects.bulk_create(variants, batch_size=1000)
    _write_options([draft for draft in drafts if draft.entry.options])


def _write_options(drafts: Sequence[Draft]) -> None:
    """The attributes and values of new variants, made where they are missing."""
    if not drafts:
        return
    pairs = list(dict.fromkeys(pair for draft in drafts for pair in draft.entry.options))
    names = list(dict.fromkeys(name for name, _value in pairs))
    Attribute.objects.bulk_create((Attribute(name=name) for name in names), ignore_conflicts=True)
    attributes = {row.name: row for row in Attribute.objects.filter(name__among=names)}
    AttributeValue.objects.bulk_create(
        (AttributeValue(attribute=attributes[name], name=value) for name, value in pairs),
        ignore_conflicts=True,
    )
    rows = AttributeValue.objects.filter(attribute__in=attributes.values())
    values = {(row.attribute_id, row.name): row for row in rows}
    VariantValue.objects.bulk_create(
        (
            VariantValue(
                variant=draft.variant,
                attribute=attributes[name],
                value=values[attributes[name].pk, value],
            )
            for draft in drafts
            for name, value in draft.entry.options
        ),
        batch_size=2000,
    )
    axes = {
        (draft.product.pk, attributes[name].pk): position
        for draft in drafts
        if draft.product
        for position, (name, _value) in enumerate(draft.entry.options)
    }
    ProductAttribute.objects.bulk_create(
        (
            ProductAttribute(product_id=product_id, attribute_id=attribute_id, position=position)
            for (product_id, attribute_id), position in axes.items()
        ),
        ignore_conflicts=True,
    )


def _write_changes(drafts: Sequence[Draft], settings: Settings) -> None:
    if not drafts:
        return
    words = Words(drafts)
    words.make(draft.entry for draft in drafts if "product" in draft.changes)
    products: dict[int, Product] = {}
    renamed: dict[int, Product] = {}
    variants = []
    fields = set()
    for draft in drafts:
        product, variant = draft.product, draft.variant
        assert product is not None
        assert variant is not None
        changed = draft.changes.get("product", {})
        if "category_id" in changed:
            changed["category_id"] = words.category_id(draft.entry.category)
        if "brand_id" in changed:
            changed["brand_id"] = words.brand_id(draft.entry.brand)
        draft.before["product"] = {name: getattr(product, name) for name in changed}
        for name, value in changed.items():
            setattr(product, name, value)
        fields |= set(changed)
        product.changed_at = settings.now
        products[product.pk] = product
        if {"name", "aliases"} & changed.keys():
            product.search_words = words_of(getattr(product, name) for name in Product.words_from)
            renamed[product.pk] = product
        if "variant" in draft.changes:
            draft.before["variant"] = {"price_amount": variant.price_amount}
            variant.price_amount = draft.changes["variant"]["price_amount"]
            variants.append(variant)
    names = sorted({name.removesuffix("_id") for name in fields} | {"changed_at", "search_words"})
    Product.objects.bulk_update(products.values(), names, batch_size=500)
    Variant.objects.bulk_update(variants, ["price_amount"], batch_size=500)
    refresh_variant_words(list(renamed.values()))


def _free_codes(count: int) -> list[str]:
    """Product codes nobody has."""
    found: list[str] = []
    while len(found) < count:
        given = next_product_codes(count=count - len(found))
        taken = set(Product.objects.filter(code__among=given).values_list("code", flat=True))
        found += [code for code in given if code not in taken]
    return found
