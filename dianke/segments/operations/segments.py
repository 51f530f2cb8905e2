"""Segments: made, changed, copied, turned from rules into a list and back, put away and brought back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.events.operations import operation, record, unchanged
from dianke.promotions.rules.wording import joined
from dianke.segments.models import MANAGE, Segment
from dianke.segments.operations.refreshing import work_out
from dianke.segments.queries.compiling import checked
from dianke.segments.queries.uses import holders_of
from dianke.segments.rules.language import LANGUAGE, leaves, read
from dianke.stores.models import Store

COLUMNS = frozenset({"name", "note", "rules", "is_shared", "store_ids", "schedule", "kind"})
Kind = Segment.Kind


class NameMissing(InvalidInput):
    code = "segment_name_missing"
    message = _("The segment has no name yet. Give it one that says who is meant.")
    default_field = "name"


class NameTooLong(InvalidInput):
    code = "segment_name_too_long"
    message = _("The name is longer than 40 characters. Shorten it; there is a note for more.")
    default_field = "name"


class NoRules(InvalidInput):
    code = "segment_no_rules"
    message = _("There is no rule yet, so everybody would be meant. Add at least one.")
    default_field = "rules"


class NotYours(NotAllowed):
    code = "segment_not_yours"
    message = _("Only who made it may change it. Make a copy, and change that.")


class PutAway(Conflict):
    code = "segment_put_away"
    message = _("“%(name)s” is put away. Bring it back first.")


class StillInUse(Conflict):
    """`uses`: what of it, in words."""

    code = "segment_still_in_use"
    message = _("“%(name)s” is in use: %(uses)s. End these or take it out of them first.")


class StoresNotYours(NotAllowed):
    code = "segment_stores_not_yours"
    message = _("You can group customers of your own stores only. Choose among them.")
    default_field = "stores"


class ScheduleWithoutList(InvalidInput):
    code = "segment_schedule_without_list"
    message = _("Only a fixed list is taken anew; this one is always current. Take the schedule out.")
    default_field = "schedule"


def may_change(segment: Segment, actor: Actor) -> bool:
    """Whoever made it, and whoever manages segments of every store."""
    if not actor.can(MANAGE):
        return False
    return segment.owner_id == actor.user_id or actor.is_system or actor.stores_for(MANAGE) is None


def _locked(segment: Segment, actor: Actor) -> Segment:
    row = Segment.objects.select_for_update().get(pk=segment.pk)
    if not may_change(row, actor):
        raise NotYours
    return row


def _stores(store_ids: Iterable[int], actor: Actor) -> list[int]:
    """The stores it is about. Who works for some stores groups the customers of these."""
    reached = actor.stores_for(MANAGE)
    asked = sorted(set(store_ids))
    if reached is None:
        known = set(Store.objects.filter(pk__in=asked).values_list("pk", flat=True))
        return [pk for pk in asked if pk in known]
    if not asked:
        return sorted(reached)
    if not set(asked) <= reached:
        raise StoresNotYours
    return asked


def _cleaned(values: Mapping[str, Any], row: Segment, actor: Actor, now: datetime) -> dict[str, Any]:
    unknown = set(values) - COLUMNS
    if unknown:
        raise ValueError(unknown)
    found = dict(values)
    if "name" in found:
        found["name"] = str(found["name"]).strip()
        if not found["name"]:
            raise NameMissing
        if len(found["name"]) > 40:
            raise NameTooLong
    if "note" in found:
        found["note"] = str(found["note"]).strip()[:200]
    if "rules" in found:
        root = read(found["rules"])
        if not any(True for _leaf in leaves(root)):
            raise NoRules
        found["rules"] = checked(root, now=now, actor=actor).root.as_json()
        found["language"] = LANGUAGE
    if "store_ids" in found:
        found["store_ids"] = _stores(found["store_ids"], actor)
    if found.get("schedule", row.schedule) and found.get("kind", row.kind) != Kind.SNAPSHOT:
        if found.get("schedule"):
            raise ScheduleWithoutList
        found["schedule"] = ""
    return found


@operation(MANAGE)
def make_segment(*, values: Mapping[str, Any], actor: Actor, now: datetime, start: str = "") -> Segment:
    """A segment of the actor's own, worked out at once. Raises what is wrong with name, rules and stores."""
    row = Segment(owner_id=actor.user_id, made_at=now, changed_at=now, start=start)
    given = {"name": "", "rules": None, "store_ids": [], **values}
    for key, value in _cleaned(given, row, actor, now).items():
        setattr(row, key, value)
    row.save()
    work_out(segment=row, now=now)
    record(
        "segments.segment_made", row, actor=actor, now=now, data={"name": row.name, "count": row.member_count}
    )
    return row


