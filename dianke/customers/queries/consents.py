"""Consent of a profile, worked out from the entries of everybody in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db.models import F, Max
from django.db.models.functions import Coalesce

from dianke.customers.models import Consent, Customer, Merge, Purpose
from dianke.customers.rules.consent import ConsentFact, effective, may


def consents_of(head_ids: Collection[int]) -> dict[int, dict[tuple[str, str], bool]]:
    """`{head: {(purpose, channel): may it be done}}`; what is missing was never asked. Two queries."""
    facts: dict[int, list[ConsentFact]] = defaultdict(list)
    rows = (
        Consent.objects.filter(customer__in=Customer.objects.clusters(head_ids))
        .annotate(head=Coalesce(F("customer__merged_into_id"), F("customer_id")))
        .values_list("head", "customer_id", "purpose", "channel", "is_given", "at", "pk")
    )
    for head, customer_id, purpose, channel, is_given, at, pk in rows:
        facts[head].append(ConsentFact(customer_id, purpose, channel, is_given, at, pk))
    merged_at: dict[int, datetime] = {}
    for merge in Merge.objects.filter(undone_at=None, kept__in=list(facts)).order_by("at"):
        merged_at |= dict.fromkeys([merge.joined_id, *merge.moved], merge.at)
    return {
        head: effective(facts[head], head_id=head, merged_at=merged_at) if facts[head] else {}
        for head in head_ids
    }


def has_agreed_to_sensitive(head_id: int) -> bool:
    """Whether sensitive details of the profile may be written down: everybody in it who was asked agreed. Two
    queries."""
    return may(consents_of([head_id])[head_id], Purpose.SENSITIVE)


def sensitive_withdrawn_at(head_ids: Collection[int]) -> dict[int, datetime]:
    """`{head: when somebody in the profile last took back the consent to sensitive details}`, for those who ever did.
    One query."""
    return dict(
        Consent.objects.filter(
            customer__in=Customer.objects.clusters(head_ids), purpose=Purpose.SENSITIVE, is_given=False
        )
        .annotate(head=Coalesce(F("customer__merged_into_id"), F("customer_id")))
        .values("head")
        .annotate(last=Max("at"))
        .values_list("head", "last")
    )
