"""What the customer's own phone reads: whose a number may be, the session behind a cookie, one's own data, and the
sections later rooms add to the member card."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import Count, Max, Q
from django.urls import get_script_prefix, reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext

from dianke.core.lunar import LunarDate
from dianke.core.phone import parse as parse_phone
from dianke.customers.models import (
    Address,
    Consent,
    ConsentChannel,
    ConsentText,
    ContactKind,
    ContactPoint,
    Customer,
    DateKind,
    ImportantDate,
    PortalSession,
    Purpose,
    RegistrationPoint,
    SourceRecord,
    State,
)
from dianke.customers.rules.consent import ConsentFact
from dianke.customers.rules.dates import DateEntry
from dianke.customers.rules.portal import SESSION_IDLE, Known

POINT_SOURCE = "QR:"  # `SourceRecord.source` of what came through a registration point, before its code
_LIVING = (State.ACTIVE, State.REVIEW, State.ERASING)


# --- whose number is it ----------------------------------------------------------------------------------------------
def profiles_with_phone(e164: str) -> list[Known]:
    """The profiles a phone number is kept with, family's and firm's shared numbers too, with what their owners know."""
    points = (
        ContactPoint.objects.current()
        .holding(ContactKind.PHONE, e164)
        .filter(customer__state__in=_LIVING)
        .values_list("customer_id", "customer__merged_into_id")
    )
    heads = sorted({merged_into or own for own, merged_into in points})
    if not heads:
        return []
    in_cluster = Q(customer__in=Customer.objects.clusters(heads))
    # When the number itself was proven, not when a session was used: that may live on in a phone with another number.
    proven = _newest(
        ContactPoint.objects.current().holding(ContactKind.PHONE, e164).filter(in_cluster), "verified_at"
    )
    birthdays: dict[int, list[DateEntry]] = {}
    for row in ImportantDate.objects.filter(
        in_cluster, kind=DateKind.BIRTHDAY, archived_at=None
    ).select_related("customer"):
        birthdays.setdefault(row.customer.head_id, []).append(_entry_of(row))
    people = Customer.objects.filter(pk__in=heads, state__in=_LIVING).only("name", "aliases", "state")
    return [
        Known(
            customer_id=head.pk,
            names=(head.name, *(word for word in head.aliases.replace("，", ",").split(",") if word.strip())),
            birthdays=tuple(birthdays.get(head.pk, ())),
            proven_at=proven.get(head.pk),
        )
        for head in people
    ]


def _newest(rows: Any, field: str) -> dict[int, datetime]:
    """Head -> newest instant of the field among its cluster."""
    found: dict[int, datetime] = {}
    for own, merged_into, at in rows.values_list("customer_id", "customer__merged_into_id", field):
        head = merged_into or own
        if at is not None and (head not in found or found[head] < at):
            found[head] = at
    return found


def _entry_of(row: ImportantDate) -> DateEntry:
    return DateEntry(
        kind=row.kind, calendar=row.calendar, year=row.year, month=row.month, day=row.day, is_leap=row.is_leap
    )


# --- sessions --------------------------------------------------------------------------------------------------------
def token_hash(token: str) -> bytes:
    """What is kept of a token: 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).digest()


def session_of(token: str, *, now: datetime) -> PortalSession | None:
    """The open session of a cookie whose customer can still be shown."""
    if not token:
        return None
    return (
        PortalSession.objects.open(now)
        .filter(token_hash=token_hash(token), last_used_at__gt=now - SESSION_IDLE)
        .exclude(customer__state__in=[State.ERASED, State.REMOVED])
        .select_related("customer", "customer__merged_into")
        .first()
    )


def sessions_of(head_id: int, *, now: datetime) -> Sequence[PortalSession]:
    """The phones of a profile, last used first."""
    mine = Q(customer__in=Customer.objects.cluster(head_id))
    return list(PortalSession.objects.open(now).filter(mine).order_by("-last_used_at", "-pk"))


# --- one's own data --------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class OwnContact:
    id: int
    kind: str
    label: str
    text: str
    is_verified: bool
    is_preferred: bool


