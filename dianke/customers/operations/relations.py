"""Who belongs to whom: relatives, guardians, the contacts of a company, households."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.customers.models import Customer, Household, Kind, Relation, RelationKind
from dianke.customers.operations.writing import CustomerNotFound, lock_customer
from dianke.events.operations import operation, record, unchanged


class RelationToItself(InvalidInput):
    code = "relation_to_itself"
    message = _("A customer cannot be related to themselves. Choose somebody else.")
    default_field = "other"


class RelationUnknown(InvalidInput):
    code = "relation_unknown"
    message = _("Choose what they are to each other.")
    default_field = "kind"


class CompanyNeeded(InvalidInput):
    code = "relation_company_needed"
    message = _("Only a company has contact persons, and they are people.")
    default_field = "kind"


class RelationNotFound(NotFound):
    code = "relation_not_found"
    message = _("This relation does not exist any more. Load the profile again.")


class HouseholdNotFound(NotFound):
    code = "household_not_found"
    message = _("This household does not exist, or you may not see it.")


class InHousehold(Conflict):
    code = "in_household"
    message = _("The customer is in a household already. Let them leave it first.")
    default_field = "household"


class HouseholdNeedsName(InvalidInput):
    code = "household_needs_name"
    message = _("Give the household a name, such as the name of the family.")
    default_field = "name"


def _visible(customer: Customer, actor: Actor) -> Customer:
    found: Customer | None = Customer.objects.visible_to(actor).in_use().filter(pk=customer.head_id).first()
    if found is None:
        raise CustomerNotFound
    return found


@operation("customers.change_customers")
def relate(
    *,
    customer: Customer,
    other: Customer,
    kind: str,
    title: str = "",
    is_primary: bool = False,
    actor: Actor,
    now: datetime,
) -> Relation:
    """`other` becomes the `kind` of `customer` (their spouse, the company's contact); once. Both must be visible.

    Raises `RelationToItself`, `RelationUnknown`, `CompanyNeeded`, `CustomerNotFound` and errors of `lock_customer`.
    """
    if kind not in RelationKind.values:
        raise RelationUnknown
    head = lock_customer(customer, actor)
    found = _visible(other, actor)
    if found.pk == head.pk:
        raise RelationToItself
    is_contact = kind == RelationKind.CONTACT
    if is_contact and (head.kind != Kind.COMPANY or found.kind != Kind.PERSON):
        raise CompanyNeeded
    standing = Relation.objects.filter(customer=head, other=found, kind=kind, ended_at=None).first()
    if standing is not None and (standing.title, standing.is_primary) == (title.strip(), is_primary):
        unchanged()
        return standing
    if is_primary:
        Relation.objects.filter(customer=head, kind=kind, ended_at=None).update(is_primary=False)
    if standing is not None:
        standing.title, standing.is_primary = title.strip()[:40], is_primary
        standing.save(update_fields=["title", "is_primary"])
    else:
        standing = Relation.objects.create(
            customer=head, other=found, kind=kind, title=title.strip()[:40], is_primary=is_primary, since=now
        )
    record(
        "customers.relation_noted",
        head,
        also=[found],
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"relation": standing.pk, "kind": kind, "is_primary": is_primary},
    )
    return standing


@operation("customers.change_customers")
def end_relation(*, relation: Relation, actor: Actor, now: datetime) -> Relation:
    """They are it no more. Raises `RelationNotFound`."""
    head = lock_customer(relation.customer_id, actor)
    held = Relation.objects.select_for_update().filter(pk=relation.pk).first()
    if held is None:
        raise RelationNotFound
    if held.ended_at is not None:
        unchanged()
        return held
    held.ended_at, held.is_primary = now, False
    held.save(update_fields=["ended_at", "is_primary"])
    record(
        "customers.relation_ended",
        head,
        also=[held.other],
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"relation": held.pk, "kind": held.kind},
    )
    return held


@operation("customers.change_customers")
def make_household(*, name: str, members: Sequence[Customer], actor: Actor, now: datetime) -> Household:
    """People who live and buy together. Raises `HouseholdNeedsName`, `InHousehold`, `CustomerNotFound`."""
    plain = " ".join(name.split())[:40]
    if not plain or not members:
        raise HouseholdNeedsName
    heads = [lock_customer(member, actor) for member in sorted(members, key=lambda one: one.pk)]
    if Household.objects.filter(members__in=heads).exists():
        raise InHousehold
    made = Household.objects.create(name=plain)
    made.members.set(heads)
    record(
        "customers.household_made",
        heads[0],
        also=heads[1:],
        actor=actor,
        now=now,
        store_id=heads[0].store_id,
        data={"household": made.pk},
    )
    return made


def _household(household: Household, actor: Actor) -> Household:
    visible = Customer.objects.visible_to(actor)
    found = (
        Household.objects.select_for_update()
        .filter(pk=household.pk, pk__in=visible.values("households"))
        .first()
    )
    if found is None:
        raise HouseholdNotFound
    return found


@operation("customers.change_customers")
def join_household(*, household: Household, customer: Customer, actor: Actor, now: datetime) -> Household:
    """One more in the household. Raises `HouseholdNotFound`, `InHousehold`."""
    head = lock_customer(customer, actor)
    found = _household(household, actor)
    if found.members.filter(pk=head.pk).exists():
        unchanged()
        return found
    if Household.objects.filter(members=head).exists():
        raise InHousehold
    found.members.add(head)
    record(
        "customers.household_joined",
        head,
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"household": found.pk},
    )
    return found


@operation("customers.change_customers")
def leave_household(*, household: Household, customer: Customer, actor: Actor, now: datetime) -> Household:
    """One fewer; the last one who leaves closes the door."""
    head = lock_customer(customer, actor, frozen=True)
    found = Household.objects.select_for_update().filter(pk=household.pk).first()
    if found is None or not found.members.filter(pk=head.pk).exists():
        raise HouseholdNotFound
    found.members.remove(head)
    data = {"household": found.pk}
    if not found.members.exists():
        found.delete()
    record("customers.household_left", head, actor=actor, now=now, store_id=head.store_id, data=data)
    return household
