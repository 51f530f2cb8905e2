"""Numbers the room gives out itself: of products, own barcodes and tags. Never twice; gaps are allowed."""

from __future__ import annotations

from django.db import connection

from dianke.catalog.models import Piece, Product
from dianke.catalog.rules.barcodes import own_code
from dianke.events.operations import step


def _next(sequence: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [sequence, count])
        return [number for (number,) in cursor.fetchall()]


@step
def next_product_code() -> str:
    """ "P10001"; one somebody typed in by hand before is passed over."""
    while True:
        code = f"P{_next('catalog_product_number', 1)[0]}"
        if not Product.objects.filter(code=code).exists():
            return code


@step
def next_product_codes(count: int) -> list[str]:
    """So many at once, for imports; the caller knows that none is taken."""
    return [f"P{number}" for number in _next("catalog_product_number", count)]


@step
def next_own_barcodes(count: int) -> list[str]:
    """So many EAN-13 of our own."""
    return [own_code(number) for number in _next("catalog_own_barcode", count)]


@step
def next_tags(count: int) -> list[str]:
    """So many tags of pieces nobody has, "T100001"."""
    found: list[str] = []
    while len(found) < count:
        tags = [f"T{number}" for number in _next("catalog_piece_tag", count - len(found))]
        taken = set(Piece.objects.filter(tag__in=tags).values_list("tag", flat=True))
        found += [tag for tag in tags if tag not in taken]
    return found
