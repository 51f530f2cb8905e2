"""The tree of categories: what moving a branch does to the paths in it, and what forbids it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput

MOST_LEVELS = 5
SEPARATORS = (" > ", ">", "/", "\\", "»", "→")


class CategoryInsideItself(InvalidInput):
    code = "category_inside_itself"
    message = _("A category cannot be put inside itself or what is below it. Choose another place.")
    default_field = "parent"


class CategoryTooDeep(InvalidInput):
    code = "category_too_deep"
    message = _(
        "Categories have at most %(limit)s levels; this would make %(levels)s. Choose a place higher up."
    )
    default_field = "parent"


def moved_paths(
    category_id: int, path: Sequence[int], below: Mapping[int, Sequence[int]]
) -> dict[int, list[int]]:
    """The new paths of a category that gets `path`, and of everything below it (id → present path).

    Raises `CategoryInsideItself`, `CategoryTooDeep`.
    """
    if category_id in path or set(path) & set(below):
        raise CategoryInsideItself()
    found = {category_id: list(path)}
    for pk, present in below.items():
        found[pk] = [*path, *present[list(present).index(category_id) :]]
    deepest = max(len(each) for each in found.values()) + 1
    if deepest > MOST_LEVELS:
        raise CategoryTooDeep(limit=MOST_LEVELS, levels=deepest)
    return found


def names_of_path(text: str) -> list[str]:
    """The names in "珠宝/戒指" or "Apparel > Shirts", the topmost first; at most five."""
    for separator in SEPARATORS:
        if separator in text:
            parts = [part.strip()[:40] for part in text.split(separator)]
            return [part for part in parts if part][:MOST_LEVELS]
    return [text.strip()[:40]] if text.strip() else []
