"""Every write of the room."""

from dianke.messaging.operations.answers import note_receipt
from dianke.messaging.operations.bounces import is_stop, lift_suppression, note_return, suppress
from dianke.messaging.operations.channels import note_reports, send_test, set_sending_rules, set_up_channel
from dianke.messaging.operations.enqueueing import (
    Enqueued,
    Intent,
    cancel,
    cancel_source,
    enqueue,
    enqueue_one,
)
from dianke.messaging.operations.sending import send_due
from dianke.messaging.operations.templates import change_template, make_template, set_template_state

__all__ = [
    "Enqueued",
    "Intent",
    "cancel",
    "cancel_source",
    "change_template",
    "enqueue",
    "enqueue_one",
    "is_stop",
    "lift_suppression",
    "make_template",
    "note_receipt",
    "note_reports",
    "note_return",
    "send_due",
    "send_test",
    "set_sending_rules",
    "set_template_state",
    "set_up_channel",
    "suppress",
]
