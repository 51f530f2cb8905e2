"""Photos over the API: one file a request, so that what failed is sent again alone."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.schemas import Body, Id, chosen
from dianke.api.uploads import MEGABYTE, takes_file
from dianke.catalog.models import Photo, Piece, Product, Variant
from dianke.catalog.operations import photos
from dianke.catalog.operations.pictures import LARGEST_MB, picture_of
from dianke.core.errors import InvalidInput

router = Router(tags=["product photos"])
VIEW = "catalog.view_products"
MANAGE = "catalog.manage_products"
MOST_LISTED = 500


class PhotoOfTwo(InvalidInput):
    code = "photo_of_two"
    message = _("A photo is of a variant or of a piece of this product, not of both.")
    default_field = "piece_id"


class PhotoOut(Schema):
    id: str = Field(description="UUID")
    product_id: int
    variant_id: int | None
    piece_id: int | None
    content_type: Literal["image/jpeg", "image/webp", "image/png"]
    size: int = Field(description="Bytes of the large picture")
    position: int = Field(description="0 stands in lists")
    added_at: datetime

    @staticmethod
    def resolve_id(photo: Photo) -> str:
        return str(photo.uuid)


class PhotoSizeQuery(Schema):
    size: Literal["large", "small"] = Field(
        "large", description="The longer side is at most 1600 or 320 pixels"
    )


class PhotoPositionIn(Body):
    position: int = Field(
        ge=0, le=1000, description="Among the photos of the same thing; 0 is the main photo"
    )


def _photo(request: Request, uuid: UUID, *, is_any: bool = False) -> Photo:
    rows = Photo.objects.visible_to(request.actor)
    found: Photo = get_object_or_404(rows if is_any else rows.shown(), uuid=uuid)
    return found


@router.get("/products/{int:pk}/photos", response=list[PhotoOut])
@requires(VIEW)
def list_photos(request: Request, pk: int) -> Any:
    """Photos of a product, its own first, then those of variants and pieces; at most 500."""
    product = get_object_or_404(Product.objects.visible_to(request.actor), pk=pk)
    rows = Photo.objects.visible_to(request.actor).shown().filter(product=product)
    own_first = (F("piece_id").asc(nulls_first=True), F("variant_id").asc(nulls_first=True))
    return list(rows.order_by(*own_first, "position", "pk")[:MOST_LISTED])


@router.post("/products/{int:pk}/photos", response={201: PhotoOut})
@requires(MANAGE)
@takes_file(up_to=LARGEST_MB * MEGABYTE)
def add_photo(
    request: Request,
    pk: int,
    file: File[UploadedFile],
    variant_id: Form[Id | None] = None,
    piece_id: Form[Id | None] = None,
) -> Any:
    """Add a photo of a product, or of one of its variants or pieces: JPEG, PNG, WebP or HEIC, at most 20 MB.

    It is turned upright and encoded anew; place and time are left out. Under an Idempotency-Key a repeat with the same
    file gets the first answer.
    """
    product: Product = get_object_or_404(Product.objects.visible_to(request.actor), pk=pk)
    of: photos.Pictured = product
    if variant_id is not None and piece_id is not None:
        raise PhotoOfTwo()
    if variant_id is not None:
        of = chosen(Variant.objects.visible_to(request.actor).filter(product=pk), variant_id, "variant_id")
    if piece_id is not None:
        pieces = Piece.objects.visible_to(request.actor).select_related("variant__product")
        of = chosen(pieces.filter(variant__product=pk), piece_id, "piece_id")
    # One byte more than allowed is enough to be refused; the rest is never read into memory.
    picture = picture_of(file.read(LARGEST_MB * 1024 * 1024 + 1), name=(file.name or "")[-60:])
    made = photos.add_photos(of=of, pictures=[picture], actor=request.actor, now=request.now)
    return Status(201, made[0])


@router.get("/photos/{uuid:uuid}/content", response={200: None})
@requires(VIEW)
def get_photo_content(request: Request, uuid: UUID, wanted: Query[PhotoSizeQuery]) -> Any:
    """The picture itself."""
    found = _photo(request, uuid)
    content = photos.read_photo(found, is_small=wanted.size == "small")
    return HttpResponse(content, content_type=found.content_type)


@router.put("/photos/{uuid:uuid}/position", response=PhotoOut)
@requires(MANAGE)
def move_photo(request: Request, uuid: UUID, payload: PhotoPositionIn) -> Any:
    """Put a photo elsewhere among its siblings."""
    return photos.move_photo(
        photo=_photo(request, uuid), position=payload.position, actor=request.actor, now=request.now
    )


@router.delete("/photos/{uuid:uuid}", response={204: None})
@requires(MANAGE)
def remove_photo(request: Request, uuid: UUID) -> Any:
    """Take a photo away; for 30 days it can be brought back."""
    photos.remove_photo(photo=_photo(request, uuid), actor=request.actor, now=request.now)
    return Status(204, None)


@router.post("/photos/{uuid:uuid}/restore", response=PhotoOut)
@requires(MANAGE)
def restore_photo(request: Request, uuid: UUID) -> Any:
    """Bring back a photo that was taken away."""
    return photos.restore_photo(
        photo=_photo(request, uuid, is_any=True), actor=request.actor, now=request.now
    )
