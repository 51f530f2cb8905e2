"""The statements of sales reports. Each reads the turnover of some stores and days once; what a figure is stands here
and nowhere else (`docs/algorithms/sales-figures.md`).
"""

# ruff: noqa: S608  only our own pieces of SQL are put together; every value is a parameter

from __future__ import annotations

from dianke.sales.rules.report_terms import By

_EVERY = """
WITH every AS (
    SELECT t.*, t.occurred_at AT TIME ZONE s.time_zone AS local_at FROM sales_turnover AS t
    JOIN stores_store AS s ON s.id = t.store_id
    WHERE t.store_id = ANY(%(stores)s) AND t.business_date BETWEEN %(first)s AND %(last)s)"""

_WHOLE = f"{_EVERY}, fact AS (SELECT * FROM every)"

# Shares of people are cut cumulatively, so that the people of a line add up to the line, as in the figures of a day.
# In stores where a person reads only their own, only their part of a line is there.
_SHARED = f"""{_EVERY},
shared AS (
    SELECT e.*, coalesce(p.user_id, e.made_by_id) AS user_id, coalesce(p.share_bp, 10000) AS share,
           coalesce(sum(p.share_bp) OVER (PARTITION BY e.id ORDER BY p.id), 10000) AS upto
    FROM every AS e LEFT JOIN sales_lineperson AS p
      ON p.line_id = e.line_id AND (%(by_person)s OR e.store_id = ANY(%(own)s))),
fact AS (
    SELECT f.id, f.kind, f.order_id, f.sale_return_id, f.store_id, f.business_date, f.local_at, f.channel,
           f.customer_id, f.variant_id, f.line_kind, f.user_id,
           f.quantity * f.share / 10000 AS quantity, f.cost * f.share / 10000 AS cost,
           round(f.list_amount * f.upto / 10000.0) - round(f.list_amount * (f.upto - f.share) / 10000.0) AS list_amount,
           round(f.amount * f.upto / 10000.0) - round(f.amount * (f.upto - f.share) / 10000.0) AS amount,
           round(f.tax_amount * f.upto / 10000.0) - round(f.tax_amount * (f.upto - f.share) / 10000.0) AS tax_amount
    FROM shared AS f
    WHERE NOT f.store_id = ANY(%(own)s) OR f.user_id = %(user)s)"""

_SUMS = """
    count(DISTINCT order_id) FILTER (WHERE kind = 'SOLD') AS orders, count(DISTINCT sale_return_id) AS returns,
    coalesce(sum(list_amount), 0)::bigint AS listed,
    coalesce(sum(amount) FILTER (WHERE kind = 'SOLD'), 0)::bigint AS sold,
    coalesce(-sum(amount) FILTER (WHERE kind = 'RETURNED'), 0)::bigint AS returned,
    coalesce(sum(tax_amount), 0)::bigint AS tax, coalesce(sum(cost), 0) AS cost
"""

# Sums of `keyed` and, per unit, what was sold and given back. The unit is that of the product: lines are summed by what
# they sold first, so that it is looked up once for each of the goods and not for each line.
_TOLD = f""",
summed AS (SELECT key, {_SUMS} FROM keyed GROUP BY key),
moved AS (
    SELECT key, variant_id, coalesce(sum(quantity) FILTER (WHERE kind = 'SOLD'), 0) AS sold,
           coalesce(-sum(quantity) FILTER (WHERE kind = 'RETURNED'), 0) AS returned
    FROM keyed WHERE variant_id IS NOT NULL GROUP BY key, variant_id),
measured AS (
    SELECT m.key, g.unit_id, sum(m.sold) AS sold, sum(m.returned) AS returned
    FROM moved AS m JOIN catalog_variant AS v ON v.id = m.variant_id JOIN catalog_product AS g ON g.id = v.product_id
    GROUP BY m.key, g.unit_id),
quantities AS (
    SELECT m.key, array_agg(m.unit_id) AS units, array_agg(m.sold) AS sold, array_agg(m.returned) AS returned,
           sum(m.sold) FILTER (WHERE u.kind = 'COUNT') AS counted
    FROM measured AS m JOIN catalog_unit AS u ON u.id = m.unit_id GROUP BY m.key)
SELECT s.*, coalesce(q.counted, 0), coalesce(q.units, '{{}}'), coalesce(q.sold, '{{}}'), coalesce(q.returned, '{{}}')
FROM summed AS s LEFT JOIN quantities AS q ON q.key = s.key ORDER BY s.key"""

