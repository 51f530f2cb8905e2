"""The figures of a day, a register or a shift out of the tables of the sale: one statement, so that all of them are of
one instant whoever sells meanwhile.

What they mean leaf by leaf is told in `docs/algorithms/day-close.md`. Only what does not change any more is counted:
sales at once, payments, refunds, returns, cash that moved, postings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import partial
from typing import Any

from django.db import connection

from dianke.access.models import User
from dianke.catalog.models import Category
from dianke.core.business_dates import business_day_period
from dianke.sales.models import Shift, Tender
from dianke.sales.rules.day_figures import pruned
from dianke.stores.models import Store

DAY = timedelta(days=1)
_NAMED = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures: a day of a store, of one of its registers, or a shift."""

    store: Store
    day: date | None = None
    register_id: int | None = None
    shift: Shift | None = None

    def conditions(self) -> dict[str, str]:
        """By part of the statement: orders (`o`), money (`p`, with its order `o`), returns (`r`, `w` says where they
        were taken), drawers (`s` is the shift, `m` the movement or opening), postings (`t`, of the account `a`)."""
        if self.shift is not None:
            since = "{0}.store_id = %(store)s AND {0}.occurred_at >= %(from)s"
            own = {
                "orders": f"{since.format('o')} AND o.shift_id = %(shift)s",
                "money": "p.shift_id = %(shift)s",
                "returns": f"{since.format('r')} AND w.shift_id = %(shift)s",
                "postings": "false",
            }
            return own | {"moved": "s.id = %(shift)s", "opened": "s.id = %(shift)s"}
        span = "{0}.store_id = %(store)s AND {0}.business_date = %(day)s"
        span += " AND {0}.occurred_at BETWEEN %(from)s AND %(to)s"
        # A shift that nobody closed goes on; its movements carry their own date.
        shifts = "s.store_id = %(store)s AND s.business_date BETWEEN %(day)s::date - 35 AND %(day)s::date + 1"
        found = {
            "orders": span.format("o"),
            "money": "o.store_id = %(store)s AND p.business_date = %(day)s",
            "returns": span.format("r"),
            "moved": f"{shifts} AND m.business_date = %(day)s",
            "opened": "s.store_id = %(store)s AND s.business_date = %(day)s",
            "postings": "a.store_id = %(store)s AND t.business_date = %(day)s",
        }
        if self.register_id is not None:
            narrowed = {"orders": "o", "money": "p", "returns": "w", "moved": "s", "opened": "s"}
            for part, alias in narrowed.items():
                found[part] += f" AND {alias}.register_id = %(register)s"
            found["postings"] += " AND a.holder = 'stores.register:' || %(register)s"
        return found

    def values(self) -> dict[str, Any]:
        """What the conditions name."""
        found: dict[str, Any] = {"store": self.store.pk, "day": self.day, "register": self.register_id}
        if self.shift is not None:
            # A till that sold offline may have begun before anybody opened the shift.
            found |= {"shift": self.shift.pk, "from": self.shift.opened_at - DAY}
        if self.day is not None:
            span = business_day_period(self.day, self.store.time_zone, time(self.store.closing_hour))
            # The closing hour may have been another one when it was sold: the date decides, the index is the clock's.
            found |= {"from": span.from_ - DAY, "to": (span.to or span.from_) + DAY}
        return found


