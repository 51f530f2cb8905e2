"""Tags: the merchant's list of words, and putting them on and taking them off, one customer or thousands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.customers.models import Customer, Tag, Tagging
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged

COLOURS = ("gray", "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink")
LONGEST = 24
MOST_AT_ONCE = 5000


class TagEmpty(InvalidInput):
    code = "tag_empty"
    message = _("Give the tag a name.")
    default_field = "name"


class TagTooLong(InvalidInput):
    code = "tag_too_long"
    message = _("A tag has at most %(limit)s characters.")
    default_field = "name"


class TagTaken(Conflict):
    code = "tag_taken"
    message = _("There is a tag “%(name)s” already.")
    default_field = "name"


class TagStandsFor(Conflict):
    code = "tag_stands_for"
    message = _("“%(name)s” is part of the tag “%(into)s” now. Use that one, or undo the merge.")
    default_field = "name"


class TagArchived(Conflict):
    code = "tag_archived"
    message = _("The tag “%(name)s” is archived. Bring it back first, or choose another one.")
    default_field = "tags"


class ColourUnknown(InvalidInput):
    code = "tag_colour_unknown"
    message = _("Choose a colour from the list.")
    default_field = "colour"


class TooManyAtOnce(InvalidInput):
    code = "too_many_at_once"
    message = _("At most %(limit)s customers at once. Narrow the list with a filter.")


def _clean(name: str, colour: str) -> str:
    plain = " ".join(name.split())
    if not plain:
        raise TagEmpty
    if len(plain) > LONGEST:
        raise TagTooLong(limit=LONGEST)
    if colour not in COLOURS:
        raise ColourUnknown
    return plain


@operation("customers.manage_rules")
def make_tag(*, name: str, colour: str = "gray", actor: Actor, now: datetime) -> Tag:
    """A new word to sort customers by; an archived one of that name comes back. Raises the errors above."""
    plain = _clean(name, colour)
    standing = Tag.objects.select_for_update(of=("self",)).filter(name=plain).first()
    if standing is not None and standing.merged_into is not None:
        raise TagStandsFor(name=plain, into=standing.merged_into.name)
    if standing is not None and standing.archived_at is None:
        raise TagTaken(name=plain)
    if standing is None:
        standing = Tag.objects.create(name=plain, colour=colour)
    else:
        standing.archived_at, standing.colour = None, colour
        standing.save(update_fields=["archived_at", "colour"])
    record("customers.tag_made", standing, actor=actor, now=now, data={"name": plain})
    return standing


@operation("customers.manage_rules")
def rename_tag(*, tag: Tag, name: str, colour: str = "", actor: Actor, now: datetime) -> Tag:
    """Another name or colour, everywhere at once."""
    plain = _clean(name, colour or tag.colour)
    found = Tag.objects.select_for_update().get(pk=tag.pk)
    if Tag.objects.filter(name=plain).exclude(pk=found.pk).exists():
        raise TagTaken(name=plain)
    changes = apply_changes(found, {"name": plain, "colour": colour or found.colour})
    if not changes:
        unchanged()
        return found
    record("customers.tag_changed", found, actor=actor, now=now, data={"name": plain, "changes": changes})
    return found


@operation("customers.manage_rules")
def archive_tag(*, tag: Tag, actor: Actor, now: datetime) -> Tag:
    """Offer the tag no more; customers keep it."""
    found = Tag.objects.select_for_update().get(pk=tag.pk)
    if found.archived_at is not None:
        unchanged()
        return found
    found.archived_at = now
    found.save(update_fields=["archived_at"])
    record("customers.tag_archived", found, actor=actor, now=now, data={"name": found.name})
    return found


def reached(customers: Iterable[Customer | int], actor: Actor, permission: str) -> list[int]:
    """Heads among these whom the actor may see and do this to, by key. Raises `TooManyAtOnce`."""
    wanted = {one.head_id if isinstance(one, Customer) else one for one in customers}
    if len(wanted) > MOST_AT_ONCE:
        raise TooManyAtOnce(limit=MOST_AT_ONCE)
    rows = Customer.objects.visible_to(actor, permission).heads().in_use().filter(pk__in=wanted)
    return list(rows.order_by("pk").values_list("pk", flat=True))


@operation("customers.tag_customers")
def tag_customers(
    *, customers: Sequence[Customer | int], tags: Sequence[Tag], actor: Actor, now: datetime
) -> int:
    """Put tags on; returns on how many customers something is new. Raises `TagArchived`, `TooManyAtOnce`."""
    for tag in tags:
        if tag.archived_at is not None:
            raise TagArchived(name=tag.name)
    heads = reached(customers, actor, "customers.tag_customers")
    rows = Tagging.objects.filter(customer__in=heads, tag__in=[tag.pk for tag in tags])
    standing = set(rows.values_list("customer_id", "tag_id"))
    fresh = [(pk, tag.pk) for pk in heads for tag in tags if (pk, tag.pk) not in standing]
    if not fresh:
        unchanged()
        return 0
    Tagging.objects.bulk_create(
        [Tagging(customer_id=pk, tag_id=tag_id, since=now) for pk, tag_id in fresh],
        ignore_conflicts=True,
        batch_size=2000,
    )
    touched = sorted({pk for pk, _tag in fresh})
    _tell("customers.customers_tagged", touched, [tag.pk for tag in tags], actor, now)
    return len(touched)


@operation("customers.tag_customers")
def untag_customers(
    *, customers: Sequence[Customer | int], tags: Sequence[Tag], actor: Actor, now: datetime
) -> int:
    """Take tags off, of everybody in the profiles; returns from how many customers."""
    heads = reached(customers, actor, "customers.tag_customers")
    rows = Tagging.objects.filter(tag__in=[tag.pk for tag in tags])
    mine = rows.filter(customer__in=Customer.objects.clusters(heads))
    touched = sorted(set(mine.values_list("customer__merged_into_id", "customer_id")), key=str)
    if not touched:
        unchanged()
        return 0
    Tagging.objects.filter(pk__in=list(mine.values_list("pk", flat=True))).delete()
    kept = sorted({merged_into or pk for merged_into, pk in touched})
    _tell("customers.customers_untagged", kept, [tag.pk for tag in tags], actor, now)
    return len(kept)


#: An event names so many customers; of larger sets it says how many.
MOST_NAMED = 200


def _tell(kind: str, heads: Sequence[int], tags: Sequence[int], actor: Actor, now: datetime) -> None:
    keys = [f"customers.customer:{pk}" for pk in heads[:MOST_NAMED]]
    record(
        kind,
        keys[0],
        also=keys[1:],
        actor=actor,
        now=now,
        data={"count": len(heads), "tags": list(tags)},
    )
