"""What `rules/merging.py` decides on, read from the tables: who belongs to a profile, who serves it, what parts it.

Every function takes any number of profiles and asks the same few questions of the database for all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from dianke.customers.models import (
    Collaborator,
    ContactPoint,
    Customer,
    MatchPair,
    Merge,
    PairState,
    Relation,
    RequestKind,
    RequestState,
    RightsRequest,
    SharedWith,
)
from dianke.customers.rules.merging import SINGULAR, Reach, Side, branch_of


def heads_of(customer_ids: Iterable[int]) -> dict[int, int]:
    """Each customer's profile."""
    rows = Customer.objects.filter(pk__in=set(customer_ids))
    return dict(rows.values_list("pk", Coalesce(F("merged_into_id"), F("pk"))))


def members_of(heads: Iterable[int]) -> dict[int, frozenset[int]]:
    """Everybody in each profile, the head included."""
    wanted = set(heads)
    found: dict[int, set[int]] = {head: {head} for head in wanted}
    rows = Customer.objects.filter(merged_into__in=wanted).values_list("merged_into_id", "pk")
    for head, member in rows:
        found[head].add(member)
    return {head: frozenset(members) for head, members in found.items()}


def sides_of(heads: Iterable[int]) -> dict[int, Side]:
    """What decides about merging each of these profiles; five queries, however many there are."""
    wanted = set(heads)
    rows = Customer.objects.filter(Q(pk__in=wanted) | Q(merged_into__in=wanted))
    members = list(rows.only("pk", "merged_into_id", "kind", "state", "credit_code", "partner_id"))
    points = ContactPoint.objects.current().filter(customer__in=[row.pk for row in members])
    return sides_from(members, points.select_related("key"))


def sides_from(members: Iterable[Customer], points: Iterable[ContactPoint]) -> dict[int, Side]:
    """`sides_of` for those who have read everybody in the profiles and their current contact points (with `key`)
    already; three queries."""
    of: dict[int, list[Customer]] = defaultdict(list)
    for row in members:
        of[row.head_id].append(row)
    head_of = {row.pk: head for head, rows in of.items() for row in rows}
    values, verified = _contacts(head_of, points)
    related, apart = _related(head_of), _apart(head_of)
    erasing = {
        head_of[pk]
        for pk in RightsRequest.objects.filter(
            customer__in=head_of, kind=RequestKind.ERASURE, state=RequestState.OPEN
        ).values_list("customer_id", flat=True)
    }
    return {
        head: Side(
            head=head,
            members=frozenset(row.pk for row in rows),
            kind=next(str(row.kind) for row in rows if row.pk == head),
            states=frozenset(str(row.state) for row in rows),
            has_erasure_open=head in erasing,
            values=values.get(head, {}),
            verified=verified.get(head, {}),
            credit_codes=frozenset(row.credit_code for row in rows if row.credit_code),
            partners=frozenset(row.partner_id for row in rows if row.partner_id is not None),
            is_common=any(row.partner_id is None for row in rows),
            related=frozenset(related.get(head, ())),
            apart=frozenset(apart.get(head, ())),
        )
        for head, rows in of.items()
    }


Values = dict[int, dict[str, frozenset[bytes]]]
Verified = dict[int, dict[str, frozenset[str]]]


def _contacts(head_of: dict[int, int], points: Iterable[ContactPoint]) -> tuple[Values, Verified]:
    values: dict[int, dict[str, set[bytes]]] = defaultdict(lambda: defaultdict(set))
    verified: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for point in points:
        head = head_of[point.customer_id]
        if point.value_exact is not None and not point.is_shared:
            values[head][point.kind].add(bytes(point.value_exact))
        # Opened, because one value may stand under two indexes while their key is being changed.
        if point.kind in SINGULAR and point.verified_at is not None and point.value:
            verified[head][point.kind].add(point.value)
    return (
        {head: {kind: frozenset(found) for kind, found in kinds.items()} for head, kinds in values.items()},
        {head: {kind: frozenset(found) for kind, found in kinds.items()} for head, kinds in verified.items()},
    )


def _related(head_of: dict[int, int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = Relation.objects.filter(Q(customer__in=head_of) | Q(other__in=head_of), ended_at=None)
    for one, other in rows.values_list("customer_id", "other_id"):
        for pk, known in ((one, other), (other, one)):
            if pk in head_of:
                found[head_of[pk]].add(known)
    return found


def _apart(head_of: dict[int, int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = MatchPair.objects.filter(
        Q(left__in=head_of) | Q(right__in=head_of), state=PairState.DIFFERENT
    ).values_list("left_id", "right_id")
    for left, right in rows:
        for pk, other in ((left, right), (right, left)):
            if pk in head_of:
                found[head_of[pk]].add(other)
    return found


def reach_of(customer_ids: Collection[int]) -> dict[int, Reach]:
    """Who serves each of these customers: three queries."""
    return reach_from(Customer.objects.filter(pk__in=customer_ids).only("pk", "owner_id", "store_id"))


def reach_from(customers: Iterable[Customer]) -> dict[int, Reach]:
    """`reach_of` for those who have read the customers already: two queries."""
    people: dict[int, set[int]] = {}
    stores: dict[int, set[int]] = {}
    for row in customers:
        people[row.pk] = set() if row.owner_id is None else {row.owner_id}
        stores[row.pk] = set() if row.store_id is None else {row.store_id}
    for pk, user in Collaborator.objects.filter(customer__in=people).values_list("customer_id", "user_id"):
        people[pk].add(user)
    for pk, store in SharedWith.objects.filter(customer__in=people).values_list("customer_id", "store_id"):
        stores[pk].add(store)
    return {pk: Reach(frozenset(people[pk]), frozenset(stores[pk])) for pk in people}


def lent_by(merges: Iterable[Merge]) -> dict[int, Reach]:
    """The reach each kept customer got from these merges."""
    found: dict[int, Reach] = {}
    for merge in merges:
        lent = merge.before.get("lent", {})
        given = Reach(frozenset(lent.get("people", ())), frozenset(lent.get("stores", ())))
        found[merge.kept_id] = found.get(merge.kept_id, Reach()) | given
    return found


def standing_merges(members: Collection[int]) -> list[Merge]:
    """The merges that hold these customers together."""
    return list(Merge.objects.filter(joined__in=members, undone_at=None))


def branch_below(root: int, merges: Iterable[Merge]) -> frozenset[int]:
    """`root` and everybody who hangs on it by these merges."""
    return branch_of(root, {merge.joined_id: merge.kept_id for merge in merges})
