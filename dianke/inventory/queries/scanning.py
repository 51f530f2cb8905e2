"""What a scanner read, as goods: a tag is a piece, a barcode or a SKU a variant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from dianke.catalog.models import Barcode, Piece, Variant
from dianke.catalog.rules.barcodes import spellings


@dataclass(frozen=True, slots=True)
class Scanned:
    """`pack_quantity`: how much of the variant one scan of the code means."""

    variant_id: int
    piece_id: int | None = None
    pack_quantity: Decimal = Decimal(1)


def goods_of_codes(codes: Collection[str]) -> dict[str, Scanned]:
    """By code as it was read; unknown ones are absent. Three statements whatever their number."""
    keys = {code: spellings(code) for code in codes}
    wanted = {spelling for found in keys.values() for spelling in found} | {code.strip() for code in codes}
    barcodes = {
        value: Scanned(variant_id, None, pack)
        for value, variant_id, pack in Barcode.objects.filter(value__in=wanted).values_list(
            "value", "variant_id", "pack_quantity"
        )
    }
    tags = {
        tag: Scanned(variant_id, pk)
        for tag, variant_id, pk in Piece.objects.filter(tag__in=wanted).values_list("tag", "variant_id", "pk")
    }
    skus = {
        code: Scanned(pk) for code, pk in Variant.objects.filter(code__in=wanted).values_list("code", "pk")
    }
    found = {}
    for code, written in keys.items():
        read = [tags.get(code.strip()), *(barcodes.get(each) for each in written), skus.get(code.strip())]
        goods = next((each for each in read if each is not None), None)
        if goods is not None:
            found[code] = goods
    return found