@operation(MANAGE)
def change_segment(*, segment: Segment, values: Mapping[str, Any], actor: Actor, now: datetime) -> Segment:
    """Other rules, name, stores or sharing. A fixed list stays whom it holds until it is taken anew."""
    row = _locked(segment, actor)
    if row.archived_at is not None:
        raise PutAway(name=row.name)
    found = _cleaned({key: value for key, value in values.items() if key != "kind"}, row, actor, now)
    changes = {key: [getattr(row, key), value] for key, value in found.items() if getattr(row, key) != value}
    if not changes:
        unchanged()
        return row
    for key, (_before, after) in changes.items():
        setattr(row, key, after)
    row.changed_at = now
    row.save()
    if not row.is_snapshot and changes.keys() & {"rules", "store_ids"}:
        work_out(segment=row, now=now)
    record("segments.segment_changed", row, actor=actor, now=now, data={"name": row.name, "changes": changes})
    return row


@operation(MANAGE)
def copy_segment(*, segment: Segment, name: str, actor: Actor, now: datetime) -> Segment:
    """The same rules under another name, one's own and not shared."""
    values = {"name": name, "note": segment.note, "rules": segment.rules, "store_ids": segment.store_ids}
    row = Segment(owner_id=actor.user_id, made_at=now, changed_at=now, start=segment.start)
    for key, value in _cleaned(values, row, actor, now).items():
        setattr(row, key, value)
    row.save()
    work_out(segment=row, now=now)
    record("segments.segment_copied", row, also=[segment], actor=actor, now=now, data={"name": row.name})
    return row


@operation(MANAGE)
def convert_segment(
    *, segment: Segment, kind: str, schedule: str = "", actor: Actor, now: datetime
) -> Segment:
    """Keep whom the rules mean now as a fixed list, or let the rules decide again."""
    row = _locked(segment, actor)
    if row.archived_at is not None:
        raise PutAway(name=row.name)
    if row.kind == kind and row.schedule == schedule:
        unchanged()
        return row
    if schedule and kind != Kind.SNAPSHOT:
        raise ScheduleWithoutList
    was = row.kind
    row.kind, row.schedule, row.changed_at = kind, schedule, now
    row.save()
    if was != kind:
        work_out(segment=row, now=now)
    record(
        "segments.segment_converted",
        row,
        actor=actor,
        now=now,
        data={"name": row.name, "kind": kind, "schedule": schedule, "count": row.member_count},
    )
    return row


@operation(MANAGE)
def archive_segment(*, segment: Segment, actor: Actor, now: datetime) -> Segment:
    """Put away: it is offered no more and not worked out any more; what used it keeps its results. Raises `StillInUse`
    while an offer, a campaign or a journey needs it: who begins to need one holds its row, so none slips in between."""
    row = _locked(segment, actor)
    if row.archived_at is not None:
        unchanged()
        return row
    holders = holders_of([row.pk], actor).get(row.pk, [])
    if holders:
        raise StillInUse(name=row.name, uses=joined([str(text) for text in holders]))
    row.archived_at = row.changed_at = now
    row.save()
    record("segments.segment_archived", row, actor=actor, now=now, data={"name": row.name})
    return row


@operation(MANAGE)
def restore_segment(*, segment: Segment, actor: Actor, now: datetime) -> Segment:
    """Bring back what was put away."""
    row = _locked(segment, actor)
    if row.archived_at is None:
        unchanged()
        return row
    row.archived_at, row.changed_at = None, now
    row.save()
    if not row.is_snapshot:
        work_out(segment=row, now=now)
    record("segments.segment_restored", row, actor=actor, now=now, data={"name": row.name})
    return row


@operation(MANAGE)
def start_segments(
    *, drafts: Iterable[tuple[str, str, str, Mapping[str, Any]]], actor: Actor, now: datetime
) -> list[Segment]:
    """Ready-made ones as (code, name, note, rules), shared with everybody; those that are there already stay as they
    are."""
    there = set(Segment.objects.exclude(start="").values_list("start", flat=True))
    made = []
    for code, name, note, rules in drafts:
        if code in there:
            continue
        row = Segment(owner_id=actor.user_id, made_at=now, changed_at=now, start=code, is_shared=True)
        values = {"name": name, "note": note, "rules": rules, "store_ids": []}
        for key, value in _cleaned(values, row, actor, now).items():
            setattr(row, key, value)
        row.save()
        work_out(segment=row, now=now)
        made.append(row)
    if not made:
        unchanged()
        return []
    record(
        "segments.segments_started",
        made[0],
        also=made[1:],
        actor=actor,
        now=now,
        data={"count": len(made)},
    )
    return made
