"""Opening stock out of files, written: one document per store and batch of rows, taken back line by line as long as
nothing of a line was used. What the rows mean is read in opening_import.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.events.operations import step
from dianke.inventory.models import Anchor, Balance, CostState, Document, Movement, Place
from dianke.inventory.operations.opening_import import OpeningDraft
from dianke.inventory.operations.places import places_of
from dianke.inventory.operations.posting import Kind, Line, post_document
from dianke.inventory.operations.reversing import reverse
from dianke.inventory.operations.stocking import incoming

ZERO = Decimal(0)


def reference_of(run_id: int) -> str:
    """How references of the documents of a run begin."""
    return f"inventory.opening-import:{run_id}:"


@step
def take_in(
    drafts: Sequence[OpeningDraft],
    *,
    run_id: int,
    business_date: date,
    actor: Actor,
    now: datetime,
    note: str,
) -> None:
    """Post the good drafts, one document for each store. Raises the errors of posting."""
    by_store: dict[int, list[OpeningDraft]] = {}
    for draft in drafts:
        if draft.problem is None and not draft.is_same and draft.store is not None:
            by_store.setdefault(draft.store.pk, []).append(draft)
    if len(by_store) > 1:
        _lock_ahead([draft for found in by_store.values() for draft in found])
    for _pk, found in sorted(by_store.items()):
        store = found[0].store
        if store is None:
            continue
        places = places_of(store=store)
        goods = [draft.goods for draft in found if draft.goods is not None]
        posted = post_document(
            kind=Kind.OPENING,
            reference=f"{reference_of(run_id)}{store.pk}:{found[0].number}",
            lines=incoming(goods=goods, outside=places.outside[Place.Kind.OPENING], places=places),
            store=store,
            occurred_at=now,
            business_date=business_date,
            actor=actor,
            now=now,
            note=note,
        )
        for draft in found:
            draft.document_id = posted.document_id


def _lock_ahead(drafts: Sequence[OpeningDraft]) -> None:
    """The documents of several stores are posted one after the other: all their balances are locked first and then all
    their cost states, in the order of every posting, so that no two can wait for each other."""
    variant_ids = {draft.goods.variant_id for draft in drafts if draft.goods}
    place_ids = {draft.goods.place.pk for draft in drafts if draft.goods and draft.goods.place}
    entity_ids = {draft.store.legal_entity_id for draft in drafts if draft.store}
    balances = Balance.objects.filter(place__in=place_ids, variant__in=variant_ids)
    list(balances.select_for_update().order_by("place_id", "variant_id", "batch_id").values_list("pk"))
    states = CostState.objects.filter(legal_entity__in=entity_ids, variant__in=variant_ids)
    list(
        states.select_for_update()
        .order_by("legal_entity_id", "variant_id")
        .values_list("legal_entity_id", "variant_id")
    )


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Rows taken back, rows that stay because something of them was used since, where to go on (None: at the end)."""

    removed: int
    kept: int
    next_id: int | None


@step
def take_back(*, run_id: int, after_id: int, actor: Actor, now: datetime) -> TakenBack:
    """Take back the next document of the run: as a whole where nothing of it was used, else the lines that were not. A
    line was used when any of its goods left the shelf, were counted or are promised. A part leaves at the average of
    the day, the whole for what it was entered for. Raises the errors of posting."""
    mine = Document.objects.filter(
        kind=Kind.OPENING, reference__startswith=reference_of(run_id), reverses=None, pk__gt=after_id
    )
    document = mine.select_related("store").order_by("pk").first()
    if document is None:
        return TakenBack(0, 0, None)
    lines = list(
        Movement.objects.filter(document=document, from_place__kind=Place.Kind.OPENING)
        .filter(~Exists(Movement.objects.filter(origin=OuterRef("pk"))))
        .select_related("from_place", "to_place")
        .order_by("line")
    )
    used = _used(document, lines)
    free = [line for line in lines if line.pk not in used]
    reference = f"inventory.opening-import-undo:{run_id}:{document.pk}"
    day, note = document.store.business_date(now), str(_("Import taken back"))
    if free and len(free) == document.movements.count():
        reverse(document=document, reference=reference, business_date=day, actor=actor, now=now, note=note)
    elif free:
        post_document(
            kind=Kind.OPENING,
            reference=reference,
            lines=[
                Line(
                    line.variant_id,
                    line.to_place,
                    line.from_place,
                    line.quantity,
                    line.batch_id,
                    line.piece_id,
                    origin_id=line.pk,
                )
                for line in free
            ],
            store=document.store,
            occurred_at=now,
            business_date=day,
            actor=actor,
            now=now,
            note=note,
        )
    return TakenBack(len(free), len(lines) - len(free), document.pk)


def _used(document: Document, lines: Sequence[Movement]) -> set[int]:
    """Lines some of whose goods left, were counted, or are promised since."""
    left = (
        Movement.objects.filter(
            variant=OuterRef("variant"), from_place=OuterRef("to_place"), pk__gt=OuterRef("pk")
        )
        .filter(Q(batch=OuterRef("batch")) | Q(batch=None))
        .filter(Q(piece=OuterRef("piece")) | Q(piece=None))
    )
    counted = Anchor.objects.filter(
        variant=OuterRef("variant"), place=OuterRef("to_place"), at__gte=document.occurred_at
    )
    found = set(
        Movement.objects.filter(pk__in=[line.pk for line in lines])
        .filter(Exists(left) | Exists(counted))
        .values_list("pk", flat=True)
    )
    balances = {
        (row.place_id, row.variant_id, row.batch_id): row.quantity - row.reserved
        for row in Balance.objects.filter(
            place__in={line.to_place_id for line in lines}, variant__in={line.variant_id for line in lines}
        )
    }
    for line in lines:
        key = (line.to_place_id, line.variant_id, line.batch_id)
        if balances.get(key, ZERO) < line.quantity:
            found.add(line.pk)
        elif line.pk not in found:
            balances[key] -= line.quantity
    return found
