"""What somebody should look at: goods running low, near their expiry, lying too long, or below zero; and which store
could help another out.

Everything is decided from what is handed in: what is on hand, promised and under way, how fast it sells, and the
bounds the merchant has set. Each alert and each suggestion carries its reasons as values, worded where it is shown.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_FLOOR, ROUND_UP, Decimal

ZERO = Decimal(0)


class AlertKind(enum.StrEnum):
    LOW = "LOW"
    EXPIRING = "EXPIRING"
    SLOW = "SLOW"
    NEGATIVE = "NEGATIVE"


@dataclass(frozen=True, slots=True)
class Stock:
    """A variant at a place. `quantity` on hand, `reserved` of it promised, `incoming` under way to it; `minimum` and
    `maximum` as set (None: not watched); `daily` sold per day lately; `moved_on` the last day any went out (None:
    never), `since` the day the first came in."""

    place: int
    variant: int
    quantity: Decimal
    reserved: Decimal = ZERO
    incoming: Decimal = ZERO
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    daily: Decimal = ZERO
    moved_on: date | None = None
    since: date | None = None

    @property
    def free(self) -> Decimal:
        """What may still be promised."""
        return self.quantity - self.reserved

    @property
    def cover_days(self) -> Decimal | None:
        """For how many days what is free lasts; None when nothing sells."""
        return None if not self.daily else max(self.free, ZERO) / self.daily


@dataclass(frozen=True, slots=True)
class BatchStock:
    """So much of a batch at a place, good until the end of `expires_on`."""

    place: int
    variant: int
    batch: int
    quantity: Decimal
    expires_on: date


@dataclass(frozen=True, slots=True)
class Bounds:
    """When goods are near their expiry, and when they lie too long."""

    expiry_days: int = 30
    slow_days: int = 90


@dataclass(frozen=True, slots=True)
class Alert:
    """`quantity` is what the alert is about: what is missing (LOW), what expires, what lies, what is below zero.
    `facts` are the values of its sentence. Place, kind, variant and batch together are the cause."""

    kind: AlertKind
    place: int
    variant: int
    quantity: Decimal
    batch: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def cause(self) -> tuple[str, int, int, int | None]:
        return self.kind.value, self.place, self.variant, self.batch


def alerts(
    stocks: Iterable[Stock], batches: Iterable[BatchStock], *, today: date, bounds: Bounds
) -> list[Alert]:
    """All of them, each cause once: the worst first within each kind."""
    found: list[Alert] = []
    for stock in stocks:
        found += _of_stock(stock, today, bounds)
    for batch in batches:
        left = (batch.expires_on - today).days
        if batch.quantity > 0 and left <= bounds.expiry_days:
            facts = {"expires_on": batch.expires_on.isoformat(), "days": str(left)}
            found.append(
                Alert(AlertKind.EXPIRING, batch.place, batch.variant, batch.quantity, batch.batch, facts)
            )
    return sorted(found, key=lambda one: (one.kind.value, -one.quantity, *one.cause[1:3], one.batch or 0))


def _of_stock(stock: Stock, today: date, bounds: Bounds) -> Iterable[Alert]:
    if stock.quantity < 0:
        yield Alert(AlertKind.NEGATIVE, stock.place, stock.variant, -stock.quantity)
    there = stock.free + stock.incoming
    if stock.minimum is not None and there < stock.minimum:
        facts = {"free": str(stock.free), "incoming": str(stock.incoming), "minimum": str(stock.minimum)}
        yield Alert(AlertKind.LOW, stock.place, stock.variant, stock.minimum - there, facts=facts)
    last = stock.moved_on or stock.since
    if stock.quantity > 0 and last is not None and (today - last).days >= bounds.slow_days:
        facts = {"days": str((today - last).days)}
        yield Alert(AlertKind.SLOW, stock.place, stock.variant, stock.quantity, facts=facts)


# --- one store helps another ---------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Site:
    """Where a place is: the nearer two are in this order, the likelier one helps the other."""

    place: int
    store: int
    legal_entity: int
    region: int | None = None


class Nearness(enum.StrEnum):
    SAME_STORE = "SAME_STORE"
    SAME_REGION = "SAME_REGION"
    SAME_ENTITY = "SAME_ENTITY"
    OTHER_ENTITY = "OTHER_ENTITY"


#: The nearest first. Another entity comes last: the goods are sold there, not only moved.
_ORDER = {nearness: number for number, nearness in enumerate(Nearness)}


def nearness(one: Site, other: Site) -> Nearness:
    if one.legal_entity != other.legal_entity:
        return Nearness.OTHER_ENTITY
    if one.store == other.store:
        return Nearness.SAME_STORE
    if one.region is not None and one.region == other.region:
        return Nearness.SAME_REGION
    return Nearness.SAME_ENTITY


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Send `quantity` from one place to another. `needed` is what is missing there before anything comes, `spare` what
    the sender could give, the covers how many days either lasts now (None: nothing sells there)."""

    variant: int
    from_place: int
    to_place: int
    quantity: Decimal
    needed: Decimal
    spare: Decimal
    nearness: Nearness
    cover_there: Decimal | None
    cover_here: Decimal | None


