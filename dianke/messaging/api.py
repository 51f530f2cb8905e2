"""Messages over HTTP: asking for some, what became of them, templates, and what carriers report."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import datetime
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Body
from dianke.messaging import operations, queries
from dianke.messaging.models import Message, Template
from dianke.messaging.operations.bounces import note_bounce
from dianke.messaging.queries.reasons import reason_text
from dianke.messaging.views.listings import SEND, SUPPRESSIONS, TEMPLATES, VIEW

router = Router(tags=["messages"])

ChannelCode = Literal["SMS", "EMAIL", "PORTAL", "CALL", "WECHAT", "WECOM"]
PurposeCode = Literal["MARKETING", "CARE", "SERVICE"]


class IntentIn(Body):
    customer_id: int
    occurrence: str = Field("", max_length=60, description="What makes it another message: a year, an order")
    values: dict[str, str] | None = Field(None, description="Values of variables that come with the message")


class MessagesIn(Body):
    source: str = Field(
        max_length=56,
        description="What asks for it; with step, person and occurrence it is once. Found again as api:…",
    )
    step: str = Field("", max_length=40)
    channel: ChannelCode
    purpose: PurposeCode
    template_id: int | None = None
    subject: str = Field("", max_length=120)
    body: str = Field("", max_length=5000)
    intents: list[IntentIn] = Field(max_length=10_000)
    due_at: datetime | None = None
    expires_at: datetime | None = None


class EnqueuedOut(Schema):
    added: int
    before: int


class MessageOut(Schema):
    id: int
    customer_id: int
    source: str
    step: str
    occurrence: str
    channel: ChannelCode
    purpose: PurposeCode
    state: str
    reason: str
    reason_text: str
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None

    @staticmethod
    def resolve_reason_text(row: Message) -> str:
        return reason_text(row.reason) if row.reason else ""


class MessageFilter(Schema):
    source: str | None = None
    state: str | None = None
    customer_id: int | None = None


class OutcomesOut(Schema):
    total: int
    out: int
    parts: int
    by_state: dict[str, int]
    by_reason: dict[str, int]


class AllowedIn(Body):
    customer_ids: list[int] = Field(max_length=10_000)
    channel: ChannelCode
    purpose: PurposeCode


class VerdictOut(Schema):
    customer_id: int
    is_allowed: bool
    reasons: list[str]
    until: datetime | None


class TemplateFields(Schema):
    name: str = Field(max_length=40)
    channel: ChannelCode
    purpose: PurposeCode
    subject: str = Field("", max_length=120)
    body: str = Field(max_length=5000)
    signature: str = Field("", max_length=12)
    approved_code: str = Field("", max_length=40)


class TemplateIn(Body, TemplateFields):
    """A template as it is made."""


class TemplateOut(TemplateFields):
    id: int
    state: str
    version: int


class BounceIn(Body):
    report: str = Field(max_length=200_000, description="The whole email a mail server sent back")


class BounceOut(Schema):
    noted: int


class ReplyIn(Body):
    phone: str = Field(max_length=30)
    text: str = Field(max_length=500)


class ReplyOut(Schema):
    is_stopped: bool


@router.post("/messages", response={201: EnqueuedOut})
@requires(SEND)
def enqueue_messages(request: Request, payload: MessagesIn) -> Any:
    """Ask for messages; who may not be written to gets none, with its reason."""
    template = None
    if payload.template_id is not None:
        template = get_object_or_404(Template, pk=payload.template_id)
    done = operations.enqueue(
        source=f"api:{payload.source}",
        step=payload.step,
        channel=payload.channel,
        purpose=payload.purpose,
        template=template,
        subject=payload.subject,
        body=payload.body,
        intents=[operations.Intent(one.customer_id, one.occurrence, one.values) for one in payload.intents],
        due_at=payload.due_at,
        expires_at=payload.expires_at,
        actor=request.actor,
        now=request.now,
    )
    return 201, done


@router.get("/messages", response=CursorPage[MessageOut])
@requires(VIEW)
def list_messages(request: Request, page: Query[CursorQuery], wanted: Query[MessageFilter]) -> Any:
    """Messages of the customers one may see, the newest first."""
    rows = Message.objects.visible_to(request.actor)
    for name, value in wanted.dict(exclude_none=True).items():
        rows = rows.filter(**{name: value})
    return cursor_page(rows, page, order=["-id"])


@router.get("/messages/outcomes", response=OutcomesOut)
@requires(VIEW)
def get_outcomes(request: Request, source: str, step: str | None = None) -> Any:
    """What became of the messages of a source."""
    return queries.outcomes(source, step=step)


@router.post("/messages/allowed", response=list[VerdictOut])
@requires(VIEW)
def ask_allowed(request: Request, payload: AllowedIn) -> Any:
    """Who of these may be written to now, and why the others may not."""
    from dianke.customers.models import Customer

    seen = Customer.objects.visible_to(request.actor).filter(pk__in=payload.customer_ids)
    ids = list(seen.values_list("pk", flat=True))
    found = queries.allowed(ids, channel=payload.channel, purpose=payload.purpose, at=request.now)
    return [
        VerdictOut(
            customer_id=pk,
            is_allowed=verdict.is_allowed,
            reasons=[str(reason) for reason in verdict.reasons],
            until=verdict.until,
        )
        for pk, verdict in found.items()
    ]


@router.get("/messages/{int:pk}", response=MessageOut)
@requires(VIEW)
def get_message(request: Request, pk: int) -> Any:
    """One message."""
    return get_object_or_404(Message.objects.visible_to(request.actor), pk=pk)


@router.post("/messages/{int:pk}/cancel", response=MessageOut)
@requires(SEND)
def cancel_message(request: Request, pk: int) -> Any:
    """Call one back that still waits."""
    row = get_object_or_404(Message.objects.visible_to(request.actor), pk=pk)
    operations.cancel(messages=[row], actor=request.actor, now=request.now)
    row.refresh_from_db()
    return row


@router.get("/message-templates", response=CursorPage[TemplateOut])
@requires(VIEW)
def list_message_templates(request: Request, page: Query[CursorQuery]) -> Any:
    """Templates, the newest first."""
    return cursor_page(Template.objects.all(), page, order=["-id"])


@router.post("/message-templates", response={201: TemplateOut})
@requires(TEMPLATES)
def make_message_template(request: Request, payload: TemplateIn) -> Any:
    """A template."""
    return 201, operations.make_template(values=payload.dict(), actor=request.actor, now=request.now)


@router.put("/message-templates/{int:pk}", response=TemplateOut)
@requires(TEMPLATES)
def change_message_template(request: Request, pk: int, payload: TemplateIn) -> Any:
    """Other words from now on."""
    row = get_object_or_404(Template, pk=pk)
    return operations.change_template(
        template=row, values=payload.dict(), actor=request.actor, now=request.now
    )


@router.post("/messages/bounces", response=BounceOut)
@requires(SUPPRESSIONS)
def note_bounced(request: Request, payload: BounceIn) -> Any:
    """A report of a mail server that something did not arrive (RFC 3464): a mailbox can be piped here."""
    return BounceOut(noted=note_bounce(report=payload.report.encode(), actor=request.actor, now=request.now))


@router.post("/messages/replies", response=ReplyOut)
@requires(SUPPRESSIONS)
def note_reply(request: Request, payload: ReplyIn) -> Any:
    """What somebody answered to a text message: who says stop is left alone at once."""
    if not operations.is_stop(payload.text):
        return ReplyOut(is_stopped=False)
    operations.suppress(
        channel="SMS", address=payload.phone, why="REPLY", actor=request.actor, now=request.now
    )
    return ReplyOut(is_stopped=True)
