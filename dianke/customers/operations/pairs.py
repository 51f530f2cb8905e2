"""Deciding on possible duplicates: the same, not the same, later; and taking a decision back."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.customers.models import Customer, MatchPair, Merge, PairState
from dianke.customers.operations.locking import lock_profiles
from dianke.customers.operations.merges import between, merge_customers, separate, settle
from dianke.customers.queries.merges import MERGE, REVIEW
from dianke.customers.queries.sides import heads_of, members_of, sides_of
from dianke.customers.rules.merging import better_to_keep
from dianke.events.operations import operation, record, unchanged


class PairNotFound(NotFound):
    code = "pair_not_found"
    message = _("This pair does not exist, or you may not see both customers.")


class PairDecided(Conflict):
    code = "pair_decided"
    message = _("Somebody has decided on this pair meanwhile. Take that decision back first if it was wrong.")


@operation(REVIEW)
def decide_pair(
    *, pair: MatchPair, verdict: str, kept: Customer | None = None, actor: Actor, now: datetime
) -> MatchPair:
    """Say whether two customers are SAME, DIFFERENT (remembered) or that it is decided LATER.

    SAME merges: into `kept` when given, else into the better one (`rules.merging.better_to_keep`). It follows from the
    decision, so who may decide needs no permission to merge. Further pairs between the same two profiles are settled
    with it. Raises `PairNotFound`, `PairDecided`, `CannotMerge`.
    """
    if verdict not in ("SAME", "DIFFERENT", "LATER"):
        raise VerdictUnknown
    pair, heads = _lock_pair(pair, actor)
    wanted = {"SAME": PairState.LINKED, "DIFFERENT": PairState.DIFFERENT, "LATER": PairState.LATER}[verdict]
    if pair.state == wanted:
        unchanged()
        return pair
    if pair.state not in (PairState.WAITING, PairState.LATER):
        raise PairDecided
    left, right = heads[pair.left_id], heads[pair.right_id]
    if verdict == "SAME":
        _merge_pair(pair, left, right, kept, actor, now)
        pair.refresh_from_db()
    else:
        settle(pair, wanted, actor, now)
        if left.pk != right.pk:
            groups = members_of([left.pk, right.pk])
            siblings = MatchPair.objects.filter(
                between(groups[left.pk], groups[right.pk]), state__in=[PairState.WAITING, PairState.LATER]
            ).exclude(pk=pair.pk)
            beside = PairState.OUTDATED if verdict == "DIFFERENT" else PairState.LATER
            for row in siblings.select_for_update().order_by("pk"):
                settle(row, beside, actor, now)
    record(
        "customers.pair_decided",
        left,
        also=[right] if right.pk != left.pk else [],
        actor=actor,
        now=now,
        store_id=left.store_id,
        data={"pair": pair.pk, "verdict": verdict},
    )
    return pair


class VerdictUnknown(InvalidInput):
    code = "verdict_unknown"
    message = _("Say SAME, DIFFERENT or LATER.")
    default_field = "verdict"


class KeptIsNeither(InvalidInput):
    code = "kept_is_neither"
    message = _("Keep one of the two customers of the pair.")
    default_field = "kept"


def _lock_pair(pair: MatchPair, actor: Actor) -> tuple[MatchPair, dict[int, Customer]]:
    """Customers before pairs, everywhere. Raises `PairNotFound`."""
    heads = lock_profiles(customer_ids={pair.left_id, pair.right_id})
    found = MatchPair.objects.select_for_update().filter(pk=pair.pk).first()
    pks = {head.pk for head in heads.values()}
    if found is None or Customer.objects.visible_to(actor, REVIEW).filter(pk__in=pks).count() < len(pks):
        raise PairNotFound
    return found, heads


def _merge_pair(
    pair: MatchPair, left: Customer, right: Customer, kept: Customer | None, actor: Actor, now: datetime
) -> None:
    if left.pk == right.pk:
        settle(pair, PairState.LINKED, actor, now)
        return
    if kept is None:
        sides = sides_of([left.pk, right.pk])
        keep = better_to_keep(sides[left.pk], sides[right.pk])
    else:
        keep = kept.head_id
        if keep not in (left.pk, right.pk):
            raise KeptIsNeither
    keeping, joining = (left, right) if keep == left.pk else (right, left)
    by = actor if actor.can(MERGE) else actor.as_system()
    merge_customers(kept=keeping, joined=joining, why="REVIEW", pair=pair, actor=by, now=now)


@operation(REVIEW)
def take_back_decision(*, pair: MatchPair, actor: Actor, now: datetime) -> MatchPair:
    """Undo a decision: the pair waits again, and what was merged by it is two again (not remembered as different).

    Raises `PairNotFound`, `PairNotDecided`, `MergeErased`, `MergeErasing`.
    """
    pair, heads = _lock_pair(pair, actor)
    if pair.state == PairState.WAITING:
        unchanged()
        return pair
    if pair.state == PairState.OUTDATED:
        raise PairNotDecided
    head, decided_at = heads[pair.left_id], pair.decided_at
    if pair.state == PairState.LINKED:
        merge = Merge.objects.select_for_update().filter(pair=pair, undone_at=None).first()
        if merge is not None:
            merge = Merge.objects.select_related("kept", "joined").get(pk=merge.pk)
            separate(merge, head, actor=actor, now=now)
        elif heads[pair.left_id].pk == heads[pair.right_id].pk:
            raise PairNotDecided  # something else holds them together
    settle(pair, PairState.WAITING, actor, now)
    _reopen_siblings(pair, decided_at, actor, now)
    record(
        "customers.decision_taken_back",
        head,
        also=[pk for pk in _keys(pair) if pk != f"customers.customer:{head.pk}"],
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"pair": pair.pk},
    )
    return pair


class PairNotDecided(Conflict):
    code = "pair_not_decided"
    message = _("This pair was settled by another merge. Separate the customers on their profile instead.")


def _keys(pair: MatchPair) -> list[str]:
    return [f"customers.customer:{pair.left_id}", f"customers.customer:{pair.right_id}"]


def _reopen_siblings(pair: MatchPair, decided_at: datetime | None, actor: Actor, now: datetime) -> None:
    """Pairs that were settled along with this one wait again."""
    heads = heads_of([pair.left_id, pair.right_id])
    groups = members_of(set(heads.values()))
    left, right = groups[heads[pair.left_id]], groups[heads[pair.right_id]]
    rows = MatchPair.objects.filter(
        between(left, right), state__in=[PairState.OUTDATED, PairState.LATER], decided_at=decided_at
    )
    for row in rows.select_for_update().order_by("pk"):
        settle(row, PairState.WAITING, actor, now)
