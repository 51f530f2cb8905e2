"""All rows are in: goods are made of the codes, then orders of the lines, then what was taken back finds its sale, a
few hundred at a time. Each step looks for lines that still wait, so it may be broken off after any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import connection
from django.db.models import Count, Max, Min, Q

from dianke.catalog.models import Barcode, Variant
from dianke.catalog.operations import import_writing
from dianke.catalog.operations import importing as goods
from dianke.core.actor import Actor
from dianke.core.copying import Same, update_from
from dianke.events.operations import step
from dianke.imports.models import ImportRun
from dianke.sales.models import HistoryItem, HistoryLine, Order, OrderLine
from dianke.sales.operations.bringing_in.returning import PREFIX, settle_returns
from dianke.sales.operations.history import PastLine, PastSale, bring_in_sales
from dianke.sales.rules.history.classes import APART, SOLD, Terms, terms_of
from dianke.sales.rules.history.names import Said, name_of
from dianke.stores.models import Store

ORDERS, ITEMS = 500, 2_000
_State = HistoryLine.State
_SALE = Q(kind=HistoryLine.Kind.SALE)


@dataclass(frozen=True, slots=True)
class Making:
    """What one import makes: into which channel the orders go, and whether unknown codes become goods."""

    run: ImportRun
    channel: str
    makes_goods: bool
    editions: Sequence[Terms]
    actor: Actor
    now: datetime


@step
def settle(making: Making) -> bool:
    """One step; False when nothing waits any more."""
    waiting = HistoryLine.objects.filter(run=making.run, state=_State.WAITING)
    return (
        _settle_items(making)
        or _settle_orders(making)
        or settle_returns(run=making.run, actor=making.actor, now=making.now)
        or bool(waiting.filter(kind__in=APART).update(state=_State.APART))
    )


# --- goods ---------------------------------------------------------------------------------------------------------
@step
def _settle_items(making: Making) -> bool:
    """The next codes that were sold: the goods they stand for, made where nobody knows them, by the name that holds."""
    lines = HistoryLine.objects.filter(run=making.run)
    waiting = lines.filter(kind=HistoryLine.Kind.SALE, state=_State.WAITING)
    done = HistoryItem.objects.filter(run=making.run).values("code")
    codes = list(
        waiting.exclude(code__in=done).values_list("code", flat=True).distinct().order_by("code")[:ITEMS]
    )
    if not codes:
        return False
    said: dict[str, list[Said]] = defaultdict(list)
    sold: dict[str, list[Said]] = defaultdict(list)
    firsts: dict[str, tuple[int, int]] = {}
    rows = (
        lines.filter(code__in=codes)
        .values("code", "name")
        .annotate(
            count=Count("pk"),
            last=Max("at"),
            row=Min("row"),
            store=Min("store_id"),
            sold=Count("pk", filter=_SALE),
            last_sold=Max("at", filter=_SALE),
        )
    )
    for row in rows.order_by("code", "-count", "name"):
        said[row["code"]].append(Said(row["name"], row["count"], row["last"]))
        if row["sold"]:
            sold[row["code"]].append(Said(row["name"], row["sold"], row["last_sold"]))
        first = firsts.get(row["code"], (row["row"], row["store"]))
        firsts[row["code"]] = min(first, (row["row"], row["store"]))
    items = [_item(making, code, said[code], sold[code], firsts[code][1]) for code in codes]
    _find_goods(items)
    if making.makes_goods:
        _make_goods(making, [(firsts[item.code][0], item) for item in items if item.variant_id is None])
    HistoryItem.objects.bulk_create(items, batch_size=1_000)
    return True


def _item(
    making: Making, code: str, said: Sequence[Said], sold: Sequence[Said], store_id: int
) -> HistoryItem:
    """The name is chosen among those it was sold by: a return says again what the sale said."""
    latest = max(each.last for each in sold)
    chosen = name_of(code, sold, terms_of(latest.date(), making.editions))
    listed = sorted(said, key=lambda each: (each.name != chosen.name, -each.count, each.name))
    return HistoryItem(
        run=making.run,
        store_id=store_id,
        code=code,
        name=chosen.name,
        why=chosen.why,
        names=[[each.name, each.count, each.last.date().isoformat()] for each in listed],
        name_count=len({each.name for each in said if each.name}),
        line_count=sum(each.count for each in said),
    )


def _find_goods(items: Sequence[HistoryItem]) -> None:
    """Goods that are here under the code or barcode keep their own name. Two queries."""
    codes = [item.code for item in items]
    known = {
        code.upper(): (pk, name)
        for code, pk, name in Barcode.objects.filter(value__in=codes).values_list(
            "value", "variant_id", "variant__product__name"
        )
    }
    known |= {
        code.upper(): (pk, name)
        for code, pk, name in Variant.objects.filter(code__in=codes).values_list(
            "code", "pk", "product__name"
        )
    }
    for item in items:
        if item.code in known:
            item.variant_id, item.name = known[item.code]
            item.why = HistoryItem.Why.KNOWN


@step
def _make_goods(making: Making, wanted: Sequence[tuple[int, HistoryItem]]) -> None:
    settings = goods.Settings(run_id=making.run.pk, now=making.now, may_update=False, may_price=False)
    drafts = goods.read([(row, {"sku": item.code, "name": item.name}) for row, item in wanted], settings)
    import_writing.take_in(drafts, settings)
    for draft, (_row, item) in zip(drafts, wanted, strict=True):
        item.variant_id = draft.variant.pk if draft.variant else None


# --- orders --------------------------------------------------------------------------------------------------------
@step
def _settle_orders(making: Making) -> bool:
    """The next orders of one store, the oldest first: the lines of one number and one buyer, wherever in the file."""
    lines = HistoryLine.objects.filter(run=making.run, state=_State.WAITING, kind__in=SOLD)
    first = lines.order_by("store_id").values_list("store_id", flat=True).first()
    if first is None:
        return False
    store = Store.objects.select_related("legal_entity").get(pk=first)
    lines = lines.filter(store=store)
    names = list(
        lines.values_list("number", "who").annotate(at=Min("at")).order_by("at", "number", "who")[:ORDERS]
    )
    wanted = {(number, who): place for place, (number, who, _at) in enumerate(names)}
    groups: list[list[HistoryLine]] = [[] for _name in names]
    for line in lines.filter(number__in={number for number, _who in wanted}).order_by("row"):
        place = wanted.get((line.number, line.who))
        if place is not None:
            groups[place].append(line)
    own = _own_numbers(store, [number for number, _who, _at in names])
    variants = _variants(making.run, {line.code for group in groups for line in group})
    sales = [_sale(making, store, group, number, variants) for group, number in zip(groups, own, strict=True)]
    bring_in_sales(store=store, sales=sales, actor=making.actor, now=making.now)
    _link(groups, [sale.uuid for sale in sales])
    return True


def _own_numbers(store: Store, numbers: Sequence[str]) -> list[str]:
    """The numbers there with ours before them; the second buyer of a number gets a 2. One query."""
    prefix = f"{PREFIX}-{store.code}-"
    wanted = [f"{prefix}{number}"[:36] for number in numbers]
    every = {f"{number}{tail}" for number in wanted for tail in ("", *(f"-{n}" for n in range(2, 10)))}
    taken = set(Order.objects.filter(number__in=every).values_list("number", flat=True))
    found = []
    for number in wanted:
        free = next(
            tried for tried in (number, *(f"{number}-{n}" for n in range(2, 1_000))) if tried not in taken
        )
        taken.add(free)
        found.append(free)
    return found


def _variants(run: ImportRun, codes: set[str]) -> dict[str, int]:
    rows = HistoryItem.objects.filter(run=run, code__in=codes).exclude(variant=None)
    return dict(rows.values_list("code", "variant_id"))


def _sale(
    making: Making, store: Store, group: Sequence[HistoryLine], number: str, variants: Mapping[str, int]
) -> PastSale:
    first = group[0]
    paid = sum(line.amount for line in group)
    return PastSale(
        uuid5(making.run.uuid, f"{store.pk}/{first.number}/{first.who}"),
        min(line.at for line in group),
        tuple(_line(line, variants) for line in group),
        ((first.tender, paid),) if paid else (),
        next((line.customer_id for line in group if line.customer_id is not None), None),
        channel=making.channel,
        number=first.number,
        seller_id=next((line.seller_id for line in group if line.seller_id is not None), None),
        own_number=number,
    )


def _line(line: HistoryLine, variants: Mapping[str, int]) -> PastLine:
    off = int(line.discount.scaleb(2).to_integral_value()) if line.discount else 0
    is_goods = line.kind == HistoryLine.Kind.SALE
    return PastLine(
        line.name or line.code,
        line.quantity,
        line.amount + off,
        line.amount,
        variants.get(line.code) if is_goods else None,
        OrderLine.Kind.GOODS.value if is_goods else OrderLine.Kind.FEE.value,
    )


@step
def _link(groups: Sequence[Sequence[HistoryLine]], uuids: Sequence[UUID]) -> None:
    """Each line knows the line of the order that was made of it."""
    made: dict[tuple[Any, int], tuple[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.uuid, l.position, l.order_id, l.id FROM sales_order AS o"
            " JOIN sales_orderline AS l ON l.order_id = o.id WHERE o.uuid = ANY(%s)",
            [list(uuids)],
        )
        for uuid, position, order_id, line_id in cursor.fetchall():
            made[uuid, position] = (order_id, line_id)
    pairs = [
        (line.pk, *made[uuid, position])
        for group, uuid in zip(groups, uuids, strict=True)
        for position, line in enumerate(group, 1)
    ]
    update_from(
        HistoryLine._meta.db_table,
        len(pairs),
        {
            "id": [pk for pk, _order, _line in pairs],
            "order_id": [order_id for _pk, order_id, _line in pairs],
            "line_id": [line_id for _pk, _order, line_id in pairs],
            "state": Same(_State.IN_ORDER.value),
        },
    )
