"""What the write door registers: labels of its events, customers as things with custom fields and as what people hold,
and removing a customer as an operation that can need a second person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.core import custom_fields
from dianke.core.actor import Actor
from dianke.core.custom_fields import CustomModel
from dianke.customers.models import Customer, Tag
from dianke.customers.operations import assigning
from dianke.customers.operations.changes import remove_customer
from dianke.events.registry import SubjectName, register_kind, register_subject
from dianke.stores import handover
from dianke.work.providers.approvables.rows import found
from dianke.work.registry import Approvable, Line, register_approvable, register_subject_owner

EVENT_KINDS = {
    "customer_entered": gettext_lazy("Customer entered"),
    "customers_brought_in": gettext_lazy("%(count)s customers brought in together"),
    "record_added": gettext_lazy("Another record of the customer came in"),
    "record_parted": gettext_lazy("A record turned out to be about somebody else"),
    "customer_changed": gettext_lazy("Customer changed"),
    "key_account_set": gettext_lazy("Key account mark changed"),
    "customer_removed": gettext_lazy("Customer removed"),
    "customer_restored": gettext_lazy("Customer brought back"),
    "duplicate_asked": gettext_lazy("Somebody who may not see the customer asked whether they exist"),
    "contact_point_added": gettext_lazy("Contact point added"),
    "contact_point_changed": gettext_lazy("Contact point changed"),
    "contact_point_archived": gettext_lazy("Contact point put away"),
    "contact_point_restored": gettext_lazy("Contact point brought back"),
    "contact_point_preferred": gettext_lazy("Contact point preferred"),
    "contact_point_verified": gettext_lazy("Contact point verified"),
    "address_added": gettext_lazy("Address added"),
    "address_changed": gettext_lazy("Address changed"),
    "address_archived": gettext_lazy("Address put away"),
    "date_added": gettext_lazy("Important date added"),
    "date_changed": gettext_lazy("Important date changed"),
    "date_archived": gettext_lazy("Important date put away"),
    "consent_given": gettext_lazy("Consent given"),
    "consent_withdrawn": gettext_lazy("Consent withdrawn"),
    "consent_text_published": gettext_lazy("Consent text published, version %(version)s"),
    "relation_noted": gettext_lazy("Relation noted"),
    "relation_ended": gettext_lazy("Relation ended"),
    "household_made": gettext_lazy("Household made"),
    "household_joined": gettext_lazy("Joined a household"),
    "household_left": gettext_lazy("Left a household"),
    "tag_made": gettext_lazy("Tag “%(name)s” made"),
    "tag_changed": gettext_lazy("Tag “%(name)s” changed"),
    "tag_archived": gettext_lazy("Tag “%(name)s” archived"),
    "tags_merged": gettext_lazy("Tag “%(name)s” merged into “%(into)s”"),
    "tag_merge_undone": gettext_lazy("Tag “%(name)s” separated from “%(into)s” again"),
    "customers_tagged": gettext_lazy("Tagged"),
    "customers_untagged": gettext_lazy("Tag taken off"),
    "customers_assigned": gettext_lazy("Given to somebody"),
    "collaborator_added": gettext_lazy("Colleague added who helps"),
    "collaborator_removed": gettext_lazy("Colleague who helped taken off"),
    "customers_shared": gettext_lazy("Shared with another store"),
    "shared_with_partners": gettext_lazy("Other partners who may serve the customer changed"),
    "customers_unshared": gettext_lazy("No longer shared with a store"),
    "customers_moved": gettext_lazy("Moved to another store"),
    "customers_kept_for_partner": gettext_lazy("Kept by a partner, or opened to all"),
    "customers_handed_over": gettext_lazy("Handed over to a successor"),
    "entry_accepted": gettext_lazy("Entry looked through and taken over"),
    "entry_refused": gettext_lazy("Entry looked through and refused"),
    "reviewed_roles_set": gettext_lazy("Whose entries are looked through changed"),
    "candidates_noted": gettext_lazy("Possible duplicate found"),
    "pairs_found": gettext_lazy("Possible duplicates found: %(count)s"),
}


# --- removing needs a second person where the merchant wants it ------------------------------------------------
def _unpack(data: Mapping[str, Any], lock: bool) -> dict[str, Any]:
    return {"customer": found(Customer, data["customer"], lock)}


def _summary(arguments: Mapping[str, Any]) -> str:
    return _("Remove the customer %(name)s") % {"name": str(arguments["customer"])}


def _state(arguments: Mapping[str, Any]) -> Any:
    customer: Customer = arguments["customer"]
    return [customer.pk, customer.state, customer.merged_into_id]


def _lines(arguments: Mapping[str, Any]) -> list[Line]:
    customer: Customer = arguments["customer"]
    return [
        Line(gettext_lazy("Customer"), str(customer)),
        Line(gettext_lazy("Member number"), customer.member_number),
        Line(
            gettext_lazy("What happens"),
            gettext_lazy("Out of lists, search and matching; can be brought back"),
        ),
    ]


REMOVAL = Approvable(
    operation="customers.remove_customer",
    label=gettext_lazy("Remove a customer"),
    permission="customers.remove_customers",
    run=remove_customer,
    pack=lambda arguments: {"customer": arguments["customer"].pk},
    unpack=_unpack,
    summary=_summary,
    lines=_lines,
    state=_state,
    subject=lambda arguments: f"customers.customer:{arguments['customer'].pk}",
    store_id=lambda arguments: arguments["customer"].store_id,
    icon="user-minus",
)


def _hand_over(from_user_id: int, to_user_id: int, actor: Actor, now: datetime) -> int:
    return assigning.hand_over_customers(
        from_user_id=from_user_id, to_user_id=to_user_id, actor=actor.as_system(), now=now
    )


def _owner_of(key: str) -> int | None:
    if not key.isdecimal():
        return None
    return Customer.objects.filter(pk=int(key)).values_list("owner_id", flat=True).first()


def _tags(keys: Collection[str], actor: Actor) -> Mapping[str, SubjectName]:
    rows = Tag.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    return {str(row.pk): SubjectName(row.name, "") for row in rows}


def _matching(keys: Collection[str], actor: Actor) -> Mapping[str, SubjectName]:
    return {key: SubjectName(_("Matching of all customers"), "") for key in keys}


def _settings(keys: Collection[str], actor: Actor) -> Mapping[str, SubjectName]:
    names = {"entry": _("Entry of customers"), "points": _("Registration codes")}
    return {key: SubjectName(names.get(key, _("Entry of customers")), "") for key in keys}


def register() -> None:
    """Once, when the app is ready."""
    for code, label in EVENT_KINDS.items():
        register_kind(f"customers.{code}", label)
    register_subject("customers.tag", _tags)
    register_subject("customers.matching", _matching)
    register_subject("customers.settings", _settings)
    custom_fields.register_model(CustomModel("customers.customer", gettext_lazy("Customers"), "users"))
    handover.register(
        handover.Holding("customers.customers", gettext_lazy("customers"), assigning.held_by, _hand_over)
    )
    register_subject_owner("customers.customer", _owner_of)
    register_approvable(REMOVAL)
