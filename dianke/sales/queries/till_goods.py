"""The goods of a store as tills keep them: pages of compact rows, and what changed since a mark.

A page is some thousand variants by id, in a number of statements that does not depend on how many. A till that asks
with a mark gets what changed since, or is told to read everything again where that cannot be known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max, Q
from django.urls import reverse

from dianke.catalog.models import DayPrice, Piece, PriceList, PriceListItem, Product, TaxRate, Variant
from dianke.catalog.queries.day_prices import board, piece_prices
from dianke.catalog.queries.shelf_prices import Shelf, Wanted, shelf_prices
from dianke.events.models import SubjectLink
from dianke.stores.models import Merchant, Store

CHANNEL = "TILL"
PAGE = 5_000
#: A transaction that was under way when the mark was made may have written just before it.
OVERLAP = timedelta(minutes=10)
#: More changes than this and reading everything is as quick.
MOST_CHANGED = 20_000

Row = list[Any]

_ROWS = """
SELECT v.id, p.id, rtrim(p.name || ' ' || v.label), v.code, p.kind, p.tracking, u.digits, u.id,
       p.category_id, p.brand_id,
       coalesce((SELECT r.rate_bp FROM catalog_taxrate AS r WHERE r.tax_class_id = p.tax_class_id
                 AND r.from_date <= %(day)s ORDER BY r.from_date DESC LIMIT 1), 0),
       v.price_amount, c.path,
       (SELECT json_agg(json_build_array(b.value, trim_scale(b.pack_quantity)::text) ORDER BY b.id)
        FROM catalog_barcode AS b WHERE b.variant_id = v.id),
       v.scale_code,
       (SELECT f.uuid::text FROM catalog_photo AS f WHERE f.product_id = p.id AND f.removed_at IS NULL
        ORDER BY (f.variant_id IS DISTINCT FROM v.id), f.variant_id NULLS FIRST, f.piece_id NULLS FIRST,
                  f.position, f.id
        LIMIT 1),
       array_to_string(tsvector_to_array(v.search_words), ' '), v.position
