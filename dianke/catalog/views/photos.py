"""Photos: added from a computer or a phone's camera, put in order, taken away and brought back; and the pictures
themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.forms.photos import PhotosForm
from dianke.catalog.models import Photo, Piece, Product, Variant
from dianke.catalog.operations import photos
from dianke.catalog.views.goods import crumbs_to, piece_or_404, product_or_404, variant_or_404
from dianke.catalog.views.listings import MANAGE, VIEW
from dianke.catalog.views.lists import next_or
from dianke.web.forms import form_view
from dianke.web.listing import as_id
from dianke.web.responses import done

FORM = ("GET", "POST")
#: So many are shown on one page; a product of single pieces may have thousands.
SHOWN = 240
#: A photo never changes under its address, so a browser may keep it; nobody between may.
KEEP = "private, max-age=604800, immutable"


def photo_or_404(http: Request, uuid: Any, *, is_removed: bool = False) -> Photo:
    """The photo with what it is of."""
    rows = Photo.objects.visible_to(http.actor).select_related("product", "variant__product", "piece")
    found: Photo = get_object_or_404(rows.filter(removed_at__isnull=not is_removed), uuid=uuid)
    return found


# --- the pictures ----------------------------------------------------------------------------------------------------
@require_GET
@requires(VIEW)
def photo(request: Request, uuid: Any) -> HttpResponse:
    """The picture, up to 1600 pixels."""
    return picture_response(request, photo_or_404(request, uuid), is_small=False)


@require_GET
@requires(VIEW)
def photo_small(request: Request, uuid: Any) -> HttpResponse:
    """The picture for lists, up to 320 pixels."""
    return picture_response(request, photo_or_404(request, uuid), is_small=True)


def picture_response(http: Request, found: Photo, *, is_small: bool) -> HttpResponse:
    """The bytes as a picture and nothing else, whatever they are."""
    etag = f'"{found.uuid.hex}{"s" if is_small else ""}"'
    response = (
        HttpResponseNotModified()
        if http.headers.get("If-None-Match") == etag
        else HttpResponse(photos.read_photo(found, is_small=is_small), content_type=found.content_type)
    )
    response["ETag"] = etag
    response["Cache-Control"] = KEEP
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


# --- adding ----------------------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(MANAGE)
def of_product(request: Request, pk: int) -> HttpResponse:
    """Add photos of a product."""
    return _add(request, product_or_404(request, pk), reverse("catalog:product", args=[pk]))


@require_http_methods(FORM)
@requires(MANAGE)
def of_variant(request: Request, pk: int) -> HttpResponse:
    """Add photos of one variant: the red one."""
    found = variant_or_404(request, pk)
    return _add(request, found, reverse("catalog:product", args=[found.product_id]))


@require_http_methods(FORM)
@requires(MANAGE)
def of_piece(request: Request, pk: int) -> HttpResponse:
    """Add photos of a single piece."""
    return _add(request, piece_or_404(request, pk), reverse("catalog:piece", args=[pk]))


def _add(http: Request, pictured: photos.Pictured, back: str) -> HttpResponse:
    back = next_or(http, back)
    form = PhotosForm(http.POST, http.FILES) if http.method == "POST" else PhotosForm()

    def run(data: dict[str, Any]) -> list[Photo]:
        return photos.add_photos(of=pictured, pictures=data["pictures"], actor=http.actor, now=http.now)

    def told(made: Sequence[Photo]) -> str:
        count = len(made)
        return ngettext("%(count)s photo added.", "%(count)s photos added.", count) % {"count": count}

    product = pictured if isinstance(pictured, Product) else _product_of(pictured)
    return form_view(
        http,
        form=form,
        run=run,
        title=_("Photos of %(name)s") % {"name": pictured},
        success=told,
        redirect_to=back,
        cancel_url=back,
        submit=_("Add"),
        template="catalog/product/photo_add.html",
        context={"crumb_list": crumbs_to(product)},
    )


def _product_of(pictured: Variant | Piece) -> Product:
    variant = pictured.variant if isinstance(pictured, Piece) else pictured
    return variant.product


# --- order -----------------------------------------------------------------------------------------------------------
@require_GET
@requires(MANAGE)
def arrange(request: Request, pk: int) -> HttpResponse:
    """All photos of a product, its variants and its pieces, to put in order and to take away."""
    product = product_or_404(request, pk)
    rows = list(
        Photo.objects.visible_to(request.actor)
        .shown()
        .filter(product=product)
        .select_related("variant__product", "piece__variant__product")
        .order_by("piece_id", "variant__position", "variant_id", "position", "pk")[:SHOWN]
    )
    groups: dict[tuple[int | None, int | None], dict[str, Any]] = {}
    groups[None, None] = {
        "name": _("Of the product"),
        "photos": [],
        "add_url": reverse("catalog:photos-of-product", args=[pk]),
    }
    for each in rows:
        key = (each.variant_id, each.piece_id)
        group = groups.setdefault(key, {"photos": [], **_head(each)})
        group["photos"].append(each)
    context = {
        "product": product,
        "groups": list(groups.values()),
        "page_url": reverse("catalog:photos", args=[pk]),
        "crumb_list": crumbs_to(product),
    }
    return render(request, "catalog/product/photos_page.html", context)


def _head(each: Photo) -> dict[str, Any]:
    if each.piece:
        return {"name": each.piece.tag, "add_url": reverse("catalog:photos-of-piece", args=[each.piece_id])}
    if each.variant:
        name = each.variant.label or str(each.variant)
        return {"name": name, "add_url": reverse("catalog:photos-of-variant", args=[each.variant_id])}
    return {}


@require_POST
@requires(MANAGE)
def position(request: Request, uuid: Any) -> HttpResponse:
    """Put a photo elsewhere among its siblings; at 0 it is the main photo."""
    found = photo_or_404(request, uuid)
    moved = photos.move_photo(
        photo=found,
        position=as_id(request.POST.get("position", "0")),
        actor=request.actor,
        now=request.now,
    )
    text = _("This is the main photo now.") if moved.position == 0 else _("The photos are in this order now.")
    return done(request, text, to=_arrange(request, found))


@require_POST
@requires(MANAGE)
def remove(request: Request, uuid: Any) -> HttpResponse:
    """Take a photo away; the notice brings it back."""
    found = photo_or_404(request, uuid)
    photos.remove_photo(photo=found, actor=request.actor, now=request.now)
    undo = reverse("catalog:photo-return", args=[uuid])
    return done(request, _("Photo taken away."), to=_arrange(request, found), undo_url=undo)


@require_POST
@requires(MANAGE)
def bring_back(request: Request, uuid: Any) -> HttpResponse:
    """Bring back a photo that was taken away."""
    found = photo_or_404(request, uuid, is_removed=True)
    photos.restore_photo(photo=found, actor=request.actor, now=request.now)
    return done(request, _("The photo is back."), to=_arrange(request, found))


def _arrange(http: Request, found: Photo) -> str:
    return next_or(http, reverse("catalog:photos", args=[found.product_id]))
