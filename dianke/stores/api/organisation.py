"""Merchant, legal entities, partners and their shares, regions."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import date
from typing import Any

from django.db.models import Q
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.models import User
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen, chosen_or_none
from dianke.stores import operations
from dianke.stores.api import schemas
from dianke.stores.models import Holding, LegalEntity, Merchant, Partner, Region

router = Router(tags=["organisation"])
MANAGE = "stores.manage_merchant"
VIEW = "stores.view_merchant"


@router.get("/merchant", response=schemas.MerchantOut)
@requires("stores.view_organisation")
def get_merchant(request: Request) -> Any:
    """The merchant of this database."""
    return get_object_or_404(Merchant)


@router.patch("/merchant", response=schemas.MerchantOut)
@requires(MANAGE)
def change_merchant(request: Request, payload: schemas.MerchantPatch) -> Any:
    """Change what is named; the currency stays, as amounts are kept in it."""
    get_object_or_404(Merchant)
    values = payload.dict(exclude_unset=True)
    return operations.change_merchant(values=values, actor=request.actor, now=request.now)


# --- legal entities --------------------------------------------------------------------------------------------------
class EntityFilter(Schema):
    is_active: bool | None = None


@router.get("/legal-entities", response=CursorPage[schemas.LegalEntityOut])
@requires("stores.view_organisation")
def list_legal_entities(request: Request, page: Query[CursorQuery], wanted: Query[EntityFilter]) -> Any:
    """Those that own a store the caller reaches."""
    rows = LegalEntity.objects.visible_to(request.actor)
    if wanted.is_active is not None:
        rows = rows.filter(is_active=wanted.is_active)
    return cursor_page(rows, page, order=["id"])


@router.post("/legal-entities", response={201: schemas.LegalEntityOut})
@requires(MANAGE)
def add_legal_entity(request: Request, payload: schemas.LegalEntityIn) -> Any:
    """Add a company or sole trader."""
    return operations.add_legal_entity(values=payload.dict(), actor=request.actor, now=request.now)


@router.get("/legal-entities/{int:pk}", response=schemas.LegalEntityOut)
@requires("stores.view_organisation")
def get_legal_entity(request: Request, pk: int) -> Any:
    """One legal entity."""
    return get_object_or_404(LegalEntity.objects.visible_to(request.actor), pk=pk)


@router.patch("/legal-entities/{int:pk}", response=schemas.LegalEntityOut)
@requires(MANAGE)
def change_legal_entity(request: Request, pk: int, payload: schemas.LegalEntityPatch) -> Any:
    """Change what is named."""
    entity = get_object_or_404(LegalEntity.objects.visible_to(request.actor, MANAGE), pk=pk)
    values = payload.dict(exclude_unset=True)
    return operations.change_legal_entity(entity=entity, values=values, actor=request.actor, now=request.now)


# --- partners and shares ---------------------------------------------------------------------------------------------
@router.get("/partners", response=CursorPage[schemas.PartnerOut])
@requires(VIEW)
def list_partners(request: Request, page: Query[CursorQuery]) -> Any:
    """Partners of the legal entities the caller may look into."""
    return cursor_page(Partner.objects.visible_to(request.actor), page, order=["id"])


@router.post("/partners", response={201: schemas.PartnerOut})
@requires(MANAGE)
def add_partner(request: Request, payload: schemas.PartnerIn) -> Any:
    """Add a partner."""
    user = chosen_or_none(User.objects.visible_to(request.actor), payload.user_id, "user_id")
    return operations.add_partner(name=payload.name, user=user, actor=request.actor, now=request.now)


@router.get("/partners/{int:pk}", response=schemas.PartnerOut)
@requires(VIEW)
def get_partner(request: Request, pk: int) -> Any:
    """One partner."""
    return get_object_or_404(Partner.objects.visible_to(request.actor), pk=pk)


@router.patch("/partners/{int:pk}", response=schemas.PartnerOut)
@requires(MANAGE)
def change_partner(request: Request, pk: int, payload: schemas.PartnerPatch) -> Any:
    """Change what is named."""
    partner = get_object_or_404(Partner.objects.visible_to(request.actor, MANAGE), pk=pk)
    values = payload.dict(exclude_unset=True)
    if "user_id" in values:
        users = User.objects.visible_to(request.actor)
        values["user"] = chosen_or_none(users, values.pop("user_id"), "user_id")
    return operations.change_partner(partner=partner, values=values, actor=request.actor, now=request.now)


class HoldingFilter(Schema):
    legal_entity_id: Id | None = None
    partner_id: Id | None = None
    on: date | None = Field(None, description="In force on this day", examples=["2026-11-21"])


@router.get("/holdings", response=CursorPage[schemas.HoldingOut])
@requires(VIEW)
def list_holdings(request: Request, page: Query[CursorQuery], wanted: Query[HoldingFilter]) -> Any:
    """Shares of partners in legal entities, past and coming ones too."""
    rows = Holding.objects.visible_to(request.actor)
    given = wanted.dict(exclude_none=True)
    on = given.pop("on", None)
    rows = rows.filter(**given)
    return cursor_page(rows.in_force(on) if on else rows, page, order=["id"])


@router.post("/holdings", response={201: schemas.HoldingOut})
@requires(MANAGE)
def give_holding(request: Request, payload: schemas.HoldingIn) -> Any:
    """Give a partner a share. All shares of an entity are at most 100 % on every day."""
    actor = request.actor
    return operations.give_holding(
        partner=chosen(Partner.objects.visible_to(actor, MANAGE), payload.partner_id, "partner_id"),
        legal_entity=chosen(
            LegalEntity.objects.visible_to(actor, MANAGE), payload.legal_entity_id, "legal_entity_id"
        ),
        share_basis_points=payload.share_basis_points,
        from_date=payload.from_date,
        to_date=payload.to_date,
        actor=actor,
        now=request.now,
    )


@router.post("/holdings/{int:pk}/end", response=schemas.HoldingOut)
@requires(MANAGE)
def end_holding(request: Request, pk: int, payload: schemas.EndIn) -> Any:
    """End a share on a day."""
    holding = get_object_or_404(Holding.objects.visible_to(request.actor, MANAGE), pk=pk)
    return operations.end_holding(
        holding=holding, to_date=payload.to_date, actor=request.actor, now=request.now
    )


# --- regions ---------------------------------------------------------------------------------------------------------
class RegionFilter(Schema):
    parent_id: Id | None = None
    name: str | None = Field(None, max_length=40, description="Part of the name")


@router.get("/regions", response=CursorPage[schemas.RegionOut])
@requires("stores.view_organisation")
def list_regions(request: Request, page: Query[CursorQuery], wanted: Query[RegionFilter]) -> Any:
    """Regions with a store the caller reaches."""
    condition = Q()
    if wanted.parent_id is not None:
        condition &= Q(parent_id=wanted.parent_id)
    if wanted.name:
        condition &= Q(name__icontains=wanted.name)
    return cursor_page(Region.objects.visible_to(request.actor).filter(condition), page, order=["id"])


def _parent(request: Request, pk: int | None) -> Region | None:
    return chosen_or_none(Region.objects.visible_to(request.actor, "stores.manage_stores"), pk, "parent_id")


@router.post("/regions", response={201: schemas.RegionOut})
@requires("stores.manage_stores")
def add_region(request: Request, payload: schemas.RegionIn) -> Any:
    """Add a region."""
    parent = _parent(request, payload.parent_id)
    return operations.add_region(name=payload.name, parent=parent, actor=request.actor, now=request.now)


@router.get("/regions/{int:pk}", response=schemas.RegionOut)
@requires("stores.view_organisation")
def get_region(request: Request, pk: int) -> Any:
    """One region."""
    return get_object_or_404(Region.objects.visible_to(request.actor), pk=pk)


@router.patch("/regions/{int:pk}", response=schemas.RegionOut)
@requires("stores.manage_stores")
def change_region(request: Request, pk: int, payload: schemas.RegionPatch) -> Any:
    """Rename or move a region."""
    region = get_object_or_404(Region.objects.visible_to(request.actor, "stores.manage_stores"), pk=pk)
    values = payload.dict(exclude_unset=True)
    if "parent_id" in values:
        values["parent"] = _parent(request, values.pop("parent_id"))
    return operations.change_region(region=region, values=values, actor=request.actor, now=request.now)
