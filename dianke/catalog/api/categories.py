"""What goods are sorted and described by: categories, brands, units, tax classes."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema, Status
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen, chosen_or_none
from dianke.catalog.api import schemas
from dianke.catalog.models import Brand, Category, TaxClass, Unit
from dianke.catalog.operations import brands, categories
from dianke.catalog.queries.reading import tax_rates_on
from dianke.stores.queries import local_date

router = Router(tags=["product categories"])
VIEW = "catalog.view_products"
MANAGE = "catalog.manage_products"


def _category(request: Request, pk: int) -> Category:
    found: Category = get_object_or_404(Category.objects.visible_to(request.actor), pk=pk)
    return found


def _parent(request: Request, pk: int | None) -> Category | None:
    return chosen_or_none(Category.objects.visible_to(request.actor).in_use(), pk, "parent_id")


class CategoryFilter(Schema):
    parent_id: Id | None = None
    is_merged: bool = Field(False, description="Those that became part of another")


@router.get("/categories", response=CursorPage[schemas.CategoryOut])
@requires(VIEW)
def list_categories(request: Request, page: Query[CursorQuery], wanted: Query[CategoryFilter]) -> Any:
    """Categories of goods; `path` and `position` make the tree."""
    rows = Category.objects.visible_to(request.actor)
    rows = rows.filter(merged_into__isnull=False) if wanted.is_merged else rows.in_use()
    if wanted.parent_id is not None:
        rows = rows.filter(parent_id=wanted.parent_id)
    return cursor_page(rows, page, order=["id"])


@router.post("/categories", response={201: schemas.CategoryOut})
@requires(MANAGE)
def add_category(request: Request, payload: schemas.CategoryIn) -> Any:
    """A new category, at the top or inside another; five levels at most."""
    parent = _parent(request, payload.parent_id)
    made = categories.add_category(name=payload.name, parent=parent, actor=request.actor, now=request.now)
    return Status(201, made)


@router.get("/categories/{int:pk}", response=schemas.CategoryOut)
@requires(VIEW)
def get_category(request: Request, pk: int) -> Any:
    """One category."""
    return _category(request, pk)


@router.patch("/categories/{int:pk}", response=schemas.CategoryOut)
@requires(MANAGE)
def rename_category(request: Request, pk: int, payload: schemas.CategoryPatch) -> Any:
    """Another name."""
    category = _category(request, pk)
    if payload.name is None:
        return category
    return categories.rename_category(
        category=category, name=payload.name, actor=request.actor, now=request.now
    )


@router.post("/categories/{int:pk}/move", response=schemas.CategoryOut)
@requires(MANAGE)
def move_category(request: Request, pk: int, payload: schemas.CategoryMoveIn) -> Any:
    """Put a category with everything below it inside another, or at the top."""
    return categories.move_category(
        category=_category(request, pk),
        parent=_parent(request, payload.parent_id),
        actor=request.actor,
        now=request.now,
    )


@router.post("/categories/{int:pk}/merge", response=schemas.CategoryOut)
@requires(MANAGE)
def merge_category(request: Request, pk: int, payload: schemas.CategoryMergeIn) -> Any:
    """Make a category part of another; answers the one that is kept."""
    into = chosen(Category.objects.visible_to(request.actor).in_use(), payload.into_id, "into_id")
    return categories.merge_category(
        category=_category(request, pk), into=into, actor=request.actor, now=request.now
    )


@router.put("/categories/order", response=list[schemas.CategoryOut])
@requires(MANAGE)
def sort_categories(request: Request, payload: schemas.CategoryOrderIn) -> Any:
    """The order of the categories at one place."""
    parent = _parent(request, payload.parent_id)
    return categories.sort_categories(
        parent=parent, order=payload.order, actor=request.actor, now=request.now
    )


# --- brands ----------------------------------------------------------------------------------------------------------
@router.get("/brands", response=CursorPage[schemas.BrandOut])
@requires(VIEW)
def list_brands(request: Request, page: Query[CursorQuery]) -> Any:
    """Brands by name."""
    return cursor_page(Brand.objects.visible_to(request.actor), page, order=["name", "id"])


@router.post("/brands", response={201: schemas.BrandOut})
@requires(MANAGE)
def add_brand(request: Request, payload: schemas.BrandIn) -> Any:
    """A new brand."""
    return Status(201, brands.add_brand(**payload.dict(), actor=request.actor, now=request.now))


@router.patch("/brands/{int:pk}", response=schemas.BrandOut)
@requires(MANAGE)
def change_brand(request: Request, pk: int, payload: schemas.BrandPatch) -> Any:
    """Another name, other names it is found by; put away or brought back."""
    brand = get_object_or_404(Brand.objects.visible_to(request.actor), pk=pk)
    values = payload.dict(exclude_unset=True)
    return brands.change_brand(brand=brand, values=values, actor=request.actor, now=request.now)


# --- units, taxes ----------------------------------------------------------------------------------------------------
@router.get("/units", response=list[schemas.UnitOut])
@requires(VIEW)
def list_units(request: Request) -> Any:
    """Units goods are counted, weighed and measured in."""
    return list(Unit.objects.visible_to(request.actor))


@router.get("/tax-classes", response=list[schemas.TaxClassOut])
@requires(VIEW)
def list_tax_classes(request: Request) -> Any:
    """Tax classes with the rate of today."""
    rows = list(TaxClass.objects.visible_to(request.actor))
    rates = tax_rates_on(local_date(request.now), [row.pk for row in rows])
    return [{"id": row.pk, "code": row.code, "name": row.name, "rate_bp": rates.get(row.pk)} for row in rows]
