"""Journeys and care over HTTP: the list, one with how it goes, its people; published, paused, resumed, stopped."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Body
from dianke.core.intervals import Withheld
from dianke.journeys import operations
from dianke.journeys.models import MANAGE, PUBLISH, VIEW, Journey, Passage
from dianke.journeys.operations.care import turn_on_care
from dianke.journeys.queries.monitor import monitor_of
from dianke.journeys.rules.care import Settings
from dianke.journeys.rules.plan import read

router = Router(tags=["journeys"])
JourneyState = Literal["DRAFT", "RUNNING", "PAUSED", "STOPPED"]


class JourneyOut(Schema):
    id: int
    name: str
    care: str = Field(description="The ready journey it came from; empty for one of the house's own")
    state: JourneyState
    version: int = Field(description="0 before it was published")
    store_ids: list[int] = Field(description="Empty: every store")
    created_at: datetime
    changed_at: datetime


class JourneyStepOut(Schema):
    step: str
    here: int = Field(description="People at the step now")
    waiting: int = Field(description="Of them, those whose message is in the outbox")
    outcomes: dict[str, int]
    reasons: dict[str, int]


class JourneyLiftOut(Schema):
    value: float = Field(description="Share who bought, less that of those kept back")
    low: float = Field(description="95 % certain to be at least")
    high: float = Field(description="95 % certain to be at most")


class JourneyDetailOut(JourneyOut):
    plan: dict[str, Any] = Field(description="As it is worked on; see docs/algorithms/journeys.md")
    entered: int
    going: int
    done: int
    left: int
    control: int = Field(description="Kept back to compare")
    sent: int
    skipped: int
    bought: int
    bought_control: int
    lift: JourneyLiftOut | None = Field(description="None while nothing can be said")
    exits: dict[str, int]
    steps: list[JourneyStepOut]


class PassageOut(Schema):
    id: int
    customer_id: int
    occurrence: str
    arm: Literal["TREATED", "CONTROL"]
    state: Literal["GOING", "DONE", "LEFT"]
    reason: str
    step: str
    due_at: datetime
    anchor: date | None
    entered_at: datetime
    ended_at: datetime | None


class JourneyFilter(Schema):
    state: JourneyState | None = None


class PassageFilter(Schema):
    state: Literal["GOING", "DONE", "LEFT"] | None = None
    customer_id: int | None = None


class JourneyIn(Body):
    name: str = Field(max_length=40)
    store_ids: list[int] = Field(default_factory=list, max_length=500)
    plan: dict[str, Any]


class PublishIn(Body):
    with_present: bool = Field(False, description="Let in everybody who fulfils the beginning already, too")


class CareIn(Body):
    days: int | None = Field(None, ge=0, le=45)
    at: str = Field("", pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")
    channels: list[Literal["PORTAL", "SMS", "EMAIL"]] = Field(default=["PORTAL", "SMS", "EMAIL"])
    coupon_kind_id: int | None = None
    festivals: list[str] = Field(default_factory=list, max_length=20)
    control_bp: int = Field(0, ge=0, le=5000)
    has_task: bool = True


def _journey(request: Request, pk: int) -> Journey:
    found: Journey = get_object_or_404(Journey.objects.visible_to(request.actor), pk=pk)
    return found


@router.get("/journeys", response=CursorPage[JourneyOut])
@requires(VIEW)
def list_journeys(request: Request, page: Query[CursorQuery], wanted: Query[JourneyFilter]) -> Any:
    """Journeys, the latest first."""
    rows = Journey.objects.visible_to(request.actor)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    return cursor_page(rows, page, order=["-pk"])


@router.post("/journeys", response={201: JourneyOut})
@requires(MANAGE)
def draft_journey(request: Request, body: JourneyIn) -> Any:
    """Write one down."""
    values = {"name": body.name, "store_ids": body.store_ids, "draft": body.plan}
    return 201, operations.draft_journey(values=values, actor=request.actor, now=request.now)


@router.get("/journeys/{int:pk}", response=JourneyDetailOut)
@requires(VIEW)
def get_journey(request: Request, pk: int) -> Any:
    """One, with how it goes."""
    journey = _journey(request, pk)
    found = monitor_of(journey, goal_days=read(journey.draft).goal_days)
    names = (
        "entered",
        "going",
        "done",
        "left",
        "control",
        "sent",
        "skipped",
        "bought",
        "bought_control",
        "exits",
    )
    columns = ("id", "name", "care", "state", "version", "store_ids", "created_at", "changed_at")
    return {
        **{name: getattr(journey, name) for name in columns},
        **{name: getattr(found, name) for name in names},
        "lift": None if isinstance(found.lift, Withheld) else asdict(found.lift),
        "plan": journey.draft,
        "steps": [
            {
                "step": key,
                "here": at.here,
                "waiting": at.waiting,
                "outcomes": at.outcomes,
                "reasons": at.reasons,
            }
            for key, at in found.steps.items()
        ],
    }


@router.put("/journeys/{int:pk}", response=JourneyOut)
@requires(MANAGE)
def change_journey(request: Request, pk: int, body: JourneyIn) -> Any:
    """Change what is worked on; it runs as before until it is published."""
    values = {"name": body.name, "store_ids": body.store_ids, "draft": body.plan}
    return operations.change_journey(
        journey=_journey(request, pk), values=values, actor=request.actor, now=request.now
    )


@router.get("/journeys/{int:pk}/people", response=CursorPage[PassageOut])
@requires(VIEW)
def list_journey_people(
    request: Request, pk: int, page: Query[CursorQuery], wanted: Query[PassageFilter]
) -> Any:
    """Who is or was in it, of the customers one may see."""
    rows = Passage.objects.visible_to(request.actor).filter(journey=_journey(request, pk))
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.customer_id:
        rows = rows.filter(customer=wanted.customer_id)
    return cursor_page(rows, page, order=["-pk"])


@router.post("/journeys/{int:pk}/publish", response=JourneyOut)
@requires(PUBLISH)
def publish_journey(request: Request, pk: int, body: PublishIn) -> Any:
    """Let it run as it is worked on."""
    return operations.publish_journey(
        journey=_journey(request, pk), with_present=body.with_present, actor=request.actor, now=request.now
    )


@router.post("/journeys/{int:pk}/pause", response=JourneyOut)
@requires(MANAGE)
def pause_journey(request: Request, pk: int) -> Any:
    """Nothing goes out and nobody enters; waits go on."""
    return operations.pause_journey(journey=_journey(request, pk), actor=request.actor, now=request.now)


@router.post("/journeys/{int:pk}/resume", response=JourneyOut)
@requires(MANAGE)
def resume_journey(request: Request, pk: int) -> Any:
    """Go on; what is too late is left out."""
    return operations.resume_journey(journey=_journey(request, pk), actor=request.actor, now=request.now)


@router.post("/journeys/{int:pk}/stop", response=JourneyOut)
@requires(MANAGE)
def stop_journey(request: Request, pk: int) -> Any:
    """Everybody leaves."""
    return operations.stop_journey(journey=_journey(request, pk), actor=request.actor, now=request.now)


@router.put("/care/{str:code}", response=JourneyOut)
@requires(PUBLISH)
def turn_care_on(request: Request, code: str, body: CareIn) -> Any:
    """Turn one of the ready journeys on, or set it otherwise."""
    values = body.model_dump()
    return turn_on_care(code=code, settings=Settings(**values), actor=request.actor, now=request.now)
