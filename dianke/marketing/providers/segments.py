"""Campaigns where segments are looked after: which of them ask for one, and which still need it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dianke.core.actor import Actor
from dianke.core.errors import Text
from dianke.marketing.models import OVER, Campaign, State
from dianke.segments.queries.uses import Use, register_holders, register_uses, told

#: People still come in by the segment: before it begins, and as long as they may join.
_TAKES_PEOPLE_IN = Q(state__in=[State.WAITING, State.SCHEDULED]) | Q(
    state__in=[State.RUNNING, State.PAUSED], joins_until__gt=F("joined_at")
)


def _uses(segment_ids: Collection[int], actor: Actor) -> Mapping[int, Sequence[Text]]:
    return _told(Campaign.objects.exclude(state__in=OVER), segment_ids, actor)


def _holders(segment_ids: Collection[int], actor: Actor) -> Mapping[int, Sequence[Text]]:
    return _told(Campaign.objects.filter(_TAKES_PEOPLE_IN), segment_ids, actor)


def _told(
    campaigns: QuerySet[Campaign], segment_ids: Collection[int], actor: Actor
) -> Mapping[int, Sequence[Text]]:
    """Those of the actor by name and state, the others as a number. One statement."""
    rows = campaigns.filter(
        Q(segment_id__in=segment_ids) | Q(exclude_segment_ids__overlap=sorted(segment_ids))
    )
    is_seen = Exists(Campaign.objects.visible_to(actor).filter(pk=OuterRef("pk")))
    uses = (
        Use(
            row.segment_ids,
            _("Campaign “%(name)s” (%(state)s)") % {"name": row.name, "state": row.get_state_display()},
            row.is_seen,
        )
        for row in rows.annotate(is_seen=is_seen).order_by("pk")
    )
    return told(uses, segment_ids, _hidden)


def _hidden(count: int) -> Text:
    text = ngettext("%(count)s campaign you do not see", "%(count)s campaigns you do not see", count)
    return text % {"count": count}


def register() -> None:
    """Called once, when the apps are ready."""
    register_uses(_uses)
    register_holders(_holders)
