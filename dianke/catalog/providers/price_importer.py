"""Prices of a list out of files: the fields and questions of `dianke/imports` for price lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import PriceList
from dianke.catalog.operations.price_import import Cells, Draft, Fate, read, take_in, undo_rows
from dianke.catalog.operations.price_lists import MANAGE, check_reach, lock_price_list
from dianke.core.actor import Actor
from dianke.core.errors import DiankeError, InvalidInput
from dianke.imports.importers import (
    Context,
    Importer,
    Kind,
    Option,
    Outcome,
    OutcomeKind,
    Row,
    RowCheck,
    RowProblem,
    Target,
    UndoCount,
    register,
)

_FATES = {
    Fate.NEW: OutcomeKind.CREATED,
    Fate.CHANGED: OutcomeKind.UPDATED,
    Fate.SAME: OutcomeKind.UNCHANGED,
    Fate.ERROR: OutcomeKind.ERROR,
}


class PriceListNotChosen(InvalidInput):
    code = "price_list_not_chosen"
    message = _("Choose the price list these prices belong to.")


class PriceImporter(Importer):
    """Rows set prices of variants in one price list, which is chosen for the whole file."""

    code = "prices"
    label = _("Price list")
    permission = MANAGE
    hint = _("Prices of goods that are here already, by SKU or barcode.")
    icon = "tags"
    options: ClassVar = (
        Option(
            "list",
            _("Price list"),
            _("The prices are set in this list; its other prices stay."),
            choices=lambda actor: [(str(one.pk), one.name) for one in lists_of(actor)],
            is_required=True,
        ),
    )

    def targets(self, actor: Actor) -> Sequence[Target]:
        """The goods by one of two codes, the price, and from which quantity it counts."""
        return _TARGETS

    def check(self, rows: Sequence[Row], context: Context) -> Sequence[RowCheck]:
        """What `apply` would make of each row."""
        try:
            price_list = _chosen(context)
        except DiankeError as error:
            return [RowCheck(OutcomeKind.ERROR, _problem(error))] * len(rows)
        drafts = read(_cells(rows), price_list, run_id=context.run.pk)
        return [RowCheck(_FATES[draft.fate], _problems(draft)) for draft in drafts]

    def apply(self, rows: Sequence[Row], context: Context) -> Sequence[Outcome]:
        """Write one batch."""
        try:
            price_list = lock_price_list(_chosen(context), context.actor)
        except DiankeError as error:
            return [Outcome(OutcomeKind.ERROR, problems=_problem(error))] * len(rows)
        drafts = read(_cells(rows), price_list, run_id=context.run.pk)
        take_in(drafts, price_list, run_id=context.run.pk)
        return [
            Outcome(_FATES[draft.fate], str(draft.price.variant_id) if draft.price else "", _problems(draft))
            for draft in drafts
        ]

    def undo(self, context: Context, cursor: str, limit: int) -> UndoCount:
        """Take back the next prices of the run."""
        done = undo_rows(run_id=context.run.pk, limit=limit)
        return UndoCount(
            done.removed, done.restored, done.kept, "" if done.next_id is None else str(done.next_id)
        )


def lists_of(actor: Actor) -> list[PriceList]:
    """The lists whose prices the actor may set, by code."""
    found = PriceList.objects.visible_to(actor, MANAGE).exclude(state=PriceList.State.ARCHIVED)
    led = actor.stores_for(MANAGE)
    if led is None:
        return list(found)
    stores = {one.pk: {store.pk for store in one.stores.all()} for one in found.prefetch_related("stores")}
    return [one for one in found if stores[one.pk] and stores[one.pk] <= led]


def _chosen(context: Context) -> PriceList:
    named = context.options.get("list", "")
    found = PriceList.objects.filter(pk=int(named)).first() if named.isdecimal() else None
    if found is None:
        raise PriceListNotChosen
    check_reach(context.actor, list(found.stores.values_list("pk", flat=True)))
    return found


def _cells(rows: Sequence[Row]) -> list[Cells]:
    names = ("code", "barcode", "price", "min_quantity")
    return [Cells(row.number, **{name: row.get(name, "") for name in names}) for row in rows]


def _problems(draft: Draft) -> tuple[RowProblem, ...]:
    return () if draft.problem is None else _problem(draft.problem)


def _problem(error: DiankeError) -> tuple[RowProblem, ...]:
    return (RowProblem(error.code, str(error), error.field or ""),)


_TARGETS: tuple[Target, ...] = (
    Target(
        "code",
        _("SKU"),
        ("sku", "商品编码", "货号", "规格编码", "商品货号", "编码", "item code", "variant code"),
        kind=Kind.CODE,
        example="TS-RED-L",
    ),
    Target(
        "barcode",
        _("Barcode"),
        ("条码", "条形码", "商品条码", "国际条码", "ean", "upc", "gtin"),
        kind=Kind.CODE,
        example="6901234567892",
    ),
    Target(
        "price",
        _("Price"),
        ("价格", "售价", "单价", "销售价", "会员价", "活动价", "含税单价", "unit price", "sale price"),
        is_required=True,
        example="128.00",
    ),
    Target(
        "min_quantity",
        _("From quantity"),
        ("起订量", "起售数量", "最小数量", "数量起", "min quantity", "quantity"),
        hint=_("Empty: from the first one on."),
        example="10",
    ),
)


def register_price_importer() -> None:
    """Called once, when the app is ready."""
    register(PriceImporter())
