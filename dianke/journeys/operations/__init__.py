"""Every write of the room."""

from dianke.journeys.operations.drafting import (
    JourneyNameMissing,
    JourneyStoreUnknown,
    change_journey,
    draft_journey,
)
from dianke.journeys.operations.locking import JourneyNotFound, JourneyNotRunning, JourneyOfOtherStores
from dianke.journeys.operations.publishing import JourneyNotReady, publish_journey
from dianke.journeys.operations.stopping import pause_journey, resume_journey, stop_journey

__all__ = [
    "JourneyNameMissing",
    "JourneyNotFound",
    "JourneyNotReady",
    "JourneyNotRunning",
    "JourneyOfOtherStores",
    "JourneyStoreUnknown",
    "change_journey",
    "draft_journey",
    "pause_journey",
    "publish_journey",
    "resume_journey",
    "stop_journey",
]
