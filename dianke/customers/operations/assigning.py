"""Who looks after a customer: the person in charge, colleagues who help, the home store, stores it is shared with, and
the partner who keeps it. Four different things, each with an operation of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, NotAllowed
from dianke.customers.models import Collaborator, Customer, SharedWith
from dianke.customers.operations.tags import MOST_NAMED, reached
from dianke.customers.operations.writing import lock_customer
from dianke.events.operations import operation, record, unchanged
from dianke.stores.models import Partner, Store

ASSIGN = "customers.assign_customers"


class OwnerUnsuitable(InvalidInput):
    code = "customer_owner_unsuitable"
    message = _("%(name)s does not work here any more. Choose another colleague.")
    default_field = "owner"


class StoreUnsuitable(InvalidInput):
    code = "customer_store_unsuitable"
    message = _("%(name)s is closed. Choose another store.")
    default_field = "store"


class PartnersCustomer(NotAllowed):
    code = "partners_customer"
    message = _("A partner keeps these customers. Only the partner or the owner gives them away.")


def _customers(customers: Iterable[Customer | int], actor: Actor) -> list[int]:
    return reached(customers, actor, ASSIGN)


def _tell(event: str, heads: Sequence[int], actor: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    keys = [f"customers.customer:{pk}" for pk in heads[:MOST_NAMED]]
    record(event, keys[0], also=keys[1:], actor=actor, now=now, data={"count": len(heads), **data})


@operation(ASSIGN)
def assign_owner(
    *, customers: Sequence[Customer | int], owner: User | None, actor: Actor, now: datetime
) -> int:
    """Give customers to a colleague (None: to nobody); returns how many changed hands. Raises `OwnerUnsuitable`."""
    if owner is not None and not owner.is_active:
        raise OwnerUnsuitable(name=str(owner))
    heads = _customers(customers, actor)
    rows = Customer.objects.filter(pk__in=heads).order_by("pk").select_for_update(no_key=True)
    owner_id = owner.pk if owner else None
    moved = [pk for pk, standing in rows.values_list("pk", "owner_id") if standing != owner_id]
    if not moved:
        unchanged()
        return 0
    Customer.objects.filter(pk__in=moved).update(owner_id=owner_id)
    _tell("customers.customers_assigned", moved, actor, now, {"owner": owner_id})
    return len(moved)


@operation(ASSIGN)
def add_collaborator(*, customer: Customer, user: User, actor: Actor, now: datetime) -> Collaborator:
    """A colleague who looks after the customer too. Raises `OwnerUnsuitable` and the errors of `lock_customer`."""
    if not user.is_active:
        raise OwnerUnsuitable(name=str(user))
    head = lock_customer(customer, actor, ASSIGN)
    made, is_new = Collaborator.objects.get_or_create(customer=head, user=user, defaults={"since": now})
    if not is_new:
        unchanged()
        return made
    record(
        "customers.collaborator_added",
        head,
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"user": user.pk},
    )
    return made


@operation(ASSIGN)
def remove_collaborator(*, customer: Customer, user: User, actor: Actor, now: datetime) -> None:
    """The colleague looks after the customer no more."""
    head = lock_customer(customer, actor, ASSIGN)
    deleted, _rows = Collaborator.objects.filter(customer=head, user=user).delete()
    if not deleted:
        unchanged()
        return
    record(
        "customers.collaborator_removed",
        head,
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"user": user.pk},
    )


@operation(ASSIGN)
def share_with_store(
    *, customers: Sequence[Customer | int], store: Store, actor: Actor, now: datetime
) -> int:
    """People of another store may serve these customers too; returns how many are newly shared.

    Raises `StoreUnsuitable`.
    """
    if store.closed_on is not None:
        raise StoreUnsuitable(name=store.short_name)
    heads = _customers(customers, actor)
    standing = set(
        SharedWith.objects.filter(customer__in=heads, store=store).values_list("customer_id", flat=True)
    )
    at_home = set(Customer.objects.filter(pk__in=heads, store=store).values_list("pk", flat=True))
    fresh = [pk for pk in heads if pk not in standing | at_home]
    if not fresh:
        unchanged()
        return 0
    SharedWith.objects.bulk_create(
        [SharedWith(customer_id=pk, store=store, since=now) for pk in fresh],
        ignore_conflicts=True,
        batch_size=2000,
    )
    _tell("customers.customers_shared", fresh, actor, now, {"store": store.pk})
    return len(fresh)


@operation(ASSIGN)
def unshare(*, customers: Sequence[Customer | int], store: Store, actor: Actor, now: datetime) -> int:
    """The other store serves these customers no more; returns how many."""
    heads = _customers(customers, actor)
    rows = SharedWith.objects.filter(customer__in=heads, store=store)
    gone = sorted(rows.values_list("customer_id", flat=True))
    if not gone:
        unchanged()
        return 0
    rows.delete()
    _tell("customers.customers_unshared", gone, actor, now, {"store": store.pk})
    return len(gone)


@operation(ASSIGN)
def move_to_store(*, customers: Sequence[Customer | int], store: Store, actor: Actor, now: datetime) -> int:
    """Give customers a new home store; whoever moves them must be allowed to there too. The person in charge stays, and
    so does a sharing with the old home if there was one. Returns how many moved. Raises `StoreUnsuitable`."""
    actor.require(ASSIGN, store_id=store.pk)
    if store.closed_on is not None:
        raise StoreUnsuitable(name=store.short_name)
    heads = _customers(customers, actor)
    rows = Customer.objects.filter(pk__in=heads).order_by("pk").select_for_update(no_key=True)
    moved = [pk for pk, standing in rows.values_list("pk", "store_id") if standing != store.pk]
    if not moved:
        unchanged()
        return 0
    Customer.objects.filter(pk__in=moved).update(store=store)
    SharedWith.objects.filter(customer__in=moved, store=store).delete()
    _tell("customers.customers_moved", moved, actor, now, {"store": store.pk})
    return len(moved)


@operation(ASSIGN)
def keep_for_partner(
    *, customers: Sequence[Customer | int], partner: Partner | None, actor: Actor, now: datetime
) -> int:
    """Let a partner keep these customers for themselves, or (None) open them to the other partners again.

    Only who may see the customers of all partners does this. Raises `PartnersCustomer`.
    """
    if not actor.can("customers.view_partners_customers"):
        raise PartnersCustomer
    heads = _customers(customers, actor)
    rows = Customer.objects.filter(pk__in=heads).order_by("pk").select_for_update(no_key=True)
    partner_id = partner.pk if partner else None
    changed = [pk for pk, standing in rows.values_list("pk", "partner_id") if standing != partner_id]
    if not changed:
        unchanged()
        return 0
    Customer.objects.filter(pk__in=changed).update(partner_id=partner_id)
    _tell("customers.customers_kept_for_partner", changed, actor, now, {"partner": partner_id})
    return len(changed)


@operation(None)
def hand_over_customers(*, from_user_id: int, to_user_id: int, actor: Actor, now: datetime) -> int:
    """Everything a leaving colleague looked after goes to the successor; part of the release, run as the system."""
    actor.require(ASSIGN)
    owned = Customer.objects.filter(owner_id=from_user_id)
    moved = sorted(owned.values_list("pk", flat=True))
    helped = Collaborator.objects.filter(user_id=from_user_id)
    helping = sorted(helped.values_list("customer_id", flat=True))
    if not moved and not helping:
        unchanged()
        return 0
    owned.update(owner_id=to_user_id)
    Collaborator.objects.bulk_create(
        [Collaborator(customer_id=pk, user_id=to_user_id, since=now) for pk in helping], ignore_conflicts=True
    )
    helped.delete()
    touched = sorted({*moved, *helping})
    data = {"from": from_user_id, "to": to_user_id, "owned": len(moved), "helped": len(helping)}
    _tell("customers.customers_handed_over", touched, actor, now, data)
    return len(touched)


def held_by(user_id: int) -> int:
    """How many customers the person looks after or helps with."""
    owned = Customer.objects.in_use().filter(owner_id=user_id).count()
    return int(owned + Collaborator.objects.filter(user_id=user_id).count())
