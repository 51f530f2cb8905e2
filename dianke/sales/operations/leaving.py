"""Goods leave the shelf for lines of an order: what goes out and what a service uses up, in one document
each, and which movement belongs to which line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from dianke.core.actor import Actor
from dianke.core.errors import DiankeError
from dianke.events.operations import step
from dianke.inventory import operations as stock
from dianke.inventory.models import Movement, Place
from dianke.inventory.operations import Out, Posted
from dianke.sales.queries.goods import Goods
from dianke.stores.models import Store


@dataclass(frozen=True, slots=True)
class Leaving:
    """So much of a line leaves now."""

    position: int
    goods: Goods
    quantity: Decimal
    piece_id: int | None = None
    batch_id: int | None = None
    place: Place | None = None
    reservation: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """What a movement took out for a line; `value` in yuan, not below zero."""

    position: int
    movement_id: int
    variant_id: int
    quantity: Decimal
    value: Decimal
    is_consumed: bool = False


@dataclass(slots=True)
class Left:
    """`refused`: position of a line -> why its goods did not leave (of sales that are accepted whatever is)."""

    issues: list[Issue] = field(default_factory=list)
    shortfalls: tuple[stock.Shortfall, ...] = ()
    refused: dict[int, str] = field(default_factory=dict)

    def cost_of(self, position: int) -> Decimal:
        return sum((each.value for each in self.issues if each.position == position), Decimal(0))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One `Out` with the line it is for."""

    position: int
    out: Out


@step
def let_go(
    *,
    store: Store,
    leaving: Sequence[Leaving],
    reference: str,
    occurred_at: datetime,
    business_date: date,
    is_accepted: bool = False,
    actor: Actor,
    now: datetime,
) -> Left:
    """Take the goods of these lines out of stock. With `is_accepted` (an offline sale that is paid) what is
    refused stays on the shelf in the books and is reported. Raises the errors of posting stock."""
    found = Left()
    for door, suffix, wanted, is_consumed in (
        (stock.issue_for_sale, "", [w for each in leaving for w in _goods_of(each)], False),
        (stock.consume, "/used", [w for each in leaving for w in _used_by(each)], True),
    ):
        if not wanted:
            continue
        usual: dict[str, Any] = {
            "store": store,
            "occurred_at": occurred_at,
            "business_date": business_date,
            "actor": actor,
            "now": now,
        }
        if not is_accepted:
            posted = door(goods=[w.out for w in wanted], reference=f"{reference}{suffix}", **usual)
            _note(found, wanted, posted, is_consumed)
            continue
        try:
            with transaction.atomic():
                posted = door(goods=[w.out for w in wanted], reference=f"{reference}{suffix}", **usual)
            _note(found, wanted, posted, is_consumed)
        except DiankeError:
            # One by one, so that only what is not there is left to be looked at.
            for number, one in enumerate(wanted, 1):
                try:
                    with transaction.atomic():
                        posted = door(goods=[one.out], reference=f"{reference}{suffix}/{number}", **usual)
                    _note(found, [one], posted, is_consumed)
                except DiankeError as error:
                    found.refused[one.position] = error.code
    return found


def _goods_of(each: Leaving) -> list[_Wanted]:
    if each.goods.kind == "BUNDLE":
        return [
            _Wanted(each.position, Out(variant_id, quantity * each.quantity, each.place))
            for variant_id, quantity in each.goods.parts
        ]
    if not each.goods.is_stocked:
        return []
    return [
        _Wanted(
            each.position,
            Out(
                each.goods.variant_id,
                each.quantity,
                each.place,
                each.batch_id,
                each.piece_id,
                each.reservation,
                in_batches=each.goods.tracking == "BATCH",
            ),
        )
    ]


def _used_by(each: Leaving) -> list[_Wanted]:
    return [
        _Wanted(each.position, Out(variant_id, quantity * each.quantity, each.place))
        for variant_id, quantity in each.goods.consumables
    ]


def _note(found: Left, wanted: Sequence[_Wanted], posted: Posted, is_consumed: bool) -> None:
    found.shortfalls += posted.shortfalls
    if len(posted.movement_ids) == len(wanted):
        sizes = [(w, w.out.quantity) for w in wanted]
    else:
        sizes = _by_batches(wanted, posted)
    for (one, quantity), movement_id, value in zip(sizes, posted.movement_ids, posted.values, strict=True):
        found.issues.append(
            Issue(one.position, movement_id, one.out.variant_id, quantity, -value, is_consumed)
        )


def _by_batches(wanted: Sequence[_Wanted], posted: Posted) -> list[tuple[_Wanted, Decimal]]:
    """Goods kept by batches leave in several movements: each line's follow one another until its quantity is
    reached."""
    moved: Mapping[int, Decimal] = dict(
        Movement.objects.filter(pk__in=posted.movement_ids).values_list("pk", "quantity")
    )
    sizes = []
    queue = iter(wanted)
    one, left = None, Decimal(0)
    for movement_id in posted.movement_ids:
        if one is None or not left:
            one = next(queue)
            left = one.out.quantity
        sizes.append((one, moved[movement_id]))
        left -= moved[movement_id]
    return sizes
