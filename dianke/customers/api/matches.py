"""Possible duplicates and merges over the API: the queue, decisions, previews, merging and separating."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import datetime
from typing import Any, Literal

from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Body, Id, chosen, chosen_or_none
from dianke.customers.models import Customer, MatchPair, Merge
from dianke.customers.operations import merges, pairs
from dianke.customers.queries.comparing import preview_of
from dianke.customers.queries.merges import MERGE, REVIEW, evidence_of, pairs_visible_to
from dianke.customers.rules.comparing import MergePreview

router = Router(tags=["duplicates"])
PairStateIn = Literal["WAITING", "LINKED", "DIFFERENT", "LATER", "OUTDATED"]


class EvidenceOut(Schema):
    label: str = Field(description="What was compared, in the caller's language")
    sentence: str
    weight: float = Field(description="Bits of evidence for (+) or against (-) one person")


class PairOut(Schema):
    id: int
    left_id: int = Field(description="The two customers that were compared")
    right_id: int
    left_profile_id: int = Field(description="The profiles they belong to now")
    right_profile_id: int
    probability: float
    weight: float
    state: str
    found_at: datetime
    decided_at: datetime | None
    decided_by_id: int | None
    evidence: list[EvidenceOut]

    @staticmethod
    def resolve_left_profile_id(pair: Any) -> int:
        return int(pair.left_head)

    @staticmethod
    def resolve_right_profile_id(pair: Any) -> int:
        return int(pair.right_head)

    @staticmethod
    def resolve_evidence(pair: MatchPair) -> list[dict[str, Any]]:
        return [
            {"label": str(each.label), "sentence": str(each.sentence), "weight": each.weight}
            for each in evidence_of(pair)
        ]


class PairFilter(Schema):
    state: PairStateIn = Field("WAITING")


class MatchDecisionIn(Body):
    verdict: Literal["SAME", "DIFFERENT", "LATER"]
    kept_id: Id | None = Field(None, description="For SAME: whose profile is kept; without it the better one")


class MergeOut(Schema):
    id: int
    kept_id: int
    joined_id: int
    moved: list[int] = Field(description="Everybody who came along")
    why: str = Field(description="RULE, REVIEW or HAND")
    at: datetime
    by_id: int | None
    undone_at: datetime | None
    undone_by_id: int | None


class MergeIn(Body):
    joined_id: Id = Field(description="Whose profile becomes part of this one")


class ComparisonOut(Schema):
    field: str
    label: str
    kept: list[str]
    joined: list[str]
    after: list[str]
    agreement: Literal["SAME", "PARTLY", "DIFFERENT", "ONE_SIDED"]


class MatchProblemOut(Schema):
    code: str
    detail: str


class PreviewOut(Schema):
    kept_id: int
    joined_id: int
    lines: list[ComparisonOut] = Field(description="Contact points are masked")
    problems: list[MatchProblemOut] = Field(description="What forbids the merge; empty when it is possible")


class JoinedQuery(Schema):
    joined_id: Id


def _pair(request: Request, pk: int) -> MatchPair:
    return get_object_or_404(pairs_visible_to(request.actor), pk=pk)


def _head(request: Request, pk: int, permission: str = MERGE) -> Customer:
    return get_object_or_404(Customer.objects.visible_to(request.actor, permission).heads(), pk=pk)


@router.get("/customers/duplicates", response=CursorPage[PairOut])
@requires(REVIEW)
def list_duplicates(request: Request, page: Query[CursorQuery], wanted: Query[PairFilter]) -> Any:
    """Possible duplicates both of whose profiles the caller reaches, most probable first."""
    rows = pairs_visible_to(request.actor).filter(state=wanted.state)
    return cursor_page(rows, page, order=["-probability"])


@router.get("/customers/duplicates/{int:pk}", response=PairOut)
@requires(REVIEW)
def get_duplicate(request: Request, pk: int) -> Any:
    """One pair."""
    return _pair(request, pk)


@router.post("/customers/duplicates/{int:pk}/decision", response=PairOut)
@requires(REVIEW)
def decide_duplicate(request: Request, pk: int, payload: MatchDecisionIn) -> Any:
    """Say whether they are the same; SAME merges the two profiles."""
    seen = Customer.objects.visible_to(request.actor, REVIEW)
    pairs.decide_pair(
        pair=_pair(request, pk),
        verdict=payload.verdict,
        kept=chosen_or_none(seen, payload.kept_id, "kept_id"),
        actor=request.actor,
        now=request.now,
    )
    return _pair(request, pk)


@router.post("/customers/duplicates/{int:pk}/take-back", response=PairOut)
@requires(REVIEW)
def take_back_duplicate(request: Request, pk: int) -> Any:
    """Undo a decision: the pair waits again, and what was merged by it is two profiles again."""
    pairs.take_back_decision(pair=_pair(request, pk), actor=request.actor, now=request.now)
    return _pair(request, pk)


@router.get("/customers/{int:pk}/merge-preview", response=PreviewOut)
@requires(MERGE)
def preview_merge(request: Request, pk: int, wanted: Query[JoinedQuery]) -> Any:
    """What this profile would be with another one in it."""
    asked = {pk, wanted.joined_id}
    if Customer.objects.visible_to(request.actor, MERGE).heads().filter(pk__in=asked).count() < len(asked):
        raise Http404
    if pk == wanted.joined_id:
        raise merges.SameCustomer(field="joined_id")
    shown, _left, _right = preview_of(pk, wanted.joined_id, actor=request.actor)
    return _preview(shown)


def _preview(shown: MergePreview) -> dict[str, Any]:
    return {
        "kept_id": shown.kept,
        "joined_id": shown.joined,
        "lines": [
            {
                "field": line.code,
                "label": str(line.label),
                "kept": [str(value.text) for value in line.left],
                "joined": [str(value.text) for value in line.right],
                "after": [str(text) for text in line.after],
                "agreement": line.agreement.value,
            }
            for line in shown.lines
        ],
        "problems": [{"code": problem.code, "detail": str(problem)} for problem in shown.problems],
    }


@router.get("/customers/{int:pk}/merges", response=CursorPage[MergeOut])
@requires("customers.view_customers")
def list_merges(request: Request, pk: int, page: Query[CursorQuery]) -> Any:
    """What was merged into this profile, newest first, and what left it again."""
    head = _head(request, pk, "customers.view_customers")
    members = Customer.objects.cluster(head.pk).values("pk")
    return cursor_page(Merge.objects.filter(kept__in=members), page, order=["-at"])


@router.post("/customers/{int:pk}/merges", response={201: MergeOut})
@requires(MERGE)
def merge_customers(request: Request, pk: int, payload: MergeIn) -> Any:
    """Make another profile part of this one. Merging what is one already gives the merge that stands."""
    seen = Customer.objects.visible_to(request.actor, MERGE)
    return merges.merge_customers(
        kept=get_object_or_404(seen, pk=pk),
        joined=chosen(seen, payload.joined_id, "joined_id"),
        actor=request.actor,
        now=request.now,
    )


@router.post("/customers/merges/{int:pk}/undo", response=MergeOut)
@requires(MERGE)
def undo_merge(request: Request, pk: int) -> Any:
    """Make two profiles again. They are remembered as not the same."""
    merge = get_object_or_404(Merge, pk=pk)
    return merges.unmerge(merge=merge, actor=request.actor, now=request.now)
