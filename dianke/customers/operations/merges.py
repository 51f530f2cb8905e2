"""Making two profiles one, and two again.

A merge links: the joined customer and whatever hangs on it point at the kept head; records, contact points, consents
and the accounts of other rooms stay with the customer they came with.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.customers.models import (
    Collaborator,
    Customer,
    MatchPair,
    Merge,
    PairState,
    SharedWith,
    State,
)
from dianke.customers.operations.locking import lock_profiles
from dianke.customers.operations.writing import CustomerNotFound, refresh_profile
from dianke.customers.queries.merges import MERGE
from dianke.customers.queries.sides import (
    branch_below,
    lent_by,
    members_of,
    reach_of,
    sides_of,
    standing_merges,
)
from dianke.customers.rules.merging import (
    Problem,
    Reach,
    reach_to_withdraw,
    why_not,
    why_not_by_rule,
)
from dianke.events.operations import operation, record, step, unchanged

#: `MatchPair.model_version` of pairs that nobody scored: told apart by separating them.
BY_HAND = "hand"


class SameCustomer(InvalidInput):
    code = "same_customer"
    message = _("This is the same customer twice. Choose another one.")
    default_field = "joined"


class CannotMerge(Conflict):
    """`problems` are all the reasons; the sentence tells the first."""

    code = "cannot_merge"
    message = _("They cannot be merged. %(reason)s")

    @property
    def problems(self) -> list[Problem]:
        return list(self.params["problems"])


class MergeNotFound(NotFound):
    code = "merge_not_found"
    message = _("This merge does not exist, or you may not see it.")


class MergeErased(Conflict):
    code = "merge_erased"
    message = _(
        "The data of a customer in this profile were erased since. There is nothing left to separate."
    )


class MergeErasing(Conflict):
    code = "merge_erasing"
    message = _(
        "This profile is about to be erased. Answer the request first; refuse it if it meant only one of them."
    )


def _check_visible(customers: Collection[Customer], actor: Actor, permission: str) -> None:
    pks = {customer.pk for customer in customers}
    if Customer.objects.visible_to(actor, permission).filter(pk__in=pks).count() < len(pks):
        raise CustomerNotFound


# --- merging ---------------------------------------------------------------------------------------------------
@operation(MERGE)
def merge_customers(
    *,
    kept: Customer,
    joined: Customer,
    why: str = "HAND",
    pair: MatchPair | None = None,
    actor: Actor,
    now: datetime,
) -> Merge:
    """Make the profile of `joined` part of the profile of `kept`; either may be given by any customer in it.

    `why` is RULE (nobody looked), REVIEW or HAND. Two that are one already stay so and give the merge that joined them.
    Raises `SameCustomer`, `CustomerNotFound`, `CannotMerge`, `ProfilesBusy`.
    """
    if kept.pk == joined.pk:
        raise SameCustomer
    heads = lock_profiles(customer_ids={kept.pk, joined.pk})
    keeping, joining = heads[kept.pk], heads[joined.pk]
    _check_visible([keeping, joining], actor, MERGE)
    if keeping.pk == joining.pk:
        unchanged()
        return _mergebetween(kept.pk, joined.pk, members_of([keeping.pk])[keeping.pk])
    sides = sides_of([keeping.pk, joining.pk])
    ask = why_not_by_rule if why == "RULE" else why_not
    problems = ask(sides[keeping.pk], sides[joining.pk])
    if problems:
        raise CannotMerge(reason=problems[0], problems=problems)
    merge = _join(keeping, joining, why=why, pair=pair, actor=actor, now=now)
    record(
        "customers.customers_merged",
        keeping,
        also=[joining],
        actor=actor,
        now=now,
        store_id=keeping.store_id,
        data={"merge": merge.pk, "why": why, "joined": joining.pk, "moved": merge.moved},
    )
    return merge


def _join(
    keeping: Customer, joining: Customer, *, why: str, pair: MatchPair | None, actor: Actor, now: datetime
) -> Merge:
    moved = sorted(members_of([joining.pk])[joining.pk])
    lent = _lend(keeping, moved, now)
    before = {
        "survivors": keeping.survivors,
        "last_seen_at": keeping.last_seen_at.isoformat(),
        "lent": {"people": sorted(lent.people), "stores": sorted(lent.stores)},
    }
    Customer.objects.filter(pk__in=moved).update(merged_into=keeping)
    if joining.last_seen_at > keeping.last_seen_at:
        keeping.last_seen_at = joining.last_seen_at
        keeping.save(update_fields=["last_seen_at"])
    merge = Merge.objects.create(
        kept=keeping,
        joined=joining,
        moved=moved,
        before=before,
        why=why,
        pair=pair,
        at=now,
        by_id=None if why == "RULE" else actor.user_id,
    )
    others = members_of([keeping.pk])[keeping.pk] - set(moved)
    crossing = MatchPair.objects.filter(between(set(moved), others)).select_for_update().order_by("pk")
    for row in crossing:
        if pair is not None and row.pk == pair.pk:
            settle(row, PairState.LINKED, actor, now)
        elif row.state in (PairState.WAITING, PairState.LATER):
            settle(row, PairState.OUTDATED, actor, now)
    refresh_profile(keeping, now=now)
    return merge


def _lend(keeping: Customer, moved: Collection[int], now: datetime) -> Reach:
    """Whoever served the joined profile goes on seeing it. Gives what was added."""
    reach = reach_of([keeping.pk, *moved])
    lent = Reach()
    for pk in moved:
        lent |= reach[pk]
    lent -= reach[keeping.pk]
    Collaborator.objects.bulk_create(
        Collaborator(customer=keeping, user_id=user, since=now) for user in sorted(lent.people)
    )
    SharedWith.objects.bulk_create(
        SharedWith(customer=keeping, store_id=store, since=now) for store in sorted(lent.stores)
    )
    return lent


def _mergebetween(one: int, other: int, members: Collection[int]) -> Merge:
    """The last link on the way between two customers of one profile."""
    links = {merge.joined_id: merge for merge in standing_merges(members)}

    def way(pk: int) -> list[Merge]:
        found = []
        while pk in links:
            found.append(links[pk])
            pk = links[pk].kept_id
        return found

    mine, theirs = way(one), way(other)
    between = [merge for merge in (*mine, *theirs) if (merge in mine) != (merge in theirs)]
    if not between:
        raise MergeNotFound
    return max(between, key=lambda merge: (merge.at, merge.pk))


def between(some: Collection[int], others: Collection[int]) -> Q:
    """Pairs of one of some with one of others."""
    return Q(left__in=some, right__in=others) | Q(left__in=others, right__in=some)


@step
def settle(pair: MatchPair, state: str, actor: Actor, now: datetime) -> None:
    """Say what a pair is; one that waits again was decided by nobody."""
    pair.state = state
    pair.decided_at = None if state == PairState.WAITING else now
    pair.decided_by_id = None if state == PairState.WAITING else actor.user_id
    pair.needs_person = (
        pair.needs_person or not actor.is_system
    )  # what a person opened again, a person decides
    pair.save(update_fields=["state", "decided_at", "decided_by", "needs_person"])


# --- separating ------------------------------------------------------------------------------------------------
@operation(MERGE)
def unmerge(*, merge: Merge, actor: Actor, now: datetime) -> Merge:
    """Make two again: the joined customer leaves with whatever hangs on it now; merges made on top stay with the side
    they were made on, so any merge can be undone at any time. What was recorded meanwhile stays with the customer it
    was recorded for. Done by a person, the two are remembered as not the same.

    Raises `MergeNotFound`, `MergeErased`, `MergeErasing`, `ProfilesBusy`.
    """
    merge, head = _lock_merge(merge, actor, MERGE)
    if merge.undone_at is not None:
        unchanged()
        return merge
    separate(merge, head, actor=actor, now=now)
    if not actor.is_system:
        _tell_apart(merge, actor, now)
    elif merge.pair_id is not None:
        settle(MatchPair.objects.select_for_update().get(pk=merge.pair_id), PairState.WAITING, actor, now)
    _record_separation(merge, head, actor, now)
    return merge


def _lock_merge(merge: Merge, actor: Actor, permission: str) -> tuple[Merge, Customer]:
    head = lock_profiles(customer_ids={merge.joined_id})[merge.joined_id]
    found = (
        Merge.objects.select_for_update(of=("self",))
        .select_related("kept", "joined")
        .filter(pk=merge.pk)
        .first()
    )
    if found is None or not Customer.objects.visible_to(actor, permission).filter(pk=head.pk).exists():
        raise MergeNotFound
    return found, head


@step
def separate(merge: Merge, head: Customer, *, actor: Actor, now: datetime) -> None:
    """Cut the link of a locked merge in the profile of `head`. Raises `MergeErased`, `MergeErasing`."""
    members = members_of([head.pk])[head.pk]
    states = set(Customer.objects.filter(pk__in=members).values_list("state", flat=True))
    if State.ERASED in states:
        raise MergeErased
    if State.ERASING in states:
        raise MergeErasing
    merges = standing_merges(members)
    leaving = branch_below(merge.joined_id, merges)
    staying = members - leaving
    Customer.objects.filter(pk__in=leaving - {merge.joined_id}).update(merged_into=merge.joined_id)
    Customer.objects.filter(pk=merge.joined_id).update(merged_into=None)
    merge.undone_at, merge.undone_by_id = now, actor.user_id
    merge.save(update_fields=["undone_at", "undone_by"])
    _withdraw(merge, staying, [each for each in merges if each.pk != merge.pk and each.kept_id in staying])
    joined = Customer.objects.get(pk=merge.joined_id)
    if merge.kept_id == head.pk and head.last_seen_at == joined.last_seen_at:
        # It was seen last before they were one, and nothing has happened since.
        head.last_seen_at = datetime.fromisoformat(merge.before["last_seen_at"])
        head.save(update_fields=["last_seen_at"])
    refresh_profile(head, now=now)
    refresh_profile(joined, now=now)
    merge.joined = joined


def _withdraw(undone: Merge, staying: Collection[int], merges: Collection[Merge]) -> None:
    """Who saw the profile only because of those who left sees it no longer. What the undone merge lent and another
    would have lent too is from now on that one's."""
    lent = lent_by([undone])
    reach = reach_of(staying)
    links = {merge.joined_id: merge.kept_id for merge in merges}
    for pk, gone in reach_to_withdraw(reach, lent_by([undone, *merges]), links).items():
        Collaborator.objects.filter(customer=pk, user__in=gone.people).delete()
        SharedWith.objects.filter(customer=pk, store__in=gone.stores).delete()
        lent[pk] = lent.get(pk, Reach()) - gone
    left = lent.get(undone.kept_id, Reach())
    for merge in merges:
        if left and merge.kept_id == undone.kept_id:
            brought = Reach()
            for pk in branch_below(merge.joined_id, merges):
                brought |= reach[pk]
            taken = left & brought
            if taken:
                _note_lent(merge, lent_by([merge])[merge.kept_id] | taken)
                left -= taken