@dataclass(frozen=True, slots=True)
class OwnData:
    """What the customer may read and correct on the phone. Phones are shown with their middle hidden: the screen may be
    seen by others."""

    head: Customer
    birthday: DateEntry | None
    phones: Sequence[OwnContact]
    others: Sequence[OwnContact]
    addresses: Sequence[Address]

    @property
    def birthday_text(self) -> str:
        """As people write it: 1990年3月5日, 农历八月十五."""
        day = self.birthday
        if day is None:
            return ""
        if day.calendar == "LUNAR":
            lunar = LunarDate(day.month, day.day, day.is_leap).format(get_language() or "zh-hans")
            return f"{day.year} {lunar}" if day.year else lunar
        return date_format(
            date(day.year or 2000, day.month, day.day),
            "DATE_FORMAT" if day.year else pgettext("day without a year, as Django formats it", "F j"),
        )


def own_data(head: Customer) -> OwnData:
    """The profile as its owner sees it: the head's fields, contact points and addresses of the whole cluster."""
    cluster = Q(customer__in=Customer.objects.cluster(head.pk))
    contacts: dict[tuple[str, str], OwnContact] = {}
    rows = ContactPoint.objects.current().filter(cluster).select_related("key")
    for row in rows.order_by("-is_preferred", "pk"):
        if row.kind in (ContactKind.DOCUMENT, ContactKind.UNIONID, ContactKind.OPENID):
            continue
        shown = parse_phone(row.value).masked() if row.kind == ContactKind.PHONE else str(row.value)
        contacts.setdefault(
            (row.kind, str(row.value)),
            OwnContact(row.pk, row.kind, row.get_kind_display(), shown, row.is_verified, row.is_preferred),
        )
    birthday = (
        ImportantDate.objects.filter(cluster, kind=DateKind.BIRTHDAY, archived_at=None)
        .order_by("-pk")
        .first()
    )
    return OwnData(
        head=head,
        birthday=_entry_of(birthday) if birthday else None,
        phones=[each for (kind, _value), each in contacts.items() if kind == ContactKind.PHONE],
        others=[each for (kind, _value), each in contacts.items() if kind != ContactKind.PHONE],
        addresses=list(
            Address.objects.filter(cluster, archived_at=None)
            .select_related("key")
            .order_by("-is_preferred", "pk")
        ),
    )


def proven_phone(head: Customer) -> str | None:
    """The number in E.164 that changes of the profile are confirmed with: the one proven last."""
    mine = Q(customer__in=Customer.objects.cluster(head.pk))
    row = (
        ContactPoint.objects.current()
        .filter(mine, kind=ContactKind.PHONE, verified_at__isnull=False)
        .select_related("key")
        .order_by("-verified_at", "-pk")
        .first()
    )
    return None if row is None else str(row.value)


# --- consents --------------------------------------------------------------------------------------------------------
#: What is asked and shown, in this order. Sensitive details are asked where they are entered.
ASKED = (Purpose.MEMBERSHIP, Purpose.MARKETING, Purpose.CARE, Purpose.PROFILING, Purpose.SHARING)
#: Purposes that are agreed to channel by channel.
BY_CHANNEL = (Purpose.MARKETING, Purpose.CARE)
CHANNELS = (ConsentChannel.SMS, ConsentChannel.CALL, ConsentChannel.EMAIL, ConsentChannel.WECHAT)


def current_texts() -> dict[str, ConsentText]:
    """Purpose -> the newest published text in the active language, else in simplified Chinese."""
    language = get_language() or "zh-hans"
    found: dict[str, ConsentText] = {}
    for row in ConsentText.objects.filter(language__in={language, "zh-hans"}).order_by("version"):
        known = found.get(row.purpose)
        if known is None or row.version > known.version or row.language == language:
            found[row.purpose] = row
    return found


def consent_history(head_id: int) -> Sequence[Consent]:
    """Every entry of the cluster, newest first."""
    mine = Q(customer__in=Customer.objects.cluster(head_id))
    return list(Consent.objects.filter(mine).select_related("text").order_by("-at", "-pk"))


