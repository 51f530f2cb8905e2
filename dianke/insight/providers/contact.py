"""Where customers answer, where customers are looked after: the words of the event, what goes with a customer."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.customers.operations.import_undo import register_follower
from dianke.customers.queries.export import register_export
from dianke.customers.queries.export_tables import ExportPart
from dianke.customers.queries.rights import ErasurePart, register_erasure
from dianke.events.registry import register_kind
from dianke.insight.models import VIEW, ContactPreference
from dianke.insight.operations.contact import forget_preferences
from dianke.insight.queries.contact import known_channels


def _rows_for(customer_ids: Collection[int]) -> Iterable[dict[str, Any]]:
    names = dict(known_channels())
    for row in ContactPreference.objects.filter(customer_id__in=customer_ids).order_by("customer_id"):
        yield {
            "channel": str(names.get(row.channel, row.channel)),
            "messages": row.message_count,
            "answers": row.answer_count,
        }


def register() -> None:
    """Called once, when the app is ready."""
    register_kind(
        "insight.preferences_written",
        _("On which channel %(people)s customers answer worked out"),
        permission=VIEW,
    )
    register_export(
        ExportPart(
            "contact_preference",
            _("On which channel they answer"),
            {
                "channel": pgettext_lazy("column", "Channel"),
                "messages": _("Messages and calls in a year"),
                "answers": _("Of these answered"),
            },
            _rows_for,
        )
    )
    register_erasure(ErasurePart("contact_preference", _("On which channel they answer"), forget_preferences))
    register_follower("insight_contactpreference")
