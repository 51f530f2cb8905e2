"""Profiles as `dianke.matching` compares them: opened, normalised, one record per profile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from dianke.core.phone import parse as parse_phone
from dianke.customers.models import Address, ContactKind, ContactPoint, Customer, ImportantDate, Kind, State
from dianke.matching.record import Birth, Calendar, Record


def record_of(customer_ids: Collection[int]) -> dict[int, Record]:
    """One record per profile, by the id of its head, for these customers (heads or members); four queries.

    Phones shared on purpose and placeholders are left out: they say nothing. The document is its keyed hash. Member
    numbers are left out, because every identity gets one of its own here: two of them tell nothing.
    """
    wanted = set(
        Customer.objects.filter(pk__in=customer_ids).values_list(
            Coalesce(F("merged_into_id"), F("pk")), flat=True
        )
    )
    people = Customer.objects.filter(Q(pk__in=wanted) | Q(merged_into__in=wanted)).exclude(state=State.ERASED)
    rows = list(people.values_list("pk", "merged_into_id", "name", "gender", "kind", "company"))
    head_of = {pk: merged_into or pk for pk, merged_into, *_rest in rows}
    contacts: dict[int, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    points = (
        ContactPoint.objects.current().filter(customer__in=head_of, is_shared=False).select_related("key")
    )
    for point in points.order_by("-is_preferred", "-created_at", "pk"):
        is_document = point.kind == ContactKind.DOCUMENT
        value = bytes(point.value_exact or b"").hex() if is_document else point.value or ""
        if value and not (point.kind == ContactKind.PHONE and _is_placeholder(value)):
            contacts[head_of[point.customer_id]][point.kind].setdefault(value, None)
    births: dict[int, Birth] = {}
    days = ImportantDate.objects.filter(customer__in=head_of, kind="BIRTHDAY", archived_at=None)
    # Solar before lunar, with its year before without.
    for day in days.order_by("-calendar", F("year").asc(nulls_last=True), "pk"):
        births.setdefault(
            head_of[day.customer_id], Birth(day.month, day.day, day.year, Calendar(day.calendar), day.is_leap)
        )
    places: dict[int, Address] = {}
    addresses = Address.objects.filter(customer__in=head_of, archived_at=None).select_related("key")
    for address in addresses.order_by("-is_preferred", "-created_at", "pk"):
        places.setdefault(head_of[address.customer_id], address)
    found: dict[int, Record] = {}
    for pk, _merged_into, name, gender, kind, company in rows:
        if pk not in wanted:
            continue
        mine, place = contacts[pk], places.get(pk)
        found[pk] = Record(
            id=pk,
            name=name,
            phones=tuple(mine[ContactKind.PHONE]),
            emails=tuple(mine[ContactKind.EMAIL]),
            unionid=next(iter(mine[ContactKind.UNIONID]), ""),
            document=next(iter(mine[ContactKind.DOCUMENT]), ""),
            gender=gender,
            birth=births.get(pk),
            province=place.province if place else "",
            city=place.city if place else "",
            district=place.district if place else "",
            street=(place.street or "") if place else "",
            postcode=place.postcode if place else "",
            company=company,
            is_company=kind == Kind.COMPANY,
        )
    return found


def _is_placeholder(e164: str) -> bool:
    return parse_phone(e164).is_placeholder()
