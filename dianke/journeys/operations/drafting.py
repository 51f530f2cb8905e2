"""Journeys written down: made, changed, copied. What runs is never changed by it: it is published anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, step, unchanged
from dianke.journeys.models import MANAGE, Journey
from dianke.journeys.operations.locking import locked, require_reach
from dianke.journeys.rules.plan import read
from dianke.stores.models import Store

FIELDS = frozenset({"name", "store_ids", "draft"})


class JourneyNameMissing(InvalidInput):
    code = "journey_name_missing"
    message = _("Give the journey a name.")
    default_field = "name"


class JourneyStoreUnknown(InvalidInput):
    code = "journey_store_unknown"
    message = _("One of these stores does not exist any more. Load the page again.")
    default_field = "store_ids"


@operation(MANAGE)
def draft_journey(*, values: Mapping[str, Any], care: str = "", actor: Actor, now: datetime) -> Journey:
    """Write a journey down. `values` as `FIELDS` say. Raises `JourneyNameMissing`, `PlanWrong`, `JourneyOfOtherStores`,
    `JourneyStoreUnknown`."""
    found = checked(values, actor)
    if not found.get("name"):
        raise JourneyNameMissing
    require_reach(found.get("store_ids", []), actor)
    journey = Journey(care=care, salt=token_hex(16), created_at=now, changed_at=now, **found)
    journey.save()
    record("journeys.journey_drafted", journey, actor=actor, now=now, data={"name": journey.name})
    return journey


@operation(MANAGE)
def change_journey(*, journey: Journey, values: Mapping[str, Any], actor: Actor, now: datetime) -> Journey:
    """Change what is worked on; people on the way are not concerned before it is published. Raises as
    `draft_journey`."""
    journey = locked(journey)
    require_reach(journey.store_ids, actor)
    found = checked(values, actor)
    require_reach(found.get("store_ids", journey.store_ids), actor)
    if not found.get("name", "-"):
        raise JourneyNameMissing
    changes = apply_changes(journey, found)
    if not changes:
        unchanged()
        return journey
    journey.changed_at = now
    journey.save(update_fields=["changed_at", "search_words"])
    changes.pop("draft", None)
    record(
        "journeys.journey_changed",
        journey,
        actor=actor,
        now=now,
        data={"name": journey.name, "changes": changes},
    )
    return journey


@step
def checked(values: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """The columns as they are kept."""
    unknown = set(values) - FIELDS
    if unknown:
        raise TypeError(f"a journey has no {', '.join(sorted(unknown))}")
    found = dict(values)
    if "name" in found:
        found["name"] = " ".join(str(found["name"]).split())[:40]
    if "draft" in found:
        read(found["draft"])
        found["draft"] = json.loads(json.dumps(found["draft"]))
    if "store_ids" in found:
        found["store_ids"] = sorted(set(found["store_ids"]))
        if Store.objects.filter(pk__in=found["store_ids"]).count() != len(found["store_ids"]):
            raise JourneyStoreUnknown
    return found
