"""What a service uses up: the standard of the catalogue or what was really taken, open bottles first. It costs when
it is used, whenever the service was sold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Consumable, Variant
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.events.operations import operation, record, step, unchanged
from dianke.inventory.models import Balance, Document, OpenedUnit, OpenLife, Place
from dianke.inventory.operations.places import places_of
from dianke.inventory.operations.posting import Kind, Line, Posted, post_document
from dianke.inventory.rules.consuming import Bottle, Closed, Drawn, Use, compare, draw
from dianke.stores.models import Store

ZERO = Decimal(0)
USE = "inventory.adjust_stock"


class UseOutOfRange(InvalidInput):
    code = "use_out_of_range"
    message = _(
        "A service uses nothing or something, and is performed at least once. Correct the quantities."
    )
    default_field = "quantity"


@dataclass(frozen=True, slots=True)
class Used:
    """What was posted, and each use against its standard."""

    posted: Posted | None
    uses: tuple[Use, ...]


def standard_of(service: Variant) -> dict[int, Decimal]:
    """What one performance uses by the catalogue: variant -> quantity in its unit."""
    rows = Consumable.objects.filter(service=service)
    return dict(rows.values_list("variant_id", "quantity"))


@step
def use_for_service(
    *,
    store: Store,
    service: Variant,
    reference: str,
    performed_at: datetime,
    actor: Actor,
    now: datetime,
    times: Decimal = Decimal(1),
    actual: Mapping[int, Decimal] | None = None,
    place: Place | None = None,
) -> Used:
    """Take what a service used out of the stock of a store, as part of recording that it was performed. `actual` by
    variant replaces the standard. A second call under the same reference changes nothing. Raises `UseOutOfRange` and
    the errors of posting."""
    try:
        uses = compare(standard_of(service), actual or {}, times=times)
    except ValueError as error:
        raise UseOutOfRange from error
    if Document.objects.filter(reference=reference).exists() or not any(use.actual for use in uses):
        return Used(None, tuple(uses))
    shelf = place or places_of(store=store).main
    lines: list[Line] = []
    for use in uses:
        lines += _draw(shelf, use, store, performed_at)
    posted = post_document(
        kind=Kind.CONSUMPTION,
        reference=reference,
        lines=lines,
        store=store,
        occurred_at=performed_at,
        business_date=store.business_date(performed_at),
        actor=actor,
        now=now,
    )
    return Used(posted, tuple(uses))


@operation(USE)
def use_up(
    *,
    store: Store,
    service: Variant,
    reference: str,
    times: Decimal = Decimal(1),
    actual: Mapping[int, Decimal] | None = None,
    place: Place | None = None,
    actor: Actor,
    now: datetime,
) -> Used:
    """The same by hand, for a service that was recorded elsewhere. Raises as `use_for_service`."""
    actor.require(USE, store_id=store.pk)
    used = use_for_service(
        store=store,
        service=service,
        reference=reference,
        performed_at=now,
        actor=actor,
        now=now,
        times=times,
        actual=actual,
        place=place,
    )
    if used.posted is None:
        unchanged()
        return used
    record(
        "inventory.goods_used_up",
        f"inventory.document:{used.posted.document_id}",
        also=[service],
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"lines": len(used.uses), "unusual": sum(use.is_unusual for use in used.uses)},
    )
    return used


@step
def _draw(shelf: Place, use: Use, store: Store, at: datetime) -> list[Line]:
    """The lines of one use, and the bottles as they stand then. The bottles are locked here, the balances later."""
    rows = list(
        OpenedUnit.objects.select_for_update().filter(place=shelf, variant=use.variant, ended_at=None)
    )
    by_key = {row.pk: row for row in rows}
    bottles = [Bottle(row.pk, row.batch_id, row.opened_at, row.left, row.use_by) for row in rows]
    life = OpenLife.objects.filter(variant=use.variant).values_list("days", flat=True).first()
    drawn = draw(
        use.actual,
        bottles=bottles,
        closed=_closed(shelf, use.variant, rows),
        at=at,
        today=store.business_date(at),
        open_days=life,
    )
    _write_bottles(shelf, use.variant, drawn, by_key, at)
    outside = places_of(store=store).outside
    taken = dict(drawn.by_batch())
    if drawn.short:
        # More than is known to be there: the policy of the place decides whether that may be.
        batch = next(iter(taken), None)
        taken[batch] = taken.get(batch, ZERO) + drawn.short
    poured: dict[int | None, Decimal] = {}
    for each in drawn.poured_away:
        poured[each.batch] = poured.get(each.batch, ZERO) + each.quantity
    return [
        Line(use.variant, shelf, outside[kind], quantity, batch, reason=reason)
        for kind, parts, reason in (
            (Place.Kind.CONSUMED, taken, use.reason.value),
            (Place.Kind.SCRAP, poured, "POURED_AWAY"),
        )
        for batch, quantity in parts.items()
        if quantity
    ]


def _closed(shelf: Place, variant_id: int, opened: Sequence[OpenedUnit]) -> list[Closed]:
    """What stands unopened: the balance of each batch less what is left in its open bottles."""
    open_of: dict[int | None, Decimal] = {}
    for row in opened:
        open_of[row.batch_id] = open_of.get(row.batch_id, ZERO) + row.left
    balances = Balance.objects.filter(place=shelf, variant=variant_id, quantity__gt=0)
    rows = balances.values_list("batch_id", "quantity", "batch__expires_on")
    return [
        Closed(batch, max(quantity - open_of.get(batch, ZERO), ZERO), expires_on)
        for batch, quantity, expires_on in rows
    ]


@step
def _write_bottles(
    shelf: Place, variant_id: int, drawn: Drawn, rows: Mapping[int, OpenedUnit], at: datetime
) -> None:
    standing = {bottle.key: bottle for bottle in drawn.open}
    changed = []
    for key, row in rows.items():
        left = standing[key].left if key in standing else ZERO
        if left != row.left:
            row.left, row.ended_at = left, None if left else at
            changed.append(row)
    OpenedUnit.objects.bulk_update(changed, ["left", "ended_at"])
    OpenedUnit.objects.bulk_create(
        [
            OpenedUnit(
                place=shelf,
                variant_id=variant_id,
                batch_id=bottle.batch,
                left=bottle.left,
                opened_at=at,
                use_by=bottle.use_by,
            )
            for key, bottle in sorted(standing.items(), reverse=True)
            if key < 0
        ]
    )
