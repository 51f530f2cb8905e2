"""Journeys where segments are looked after: which of them ask for one, and which still need it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dianke.core.actor import Actor
from dianke.core.errors import Text
from dianke.journeys.models import Journey, Passage, State, Version
from dianke.journeys.rules.plan import read
from dianke.segments.queries.uses import Use, register_holders, register_uses, told


def _uses(segment_ids: Collection[int], actor: Actor) -> Mapping[int, Sequence[Text]]:
    """By what is worked on, too."""
    return _told(segment_ids, actor, with_drafts=True)


def _holders(segment_ids: Collection[int], actor: Actor) -> Mapping[int, Sequence[Text]]:
    """By what people enter and walk by."""
    return _told(segment_ids, actor, with_drafts=False)


def _told(segment_ids: Collection[int], actor: Actor, *, with_drafts: bool) -> Mapping[int, Sequence[Text]]:
    """Those of the actor by name and state, the others as a number. One statement."""
    walking = Exists(Passage.objects.going().filter(version=OuterRef("pk")))
    plans = Version.objects.filter(Q(number=F("journey__version")) | walking, journey=OuterRef("pk"))
    rows = Journey.objects.exclude(state=State.STOPPED).annotate(
        is_seen=Exists(Journey.objects.visible_to(actor).filter(pk=OuterRef("pk"))),
        running=ArraySubquery(plans.values("plan")),
    )
    uses = (
        Use(
            {
                pk
                for plan in (*row.running, *([row.draft] if with_drafts else ()))
                for pk in read(plan).segment_ids()
            },
            _("Journey “%(name)s” (%(state)s)") % {"name": row.name, "state": row.get_state_display()},
            row.is_seen,
        )
        for row in rows.order_by("pk")
    )
    return told(uses, segment_ids, _hidden)


def _hidden(count: int) -> Text:
    text = ngettext("%(count)s journey you do not see", "%(count)s journeys you do not see", count)
    return text % {"count": count}


def register() -> None:
    """Called once, when the apps are ready."""
    register_uses(_uses)
    register_holders(_holders)
