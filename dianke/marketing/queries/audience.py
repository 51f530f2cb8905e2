"""Whom a campaign means at a moment: profiles in use, of its stores, in its segment and in none of those left out, not
written to lately, not members already."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dianke.core.actor import SYSTEM
from dianke.core.errors import DiankeError
from dianke.customers.models import Customer
from dianke.customers.models import State as CustomerState
from dianke.marketing.models import Campaign, Member
from dianke.messaging.queries.allowed import allowed
from dianke.promotions.rules.wording import joined
from dianke.segments.models import Segment
from dianke.segments.queries.members import members
from dianke.segments.queries.wording import Wording
from dianke.segments.rules.language import read
from dianke.stores.queries import store_names


class AudienceUnclear(Exception):
    """A segment of the campaign does not exist any more, or its rules mean nothing now."""


def audience(campaign: Campaign, *, at: datetime) -> QuerySet[Customer]:
    """The profiles. Raises `AudienceUnclear`."""
    people = Customer.objects.heads().filter(state=CustomerState.ACTIVE)
    if campaign.store_ids:
        people = people.filter(store__in=campaign.store_ids)
    if campaign.segment_id is not None:
        people = people.filter(pk__in=_of_segment(campaign.segment_id, at))
    for segment_id in campaign.exclude_segment_ids:
        people = people.exclude(pk__in=_of_segment(segment_id, at))
    if campaign.rest_days:
        since = at - timedelta(days=campaign.rest_days)
        people = people.exclude(pk__in=_heads_of(Member.objects.filter(begun_at__gt=since, state="HANDED")))
    if campaign.is_once:
        series = Member.objects.filter(campaign__salt=campaign.salt, state="HANDED")
        people = people.exclude(pk__in=_heads_of(series))
    if campaign.has_begun:
        people = people.exclude(pk__in=_heads_of(campaign.members.all()))
    return people


def _heads_of(rows: QuerySet[Member]) -> QuerySet[Any, Any]:
    """The profiles these members belong to now: a merge makes nobody new."""
    return rows.values_list(Coalesce("customer__merged_into_id", "customer_id"), flat=True)


def _of_segment(segment_id: int, at: datetime) -> QuerySet[Any, Any]:
    segment = Segment.objects.filter(pk=segment_id).first()
    if segment is None:
        raise AudienceUnclear
    try:
        return members(segment, actor=SYSTEM, at=at).order_by().values("pk")
    except DiankeError as error:
        raise AudienceUnclear from error


def described(campaign: Campaign) -> dict[str, Any]:
    """The audience as a campaign keeps it: rules and words that outlive their segments."""
    segments = Segment.objects.in_bulk(campaign.segment_ids)
    chosen = segments.get(campaign.segment_id) if campaign.segment_id is not None else None
    left_out = [segments[pk] for pk in campaign.exclude_segment_ids if pk in segments]
    parts = [_named(chosen) if chosen else pgettext("campaign", "everybody")]
    if campaign.store_ids:
        names = store_names(campaign.store_ids)
        stores = joined([names[pk] for pk in campaign.store_ids if pk in names])
        parts.append(_("of %(stores)s") % {"stores": stores})
    parts += [_("without “%(name)s”") % {"name": each.name} for each in left_out]
    if campaign.rest_days:
        parts.append(_("not written to by a campaign for %(days)s days") % {"days": campaign.rest_days})
    return {
        "words": pgettext("between parts of an audience", ", ").join(parts),
        "segment": chosen.name if chosen else "",
        "rules": chosen.rules if chosen else {},
        "without": [{"name": each.name, "rules": each.rules} for each in left_out],
    }


def _named(segment: Segment) -> str:
    """Name and rules of a segment; the name alone when its rules mean nothing any more."""
    try:
        rules = Wording().sentence(read(segment.rules, language=segment.language))
    except DiankeError:
        return _("“%(name)s”") % {"name": segment.name}
    return _("“%(name)s” (%(rules)s)") % {"name": segment.name, "rules": rules}


@dataclass(frozen=True, slots=True)
class Reach:
    """How many are meant and how many of them may be written to on any of the channels; why the others may not, by the
    reason of the first channel."""

    people: int = 0
    reachable: int = 0
    by_channel: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)


def reach_of(campaign: Campaign, *, at: datetime, most: int = 20_000) -> Reach:
    """Counted over at most so many people, scaled to all of them beyond. A dozen statements for each channel."""
    people = audience(campaign, at=at)
    count = people.count()
    ids = list(people.order_by("pk").values_list("pk", flat=True)[:most])
    if not ids:
        return Reach()
    refused = refusals(ids, campaign.channels, campaign.purpose, at)
    taken: dict[str, int] = {}
    why: dict[str, int] = {}
    for pk in ids:
        chosen = next((channel for channel in campaign.channels if pk not in refused[channel]), "")
        if chosen:
            taken[chosen] = taken.get(chosen, 0) + 1
        elif campaign.channels:
            reason = refused[campaign.channels[0]][pk]
            why[reason] = why.get(reason, 0) + 1
    scale = count / len(ids)
    return Reach(
        count,
        round(sum(taken.values()) * scale),
        {channel: round(number * scale) for channel, number in taken.items()},
        {reason: round(number * scale) for reason, number in sorted(why.items(), key=lambda one: -one[1])},
    )


def refusals(
    ids: Collection[int], channels: Collection[str], purpose: str, at: datetime
) -> dict[str, dict[int, str]]:
    """Channel → customer → why they may never be written to there; what passes with time refuses nobody."""
    found: dict[str, dict[int, str]] = {}
    for channel in channels:
        verdicts = allowed(ids, channel=channel, purpose=purpose, at=at)
        found[channel] = {
            pk: str(verdict.reasons[0])
            for pk, verdict in verdicts.items()
            if not verdict.is_allowed and not verdict.is_passing
        }
    return found
