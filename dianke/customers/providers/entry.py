"""What entering customers puts into the frame: pages, entries that wait on Today, sensitive details as a hidden field,
the task that asks a keeper to share, labels of its events."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.access.fields import FieldRule, mask_all, register_field
from dianke.core import custom_fields
from dianke.core.actor import Actor
from dianke.core.custom_fields import CustomModel, shown, specs_for
from dianke.customers.models import Customer
from dianke.customers.operations.sharing import TASK_KIND
from dianke.customers.queries.review import REVIEW, waiting_count
from dianke.events.registry import register_kind
from dianke.web import navigation, today
from dianke.web.navigation import Page, Place
from dianke.web.today import Section, SectionContent
from dianke.work.registry import TaskKind, register_task_kind

SENSITIVE = "customers.sensitive"
MANAGE = "customers.manage_rules"
EVENTS = {
    "entry_rule_set": _("What “%(field)s” asks at entry changed"),
    "entry_rule_cleared": _("What “%(field)s” asks at entry is as usual again"),
    "sharing_asked": _("A colleague asked for the customer to be shared"),
}
PAGES = (
    Page(
        "customers.review",
        _("Entries to look through"),
        "customers:review",
        Place.CUSTOMERS,
        REVIEW,
        "user-check",
        50,
        words=_("review training accept refuse"),
    ),
    Page(
        "customers.entry_settings",
        _("Entering customers"),
        "customers:entry-settings",
        Place.SETTINGS,
        MANAGE,
        "user-plus",
        70,
        words=_("required fields hints patterns review"),
    ),
    Page("customers.tags", _("Tags"), "customers:tag-settings", Place.SETTINGS, MANAGE, "tag", 71),
    Page(
        "customers.consent_texts",
        _("Consent texts"),
        "customers:consent-texts",
        Place.SETTINGS,
        MANAGE,
        "checkbox",
        72,
        words=_("privacy agreement versions"),
    ),
)


def _waiting(actor: Actor, now: datetime) -> SectionContent | None:
    """Entries that wait for this person's eyes."""
    count = waiting_count(actor)
    return SectionContent("customers/entry/today.html", {"count": count}) if count else None


def _details(customer: Customer) -> str:
    """The sensitive details in one text, each with its label."""
    held = customer.sensitive or {}
    if not held:
        return ""
    labels = {spec.key: spec for spec in specs_for(SENSITIVE)}
    said = []
    for key, value in held.items():
        spec = labels.get(key)
        said.append(f"{spec.label if spec else key}：{shown(spec, value) if spec else value}")
    return "；".join(said)


def _customer(actor: Actor, key: str) -> Customer:
    rows = Customer.objects.visible_to(actor, "customers.view_sensitive").in_use().select_related("key")
    found: Customer = rows.get(pk=int(key))
    return found


def register() -> None:
    """Once, when the app is ready."""
    for code, label in EVENTS.items():
        register_kind(f"customers.{code}", label)
    for page in PAGES:
        navigation.register(page)
    today.register(Section("customers.review", REVIEW, _waiting, order=8))
    register_task_kind(TaskKind(TASK_KIND, _("Request to share a customer"), "share", is_manual=False))
    custom_fields.register_model(CustomModel(SENSITIVE, _("Customers: sensitive details"), "lock"))
    register_field(
        FieldRule(
            code=SENSITIVE,
            label=_("Sensitive details"),
            see="customers.view_sensitive",
            reveal="customers.view_sensitive",
            mask=mask_all,
            read=_details,
            find=_customer,
        )
    )
