"""Finding goods: what a scanner read, a tag, a code; then words of the name in characters, pinyin or initials.

Exact ones go through unique indexes. Words go through the index of the variants' search words in a database function
(`catalog_variants_found`, migration 0001) that takes the first hits and stops: at 300,000 products a common word costs
the same as a rare one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from dianke.catalog.models import Barcode, Piece, Product, Variant, WeighedPattern
from dianke.catalog.rules import barcodes as codes
from dianke.core.actor import Actor
from dianke.core.names import fold, query_terms
from dianke.core.search_words import prefix_query

VIEW = "catalog.view_products"
LIMIT = 20
#: So many hits of the words are looked at to put the best in front.
LOOKED_AT = 100
IN_USE = (Product.State.ACTIVE, Product.State.DISCONTINUED)
ANY_STATE = tuple(Product.State)


@dataclass(frozen=True, slots=True)
class Found:
    """A variant (with its product) and, when a single piece was meant, the piece. `quantity` is what one scan means:
    the pack of a barcode, or what the scale weighed; `amount` (yuan) what the scale printed as price. `why` names what
    fitted, "" for the name."""

    variant: Variant
    piece: Piece | None = None
    quantity: Decimal = Decimal(1)
    amount: Decimal | None = None
    why: str = ""


def scan(actor: Actor, text: str) -> Found | None:
    """What a scanned or typed code stands for, whatever state the product is in: a barcode, a tag, a label of the
    scale, a SKU, the code of a product with one variant. At most five queries, one for a barcode."""
    return next(iter(_exact(actor, text, ANY_STATE)), None)


def find(actor: Actor, text: str, limit: int = LIMIT, *, states: Collection[str] = IN_USE) -> list[Found]:
    """The goods a query means: exact barcodes, tags and codes alone or first, then names, the best fitting in front."""
    found = _exact(actor, text, states)[:limit]
    if (found and found[0].why) or not actor.can(VIEW):
        return found
    known = {hit.variant.pk for hit in found}
    wanted = [pk for pk in found_by_words(text, states) if pk not in known]
    rows = Variant.objects.filter(pk__in=wanted).select_related("product")
    ranked = sorted(rows, key=lambda variant: _rank(variant, text))
    return [*found, *(Found(variant) for variant in ranked)][:limit]


def found_by_words(text: str, states: Collection[str] = IN_USE, limit: int = LOOKED_AT) -> list[int]:
    """Ids of variants in use whose words answer every term of the query; a single Latin letter asks too little."""
    terms = query_terms(text)
    if not terms or all(len(term) < 2 and term.isascii() for term in terms):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT catalog_variants_found(%s::tsquery, %s, %s)", [prefix_query(text), list(states), limit]
        )
        return [pk for (pk,) in cursor.fetchall()]


def _exact(actor: Actor, text: str, states: Collection[str]) -> list[Found]:
    """Hits of unique indexes, surest first. Hits by a product's code have no `why`: names may begin so as well."""
    spelled = codes.spellings(text)
    if not spelled or not actor.can(VIEW):
        return []
    held = (
        Barcode.objects.filter(value__in=spelled, variant__product__state__in=states)
        .select_related("variant__product")
        .first()
    )
    if held is not None:
        return [Found(held.variant, quantity=held.pack_quantity, why=_("Barcode"))]
    code = spelled[-1]
    piece = (
        Piece.objects.filter(Q(tag=code.upper()) | Q(certificate_number=code.upper()))
        .filter(variant__product__state__in=states)
        .select_related("variant__product")
        .order_by("pk")
        .first()
    )
    if piece is not None:
        why = _("Tag") if piece.tag == code.upper() else _("Certificate")
        return [Found(piece.variant, piece, why=why)]
    if (weighed := _weighed(code, states)) is not None:
        return [weighed]
    variants = Variant.objects.filter(product__state__in=states, is_active=True).select_related("product")
    by_sku = list(variants.filter(code__in={text.strip(), code, code.upper()})[:1])
    if by_sku:
        is_product = by_sku[0].code == by_sku[0].product.code
        return [Found(by_sku[0], why="" if is_product else _("SKU"))]
    return [
        Found(variant)
        for variant in variants.filter(product__code__in={text.strip(), code, code.upper()}).order_by(
            "position", "pk"
        )[:LIMIT]
    ]


def _weighed(code: str, states: Collection[str]) -> Found | None:
    if len(code) != 13 or code[0] != "2" or not code.isdecimal():
        return None
    label = codes.read_weighed(
        code,
        [
            codes.Pattern(row.prefix, row.item_digits, row.value_digits, row.holds, row.divisor)
            for row in WeighedPattern.objects.all()
        ],
    )
    if label is None:
        return None
    spellings = {label.item, label.item.lstrip("0")} - {""}
    variant = (
        Variant.objects.filter(scale_code__in=spellings, product__state__in=states)
        .select_related("product")
        .first()
    )
    if variant is None:
        return None
    return Found(
        variant,
        quantity=label.quantity if label.quantity is not None else Decimal(1),
        amount=label.amount,
        why=_("Label of the scale"),
    )


def _rank(variant: Variant, text: str) -> tuple[object, ...]:
    """The name itself, names that begin so, names with it, then what was found by pinyin; short ones first."""
    typed, name = fold(text), fold(variant.product.name)
    fit = 0 if name == typed else 1 if name.startswith(typed) else 2 if typed in name else 3
    product = variant.product
    return (
        fit,
        product.state != Product.State.ACTIVE,
        len(name),
        name,
        product.pk,
        variant.position,
        variant.pk,
    )


def narrowed(text: str) -> Q:
    """The condition under which a list of products shows what a query means, in whatever order the list has: a code
    that fits exactly, or the words of the product."""
    spelled = codes.spellings(text)
    by_words = Q(search_words__found_by=text)
    if not spelled:
        return by_words
    exact: set[int] = {
        *Barcode.objects.filter(value__in=spelled).values_list("variant__product_id", flat=True),
        *Variant.objects.filter(code__in=spelled).values_list("product_id", flat=True),
        *Piece.objects.filter(tag=spelled[-1].upper()).values_list("variant__product_id", flat=True),
    }
    return Q(pk__in=exact) if exact else by_words
