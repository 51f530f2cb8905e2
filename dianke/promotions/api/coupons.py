"""Coupons: given, printed, claimed, looked up by code, taken back. Sales use them; nothing here does."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, ReferenceUnknown, chosen
from dianke.customers.models import Customer
from dianke.promotions import operations, queries
from dianke.promotions.api import schemas
from dianke.promotions.models import Coupon, CouponKind
from dianke.promotions.models.visible import ISSUE, VIEW
from dianke.stores.models import Store

router = Router(tags=["coupons"])


def _coupon(request: Request, pk: int) -> Coupon:
    found: Coupon = get_object_or_404(Coupon.objects.visible_to(request.actor), pk=pk)
    return found


def _kind(request: Request, pk: int) -> CouponKind:
    found: CouponKind = chosen(CouponKind.objects.visible_to(request.actor), pk, "kind_id")
    return found


class CouponFilter(Schema):
    customer_id: Id | None = Field(None, description="With everybody merged into the customer")
    kind_id: Id | None = None
    batch_id: Id | None = None
    state: schemas.CouponState | None = None


@router.get("/coupons", response=CursorPage[schemas.CouponOut])
@requires(VIEW)
def list_coupons(request: Request, page: Query[CursorQuery], wanted: Query[CouponFilter]) -> Any:
    """Coupons of customers one may see and those nobody has claimed, the latest first."""
    rows = Coupon.objects.visible_to(request.actor)
    if wanted.customer_id is not None:
        head = get_object_or_404(Customer.objects.visible_to(request.actor), pk=wanted.customer_id).head_id
        rows = rows.filter(customer__in=Customer.objects.cluster(head).values("pk"))
    if wanted.kind_id is not None:
        rows = rows.filter(kind=wanted.kind_id)
    if wanted.batch_id is not None:
        rows = rows.filter(batch=wanted.batch_id)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    return cursor_page(rows, page, order=["-id"])


class LookupQuery(Schema):
    code: str = Field(max_length=40, description="As typed or scanned")
    store_id: Id | None = Field(None, description="Where it would be used")


@router.get("/coupons/lookup", response=schemas.CouponLookupOut)
@requires(VIEW)
def look_up_coupon(request: Request, wanted: Query[LookupQuery]) -> Any:
    """What a code is good for, and why it cannot be used if it cannot."""
    if wanted.store_id is not None:
        chosen(Store.objects.visible_to(request.actor, VIEW), wanted.store_id, "store_id")
    held = queries.coupon_by_code(wanted.code, at=request.now, store_id=wanted.store_id)
    if held is None:
        raise operations.CouponUnknown(field="code")
    seen = Customer.objects.visible_to(request.actor).filter(pk=held.customer_id or 0)
    return schemas.looked_up(held, customer_id=seen.values_list("pk", flat=True).first())


@router.get("/coupons/{int:pk}", response=schemas.CouponOut)
@requires(VIEW)
def get_coupon(request: Request, pk: int) -> Any:
    """One coupon."""
    return _coupon(request, pk)


@router.get("/coupons/{int:pk}/steps", response=CursorPage[schemas.CouponStepOut])
@requires(VIEW)
def list_coupon_steps(request: Request, pk: int, page: Query[CursorQuery]) -> Any:
    """Everything that happened to it, from the first."""
    return cursor_page(_coupon(request, pk).steps.all(), page, order=["id"])


@router.post("/coupons/issue", response=schemas.CouponIssueOut)
@requires(VIEW)
def issue_coupons(request: Request, payload: schemas.CouponIssueIn) -> Any:
    """Give coupons of a kind to customers, once for an occasion. The kind says who may give it."""
    wanted = sorted(set(payload.customer_ids))
    seen = set(Customer.objects.visible_to(request.actor).filter(pk__in=wanted).values_list("pk", flat=True))
    for pk in wanted:
        if pk not in seen:
            raise ReferenceUnknown(id=pk, field="customer_ids")
    issued = operations.issue_coupons(
        kind=_kind(request, payload.kind_id),
        customer_ids=wanted,
        occasion=payload.occasion,
        each=payload.each,
        to_be_claimed=payload.to_be_claimed,
        reason=payload.reason,
        actor=request.actor,
        now=request.now,
    )
    given = [{"coupon_id": pk, "customer_id": customer} for pk, customer in issued.given]
    return {
        "given": given,
        "already": issued.already,
        "full": issued.full,
        "left_out": issued.left_out,
    }


@router.post("/coupons/print", response={201: schemas.CouponBatchOut})
@requires(ISSUE)
def print_coupons(request: Request, payload: schemas.CouponPrintIn) -> Any:
    """Make codes to be printed; `GET /coupons?batch_id=` lists them."""
    return operations.print_coupons(
        kind=_kind(request, payload.kind_id),
        count=payload.count,
        name=payload.name,
        use_by=payload.use_by,
        reference=payload.reference,
        actor=request.actor,
        now=request.now,
    )


@router.post("/coupons/claim", response=schemas.CouponOut)
@requires(ISSUE)
def claim_coupon(request: Request, payload: schemas.CouponClaimIn) -> Any:
    """Make a printed coupon a customer's, or take one that was offered, for them."""
    customers = Customer.objects.visible_to(request.actor).select_related("merged_into")
    return operations.claim_by_code(
        code=payload.code,
        customer=chosen(customers, payload.customer_id, "customer_id"),
        actor=request.actor,
        now=request.now,
    )


@router.post("/coupons/revoke", response=schemas.CouponRevokeOut)
@requires(ISSUE)
def revoke_coupons(request: Request, payload: schemas.CouponRevokeIn) -> Any:
    """Take coupons back that are not used yet."""
    wanted = sorted(set(payload.coupon_ids))
    rows = {row.pk: row for row in Coupon.objects.visible_to(request.actor).filter(pk__in=wanted)}
    for pk in wanted:
        if pk not in rows:
            raise ReferenceUnknown(id=pk, field="coupon_ids")
    revoked = operations.revoke_coupons(
        coupons=list(rows.values()), reason=payload.reason, actor=request.actor, now=request.now
    )
    return {"revoked": revoked}
