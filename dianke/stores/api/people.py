"""Staff, their postings, transfers and leaving."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import date
from typing import Any

from django.db.models import Q
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.models import Role
from dianke.access.operations import reveal_field
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen, chosen_or_none
from dianke.stores import operations
from dianke.stores.api import schemas
from dianke.stores.models import LegalEntity, Posting, Region, Staff, Store

router = Router(tags=["staff"])
VIEW = "stores.view_organisation"
MANAGE = "stores.manage_staff"


def _staff(request: Request, pk: int) -> Staff:
    return get_object_or_404(Staff.objects.visible_to(request.actor).select_related("user"), pk=pk)


def _employer(request: Request, pk: int) -> LegalEntity:
    entities = LegalEntity.objects.visible_to(request.actor).filter(is_active=True)
    return chosen(entities, pk, "legal_entity_id")


def _place(request: Request, pk: int | None) -> Store | None:
    return chosen_or_none(Store.objects.visible_to(request.actor, MANAGE), pk, "store_id")


class StaffFilter(Schema):
    store_id: Id | None = Field(None, description="Posted there on `on`")
    on: date | None = Field(None, description="Employed on this day", examples=["2026-11-21"])
    number: str | None = Field(None, max_length=16)
    q: str | None = Field(None, max_length=60, description="Part of the name")


@router.get("/staff", response=CursorPage[schemas.StaffOut])
@requires(VIEW)
def list_staff(request: Request, page: Query[CursorQuery], wanted: Query[StaffFilter]) -> Any:
    """People at the stores the caller reaches, by staff number; phones are masked."""
    rows = Staff.objects.visible_to(request.actor)
    if wanted.on is not None:
        rows = rows.employed_on(wanted.on)
    if wanted.store_id is not None:
        postings = Posting.objects.filter(store_id=wanted.store_id)
        postings = postings.in_force(wanted.on) if wanted.on is not None else postings
        rows = rows.filter(pk__in=postings.values("staff_id"))
    if wanted.number:
        rows = rows.filter(number=wanted.number)
    if wanted.q:
        rows = rows.filter(name__icontains=wanted.q)
    return cursor_page(rows, page, order=["number"])


@router.post("/staff", response={201: schemas.StaffOut})
@requires(MANAGE)
def hire_staff(request: Request, payload: schemas.HireIn) -> Any:
    """Hire a person: account, record and first posting. Send an invitation from the account's page."""
    values = payload.dict()
    values["legal_entity"] = _employer(request, values.pop("legal_entity_id"))
    values["role"] = chosen_or_none(Role.objects.all(), values.pop("role_id"), "role_id")
    values["store"] = _place(request, values.pop("store_id"))
    return operations.hire_staff(**values, actor=request.actor, now=request.now)


@router.get("/staff/{int:pk}", response=schemas.StaffOut)
@requires(VIEW)
def get_staff(request: Request, pk: int) -> Any:
    """One person."""
    return _staff(request, pk)


@router.patch("/staff/{int:pk}", response=schemas.StaffOut)
@requires(MANAGE)
def change_staff(request: Request, pk: int, payload: schemas.StaffPatch) -> Any:
    """Change what is named."""
    staff = _staff(request, pk)
    values = payload.dict(exclude_unset=True)
    if "legal_entity_id" in values:
        values["legal_entity"] = _employer(request, values.pop("legal_entity_id"))
    return operations.change_staff(staff=staff, values=values, actor=request.actor, now=request.now)


@router.post("/staff/{int:pk}/reveal-phone", response=schemas.RevealedOut)
@requires("stores.reveal_staff_contacts")
def reveal_staff_phone(request: Request, pk: int, payload: schemas.ReasonIn) -> Any:
    """The whole phone of a person; who asked and why is logged, and only so many are shown in an hour."""
    value = reveal_field(
        code="stores.staff.phone",
        subject=_staff(request, pk),
        reason=payload.reason,
        actor=request.actor,
        now=request.now,
    )
    return {"value": value}


@router.post("/staff/{int:pk}/release", response=schemas.StaffOut)
@requires(MANAGE)
def release_staff(request: Request, pk: int, payload: schemas.ReleaseIn) -> Any:
    """A person leaves: postings end, what is held goes to the successor, the account stops on the day."""
    colleagues = Staff.objects.visible_to(request.actor)
    return operations.release_staff(
        staff=_staff(request, pk),
        left_on=payload.left_on,
        successor=chosen_or_none(colleagues, payload.successor_id, "successor_id"),
        actor=request.actor,
        now=request.now,
    )


@router.post("/staff/{int:pk}/keep", response=schemas.StaffOut)
@requires(MANAGE)
def keep_staff(request: Request, pk: int) -> Any:
    """Undo a release."""
    return operations.keep_staff(staff=_staff(request, pk), actor=request.actor, now=request.now)


# --- postings --------------------------------------------------------------------------------------------------------
class PostingFilter(Schema):
    staff_id: Id | None = None
    store_id: Id | None = None
    role_id: Id | None = None
    on: date | None = Field(None, description="In force on this day", examples=["2026-11-21"])


@router.get("/postings", response=CursorPage[schemas.PostingOut])
@requires(VIEW)
def list_postings(request: Request, page: Query[CursorQuery], wanted: Query[PostingFilter]) -> Any:
    """Postings of the people the caller may see, past and coming ones too."""
    given = wanted.dict(exclude_none=True)
    on = given.pop("on", None)
    condition = Q(**given)
    rows = Posting.objects.visible_to(request.actor).filter(condition)
    return cursor_page(rows.in_force(on) if on else rows, page, order=["id"])


def _posting(request: Request, pk: int) -> Posting:
    return get_object_or_404(Posting.objects.visible_to(request.actor), pk=pk)


@router.post("/staff/{int:pk}/postings", response={201: schemas.PostingOut})
@requires(MANAGE)
def post_staff(request: Request, pk: int, payload: schemas.PostingIn) -> Any:
    """Post a person to one place: a store, a region or a legal entity; none means the whole merchant."""
    actor = request.actor
    return operations.post_staff(
        staff=_staff(request, pk),
        role=chosen(Role.objects.all(), payload.role_id, "role_id"),
        store=_place(request, payload.store_id),
        region=chosen_or_none(Region.objects.visible_to(actor, MANAGE), payload.region_id, "region_id"),
        legal_entity=chosen_or_none(
            LegalEntity.objects.visible_to(actor, MANAGE), payload.legal_entity_id, "legal_entity_id"
        ),
        from_date=payload.from_date,
        to_date=payload.to_date,
        actor=actor,
        now=request.now,
    )


@router.post("/postings/{int:pk}/end", response=schemas.PostingOut)
@requires(MANAGE)
def end_posting(request: Request, pk: int, payload: schemas.EndIn) -> Any:
    """End a posting; one that has not begun is taken back whole."""
    return operations.end_posting(
        posting=_posting(request, pk), to_date=payload.to_date, actor=request.actor, now=request.now
    )


@router.post("/postings/{int:pk}/transfer", response={201: schemas.PostingOut})
@requires(MANAGE)
def transfer_staff(request: Request, pk: int, payload: schemas.TransferIn) -> Any:
    """Move a person to another store; answers the new posting."""
    return operations.transfer_staff(
        posting=_posting(request, pk),
        store=chosen(Store.objects.visible_to(request.actor, MANAGE), payload.store_id, "store_id"),
        role=chosen_or_none(Role.objects.all(), payload.role_id, "role_id"),
        from_date=payload.from_date,
        actor=request.actor,
        now=request.now,
    )
