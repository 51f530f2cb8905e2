"""Messages where customers are looked after: on their page, in the timeline, on their phone, in copies and erasure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dianke.core.errors import Text
from dianke.customers.operations.import_undo import register_hold
from dianke.customers.queries.deeds import Deed, register_deeds
from dianke.customers.queries.export import register_export
from dianke.customers.queries.export_tables import ExportPart, instant
from dianke.customers.queries.panels import Section, register_section
from dianke.customers.queries.portal import PortalSection, register_portal_section
from dianke.customers.queries.profile import Profile
from dianke.customers.queries.rights import ErasurePart, register_erasure
from dianke.customers.queries.timeline import Group, register_group
from dianke.customers.rules.merging import register_account_view
from dianke.messaging.models import Message
from dianke.messaging.operations.erasing import erase_messages
from dianke.messaging.providers.contact import answers_of
from dianke.messaging.queries.inbox import counts_of
from dianke.messaging.queries.reasons import reason_text
from dianke.messaging.views.listings import TONES

VIEW = "messaging.view_messages"
SEND = "messaging.send_messages"
SHOWN = 5


def _section(profile: Profile) -> Mapping[str, Any] | None:
    rows = list(
        Message.objects.filter(customer__in=profile.member_ids)
        .select_related("key", "template__template")
        .order_by("-pk")[:SHOWN]
    )
    may_send = profile.actor.can(SEND) and not profile.is_frozen
    answers = answers_of(profile)
    if not rows and not may_send and not answers:
        return None
    return {
        "answers": answers,
        "rows": [
            {
                "message": row,
                "text": _short(row),
                "tone": TONES.get(row.state, ""),
                "reason": reason_text(row.reason) if row.reason else "",
            }
            for row in rows
        ],
        "send_url": reverse("messaging:send", args=[profile.head.pk]) if may_send else "",
    }


def _short(row: Message) -> str:
    text = str(row.words.get("text", ""))
    if not text:
        return row.template.template.name if row.template else _("Message")
    return text if len(text) <= 40 else f"{text[:39]}…"


def _count_for(customer_ids: Collection[int]) -> Mapping[int, Text]:
    rows = Message.objects.filter(customer__in=customer_ids).values("customer_id")
    return {
        row["customer_id"]: ngettext("%(count)s message", "%(count)s messages", row["n"])
        % {"count": row["n"]}
        for row in rows.annotate(n=Count("pk")).order_by()
    }


def _rows_for(customer_ids: Collection[int]) -> Iterable[dict[str, Any]]:
    for row in Message.objects.filter(customer__in=customer_ids).select_related("key").order_by("pk"):
        yield {
            "channel": str(row.get_channel_display()),
            "purpose": str(row.get_purpose_display()),
            "state": str(row.get_state_display()),
            "sent_at": instant(row.sent_at),
            "subject": row.words.get("subject") or None,
            "text": row.words.get("text") or None,
        }


def _on_the_phone(customer_ids: Sequence[int], now: datetime) -> Mapping[str, Any] | None:
    count, new = counts_of(customer_ids)
    return {"count": count, "new": new} if count else None


_DEEDS = (
    Deed(
        "written_to",
        gettext_lazy("Was sent a message"),
        "messaging_message",
        "t.sent_at",
        VIEW,
        where="t.sent_at IS NOT NULL AND t.state IN ('SENT', 'DELIVERED', 'READ')",
    ),
    Deed(
        "read_message",
        gettext_lazy("Read a message"),
        "messaging_message",
        "t.read_at",
        VIEW,
        where="t.read_at IS NOT NULL",
    ),
)


def register() -> None:
    """Called once, when the app is ready."""
    register_group(Group("messages", gettext_lazy("Messages"), ("messaging.",)))
    register_deeds(*_DEEDS)
    register_section(
        Section(
            "messaging.messages",
            gettext_lazy("Messages"),
            "messaging/panels/customer.html",
            VIEW,
            _section,
            order=260,
        )
    )
    register_account_view("messaging.messages", gettext_lazy("Messages"), _count_for)
    register_export(
        ExportPart(
            "messages",
            gettext_lazy("Messages"),
            {
                "channel": gettext_lazy("Channel"),
                "purpose": gettext_lazy("What for"),
                "state": gettext_lazy("State"),
                "sent_at": gettext_lazy("Sent on"),
                "subject": gettext_lazy("Subject"),
                "text": gettext_lazy("Text"),
            },
            _rows_for,
        )
    )
    register_erasure(
        ErasurePart(
            "messages",
            gettext_lazy("Words of messages, and those that still wait"),
            erase_messages,
            gettext_lazy(
                "That something was sent, when and on which channel stays, without words or address."
            ),
        )
    )
    for table in ("messaging_message", "messaging_contacted", "messaging_suppressedperson"):
        register_hold(table, "customer_id")
    register_portal_section(
        PortalSection(
            "messaging.inbox",
            gettext_lazy("Messages to me"),
            "messaging/portal/section.html",
            _on_the_phone,
            order=50,
        )
    )