def _note_lent(merge: Merge, lent: Reach) -> None:
    merge.before = {**merge.before, "lent": {"people": sorted(lent.people), "stores": sorted(lent.stores)}}
    merge.save(update_fields=["before"])


def _tell_apart(merge: Merge, actor: Actor, now: datetime) -> None:
    """Remember the decision against later proposals, also where nobody had scored the pair."""
    left, right = sorted((merge.kept_id, merge.joined_id))
    pair, _made = MatchPair.objects.get_or_create(
        left_id=left,
        right_id=right,
        defaults={"probability": 0, "weight": 0, "model_version": BY_HAND, "found_at": now},
    )
    settle(pair, PairState.DIFFERENT, actor, now)
    if merge.pair_id is not None and merge.pair_id != pair.pk:
        settle(MatchPair.objects.get(pk=merge.pair_id), PairState.DIFFERENT, actor, now)


def _record_separation(merge: Merge, head: Customer, actor: Actor, now: datetime) -> None:
    record(
        "customers.customers_separated",
        merge.joined,
        also=[head] if head.pk == merge.kept_id else [head, merge.kept],
        actor=actor,
        now=now,
        store_id=merge.joined.store_id,
        data={"merge": merge.pk, "kept": merge.kept_id, "from": head.pk},
    )
