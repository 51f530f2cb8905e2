"""Campaigns over HTTP: made, changed, copied, handed in and taken back, paused and stopped, and their results. Who
agrees to one decides its request: `POST /approvals/{approval_id}/decide`, as on screen."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.instants import Instant
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Body, Id, ReferenceUnknown, line, partial
from dianke.core.intervals import Difference
from dianke.marketing import operations
from dianke.marketing.models import MANAGE, VIEW, Campaign
from dianke.marketing.operations import VariantPlan
from dianke.marketing.operations.drafting import plans_of
from dianke.marketing.queries.readiness import problems_of
from dianke.marketing.queries.results import result_of
from dianke.marketing.queries.waiting import open_request
from dianke.marketing.rules.evaluation import Arm
from dianke.messaging.models import Template
from dianke.promotions.models import CouponKind
from dianke.segments.models import Segment

router = Router(tags=["campaigns"])
COSTS = "catalog.view_costs"
ChannelCode = Literal["SMS", "EMAIL", "PORTAL", "CALL", "WECOM"]
CampaignPurpose = Literal["MARKETING", "CARE", "SERVICE"]
CampaignName = Annotated[str, line(40), Field(examples=["Autumn tea"])]
CampaignState = Literal["DRAFT", "WAITING", "SCHEDULED", "RUNNING", "PAUSED", "DONE", "STOPPED"]


class CampaignOut(Schema):
    id: int
    name: str
    purpose: str
    state: str
    words: str = Field(description="Whom it means, as it stood when it began; empty before")
    store_ids: list[int] = Field(description="Empty: every store")
    channels: list[str]
    starts_at: datetime | None
    control_bp: int = Field(description="Of 10,000 people, so many are kept back")
    window_days: int
    currency: str
    budget_amount: int | None = Field(description="Minor units")
    spent_amount: int = Field(description="Set aside so far, minor units")


class VariantIn(Body):
    weight: int = Field(1, ge=1, le=1000, description="People are shared out by it")
    coupon_kind_id: Id | None = None
    templates: dict[ChannelCode, Id] = Field({}, description="Channel → the template that is said there")


class CampaignIn(Body):
    name: CampaignName
    purpose: CampaignPurpose = "MARKETING"
    segment_id: Id | None = Field(None, description="Null: everybody")
    exclude_segment_ids: list[Id] = Field([], max_length=50)
    rest_days: int = Field(7, ge=0, le=365, description="Nobody who had a campaign in so many days")
    store_ids: list[Id] = Field([], max_length=500, description="Empty: every store")
    joins_until: Instant | None = None
    channels: list[ChannelCode] = Field([], max_length=4, description="In the order in which they are tried")
    link_url: str = Field("", max_length=400, description="Where {{ link }} leads; https")
    control_bp: int = Field(1000, ge=0, le=9000, description="Of 10,000 people, so many are kept back")
    is_once: bool = Field(True, description="Nobody twice in a series of campaigns")
    starts_at: Instant | None = None
    spread_minutes: int = Field(0, ge=0, le=14_400)
    window_days: int = Field(14, ge=1, le=180, description="Orders count for so long")
    prices: dict[ChannelCode, Annotated[Decimal, Field(ge=0, le=10, decimal_places=4)]] = Field(
        {}, description="What a part of a message costs, in the currency's major unit"
    )
    budget_amount: Annotated[int, Field(ge=1, le=10**15)] | None = Field(None, description="Minor units")
    variants: list[VariantIn] = Field(
        [], max_length=4, description="None: one that gives and says nothing yet"
    )


@partial
class CampaignPatch(CampaignIn):
    pass


class CampaignCopyIn(Body):
    name: CampaignName
    is_series: bool = Field(True, description="The same people are kept back, and nobody is written to twice")


class CampaignSubmitIn(Body):
    reason: str = Field("", max_length=400, description="Needed where a second person agrees first")


class CampaignVariantOut(Schema):
    weight: int
    coupon_kind_id: int | None
    templates: dict[str, int]


class CampaignProblemOut(Schema):
    step: str
    field: str
    text: str


class CampaignDetail(CampaignOut):
    segment_id: int | None
    exclude_segment_ids: list[int]
    rest_days: int
    joins_until: datetime | None
    link_url: str
    is_once: bool
    spread_minutes: int
    prices: dict[str, Decimal]
    variants: list[CampaignVariantOut]
    problems: list[CampaignProblemOut] = Field(description="What is missing before a draft can be handed in")
    approval_id: int | None = Field(description="The request that waits for a second person")


class CampaignFilter(Schema):
    q: str | None = Field(None, max_length=60, description="Name or pinyin")
    state: CampaignState | None = None


class ArmOut(Schema):
    """Sums over the people of a group; `code` is the letter of the variant, empty for those kept back."""

    code: str
    people: int
    reached: int
    clicked: int
    came: int
    converted: int
    redeemed: int
    orders: int
    sales_amount: int
    margin_amount: int | None = Field(description="Null without the permission to see costs")
    message_amount: int
    coupon_amount: int


class DifferenceOut(Schema):
    value: float
    low: float
    high: float


class ResultOut(Schema):
    variants: list[ArmOut]
    control: ArmOut | None
    withheld: str | None = Field(description="Why no difference is shown")
    conversion: DifferenceOut | None = Field(description="Share who bought, less that of those kept back")
    revenue: DifferenceOut | None = Field(description="Minor units for each person, less those kept back")
    added_sales_amount: int | None
    roi: Decimal | None = Field(
        description="Null without those kept back, or without the permission to see costs"
    )


def _campaign(request: Request, pk: int) -> Campaign:
    found: Campaign = get_object_or_404(Campaign.objects.visible_to(request.actor), pk=pk)
    return found


@router.get("/campaigns", response=CursorPage[CampaignOut])
@requires(VIEW)
def list_campaigns(request: Request, page: Query[CursorQuery], wanted: Query[CampaignFilter]) -> Any:
    """Campaigns, the latest first."""
    rows = Campaign.objects.visible_to(request.actor)
    if wanted.q:
        rows = rows.filter(search_words__found_by=wanted.q)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    return cursor_page(rows, page, order=["-pk"])


@router.post("/campaigns", response={201: CampaignDetail})
@requires(MANAGE)
def make_campaign(request: Request, payload: CampaignIn) -> Any:
    """A draft. It is handed in when nothing is missing any more."""
    values, plans = _read(request, payload)
    campaign = operations.draft_campaign(
        values=values, variants=plans or (), actor=request.actor, now=request.now
    )
    return _detail(campaign, request)


@router.get("/campaigns/{int:pk}", response=CampaignDetail)
@requires(VIEW)
def get_campaign(request: Request, pk: int) -> Any:
    """One campaign with its variants and what is missing."""
    return _detail(_campaign(request, pk), request)


@router.patch("/campaigns/{int:pk}", response=CampaignDetail)
@requires(MANAGE)
def change_campaign(request: Request, pk: int, payload: CampaignPatch) -> Any:
    """Change a draft; `variants` are replaced as a whole. What was handed in is taken back first."""
    campaign = _campaign(request, pk)
    values, plans = _read(request, payload, campaign)
    changed = operations.change_campaign(
        campaign=campaign, values=values, variants=plans, actor=request.actor, now=request.now
    )
    return _detail(changed, request)


@router.post("/campaigns/{int:pk}/copy", response={201: CampaignDetail})
@requires(MANAGE)
def copy_campaign(request: Request, pk: int, payload: CampaignCopyIn) -> Any:
    """A draft like it, without a moment."""
    copy = operations.copy_campaign(
        campaign=_campaign(request, pk),
        name=payload.name,
        is_series=payload.is_series,
        actor=request.actor,
        now=request.now,
    )
    return _detail(copy, request)


@router.post("/campaigns/{int:pk}/submit", response=CampaignDetail)
@requires(MANAGE)
def submit_campaign(request: Request, pk: int, payload: CampaignSubmitIn) -> Any:
    """Hand it in: it is scheduled, or waits for a second person, who decides `approval_id`."""
    campaign = operations.submit_campaign(
        campaign=_campaign(request, pk), reason=payload.reason, actor=request.actor, now=request.now
    )
    return _detail(campaign, request)


@router.post("/campaigns/{int:pk}/take-back", response=CampaignDetail)
@requires(MANAGE)
def take_back_campaign(request: Request, pk: int) -> Any:
    """Make it a draft again; what was agreed to is gone with it."""
    campaign = operations.take_back_campaign(
        campaign=_campaign(request, pk), actor=request.actor, now=request.now
    )
    return _detail(campaign, request)


def _read(
    request: Request, payload: CampaignIn, campaign: Campaign | None = None
) -> tuple[dict[str, Any], list[VariantPlan] | None]:
    """Columns and variants of a body. What it names anew must be there for whoever names it; what the campaign names
    already may stay. Raises `ReferenceUnknown`."""
    actor, kept = request.actor, plans_of(campaign) if campaign else []
    data = payload.dict(exclude_unset=campaign is not None)
    named = {campaign.segment_id, *campaign.exclude_segment_ids} if campaign else set()
    segments = Segment.objects.visible_to(actor).in_use()
    _require(segments, [data.get("segment_id")], named, "segment_id")
    _require(segments, data.get("exclude_segment_ids", ()), named, "exclude_segment_ids")
    if data.pop("variants", None) is None:
        return data, None
    wanted = [
        VariantPlan(
            each.weight, each.coupon_kind_id, {str(channel): pk for channel, pk in each.templates.items()}
        )
        for each in payload.variants
    ]
    kinds = [plan.coupon_kind_id for plan in wanted]
    _require(CouponKind.objects.visible_to(actor), kinds, {plan.coupon_kind_id for plan in kept}, "variants")
    texts = [pk for plan in wanted for pk in plan.templates.values()]
    _require(
        Template.objects.all(), texts, {pk for plan in kept for pk in plan.templates.values()}, "variants"
    )
    return data, wanted


def _require(rows: QuerySet[Any], ids: Iterable[int | None], named: set[int | None], field: str) -> None:
    wanted = {pk for pk in ids if pk is not None} - named
    missing = wanted - set(rows.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
    if missing:
        raise ReferenceUnknown(id=min(missing), field=field)


def _detail(campaign: Campaign, request: Request) -> Mapping[str, Any]:
    waiting = open_request(campaign)
    is_draft = campaign.is_changeable
    return {
        **{name: getattr(campaign, name) for name in CampaignDetail.model_fields if hasattr(campaign, name)},
        "variants": [
            {"weight": plan.weight, "coupon_kind_id": plan.coupon_kind_id, "templates": plan.templates}
            for plan in plans_of(campaign)
        ],
        "problems": [
            {"step": each.step, "field": each.field, "text": str(each.text)}
            for each in (problems_of(campaign, now=request.now) if is_draft else ())
        ],
        "approval_id": waiting.pk if waiting else None,
    }


@router.get("/campaigns/{int:pk}/result", response=ResultOut)
@requires(VIEW)
def get_campaign_result(request: Request, pk: int) -> Any:
    """What it came to, as of now. See docs/algorithms/campaigns.md."""
    result = result_of(_campaign(request, pk)).result
    sees_costs = request.actor.can(COSTS)
    return {
        "variants": [_arm(arm, sees_costs) for arm in result.variants],
        "control": _arm(result.control, sees_costs) if result.control else None,
        "withheld": result.lift.withheld,
        "conversion": _difference(result.lift.conversion),
        "revenue": _difference(result.lift.revenue),
        "added_sales_amount": None if result.added_sales is None else int(result.added_sales),
        "roi": result.roi if sees_costs else None,
    }


def _arm(arm: Arm, sees_costs: bool) -> dict[str, Any]:
    values = {name: getattr(arm, name) for name in ArmOut.model_fields}
    return values if sees_costs else values | {"margin_amount": None}


def _difference(found: Difference | None) -> dict[str, float] | None:
    return {"value": found.value, "low": found.low, "high": found.high} if found else None


@router.post("/campaigns/{int:pk}/pause", response=CampaignOut)
@requires(MANAGE)
def pause_campaign(request: Request, pk: int) -> Any:
    """Stop it for the moment: what has not gone out is called back."""
    return operations.pause_campaign(campaign=_campaign(request, pk), actor=request.actor, now=request.now)


@router.post("/campaigns/{int:pk}/resume", response=CampaignOut)
@requires(MANAGE)
def resume_campaign(request: Request, pk: int) -> Any:
    """Go on where it was."""
    return operations.resume_campaign(campaign=_campaign(request, pk), actor=request.actor, now=request.now)


@router.post("/campaigns/{int:pk}/stop", response=CampaignOut)
@requires(MANAGE)
def stop_campaign(request: Request, pk: int) -> Any:
    """End it for good."""
    return operations.stop_campaign(campaign=_campaign(request, pk), actor=request.actor, now=request.now)
