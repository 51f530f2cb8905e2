"""Tags as entries and files look them up, by a word that may have become part of another, and what merges."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from dianke.customers.models import CareRule, Customer, Tag, Tagging, TagMerge


def tags_by_name(names: Collection[str] | None = None) -> dict[str, int]:
    """Tags in use, word → id; the word of a merged tag leads to the one that stands for it. One query."""
    rows = Tag.objects.select_related("merged_into")
    found = {}
    for tag in rows if names is None else rows.filter(name__in=names):
        standing = tag.merged_into or tag
        if standing.archived_at is None:
            found[tag.name] = standing.pk
    return found


@dataclass(frozen=True, slots=True)
class TagMergePreview:
    """What a merge would make: profiles that have the one, the other, both, and the kept one afterwards."""

    joined: int
    kept: int
    both: int
    rules: int

    @property
    def after(self) -> int:
        return self.joined + self.kept - self.both


def preview_of_tags(joined: Tag, kept: Tag) -> TagMergePreview:
    """Counted over profiles in use; four queries."""

    def profiles(*tags: Tag) -> int:
        rows = Customer.objects.heads().in_use()
        for tag in tags:
            ids = Tagging.objects.filter(tag=tag).values("customer_id")
            rows = rows.filter(Customer.objects.profiles_of(ids))
        return rows.count()

    rules = CareRule.objects.filter(tag=joined).count()
    return TagMergePreview(profiles(joined), profiles(kept), profiles(joined, kept), rules)


def merges_of_tags() -> list[TagMerge]:
    """The merges that stand, the last first."""
    rows = TagMerge.objects.filter(undone_at=None).select_related("kept__merged_into", "joined", "by")
    return list(rows.defer("moved", "both").order_by("-at", "-pk"))
