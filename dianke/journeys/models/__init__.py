"""Tables of the room."""

from dianke.journeys.models.journeys import MANAGE, PUBLISH, VIEW, Journey, State, Version
from dianke.journeys.models.passages import Known, Passage, Passed

__all__ = ["MANAGE", "PUBLISH", "VIEW", "Journey", "Known", "Passage", "Passed", "State", "Version"]
