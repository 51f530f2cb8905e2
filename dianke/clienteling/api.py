"""The contact list over HTTP: one's own list of today, what came of each, taking a slip back."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import date
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.instants import Instant
from dianke.api.schemas import Body
from dianke.clienteling import operations
from dianke.clienteling.models import WORK, Entry, Outcome
from dianke.clienteling.queries.queue import Card, queue_of

router = Router(tags=["clienteling"])

ReasonCode = Literal[
    "AGAIN", "QUOTE", "DATE", "CARD", "BALANCE", "POINTS", "SLIPPING", "THANKS", "DUE", "NEW"
]
NotedKind = Literal["REACHED", "MISSED", "AGAIN", "VISIT", "LEAVE"]
WayCode = Literal["CALL", "WECHAT", "PORTAL", "SMS", "EMAIL"]


class ContactReason(Schema):
    code: ReasonCode
    text: str


class ContactWay(Schema):
    code: WayCode
    is_open: bool
    why_not: str


class ContactProduct(Schema):
    id: int
    name: str


class ContactOutcome(Schema):
    id: int
    kind: str
    channel: str
    agreed_date: date | None
    rests_until_date: date
    at: Instant


class ContactRowOut(Schema):
    id: int
    customer_id: int
    name: str
    reasons: list[ContactReason] = Field(description="The main one first")
    why_me: str
    weight: int
    weight_text: str
    words: str
    product: ContactProduct | None
    ways: list[ContactWay]
    outcome: ContactOutcome | None


class ContactListOut(Schema):
    day: date
    limit: int
    contacts: list[ContactRowOut] = Field(
        description="Open ones in the order of the list, then those dealt with"
    )


class OutcomeIn(Body):
    kind: NotedKind
    channel: Literal["", "CALL", "WECHAT"] = ""
    agreed_date: date | None = Field(None, description="Of AGAIN and VISIT")
    rest_days: int | None = Field(None, description="Of LEAVE; 90 unless said", ge=1, le=730)
    note: str = Field("", max_length=1000)


def _shown(card: Card) -> dict[str, Any]:
    return {
        "id": card.entry.pk,
        "customer_id": card.head.pk,
        "name": str(card.head),
        "reasons": [{"code": each.code, "text": each.text} for each in card.reasons],
        "why_me": card.why,
        "weight": card.entry.weight,
        "weight_text": card.order,
        "words": card.words,
        "product": {"id": card.product.product_id, "name": card.product.name} if card.product else None,
        "ways": [{"code": way.code, "is_open": way.is_open, "why_not": way.why_not} for way in card.ways],
        "outcome": card.outcome,
    }


@router.get("/contact-list", response=ContactListOut)
@requires(WORK)
def get_contact_list(request: Request) -> Any:
    """Whom to contact today, why and how: the list of whoever asks."""
    found = queue_of(request.actor, now=request.now)
    return {
        "day": found.day,
        "limit": found.limit,
        "contacts": [_shown(card) for card in (*found.open, *found.done)],
    }


@router.post("/contact-list/{int:pk}/outcome", response={201: ContactOutcome})
@requires(WORK)
def note_contact_outcome(request: Request, pk: int, payload: OutcomeIn) -> Any:
    """Note what came of a contact; the same again changes nothing."""
    entry = get_object_or_404(Entry.objects.visible_to(request.actor), pk=pk)
    noted = operations.note_outcome(entry=entry, actor=request.actor, now=request.now, **payload.dict())
    return Status(201, noted)


@router.delete("/contact-outcomes/{int:pk}", response=ContactOutcome)
@requires(WORK)
def take_back_contact_outcome(request: Request, pk: int) -> Any:
    """Take a slip back, within a quarter of an hour."""
    found = get_object_or_404(Outcome.objects.visible_to(request.actor), pk=pk)
    return operations.take_back(outcome=found, actor=request.actor, now=request.now)
