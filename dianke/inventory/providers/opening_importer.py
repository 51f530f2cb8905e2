"""Opening stock out of files: the fields and questions of the room `imports` for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import DiankeError
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
from dianke.imports.models import ImportRun
from dianke.inventory.operations.opening_import import ADJUST, OpeningDraft, read
from dianke.inventory.operations.opening_posting import take_back, take_in
from dianke.inventory.queries.stores import stores_of
from dianke.inventory.rules.opening_rows import day_of
from dianke.stores.queries import local_date

_TARGETS = (
    Target(
        "code",
        _("SKU or barcode"),
        ("商品编码", "货号", "条码", "条形码", "规格编码", "SKU编码", "sku", "barcode", "item code"),
        kind=Kind.CODE,
        example="A1001",
    ),
    Target(
        "store",
        _("Store"),
        ("门店", "店铺", "店名", "门店编码", "store", "shop", "location"),
        example="西湖",
    ),
    Target(
        "place",
        _("Place in the store"),
        ("仓位", "货位", "仓库", "库位", "warehouse", "shelf"),
        hint=_("Empty: the first one of the store."),
        example="仓库",
    ),
    Target(
        "quantity",
        _("Quantity"),
        ("数量", "库存", "库存数量", "期初数量", "期初库存", "qty", "quantity", "stock"),
        hint=_("Only single pieces may leave it empty: each is one."),
        example="12",
    ),
    Target(
        "unit_cost",
        _("Unit cost"),
        ("成本", "成本价", "单位成本", "进价", "期初成本", "cost", "unit cost"),
        hint=_("In yuan. Empty: at the average that is known."),
        example="58.00",
    ),
    Target(
        "batch", _("Batch"), ("批号", "批次", "生产批号", "batch", "lot"), kind=Kind.CODE, example="B2611"
    ),
    Target(
        "expires_on",
        _("Expires on"),
        ("有效期", "到期日", "有效期至", "失效日期", "expiry", "expires"),
        kind=Kind.DATE,
        example="2027-12-31",
    ),
    Target(
        "tag",
        _("Tag of the piece"),
        ("条签", "件号", "标签", "标签号", "单件码", "tag", "serial"),
        kind=Kind.CODE,
        example="R0001",
    ),
)


class OpeningStockImporter(Importer):
    """Each row is so much of an item on a shelf, at what it cost; a shelf is opened once for each item."""

    code = "opening_stock"
    label = _("Opening stock")
    permission = ADJUST
    hint = _(
        "What lies on the shelves when a store begins, by SKU, barcode or tag. The goods must be entered first."
    )
    icon = "stack"
    batch_size = 1_000
    options: ClassVar = (
        Option(
            "store",
            _("Store"),
            _("For rows that name none."),
            choices=lambda actor: [(str(store.pk), store.short_name) for store in stores_of(actor, ADJUST)],
        ),
        Option(
            "day", _("Business date"), _("The day the stock is entered for; empty: today. Like 2026-11-22.")
        ),
    )

    def targets(self, actor: Actor) -> Sequence[Target]:
        """All fields; the cost for who may see what goods cost."""
        if actor.can("catalog.view_costs"):
            return _TARGETS
        return [target for target in _TARGETS if target.code != "unit_cost"]

    def check(self, rows: Sequence[Row], context: Context) -> Sequence[RowCheck]:
        """What `apply` would make of each row."""
        try:
            drafts = _read(rows, context)
        except DiankeError as error:
            return [RowCheck(OutcomeKind.ERROR, (RowProblem(error.code, str(error)),))] * len(rows)
        return [RowCheck(_fate(draft), _problems(draft)) for draft in drafts]

    def apply(self, rows: Sequence[Row], context: Context) -> Sequence[Outcome]:
        """Write one batch. What posting itself refuses (goods sold meanwhile, a lock just set) refuses the batch."""
        try:
            drafts = _read(rows, context)
            with transaction.atomic():
                take_in(
                    drafts,
                    run_id=context.run.pk,
                    business_date=_day(context),
                    actor=context.actor,
                    now=context.now,
                    note=gettext("Imported from a file"),
                )
        except DiankeError as error:
            problem = (RowProblem(error.code, str(error)),)
            return [Outcome(OutcomeKind.ERROR, problems=problem)] * len(rows)
        return [Outcome(_fate(draft), str(draft.document_id or ""), _problems(draft)) for draft in drafts]

    def undo(self, context: Context, cursor: str, limit: int) -> UndoCount:
        """Take back the next document of the run, whatever its length: it is one posting."""
        done = take_back(
            run_id=context.run.pk,
            after_id=int(cursor or 0),
            actor=context.actor.as_system(),
            now=context.now,
        )
        return UndoCount(done.removed, 0, done.kept, "" if done.next_id is None else str(done.next_id))

    def result_url(self, run: ImportRun) -> str:
        """The documents of opening stock: their lines tell what was taken back and what stayed."""
        return f"{reverse('inventory:documents')}?kind=OPENING"


def _read(rows: Sequence[Row], context: Context) -> list[OpeningDraft]:
    chosen = context.options.get("store", "")
    return read(
        rows,
        [row.number for row in rows],
        store_id=int(chosen) if chosen.isdecimal() else None,
        business_date=_day(context),
        actor=context.actor,
    )


def _day(context: Context) -> date:
    """The day asked for, at most today. Raises `RowDateWrong`."""
    today = local_date(context.now)
    return min(day_of(context.options.get("day", "")) or today, today)


def _fate(draft: OpeningDraft) -> OutcomeKind:
    if draft.problem is not None:
        return OutcomeKind.ERROR
    return OutcomeKind.UNCHANGED if draft.is_same else OutcomeKind.CREATED


def _problems(draft: OpeningDraft) -> tuple[RowProblem, ...]:
    error = draft.problem
    return (RowProblem(error.code, str(error), error.field or ""),) if error else ()


def register_importer() -> None:
    """Called once, when the app is ready."""
    register(OpeningStockImporter())