FROM catalog_variant AS v JOIN catalog_product AS p ON p.id = v.product_id JOIN catalog_unit AS u ON u.id = p.unit_id
LEFT JOIN catalog_category AS c ON c.id = p.category_id
WHERE {which} AND v.is_active AND p.state IN ('ACTIVE', 'DISCONTINUED')
ORDER BY v.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` as `machine/catalogue.js` names their parts; `gone` are variants not sold any more; `next_id` None: this
    was the last page. `is_whole`: what changed cannot be known, read everything."""

    rows: list[Row]
    gone: list[int]
    next_id: int | None
    is_whole: bool = False


def page_of(store: Store, *, after_id: int, at: datetime, size: int = PAGE) -> Page:
    """The next page after a variant. Five statements."""
    found = _read("v.id > %(after)s", {"after": after_id, "limit": size}, store, at)
    return Page(_rows(found, store, at), [], found[-1][0] if len(found) == size else None)


def changes_of(store: Store, *, since: datetime, at: datetime) -> Page:
    """What changed between the mark and now, all of it. Ten statements."""
    ids = _changed(store, since - OVERLAP, at)
    if ids is None:
        return Page([], [], None, is_whole=True)
    found = (
        _read("v.id = ANY(%(ids)s)", {"ids": sorted(ids), "limit": MOST_CHANGED}, store, at) if ids else []
    )
    return Page(_rows(found, store, at), sorted(ids - {row[0] for row in found}), None)


def row_of(variant_id: int, store: Store, at: datetime) -> Row | None:
    """One variant, whatever state it is in on the shelf; None when it is not sold."""
    found = _rows(_read("v.id = %(one)s", {"one": variant_id, "limit": 1}, store, at), store, at)
    return found[0] if found else None


def count_of() -> int:
    """How many rows there are in all, roughly: for the bar that shows how far reading is."""
    return Variant.objects.sellable().count()


def _read(which: str, values: dict[str, Any], store: Store, at: datetime) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS.replace("{which}", which), {"day": store.business_date(at), **values})
        return cursor.fetchall()


def _rows(found: Sequence[tuple[Any, ...]], store: Store, at: datetime) -> list[Row]:
    if not found:
        return []
    currency = Merchant.objects.values_list("currency", flat=True).first() or "CNY"
    wanted = [
        Wanted(
            row[0], row[1], row[11], currency, () if row[8] is None else (row[8], *reversed(row[12] or ()))
        )
        for row in found
    ]
    prices = shelf_prices(wanted, store=store, channel=CHANNEL, at=at)
    return [_row(row, prices[row[0]]) for row in found]


def _row(row: tuple[Any, ...], price: Shelf) -> Row:
    codes = list(row[13] or ())
    if row[14]:
        codes.append([f"scale:{row[14]}", "1"])
    photo = reverse("catalog:photo-small", args=[row[15]]) if row[15] else None
    by_day = row[4] == "PIECE" and price.amount is None
    steps = [[f"{step.from_quantity.normalize():f}", step.amount, step.tiers or None] for step in price.steps]
    return [
        *row[:11],
        price.amount,
        price.tiers or None,
        steps or None,
        codes,
        photo,
        spoken(row[16] or ""),
        by_day,
        row[17],
    ]


def spoken(words: str) -> str:
    """Of search words those in letters (pinyin, initials) that are no end of another: the till looks inside them."""
    latin = [word for word in words.split() if word.isascii()]
    return " ".join(
        word for word in latin if not any(other != word and other.endswith(word) for other in latin)
    )


# --- what changed ----------------------------------------------------------------------------------------------------
def _changed(store: Store, since: datetime, at: datetime) -> set[int] | None:
    """Variants whose row may have changed; None when that is too many or not to be known."""
    first, last = store.business_date(since), store.business_date(at)
    taxes = SubjectLink.objects.filter(subject__startswith="catalog.taxclass:", recorded_at__gte=since)
    if TaxRate.objects.filter(from_date__gt=first, from_date__lte=last).exists() or taxes.exists():
        return None
    lists = list(PriceList.objects.filter(contract_customer="").values_list("pk", "from_at", "to_at"))
    keys = {f"catalog.pricelist:{pk}": pk for pk, _from, _to in lists}
    touched = SubjectLink.objects.filter(subject__in=keys, recorded_at__gte=since).values_list("subject")
    named = {keys[subject] for (subject,) in touched}
    named |= {pk for pk, *moments in lists if any(each and since < each <= at for each in moments)}
    items = PriceListItem.objects.filter(price_list__in=named)
    if named and items.filter(category__isnull=False).exists():
        return None
    # A list that was emptied or lost a price names nothing of it any more.
    dropped = SubjectLink.objects.filter(subject__in=[f"catalog.pricelist:{pk}" for pk in named])
    if named and dropped.filter(recorded_at__gte=since).exists() and items.count() > MOST_CHANGED:
        return None
    products = Product.objects.filter(Q(changed_at__gte=since) | Q(pk__in=items.values("product_id")))
    rows = Variant.objects.filter(Q(product__in=products.values("pk")) | Q(pk__in=items.values("variant_id")))
    found = set(rows.values_list("pk", flat=True)[: MOST_CHANGED + 1])
    return None if len(found) > MOST_CHANGED else found


# --- single pieces ---------------------------------------------------------------------------------------------------
def pieces_of(store: Store, *, after_id: int, at: datetime, size: int = PAGE) -> tuple[list[Row], int | None]:
    """Pieces that lie in the store, with what they cost by the board of the moment. Four statements."""
    held = Piece.objects.filter(held_at__place__store=store, pk__gt=after_id).order_by("pk")
    found = list(held[:size])
    return [*piece_rows(found, store, at)], found[-1].pk if len(found) == size else None


def piece_rows(pieces: Sequence[Piece], store: Store, at: datetime) -> list[Row]:
    prices = piece_prices(pieces, store, at) if pieces else {}
    rows = []
    for piece in pieces:
        price = prices.get(piece.pk)
        weight = f"{piece.net_weight_mg / 1000:g} g" if piece.net_weight_mg else ""
        label = " ".join(part for part in (piece.tag, weight, piece.size) if part)
        amount = price.amount if price else None
        rows.append(
            [
                piece.pk,
                piece.variant_id,
                piece.tag,
                piece.certificate_number,
                amount,
                piece.is_priced_by_day,
                label,
            ]
        )
    return rows


def pieces_version(store: Store, at: datetime) -> str:
    """Changes when a piece comes or goes, or the board does. Three statements."""
    held = Piece.objects.filter(held_at__place__store=store)
    newest = held.aggregate(movement=Max("held_at__movement_id"), piece=Max("pk"))
    board_ids = [row.day_price_id for row in board(store, at)] if DayPrice.objects.exists() else []
    content = f"{newest['movement']}:{newest['piece']}:{held.count()}:{board_ids}"
    return hashlib.sha256(content.encode()).hexdigest()[:16]
