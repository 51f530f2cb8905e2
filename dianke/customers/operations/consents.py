"""Consent given and taken back, and the texts people agree to. Entries and texts are added, never changed."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.customers.models import Consent, ConsentChannel, ConsentText, Customer, Purpose
from dianke.customers.operations.writing import lock_customer, refresh_profile
from dianke.customers.queries.entry import local_day
from dianke.customers.rules.dates import DateEntry
from dianke.events.operations import operation, record, unchanged

#: Who says it for somebody else, as `Consent.how` keeps it.
GUARDIAN = "GUARDIAN"


class ConsentUnknown(InvalidInput):
    code = "consent_unknown"
    message = _("There is no consent for “%(what)s”.")
    default_field = "purpose"


class GuardianNeeded(InvalidInput):
    code = "guardian_needed"
    message = _("This customer is under 14: only a parent or guardian can agree. Note who agreed.")
    default_field = "how"


class TextEmpty(InvalidInput):
    code = "consent_text_empty"
    message = _("Write what people agree to.")
    default_field = "text"


class TextUnchanged(InvalidInput):
    code = "consent_text_unchanged"
    message = _("This is the text that is published already.")
    default_field = "text"


@operation(None)
def record_consent(
    *,
    customer: Customer,
    purpose: str,
    channel: str = ConsentChannel.ANY,
    is_given: bool,
    text: ConsentText | None = None,
    how: str,
    actor: Actor,
    now: datetime,
) -> Consent | None:
    """Note that the customer agreed or took it back; `how` is a Channel, LINK, or GUARDIAN for a child's parent.

    Open to staff who may change customers, to the customer, and to the system acting for a withdrawal link. What stands
    already is no change (None). Taking back works while an erasure is asked for; sensitive details that were told under
    the consent leave the profile with it. Raises `ConsentUnknown`,
    `GuardianNeeded` and the errors of `lock_customer`.
    """
    if purpose not in Purpose.values or channel not in ConsentChannel.values:
        raise ConsentUnknown(what=f"{purpose} {channel}")
    actor.require("customers.change_customers")
    head = lock_customer(customer, actor, frozen=not is_given)
    if is_given and how != GUARDIAN and _is_minor(head, now):
        raise GuardianNeeded
    newest = (
        Consent.objects.filter(customer=customer, purpose=purpose, channel=channel)
        .order_by("-at", "-pk")
        .first()
    )
    if newest is not None and newest.is_given == is_given and newest.text_id == (text.pk if text else None):
        unchanged()
        return None
    made = Consent.objects.create(
        customer=customer,
        purpose=purpose,
        channel=channel,
        is_given=is_given,
        text=text,
        at=now,
        how=how[:12],
        by_id=actor.user_id,
    )
    if purpose == Purpose.SENSITIVE and not is_given:
        refresh_profile(head, now=now)
    record(
        "customers.consent_given" if is_given else "customers.consent_withdrawn",
        head,
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={
            "consent": made.pk,
            "purpose": purpose,
            "channel": channel,
            "text": made.text_id,
            "how": made.how,
        },
    )
    return made


def _is_minor(head: Customer, now: datetime) -> bool:
    days = [
        DateEntry(year=day.year, month=day.month, day=day.day, calendar=day.calendar, is_leap=day.is_leap)
        for member in Customer.objects.cluster(head.pk).prefetch_related("dates")
        for day in member.dates.all()
        if day.kind == "BIRTHDAY" and day.archived_at is None
    ]
    return any(day.is_guarded_on(local_day(now)) for day in days)


@operation("customers.manage_rules")
def publish_consent_text(
    *, purpose: str, text: str, language: str = "zh-hans", actor: Actor, now: datetime
) -> ConsentText:
    """A new version of what people agree to; what they agreed to before stays as it is.

    Raises `ConsentUnknown`, `TextEmpty`, `TextUnchanged`.
    """
    if purpose not in Purpose.values:
        raise ConsentUnknown(what=purpose)
    if not text.strip():
        raise TextEmpty
    rows = ConsentText.objects.filter(purpose=purpose, language=language)
    latest = rows.select_for_update().order_by("-version").first()
    if latest is not None and latest.text.strip() == text.strip():
        raise TextUnchanged
    version = latest.version + 1 if latest else 1
    made = ConsentText.objects.create(
        purpose=purpose, version=version, language=language, text=text.strip(), published_at=now
    )
    record(
        "customers.consent_text_published",
        made,
        actor=actor,
        now=now,
        data={"purpose": purpose, "version": version, "language": language},
    )
    return made
