"""Finding goods: what a scanner read, a tag, a code; then words of the name in characters, pinyin or initials.

Exact ones go through unique indexes. Words go through the index of the variants' search words in a database function
(`catalog_variants_found`, migration 0001) that takes the first hits and stops. Names that begin as typed come first, by
an index of their own (`catalog_variants_best`, migration 0004): two characters may stand in thousands of names.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

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
LOOKED_AT = 40
#: So many variants a list is narrowed to by words of their goods.
NARROWED_TO = 100
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
    best = [pk for pk in _best_by_words(text, states) if pk not in known][: limit - len(found)]
    variants = Variant.objects.select_related("product").in_bulk(best)
    return [*found, *(Found(variants[pk]) for pk in best)]


def found_by_words(text: str, states: Collection[str] = IN_USE, limit: int = NARROWED_TO) -> list[int]:
    """Ids of variants in use whose words answer every term of the query; a single Latin letter asks too little."""
    statement = "SELECT catalog_variants_found(%(words)s::tsquery, %(states)s, %(limit)s)"
    return [pk for (pk,) in _by_words(statement, text, states, limit)]


def _best_by_words(text: str, states: Collection[str]) -> list[int]:
    """What is found by words, in order: the name itself, names that begin so, names with it, then those by pinyin;
    goods that are sold before others, short names first."""
    rows = _by_words(
        """
        SELECT v.id, p.name, p.state, p.id, v.position
        FROM catalog_variants_best(%(typed)s, %(words)s::tsquery, %(states)s, %(limit)s) AS f (id)
        JOIN catalog_variant AS v ON v.id = f.id JOIN catalog_product AS p ON p.id = v.product_id
        """,
        text,
        states,
        LOOKED_AT,
    )
    typed, folded = text.strip(), fold(text)

    def fit(name: str) -> int:
        if name.startswith(typed):
            return int(name != typed)
        name = fold(name)
        return 0 if name == folded else 1 if name.startswith(folded) else 2 if folded in name else 3

    def rank(row: tuple[int, str, str, int, int]) -> tuple[object, ...]:
        pk, name, state, product_id, position = row
        return fit(name), state != Product.State.ACTIVE, len(name), name, product_id, position, pk

    return [row[0] for row in sorted(rows, key=rank)]


def _by_words(statement: str, text: str, states: Collection[str], limit: int) -> list[tuple[Any, ...]]:
    terms = query_terms(text)
    if not terms or all(len(term) < 2 and term.isascii() for term in terms):
        return []
    with connection.cursor() as cursor:
        values: dict[str, Any] = {
            "typed": text.strip(),
            "words": prefix_query(text),
            "states": list(states),
            "limit": limit,
        }
        cursor.execute(statement, values)
        return cursor.fetchall()


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
