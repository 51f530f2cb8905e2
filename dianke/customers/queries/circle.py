"""The people around a customer as an actor may see them: relations seen from both sides, households, and the partners
who may serve a customer another partner keeps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from dianke.core.actor import Actor
from dianke.customers.models import Customer, Household, Relation, RelationKind
from dianke.stores.models import Partner
from dianke.work.queries.people import colleagues_among, postings_now


@dataclass(frozen=True, slots=True)
class Related:
    """Another customer (None where the actor may not see them) as seen from this one. `is_mirror`: this one is
    the `kind` of the other."""

    relation: Relation
    customer: Customer | None
    is_mirror: bool


#: How a relation reads from the other side.
MIRRORS: Mapping[str, str] = {
    RelationKind.SPOUSE: RelationKind.SPOUSE,
    RelationKind.SIBLING: RelationKind.SIBLING,
    RelationKind.FRIEND: RelationKind.FRIEND,
    RelationKind.PARENT: RelationKind.CHILD,
    RelationKind.CHILD: RelationKind.PARENT,
}


def _is_seen(actor: Actor, head: str) -> Exists:
    """Whether the actor may see the profile whose id stands in the column `head`."""
    return Exists(Customer.objects.visible_to(actor).heads().in_use().filter(pk=OuterRef(head)))


def relations_of(ids: Collection[int], actor: Actor) -> list[Related]:
    """The relations of everybody in a profile (`ids`), the primary ones first. One query."""
    rows = (
        Relation.objects.filter(Q(customer__in=ids) | Q(other__in=ids), ended_at=None)
        .annotate(
            customer_head=Coalesce(F("customer__merged_into_id"), F("customer_id")),
            other_head=Coalesce(F("other__merged_into_id"), F("other_id")),
        )
        .annotate(
            is_customer_seen=_is_seen(actor, "customer_head"), is_other_seen=_is_seen(actor, "other_head")
        )
        .select_related("customer__merged_into", "other__merged_into")
        .order_by("-is_primary", "kind", "pk")
    )
    found = []
    for row in rows:
        is_mirror = row.customer_id not in ids
        other, is_seen = (row.customer, row.is_customer_seen) if is_mirror else (row.other, row.is_other_seen)
        found.append(Related(row, (other.merged_into or other) if is_seen else None, is_mirror))
    return found


def households_of(ids: Collection[int], actor: Actor) -> list[tuple[Household, Sequence[Customer]]]:
    """The households of everybody in a profile (`ids`), each with the others the actor may see. One query."""
    living: Any = Household.members.through.objects
    rows = (
        living.filter(household__in=living.filter(customer__in=ids).values("household"))
        .annotate(head=Coalesce(F("customer__merged_into_id"), F("customer_id")))
        .annotate(is_seen=_is_seen(actor, "head"))
        .select_related("household", "customer__merged_into")
        .order_by("household_id", "pk")
    )
    found: dict[int, tuple[Household, dict[int, Customer]]] = {}
    for row in rows:
        _household, others = found.setdefault(row.household_id, (row.household, {}))
        if row.is_seen and row.customer_id not in ids:
            head = row.customer.merged_into or row.customer
            others.setdefault(head.pk, head)
    return [(household, list(others.values())) for household, others in found.values()]


# --- partners ---------------------------------------------------------------------------------------------------
SHARE = "customers.share_with_partners"


def decides_on_sharing(head: Customer, actor: Actor) -> bool:
    """Whether this actor says which other partners serve the customer: the keeper, and whoever sees the customers of
    all partners."""
    if head.partner is None or not actor.can(SHARE):
        return False
    return head.partner.user_id == actor.user_id or actor.can("customers.view_partners_customers")


def partners_beside(head: Customer, actor: Actor, *, now: datetime) -> list[Partner]:
    """Partners a kept customer can be shared with: those with an account who work where the actor does, without those
    who see the customers of all partners anyway. At most four queries."""
    postings = postings_now(now)
    seeing = {
        each.staff.user_id
        for each in postings
        if "customers.view_partners_customers" in each.role.permission_codes()
    }
    people = [user.pk for user in colleagues_among(postings, actor) if user.pk not in seeing]
    rows = Partner.objects.filter(is_active=True, user__in=people, user__is_active=True)
    return list(rows.exclude(pk=head.partner_id or 0).select_related("user"))


def partners_serving(head: Customer) -> set[int]:
    """Partners, besides the keeper, a customer is shared with. One query."""
    helpers = head.collaborators.values("user_id")
    rows = Partner.objects.filter(user__in=helpers).exclude(pk=head.partner_id or 0)
    return set(rows.values_list("pk", flat=True))
