"""What follows from what: every reaction to an event, one row each, and nowhere else.

What must be true together with a change is a direct call in its operation; what may come a moment later
stands here.
"""

from __future__ import annotations

from dianke.events.reactions import Reaction

REACTIONS: list[Reaction] = []