@dataclass(frozen=True, slots=True)
class Keeping:
    """How much a place keeps for itself: its minimum, or what it sells in `keep_days`, whichever is more. A place in
    need is filled to its maximum, or else to what it sells in `fill_days`, but at least to its minimum. Less than
    `least` is not worth a transfer."""

    keep_days: int = 30
    fill_days: int = 14
    least: Decimal = Decimal(1)


def floor_of(stock: Stock, keeping: Keeping) -> Decimal:
    """What a place keeps before it gives anything away."""
    return max(stock.minimum or ZERO, _up(stock.daily * keeping.keep_days))


def target_of(stock: Stock, keeping: Keeping) -> Decimal:
    """What a place in need is filled to."""
    if stock.maximum is not None:
        return stock.maximum
    return max(stock.minimum or ZERO, _up(stock.daily * keeping.fill_days))


def suggest_transfers(
    stocks: Sequence[Stock], sites: Mapping[int, Site], *, keeping: Keeping
) -> list[Suggestion]:
    """Who could send what to whom, for any number of variants; whole units only.

    In need is what has less than its minimum, free and under way together; the one that lasts shortest is served
    first, from the nearest place that has more than it keeps, of equally near ones from the one with most to spare.
    No sender goes below its floor, nobody is filled beyond the target.
    """
    by_variant: dict[int, list[Stock]] = defaultdict(list)
    for stock in stocks:
        by_variant[stock.variant].append(stock)
    found: list[Suggestion] = []
    for _variant, rows in sorted(by_variant.items()):
        found += _suggest_for_one(rows, sites, keeping)
    return found


def _suggest_for_one(rows: Sequence[Stock], sites: Mapping[int, Site], keeping: Keeping) -> list[Suggestion]:
    needs = [row for row in rows if row.minimum is not None and row.free + row.incoming < row.minimum]
    needs.sort(key=lambda row: (row.cover_days or ZERO, row.free - (row.minimum or ZERO), row.place))
    needy = {row.place for row in needs}
    spare = {
        row.place: max(_down(row.free - floor_of(row, keeping)), ZERO)
        for row in rows
        if row.place not in needy
    }
    covers = {row.place: row.cover_days for row in rows}
    found: list[Suggestion] = []
    for need in needs:
        wanted = _down(target_of(need, keeping) - need.free - need.incoming)
        missing = wanted
        near = sorted(
            (place for place in spare if spare[place] >= keeping.least),
            key=lambda place: (
                _ORDER[nearness(sites[place], sites[need.place])],
                -spare[place],
                place,
            ),
        )
        for place in near:
            quantity = min(spare[place], missing)
            if quantity < keeping.least:
                break
            found.append(
                Suggestion(
                    need.variant,
                    place,
                    need.place,
                    quantity,
                    wanted,
                    spare[place],
                    nearness(sites[place], sites[need.place]),
                    covers[need.place],
                    covers[place],
                )
            )
            spare[place] -= quantity
            missing -= quantity
    return found


def _down(quantity: Decimal) -> Decimal:
    return quantity.to_integral_value(ROUND_FLOOR)


def _up(quantity: Decimal) -> Decimal:
    return quantity.to_integral_value(ROUND_UP)
