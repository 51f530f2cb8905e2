"""What the room's events and rows are called."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.core.actor import Actor
from dianke.events.registry import SubjectName, register_kind, register_rows, register_subject
from dianke.messaging.models import ChannelSetting, Message, Suppression, Template

VIEW = "messaging.view_messages"
_EVENTS = {
    "messages_queued": gettext_lazy("%(count)s messages asked for"),
    "message_queued": gettext_lazy("Message written"),
    "messages_sent": gettext_lazy("Message sent"),
    "messages_cancelled": gettext_lazy("Message called back"),
    "source_cancelled": gettext_lazy("%(count)s messages called back"),
    "address_proven": gettext_lazy("An address that failed works again"),
    "batches_settled": gettext_lazy("Message sent, found out after an interruption"),
    "doubts_cleared": gettext_lazy("Message sent, found out by asking the carrier"),
    "message_delivered": gettext_lazy("Message delivered"),
    "message_taken_back": gettext_lazy("Message taken back from the employee"),
    "message_read": gettext_lazy("Message read"),
    "message_failed": gettext_lazy("Message did not arrive"),
    "inbox_read": gettext_lazy("Customer read their messages"),
    "address_suppressed": gettext_lazy("Address left alone from now on"),
    "suppression_lifted": gettext_lazy("Address may be written to again"),
    "template_made": gettext_lazy("Template “%(name)s” made"),
    "template_changed": gettext_lazy("Template “%(name)s” changed"),
    "template_state_set": gettext_lazy("Template “%(name)s” put away or used again"),
    "channel_set_up": gettext_lazy("Channel set up"),
    "reports_failing": gettext_lazy("Mailbox of reports could not be read"),
    "reports_read_again": gettext_lazy("Mailbox of reports is read again"),
    "rules_changed": gettext_lazy("Quiet hours or limits changed"),
    "test_sent": gettext_lazy("Test message sent"),
}


def register() -> None:
    """Called once, when the app is ready."""
    for code, label in _EVENTS.items():
        register_kind(f"messaging.{code}", label, permission=VIEW)
    register_rows(
        "messaging.message",
        lambda actor: Message.objects.visible_to(actor),
        "customer__name",
        noun=gettext_lazy("message"),
        url_name="messaging:message",
        permission=VIEW,
    )
    register_rows(
        "messaging.template",
        lambda actor: Template.objects.all(),
        "name",
        noun=gettext_lazy("template"),
        url_name="messaging:template",
        permission=VIEW,
    )
    register_rows(
        "messaging.channelsetting",
        lambda actor: ChannelSetting.objects.all(),
        "channel",
        noun=gettext_lazy("channel"),
    )
    register_rows(
        "messaging.suppression",
        lambda actor: Suppression.objects.all(),
        "channel",
        noun=gettext_lazy("suppressed address"),
    )
    register_subject("messaging.source", _source_names)


def _source_names(sources: Collection[str], actor: Actor) -> Mapping[str, SubjectName]:
    return {source: SubjectName(_("Messages of “%(source)s”") % {"source": source}) for source in sources}
