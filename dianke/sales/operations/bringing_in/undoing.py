"""Taking an import of past orders back: first its returns, then its orders, then its lines, goods and customers. An
order that somebody worked with since (a return, a change, a delivery) stays whole, with its lines, returns, goods and
customer.

What was posted is posted back on the same business days; nothing in the ledger is deleted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import ForeignObjectRel, Model, Q

from dianke.catalog.operations import import_undo as goods
from dianke.core.actor import Actor
from dianke.customers.operations import import_undo as customers
from dianke.events.operations import step
from dianke.imports.importers import UndoCount
from dianke.imports.models import ImportRun
from dianke.ledger import operations as ledger
from dianke.ledger.operations import Draft, Entry
from dianke.sales.models import (
    HistoryItem,
    HistoryLine,
    LineAdjustment,
    LinePerson,
    Order,
    OrderLine,
    Payment,
    Refund,
    ReturnLine,
    SaleReturn,
)
from dianke.sales.operations import books
from dianke.sales.operations.bringing_in.returning import RUN, drafts_of, take_off
from dianke.sales.rules.positions import Position

UNDONE = "sales.history_undone"
#: What goes with an order that was brought in, and is no work with it.
_OWN = (HistoryLine, LineAdjustment, LinePerson, OrderLine, Payment, Refund, ReturnLine)
_STAGES = ("returns", "orders", "lines", "goods", "customers")


@step
def undo(*, run: ImportRun, cursor: str, limit: int, actor: Actor, now: datetime) -> UndoCount:
    """The next step; `cursor` names the stage and where it is. Counts are rows of the file."""
    stage, _colon, at = (cursor or f"{_STAGES[0]}:0").partition(":")
    after = int(at)
    removed = kept = 0
    if stage == "returns":
        last = _undo_returns(run, after, limit // 4, actor, now)
    elif stage == "orders":
        last, removed, kept = _undo_orders(run, after, limit // 4, actor, now)
    elif stage == "lines":
        last, removed, kept = None, *_undo_lines(run)
    elif stage == "goods":
        if not after:
            _forget_items(run)
        last = goods.undo_rows(run_id=run.pk, after_id=after, limit=limit, now=now).next_id
    else:
        last = customers.undo_rows(run_id=run.pk, after_id=after, limit=limit, now=now).next_id
    return UndoCount(removed=removed, kept=kept, cursor=_next(stage, last))


def _next(stage: str, last: int | None) -> str:
    if last is not None:
        return f"{stage}:{last}"
    place = _STAGES.index(stage) + 1
    return f"{_STAGES[place]}:0" if place < len(_STAGES) else ""


def _of_run(run: ImportRun) -> Q:
    return Q(**{f"effects__{RUN}": run.pk})


@step
def _undo_returns(run: ImportRun, after: int, limit: int, actor: Actor, now: datetime) -> int | None:
    papers = list(
        SaleReturn.objects.filter(_of_run(run), pk__gt=after)
        .select_related("order__store")
        .select_for_update(of=("self", "order"))
        .order_by("pk")[:limit]
    )
    if not papers:
        return None
    touched = _touched({paper.order_id for paper in papers}, run)
    gone = [paper for paper in papers if paper.order_id not in touched]
    ids = [paper.pk for paper in gone]
    lines: dict[int, list[ReturnLine]] = defaultdict(list)
    for line in ReturnLine.objects.filter(sale_return__in=ids):
        lines[line.sale_return_id].append(line)
    refunds = {
        refund.sale_return_id: refund
        for refund in Refund.objects.filter(sale_return__in=ids).select_related("payment__tender")
    }
    take_off(
        (
            (
                lines[paper.pk],
                paper.order_id,
                paper.refund_amount,
                refunds[paper.pk].payment_id if paper.pk in refunds else None,
            )
            for paper in gone
        ),
        sign=-1,
    )
    paid = [(paper, paper.order, refunds[paper.pk].payment) for paper in gone if paper.pk in refunds]
    drafts = drafts_of(paid, kind=UNDONE, sign=1, tail="undone")
    if drafts:
        ledger.post_many(drafts=drafts, actor=actor, now=now)
    _delete("sales_returnline", "sale_return_id", ids)
    _delete("sales_refund", "sale_return_id", ids)
    _delete("sales_salereturn", "id", ids)
    return papers[-1].pk


def _touched(order_ids: Collection[int], run: ImportRun) -> set[int]:
    """Orders that something else than the import refers to. A statement per table that does."""
    others = SaleReturn.objects.exclude(_of_run(run)).filter(order__in=order_ids)
    found = set(others.values_list("order_id", flat=True))
    for model, path in ((Order, ""), (OrderLine, "__order"), (Payment, "__order")):
        for related, name in _relations(model):
            rows = related._base_manager.filter(**{f"{name}{path}__in": order_ids})
            found |= set(rows.values_list(f"{name}{path or '_id'}", flat=True))
    return found


def _relations(model: type[Model]) -> list[tuple[type[Model], str]]:
    """Every table and field that names such a row, those without a way back included."""
    found = [
        (field.related_model, field.field.name)
        for field in model._meta.get_fields(include_hidden=True)
        if isinstance(field, ForeignObjectRel)
        and not isinstance(field.related_model, str)
        and field.related_model not in (*_OWN, SaleReturn)
        and field.related_model._meta.managed
        and not field.related_model._meta.auto_created
    ]
    return [*found, (SaleReturn, "exchange")] if model is Order else found


@step
def _undo_orders(
    run: ImportRun, after: int, limit: int, actor: Actor, now: datetime
) -> tuple[int | None, int, int]:
    """Orders nobody worked with go, with all lines of the file that speak of them; the rest is counted as kept."""
    own = HistoryLine.objects.filter(run=run, line__isnull=False)
    ids = list(own.filter(order_id__gt=after).order_by("order_id").values_list("order_id").distinct()[:limit])
    orders = list(
        Order.objects.filter(pk__in=[pk for (pk,) in ids])
        .select_related("store")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    if not orders:
        return None, 0, 0
    held = _touched({order.pk for order in orders}, run)
    held |= set(SaleReturn.objects.filter(order__in=orders).values_list("order_id", flat=True))
    gone = [order for order in orders if order.pk not in held]
    _post_back(gone, actor, now)
    doomed = [order.pk for order in gone]
    kept = HistoryLine.objects.filter(run=run, order__in=held).count()
    with connection.cursor() as cursor:
        for table in ("sales_lineadjustment", "sales_lineperson"):
            cursor.execute(
                f"DELETE FROM {table} WHERE line_id IN"  # noqa: S608 - our own tables
                " (SELECT id FROM sales_orderline WHERE order_id = ANY(%s))",
                [doomed],
            )
    _delete("sales_orderline", "order_id", doomed)
    _delete("sales_payment", "order_id", doomed)
    _delete("sales_order", "id", doomed)
    return orders[-1].pk, _delete("sales_historyline", "order_id", doomed), kept


@step
def _post_back(orders: Sequence[Order], actor: Actor, now: datetime) -> None:
    payments = {
        payment.order_id: payment
        for payment in Payment.objects.filter(order__in=orders).select_related("tender")
    }
    wanted = []
    for order in orders:
        payment = payments.get(order.pk)
        if payment is not None:
            money = [(payment.tender, None, -payment.amount)]
            moved = books.Moved(worth=-order.earned_amount, tax=-order.tax_amount, money=money)
            position = Position(order.paid_amount, order.earned_amount, 0)
            wanted.append((order, books.amounts(books.Parties.of(order), position, moved)))
    accounts = books.accounts_named(specs=list(dict.fromkeys(spec for _o, found in wanted for spec in found)))
    drafts = [
        Draft(
            UNDONE,
            f"{order.key}/undone",
            [Entry(accounts[spec], amount) for spec, amount in found.items()],
            order.business_date,
        )
        for order, found in wanted
    ]
    if drafts:
        ledger.post_many(drafts=drafts, actor=actor, now=now)


@step
def _undo_lines(run: ImportRun) -> tuple[int, int]:
    """Lines that are in no order: they go, but for those whose return stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM sales_historyline AS h WHERE h.run_id = %(run)s AND h.line_id IS NULL AND NOT EXISTS ("
            " SELECT FROM sales_salereturn AS b WHERE b.order_id = h.order_id"
            " AND (b.effects ->> 'import_run')::bigint = %(run)s)",
            {"run": run.pk},
        )
        return cursor.rowcount, 0


@step
def _forget_items(run: ImportRun) -> None:
    """Codes no line of the run names any more."""
    left = HistoryLine.objects.filter(run=run).values("code")
    HistoryItem.objects.filter(run=run).exclude(code__in=left).delete()


@step
def _delete(table: str, column: str, ids: Sequence[int]) -> int:
    """Rows of a table of ours; the triggers of the database let go what the import wrote and nothing else."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", [list(ids)])  # noqa: S608
        return int(cursor.rowcount)
