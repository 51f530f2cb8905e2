"""What the part "rights and care" registers: the approvable erasure, kinds of tasks, labels of events, pages, Today."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.core.actor import Actor
from dianke.customers.models import Customer, RightsRequest
from dianke.customers.operations.erasure import ERASE, erase_as_approved
from dianke.customers.operations.rights import TASK_KIND
from dianke.customers.queries.rights import DESTROYED, ERASE_OPERATION, cluster_ids, pressing_requests
from dianke.events.registry import register_kind
from dianke.web import navigation, today
from dianke.web.navigation import Page, Place
from dianke.web.today import Section, SectionContent
from dianke.work.providers.approvables.rows import facts, found, written
from dianke.work.registry import Approvable, Line, TaskKind, register_approvable, register_task_kind

CARE_KIND = "care_date"

_EVENTS = {
    "request_opened": gettext_lazy("Request about data opened"),
    "request_identity_checked": gettext_lazy("Request about data: identity checked"),
    "request_answered": gettext_lazy("Request about data answered"),
    "request_refused": gettext_lazy("Request about data refused"),
    "request_withdrawn": gettext_lazy("Request about data withdrawn"),
    "customer_erased": gettext_lazy("Data of the customer erased for good"),
    "data_exported": gettext_lazy("Copy of the customer's data made (%(format)s)"),
    "processing_activity_added": gettext_lazy("Processing register: entry added"),
    "processing_activity_changed": gettext_lazy("Processing register: entry changed"),
    "processing_activity_reviewed": gettext_lazy("Processing register: entry reviewed"),
    "processing_activity_removed": gettext_lazy("Processing register: entry removed"),
    "care_rule_made": gettext_lazy("Care rule made"),
    "care_rule_changed": gettext_lazy("Care rule changed"),
    "care_rule_paused": gettext_lazy("Care rule paused"),
    "care_rule_resumed": gettext_lazy("Care rule goes on"),
    "care_tasks_made": gettext_lazy("Care tasks made: %(count)s"),
    "care_task_made": gettext_lazy("Care task made"),
}


# --- the approvable erasure ----------------------------------------------------------------------------------
def _unpack(data: Mapping[str, Any], lock: bool) -> dict[str, Any]:
    return {"request": found(RightsRequest, data["request"], lock)}


def _state(arguments: Mapping[str, Any]) -> Any:
    request: RightsRequest = arguments["request"]
    members = Customer.objects.filter(pk__in=cluster_ids(request.customer)).order_by("pk")
    return [facts(request), list(members.values_list("pk", "state"))]


def _lines(arguments: Mapping[str, Any]) -> list[Line]:
    request: RightsRequest = arguments["request"]
    members = Customer.objects.filter(pk__in=cluster_ids(request.customer)).order_by("pk")
    return [
        Line(_("Member number"), "、".join(members.values_list("member_number", flat=True))),
        Line(_("Request received"), written(request.received_at.date())),
        Line(_("Destroyed for good"), "；".join(str(label) for label in DESTROYED.values())),
        Line(_("Stays"), _("ids in ledgers and in the log, without a name")),
    ]


def _store_of(arguments: Mapping[str, Any]) -> int | None:
    found_id: int | None = arguments["request"].customer.store_id
    return found_id


ERASURE = Approvable(
    operation=ERASE_OPERATION,
    label=gettext_lazy("Erase a customer for good"),
    permission=ERASE,
    run=erase_as_approved,
    pack=lambda a: {"request": a["request"].pk},
    unpack=_unpack,
    # The number and not the name: the request for approval outlives the person's data.
    summary=lambda a: (
        _("Erase customer %(number)s for good") % {"number": a["request"].customer.member_number}
    ),
    lines=_lines,
    state=_state,
    subject=lambda a: f"customers.customer:{a['request'].customer_id}",
    store_id=_store_of,
    after=lambda request: reverse("customers:request", args=[request.pk]),
    icon="eraser",
)


# --- the frame -----------------------------------------------------------------------------------------------
def _requests_section(actor: Actor, now: datetime) -> SectionContent | None:
    """Requests that are overdue or nearly so."""
    rows = pressing_requests(actor, now)
    if not rows:
        return None
    items = [{"row": row, "is_late": row.is_overdue(now)} for row in rows]
    return SectionContent("customers/rights/today.html", {"items": items})


def _dates_section(actor: Actor, now: datetime) -> SectionContent | None:
    """Whose day it is today."""
    from dianke.customers.queries.care import today_of_actor

    items, more_count = today_of_actor(actor, now)
    if not items:
        return None
    return SectionContent("customers/care/today.html", {"items": items, "more_count": more_count})


def _pages() -> tuple[Page, ...]:
    return (
        Page(
            "customers.dates",
            gettext_lazy("Birthdays and dates"),
            "customers:dates",
            Place.CUSTOMERS,
            "customers.view_customers",
            "cake",
            30,
            words=gettext_lazy("birthday anniversary care lunar"),
        ),
        Page(
            "customers.requests",
            gettext_lazy("Requests about data"),
            "customers:requests",
            Place.CUSTOMERS,
            "customers.handle_requests",
            "shield-check",
            70,
            words=gettext_lazy("privacy erase access copy rights"),
        ),
        Page(
            "customers.processing",
            gettext_lazy("Processing register"),
            "customers:processing",
            Place.SETTINGS,
            "customers.handle_requests",
            "clipboard-list",
            74,
            words=gettext_lazy("privacy law purposes retention"),
        ),
        Page(
            "customers.care_rules",
            gettext_lazy("Care rules"),
            "customers:care-rules",
            Place.SETTINGS,
            "customers.manage_rules",
            "gift",
            73,
        ),
    )


def register() -> None:
    """Everything, once."""
    for code, label in _EVENTS.items():
        register_kind(f"customers.{code}", label)
    register_approvable(ERASURE)
    register_task_kind(
        TaskKind(TASK_KIND, gettext_lazy("Request about data"), "shield-check", is_manual=False)
    )
    register_task_kind(TaskKind(CARE_KIND, gettext_lazy("Birthday or date"), "cake", is_manual=False))
    for page in _pages():
        navigation.register(page)
    today.register(Section("customers.requests", "customers.handle_requests", _requests_section, order=15))
    today.register(
        Section("customers.dates", "customers.view_customers", _dates_section, order=30, is_side=True)
    )
