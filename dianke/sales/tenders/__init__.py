"""How each kind of payment works: one adapter per kind behind the same port. `adapter_of` finds it by the name a tender
carries; a vendor's adapter is registered by the room that holds it.
"""

from dianke.sales.tenders.at_hand import AtHand
from dianke.sales.tenders.gateway import SimulatedGateway
from dianke.sales.tenders.port import (
    Adapter,
    Answer,
    Asked,
    ChannelSilent,
    Outcome,
    adapter_of,
    register_adapter,
)

for _name in ("cash", "manual", "wallet", "account", "exchange"):
    register_adapter(_name, AtHand())
register_adapter("gateway", SimulatedGateway())

__all__ = [
    "Adapter",
    "Answer",
    "Asked",
    "AtHand",
    "ChannelSilent",
    "Outcome",
    "SimulatedGateway",
    "adapter_of",
    "register_adapter",
]
