"""Every write of the room: the door itself, deliveries that failed, months that are dropped."""

from dianke.events.operations.deliveries import (
    DeliveryMovedOn,
    ReasonMissing,
    dismiss_delivery,
    give_up_delivery,
    restore_delivery,
    retry_delivery,
)
from dianke.events.operations.door import (
    Frame,
    OperationContractBroken,
    add_gate,
    current_operation,
    operation,
    record,
    step,
    subject_key,
    unchanged,
)
from dianke.events.operations.months import MonthNotYetDroppable, drop_month

__all__ = [
    "DeliveryMovedOn",
    "Frame",
    "MonthNotYetDroppable",
    "OperationContractBroken",
    "ReasonMissing",
    "add_gate",
    "current_operation",
    "dismiss_delivery",
    "drop_month",
    "give_up_delivery",
    "operation",
    "record",
    "restore_delivery",
    "retry_delivery",
    "step",
    "subject_key",
    "unchanged",
]