#: Per dimension: the key of a fact as text ('' : none), and what is joined for it. `f` is the fact.
_GOODS = """LEFT JOIN catalog_variant AS v ON v.id = f.variant_id
    LEFT JOIN catalog_product AS g ON g.id = v.product_id"""
_HEAD = "LEFT JOIN customers_customer AS c ON c.id = f.customer_id"
_KEYS: dict[By, tuple[str, str]] = {
    By.HOUR: ("extract(hour FROM f.local_at)::int::text", ""),
    By.WEEKDAY: ("extract(isodow FROM f.business_date)::int::text", ""),
    By.DAY: ("f.business_date::text", ""),
    By.WEEK: ("date_trunc('week', f.business_date)::date::text", ""),
    By.MONTH: ("date_trunc('month', f.business_date)::date::text", ""),
    By.STORE: ("f.store_id::text", ""),
    By.PRODUCT: ("coalesce(v.product_id::text, f.line_kind)", _GOODS),
    By.CATEGORY: (
        "CASE WHEN v.id IS NULL THEN f.line_kind ELSE coalesce(g.category_id::text, '') END",
        _GOODS,
    ),
    By.BRAND: ("CASE WHEN v.id IS NULL THEN f.line_kind ELSE coalesce(g.brand_id::text, '') END", _GOODS),
    By.STAFF: ("coalesce(f.user_id::text, '')", ""),
    By.CHANNEL: ("f.channel", ""),
    # New is who bought nothing of these stores' merchant before the period began.
    By.NOVELTY: (
        "CASE WHEN f.customer_id IS NULL THEN '' WHEN n.is_known THEN 'KNOWN' ELSE 'NEW' END",
        """LEFT JOIN (
            SELECT a.customer_id, EXISTS (
                SELECT FROM sales_order AS o JOIN customers_customer AS m ON m.id = o.customer_id
                WHERE o.customer_id IN (
                    SELECT x.id FROM customers_customer AS x
                    WHERE x.id = a.head OR x.merged_into_id = a.head)
                  AND o.business_date < %(first)s AND o.state <> 'DRAFT') AS is_known
            FROM (SELECT DISTINCT f.customer_id, coalesce(c.merged_into_id, c.id) AS head
                  FROM fact AS f JOIN customers_customer AS c ON c.id = f.customer_id) AS a
            OFFSET 0 -- asked once a customer, not once a line
        ) AS n ON n.customer_id = f.customer_id""",
    ),
    By.LEVEL: (
        "CASE WHEN f.customer_id IS NULL THEN '' ELSE coalesce(b.level_id::text, 'NONE') END",
        f"{_HEAD} LEFT JOIN loyalty_membership AS b ON b.customer_id = coalesce(c.merged_into_id, c.id)",
    ),
    # A customer with two tags counts in both; the rest of the report says how much that is too much.
    By.TAG: (
        "CASE WHEN f.customer_id IS NULL THEN '' ELSE coalesce(b.tag_id::text, 'NONE') END",
        """LEFT JOIN (
            SELECT DISTINCT a.customer_id, coalesce(w.merged_into_id, w.id) AS tag_id
            FROM (SELECT DISTINCT f.customer_id, coalesce(c.merged_into_id, c.id) AS head
                  FROM fact AS f JOIN customers_customer AS c ON c.id = f.customer_id) AS a
            JOIN customers_tagging AS t ON t.customer_id = a.head JOIN customers_tag AS w ON w.id = t.tag_id
        ) AS b ON b.customer_id = f.customer_id""",
    ),
}

