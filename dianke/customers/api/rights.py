"""Requests of customers about their data, copies of it, and the processing register."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.confirmation import ConfirmationRequired, recently_authenticated
from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Body, Id, chosen, line
from dianke.customers.models import Customer, ProcessingActivity, RightsRequest
from dianke.customers.operations import rights
from dianke.customers.operations.erasure import ERASE, erase_customer
from dianke.customers.operations.rights import HANDLE
from dianke.customers.queries import export
from dianke.customers.queries.rights import ERASE_OPERATION, needs_second_person
from dianke.work.operations import request_approval

router = Router(tags=["customer rights"])

RequestCode = Literal["ACCESS", "PORTABILITY", "CORRECTION", "ERASURE", "OBJECTION"]
StateCode = Literal["OPEN", "DONE", "REFUSED", "WITHDRAWN"]
ChannelCode = Literal["COUNTER", "QR", "WEB", "IMPORT", "ECOMMERCE", "WECHAT", "API", "PORTAL", "STAFF"]
HowCode = Literal["IN_PERSON", "PHONE_CODE", "DOCUMENT", "PORTAL", "GUARDIAN"]
PurposeCode = Literal["MARKETING", "CARE", "PROFILING", "SHARING", "SENSITIVE"]
Words = Annotated[str, line(400)]


class RequestOut(Schema):
    """`due_at` is the instant after the last day for an answer."""

    id: int
    customer_id: int
    kind: str
    state: str
    channel: str
    received_at: datetime
    due_at: datetime
    identity_checked_how: str
    details: str
    answer: str
    closed_at: datetime | None
    closed_by_id: int | None


class RequestIn(Body):
    customer_id: Id
    kind: RequestCode
    channel: ChannelCode = "API"
    identity_checked_how: HowCode | None = None
    details: Annotated[str, line(400, min_length=0)] = ""


class RequestFilter(Schema):
    state: StateCode | None = None
    kind: RequestCode | None = None
    customer_id: Id | None = None
    is_overdue: bool | None = None


class IdentityIn(Body):
    how: HowCode


class AnswerIn(Body):
    """`stop` names the uses an objection ends; for other requests it stays empty."""

    answer: Annotated[str, line(400, min_length=0)] = ""
    stop: list[PurposeCode] = Field(default_factory=list, max_length=5)


class RefusalIn(Body):
    reason: Words


class ErasureOut(Schema):
    """`approval_id` of the request for approval a second person decides; null when it was done at once."""

    is_erased: bool
    approval_id: int | None


class ActivityOut(Schema):
    id: int
    name: str
    purpose: str
    ground: str
    categories: str
    recipients: str
    retention: str
    is_sensitive: bool
    reviewed_at: datetime | None


def _request(request: Request, pk: int) -> RightsRequest:
    rows = RightsRequest.objects.visible_to(request.actor).select_related("customer__store")
    return get_object_or_404(rows, pk=pk)


@router.get("/customer-requests", response=CursorPage[RequestOut])
@requires(HANDLE)
def list_customer_requests(request: Request, page: Query[CursorQuery], wanted: Query[RequestFilter]) -> Any:
    """Requests about data the caller handles, the most pressing first."""
    rows = RightsRequest.objects.visible_to(request.actor)
    given = wanted.dict(exclude_none=True)
    is_overdue = given.pop("is_overdue", None)
    rows = rows.filter(**given)
    if is_overdue is not None:
        late = rows.overdue(request.now)
        rows = late if is_overdue else rows.exclude(pk__in=late.values("pk"))
    return cursor_page(rows, page, order=["due_at", "id"])


@router.post("/customer-requests", response={201: RequestOut})
@requires(HANDLE)
def open_customer_request(request: Request, payload: RequestIn) -> Any:
    """Take a request down and start its clock. While one of the kind is open it is returned again."""
    customers = Customer.objects.visible_to(request.actor, HANDLE)
    return rights.open_request(
        customer=chosen(customers, payload.customer_id, "customer_id"),
        kind=payload.kind,
        channel=payload.channel,
        details=payload.details,
        identity_checked_how=payload.identity_checked_how or "",
        actor=request.actor,
        now=request.now,
    )


@router.get("/customer-requests/{int:pk}", response=RequestOut)
@requires(HANDLE)
def get_customer_request(request: Request, pk: int) -> Any:
    """One request."""
    return _request(request, pk)


@router.post("/customer-requests/{int:pk}/identity", response=RequestOut)
@requires(HANDLE)
def check_customer_identity(request: Request, pk: int, payload: IdentityIn) -> Any:
    """Note how it was made sure who asks."""
    return rights.check_identity(
        request=_request(request, pk), how=payload.how, actor=request.actor, now=request.now
    )


@router.post("/customer-requests/{int:pk}/answer", response=RequestOut)
@requires(HANDLE)
def answer_customer_request(request: Request, pk: int, payload: AnswerIn) -> Any:
    """Close a request with its answer; an objection with the uses that stop."""
    row = _request(request, pk)
    if payload.stop:
        return rights.stop_uses(
            request=row,
            purposes=payload.stop,
            answer=payload.answer,
            actor=request.actor,
            now=request.now,
        )
    return rights.close_request(request=row, answer=payload.answer, actor=request.actor, now=request.now)


@router.post("/customer-requests/{int:pk}/refuse", response=RequestOut)
@requires(HANDLE)
def refuse_customer_request(request: Request, pk: int, payload: RefusalIn) -> Any:
    """Refuse, with the reason."""
    return rights.refuse_request(
        request=_request(request, pk), reason=payload.reason, actor=request.actor, now=request.now
    )


@router.post("/customer-requests/{int:pk}/withdraw", response=RequestOut)
@requires(HANDLE)
def withdraw_customer_request(request: Request, pk: int) -> Any:
    """The customer has taken it back."""
    return rights.withdraw_request(request=_request(request, pk), actor=request.actor, now=request.now)


@router.post("/customer-requests/{int:pk}/copy", response=dict[str, Any])
@requires(HANDLE)
def copy_customer_data(request: Request, pk: int) -> Any:
    """Everything kept about the customer, by the schema of the export; noted in the log. A person with a fresh
    confirmation of who they are asks for it, no key."""
    row = _request(request, pk)
    if not recently_authenticated(request):
        raise ConfirmationRequired
    number = rights.note_export(request=row, format="json", actor=request.actor, now=request.now)
    copy = export.copy_for(
        row.customer, made_by=request.actor.name, made_at=timezone.localtime(request.now), number=number
    )
    return json.loads(export.as_json(copy))


@router.post("/customer-requests/{int:pk}/erasure", response=ErasureOut)
@requires(ERASE)
def erase_customer_data(request: Request, pk: int, payload: RefusalIn) -> Any:
    """Ask a second person to let an erasure happen, with the reason. Where nobody else may decide, a person with a
    fresh confirmation of who they are erases at once."""
    row = _request(request, pk)
    if needs_second_person(row.customer, request.actor, now=request.now):
        approval = request_approval(
            operation=ERASE_OPERATION,
            arguments={"request": row.pk},
            reason=payload.reason,
            actor=request.actor,
            now=request.now,
        )
        return {"is_erased": False, "approval_id": approval.pk}
    if not recently_authenticated(request):
        raise ConfirmationRequired
    erase_customer(request=row, actor=request.actor, now=request.now)
    return {"is_erased": True, "approval_id": None}


@router.get("/processing-register", response=CursorPage[ActivityOut])
@requires(HANDLE)
def list_processing_activities(request: Request, page: Query[CursorQuery]) -> Any:
    """What personal data is used for."""
    return cursor_page(ProcessingActivity.objects.all(), page, order=["name", "id"])
