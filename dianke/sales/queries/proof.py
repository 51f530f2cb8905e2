"""The proof that orders are right: what they say of money is what the ledger says, line by line and payment
by payment."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from dianke.core.proof import Check, Finding, prove
from dianke.sales.queries.day_close import CHECKS as REGISTER_CHECKS
from dianke.sales.queries.day_close import verify_digests

CHECKS: tuple[Check, ...] = (
    Check(
        "total",
        _("an order is the sum of its lines"),
        """
        SELECT 'order ' || o.number, o.total_amount || ', lines ' || coalesce(sum(l.paid_amount), 0)
        FROM sales_order AS o LEFT JOIN sales_orderline AS l ON l.order_id = o.id
        GROUP BY o.id HAVING o.total_amount <> coalesce(sum(l.paid_amount), 0)
            OR o.list_amount <> coalesce(sum(l.list_amount), 0) OR o.tax_amount <> coalesce(sum(l.tax_amount), 0)
        """,
    ),
    Check(
        "adjustments",
        _("a line costs its list price and its adjustments"),
        """
        SELECT 'line ' || l.id, l.paid_amount || ', explained ' || l.list_amount + coalesce(sum(a.amount), 0)
        FROM sales_orderline AS l LEFT JOIN sales_lineadjustment AS a ON a.line_id = l.id
        GROUP BY l.id HAVING l.paid_amount <> l.list_amount + coalesce(sum(a.amount), 0)
        """,
    ),
    Check(
        "earned",
        _("what was earned is what was delivered and kept"),
        """
        SELECT 'order ' || o.number, o.earned_amount || ', delivered ' || coalesce(sum(
            CASE WHEN l.fulfilled_quantity = l.quantity THEN l.paid_amount
                 ELSE floor(l.paid_amount * l.fulfilled_quantity / l.quantity) END - l.returned_amount), 0)
        FROM sales_order AS o LEFT JOIN sales_orderline AS l ON l.order_id = o.id
        GROUP BY o.id HAVING o.earned_amount <> coalesce(sum(
            CASE WHEN l.fulfilled_quantity = l.quantity THEN l.paid_amount
                 ELSE floor(l.paid_amount * l.fulfilled_quantity / l.quantity) END - l.returned_amount), 0)
            OR o.returned_amount <> coalesce(sum(l.returned_amount), 0)
        """,
    ),
    Check(
        "paid",
        _("what was paid is the payments less the refunds"),
        """
        SELECT 'order ' || o.number, o.paid_amount || ', payments ' || coalesce(p.amount, 0) - coalesce(r.amount, 0)
        FROM sales_order AS o
        LEFT JOIN (SELECT order_id, sum(amount) AS amount FROM sales_payment WHERE state = 'TAKEN' GROUP BY 1) AS p
            ON p.order_id = o.id
        LEFT JOIN (SELECT order_id, sum(amount) AS amount FROM sales_refund GROUP BY 1) AS r ON r.order_id = o.id
        WHERE o.paid_amount <> coalesce(p.amount, 0) - coalesce(r.amount, 0)
        """,
    ),
    Check(
        "refunded",
        _("what was given back of a payment is its refunds"),
        """
        SELECT 'payment ' || p.id, p.refunded_amount || ', refunds ' || coalesce(sum(r.amount), 0)
        FROM sales_payment AS p LEFT JOIN sales_refund AS r ON r.payment_id = p.id
        GROUP BY p.id HAVING p.refunded_amount <> coalesce(sum(r.amount), 0)
        """,
    ),
    Check(
        "ledger",
        _("the ledger says of an order what the order says"),
        """
        WITH posted AS (
            SELECT split_part(t.reference, '/', 1) AS key,
                   sum(p.amount) FILTER (WHERE a.code IN ('revenue', 'tax_payable')) AS worth,
                   sum(p.amount) FILTER (WHERE a.code = 'other_income') AS forfeited,
                   sum(p.amount) FILTER (WHERE a.code = 'deposit') AS deposit,
                   sum(p.amount) FILTER (WHERE a.code = 'receivable' AND a.holder LIKE 'customers.customer:%') AS owed,
                   sum(p.amount) FILTER (WHERE a.code IN ('cash', 'bank', 'old_metal')
                       OR (a.code = 'clearing' AND a.holder NOT IN ('sales.wallet', 'sales.exchange'))) AS money
            FROM ledger_transaction AS t JOIN ledger_posting AS p ON p.transaction_id = t.id
            JOIN ledger_account AS a ON a.id = p.account_id
            WHERE t.reference LIKE 'sales.order:%' AND t.kind LIKE 'sales.%' GROUP BY 1),
        prepaid AS (
            SELECT order_id, sum(paid_amount) AS amount FROM sales_orderline WHERE kind IN ('TOP_UP', 'CARD')
               AND fulfilled_quantity = quantity GROUP BY 1),
        taken AS (
            SELECT x.order_id, sum(x.amount) AS amount FROM (
                SELECT p.order_id, p.tender_id, p.amount FROM sales_payment AS p WHERE p.state = 'TAKEN'
                UNION ALL SELECT r.order_id, r.tender_id, -r.amount FROM sales_refund AS r) AS x
            JOIN sales_tender AS t ON t.id = x.tender_id AND t.account IN ('cash', 'bank', 'clearing', 'old_metal')
            GROUP BY 1)
        SELECT 'order ' || o.number, 'ledger: ' || to_jsonb(posted)::text
        FROM sales_order AS o LEFT JOIN posted ON posted.key = 'sales.order:' || o.uuid
        LEFT JOIN prepaid ON prepaid.order_id = o.id LEFT JOIN taken ON taken.order_id = o.id
        WHERE coalesce(posted.worth, 0) <> o.earned_amount - coalesce(prepaid.amount, 0)
           OR coalesce(posted.forfeited, 0) <> o.forfeited_amount
           OR coalesce(posted.deposit, 0) <> greatest(o.paid_amount - o.earned_amount - o.forfeited_amount, 0)
           OR coalesce(posted.owed, 0) <> greatest(o.earned_amount + o.forfeited_amount - o.paid_amount, 0)
           OR coalesce(posted.money, 0) <> coalesce(taken.amount, 0)
        """,
    ),
    Check(
        "joined",
        _("what joins stored value and exchanges to sales is settled"),
        """
        SELECT 'account ' || a.id || ' ' || a.holder, sum(p.amount)::text
        FROM ledger_account AS a JOIN ledger_posting AS p ON p.account_id = a.id
        WHERE a.code = 'clearing' AND a.holder IN ('sales.wallet', 'sales.exchange')
        GROUP BY a.id HAVING sum(p.amount) <> 0
        """,
    ),
    Check(
        "shares",
        _("the people of a line share all of it"),
        """
        SELECT 'line ' || line_id, sum(share_bp)::text FROM sales_lineperson GROUP BY line_id HAVING
        sum(share_bp) <> 10000
        """,
    ),
    Check(
        "numbers",
        _("numbers of a store and day have no gaps"),
        """
        SELECT 'store ' || c.store_id || ' ' || c.kind || ' ' || c.day, c.last || ', papers ' || coalesce(n.count, 0)
        FROM sales_ordercounter AS c LEFT JOIN (
            SELECT store_id, business_date AS day, 'XS' AS kind, count(*) FROM sales_order
            WHERE number LIKE 'XS-%' GROUP BY 1, 2
            UNION ALL SELECT store_id, business_date, 'TH', count(*) FROM sales_salereturn
            WHERE number LIKE 'TH-%' GROUP BY 1, 2) AS n
            ON n.store_id = c.store_id AND n.day = c.day AND n.kind = c.kind
        WHERE c.kind IN ('XS', 'TH') AND c.last <> coalesce(n.count, 0)
        """,
    ),
    Check(
        "goods",
        _("what stock says left for a line is what the line says"),
        """
        SELECT 'issue ' || i.id, i.quantity || ' of ' || i.returned_quantity || ' back'
        FROM sales_lineissue AS i LEFT JOIN inventory_movement AS m ON m.id = i.movement_id
        WHERE m.id IS NULL OR m.quantity <> i.quantity OR m.variant_id <> i.variant_id
           OR i.returned_quantity <> coalesce((SELECT sum(b.quantity) FROM inventory_movement AS b
                                               WHERE b.origin_id = i.movement_id), 0)
        """,
    ),
)


def verify(report: Callable[[str], None] | None = None) -> list[Finding]:
    """What breaks the promises of orders and registers; an empty list when all hold."""
    return [*prove((*CHECKS, *REGISTER_CHECKS), report), *verify_digests(report)]
