"""What became of a file of past orders, to the penny: what the file says by class, and what stands in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from dianke.core.actor import Actor
from dianke.core.money import digits_of
from dianke.imports.models import ImportRun
from dianke.sales.models import HistoryItem, HistoryLine
from dianke.sales.operations.history import BRING_IN
from dianke.stores.models import Merchant, Store

_COUNTRIES = 60


@dataclass(frozen=True, slots=True)
class ClassRow:
    """The lines of one class: papers are order numbers. `exact` is what the file says (main units), `documents_amount`
    what of it stands in orders and returns, `apart_amount` what is kept beside them (minor units, with their sign)."""

    kind: str
    lines: int
    papers: int
    quantity: Decimal
    exact: Decimal
    documents_amount: int
    apart_amount: int
    matched: int = 0
    partly: int = 0
    unmatched: int = 0

    def difference(self, digits: int) -> Decimal:
        """What rounding each line to the minor unit made of it (main units)."""
        return self.exact - Decimal(self.documents_amount + self.apart_amount).scaleb(-digits)


@dataclass(frozen=True, slots=True)
class Part:
    """Lines with one thing in common: who bought, from where."""

    label: str
    lines: int
    papers: int
    quantity: Decimal
    exact: Decimal


@dataclass(frozen=True, slots=True)
class Held:
    """Two figures that must be the same: what the lines say, and what was found in the tables of orders and books."""

    code: str
    said: Decimal
    found: Decimal

    @property
    def is_equal(self) -> bool:
        return self.said == self.found


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`orders`, `returns` are papers here; `file_rows` is what the run says it let in."""

    currency: str
    rows: Sequence[ClassRow]
    buyers: Sequence[Part]
    countries: Sequence[Part]
    held: Sequence[Held]
    orders: int
    anonymous_orders: int
    returns: int
    goods: int
    conflicts: int
    waiting: int

    @property
    def lines(self) -> int:
        return sum(row.lines for row in self.rows)

    @property
    def quantity(self) -> Decimal:
        return sum((row.quantity for row in self.rows), Decimal(0))

    @property
    def exact(self) -> Decimal:
        return sum((row.exact for row in self.rows), Decimal(0))

    @property
    def documents_amount(self) -> int:
        return sum(row.documents_amount for row in self.rows)

    @property
    def apart_amount(self) -> int:
        return sum(row.apart_amount for row in self.rows)

    @property
    def difference(self) -> Decimal:
        digits = digits_of(self.currency)
        return sum((row.difference(digits) for row in self.rows), Decimal(0))


_EXACT = "h.quantity * h.unit_price - h.discount"
_CLASSES = f"""
    SELECT h.kind, count(*), count(DISTINCT h.number), sum(h.quantity), sum({_EXACT}), sum(h.amount),
           sum(h.matched_amount), count(*) FILTER (WHERE h.state = 'MATCHED'),
           count(*) FILTER (WHERE h.state = 'PARTLY'), count(*) FILTER (WHERE h.state = 'UNMATCHED'),
           count(*) FILTER (WHERE h.state = 'WAITING'), count(h.line_id),
           coalesce(sum(h.amount) FILTER (WHERE h.line_id IS NOT NULL), 0)
    FROM sales_historyline AS h WHERE h.run_id = %(run)s AND h.store_id = ANY(%(stores)s) GROUP BY h.kind
"""  # noqa: S608 - constants
_PARTS = f"""
    SELECT {{by}}, count(*), count(DISTINCT h.number), sum(h.quantity), sum({_EXACT})
    FROM sales_historyline AS h WHERE h.run_id = %(run)s AND h.store_id = ANY(%(stores)s)
    GROUP BY 1 ORDER BY 5 DESC, 1 LIMIT {_COUNTRIES}
"""  # noqa: S608 - constants
_BUYER = "CASE WHEN h.customer_id IS NOT NULL THEN 'KNOWN' WHEN h.who <> '' THEN 'UNKNOWN' ELSE 'NOBODY' END"
_ORDERS = """
    SELECT count(DISTINCT o.id), count(DISTINCT o.id) FILTER (WHERE o.customer_id IS NULL),
           coalesce(sum(l.paid_amount), 0), count(l.id)
    FROM sales_historyline AS h JOIN sales_orderline AS l ON l.id = h.line_id JOIN sales_order AS o ON o.id = l.order_id
    WHERE h.run_id = %(run)s AND h.store_id = ANY(%(stores)s)
"""
_RETURNS = """
    SELECT count(DISTINCT b.id), coalesce(sum(r.amount), 0)
    FROM sales_salereturn AS b JOIN sales_returnline AS r ON r.sale_return_id = b.id
    WHERE (b.effects ->> 'import_run')::bigint = %(run)s AND b.store_id = ANY(%(stores)s)
      AND b.effects ? 'import_run'
"""
_BOOKS = """
    SELECT coalesce(sum(p.amount), 0) FROM ledger_transaction AS t JOIN ledger_posting AS p ON p.transaction_id = t.id
    JOIN ledger_account AS a ON a.id = p.account_id AND a.code IN ('revenue', 'tax_payable')
    JOIN (SELECT DISTINCT o.uuid FROM sales_historyline AS h JOIN sales_order AS o ON o.id = h.order_id
          WHERE h.run_id = %(run)s AND h.store_id = ANY(%(stores)s)) AS w
      ON t.reference = 'sales.order:' || w.uuid || '/money' WHERE t.kind = 'sales.history'
"""


