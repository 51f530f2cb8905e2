"""Photos of products, variants and pieces: added, put in order, taken away and brought back.

The bytes lie in the data directory under the uuid of the row, in two sizes; a photo is never changed, so whoever has it
may keep it. What was taken away stays for `KEPT`, so that it can be brought back, and is deleted by a nightly job.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Photo, Piece, Product, Variant
from dianke.catalog.operations.locking import lock_product, touch
from dianke.catalog.operations.pictures import Picture, PictureMissing
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, NotFound
from dianke.core.ids import uuid7
from dianke.events.operations import operation, record, unchanged

MANAGE = "catalog.manage_products"
#: Of one product, one variant or one piece.
MOST_PHOTOS = 12
KEPT = timedelta(days=30)
Pictured = Product | Variant | Piece


class TooManyPhotos(InvalidInput):
    code = "too_many_photos"
    message = _("“%(name)s” has at most %(limit)s photos. Take one away that says little, then add this one.")
    default_field = "pictures"


class PhotoGone(NotFound):
    code = "photo_gone"
    message = _("This photo was taken away. Load the page again.")


def place_of(photo: Photo, *, is_small: bool) -> Path:
    """Where the bytes lie."""
    name = photo.uuid.hex
    return Path(settings.MEDIA_ROOT) / "catalog" / name[-2:] / (f"{name}-s" if is_small else name)


def read_photo(photo: Photo, *, is_small: bool = False) -> bytes:
    """The picture, or its small copy. Raises `PhotoGone`."""
    try:
        return place_of(photo, is_small=is_small).read_bytes()
    except FileNotFoundError:
        raise PhotoGone() from None


def product_of(pictured: Pictured) -> int:
    """The product a photo of this is also of."""
    if isinstance(pictured, Piece):
        return int(pictured.variant.product_id)
    return int(pictured.product_id if isinstance(pictured, Variant) else pictured.pk)


@operation(MANAGE)
def add_photos(*, of: Pictured, pictures: Sequence[Picture], actor: Actor, now: datetime) -> list[Photo]:
    """Put pictures behind those that are there, all or none. Raises `PictureMissing`, `TooManyPhotos`."""
    if not pictures:
        raise PictureMissing()
    product = lock_product(product_of(of))
    variant = of if isinstance(of, Variant) else None
    piece = of if isinstance(of, Piece) else None
    held = list(Photo.objects.shown().filter(product=product, variant=variant, piece=piece))
    if len(held) + len(pictures) > MOST_PHOTOS:
        raise TooManyPhotos(name=str(of), limit=MOST_PHOTOS)
    behind = max((photo.position for photo in held), default=-1) + 1
    photos = [
        Photo(
            uuid=uuid7(),
            product=product,
            variant=variant,
            piece=piece,
            content_type=picture.content_type,
            size=len(picture.large),
            position=behind + number,
            added_at=now,
        )
        for number, picture in enumerate(pictures)
    ]
    try:
        for photo, picture in zip(photos, pictures, strict=True):
            _write(place_of(photo, is_small=False), picture.large)
            _write(place_of(photo, is_small=True), picture.small)
        Photo.objects.bulk_create(photos)
        touch(product, now)
        also = [] if isinstance(of, Product) else [of]
        data = {"name": str(of), "count": len(photos), "photos": [str(photo.uuid) for photo in photos]}
        record("catalog.photos_added", product, also=also, actor=actor, now=now, data=data)
    except BaseException:
        _delete_all(photos)
        raise
    return photos


def _write(path: Path, content: bytes) -> None:
    """Complete or not at all: written beside and moved into place."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _delete(photo: Photo) -> None:
    """The bytes; whether they are there or not."""
    for is_small in (False, True):
        place_of(photo, is_small=is_small).unlink(missing_ok=True)


def _delete_all(photos: Sequence[Photo]) -> None:
    for photo in photos:
        _delete(photo)


@operation(MANAGE)
def move_photo(*, photo: Photo, position: int, actor: Actor, now: datetime) -> Photo:
    """Put a photo at a place among its siblings, 0 the first: the main photo. Raises `PhotoGone`."""
    product = lock_product(photo.product_id)
    rows: list[Photo] = list(_siblings(photo))
    before = [row.pk for row in rows]
    moved = next((row for row in rows if row.pk == photo.pk), None)
    if moved is None:
        raise PhotoGone()
    rows.remove(moved)
    rows.insert(min(max(position, 0), len(rows)), moved)
    if [row.pk for row in rows] == before:
        unchanged()
        return moved
    for number, row in enumerate(rows):
        row.position = number
    Photo.objects.bulk_update(rows, ["position"])
    touch(product, now)
    data = {"name": product.name, "photo": str(moved.uuid), "position": moved.position}
    record("catalog.photos_sorted", product, also=_also(moved), actor=actor, now=now, data=data)
    return moved


@operation(MANAGE)
def remove_photo(*, photo: Photo, actor: Actor, now: datetime) -> Photo:
    """Show a photo no more; it can be brought back for a while."""
    product = lock_product(photo.product_id)
    photo = Photo.objects.select_for_update().get(pk=photo.pk)
    if photo.removed_at is not None:
        unchanged()
        return photo
    photo.removed_at = now
    photo.save(update_fields=["removed_at"])
    touch(product, now)
    data = {"name": product.name, "photo": str(photo.uuid)}
    record("catalog.photo_removed", product, also=_also(photo), actor=actor, now=now, data=data)
    return photo


@operation(MANAGE)
def restore_photo(*, photo: Photo, actor: Actor, now: datetime) -> Photo:
    """Bring back a photo that was taken away, where it stood. Raises `PhotoGone`, `TooManyPhotos`."""
    product = lock_product(photo.product_id)
    found: Photo | None = Photo.objects.select_for_update().filter(pk=photo.pk).first()
    if found is None:
        raise PhotoGone()
    if found.removed_at is None:
        unchanged()
        return found
    if _siblings(found).count() >= MOST_PHOTOS:
        raise TooManyPhotos(name=product.name, limit=MOST_PHOTOS)
    found.removed_at = None
    found.save(update_fields=["removed_at"])
    touch(product, now)
    data = {"name": product.name, "photo": str(found.uuid)}
    record("catalog.photo_restored", product, also=_also(found), actor=actor, now=now, data=data)
    return found


def _siblings(photo: Photo) -> QuerySet[Photo]:
    """Those shown beside it, in their order."""
    of = {"product": photo.product_id, "variant": photo.variant_id, "piece": photo.piece_id}
    rows: QuerySet[Photo] = Photo.objects.shown().filter(**of).order_by("position", "pk")
    return rows


def _also(photo: Photo) -> list[Pictured]:
    found = photo.variant or photo.piece
    return [found] if found else []


@operation(MANAGE)
def drop_removed_photos(*, actor: Actor, now: datetime) -> int:
    """Delete what was taken away more than `KEPT` ago, row and bytes. Returns how many."""
    rows = list(Photo.objects.filter(removed_at__lt=now - KEPT).select_for_update().order_by("pk")[:1000])
    if not rows:
        unchanged()
        return 0
    Photo.objects.filter(pk__in=[row.pk for row in rows]).delete()
    transaction.on_commit(lambda: _delete_all(rows))
    record("catalog.photos_dropped", "catalog.photo", actor=actor, now=now, data={"count": len(rows)})
    return len(rows)