def fact_of(row: Consent) -> ConsentFact:
    """An entry as `rules/consent.py` reads it."""
    return ConsentFact(row.customer_id, row.purpose, row.channel, row.is_given, row.at, row.pk)


# --- the link that withdraws -----------------------------------------------------------------------------------------
_WITHDRAWAL_SALT = "customers.withdrawal"
_WITHDRAWAL = signing.Signer(salt=_WITHDRAWAL_SALT)


def withdrawal_token(customer_id: int, channel: str) -> str:
    """The token of the link that withdraws consent to offers on that channel without signing in; it does not expire."""
    value = f"{customer_id}.{channel}"
    signature = urlsafe_b64encode(hmac.digest(_withdrawal_key(settings.SECRET_KEY), value.encode(), "sha256"))
    return f"{value}~{signature.decode().rstrip('=')}"


@lru_cache(maxsize=4)
def _withdrawal_key(secret: str) -> bytes:
    """What `_WITHDRAWAL` signs with (`salted_hmac`), made once for a hundred thousand letters."""
    return hashlib.sha256(f"{_WITHDRAWAL_SALT}signer{secret}".encode()).digest()


def read_withdrawal_token(token: str) -> tuple[int, str] | None:
    """(customer id, channel) of a token; None when it is not one of ours."""
    try:
        pk, _dot, channel = _WITHDRAWAL.unsign(token.replace("~", ":")).partition(".")
    except signing.BadSignature:
        return None
    return (int(pk), channel) if channel in ConsentChannel.values else None


def withdrawal_headers(customer_id: int, channel: str, *, base_url: str) -> dict[str, str]:
    """Headers of an email that let the mail program withdraw in one step (RFC 8058). `base_url` is the address of the
    shop without a path."""
    before, after = _withdrawal_path(get_script_prefix())
    path = f"{before}{withdrawal_token(customer_id, channel)}{after}"
    return {
        "List-Unsubscribe": f"<{base_url.rstrip('/')}{path}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


@lru_cache(maxsize=4)
def _withdrawal_path(prefix: str) -> tuple[str, str]:
    """What stands before and after the token, looked up once for a hundred thousand letters."""
    before, _token, after = reverse("customers:withdraw", args=["~"]).rpartition("~")
    return before, after


# --- registration points ---------------------------------------------------------------------------------------------
def registrations_of(points: Sequence[RegistrationPoint]) -> dict[int, tuple[int, datetime | None]]:
    """Point -> how many came through it, and when the last."""
    sources = {f"{POINT_SOURCE}{point.code}": point.pk for point in points}
    rows = (
        SourceRecord.objects.filter(source__in=sources)
        .exclude(external_id="")
        .values("source")
        .annotate(count=Count("pk"), last=Max("received_at"))
        .order_by()
    )
    return {sources[row["source"]]: (row["count"], row["last"]) for row in rows}


# --- sections of later rooms -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class PortalSection:
    """A part of the card page: `context_for(customer_ids, now)` gives what `template` shows as `section`, or None to
    leave it out. `customer_ids` are all identities of the profile."""

    code: str
    label: str | Promise
    template: str
    context_for: Callable[[Sequence[int], datetime], Mapping[str, Any] | None]
    order: int = 100


_sections: dict[str, PortalSection] = {}


def register_portal_section(section: PortalSection) -> None:
    """Called from `ready()` of a room that has something for the customer: balances, orders, bookings."""
    if _sections.setdefault(section.code, section) != section:
        raise ValueError(f"two portal sections have the code {section.code}")


def sections_for(head_id: int, *, now: datetime) -> list[tuple[PortalSection, Mapping[str, Any]]]:
    """The sections that have something to show, in their order."""
    if not _sections:
        return []
    ids = list(Customer.objects.cluster(head_id).values_list("pk", flat=True))
    found = [
        (section, section.context_for(ids, now))
        for section in sorted(_sections.values(), key=lambda each: (each.order, each.code))
    ]
    return [(section, context) for section, context in found if context is not None]
