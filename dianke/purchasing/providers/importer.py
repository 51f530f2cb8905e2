"""Price lists of suppliers out of files: the fields and questions of the room `imports` for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
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
from dianke.purchasing.models import Supplier
from dianke.purchasing.operations.importing import Draft, read, take_back, take_in
from dianke.purchasing.rules.price_rows import day_of
from dianke.stores.queries import local_date

_TARGETS = (
    Target(
        "supplier", _("Supplier"), ("供应商", "供货商", "供应商编码", "supplier", "vendor"), example="S001"
    ),
    Target(
        "sku",
        _("SKU or barcode"),
        ("商品编码", "货号", "条码", "条形码", "sku", "barcode", "item code"),
        kind=Kind.CODE,
        example="A1001",
    ),
    Target(
        "supplier_code",
        _("The supplier's code"),
        ("供应商货号", "厂家货号", "供应商编号", "supplier code", "vendor code"),
        kind=Kind.CODE,
    ),
    Target(
        "price",
        _("Price of a pack, tax included"),
        ("进价", "进货价", "采购价", "含税单价", "供货价", "单价", "price", "cost"),
        is_required=True,
        example="12.50",
    ),
    Target("pack", _("Units in a pack"), ("装箱数", "箱规", "每箱数量", "pack", "pack size"), example="24"),
    Target("pack_name", _("Pack"), ("包装单位", "采购单位", "pack name"), example="箱"),
    Target("minimum", _("From quantity"), ("起订量", "最小起订量", "moq", "minimum")),
    Target("tax", _("Tax rate"), ("税率", "tax", "tax rate"), example="13%"),
    Target("lead_days", _("Days to deliver"), ("交期", "到货天数", "供货周期", "lead time", "lead days")),
    Target("from", _("In force from"), ("生效日期", "起始日期", "from", "valid from"), kind=Kind.DATE),
)


class PriceImporter(Importer):
    """Each row is a price from a day on; the price before it ends that day."""

    code = "supplier_prices"
    label = _("Prices of suppliers")
    permission = "purchasing.manage_suppliers"
    hint = _("Price lists of suppliers; the prices before stay in the history.")
    icon = "truck"
    batch_size = 2_000
    options: ClassVar = (
        Option(
            "supplier",
            _("Supplier"),
            _("For rows that name none."),
            choices=lambda actor: [
                (str(pk), name)
                for pk, name in Supplier.objects.visible_to(actor).in_use().values_list("pk", "short_name")
            ],
        ),
        Option("from", _("In force from"), _("For rows without a date; empty: today. Like 2026-11-22.")),
    )

    def targets(self, actor: Actor) -> Sequence[Target]:
        """All fields, for who may see what goods cost; a file without prices brings nothing."""
        return _TARGETS if actor.can("catalog.view_costs") else ()

    def check(self, rows: Sequence[Row], context: Context) -> Sequence[RowCheck]:
        """What `apply` would make of each row."""
        return [RowCheck(_fate(draft), _problems(draft)) for draft in _read(rows, context)]

    def apply(self, rows: Sequence[Row], context: Context) -> Sequence[Outcome]:
        """Write one batch."""
        drafts = _read(rows, context)
        found = take_in(drafts, run_id=context.run.pk, now=context.now)
        return [Outcome(_fate(draft), str(found.get(draft.number, "")), _problems(draft)) for draft in drafts]

    def undo(self, context: Context, cursor: str, limit: int) -> UndoCount:
        """Take back the next prices of the run."""
        done = take_back(run_id=context.run.pk, before_id=int(cursor) if cursor else None, limit=limit)
        return UndoCount(
            done.removed, done.restored, done.kept, "" if done.next_id is None else str(done.next_id)
        )


def _read(rows: Sequence[Row], context: Context) -> list[Draft]:
    chosen = context.options.get("supplier", "")
    day = context.options.get("from", "").strip()
    return read(
        rows,
        [row.number for row in rows],
        supplier_id=int(chosen) if chosen.isdecimal() else None,
        from_date=day_of(day) if day else local_date(context.now),
        actor=context.actor,
    )


def _fate(draft: Draft) -> OutcomeKind:
    if draft.problem:
        return OutcomeKind.ERROR
    if draft.is_same:
        return OutcomeKind.UNCHANGED
    return OutcomeKind.UPDATED if draft.standing else OutcomeKind.CREATED


def _problems(draft: Draft) -> tuple[RowProblem, ...]:
    error = draft.problem
    return (RowProblem(error.code, str(error), error.field or ""),) if error else ()


def register_importer() -> None:
    """Called once, when the app is ready."""
    register(PriceImporter())
