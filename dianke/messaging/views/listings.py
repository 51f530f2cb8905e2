"""The lists of the room: messages, templates, addresses left alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.customers.models import Customer
from dianke.messaging.models import Channel, Message, Purpose, State, Suppression, Template
from dianke.messaging.queries.reasons import REASONS, reason_text
from dianke.messaging.queries.variables import told
from dianke.web.listing import (
    BulkAction,
    Column,
    Filter,
    Kind,
    Listing,
    choice_filter,
    date_filter,
    register,
)

VIEW = "messaging.view_messages"
SEND = "messaging.send_messages"
TEMPLATES = "messaging.manage_templates"
SUPPRESSIONS = "messaging.manage_suppressions"
TONES: Mapping[str, str] = {
    State.QUEUED: "wait",
    State.HELD: "wait",
    State.CLAIMED: "wait",
    State.HANDED: "wait",
    State.SENT: "good",
    State.DELIVERED: "good",
    State.READ: "good",
    State.UNKNOWN: "wait",
    State.FAILED: "bad",
    State.SUPPRESSED: "off",
    State.CANCELLED: "off",
}


@register
class MessageListing(Listing):
    """Messages of the customers one may see."""

    code = "messaging.messages"
    title = _("Messages")
    permission = VIEW
    search_fields = ("customer",)
    search_hint = _("Customer or member number")
    default_sort = "-created_at"
    columns = (
        Column(
            "customer",
            _("Customer"),
            is_title=True,
            value=lambda row: str(row.customer),
            link=lambda row: reverse("messaging:message", args=[row.pk]),
        ),
        Column("state", _("State"), Kind.STATUS, tone=lambda row: TONES.get(row.state, "")),
        Column("reason", _("Reason"), value=lambda row: reason_text(row.reason) if row.reason else ""),
        Column("channel", _("Channel"), value=lambda row: row.get_channel_display()),
        Column("purpose", _("What for"), value=lambda row: row.get_purpose_display()),
        Column(
            "template", _("Template"), value=lambda row: row.template.template.name if row.template else ""
        ),
        Column("created_at", _("Asked for"), Kind.INSTANT, sort="created_at"),
        Column("due_at", pgettext_lazy("message", "Due"), Kind.INSTANT, is_default=False),
        Column("sent_at", pgettext_lazy("message", "Sent"), Kind.INSTANT),
        Column("segments", _("Parts"), Kind.NUMBER, is_default=False),
        Column("source", pgettext_lazy("message", "From"), is_default=False),
    )
    filters = (
        choice_filter("state", _("State"), State.choices, quick=True),
        choice_filter("channel", _("Channel"), Channel.choices),
        choice_filter("purpose", _("What for"), Purpose.choices),
        Filter(
            "reason",
            _("Reason"),
            lambda rows, value: rows.filter(reason=value),
            lambda actor: [(str(code), text) for code, text in REASONS.items()],
        ),
        date_filter("asked", _("Asked for"), lookup="created_at", instants=True),
    )
    bulk_actions = (
        BulkAction(
            "cancel", pgettext_lazy("message", "Call back"), "messaging:cancel-many", SEND, icon="ban"
        ),
    )
    empty = (
        "message",
        _("Everything that is told to customers, and what became of it. Write to somebody from their page."),
        _("Customers"),
        "customers:customers",
        VIEW,
    )

    def queryset(self) -> QuerySet[Message]:
        return Message.objects.visible_to(self.actor).select_related("customer", "template__template")

    def search(self, queryset: Any, text: str) -> QuerySet[Any]:
        people = Customer.objects.visible_to(self.actor).filter(search_words__found_by=text)
        found: QuerySet[Any] = queryset.filter(
            Q(customer__in=people.values("pk")) | Q(customer__merged_into__in=people.values("pk"))
        )
        return found


@register
class TemplateListing(Listing):
    """Templates, those in use first."""

    code = "messaging.templates"
    title = _("Message templates")
    permission = VIEW
    search_fields = ("name", "body")
    search_hint = _("Name or words")
    default_sort = "name"
    columns = (
        Column(
            "name",
            pgettext_lazy("template", "Name"),
            is_title=True,
            sort="name",
            link=lambda row: reverse("messaging:template", args=[row.pk]),
        ),
        Column("channel", _("Channel"), value=lambda row: row.get_channel_display()),
        Column("purpose", _("What for"), value=lambda row: row.get_purpose_display()),
        Column(
            "body",
            pgettext_lazy("message", "Text"),
            value=lambda row: told(row.body),
            template="messaging/cells/words.html",
        ),
        Column(
            "state",
            _("State"),
            Kind.STATUS,
            tone=lambda row: "good" if row.state == Template.State.ACTIVE else "off",
        ),
        Column("version", _("Version"), Kind.NUMBER, is_default=False),
        Column("changed_at", _("Changed"), Kind.INSTANT, sort="changed_at"),
    )
    filters = (
        choice_filter("state", _("State"), Template.State.choices, quick=True),
        choice_filter("channel", _("Channel"), Channel.choices),
        choice_filter("purpose", _("What for"), Purpose.choices),
    )
    action = (_("New template"), "messaging:template-new", TEMPLATES, "plus")
    empty = (
        "file-text",
        _("Words that are said again and again, with names and balances filled in. Make the first."),
        _("New template"),
        "messaging:template-new",
        TEMPLATES,
    )

    def queryset(self) -> QuerySet[Template]:
        return Template.objects.all()


@register
class SuppressionListing(Listing):
    """Addresses that are left alone."""

    code = "messaging.suppressions"
    title = _("Left alone")
    permission = SUPPRESSIONS
    default_sort = "-since"
    columns = (
        Column(
            "address",
            _("Address"),
            is_title=True,
            value=lambda row: row.shown_address,
        ),
        Column("channel", _("Channel"), value=lambda row: row.get_channel_display()),
        Column("why", _("Reason"), value=lambda row: row.get_why_display()),
        Column("note", _("Note")),
        Column("since", pgettext_lazy("left alone", "Since"), Kind.INSTANT, sort="since"),
        Column("lifted_at", _("Lifted"), Kind.INSTANT),
    )
    filters = (
        choice_filter("channel", _("Channel"), Channel.choices, quick=True),
        choice_filter("why", _("Reason"), Suppression.Why.choices),
    )
    bulk_actions = (BulkAction("lift", _("Write to again"), "messaging:lift", SUPPRESSIONS, icon="rotate"),)
    action = (_("Leave an address alone"), "messaging:suppress", SUPPRESSIONS, "ban")
    empty = (
        "ban",
        _("Who answers stop, complains or cannot be reached stands here and is written to no more."),
        "",
        "",
        SUPPRESSIONS,
    )

    def queryset(self) -> QuerySet[Suppression]:
        return Suppression.objects.filter(lifted_at=None)
