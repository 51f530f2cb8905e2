"""People as work sees them: who works where, who may do what at a store, who could get a task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max, Q
from django.utils import timezone

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.stores.models import Posting, Region, Store
from dianke.work import registry
from dianke.work.models import AssignmentRule, StaffSkill, Task
from dianke.work.models.tasks import OPEN
from dianke.work.rules.assignment import (
    Candidate,
    Choice,
    Rule,
    Strategy,
    Verdict,
    Wanted,
    choose,
    fits_task,
    judge,
)


def today_of(now: datetime) -> date:
    """The local day."""
    return timezone.localtime(now).date()


@dataclass(frozen=True, slots=True)
class Place:
    """Where postings reach: stores by region and by legal entity."""

    region_of: dict[int, int | None]
    entity_of: dict[int, int]
    parent_of: dict[int, int | None]

    def regions_of(self, store_id: int | None) -> frozenset[int]:
        """The region of a store and those around it."""
        found: set[int] = set()
        region_id = self.region_of.get(store_id) if store_id is not None else None
        while region_id is not None and region_id not in found:
            found.add(region_id)
            region_id = self.parent_of.get(region_id)
        return frozenset(found)

    def stores_of(self, posting: Posting) -> set[int]:
        """The stores a posting reaches."""
        if posting.store_id is not None:
            return {posting.store_id}
        if posting.region_id is not None:
            return {pk for pk in self.region_of if posting.region_id in self.regions_of(pk)}
        if posting.legal_entity_id is not None:
            return {pk for pk, entity in self.entity_of.items() if entity == posting.legal_entity_id}
        return set(self.region_of)


NOWHERE = Place({}, {}, {})


def places() -> Place:
    """Two queries."""
    stores = list(Store.objects.values_list("pk", "region_id", "legal_entity_id"))
    return Place(
        region_of={pk: region for pk, region, _entity in stores},
        entity_of={pk: entity for pk, _region, entity in stores},
        parent_of=dict(Region.objects.values_list("pk", "parent_id")),
    )


def postings_now(now: datetime) -> list[Posting]:
    """Postings in force of people with an account in use, by name. One query."""
    return list(
        Posting.objects.in_force(today_of(now))
        .filter(staff__user__is_active=True)
        .select_related("role", "staff__user")
        .order_by("staff__user__name", "pk")
    )


def people_who_may(
    permissions: Iterable[str], *, store_id: int | None, now: datetime, except_ids: Iterable[int | None] = ()
) -> list[User]:
    """Active people whose postings now give all of `permissions` at the store (None: everywhere). Three queries."""
    wanted, left_out = set(permissions), set(except_ids)
    here = places()
    held: dict[int, set[str]] = defaultdict(set)
    people: dict[int, User] = {}
    for posting in postings_now(now):
        user = posting.staff.user
        is_everywhere = not (posting.store_id or posting.region_id or posting.legal_entity_id)
        if user.pk in left_out or not (
            is_everywhere if store_id is None else store_id in here.stores_of(posting)
        ):
            continue
        people[user.pk] = user
        held[user.pk] |= posting.role.permission_codes() & wanted
    return [user for pk, user in people.items() if held[pk] == wanted]


def colleagues(actor: Actor, *, now: datetime, store_id: int | None = None) -> list[User]:
    """People a task can be given to: those who work (do tasks) at a store the actor reaches, or at `store_id`. At most
    three queries."""
    return colleagues_among(postings_now(now), actor, store_id=store_id)


def colleagues_among(postings: Sequence[Posting], actor: Actor, *, store_id: int | None = None) -> list[User]:
    """`colleagues` from the postings in force. Two queries, none where the actor reaches every store or where
    nobody is posted to a region or a legal entity."""
    reached = actor.stores_for("work.view_tasks")
    wanted = [stores for stores in (reached, None if store_id is None else {store_id}) if stores is not None]
    doing = [each for each in postings if "work.manage_own_tasks" in each.role.permission_codes()]
    here = places() if wanted and any(each.region_id or each.legal_entity_id for each in doing) else NOWHERE
    found = {}
    for posting in doing:
        is_everywhere = not (posting.store_id or posting.region_id or posting.legal_entity_id)
        stores = here.stores_of(posting)
        if all(of & stores if not is_everywhere else of for of in wanted):
            found[posting.staff.user_id] = posting.staff.user
    return list(found.values())


def candidates_for(now: datetime) -> list[Candidate]:
    """Everybody who could get work, with skills, load and turn. Six queries, whatever the number of people."""
    here = places()
    stores: dict[int, set[int]] = defaultdict(set)
    people: dict[int, User] = {}
    for posting in postings_now(now):
        # Whoever leads a region is no candidate for the work of each of its shops.
        if posting.store_id is not None and "work.manage_own_tasks" in posting.role.permission_codes():
            people[posting.staff.user_id] = posting.staff.user
            stores[posting.staff.user_id].add(posting.store_id)
    skills: dict[int, set[int]] = defaultdict(set)
    able = StaffSkill.objects.filter(staff__user_id__in=people, level__gte=StaffSkill.Level.ABLE)
    for user_id, skill_id in able.values_list("staff__user_id", "skill_id"):
        skills[user_id].add(skill_id)
    load = {
        row["owner_id"]: (row["open"], row["last"])
        for row in Task.objects.filter(owner_id__in=people)
        .values("owner_id")
        .annotate(open=Count("pk", filter=OPEN), last=Max("assigned_at"))
    }
    shifts = registry.on_shift(people, now)
    return [
        Candidate(
            user_id=pk,
            name=str(user),
            store_ids=frozenset(stores[pk]),
            region_ids=frozenset().union(*(here.regions_of(store_id) for store_id in stores[pk])),
            skill_ids=frozenset(skills[pk]),
            open_count=load.get(pk, (0, None))[0],
            last_assigned_at=load.get(pk, (0, None))[1],
            on_shift=shifts.get(pk),
        )
        for pk, user in people.items()
    ]


def rule_value(row: AssignmentRule) -> Rule:
    """A row as the rules calculate with it."""
    return Rule(
        id=row.pk,
        name=row.name,
        strategy=Strategy(row.strategy),
        kind=row.kind,
        store_id=row.store_id,
        region_id=row.region_id,
        region_name=str(row.region) if row.region else "",
        skill_id=row.skill_id,
        skill_name=str(row.skill) if row.skill else "",
        person_id=row.person_id,
        only_on_shift=row.only_on_shift,
    )


def rules_in_force() -> list[Rule]:
    """Rules in their order. One query."""
    return [rule_value(row) for row in AssignmentRule.objects.active().select_related("region", "skill")]


def wanted_for(
    *, kind: str, store: Store | None, skill_id: int | None, skill_name: str = "", subject: str = ""
) -> Wanted:
    """What the rules need to know about a task."""
    return Wanted(
        kind=kind,
        store_id=store.pk if store else None,
        store_name=str(store) if store else "",
        region_ids=places().regions_of(store.pk) if store else frozenset(),
        skill_id=skill_id,
        skill_name=skill_name,
        subject_owner_id=registry.subject_owner(subject) if subject else None,
    )


def choose_owner(wanted: Wanted, *, now: datetime) -> Choice | None:
    """Who gets such a task now, by the rules in force. A person named in a rule needs no posting at the store."""
    rules = rules_in_force()
    return choose(wanted, rules, _with_named(rules, candidates_for(now))) if rules else None


def _with_named(rules: Iterable[Rule], candidates: list[Candidate]) -> list[Candidate]:
    """The candidates and the people rules name, who may lead a region or work elsewhere."""
    known = {candidate.user_id for candidate in candidates}
    named = {rule.person_id for rule in rules if rule.person_id} - known
    if not named:
        return candidates
    extra = User.objects.active().filter(pk__in=named)
    return [*candidates, *(Candidate(user_id=user.pk, name=str(user)) for user in extra)]


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule in the preview: whether it is meant for the task, and what it thinks of each candidate."""

    rule: Rule
    fits: bool
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """Who would get a task now, and how every rule came to its answer up to the one that chose."""

    choice: Choice | None
    views: tuple[RuleView, ...]


