"""Segments over HTTP: made, changed, counted, their members, why somebody is in one."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Annotated, Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.instants import Instant
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Body, Id, line, partial
from dianke.customers.models import Customer
from dianke.segments import operations
from dianke.segments.models import MANAGE, VIEW, Segment
from dianke.segments.queries import counting
from dianke.segments.queries.compiling import checked
from dianke.segments.queries.members import count_of, members, rules_of
from dianke.segments.queries.wording import Wording
from dianke.segments.rules.language import read

router = Router(tags=["segments"])

Name = Annotated[str, line(40), Field(examples=["Birthday within 7 days"])]
Rules = Annotated[
    dict[str, Any],
    Field(
        description="A tree of all, any or none with rules as leaves (docs/algorithms/segments.md)",
        examples=[{"all": [{"field": "metrics.orders", "op": "gte", "value": 2}]}],
    ),
]
SegmentKind = Literal["DYNAMIC", "SNAPSHOT"]
Schedule = Literal["", "DAILY", "WEEKLY", "MONTHLY"]


class SegmentIn(Body):
    name: Name
    note: str = Field("", max_length=200)
    rules: Rules
    is_shared: bool = False
    store_ids: list[Id] = Field([], max_length=500, description="Only customers of these home stores")


@partial
class SegmentPatch(SegmentIn):
    pass


class SegmentOut(Schema):
    id: int
    name: str
    note: str
    kind: SegmentKind
    schedule: Schedule
    rules: dict[str, Any]
    language: int
    store_ids: list[int]
    owner_id: int | None
    is_shared: bool
    member_count: int
    taken_at: Instant | None
    changed_at: Instant
    archived_at: Instant | None


class ConvertIn(Body):
    kind: SegmentKind
    schedule: Schedule = ""


class SegmentCopyIn(Body):
    name: Name


class SegmentCountIn(Body):
    rules: Rules
    store_ids: list[Id] = Field([], max_length=500)


class SegmentCountOut(Schema):
    count: int
    sentence: str


class MemberOut(Schema):
    id: int
    member_number: str
    name: str


class RuleHolds(Schema):
    path: str
    text: str
    holds: bool
    own: str = Field(description="What the person has; empty where the actor may not see it")


class Explanation(Schema):
    customer_id: int
    sentence: str
    rules: list[RuleHolds]


class SegmentFilter(Schema):
    archived: bool = Field(False, description="Those put away instead of those in use")


def _segment(request: Request, pk: int) -> Segment:
    found: Segment = get_object_or_404(Segment.objects.visible_to(request.actor), pk=pk)
    return found


@router.get("/segments", response=CursorPage[SegmentOut])
@requires(VIEW)
def list_segments(request: Request, page: Query[CursorQuery], wanted: Query[SegmentFilter]) -> Any:
    """Segments of one's own and those shared, the ones changed last first."""
    rows = Segment.objects.visible_to(request.actor).filter(archived_at__isnull=not wanted.archived)
    return cursor_page(rows, page, order=["-changed_at"])


@router.post("/segments", response={201: SegmentOut})
@requires(MANAGE)
def make_segment(request: Request, payload: SegmentIn) -> Any:
    """A segment of one's own, worked out at once."""
    return operations.make_segment(values=payload.dict(), actor=request.actor, now=request.now)


@router.post("/segments/count", response=SegmentCountOut)
@requires(VIEW)
def count_rules(request: Request, payload: SegmentCountIn) -> Any:
    """How many of those one may see fit rules that are kept nowhere."""
    rules = checked(read(payload.rules), now=request.now, actor=request.actor)
    return {
        "count": counting.count(rules, request.actor, payload.store_ids),
        "sentence": Wording(request.actor).sentence(rules.root),
    }


@router.get("/segments/{int:pk}", response=SegmentOut)
@requires(VIEW)
def get_segment(request: Request, pk: int) -> Any:
    """One segment."""
    return _segment(request, pk)


@router.patch("/segments/{int:pk}", response=SegmentOut)
@requires(MANAGE)
def change_segment(request: Request, pk: int, payload: SegmentPatch) -> Any:
    """Change what is named."""
    return operations.change_segment(
        segment=_segment(request, pk),
        values=payload.dict(exclude_unset=True),
        actor=request.actor,
        now=request.now,
    )


@router.get("/segments/{int:pk}/count", response=SegmentCountOut)
@requires(VIEW)
def count_segment(request: Request, pk: int) -> Any:
    """How many of it one may see: at this moment, or of a fixed list."""
    segment = _segment(request, pk)
    return {
        "count": count_of(segment, actor=request.actor, at=request.now),
        "sentence": Wording(request.actor).sentence(read(segment.rules, language=segment.language)),
    }


@router.get("/segments/{int:pk}/members", response=CursorPage[MemberOut])
@requires(VIEW)
def list_segment_members(request: Request, pk: int, page: Query[CursorQuery]) -> Any:
    """Those in it whom one may see, seen last first."""
    rows = members(_segment(request, pk), actor=request.actor, at=request.now)
    return cursor_page(rows, page, order=["-last_seen_at"])


@router.get("/segments/{int:pk}/members/{int:customer_id}/explanation", response=Explanation)
@requires(VIEW)
def explain_member(request: Request, pk: int, customer_id: int) -> Any:
    """Each rule about one person, with the person's own value."""
    segment = _segment(request, pk)
    heads = Customer.objects.visible_to(request.actor).heads().in_use()
    person = get_object_or_404(heads, pk=customer_id)
    wording = Wording(request.actor)
    rules = rules_of(segment, now=request.now, vocabulary=wording.vocabulary)
    wording.prepare(rules.root)
    found = counting.explain(rules, [person.pk]).get(person.pk, [])
    return {
        "customer_id": person.pk,
        "sentence": wording.sentence(rules.root),
        "rules": wording.why(rules, found),
    }


@router.post("/segments/{int:pk}/copy", response={201: SegmentOut})
@requires(MANAGE)
def copy_segment(request: Request, pk: int, payload: SegmentCopyIn) -> Any:
    """The same rules under another name, one's own."""
    return operations.copy_segment(
        segment=_segment(request, pk), name=payload.name, actor=request.actor, now=request.now
    )


@router.post("/segments/{int:pk}/convert", response=SegmentOut)
@requires(MANAGE)
def convert_segment(request: Request, pk: int, payload: ConvertIn) -> Any:
    """A fixed list of whom it holds now, or rules again."""
    return operations.convert_segment(
        segment=_segment(request, pk),
        kind=payload.kind,
        schedule=payload.schedule,
        actor=request.actor,
        now=request.now,
    )


@router.post("/segments/{int:pk}/refresh", response=SegmentOut)
@requires(MANAGE)
def refresh_segment(request: Request, pk: int) -> Any:
    """Work it out anew."""
    return operations.refresh_segment(segment=_segment(request, pk), actor=request.actor, now=request.now)


@router.post("/segments/{int:pk}/archive", response=SegmentOut)
@requires(MANAGE)
def archive_segment(request: Request, pk: int) -> Any:
    """Put it away."""
    return operations.archive_segment(segment=_segment(request, pk), actor=request.actor, now=request.now)


@router.post("/segments/{int:pk}/restore", response=SegmentOut)
@requires(MANAGE)
def restore_segment(request: Request, pk: int) -> Any:
    """Bring back what was put away."""
    return operations.restore_segment(segment=_segment(request, pk), actor=request.actor, now=request.now)


routers = (router,)
