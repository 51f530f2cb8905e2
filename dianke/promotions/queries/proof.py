"""Proof that budgets, counts and coupons are what the rows that never change say."""

from __future__ import annotations

from django.db import connection

_CHECKS = {
    "budget of promotion %s: spent is not what its sales say": """
        SELECT p.id FROM promotions_promotion AS p
        LEFT JOIN (SELECT promotion_id, sum(amount) FILTER (WHERE NOT is_beyond) AS amount,
                          sum(count) FILTER (WHERE NOT is_beyond) AS count
                   FROM promotions_promotiongiven GROUP BY 1) AS g ON g.promotion_id = p.id
        WHERE (p.budget_amount IS NOT NULL OR p.budget_count IS NOT NULL)
          AND (p.spent_amount <> coalesce(g.amount, 0) OR p.spent_count <> coalesce(g.count, 0))""",
    "sale of promotion %s gave back more than it had": """
        SELECT promotion_id FROM promotions_promotiongiven GROUP BY promotion_id, reference
        HAVING sum(amount) < 0 OR sum(count) < 0""",
    "promotion %s: uses of a customer are not what the sales say": """
        SELECT p.id FROM promotions_promotion AS p
        JOIN promotions_promotiontally AS t ON t.promotion_id = p.id
        LEFT JOIN (SELECT promotion_id, customer_id, sum(count) AS count FROM promotions_promotiongiven
                   WHERE customer_id IS NOT NULL GROUP BY 1, 2) AS g
               ON g.promotion_id = p.id AND g.customer_id = t.customer_id
        WHERE p.per_customer_count IS NOT NULL AND t.count <> coalesce(g.count, 0)""",
    "kind of coupon %s: issued is not the number of its coupons": """
        SELECT k.id FROM promotions_couponkind AS k
        LEFT JOIN (SELECT kind_id, count(*) AS n FROM promotions_coupon GROUP BY 1) AS c ON c.kind_id = k.id
        WHERE k.issued_count <> coalesce(c.n, 0)""",
    "coupon %s is not in the state of its last step": """
        SELECT c.id FROM promotions_coupon AS c
        LEFT JOIN LATERAL (SELECT s.after FROM promotions_couponstep AS s WHERE s.coupon_id = c.id
                           ORDER BY s.id DESC LIMIT 1) AS s ON true
        WHERE s.after IS DISTINCT FROM c.state""",
    "coupon %s was used more often than it came back": """
        SELECT coupon_id FROM promotions_couponstep GROUP BY coupon_id
        HAVING count(*) FILTER (WHERE after = 'USED') - count(*) FILTER (WHERE before = 'USED') NOT IN (0, 1)""",
}


def verify() -> list[str]:
    """Every finding as one sentence; nothing when all is right."""
    found = []
    with connection.cursor() as cursor:
        for text, sql in _CHECKS.items():
            cursor.execute(sql)
            found += [text % pk for (pk,) in cursor.fetchall()]
    return found
