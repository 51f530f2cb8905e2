"""Customers over the API: the list with search and filters, one profile, its timeline, notes, and revealing a
number."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import Http404
from ninja import Query, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.operations import reveal_field
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Body, Id, line
from dianke.core.errors import NotFound
from dianke.customers.api.entry import router
from dianke.customers.models import ContactPoint, Customer, Tagging
from dianke.customers.operations import notes
from dianke.customers.queries.profile import Profile, head_of, profile_at
from dianke.customers.queries.search import CONTACT_FIELD, masked_value, narrowed, preferred_phones
from dianke.customers.queries.timeline import timeline_of

# What is read and what is written under one address stand on one router.
VIEW = "customers.view_customers"


class CustomerNotFoundHere(NotFound):
    code = "customer_not_found"


# --- what is answered ------------------------------------------------------------------------------------------------
class CustomerFields(Schema):
    id: int
    uuid: str
    member_number: str
    kind: Literal["PERSON", "COMPANY"]
    state: str
    name: str
    aliases: str
    gender: str
    level: str
    is_key_account: bool
    store_id: int | None
    partner_id: int | None
    owner_id: int | None
    channel: str = Field(description="Where the customer came from first")
    created_at: datetime
    last_seen_at: datetime
    phone: str = Field("", description="The preferred number, masked")
    tags: list[str] = []
    custom: dict[str, Any]


class CustomerLineOut(CustomerFields):
    """One of a list, made from the row."""

    @staticmethod
    def resolve_uuid(row: Any) -> str:
        return str(row.uuid)

    @staticmethod
    def resolve_phone(row: Any) -> str:
        return str(getattr(row, "shown_phone", ""))

    @staticmethod
    def resolve_tags(row: Any) -> list[str]:
        return list(getattr(row, "shown_tags", ()))


class ContactOut(Schema):
    id: int
    kind: str
    use: str
    value: str = Field(description="Masked; POST …/contact-points/{id}/reveal answers the whole")
    is_preferred: bool
    is_shared: bool
    verified_at: datetime | None


class AddressOut(Schema):
    id: int
    use: str
    country: str
    province: str
    city: str
    district: str
    division: str
    postcode: str
    is_preferred: bool


class DayOut(Schema):
    id: int
    kind: str
    label: str
    calendar: Literal["SOLAR", "LUNAR"]
    year: int | None
    month: int
    day: int
    is_leap: bool
    next_on: date


class RelationOut(Schema):
    id: int
    kind: str
    title: str
    is_mirror: bool = Field(description="This customer is the kind of the other one, not the other way round")
    customer_id: int | None = Field(description="Null for a customer the caller may not see")


class ConsentStateOut(Schema):
    purpose: str
    channel: str
    is_given: bool


class CustomerOut(CustomerFields):
    occupation: str
    company: str
    credit_code: str
    age: int | None
    is_minor: bool
    member_ids: list[int] = Field(description="Everybody merged into this profile, itself included")
    contacts: list[ContactOut]
    addresses: list[AddressOut]
    dates: list[DayOut]
    consents: list[ConsentStateOut]
    relations: list[RelationOut]
    collaborator_ids: list[int]
    shared_store_ids: list[int]


class HappeningOut(Schema):
    reference: str
    kind: str
    at: datetime
    text: str = Field(description="In the caller's language")
    who: str
    note_id: int | None
    note: str


class NoteOut(Schema):
    id: int
    customer_id: int
    kind: str
    text: str | None
    at: datetime


class RevealedContactOut(Schema):
    value: str


# --- what is asked ---------------------------------------------------------------------------------------------------
class CustomerFilter(Schema):
    q: str | None = Field(
        None, max_length=80, description="Name, pinyin, phone or its last digits, member number"
    )
    store_id: Id | None = None
    owner_id: Id | None = None
    tag_id: Id | None = None
    kind: Literal["PERSON", "COMPANY"] | None = None
    state: Literal["ACTIVE", "REVIEW", "ERASING", "ERASED", "REMOVED"] | None = Field(
        None, description="Without it: all but erased and removed ones"
    )
    level: str | None = Field(None, max_length=20)
    seen_since: datetime | None = None


class HappeningFilter(Schema):
    group: Literal["", "notes", "tasks", "data", "consents"] = ""
    q: str = Field("", max_length=60)
    cursor: str | None = Field(None, max_length=2000)


class NoteIn(Body):
    text: str = Field(max_length=notes.LONGEST)
    kind: Literal["NOTE", "CALL", "VISIT", "MESSAGE"] = "NOTE"


class CustomerReasonIn(Body):
    reason: Annotated[str, line(200)]


def _head(request: Request, pk: int) -> Customer:
    head = head_of(request.actor, pk)
    if head is None:
        raise CustomerNotFoundHere
    return head


# --- endpoints -------------------------------------------------------------------------------------------------------
@router.get("/customers", response=CursorPage[CustomerLineOut])
@requires(VIEW)
def list_customers(request: Request, page: Query[CursorQuery], wanted: Query[CustomerFilter]) -> Any:
    """Profiles the caller may see, those seen last first; merged customers show up in their profile."""
    rows: Any = Customer.objects.visible_to(request.actor).heads()
    rows = rows.filter(state=wanted.state) if wanted.state else rows.in_use()
    for name in ("store_id", "owner_id", "kind", "level"):
        value = getattr(wanted, name)
        if value is not None:
            rows = rows.filter(**{name: value})
    if wanted.tag_id is not None:
        tagged = Tagging.objects.filter(tag_id=wanted.tag_id).values("customer_id")
        rows = rows.filter(Customer.objects.profiles_of(tagged))
    if wanted.seen_since is not None:
        rows = rows.filter(last_seen_at__gte=wanted.seen_since)
    if wanted.q:
        rows = narrowed(request.actor, rows, wanted.q)
    found = cursor_page(rows, page, order=["-last_seen_at"])
    _dress(request, found["items"])
    return found


def _dress(request: Request, rows: Sequence[Any]) -> None:
    """Masked phones and tags of the rows; two queries."""
    ids = [row.pk for row in rows]
    phones = preferred_phones(ids) if ids else {}
    tags: dict[int, dict[str, None]] = {}
    members = Customer.objects.clusters(ids).values("pk")
    for tagging in Tagging.objects.filter(customer__in=members).select_related("tag", "customer"):
        tags.setdefault(tagging.customer.head_id, {})[tagging.tag.name] = None
    for row in rows:
        row.shown_phone = masked_value(request.actor, phones.get(row.pk))
        row.shown_tags = sorted(tags.get(row.pk, ()))


@router.get("/customers/{int:pk}", response=CustomerOut)
@requires(VIEW)
def get_customer(request: Request, pk: int) -> Any:
    """One profile with everything in it; the id of a merged customer answers the profile it belongs to."""
    profile = profile_at(request.actor, pk, now=request.now)
    if profile is None:
        raise CustomerNotFoundHere
    return _whole(profile)


def _whole(profile: Profile) -> dict[str, Any]:
    head, actor = profile.head, profile.actor
    plain = {name: getattr(head, name) for name in CustomerFields.model_fields if hasattr(head, name)}
    return plain | {
        "uuid": str(head.uuid),
        "phone": profile.masked_phone,
        "tags": [tag.name for tag in profile.tags],
        "occupation": head.occupation,
        "company": head.company,
        "credit_code": head.credit_code,
        "age": profile.age,
        "is_minor": profile.is_minor,
        "member_ids": sorted(profile.member_ids),
        "contacts": [
            {name: getattr(point, name) for name in ContactOut.model_fields if name != "value"}
            | {"value": masked_value(actor, point)}
            for point in profile.contacts
        ],
        "addresses": list(profile.addresses),
        "dates": [
            {name: getattr(day.row, name) for name in DayOut.model_fields if name != "next_on"}
            | {"next_on": day.on}
            for day in profile.days
        ],
        "consents": [
            {"purpose": purpose, "channel": channel, "is_given": is_given}
            for (purpose, channel), is_given in sorted(profile.consents.items())
        ],
        "relations": [
            {
                "id": each.relation.pk,
                "kind": each.relation.kind,
                "title": each.relation.title,
                "is_mirror": each.is_mirror,
                "customer_id": each.customer.pk if each.customer else None,
            }
            for each in profile.relations
        ],
        "collaborator_ids": [each.user_id for each in profile.collaborators],
        "shared_store_ids": [each.store_id for each in profile.shared_with],
    }


@router.get("/customers/{int:pk}/timeline", response=CursorPage[HappeningOut])
@requires(VIEW)
def customer_timeline(request: Request, pk: int, wanted: Query[HappeningFilter]) -> Any:
    """What happened with the customer, newest first, thirty at a time."""
    head = _head(request, pk)
    members = list(Customer.objects.cluster(head.pk).values_list("pk", flat=True))
    found = timeline_of(members, actor=request.actor, group=wanted.group, text=wanted.q, before=wanted.cursor)
    items = [
        {
            "reference": each.event.reference,
            "kind": each.event.kind,
            "at": each.event.recorded_at,
            "text": each.text,
            "who": each.who,
            "note_id": each.note.pk if each.note else None,
            "note": each.note_text,
        }
        for each in found.items
    ]
    return {"items": items, "next_cursor": found.next_cursor}


@router.post("/customers/{int:pk}/notes", response={201: NoteOut})
@requires("customers.change_customers")
def add_note(request: Request, pk: int, payload: NoteIn) -> Any:
    """Write something down about the customer."""
    return notes.add_note(
        customer=_head(request, pk),
        text=payload.text,
        kind=payload.kind,
        actor=request.actor,
        now=request.now,
    )


@router.post("/customers/{int:pk}/contact-points/{int:point_id}/reveal", response=RevealedContactOut)
@requires("customers.reveal_contacts")
def reveal_contact(request: Request, pk: int, point_id: int, payload: CustomerReasonIn) -> Any:
    """A contact point in full; who asked and why is logged, and only so many are shown in an hour."""
    head = _head(request, pk)
    rows = ContactPoint.objects.filter(customer__in=Customer.objects.cluster(head.pk)).select_related(
        "key", "customer"
    )
    point = rows.filter(pk=point_id).first()
    if point is None:
        raise Http404
    if (
        not Customer.objects.visible_to(request.actor, "customers.reveal_contacts")
        .filter(pk=head.pk)
        .exists()
    ):
        point.reveal_store_id = head.store_id or 0
    value = reveal_field(
        code=CONTACT_FIELD, subject=point, reason=payload.reason, actor=request.actor, now=request.now
    )
    return {"value": value}
