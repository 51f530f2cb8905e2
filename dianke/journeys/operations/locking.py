"""What every write of the room begins with: the journey's row, so that whoever pauses or stops waits for the batch
under way and the next one finds the new state."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, NotAllowed, NotFound
from dianke.journeys.models import MANAGE, Journey


class JourneyNotFound(NotFound):
    code = "journey_not_found"
    message = _("This journey does not exist any more.")


class JourneyOfOtherStores(NotAllowed):
    code = "journey_of_other_stores"
    message = _("Choose stores of yours: you may not make journeys for the others.")
    default_field = "store_ids"


class JourneyNotRunning(Conflict):
    code = "journey_not_running"
    message = _("“%(name)s” is “%(state)s”. Load the page again.")


def locked(journey: Journey) -> Journey:
    """The row again, locked until the transaction ends. Raises `JourneyNotFound`."""
    found: Journey | None = Journey.objects.select_for_update().filter(pk=journey.pk).first()
    if found is None:
        raise JourneyNotFound
    return found


def require_reach(store_ids: Collection[int], actor: Actor, permission: str = MANAGE) -> None:
    """One of every store is made by whoever reaches every store. Raises `JourneyOfOtherStores`."""
    reached = actor.stores_for(permission)
    if reached is not None and (not store_ids or not set(store_ids) <= reached):
        raise JourneyOfOtherStores
