"""One customer's contact points, addresses, days and consents over the API, beside entering and correcting."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Annotated, Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Schema, Status

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.schemas import Body, Id, chosen, chosen_or_none, line, partial
from dianke.customers.api.entry import CHANGE, AddressIn, ConsentIn, DayIn, KeyKind, customer_of, router
from dianke.customers.models import Address, Channel, ConsentText, ContactPoint, Customer, ImportantDate
from dianke.customers.operations import consents, contacts, sharing
from dianke.customers.queries.circle import SHARE, partners_serving
from dianke.stores.models import Partner


class ContactIn(Body):
    kind: KeyKind
    value: Annotated[str, line(120)]
    use: Literal["MOBILE", "HOME", "WORK", "FAMILY", ""] = ""
    is_shared: bool = False


class MadeOut(Schema):
    id: int


class ConsentOut(Schema):
    id: int | None = Field(None, description="Null when it stood so already")


@router.post("/customers/{int:pk}/contact-points", response={201: MadeOut})
@requires(CHANGE)
def add_contact_point(request: Request, pk: int, payload: ContactIn) -> Any:
    """A further way to reach the customer."""
    return contacts.add_contact_point(
        customer=customer_of(request, pk), **payload.dict(), actor=request.actor, now=request.now
    )


def _point(request: Request, pk: int, point_id: int) -> ContactPoint:
    members = Customer.objects.cluster(customer_of(request, pk).head_id)
    found: ContactPoint = get_object_or_404(
        ContactPoint.objects.filter(customer__in=members).select_related("key"), pk=point_id
    )
    return found


@partial
class ContactPatch(Body):
    value: Annotated[str, line(120)]
    use: Literal["MOBILE", "HOME", "WORK", "FAMILY", ""]
    is_shared: bool


@router.patch("/customers/{int:pk}/contact-points/{int:point_id}", response=MadeOut)
@requires(CHANGE)
def change_contact_point(request: Request, pk: int, point_id: int, payload: ContactPatch) -> Any:
    """Correct what is named. Another value is a new contact point, whose id is answered; the old one is put away."""
    return contacts.change_contact_point(
        point=_point(request, pk, point_id),
        **payload.dict(exclude_unset=True),
        actor=request.actor,
        now=request.now,
    )


@router.post("/customers/{int:pk}/contact-points/{int:point_id}/prefer", response=MadeOut)
@requires(CHANGE)
def prefer_contact_point(request: Request, pk: int, point_id: int) -> Any:
    """Use it first among its kind."""
    return contacts.prefer_contact_point(
        point=_point(request, pk, point_id), actor=request.actor, now=request.now
    )


@router.post("/customers/{int:pk}/contact-points/{int:point_id}/restore", response=MadeOut)
@requires(CHANGE)
def restore_contact_point(request: Request, pk: int, point_id: int) -> Any:
    """Use a contact point again that was put away."""
    return contacts.restore_contact_point(
        point=_point(request, pk, point_id), actor=request.actor, now=request.now
    )


@router.post("/customers/{int:pk}/contact-points/{int:point_id}/archive", response=MadeOut)
@requires(CHANGE)
def archive_contact_point(request: Request, pk: int, point_id: int) -> Any:
    """Use and search it no more."""
    members = Customer.objects.cluster(customer_of(request, pk).head_id)
    point = get_object_or_404(ContactPoint.objects.filter(customer__in=members), pk=point_id)
    return contacts.archive_contact_point(point=point, actor=request.actor, now=request.now)


@router.post("/customers/{int:pk}/addresses", response={201: MadeOut})
@requires(CHANGE)
def add_address(request: Request, pk: int, payload: AddressIn) -> Any:
    """A further address."""
    return contacts.add_address(
        customer=customer_of(request, pk), address=payload.entry(), actor=request.actor, now=request.now
    )


@router.post("/customers/{int:pk}/addresses/{int:address_id}/archive", response=MadeOut)
@requires(CHANGE)
def archive_address(request: Request, pk: int, address_id: int) -> Any:
    """Put an address away."""
    members = Customer.objects.cluster(customer_of(request, pk).head_id)
    address = get_object_or_404(Address.objects.filter(customer__in=members), pk=address_id)
    return contacts.archive_address(address=address, actor=request.actor, now=request.now)


@router.post("/customers/{int:pk}/dates", response={201: MadeOut})
@requires(CHANGE)
def add_date(request: Request, pk: int, payload: DayIn) -> Any:
    """A day that comes round; a second birthday in the same calendar takes the place of the first."""
    return contacts.add_date(
        customer=customer_of(request, pk), date=payload.entry(), actor=request.actor, now=request.now
    )


@router.post("/customers/{int:pk}/dates/{int:date_id}/archive", response=MadeOut)
@requires(CHANGE)
def archive_date(request: Request, pk: int, date_id: int) -> Any:
    """Put a day away."""
    members = Customer.objects.cluster(customer_of(request, pk).head_id)
    date = get_object_or_404(ImportantDate.objects.filter(customer__in=members), pk=date_id)
    return contacts.archive_date(date=date, actor=request.actor, now=request.now)


@router.post("/customers/{int:pk}/consents", response={201: ConsentOut})
@requires(CHANGE)
def record_consent(request: Request, pk: int, payload: ConsentIn) -> Any:
    """Note that the customer agreed or took it back."""
    made = consents.record_consent(
        customer=customer_of(request, pk),
        purpose=str(payload.purpose),
        channel=str(payload.channel),
        is_given=payload.is_given,
        text=chosen_or_none(ConsentText.objects.all(), payload.text_id, "text_id"),
        how=Channel.API,
        actor=request.actor,
        now=request.now,
    )
    return Status(201, {"id": made.pk if made else None})


class PartnersIn(Body):
    partner_ids: list[Id] = Field(
        max_length=50, description="Exactly these serve the customer beside the keeper"
    )


class PartnersOut(Schema):
    id: int
    partner_ids: list[int]


@router.put("/customers/{int:pk}/partners", response=PartnersOut)
@requires(SHARE)
def share_with_partners(request: Request, pk: int, payload: PartnersIn) -> Any:
    """Let other partners see and serve a customer a partner keeps; the keeper decides, or whoever sees the customers
    of all partners. An empty list shares with nobody any more."""
    head = customer_of(request, pk)
    rows = Partner.objects.filter(user__isnull=False).select_related("user")
    partners = [chosen(rows, each, "partner_ids") for each in dict.fromkeys(payload.partner_ids)]
    shared = sharing.share_with_partners(
        customer=head, partners=partners, actor=request.actor, now=request.now
    )
    return {"id": shared.pk, "partner_ids": sorted(partners_serving(shared))}
