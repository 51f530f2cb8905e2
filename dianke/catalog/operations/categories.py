"""The tree of categories: made, renamed, moved with its branch, sorted, merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Category, PriceListItem, Product
from dianke.catalog.rules.categories import MOST_LEVELS, CategoryInsideItself, CategoryTooDeep, moved_paths
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, step, unchanged

MANAGE = "catalog.manage_products"
#: So many prices that gave way are named in the event.
MOST_TOLD = 100


class CategoryNameMissing(InvalidInput):
    code = "category_name_missing"
    message = _("Give the category a name.")
    default_field = "name"


class CategoryNameTaken(Conflict):
    code = "category_name_taken"
    message = _("There is a category “%(name)s” at this place already. Use it, or choose another name.")
    default_field = "name"


class CategoryGone(Conflict):
    code = "category_gone"
    message = _("“%(name)s” became part of another category. Choose that one.")
    default_field = "parent"


class SortNamesOthers(InvalidInput):
    code = "sort_names_others"
    message = _("The order names other categories than there are at this place. Load the page again.")
    default_field = "order"


class MergedIntoBranch(InvalidInput):
    code = "merged_into_branch"
    message = _("A category cannot become part of itself or of what is below it. Choose another.")
    default_field = "into"


@step
def lock_tree() -> None:
    """One change of the tree at a time: paths follow from one another. Released with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('catalog.category_tree'))")


