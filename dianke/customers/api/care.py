"""Birthdays and anniversaries that come, and the rules that make tasks of them."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Body, Id, chosen_or_none, line, partial
from dianke.core.period import Period
from dianke.customers.models import CareRule, Tag
from dianke.customers.operations import care as operations
from dianke.customers.operations.care import MANAGE, MOST_DAYS_BEFORE
from dianke.customers.queries.care import MOST_PER_DAY, Occasion, Wanted, date_for, upcoming
from dianke.stores.models import Store
from dianke.stores.queries import local_date
from dianke.work.models import Task

router = Router(tags=["customer care"])
VIEW = "customers.view_customers"
KindCode = Literal["BIRTHDAY", "WEDDING", "CHILD", "SPOUSE", "OTHER"]
MOST_DAYS = 92


class OccasionOut(Schema):
    """`on` is the day it is celebrated; `years` since the event, null without its year; `is_held_back` when the
    customer wants no greetings or is a child without a guardian."""

    date_id: int
    customer_id: int
    name: str
    kind: str
    label: str
    on: date
    calendar: str
    month: int
    day: int
    is_leap_month: bool
    years: int | None
    is_held_back: bool
    task_id: int | None


class CareDayOut(Schema):
    """`is_more` when the day has more occasions than are listed."""

    on: date
    is_more: bool
    occasions: list[OccasionOut]


class DatesOut(Schema):
    days: list[CareDayOut]


class DatesFilter(Schema):
    """From today without `from_date`; seven days without `days`; `offset` skips occasions of each day."""

    from_date: date | None = None
    days: int = Field(7, ge=1, le=MOST_DAYS)
    kind: KindCode | None = None
    store_id: Id | None = None
    owner_id: Id | None = None
    limit: int = Field(50, ge=1, le=MOST_PER_DAY)
    offset: int = Field(0, ge=0, le=100_000)


class RuleOut(Schema):
    id: int
    name: str
    kind: str
    days_before: int
    store_id: int | None
    tag_id: int | None
    title: str
    note: str
    is_active: bool


class RuleIn(Body):
    title: Annotated[str, line(80)]
    kind: KindCode = "BIRTHDAY"
    days_before: int = Field(3, ge=0, le=MOST_DAYS_BEFORE)
    name: Annotated[str, line(60, min_length=0)] = ""
    note: Annotated[str, line(200, min_length=0)] = ""
    store_id: Id | None = None
    tag_id: Id | None = None


@partial
class RulePatch(RuleIn):
    pass


class CarePlanIn(Body):
    on: date


class TaskRef(Schema):
    task_id: int


def _out(each: Occasion) -> dict[str, Any]:
    return {
        "date_id": each.row.pk,
        "customer_id": each.head.pk,
        "name": str(each.head),
        "kind": each.row.kind,
        "label": each.row.label,
        "on": each.on,
        "calendar": each.row.calendar,
        "month": each.row.month,
        "day": each.row.day,
        "is_leap_month": each.row.is_leap,
        "years": each.years,
        "is_held_back": each.is_held_back,
        "task_id": each.task_id,
    }


@router.get("/customer-dates", response=DatesOut)
@requires(VIEW)
def list_customer_dates(request: Request, wanted: Query[DatesFilter]) -> Any:
    """Birthdays and anniversaries of the coming days, of customers the caller may see."""
    first = wanted.from_date or local_date(request.now)
    if not 1901 <= first.year <= 2099:
        return {"days": []}
    days = upcoming(
        request.actor,
        Period(first, first + timedelta(days=wanted.days)),
        Wanted((wanted.kind,) if wanted.kind else (), wanted.store_id, wanted.owner_id),
        limit=wanted.limit,
        offset=wanted.offset,
    )
    return {
        "days": [
            {"on": day.on, "is_more": day.is_more, "occasions": [_out(each) for each in day.occasions]}
            for day in days
        ]
    }


@router.post("/customer-dates/{int:pk}/task", response=TaskRef)
@requires(VIEW)
def plan_customer_date(request: Request, pk: int, payload: CarePlanIn) -> Any:
    """Make the task for one occasion; asking again returns the same."""
    row = date_for(pk, request.actor)
    if not 1901 <= payload.on.year <= 2099:
        raise operations.OccasionPassed
    task: Task = operations.plan_care(date_row=row, on=payload.on, actor=request.actor, now=request.now)
    return {"task_id": task.pk}


def _values(request: Request, values: dict[str, Any]) -> dict[str, Any]:
    """The rows behind the ids a rule names."""
    if "store_id" in values:
        stores = Store.objects.visible_to(request.actor, MANAGE)
        values["store"] = chosen_or_none(stores, values.pop("store_id"), "store_id")
    if "tag_id" in values:
        tags = Tag.objects.filter(archived_at=None)
        values["tag"] = chosen_or_none(tags, values.pop("tag_id"), "tag_id")
    return values


def _rule(pk: int) -> CareRule:
    return get_object_or_404(CareRule, pk=pk)


@router.get("/care-rules", response=CursorPage[RuleOut])
@requires(MANAGE)
def list_care_rules(request: Request, page: Query[CursorQuery]) -> Any:
    """All rules by name."""
    return cursor_page(CareRule.objects.all(), page, order=["name", "id"])


@router.post("/care-rules", response={201: RuleOut})
@requires(MANAGE)
def make_care_rule(request: Request, payload: RuleIn) -> Any:
    """A new rule; it makes tasks from the coming night on."""
    return operations.make_care_rule(
        values=_values(request, payload.dict()), actor=request.actor, now=request.now
    )


@router.patch("/care-rules/{int:pk}", response=RuleOut)
@requires(MANAGE)
def change_care_rule(request: Request, pk: int, payload: RulePatch) -> Any:
    """Change a rule; what it made already stays."""
    return operations.change_care_rule(
        rule=_rule(pk),
        values=_values(request, payload.dict(exclude_unset=True)),
        actor=request.actor,
        now=request.now,
    )


@router.post("/care-rules/{int:pk}/pause", response=RuleOut)
@requires(MANAGE)
def pause_care_rule(request: Request, pk: int) -> Any:
    """No further tasks for now."""
    return operations.pause_care_rule(rule=_rule(pk), actor=request.actor, now=request.now)


@router.post("/care-rules/{int:pk}/resume", response=RuleOut)
@requires(MANAGE)
def resume_care_rule(request: Request, pk: int) -> Any:
    """Go on."""
    return operations.resume_care_rule(rule=_rule(pk), actor=request.actor, now=request.now)
