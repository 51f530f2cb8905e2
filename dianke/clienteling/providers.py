"""What the room registers with kits and other rooms: words, pages, Today, and what customers' pages and rights show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dianke.clienteling.models import MANAGE, WORK, Outcome, ReasonRule
from dianke.clienteling.operations.erasing import erase_reasons
from dianke.clienteling.queries.queue import open_count
from dianke.clienteling.rules.reasons import REASONS
from dianke.core.actor import Actor
from dianke.core.errors import Text
from dianke.customers.operations.import_undo import register_follower, register_hold
from dianke.customers.queries.export import register_export
from dianke.customers.queries.export_tables import ExportPart, instant
from dianke.customers.queries.rights import ErasurePart, register_erasure
from dianke.customers.queries.timeline import Group, register_group
from dianke.customers.rules.merging import register_account_view
from dianke.events.registry import SubjectName, register_kind, register_subject
from dianke.insight.queries.contact import Asked, register_asked
from dianke.web import navigation, today
from dianke.web.navigation import Page, Place
from dianke.web.today import Section, SectionContent

_EVENTS = {
    "lists_made": _("%(count)s customers given to %(people)s employees to contact"),
    "customer_reached": _("Contacted and reached"),
    "customer_not_reached": _("Contacted, not reached"),
    "call_agreed": _("Contacted: call again on %(day)s"),
    "visit_agreed": _("Contacted: visit agreed for %(day)s"),
    "customer_left_alone": _("Contacted: to be left alone until %(day)s"),
    "words_sent": _("Contacted by a message"),
    "outcome_taken_back": _("What came of a contact taken back"),
    "rules_changed": _("Rules of the contact lists changed"),
    "reason_changed": _("A reason to contact changed"),
}
SHOWN = 3
#: Whom somebody rang, and who spoke with them: their own WeChat is not a call. Who wants peace did not answer.
ASKED = """
SELECT o.customer_id, 'CALL', o.kind IN ('REACHED', 'VISIT', 'AGAIN')
FROM clienteling_outcome AS o
WHERE o.taken_back_at IS NULL AND o.kind <> 'SENT' AND o.channel IN ('', 'CALL')
  AND o.at >= %(since)s AND o.at < %(until)s
"""


def _rules_names(keys: Collection[str], actor: Actor) -> Mapping[str, SubjectName]:
    return dict.fromkeys(keys, SubjectName(gettext("How many, how often"), _settings_url(actor)))


def _reason_names(keys: Collection[str], actor: Actor) -> Mapping[str, SubjectName]:
    rows = ReasonRule.objects.filter(pk__in=[int(key) for key in keys if key.isdecimal()])
    return {str(row.pk): SubjectName(str(REASONS[row.code].label), _settings_url(actor)) for row in rows}


def _settings_url(actor: Actor) -> str:
    return reverse("clienteling:settings") if actor.can(MANAGE) else ""


def _today(actor: Actor, now: datetime) -> SectionContent | None:
    """How many are still to be contacted, and the first of them; nothing for whoever has no list."""
    count, total, still = open_count(actor, now=now)
    if not total:
        return None
    first = [
        {
            "head": entry.customer.merged_into or entry.customer,
            "label": REASONS[entry.reasons[0]["code"]].label,
            "pk": entry.pk,
        }
        for entry in still[:SHOWN]
    ]
    return SectionContent(
        "clienteling/today.html", {"count": count, "done": total - count, "total": total, "first": first}
    )


def _day_names(days: Collection[str], actor: Actor) -> Mapping[str, SubjectName]:
    return {day: SubjectName(date.fromisoformat(day).isoformat()) for day in days}


def _count_for(customer_ids: Collection[int]) -> Mapping[int, Text]:
    rows = Outcome.objects.standing().filter(customer__in=customer_ids).values("customer_id")
    return {
        row["customer_id"]: ngettext("%(count)s contact", "%(count)s contacts", row["n"])
        % {"count": row["n"]}
        for row in rows.annotate(n=Count("pk")).order_by()
    }


def _rows_for(customer_ids: Collection[int]) -> Iterable[dict[str, Any]]:
    rows = Outcome.objects.standing().filter(customer__in=customer_ids).select_related("entry")
    for row in rows.order_by("pk"):
        reasons = row.entry.reasons
        yield {
            "at": instant(row.at),
            "reason": str(REASONS[reasons[0]["code"]].label) if reasons else None,
            "outcome": str(row.get_kind_display()),
            "agreed_date": row.agreed_date.isoformat() if row.agreed_date else None,
        }


def _customers() -> None:
    register_group(Group("contacts", pgettext_lazy("timeline", "Contacts"), ("clienteling.",)))
    register_account_view("clienteling.contacts", pgettext_lazy("timeline", "Contacts"), _count_for)
    register_export(
        ExportPart(
            "contacts",
            _("Contacts by employees"),
            {
                "at": _("When"),
                "reason": _("Reason"),
                "outcome": pgettext_lazy("of a contact", "What came of it"),
                "agreed_date": _("Agreed for"),
            },
            _rows_for,
        )
    )
    register_erasure(
        ErasurePart(
            "contacts",
            _("Why employees were to contact them"),
            erase_reasons,
            _("That a contact took place, when and with which result stays."),
        )
    )
    register_follower("clienteling_entry")
    register_hold("clienteling_outcome", "customer_id")


def _pages() -> None:
    navigation.register(
        Page(
            "clienteling.queue",
            _("Contact today"),
            "clienteling:queue",
            Place.TODAY,
            WORK,
            "phone",
            15,
            words=_("call customers clienteling birthday follow up"),
        )
    )
    navigation.register(
        Page(
            "clienteling.settings",
            _("Contact lists"),
            "clienteling:settings",
            Place.SETTINGS,
            MANAGE,
            "phone",
            66,
            words=_("clienteling call follow up reasons"),
        )
    )
    today.register(Section("clienteling.queue", WORK, _today, order=12))


def register() -> None:
    """Called once, when the apps are ready."""
    for code, label in _EVENTS.items():
        register_kind(f"clienteling.{code}", label)
    register_subject("clienteling.day", _day_names)
    register_subject("clienteling.queuerules", _rules_names)
    register_subject("clienteling.reasonrule", _reason_names)
    _customers()
    _pages()
    register_asked(Asked("clienteling.calls", ASKED))