def _clean(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise CategoryNameMissing()
    return name


def _check_name(name: str, parent_id: int | None, pk: int = 0) -> None:
    others = Category.objects.filter(parent_id=parent_id, name=name, merged_into=None).exclude(pk=pk)
    if others.exists():
        raise CategoryNameTaken(name=name)


def _standing(category: Category) -> Category:
    category = Category.objects.select_for_update().get(pk=category.pk)
    if category.merged_into_id is not None:
        raise CategoryGone(name=category.name)
    return category


@step
def make_category(*, name: str, parent: Category | None) -> Category:
    """A category behind its siblings; the tree is locked and the name free."""
    path = parent.line if parent else []
    if len(path) >= MOST_LEVELS:
        raise CategoryTooDeep(limit=MOST_LEVELS, levels=len(path) + 1)
    siblings = Category.objects.filter(parent=parent).count()
    return Category.objects.create(name=name, parent=parent, path=path, position=siblings)


@operation(MANAGE)
def add_category(*, name: str, parent: Category | None = None, actor: Actor, now: datetime) -> Category:
    """A new category, at the top or inside another. Raises `CategoryNameTaken`, `CategoryTooDeep`, `CategoryGone`."""
    name = _clean(name)
    lock_tree()
    if parent is not None:
        parent = _standing(parent)
    _check_name(name, parent.pk if parent else None)
    category = make_category(name=name, parent=parent)
    record("catalog.category_added", category, actor=actor, now=now, data={"name": name})
    return category


@operation(MANAGE)
def rename_category(*, category: Category, name: str, actor: Actor, now: datetime) -> Category:
    """Another name. Raises `CategoryNameTaken`."""
    name = _clean(name)
    lock_tree()
    category = _standing(category)
    _check_name(name, category.parent_id, category.pk)
    changes = apply_changes(category, {"name": name})
    if not changes:
        unchanged()
        return category
    record("catalog.category_changed", category, actor=actor, now=now, data={"changes": changes})
    return category


@operation(MANAGE)
def move_category(*, category: Category, parent: Category | None, actor: Actor, now: datetime) -> Category:
    """Put a category, with everything below it, inside another or at the top; behind what is there.
    Raises `CategoryInsideItself`, `CategoryTooDeep`, `CategoryNameTaken`."""
    lock_tree()
    category = _standing(category)
    if parent is not None:
        parent = _standing(parent)
    if category.parent_id == (parent.pk if parent else None):
        unchanged()
        return category
    if parent is not None and parent.pk == category.pk:
        raise CategoryInsideItself()
    _check_name(category.name, parent.pk if parent else None, category.pk)
    before = category.parent_id
    _replant(category, parent)
    data = {"name": category.name, "changes": {"parent": [before, category.parent_id]}}
    record("catalog.category_moved", category, actor=actor, now=now, data=data)
    return category


def _replant(category: Category, parent: Category | None) -> None:
    below = {row.pk: row for row in Category.objects.filter(path__contains=[category.pk])}
    paths = moved_paths(
        category.pk, parent.line if parent else [], {pk: row.path for pk, row in below.items()}
    )
    category.parent, category.path = parent, paths.pop(category.pk)
    category.position = Category.objects.filter(parent=parent).count()
    category.save(update_fields=["parent", "path", "position"])
    for pk, path in paths.items():
        below[pk].path = path
    Category.objects.bulk_update(below.values(), ["path"], batch_size=500)


@operation(MANAGE)
def sort_categories(
    *, parent: Category | None, order: Sequence[int], actor: Actor, now: datetime
) -> list[Category]:
    """The order of the categories at one place: `order` names each of them once. Raises `SortNamesOthers`."""
    lock_tree()
    rows = {row.pk: row for row in Category.objects.in_use().filter(parent=parent)}
    if set(order) != set(rows) or len(order) != len(rows):
        raise SortNamesOthers()
    moved = [rows[pk] for position, pk in enumerate(order) if rows[pk].position != position]
    if not moved:
        unchanged()
        return [rows[pk] for pk in order]
    for position, pk in enumerate(order):
        rows[pk].position = position
    Category.objects.bulk_update(rows.values(), ["position"])
    subject = parent or rows[order[0]]
    record("catalog.categories_sorted", subject, actor=actor, now=now, data={"order": list(order)})
    return [rows[pk] for pk in order]


@operation(MANAGE)
def merge_category(*, category: Category, into: Category, actor: Actor, now: datetime) -> Category:
    """Make a category part of another: its products, its prices in price lists and what is below it go there, its name
    leads there. Where both hold one of the same name the two become one as well; where a list has a price for both
    from the same quantity, that of the kept category stays. Returns the one that is kept.
    Raises `MergedIntoBranch`, `CategoryTooDeep`."""
    lock_tree()
    category, into = _standing(category), _standing(into)
    if into.pk == category.pk or category.pk in into.path:
        raise MergedIntoBranch()
    done = _Joined()
    _join(category, into, now, done)
    data = {
        "name": category.name,
        "into": into.name,
        "joined": done.categories,
        "prices_moved": done.prices_moved,
        "prices_dropped": done.prices_dropped[:MOST_TOLD],
    }
    record("catalog.category_merged", into, also=[category], actor=actor, now=now, data=data)
    return into


@dataclass(slots=True)
class _Joined:
    """What a merge moved: the ids of categories that stand for another now, how many prices went along, and the prices
    that gave way, as `[list, quantity, amount or share]`."""

    categories: list[int] = field(default_factory=list)
    prices_moved: int = 0
    prices_dropped: list[list[str]] = field(default_factory=list)


def _join(category: Category, into: Category, now: datetime, done: _Joined) -> None:
    """Move everything of one into the other."""
    done.categories.append(category.pk)
    held = {row.name: row for row in Category.objects.filter(parent=into, merged_into=None)}
    for child in Category.objects.filter(parent=category, merged_into=None).order_by("position", "pk"):
        twin = held.get(child.name)
        if twin is not None and twin.pk != child.pk:
            _join(child, twin, now, done)
        else:
            _replant(child, into)
    Product.objects.filter(category=category).update(category=into, changed_at=now)
    _join_prices(category, into, done)
    # Those that became part of this one earlier stand for the kept one now: never a chain.
    Category.objects.filter(merged_into=category).update(merged_into=into)
    category.merged_into, category.archived_at = into, now
    category.save(update_fields=["merged_into", "archived_at"])


def _join_prices(category: Category, into: Category, done: _Joined) -> None:
    """Prices of price lists follow; of two for the same quantity that of the kept category stays."""
    for item in clashing_prices(category, into):
        told = f"{item.price_amount}" if item.percent_bp is None else f"{item.percent_bp / 100:g}%"
        done.prices_dropped.append([item.price_list.name, str(item.min_quantity), told])
        item.delete()
    done.prices_moved += PriceListItem.objects.filter(category=category).update(category=into)


def clashing_prices(category: Category, into: Category) -> list[PriceListItem]:
    """The prices of a category that would give way if it became part of the other. Two queries at most."""
    kept = set(PriceListItem.objects.filter(category=into).values_list("price_list_id", "min_quantity"))
    rows = PriceListItem.objects.filter(category=category).select_related("price_list").order_by("pk")
    return [row for row in rows if (row.price_list_id, row.min_quantity) in kept]
