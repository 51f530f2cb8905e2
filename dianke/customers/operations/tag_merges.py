"""Making one tag of two, and two of them again.

Customers get the tag that is kept in the place of the other, care rules ask for it, and the word of the other goes
on leading to it when an entry or a file uses it. What was moved is noted, so that undoing puts back what nobody
changed since.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.customers.models import CareRule, State, Tag, Tagging, TagMerge
from dianke.customers.operations.tags import TagArchived
from dianke.events.operations import operation, record

MANAGE = "customers.manage_rules"
BATCH = 5000


class SameTag(InvalidInput):
    code = "same_tag"
    message = _("This is the tag itself. Choose another one to merge it into.")
    default_field = "into"


class TagMerged(Conflict):
    code = "tag_merged"
    message = _("The tag “%(name)s” was merged into “%(into)s” already. Undo that first.")
    default_field = "into"


class NotMerged(Conflict):
    code = "tag_not_merged"
    message = _("This merge was undone already.")


def _locked(*tags: Tag) -> list[Tag]:
    """The rows, locked in the order of their keys."""
    rows = Tag.objects.select_for_update(of=("self",)).filter(pk__in=[tag.pk for tag in tags])
    found = {row.pk: row for row in rows.order_by("pk")}
    return [found[tag.pk] for tag in tags]


def _refuse_merged(tag: Tag) -> None:
    if tag.merged_into is not None:
        raise TagMerged(name=tag.name, into=tag.merged_into.name)


@operation(MANAGE)
def merge_tags(*, joined: Tag, kept: Tag, actor: Actor, now: datetime) -> TagMerge:
    """Make `joined` part of `kept`, which everybody who had either has then; `joined` is offered no more.

    Raises `SameTag`, `TagMerged`, `TagArchived`.
    """
    if joined.pk == kept.pk:
        raise SameTag
    joined, kept = _locked(joined, kept)
    for tag in (joined, kept):
        _refuse_merged(tag)
    if kept.archived_at is not None:
        raise TagArchived(name=kept.name, field="into")
    mine = Tagging.objects.filter(tag=joined)
    twice = mine.filter(customer__in=Tagging.objects.filter(tag=kept).values("customer"))
    both = sorted(twice.values_list("customer_id", flat=True))
    twice.delete()
    moved = sorted(mine.values_list("customer_id", flat=True))
    mine.update(tag=kept)
    asking = CareRule.objects.filter(tag=joined)
    rules = sorted(asking.values_list("pk", flat=True))
    asking.update(tag=kept)
    merge = TagMerge.objects.create(
        kept=kept,
        joined=joined,
        moved=moved,
        both=both,
        rules=rules,
        was_archived_at=joined.archived_at,
        at=now,
        by_id=actor.user_id,
    )
    Tag.objects.filter(merged_into=joined).update(merged_into=kept)
    joined.merged_into, joined.archived_at = kept, joined.archived_at or now
    joined.save(update_fields=["merged_into", "archived_at"])
    record(
        "customers.tags_merged",
        kept,
        also=[joined],
        actor=actor,
        now=now,
        data={
            "merge": merge.pk,
            "name": joined.name,
            "into": kept.name,
            "moved": len(moved),
            "both": len(both),
            "rules": len(rules),
        },
    )
    return merge


@operation(MANAGE)
def unmerge_tags(*, merge: TagMerge, actor: Actor, now: datetime) -> Tag:
    """Make two tags of one again. Who lost the kept tag since, or was erased, gets nothing back; who got it since,
    keeps it. Raises `NotMerged`, and `TagMerged` while the kept one is part of a third."""
    found = TagMerge.objects.select_for_update().get(pk=merge.pk)
    if found.undone_at is not None:
        raise NotMerged
    joined, kept = _locked(found.joined, found.kept)
    _refuse_merged(kept)
    count = 0
    for start in range(0, len(found.moved), BATCH):
        ids = found.moved[start : start + BATCH]
        count += Tagging.objects.filter(tag=kept, customer__in=ids).update(tag=joined)
    for start in range(0, len(found.both), BATCH):
        standing = Tagging.objects.filter(tag=kept, customer__in=found.both[start : start + BATCH])
        living = standing.exclude(customer__state=State.ERASED).values_list("customer_id", flat=True)
        rows = [Tagging(customer_id=pk, tag=joined, since=found.at) for pk in living]
        count += len(Tagging.objects.bulk_create(rows, ignore_conflicts=True))
    CareRule.objects.filter(pk__in=found.rules, tag=kept).update(tag=joined)
    Tag.objects.filter(pk__in=_below(joined)).update(merged_into=joined)
    joined.merged_into, joined.archived_at = None, found.was_archived_at
    joined.save(update_fields=["merged_into", "archived_at"])
    found.undone_at = now
    found.save(update_fields=["undone_at"])
    record(
        "customers.tag_merge_undone",
        joined,
        also=[kept],
        actor=actor,
        now=now,
        data={"merge": found.pk, "name": joined.name, "into": kept.name, "count": count},
    )
    return joined


def _below(tag: Tag) -> list[int]:
    """Tags that were part of this one before it became part of another."""
    standing: dict[int, list[int]] = {}
    for kept_id, joined_id in TagMerge.objects.filter(undone_at=None).values_list("kept", "joined"):
        standing.setdefault(kept_id, []).append(joined_id)
    found: list[int] = []
    waiting = [tag.pk]
    while waiting:
        below = standing.get(waiting.pop(), [])
        found += below
        waiting += below
    return found
