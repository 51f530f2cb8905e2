"""The room's side of matching: scoring a few candidates right after an entry, everything at night, keeping the pairs
for review and linking what is sure.

The engine (`dianke.matching`) compares and knows nothing of customers. A pair keeps comparisons, levels and weights,
never the values that were compared. What people said is not the same is never proposed again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q

from dianke.core.actor import Actor
from dianke.core.errors import DiankeError
from dianke.customers.models import Customer, MatchPair, PairState
from dianke.customers.queries.duplicates import IN_USE
from dianke.customers.queries.matching import candidates_for
from dianke.customers.queries.snapshots import record_of
from dianke.events.operations import operation, record, step, unchanged
from dianke.matching.decisions import Decision
from dianke.matching.model import Model, shipped
from dianke.matching.record import Record
from dianke.matching.scoring import Verdict, score

logger = logging.getLogger(__name__)
#: What is said about a pair for good; a new score does not open it again.
SETTLED = (PairState.DIFFERENT, PairState.LINKED)


def model_here() -> Model:
    """The parameters for a merchant with about as many customers as this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [Customer._meta.db_table])
        (estimate,) = cursor.fetchone()
    return shipped().for_population(int(estimate))


def parts_of(verdict: Verdict) -> list[dict[str, object]]:
    """The explanation without the values: what a pair keeps."""
    return [
        {"comparison": part.comparison, "level": part.level, "weight": round(part.weight, 3)}
        for part in verdict.parts
    ]


@step
def keep_pairs(
    *, customer: Customer, others: Iterable[int], is_doubted: bool = False, now: datetime
) -> list[MatchPair]:
    """Pairs of this profile with others that share an exact key, scored, for somebody to decide; whatever the score
    says, because a shared key is worth a look. Verified identities in conflict leave none. `is_doubted`: somebody who
    stood before the customer said that it is somebody else, so no rule joins them."""
    wanted = [pk for pk in others if pk != customer.head_id]
    if not wanted:
        return []
    records = record_of([customer.head_id, *wanted])
    mine = records.get(customer.head_id)
    if mine is None:
        return []
    apart = settled_with(customer.head_id, wanted)
    model = model_here()
    kept = []
    for pk in wanted:
        if pk in records and pk not in apart:
            verdict = score(mine, records[pk], model)
            if verdict.blocked_by is None:
                kept.append(keep_pair(mine, records[pk], verdict, version=model.version, now=now))
    if is_doubted and kept:
        MatchPair.objects.filter(pk__in=[pair.pk for pair in kept]).update(needs_person=True)
    return kept


@step
def keep_pair(left: Record, right: Record, verdict: Verdict, *, version: str, now: datetime) -> MatchPair:
    """The pair with its newest score, waiting unless it was settled. `version` is that of the model."""
    first, second = sorted((left.id, right.id))
    values = {
        "probability": verdict.probability,
        "weight": verdict.weight,
        "parts": parts_of(verdict),
        "model_version": version[:20],
    }
    pair, is_new = MatchPair.objects.get_or_create(
        left_id=first, right_id=second, defaults={**values, "found_at": now}
    )
    if is_new or pair.state in SETTLED:
        return pair
    if pair.state == PairState.OUTDATED:
        pair.state, pair.found_at, pair.decided_at = PairState.WAITING, now, None
    for name, value in values.items():
        setattr(pair, name, value)
    pair.save(update_fields=[*values, "state", "found_at", "decided_at"])
    return pair


def settled_with(head_id: int, others: Sequence[int]) -> set[int]:
    """Those of the others whose profile somebody told apart from this one, whichever members the pair was about."""
    head_of: dict[int, int] = {}
    rows = Customer.objects.filter(Q(pk__in=[head_id, *others]) | Q(merged_into__in=[head_id, *others]))
    for pk, merged_into_id in rows.values_list("pk", "merged_into_id"):
        head_of[pk] = merged_into_id or pk
    pairs = MatchPair.objects.filter(left__in=head_of, right__in=head_of, state=PairState.DIFFERENT)
    found: set[int] = set()
    for left, right in pairs.values_list("left_id", "right_id"):
        heads = {head_of[left], head_of[right]}
        if head_id in heads and len(heads) == 2:
            found |= heads - {head_id}
    return found


@operation(None)
def note_candidates(*, customer: Customer, actor: Actor, now: datetime) -> list[MatchPair]:
    """Score the few who might be the same person as this one and keep the pairs worth a look; runs as the system right
    behind an entry. Returns the pairs waiting or newly found."""
    actor.require("customers.review_matches")
    head: Customer | None = Customer.objects.filter(pk=customer.head_id, state__in=IN_USE).first()
    candidates = candidates_for(head) if head else []
    if head is None or not candidates:
        unchanged()
        return []
    records = record_of([head.pk, *candidates])
    apart = settled_with(head.pk, candidates)
    mine, model = records[head.pk], model_here()
    kept: list[MatchPair] = []
    for pk in candidates:
        if pk not in records or pk in apart:
            continue
        verdict = score(mine, records[pk], model)
        if verdict.decision is not Decision.LEAVE:
            kept.append(keep_pair(mine, records[pk], verdict, version=model.version, now=now))
    if not kept:
        unchanged()
        return []
    record(
        "customers.candidates_noted",
        head,
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"pairs": [pair.pk for pair in kept]},
    )
    return kept


def link_sure_pairs(
    pairs: Iterable[MatchPair], *, actor: Actor, now: datetime, model: Model | None = None
) -> int:
    """Merge the pairs the engine is sure of, each in an operation of its own; what a rule of merging forbids stays for
    review. Returns how many profiles were joined."""
    from dianke.customers.operations.merges import merge_customers

    joined, chosen = 0, model or model_here()
    for pair in pairs:
        fresh = MatchPair.objects.select_related("left", "right").get(pk=pair.pk)
        heads = sorted({fresh.left.head_id, fresh.right.head_id})
        records = record_of(heads)
        if fresh.state != PairState.WAITING or fresh.needs_person or len(heads) < 2 or len(records) < 2:
            continue
        if score(records[heads[0]], records[heads[1]], chosen).decision is not Decision.LINK:
            continue
        people = Customer.objects.in_bulk(heads)
        try:
            with transaction.atomic():
                merge_customers(
                    kept=people[heads[0]],
                    joined=people[heads[1]],
                    why="RULE",
                    pair=fresh,
                    actor=actor,
                    now=now,
                )
                joined += 1
        except DiankeError as error:
            logger.info("pair %s stays for review: %s", fresh.pk, error.code)
    return joined
