"""Requests for approval: asking, reading, deciding."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router

from dianke.access.confirmation import ConfirmationRequired, recently_authenticated
from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.work import operations
from dianke.work.api import schemas
from dianke.work.models import Approval

router = Router(tags=["approvals"])
VIEW = "work.view_tasks"
ASK = "work.request_approvals"


def _approval(request: Request, pk: int) -> Approval:
    return get_object_or_404(Approval.objects.visible_to(request.actor), pk=pk)


@router.get("/approvals", response=CursorPage[schemas.ApprovalOut])
@requires(VIEW)
def list_approvals(request: Request, page: Query[CursorQuery], wanted: Query[schemas.ApprovalFilter]) -> Any:
    """Requests the caller may see, the newest first."""
    rows = Approval.objects.visible_to(request.actor)
    if wanted.view == "mine":
        rows = rows.filter(requested_by_id=request.actor.user_id)
    elif wanted.view == "waiting":
        rows = rows.decidable_by(request.actor).pending(request.now)
    return cursor_page(rows, page, order=["-requested_at", "-id"])


@router.post("/approvals", response={201: schemas.ApprovalOut})
@requires(ASK)
def request_approval(request: Request, payload: schemas.ApprovalIn) -> Any:
    """Ask for a change that another answer refused with `approval_needed`."""
    return operations.request_approval(
        operation=payload.operation,
        arguments=payload.arguments,
        reason=payload.reason,
        actor=request.actor,
        now=request.now,
    )


@router.get("/approvals/{int:pk}", response=schemas.ApprovalOut)
@requires(VIEW)
def get_approval(request: Request, pk: int) -> Any:
    """One request."""
    return _approval(request, pk)


@router.post("/approvals/{int:pk}/decide", response=schemas.ApprovalOut)
@requires("work.decide_approvals")
def decide_approval(request: Request, pk: int, payload: schemas.DecisionIn) -> Any:
    """Approve or refuse: for a person who has just proved who they are, never for a key."""
    if not recently_authenticated(request):
        raise ConfirmationRequired
    return operations.decide(
        approval=_approval(request, pk), **payload.dict(), actor=request.actor, now=request.now
    )


@router.post("/approvals/{int:pk}/withdraw", response=schemas.ApprovalOut)
@requires(ASK)
def withdraw_approval(request: Request, pk: int) -> Any:
    """Take one's own request back."""
    return operations.withdraw_approval(approval=_approval(request, pk), actor=request.actor, now=request.now)
