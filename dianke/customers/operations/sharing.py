"""Asking for a customer somebody else keeps, and a partner's word on which other partners serve a kept one.

Whoever asks never learns who it is: the keeper gets a task and decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as text_of
from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.customers.models import Collaborator, Customer
from dianke.customers.operations.asking import note_question
from dianke.customers.operations.writing import lock_customer
from dianke.customers.queries.circle import SHARE, decides_on_sharing
from dianke.customers.queries.duplicates import holders_of, keeper_of, keys_typed
from dianke.events.operations import operation, record, step, subject_key, unchanged
from dianke.stores.models import Partner, Store
from dianke.work.operations import create_task

TASK_KIND = "share_request"
MOST_ASKED = 3  # keepers of one key


@operation("work.request_approvals")
def ask_to_share(
    *, phone: str = "", email: str = "", member_number: str = "", actor: Actor, now: datetime
) -> int:
    """Ask those who keep the customers behind these keys to share them; returns how many were asked about.

    Each gets one task a day and person who asks; a customer one sees already is not asked about. The task
    names the customer by number and goes to the partner or colleague who keeps them, else to the home store.
    Raises `TooManyQuestions`.
    """
    actor.require("customers.view_customers")
    holders = holders_of(keys_typed(phone, email), member_number.strip())
    kinds = {holder.head_id: sorted(holder.kinds) for holder in holders}
    visible = Customer.objects.visible_to(actor).filter(pk__in=kinds).values("pk")
    rows = Customer.objects.filter(pk__in=kinds).exclude(pk__in=visible)
    heads = list(rows.select_related("store", "owner", "partner__user").order_by("pk")[:MOST_ASKED])
    if not heads:
        unchanged()
        return 0
    note_question(customers=heads, asked=kinds, actor=actor, now=now)
    tasks = [_task(head, actor, now) for head in heads]
    record(
        "customers.sharing_asked",
        heads[0],
        also=heads[1:],
        actor=actor,
        now=now,
        store_id=heads[0].store_id,
        data={"tasks": tasks},
    )
    return len(heads)


@step
def _task(head: Customer, actor: Actor, now: datetime) -> int:
    owner = _keeper(head, actor)
    place = Store.objects.filter(pk=actor.store_id or 0).first() or _only_store(actor)
    task = create_task(
        title=text_of("%(who)s asks to share customer %(number)s")
        % {"who": f"{place.short_name} {actor.name}" if place else actor.name, "number": head.member_number},
        note=text_of(
            "Share the customer from the profile, with their store or with them as a partner, or tell them why not."
        ),
        kind=TASK_KIND,
        owner=owner,
        store=head.store,
        subject=subject_key(head),
        due_at=now + timedelta(days=1),
        auto_assign=owner is None,
        reference=f"share:{head.pk}:{actor.user_id}:{now:%Y-%m-%d}",
        actor=actor.as_system(),
        now=now,
    )
    return int(task.pk)


def _keeper(head: Customer, actor: Actor) -> User | None:
    """Who decides: the partner for a partner's customer, else whoever looks after them."""
    partner = head.partner.user if head.partner is not None else None
    wanted = partner if keeper_of(head, actor) == "PARTNER" else head.owner
    return wanted if wanted is not None and wanted.is_active else None


def _only_store(actor: Actor) -> Store | None:
    reached = actor.stores_for("customers.view_customers")
    if reached is None or len(reached) != 1:
        return None
    return Store.objects.filter(pk__in=reached).first()


# --- between partners ---------------------------------------------------------------------------------------------
class NotKept(Conflict):
    code = "customer_not_kept"
    message = _("No partner keeps this customer: every partner of the store sees them already.")


class NotTheKeeper(NotAllowed):
    code = "not_the_keeper"
    message = _("Another partner keeps this customer. Ask that partner, or the owner, to share them.")


class PartnerUnsuitable(InvalidInput):
    code = "partner_unsuitable"
    message = _("%(name)s has no account to sign in with, or is no partner any more. Choose another partner.")
    default_field = "partners"


@operation(SHARE)
def share_with_partners(
    *, customer: Customer, partners: Sequence[Partner], actor: Actor, now: datetime
) -> Customer:
    """Let exactly these other partners see and serve a customer a partner keeps; partners left out see them no more,
    colleagues who help stay. The keeper decides about their own customers, and whoever sees those of all partners.

    Raises `NotKept`, `NotTheKeeper`, `PartnerUnsuitable` and the errors of `lock_customer`.
    """
    head = lock_customer(customer, actor, SHARE)
    keeper = head.partner
    if keeper is None:
        raise NotKept
    if not decides_on_sharing(head, actor):
        raise NotTheKeeper
    wanted: set[int] = set()
    for partner in partners:
        user = partner.user
        if user is None or not user.is_active or not partner.is_active:
            raise PartnerUnsuitable(name=partner.name)
        if partner.pk != keeper.pk:
            wanted.add(user.pk)
    helping = Collaborator.objects.filter(customer=head, user__partner__isnull=False)
    standing = set(helping.exclude(user__partner=keeper).values_list("user_id", flat=True))
    added, removed = sorted(wanted - standing), sorted(standing - wanted)
    if not added and not removed:
        unchanged()
        return head
    helping.filter(user__in=removed).delete()
    Collaborator.objects.bulk_create(
        [Collaborator(customer=head, user_id=pk, since=now) for pk in added], ignore_conflicts=True
    )
    record(
        "customers.shared_with_partners",
        head,
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"added": added, "removed": removed},
    )
    return head