# What was sold is told by what its order was paid with, what came back by what was given back for it; what is not paid
# or not given back stands under ''. Cut cumulatively, so that the parts of an order add up to it. No part is joined
# with another: their sizes cannot be foreseen, and each order would be looked for among all.
_BY_TENDER = """,
paper AS (
    SELECT f.kind, f.order_id, f.sale_return_id, sum(f.amount) AS amount, sum(f.tax_amount) AS tax_amount,
           CASE f.kind WHEN 'SOLD' THEN o.total_amount ELSE -sum(f.amount) END AS due
    FROM fact AS f JOIN sales_order AS o ON o.id = f.order_id
    GROUP BY f.kind, f.order_id, f.sale_return_id, o.total_amount),
told AS (
    SELECT p.*, t.code, w.amount AS weight FROM paper AS p
    JOIN sales_payment AS w ON w.order_id = p.order_id AND w.state = 'TAKEN'
    JOIN sales_tender AS t ON t.id = w.tender_id
    WHERE p.kind = 'SOLD'
    UNION ALL
    SELECT p.*, t.code, w.amount FROM paper AS p
    JOIN sales_refund AS w ON w.sale_return_id = p.sale_return_id JOIN sales_tender AS t ON t.id = w.tender_id
    WHERE p.kind = 'RETURNED'
    UNION ALL
    SELECT p.*, '', 0 FROM paper AS p),
summed AS (
    SELECT kind, order_id, sale_return_id, amount, tax_amount, due, code, sum(weight) AS weight,
           sum(sum(weight)) OVER (PARTITION BY kind, order_id, sale_return_id) AS told,
           count(*) OVER (PARTITION BY kind, order_id, sale_return_id) AS parts
    FROM told GROUP BY 1, 2, 3, 4, 5, 6, 7),
weighed AS (
    SELECT kind, order_id, sale_return_id, amount, tax_amount, code,
           CASE code WHEN '' THEN greatest(due - told, CASE parts WHEN 1 THEN 1 ELSE 0 END) ELSE weight END AS weight
    FROM summed),
cut AS (
    SELECT w.*, sum(weight) OVER (PARTITION BY kind, order_id, sale_return_id ORDER BY code) AS upto,
           sum(weight) OVER (PARTITION BY kind, order_id, sale_return_id) AS whole
    FROM weighed AS w WHERE weight > 0),
parts AS (
    SELECT kind, order_id, sale_return_id, code AS key, 0 AS list_amount, 0 AS cost,
           round(amount * upto / whole) - round(amount * (upto - weight) / whole) AS amount,
           round(tax_amount * upto / whole) - round(tax_amount * (upto - weight) / whole) AS tax_amount
    FROM cut)
"""


#: What of a fact its figures are made of.
_FACT = "f.kind, f.order_id, f.sale_return_id, f.variant_id, f.quantity, f.list_amount, f.amount, f.tax_amount, f.cost"


def total(*, is_shared: bool) -> str:
    """One row: the sums of all. `is_shared`: of lines only the parts of the person who asks are wanted somewhere."""
    facts = _SHARED if is_shared else _WHOLE
    return f"{facts}, keyed AS (SELECT '' AS key, {_FACT} FROM fact AS f){_TOLD}"


def grouped(by: By, *, is_shared: bool) -> str:
    """A row per key: its sums, what was sold of things counted one by one, units and what was sold and given back in
    each."""
    facts = _SHARED if is_shared or by is By.STAFF else _WHOLE
    if by is By.TENDER:  # goods are not paid by one tender or the other
        nothing = "0, '{}'::bigint[], '{}'::numeric[], '{}'::numeric[]"
        return f"{facts}{_BY_TENDER} SELECT key, {_SUMS}, {nothing} FROM parts GROUP BY key ORDER BY key"
    key, joins = _KEYS[by]
    return f"{facts}, keyed AS (SELECT {key} AS key, {_FACT} FROM fact AS f {joins}){_TOLD}"