_SQL = """
WITH sold AS (
    SELECT o.* FROM sales_order AS o
    WHERE {orders} AND o.state NOT IN ('DRAFT', 'CANCELLED') AND o.due_date IS NULL AND o.deposit_kind = ''),
ordered AS (
    SELECT o.id FROM sales_order AS o
    WHERE {orders} AND o.state <> 'DRAFT' AND NOT (o.due_date IS NULL AND o.deposit_kind = '')),
line AS (
    SELECT l.*, o.made_by_id FROM sales_orderline AS l JOIN sold AS o ON o.id = l.order_id),
adjusted AS (
    SELECT a.stage, split_part(a.source, ':', 1) AS source, a.amount FROM sales_lineadjustment AS a
    JOIN line AS l ON l.id = a.line_id),
person AS (
    SELECT l.id, coalesce(p.user_id, l.made_by_id) AS user_id, l.paid_amount,
           coalesce(p.share_bp, 10000) AS share,
           coalesce(sum(p.share_bp) OVER (PARTITION BY l.id ORDER BY p.id), 10000) AS upto
    FROM line AS l LEFT JOIN sales_lineperson AS p ON p.line_id = l.id),
paid AS (
    SELECT t.code, t.account, p.amount, (o.due_date IS NULL AND o.deposit_kind = '') AS at_once FROM sales_payment AS p
    JOIN sales_order AS o ON o.id = p.order_id JOIN sales_tender AS t ON t.id = p.tender_id
    WHERE {money} AND p.state = 'TAKEN'),
refunded AS (
    SELECT t.code, t.account, p.amount, (o.due_date IS NULL AND o.deposit_kind = '') AS at_once FROM sales_refund AS p
    JOIN sales_order AS o ON o.id = p.order_id JOIN sales_tender AS t ON t.id = p.tender_id
    WHERE {money}),
returned AS (
    SELECT r.* FROM sales_salereturn AS r
    LEFT JOIN LATERAL (
        SELECT x.register_id, x.shift_id FROM (
            SELECT f.register_id, f.shift_id, 0 AS rank FROM sales_refund AS f
            WHERE f.sale_return_id = r.id AND f.register_id IS NOT NULL
            UNION ALL
            SELECT e.register_id, e.shift_id, 1 FROM sales_order AS e WHERE e.id = r.exchange_id) AS x
        ORDER BY x.rank LIMIT 1) AS w ON true
    WHERE {returns}),
moved AS (
    SELECT m.kind, m.amount FROM sales_cashmovement AS m JOIN sales_shift AS s ON s.id = m.shift_id
    WHERE {moved}),
opened AS (
    SELECT m.id FROM sales_draweropening AS m JOIN sales_shift AS s ON s.id = m.shift_id
    WHERE {opened})
SELECT jsonb_build_object(
    'sales', (SELECT jsonb_build_object('count', count(*), 'list', sum(list_amount), 'paid', sum(total_amount),
                                        'tax', sum(tax_amount), 'points_earned', sum(earned_points),
                                        'points_used', sum(used_points)) FROM sold),
    'orders', (SELECT jsonb_build_object('count', count(*)) FROM ordered),
    'returns', (SELECT jsonb_build_object('count', count(*), 'goods', sum(goods_amount), 'tax', sum(tax_amount),
                                          'withheld', sum(withheld_amount), 'refund', sum(refund_amount),
                                          'exchange', sum(exchange_amount)) FROM returned),
    'tenders', (SELECT jsonb_object_agg(code, figures) FROM (
        SELECT code, jsonb_build_object('in_count', sum(n), 'in', sum(taken), 'out_count', sum(m), 'out', sum(given))
               AS figures
        FROM (SELECT code, 1 AS n, amount AS taken, 0 AS m, 0 AS given FROM paid
              UNION ALL SELECT code, 0, 0, 1, amount FROM refunded) AS x GROUP BY code) AS y),
    'cash', jsonb_build_object('in', (SELECT sum(amount) FROM paid WHERE account = 'cash'),
                               'out', (SELECT sum(amount) FROM refunded WHERE account = 'cash')),
    'categories', (SELECT jsonb_object_agg(key, figures) FROM (
        SELECT CASE WHEN l.variant_id IS NULL THEN l.kind ELSE coalesce(p.category_id::text, 'NONE') END AS key,
               jsonb_build_object('lines', count(*), 'list', sum(l.list_amount), 'paid', sum(l.paid_amount)) AS figures
        FROM line AS l LEFT JOIN catalog_variant AS v ON v.id = l.variant_id
        LEFT JOIN catalog_product AS p ON p.id = v.product_id GROUP BY 1) AS y),
    'staff', (SELECT jsonb_object_agg(coalesce(user_id::text, 'NOBODY'), figures) FROM (
        SELECT user_id, jsonb_build_object('lines', count(*), 'paid', sum(
                   round(paid_amount * upto / 10000.0) - round(paid_amount * (upto - share) / 10000.0))::bigint)
               AS figures
        FROM person GROUP BY user_id) AS y),
    'taxes', (SELECT jsonb_object_agg(tax_rate_bp, figures) FROM (
        SELECT tax_rate_bp, jsonb_build_object('paid', sum(paid_amount), 'tax', sum(tax_amount)) AS figures
        FROM line GROUP BY tax_rate_bp) AS y),
    'discounts', (SELECT jsonb_object_agg(stage, figures) FROM (
        SELECT stage, jsonb_object_agg(source, amount) AS figures FROM (
            SELECT stage, source, sum(amount) AS amount FROM adjusted GROUP BY stage, source) AS x
        GROUP BY stage) AS y),
    'prepaid', jsonb_build_object(
        'top_up', (SELECT sum(paid_amount) FROM line WHERE kind = 'TOP_UP'),
        'cards', (SELECT sum(paid_amount) FROM line WHERE kind = 'CARD'),
        'wallet_used', (SELECT sum(amount) FROM paid WHERE account = 'wallet'),
        'wallet_back', (SELECT sum(amount) FROM refunded WHERE account = 'wallet'),
        'sessions_used', (SELECT -sum(amount) FROM adjusted WHERE source = 'session'),
        'deposits_taken', (SELECT sum(amount) FROM paid WHERE NOT at_once),
        'deposits_back', (SELECT sum(amount) FROM refunded WHERE NOT at_once)),
    'drawer', (SELECT jsonb_object_agg(kind, figures) FROM (
        SELECT kind, jsonb_build_object('count', count(*), 'amount', sum(amount)) AS figures
        FROM moved GROUP BY kind) AS y),
    'openings', (SELECT count(*) FROM opened),
    'ledger', (SELECT jsonb_object_agg(code, amount) FROM (
        SELECT a.code, sum(p.amount) AS amount FROM ledger_account AS a
        JOIN ledger_posting AS p ON p.account_id = a.id JOIN ledger_transaction AS t ON t.id = p.transaction_id
        WHERE {postings} GROUP BY a.code) AS y))
"""


