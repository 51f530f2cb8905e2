"""Members over the API: where they stand, their points, levels given to them, rewards, who brought whom."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import date
from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen, chosen_or_none, inline
from dianke.customers.models import Customer
from dianke.loyalty import operations
from dianke.loyalty.api import member_schemas as schemas
from dianke.loyalty.models import Level, LevelChange, LevelGrant, Membership, Redemption, Referral, Reward
from dianke.loyalty.queries.standing import cluster_of, standing_of
from dianke.loyalty.queries.statement import balance_on, lots_of, statement_of
from dianke.stores.models import Store

router = Router(tags=["loyalty"])
VIEW = "loyalty.view_members"
REDEEM = "loyalty.redeem_points"


def _customer(request: Request, pk: int) -> Customer:
    return get_object_or_404(Customer.objects.visible_to(request.actor).in_use(), pk=pk)


def _who(request: Request) -> dict[str, Any]:
    return {"actor": request.actor, "now": request.now}


class MemberFilter(Schema):
    level_id: Id | None = None


@router.get("/loyalty-members", response=CursorPage[schemas.LoyaltyMemberOut])
@requires(VIEW)
def list_members(request: Request, page: Query[CursorQuery], wanted: Query[MemberFilter]) -> Any:
    """Memberships with their level."""
    rows = Membership.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows, page, order=["customer_id"])


@router.get("/loyalty-members/{int:pk}", response=schemas.LoyaltyStandingOut)
@requires(VIEW)
def get_member(request: Request, pk: int) -> Any:
    """Level, points and what is missing to the next level."""
    customer = _customer(request, pk)
    return schemas.standing_out(customer.pk, standing_of(cluster_of(customer.pk), at=request.now))


@router.get("/loyalty-members/{int:pk}/lots", response=list[schemas.LoyaltyLotOut])
@requires(VIEW)
def list_lots(request: Request, pk: int) -> Any:
    """Points by when they came and when they expire; pending and owed ones too."""
    return lots_of(cluster_of(_customer(request, pk).pk))


class StatementQuery(Schema):
    before: Id | None = Field(None, description="`next_before` of the page before")
    limit: int = Field(50, ge=1, le=200)


@router.get("/loyalty-members/{int:pk}/statement", response=schemas.LoyaltyStatementOut)
@requires(VIEW)
def get_statement(request: Request, pk: int, wanted: Query[StatementQuery]) -> Any:
    """Every posting of points with the balance after it, newest first."""
    lines = statement_of(cluster_of(_customer(request, pk).pk), before=wanted.before, limit=wanted.limit)
    return {"items": lines, "next_before": lines[-1].id if len(lines) == wanted.limit else None}


class BalanceQuery(Schema):
    on: date = Field(description="The end of this business date")


@router.get("/loyalty-members/{int:pk}/balance", response=schemas.LoyaltyBalanceOut)
@requires(VIEW)
def get_balance(request: Request, pk: int, wanted: Query[BalanceQuery]) -> Any:
    """Points at the end of a past day."""
    points, pending = balance_on(cluster_of(_customer(request, pk).pk), wanted.on)
    return {"on": wanted.on, "points": points, "pending": pending}


@router.post("/loyalty-members/{int:pk}/adjustments", response={201: schemas.LoyaltyAdjustedOut})
@requires("loyalty.adjust_points")
def adjust_member_points(request: Request, pk: int, payload: schemas.LoyaltyAdjustIn) -> Any:
    """Give or take points by hand."""
    return operations.adjust_points(customer=_customer(request, pk), **payload.dict(), **_who(request))


# --- levels -------------------------------------------------------------------------------------------------
@router.get("/loyalty-members/{int:pk}/level-changes", response=CursorPage[schemas.LoyaltyChangeOut])
@requires(VIEW)
def list_level_changes(request: Request, pk: int, page: Query[CursorQuery]) -> Any:
    """When and why the level changed, newest first."""
    rows = LevelChange.objects.filter(customer__in=cluster_of(_customer(request, pk).pk))
    return cursor_page(rows, page, order=["-id"])


class GrantFilter(Schema):
    customer_id: Id | None = None


@router.get("/loyalty-level-grants", response=CursorPage[schemas.LoyaltyGrantOut])
@requires(VIEW)
def list_grants(request: Request, page: Query[CursorQuery], wanted: Query[GrantFilter]) -> Any:
    """Levels given by hand or sold, newest first."""
    rows = LevelGrant.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows, page, order=["-id"])


@router.post("/loyalty-members/{int:pk}/level-grants", response={201: schemas.LoyaltyGrantOut})
@requires("loyalty.grant_levels")
def grant_level(request: Request, pk: int, payload: schemas.LoyaltyGrantIn) -> Any:
    """Give a level by hand, through a day or until it is withdrawn."""
    values = payload.dict()
    level = chosen(Level.objects.visible_to(request.actor), values.pop("level_id"), "level_id")
    return operations.grant_level(customer=_customer(request, pk), level=level, **values, **_who(request))


@router.post("/loyalty-level-grants/{int:pk}/withdraw", response=schemas.LoyaltyGrantOut)
@requires("loyalty.grant_levels")
def withdraw_level(request: Request, pk: int) -> Any:
    """End a level that was given."""
    grant = get_object_or_404(LevelGrant.objects.visible_to(request.actor), pk=pk)
    operations.withdraw_level(grant=grant, **_who(request))
    grant.refresh_from_db()
    return grant


# --- rewards ------------------------------------------------------------------------------------------------
class RedemptionFilter(Schema):
    customer_id: Id | None = None
    state: Annotated[Redemption.State, inline(Redemption.State)] | None = None


@router.get("/loyalty-redemptions", response=CursorPage[schemas.LoyaltyRedemptionOut])
@requires(VIEW)
def list_redemptions(request: Request, page: Query[CursorQuery], wanted: Query[RedemptionFilter]) -> Any:
    """Exchanges of points for rewards, newest first."""
    rows = Redemption.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows, page, order=["-id"])


@router.post("/loyalty-members/{int:pk}/redemptions", response={201: schemas.LoyaltyRedemptionOut})
@requires(REDEEM)
def redeem(request: Request, pk: int, payload: schemas.LoyaltyRedeemIn) -> Any:
    """Exchange points for a reward."""
    values = payload.dict()
    reward = chosen(Reward.objects.visible_to(request.actor), values.pop("reward_id"), "reward_id")
    store = chosen_or_none(Store.objects.visible_to(request.actor), values.pop("store_id"), "store_id")
    return operations.redeem_reward(
        customer=_customer(request, pk),
        reward=reward,
        store_id=store.pk if store else None,
        **values,
        **_who(request),
    )


@router.post("/loyalty-redemptions/{int:pk}/hand-over", response=schemas.LoyaltyRedemptionOut)
@requires(REDEEM)
def hand_over(request: Request, pk: int) -> Any:
    """The reward was handed over."""
    redemption = get_object_or_404(Redemption.objects.visible_to(request.actor), pk=pk)
    return operations.hand_over(redemption=redemption, **_who(request))


@router.post("/loyalty-redemptions/{int:pk}/cancel", response=schemas.LoyaltyRedemptionOut)
@requires(REDEEM)
def cancel(request: Request, pk: int, payload: schemas.LoyaltyCancelIn) -> Any:
    """Take an exchange back; the points return."""
    redemption = get_object_or_404(Redemption.objects.visible_to(request.actor), pk=pk)
    return operations.cancel_redemption(redemption=redemption, reason=payload.reason, **_who(request))


# --- who brought whom ---------------------------------------------------------------------------------------
@router.post("/loyalty-members/{int:pk}/referral-code", response=schemas.LoyaltyCodeOut)
@requires(VIEW)
def referral_code(request: Request, pk: int) -> Any:
    """The code a member passes on; made when there is none yet."""
    return operations.referral_code_of(customer_id=_customer(request, pk).pk, **_who(request))


@router.get("/loyalty-referrals", response=CursorPage[schemas.LoyaltyReferralOut])
@requires(VIEW)
def list_referrals(request: Request, page: Query[CursorQuery]) -> Any:
    """Who brought whom, newest first."""
    return cursor_page(Referral.objects.visible_to(request.actor), page, order=["-id"])


@router.post("/loyalty-referrals", response={201: schemas.LoyaltyReferralOut})
@requires(REDEEM)
def claim(request: Request, payload: schemas.LoyaltyClaimIn) -> Any:
    """Note that a customer came by a member's code."""
    customer = chosen(Customer.objects.visible_to(request.actor).in_use(), payload.customer_id, "customer_id")
    return operations.claim_referral(customer_id=customer.pk, code=payload.code, **_who(request))
