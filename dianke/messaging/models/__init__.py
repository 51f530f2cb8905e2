"""The tables of messages: what is to be said to whom, how channels are set up, what is worded, who is left alone."""

from dianke.messaging.models.channels import ChannelSetting, ChannelUse, Contacted, SendingRules, Suppression
from dianke.messaging.models.messages import (
    ENDED,
    OUT,
    WAITING,
    Channel,
    Handover,
    Message,
    Purpose,
    State,
)
from dianke.messaging.models.templates import Template, TemplateVersion

__all__ = [
    "ENDED",
    "OUT",
    "WAITING",
    "Channel",
    "ChannelSetting",
    "ChannelUse",
    "Contacted",
    "Handover",
    "Message",
    "Purpose",
    "SendingRules",
    "State",
    "Suppression",
    "Template",
    "TemplateVersion",
]