def figures_of(scopes: Sequence[Scope]) -> list[dict[str, Any]]:
    """The figures of each scope as they are now; leaves are whole numbers, nothing is a zero. One statement for all of
    them, so that they are of the same instant and the registers of a store add up to it."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    for number, scope in enumerate(scopes):
        sql = _SQL.format(**scope.conditions())
        parts.append(f"({_NAMED.sub(partial(_numbered, number), sql)})")
        values |= {f"{name}_{number}": value for name, value in scope.values().items()}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT jsonb_build_array({', '.join(parts)})", values)
        (found,) = cursor.fetchone()
    rows = json.loads(found) if isinstance(found, str) else found
    return [pruned(_whole(row)) for row in rows]


def _numbered(number: int, name: re.Match[str]) -> str:
    return f"%({name[1]}_{number})s"


def _whole(figures: Mapping[str, Any] | None) -> dict[str, Any]:
    """Sums over nothing are null in SQL."""
    return {
        key: _whole(value) if isinstance(value, Mapping) else int(value)
        for key, value in (figures or {}).items()
        if value is not None
    }


def names_in(figures: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What the tenders, categories and people among the figures are called, to be kept beside them."""
    people = [int(key) for key in figures.get("staff", {}) if key.isdigit()]
    categories = [int(key) for key in figures.get("categories", {}) if key.isdigit()]
    tenders = list(figures.get("tenders", {}))
    return {
        "tenders": dict(Tender.objects.filter(code__in=tenders).values_list("code", "name")),
        "categories": {
            str(key): name
            for key, name in Category.objects.filter(pk__in=categories).values_list("pk", "name")
        },
        "staff": {
            str(key): name for key, name in User.objects.filter(pk__in=people).values_list("pk", "name")
        },
    }