def reconciled(run: ImportRun, actor: Actor) -> Reconciled:
    """The lines of a run in the stores the actor reaches, held against orders, returns and books. A fixed
    number of queries."""
    stores = list(Store.objects.visible_to(actor, BRING_IN))
    asked: dict[str, Any] = {"run": run.pk, "stores": [store.pk for store in stores]}
    with connection.cursor() as cursor:

        def told(sql: str) -> list[Any]:
            cursor.execute(sql, asked)
            return cursor.fetchall()

        classes = {row[0]: row for row in told(_CLASSES)}
        buyers = [Part(*row) for row in told(_PARTS.format(by=_BUYER))]
        countries = [Part(*row) for row in told(_PARTS.format(by="h.country"))]
        ((orders, anonymous, sold_amount, sold_lines),) = told(_ORDERS)
        ((returns, back_amount),) = told(_RETURNS)
        ((booked,),) = told(_BOOKS)
    rows = [_class_row(classes[kind]) for kind in HistoryLine.Kind.values if kind in classes]
    matched = sum(int(row[6]) for row in classes.values())
    whole = sum((row.exact for row in rows), Decimal(0))
    items = HistoryItem.objects.filter(run=run, store__in=stores)
    said_rows = run.created_count + run.updated_count - run.removed_count
    return Reconciled(
        currency=_currency(stores, run),
        rows=rows,
        buyers=sorted(buyers, key=lambda part: part.label),
        countries=countries,
        held=(
            Held("ROWS", Decimal(said_rows), Decimal(sum(row.lines for row in rows))),
            Held("PARTS", whole, sum((part.exact for part in buyers), Decimal(0))),
            Held("LINES", Decimal(sum(row[11] for row in classes.values())), Decimal(sold_lines)),
            Held("ORDERS", Decimal(sum(row[12] for row in classes.values())), Decimal(sold_amount)),
            Held("RETURNS", Decimal(matched), Decimal(back_amount)),
            Held("BOOKS", Decimal(sold_amount), Decimal(booked)),
        ),
        orders=orders,
        anonymous_orders=anonymous,
        returns=returns,
        goods=items.count(),
        conflicts=items.filter(name_count__gt=1).count(),
        waiting=sum(row[10] for row in classes.values()),
    )


def _class_row(row: Sequence[Any]) -> ClassRow:
    (
        kind,
        lines,
        papers,
        quantity,
        exact,
        amount,
        matched_amount,
        matched,
        partly,
        unmatched,
        _waiting,
        _placed,
        sold,
    ) = row
    documents = int(sold) - int(matched_amount)
    return ClassRow(
        kind, lines, papers, quantity, exact, documents, int(amount) - documents, matched, partly, unmatched
    )


def _currency(stores: Sequence[Store], run: ImportRun) -> str:
    of_run = HistoryLine.objects.filter(run=run).values_list("store_id", flat=True).first()
    known = {store.pk: store.currency for store in stores}
    return known.get(of_run or 0) or Merchant.objects.values_list("currency", flat=True).first() or "CNY"
