"""Safety stock, and looking through the shelves at night: what is out of bounds becomes an alert per cause, and one
task per shelf and kind for the store to work off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.events.operations import operation, record, step, unchanged
from dianke.inventory.models import Place, SafetyStock, StockAlert
from dianke.inventory.queries.alerts import expiring_batches, stocks_of
from dianke.inventory.rules.alerts import Alert, AlertKind, Bounds, alerts
from dianke.stores.models import Store
from dianke.work.models import Task
from dianke.work.operations import cancel_task, change_task, create_task

SETTINGS = "inventory.manage_settings"
DUE_HOUR = time(18)


class BoundsOutOfRange(InvalidInput):
    code = "safety_stock_out_of_range"
    message = _(
        "The minimum cannot be below zero, and the maximum not below the minimum. Correct one of them."
    )
    default_field = "minimum"


@dataclass(frozen=True, slots=True)
class Level:
    """What a place should have of a variant: at least `minimum`, filled to `maximum`; minimum None: not watched."""

    variant_id: int
    minimum: Decimal | None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LookedThrough:
    """What a look through a store brought: alerts that began, that ended, and that stand."""

    began: int
    ended: int
    open: int


@operation(SETTINGS)
def set_safety_stock(*, place: Place, levels: Sequence[Level], actor: Actor, now: datetime) -> int:
    """Set the bounds of any number of variants at a place; returns how many are watched or let go. Raises
    `BoundsOutOfRange`."""
    actor.require(SETTINGS, store_id=place.store_id)
    for level in levels:
        low, high = level.minimum, level.maximum
        if low is not None and (low < 0 or (high is not None and high < low)):
            raise BoundsOutOfRange
    dropped = [level.variant_id for level in levels if level.minimum is None]
    gone, _rows = SafetyStock.objects.filter(place=place, variant__in=dropped).delete()
    kept = [(level, level.minimum) for level in levels if level.minimum is not None]
    SafetyStock.objects.bulk_create(
        [
            SafetyStock(place=place, variant_id=level.variant_id, minimum=low, maximum=level.maximum)
            for level, low in kept
        ],
        update_conflicts=True,
        unique_fields=["variant", "place"],
        update_fields=["minimum", "maximum"],
    )
    if not kept and not gone:
        unchanged()
        return 0
    record(
        "inventory.safety_stock_set",
        place,
        actor=actor,
        now=now,
        store_id=place.store_id,
        data={"count": len(kept) + gone},
    )
    return len(kept) + gone


@operation(None)
def look_through_stock(
    *, store: Store, actor: Actor, now: datetime, bounds: Bounds | None = None
) -> LookedThrough:
    """Find what is low, near expiry, lying too long or below zero on the shelves of a store. A cause is told once: its
    alert stands until it is gone, and a task for each shelf and kind as long as somebody has to do something about new
    ones. Run by the system every night."""
    limits = bounds or Bounds()
    shelves = {
        place.pk: place
        for place in Place.objects.filter(store=store, kind=Place.Kind.STOCK, stock_place__is_active=True)
    }
    today = store.business_date(now)
    found = alerts(
        stocks_of(shelves, today=today, bounds=limits),
        expiring_batches(shelves, today=today, bounds=limits),
        today=today,
        bounds=limits,
    )
    began, ended = _write_alerts(shelves, found, now)
    for (place_id, kind), count in _open_counts(shelves).items():
        new = [alert for alert in began if (alert.place_id, alert.kind) == (place_id, kind)]
        _keep_task(shelves[place_id], kind, count, new, actor, now)
    if not began and not ended:
        unchanged()
    else:
        record(
            "inventory.alerts_raised",
            store,
            actor=actor,
            now=now,
            store_id=store.pk,
            data={"began": len(began), "ended": ended},
        )
    return LookedThrough(len(began), ended, len(found))


@step
def _write_alerts(
    shelves: Mapping[int, Place], found: Sequence[Alert], now: datetime
) -> tuple[list[StockAlert], int]:
    standing = {
        (row.kind, row.place_id, row.variant_id, row.batch_id): row
        for row in StockAlert.objects.open().filter(place__in=shelves).select_for_update().order_by("pk")
    }
    causes = {alert.cause: alert for alert in found}
    began = StockAlert.objects.bulk_create(
        [
            StockAlert(
                kind=alert.kind.value,
                place_id=alert.place,
                variant_id=alert.variant,
                batch_id=alert.batch,
                quantity=alert.quantity,
                facts=dict(alert.facts),
                began_at=now,
            )
            for cause, alert in causes.items()
            if cause not in standing
        ],
        batch_size=1000,
    )
    changed = []
    for cause, row in standing.items():
        alert = causes.get(cause)
        if alert is not None and (row.quantity, row.facts) != (alert.quantity, dict(alert.facts)):
            row.quantity, row.facts = alert.quantity, dict(alert.facts)
            changed.append(row)
    StockAlert.objects.bulk_update(changed, ["quantity", "facts"], batch_size=1000)
    gone = [row.pk for cause, row in standing.items() if cause not in causes]
    StockAlert.objects.filter(pk__in=gone).update(ended_at=now)
    return began, len(gone)


def _open_counts(shelves: Mapping[int, Place]) -> dict[tuple[int, str], int]:
    """Open alerts by shelf and kind, zeros too, so that tasks of what is settled are found."""
    counts: Counter[tuple[int, str]] = Counter(
        StockAlert.objects.open().filter(place__in=shelves).values_list("place_id", "kind")
    )
    return {(pk, kind.value): counts[pk, kind.value] for pk in shelves for kind in AlertKind}


@step
def _keep_task(
    place: Place, kind: str, count: int, began: Sequence[StockAlert], actor: Actor, now: datetime
) -> None:
    """One open task per shelf and kind: made when something new begins, its number kept right, called off when nothing
    is left. A task somebody completed stays done until something new begins."""
    prefix = f"inventory.alert:{kind}:{place.pk}:"
    task = Task.objects.open().filter(reference__startswith=prefix).first()
    system = actor.as_system()
    if task is not None and not count:
        cancel_task(task=task, actor=system, now=now)
    elif task is not None:
        change_task(task=task, values={"title": _title(place, kind, count)}, actor=system, now=now)
    elif began:
        create_task(
            title=_title(place, kind, count),
            kind="stock",
            store=place.store,
            subject=f"inventory.place:{place.pk}",
            due_at=_tonight(place, now),
            auto_assign=True,
            reference=f"{prefix}{max(alert.pk for alert in began)}",
            actor=system,
            now=now,
        )


def _title(place: Place, kind: str, count: int) -> str:
    values = {"place": place, "count": count}
    match kind:
        case AlertKind.LOW:
            return gettext("%(place)s: %(count)s products run low") % values
        case AlertKind.EXPIRING:
            return gettext("%(place)s: %(count)s batches are near their expiry") % values
        case AlertKind.SLOW:
            return gettext("%(place)s: %(count)s products lie too long") % values
    return gettext("%(place)s: %(count)s products are below zero") % values


def _tonight(place: Place, now: datetime) -> datetime:
    zone = ZoneInfo(place.store.time_zone if place.store else "Asia/Shanghai")
    return datetime.combine(now.astimezone(zone).date(), DUE_HOUR, zone)
