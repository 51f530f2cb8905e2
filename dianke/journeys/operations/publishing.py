"""A journey begins to run, and runs as another version: whoever is on the way goes on as they entered, and nobody
enters for what was before, unless the owner says so."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict
from dianke.events.operations import operation, record, unchanged
from dianke.journeys.models import PUBLISH, Journey, State, Version
from dianke.journeys.operations.entering import admit_present, remember_segment
from dianke.journeys.operations.locking import locked, require_reach
from dianke.journeys.queries.readiness import problems_of
from dianke.journeys.rules.plan import DATED, Begin, read
from dianke.segments.queries.uses import hold


class JourneyNotReady(Conflict):
    code = "journey_not_ready"
    message = _("It cannot be published yet: %(why)s")


@operation(PUBLISH)
def publish_journey(*, journey: Journey, with_present: bool = False, actor: Actor, now: datetime) -> Journey:
    """Publish what is worked on. People enter from what comes about from now on; `with_present` lets in everybody who
    fulfils the beginning already, too. The same plan again, running, changes nothing.

    Raises `JourneyNotReady`, `PlanWrong`, `JourneyOfOtherStores`.
    """
    journey = locked(journey)
    require_reach(journey.store_ids, actor, PUBLISH)
    plan = read(journey.draft)
    hold(plan.segment_ids())
    problems = problems_of(plan)
    if problems:
        raise JourneyNotReady(why=problems[0].text)
    latest: Version | None = journey.versions.filter(number=journey.version).first()
    is_same = latest is not None and latest.plan == journey.draft
    if is_same and journey.state == State.RUNNING and not with_present:
        unchanged()
        return journey
    begins_alike = (
        latest is not None and latest.read.trigger == plan.trigger and journey.state == State.RUNNING
    )
    if not is_same:
        journey.version += 1
        Version.objects.create(
            journey=journey,
            number=journey.version,
            plan=journey.draft,
            published_at=now,
            published_by_id=actor.user_id,
        )
    if not begins_alike:
        journey.admits_since = journey.scanned_at = now
    journey.state = State.RUNNING
    journey.save(update_fields=["version", "admits_since", "scanned_at", "state"])
    count = 0
    if with_present and plan.trigger.kind in DATED:
        count = admit_present(journey, now=now)
    if plan.trigger.kind == Begin.SEGMENT and not begins_alike:
        remember_segment(journey, now=now)
    record(
        "journeys.journey_published",
        journey,
        actor=actor,
        now=now,
        data={"name": journey.name, "version": journey.version, "count": count},
    )
    return journey