def preview(wanted: Wanted, *, now: datetime) -> Preview:
    """The choice with its reasoning, without making anything."""
    rules = rules_in_force()
    candidates = _with_named(rules, candidates_for(now))
    near = [c for c in candidates if wanted.store_id is None or wanted.store_id in c.store_ids] or candidates
    choice = choose(wanted, rules, candidates)
    views = []
    for rule in rules:
        fits = fits_task(rule, wanted)
        # Colleagues of other stores are no news, unless the rule names one.
        shown = [c for c in candidates if c in near or c.user_id == rule.person_id]
        verdicts = [judge(rule, wanted, candidate) for candidate in shown] if fits else []
        views.append(RuleView(rule, fits, tuple(sorted(verdicts, key=lambda v: v.why_not is not None))))
        if choice is not None and choice.rule_id == rule.id:
            break
    return Preview(choice, tuple(views))


def names_of(user_ids: Iterable[int | None]) -> dict[int, str]:
    """Names by id, also of people who left. One query."""
    wanted = {pk for pk in user_ids if pk is not None}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=wanted)} if wanted else {}


def reachable_stores(actor: Actor, permission: str = "work.view_tasks") -> list[Store]:
    """Open stores the actor's work reaches."""
    reached = actor.stores_for(permission)
    stores = Store.objects.filter(Q(closed_on=None))
    return list(stores if reached is None else stores.filter(pk__in=reached))
