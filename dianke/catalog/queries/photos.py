"""Which photo stands for what: the first of a product, of a variant, of a piece. One query for any number of rows."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import F

from dianke.catalog.models import Photo


def main_photos(product_ids: Collection[int]) -> dict[int, Photo]:
    """The photo that stands for each product: its own first one, else the first of a variant or a piece."""
    rows = (
        Photo.objects.shown()
        .filter(product_id__in=product_ids)
        .order_by(
            "product_id",
            F("piece_id").asc(nulls_first=True),
            F("variant_id").asc(nulls_first=True),
            "position",
            "pk",
        )
        .distinct("product_id")
    )
    return {photo.product_id: photo for photo in rows}


def photos_of_pieces(piece_ids: Collection[int]) -> dict[int, Photo]:
    """The first photo of each piece that has one."""
    rows = Photo.objects.shown().filter(piece_id__in=piece_ids)
    first = rows.order_by("piece_id", "position", "pk").distinct("piece_id")
    return {photo.piece_id: photo for photo in first if photo.piece_id}
