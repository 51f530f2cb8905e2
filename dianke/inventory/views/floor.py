"""What the pages of the shop floor share: where a person works, goods behind a scanned code, addresses."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import NoReverseMatch, reverse

from dianke.access.requests import Request
from dianke.catalog.models import Barcode
from dianke.core.actor import Actor
from dianke.inventory.forms.parts import as_number, shelves
from dianke.inventory.models import Document, Place

FORM = ("GET", "POST")


def own_shelf(actor: Actor, permission: str) -> Place | None:
    """The first shelf of the store the person works in now, or of the only one they reach."""
    reached = actor.stores_for(permission)
    if actor.store_id is not None and (reached is None or actor.store_id in reached):
        return shelves().filter(store=actor.store_id).first()
    if reached is not None and len(reached) == 1:
        return shelves().filter(store__in=reached).first()
    return None


def main_shelf(store: str | None) -> int | None:
    """The first shelf of the store with this number."""
    return shelves().filter(store=as_number(store)).values_list("pk", flat=True).first() if store else None


def is_part(http: Request, target: str) -> bool:
    """Whether only the part of the page with this id is wanted."""
    return http.headers.get("HX-Target", "").endswith(f"#{target}")


def document_url(document: Document | None) -> str:
    """The page of a stock document, or ""."""
    if document is None:
        return ""
    try:
        return reverse("inventory:document", args=[document.pk])
    except NoReverseMatch:  # pages of documents may be switched off with their module
        return ""


def codes_of(variant_ids: Collection[int]) -> dict[int, list[str]]:
    """Barcodes by variant: what the scanner may read from these goods."""
    found: dict[int, list[str]] = {}
    rows = Barcode.objects.filter(variant__in=variant_ids).values_list("variant_id", "value")
    for variant_id, value in rows:
        found.setdefault(variant_id, []).append(value)
    return found
