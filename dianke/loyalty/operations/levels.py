"""Levels of members: looked at after each sale and return, every night, after merges; given by hand and sold. What
decides is `rules.levels.decide`; every change leaves a row that says why.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.events.operations import operation, record, step, unchanged
from dianke.loyalty.models import LevelChange, Membership
from dianke.loyalty.queries.members import House, Seen, house, seen
from dianke.loyalty.queries.standing import cluster_of
from dianke.loyalty.rules.levels import Place, better, decide, period_end
from dianke.loyalty.rules.terms import LevelTerms

Why = LevelChange.Why


@dataclass(frozen=True, slots=True)
class Changed:
    """A member whose level changed."""

    head_id: int
    before: LevelTerms | None
    after: LevelTerms | None
    why: str

    @property
    def is_up(self) -> bool:
        return (self.after.rank if self.after else -1) > (self.before.rank if self.before else -1)


# --- looking ------------------------------------------------------------------------------------------------
@step
def look_at(
    *,
    of: House,
    head_ids: Collection[int],
    actor: Actor,
    now: datetime,
    returned: Collection[int] = (),
    why: str = "",
    places: dict[int, Place] | None = None,
) -> list[Changed]:
    """Bring the levels of these profiles to what counts now; a profile without membership gets one. `returned`: heads
    whose last sale was given back. `why` names the cause where it is none of the rules' own; `places` the place to
    begin from, instead of the one kept. A fixed number of statements for all of them.
    """
    today = of.terms.day_of(now)
    list(Membership.objects.select_for_update().filter(customer__in=head_ids).order_by("customer_id"))
    by_id = {level.id: level for level in of.levels}
    made: list[Membership] = []
    kept: list[Membership] = []
    changes: list[LevelChange] = []
    changed: list[Changed] = []
    for each in seen(of, head_ids, today).values():
        row, is_new = each.member, each.member is None
        if row is None:
            row = _joined(of, each, today)
        before = by_id.get(row.level_id) if row.level_id is not None and not is_new else None
        place = (places or {}).get(each.head_id) or Place(row.reached_id, row.below_since, row.held_until)
        decision = decide(
            place,
            each.target,
            levels=of.levels,
            terms=of.terms,
            today=today,
            ends=lambda joined_on=each.joined_on: period_end(of.terms, joined_on, today),  # type: ignore[misc]
            is_return=each.head_id in returned,
        )
        reached = by_id.get(decision.place.level_id) if decision.place.level_id is not None else None
        level = better(reached, each.given)
        row.reached_id = decision.place.level_id
        row.below_since, row.held_until = decision.place.below_since, decision.place.held_until
        if (level.id if level else None) != (before.id if before else None) or is_new:
            row.level_id, row.since = level.id if level else None, today
            cause = _cause(why, decision.why, is_new, level, reached, each.given)
            changes.append(_change(each, before, level, cause, today, actor, now))
            changed.append(Changed(each.head_id, before, level, cause))
        (made if is_new else kept).append(row)
    Membership.objects.bulk_create(made, ignore_conflicts=True)
    Membership.objects.bulk_update(
        kept, ["level", "reached", "since", "below_since", "held_until"], batch_size=1000
    )
    LevelChange.objects.bulk_create(changes)
    _show(changed)
    return changed


def _joined(of: House, each: Seen, today: date) -> Membership:
    first = of.first
    return Membership(
        customer_id=each.head_id,
        programme=of.programme,
        joined_on=each.joined_on,
        reached_id=first.id if first else None,
        level_id=first.id if first else None,
        since=today,
    )


def _cause(
    why: str,
    decided: str,
    is_new: bool,
    level: LevelTerms | None,
    reached: LevelTerms | None,
    given: LevelTerms | None,
) -> str:
    """Why the level is what it is now."""
    if is_new and decided != "REACHED" and not why and given is None:
        return Why.JOINED
    if why:
        return why
    if given is not None and level == given and level != reached:
        return Why.GIVEN
    return decided or Why.ENDED


def _change(
    each: Seen,
    before: LevelTerms | None,
    after: LevelTerms | None,
    why: str,
    today: date,
    actor: Actor,
    now: datetime,
) -> LevelChange:
    return LevelChange(
        customer_id=each.head_id,
        before_id=before.id if before else None,
        after_id=after.id if after else None,
        why=why,
        on=today,
        at=now,
        spend_amount=each.sums.amount,
        order_count=each.sums.orders,
        tier_points=each.sums.points,
        by_id=actor.user_id if not actor.is_system else None,
    )


@step
def _show(changed: Sequence[Changed]) -> None:
    """The name of the level stands on the profile, where lists and filters find it."""
    names: dict[str, list[int]] = {}
    for each in changed:
        names.setdefault(each.after.name if each.after else "", []).append(each.head_id)
    for name, ids in names.items():
        Customer.objects.filter(pk__in=ids).update(level=name)


@operation(None)
def review_member(
    *, customer_id: int, actor: Actor, now: datetime, is_return: bool = False, why: str = ""
) -> Changed | None:
    """Look at one profile; tells when its level changed."""
    of = house()
    head_id = cluster_of(customer_id)[0]
    found = (
        look_at(
            of=of,
            head_ids=[head_id],
            actor=actor,
            now=now,
            returned={head_id} if is_return else (),
            why=why,
        )
        if of
        else []
    )
    _tell(found, actor, now)
    return found[0] if found else None


@step
def _tell(found: Sequence[Changed], actor: Actor, now: datetime) -> None:
    if not found:
        unchanged()
        return
    each = found[0]
    record(
        "loyalty.level_changed",
        f"customers.customer:{each.head_id}",
        actor=actor,
        now=now,
        data={
            "before": each.before.code if each.before else "",
            "level": each.after.code if each.after else "",
            "name": each.after.name if each.after else "",
            "why": each.why,
        },
    )


@operation(None)
def review_members(*, after: int = 0, limit: int = 500, actor: Actor, now: datetime) -> tuple[int, int]:
    """Nightly: look at up to `limit` members by id from `after` on; (how many changed, id to go on from or 0)."""
    of = house()
    rows = Membership.objects.filter(customer_id__gt=after, customer__merged_into=None).order_by(
        "customer_id"
    )
    ids = list(rows.values_list("customer_id", flat=True)[:limit]) if of else []
    found = look_at(of=of, head_ids=ids, actor=actor, now=now) if of and ids else []
    if found:
        record(
            "loyalty.levels_reviewed",
            f"loyalty.programme:{of.programme.pk}" if of else "loyalty.programme:0",
            also=[f"customers.customer:{each.head_id}" for each in found],
            actor=actor,
            now=now,
            data={
                "up": sum(each.is_up for each in found),
                "down": sum(not each.is_up for each in found),
            },
        )
    else:
        unchanged()
    return len(found), ids[-1] if len(ids) == limit else 0


@operation(None)
def follow_separation(
    *, head_id: int, parted_id: int, merged_at: datetime, actor: Actor, now: datetime
) -> None:
    """Two records are two again: the one that stayed goes back to the level it had before they were one, and both are
    looked at by what is their own."""
    of = house()
    if of is None:
        unchanged()
        return
    last = LevelChange.objects.filter(customer=head_id, at__lt=merged_at).order_by("-pk").first()
    first = of.first
    place = Place(last.after_id if last else (first.id if first else None))
    found = look_at(
        of=of,
        head_ids=[head_id, cluster_of(parted_id)[0]],
        actor=actor,
        now=now,
        why=Why.SEPARATED,
        places={head_id: place},
    )
    if not found:
        unchanged()
        return
    record(
        "loyalty.levels_separated",
        f"customers.customer:{head_id}",
        also=[f"customers.customer:{parted_id}"],
        actor=actor,
        now=now,
        data={"count": len(found)},
    )
