"""What variants differ by: attributes and their values."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import chosen
from dianke.catalog.api import schemas
from dianke.catalog.models import Attribute, AttributeValue
from dianke.catalog.operations import attributes

router = Router(tags=["product attributes"])
VIEW = "catalog.view_products"
MANAGE = "catalog.manage_products"


def _attribute(request: Request, pk: int) -> Attribute:
    found: Attribute = get_object_or_404(Attribute.objects.visible_to(request.actor), pk=pk)
    return found


def _value(request: Request, pk: int) -> AttributeValue:
    rows = AttributeValue.objects.visible_to(request.actor).select_related("attribute")
    found: AttributeValue = get_object_or_404(rows, pk=pk)
    return found


@router.get("/product-attributes", response=CursorPage[schemas.AttributeOut])
@requires(VIEW)
def list_attributes(request: Request, page: Query[CursorQuery]) -> Any:
    """Attributes with their values."""
    rows = Attribute.objects.visible_to(request.actor).prefetch_related("values")
    return cursor_page(rows, page, order=["id"])


@router.post("/product-attributes", response={201: schemas.AttributeOut})
@requires(MANAGE)
def add_attribute(request: Request, payload: schemas.AttributeIn) -> Any:
    """A new attribute with its values."""
    return Status(201, attributes.add_attribute(**payload.dict(), actor=request.actor, now=request.now))


@router.put("/product-attributes/order", response=list[schemas.AttributeOut])
@requires(MANAGE)
def sort_attributes(request: Request, payload: schemas.AttributeOrderIn) -> Any:
    """The order in which attributes are offered."""
    attributes.sort_attributes(order=payload.order, actor=request.actor, now=request.now)
    return list(Attribute.objects.visible_to(request.actor).prefetch_related("values"))


@router.patch("/product-attributes/{int:pk}", response=schemas.AttributeOut)
@requires(MANAGE)
def rename_attribute(request: Request, pk: int, payload: schemas.AttributePatch) -> Any:
    """Another name, everywhere."""
    attribute = _attribute(request, pk)
    name = attribute.name if payload.name is None else payload.name
    return attributes.rename_attribute(attribute=attribute, name=name, actor=request.actor, now=request.now)


@router.post("/product-attributes/{int:pk}/merge", response=schemas.AttributeOut)
@requires(MANAGE)
def merge_attribute(request: Request, pk: int, payload: schemas.AttributeMergeIn) -> Any:
    """Make it one with another; answers the one that stays. Refused while a product is told apart by both."""
    into = chosen(Attribute.objects.visible_to(request.actor), payload.into_id, "into_id")
    return attributes.merge_attributes(
        attribute=_attribute(request, pk), into=into, actor=request.actor, now=request.now
    )


@router.delete("/product-attributes/{int:pk}", response={204: None})
@requires(MANAGE)
def remove_attribute(request: Request, pk: int) -> Any:
    """Forget an attribute no product is told apart by."""
    attributes.remove_attribute(attribute=_attribute(request, pk), actor=request.actor, now=request.now)
    return Status(204, None)


# --- values ----------------------------------------------------------------------------------------------------------
@router.post("/product-attributes/{int:pk}/values", response=schemas.AttributeOut)
@requires(MANAGE)
def add_attribute_values(request: Request, pk: int, payload: schemas.AttributeValuesIn) -> Any:
    """Further values; those that are there stay."""
    return attributes.add_attribute_values(
        attribute=_attribute(request, pk), names=payload.values, actor=request.actor, now=request.now
    )


@router.put("/product-attributes/{int:pk}/values/order", response=schemas.AttributeOut)
@requires(MANAGE)
def sort_attribute_values(request: Request, pk: int, payload: schemas.AttributeOrderIn) -> Any:
    """The order of the values: S, M, L."""
    return attributes.sort_attribute_values(
        attribute=_attribute(request, pk), order=payload.order, actor=request.actor, now=request.now
    )


@router.patch("/product-attribute-values/{int:pk}", response=schemas.AttributeValueOut)
@requires(MANAGE)
def rename_attribute_value(request: Request, pk: int, payload: schemas.AttributeValuePatch) -> Any:
    """Another name, in the labels of variants too."""
    value = _value(request, pk)
    name = value.name if payload.name is None else payload.name
    return attributes.rename_attribute_value(value=value, name=name, actor=request.actor, now=request.now)


@router.post("/product-attribute-values/{int:pk}/merge", response=schemas.AttributeValueOut)
@requires(MANAGE)
def merge_attribute_value(request: Request, pk: int, payload: schemas.AttributeMergeIn) -> Any:
    """Variants that have it have the other from now on; answers the one that stays."""
    into = chosen(AttributeValue.objects.visible_to(request.actor), payload.into_id, "into_id")
    return attributes.merge_attribute_values(
        value=_value(request, pk), into=into, actor=request.actor, now=request.now
    )


@router.delete("/product-attribute-values/{int:pk}", response={204: None})
@requires(MANAGE)
def remove_attribute_value(request: Request, pk: int) -> Any:
    """Forget a value no variant has."""
    attributes.remove_attribute_value(value=_value(request, pk), actor=request.actor, now=request.now)
    return Status(204, None)
