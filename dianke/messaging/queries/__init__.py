"""What other rooms read: who may be written to, and what became of what they asked for."""

from dianke.messaging.queries.allowed import allowed
from dianke.messaging.queries.outcomes import Outcomes, outcomes

__all__ = ["Outcomes", "allowed", "outcomes"]
