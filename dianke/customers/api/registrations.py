"""Registrations that other systems send: a web shop, a mini program, a form of one's own."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from ninja import Field, Router, Schema

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.schemas import Body, Id, ReferenceUnknown, chosen, line
from dianke.core.errors import InvalidInput
from dianke.core.phone import parse as parse_phone
from dianke.customers.models import Calendar, Channel, ConsentText, Purpose, RegistrationPoint
from dianke.customers.operations.registration import Registration, register_unproven
from dianke.customers.rules.dates import DateEntry
from dianke.stores.models import Store
from dianke.stores.queries import local_date


class StoreMissing(InvalidInput):
    code = "store_missing"
    message = _("Say which store the customer belongs to: by a registration code or the store's id.")
    default_field = "store_id"


router = Router(tags=["customers"])


class BirthdayIn(Body):
    calendar: Calendar = Calendar.SOLAR
    year: int | None = Field(None, ge=1900, le=2100)
    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)
    is_leap: bool = Field(False, description="Leap month of the lunar calendar")


class RegistrationConsentIn(Body):
    purpose: Purpose
    text_id: Id | None = Field(None, description="The consent text that was shown")


class RegistrationIn(Body):
    registration_point: Annotated[str, line(16)] | None = Field(
        None, description="Code of a registration point; else name a store"
    )
    store_id: Id | None = None
    name: Annotated[str, line(40)]
    phone: Annotated[str, line(24)]
    email: Annotated[str, line(120, min_length=0)] = ""
    gender: Literal["F", "M", ""] = ""
    birthday: BirthdayIn | None = None
    guardian: Annotated[str, line(40, min_length=0)] = Field(
        "", description="Who agreed, for a child under 14; the phone is then theirs"
    )
    consents: list[RegistrationConsentIn] = Field(
        min_length=1, max_length=6, description="Must hold MEMBERSHIP; each purpose was agreed to separately"
    )
    source: Annotated[str, line(60, min_length=0)] = Field("", description="The system that sends")
    campaign: Annotated[str, line(60, min_length=0)] = ""
    external_id: Annotated[str, line(120, min_length=0)] = Field(
        "", description="The number there; the same again changes the same record"
    )


class RegistrationOut(Schema):
    is_received: bool = True


@router.post("/registrations", response={202: RegistrationOut})
@requires("customers.add_customers")
def register_customer(request: Request, payload: RegistrationIn) -> Any:
    """Hand in a registration. The answer is the same whether the number is known or not: joining a profile and review
    happen inside."""
    point = None
    if payload.registration_point:
        points = RegistrationPoint.objects.visible_to(request.actor, "customers.add_customers")
        point = (
            points.select_related("store", "partner", "staff")
            .filter(code=payload.registration_point.upper())
            .first()
        )
        if point is None:
            raise ReferenceUnknown(id=payload.registration_point, field="registration_point")
    store = point.store if point else None
    if store is None and payload.store_id is not None:
        stores = Store.objects.visible_to(request.actor, "customers.add_customers")
        store = chosen(stores, payload.store_id, "store_id")
    if store is None and request.actor.stores_for("customers.add_customers") is not None:
        raise StoreMissing
    birthday = None
    if payload.birthday is not None:
        birthday = DateEntry(**payload.birthday.dict()).checked(
            today=local_date(request.now), field="birthday"
        )
    texts = {
        each.purpose.value: chosen(
            ConsentText.objects.filter(purpose=each.purpose), each.text_id, "consents"
        ).pk
        if each.text_id
        else None
        for each in payload.consents
    }
    register_unproven(
        registration=Registration(
            name=payload.name,
            phone=parse_phone(payload.phone, field="phone"),
            birthday=birthday,
            gender=payload.gender,
            guardian=payload.guardian,
            email=payload.email,
            consents=texts,
        ),
        channel=Channel.API,
        store=store,
        point=point,
        source=payload.source,
        campaign=payload.campaign,
        external_id=payload.external_id,
        actor=request.actor,
        now=request.now,
    )
    return RegistrationOut()
