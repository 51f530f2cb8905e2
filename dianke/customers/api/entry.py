"""Customers coming in and being corrected over the API: the same door the counter uses, with the channel API."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

import json
from typing import Annotated, Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from dianke.access.guards import requires
from dianke.access.models import User
from dianke.access.requests import Request
from dianke.api.problems import of_domain_error
from dianke.api.schemas import Body, Id, chosen, chosen_or_none, line, partial
from dianke.customers.models import (
    Calendar,
    Channel,
    ConsentChannel,
    Customer,
    Purpose,
    Tag,
)
from dianke.customers.operations import assigning, changes, tags
from dianke.customers.operations.entry import CustomerExists, Entered, enter_customer
from dianke.customers.queries.duplicates import hints_for
from dianke.customers.rules.entry import AddressEntry, ConsentEntry, DateEntry, Entry, PhoneEntry
from dianke.stores.models import Store

router = Router(tags=["customers"])
ADD, CHANGE = "customers.add_customers", "customers.change_customers"
Line40 = Annotated[str, line(40, min_length=0)]
Line80 = Annotated[str, line(80, min_length=0)]
Line120 = Annotated[str, line(120, min_length=0)]
Phone = Annotated[str, line(40)]
KeyKind = Literal["PHONE", "EMAIL", "WECHAT", "UNIONID", "OPENID", "WECOM", "DOCUMENT"]


# --- what is sent ---------------------------------------------------------------------------------------------
class DayIn(Body):
    """A day that comes round; of the lunar calendar it stays lunar."""

    kind: Literal["BIRTHDAY", "WEDDING", "CHILD", "SPOUSE", "OTHER"] = "BIRTHDAY"
    calendar: Calendar = Calendar.SOLAR
    year: int | None = Field(None, ge=1900, le=2100)
    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)
    is_leap: bool = Field(False, description="Leap month of the lunar calendar")
    label: Line40 = ""

    def entry(self) -> DateEntry:
        return DateEntry(**self.dict())


class AddressIn(Body):
    """In one line (`text`), or in parts."""

    text: Annotated[str, line(300, min_length=0)] = ""
    use: Literal["HOME", "WORK", "DELIVERY", "REGISTERED"] = "HOME"
    province: Annotated[str, line(30, min_length=0)] = ""
    city: Annotated[str, line(30, min_length=0)] = ""
    district: Annotated[str, line(30, min_length=0)] = ""
    street: Annotated[str, line(200, min_length=0)] = ""
    postcode: Annotated[str, line(10, min_length=0)] = ""
    receiver: Line40 = ""
    phone: Line40 = ""
    is_preferred: bool = False

    def entry(self) -> AddressEntry:
        return AddressEntry(**self.dict())


class PhoneIn(Body):
    number: Phone
    use: Literal["MOBILE", "HOME", "WORK", "FAMILY", ""] = "MOBILE"
    is_shared: bool = Field(False, description="Used by several people: it never joins profiles")


class ConsentIn(Body):
    purpose: Purpose
    channel: ConsentChannel = ConsentChannel.ANY
    is_given: bool = True
    text_id: Id | None = Field(None, description="The consent text that was shown")


class CustomerIn(Body):
    """Everything is optional; at least a name or a contact point must be there."""

    store_id: Id | None = None
    kind: Literal["PERSON", "COMPANY"] = "PERSON"
    name: Line80 = ""
    aliases: Annotated[str, line(160, min_length=0)] = ""
    gender: Literal["F", "M", ""] = ""
    occupation: Line40 = ""
    company: Line80 = ""
    credit_code: Annotated[str, line(24, min_length=0)] = ""
    phones: list[PhoneIn] = Field([], max_length=10)
    emails: list[Line120] = Field([], max_length=10)
    wechat: Line80 = ""
    unionid: Line80 = ""
    openid: Line80 = ""
    wecom: Line80 = ""
    document: Annotated[str, line(24, min_length=0)] = ""
    member_number: Annotated[str, line(24, min_length=0)] = Field("", description="Kept if it is free")
    dates: list[DayIn] = Field([], max_length=20)
    addresses: list[AddressIn] = Field([], max_length=10)
    note: Annotated[str, Field(max_length=2000)] = ""
    tags: list[Annotated[str, line(24)]] = Field([], max_length=30)
    custom: dict[str, Any] = Field({}, description="Values by key, see /custom-fields")
    sensitive: dict[str, Any] = Field(
        {},
        description="Health and other sensitive details by key, see /custom-fields/customers.sensitive. Only with the "
        "consent SENSITIVE in `consents`, or given before",
    )
    consents: list[ConsentIn] = Field([], max_length=20)
    guardian: Line40 = Field("", description="Who agreed for a child under 14")
    source: Annotated[str, line(60, min_length=0)] = Field("", description="The system that sends")
    external_id: Line120 = Field("", description="Its number there: the same again is an update")
    campaign: Annotated[str, line(60, min_length=0)] = ""
    at_counter: bool = Field(
        False,
        description="Somebody can ask the customer: a key that is here answers 409 with `hints`, to be sent again with "
        "`link_to_id` or `as_new`",
    )
    as_new: bool = Field(False, description="Somebody else than whoever has the same number here")
    link_to_id: Id | None = Field(None, description="A further record of this customer")

    def entry(self) -> Entry:
        days = [day.entry() for day in self.dates]
        birthday = next((day for day in days if day.kind == "BIRTHDAY"), None)
        return Entry(
            kind=self.kind,
            name=self.name,
            aliases=self.aliases,
            gender=self.gender,
            occupation=self.occupation,
            company=self.company,
            credit_code=self.credit_code,
            phones=tuple(PhoneEntry(one.number, one.use, is_shared=one.is_shared) for one in self.phones),
            emails=tuple(self.emails),
            wechat=self.wechat,
            unionid=self.unionid,
            openid=self.openid,
            wecom=self.wecom,
            document=self.document,
            member_number=self.member_number,
            birthday=birthday,
            dates=tuple(day for day in days if day is not birthday),
            addresses=tuple(one.entry() for one in self.addresses),
            note=self.note,
            tags=tuple(self.tags),
            custom=self.custom,
            sensitive=self.sensitive,
            consents=tuple(
                ConsentEntry(str(c.purpose), str(c.channel), c.is_given, c.text_id) for c in self.consents
            ),
            guardian=self.guardian,
        )


class EnteredOut(Schema):
    id: int = Field(description="The profile the entry belongs to")
    member_number: str
    record_id: int
    outcome: Literal["CREATED", "LINKED", "UPDATED", "UNCHANGED", "WAITING"]
    pairs: list[int] = Field(description="Possible duplicates left for review")
    dropped: dict[str, str] = Field(description="Fields that were left out, with the reason")


@partial
class CustomerPatch(Body):
    kind: Literal["PERSON", "COMPANY"]
    name: Line80
    aliases: Annotated[str, line(160, min_length=0)]
    gender: Literal["F", "M", ""]
    occupation: Line40
    company: Line80
    credit_code: Annotated[str, line(24, min_length=0)]
    note: Annotated[str, Field(max_length=2000)]
    custom: dict[str, Any]
    sensitive: dict[str, Any] = Field(description="Written only while the consent SENSITIVE stands")


class ChangedOut(Schema):
    id: int
    member_number: str
    name: str
    state: str


class QuestionIn(Body):
    """Complete keys only: half a number finds nobody."""

    phone: Line40 = ""
    email: Line120 = ""
    name: Line80 = ""
    member_number: Annotated[str, line(24, min_length=0)] = ""
    birthday: DayIn | None = None


class HintOut(Schema):
    kind: Literal["exact", "likely"]
    reason: str
    may_request: bool
    id: int | None = Field(None, description="Only of customers the caller may see")
    name: str = Field("", description="Masked")
    where: str = Field("", description="Short name of the store")
    keeper: Literal["", "STORE", "COLLEAGUE", "PARTNER"] = Field(
        "", description="Who keeps a customer not shown"
    )


def customer_of(http: Request, pk: int) -> Customer:
    found: Customer = get_object_or_404(Customer.objects.visible_to(http.actor), pk=pk)
    return found


def _told(entered: Entered) -> dict[str, Any]:
    return {
        "id": entered.customer.pk,
        "member_number": entered.customer.member_number,
        "record_id": entered.record.pk,
        "outcome": entered.outcome,
        "pairs": [pair.pk for pair in entered.pairs],
        "dropped": {field: str(error) for field, error in entered.dropped.items()},
    }


# --- coming in and being corrected ----------------------------------------------------------------------------
@router.post("/customers", response={201: EnteredOut, 200: EnteredOut})
@requires(ADD)
def enter(request: Request, payload: CustomerIn) -> Any:
    """Take a customer in. Whoever is surely here already gets a further record (200, LINKED); who might be is left for
    review; the same `source` and `external_id` again is an update (UPDATED) or nothing (UNCHANGED). With `at_counter`
    nobody is linked unasked: 409 `customer_exists`, whose `hints` are those of /customers/check."""
    seen = Customer.objects.visible_to(request.actor)
    try:
        entered = enter_customer(
            entry=payload.entry(),
            channel=Channel.COUNTER if payload.at_counter else Channel.API,
            store=chosen_or_none(Store.objects.visible_to(request.actor, ADD), payload.store_id, "store_id"),
            source=payload.source,
            campaign=payload.campaign,
            external_id=payload.external_id,
            link_to=chosen_or_none(seen, payload.link_to_id, "link_to_id"),
            as_new=payload.as_new,
            actor=request.actor,
            now=request.now,
        )
    except CustomerExists as error:
        response = of_domain_error(request, error)
        told = json.loads(response.content) | {"hints": [hint.to_json() for hint in error.hints]}
        response.content = json.dumps(told).encode()
        return response
    return Status(201 if entered.outcome in ("CREATED", "WAITING") else 200, _told(entered))


@router.post("/customers/check", response=list[HintOut])
@requires(ADD)
def ask_for_duplicates(request: Request, payload: QuestionIn) -> Any:
    """Who is here already, as far as the caller may know. Of customers kept by others only that they exist; such
    questions are logged and limited."""
    hints = hints_for(
        actor=request.actor,
        now=request.now,
        phone=payload.phone,
        email=payload.email,
        name=payload.name,
        member_number=payload.member_number,
        birthday=payload.birthday.entry() if payload.birthday else None,
    )
    return [hint.to_json() for hint in hints]


@router.patch("/customers/{int:pk}", response=ChangedOut)
@requires(CHANGE)
def change(request: Request, pk: int, payload: CustomerPatch) -> Any:
    """Correct what is named; an empty text empties the field."""
    return changes.change_customer(
        customer=customer_of(request, pk),
        changes=payload.dict(exclude_unset=True),
        actor=request.actor,
        now=request.now,
    )


@router.post("/customers/{int:pk}/remove", response=ChangedOut)
@requires("customers.remove_customers")
def remove(request: Request, pk: int) -> Any:
    """Take a customer out of lists, search and matching."""
    return changes.remove_customer(customer=customer_of(request, pk), actor=request.actor, now=request.now)


@router.post("/customers/{int:pk}/restore", response=ChangedOut)
@requires("customers.remove_customers")
def restore(request: Request, pk: int) -> Any:
    """Bring a removed customer back."""
    return changes.restore_customer(customer=customer_of(request, pk), actor=request.actor, now=request.now)


# --- many at once ---------------------------------------------------------------------------------------------
Many = Annotated[list[Id], Field(min_length=1, max_length=tags.MOST_AT_ONCE)]


class TaggingIn(Body):
    customer_ids: Many
    tag_ids: list[Id] = Field(min_length=1, max_length=30)


class AssigningIn(Body):
    customer_ids: Many
    owner_id: Id | None = Field(description="Null: to nobody")


class CountOut(Schema):
    count: int = Field(description="Customers something changed for; those out of reach are left out")


def _tags(payload: TaggingIn) -> list[Tag]:
    return [chosen(Tag.objects.all(), pk, "tag_ids") for pk in dict.fromkeys(payload.tag_ids)]


@router.post("/customers/tag", response=CountOut)
@requires("customers.tag_customers")
def tag(request: Request, payload: TaggingIn) -> Any:
    """Put tags on customers."""
    count = tags.tag_customers(
        customers=payload.customer_ids, tags=_tags(payload), actor=request.actor, now=request.now
    )
    return {"count": count}


@router.post("/customers/untag", response=CountOut)
@requires("customers.tag_customers")
def untag(request: Request, payload: TaggingIn) -> Any:
    """Take tags off customers."""
    count = tags.untag_customers(
        customers=payload.customer_ids, tags=_tags(payload), actor=request.actor, now=request.now
    )
    return {"count": count}


@router.post("/customers/assign", response=CountOut)
@requires("customers.assign_customers")
def assign(request: Request, payload: AssigningIn) -> Any:
    """Give customers to a colleague."""
    owner = chosen_or_none(User.objects.filter(is_active=True), payload.owner_id, "owner_id")
    count = assigning.assign_owner(
        customers=payload.customer_ids, owner=owner, actor=request.actor, now=request.now
    )
    return {"count": count}
