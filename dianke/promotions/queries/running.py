"""The promotions that could apply somewhere at a moment, as the pricing engine reads them."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from dianke.core.prepared import prepared
from dianke.promotions.models import PromotionVersion
from dianke.promotions.rules.terms import Promotion

_RUNNING = """
SELECT p.id, p.version, p.terms, p.budget_amount - p.spent_amount, p.budget_count - p.spent_count,
       p.per_customer_count, CASE WHEN p.per_customer_count IS NULL THEN NULL ELSE coalesce(
           (SELECT sum(t.count) FROM promotions_promotiontally AS t
            WHERE t.promotion_id = p.id AND t.customer_id = ANY (%(customers)s::bigint[])), 0) END
FROM promotions_promotion AS p
WHERE p.state = 'RUNNING' AND p.starts_at <= %(at)s AND (p.ends_at IS NULL OR p.ends_at > %(at)s)
  AND (p.store_ids = '{}' OR p.store_ids @> ARRAY[%(store)s::bigint])
  AND (p.channels = '{}' OR %(channel)s::text IS NULL OR p.channels @> ARRAY[%(channel)s::varchar])
  AND (p.budget_amount IS NULL OR p.spent_amount < p.budget_amount)
  AND (p.budget_count IS NULL OR p.spent_count < p.budget_count)
ORDER BY p.priority DESC, p.id
"""


@dataclass(frozen=True, slots=True)
class Offer:
    """A promotion with the version of its terms: a till that prices by itself sends the version along."""

    terms: Promotion
    version: int


def running(
    *, store_id: int, channel: str | None, at: datetime, customer_ids: Collection[int] | None = None
) -> tuple[Promotion, ...]:
    """All promotions that could apply there and then, by priority. One statement.

    `budget_left` and `times_left` say what is left at this moment. `customer_ids` is the cluster of who buys: what is
    limited per customer has that much left for them; an empty collection is somebody nobody knows, who gets none of
    those; None leaves that open (a till that reads ahead).
    """
    return tuple(
        offer.terms for offer in offers(store_id=store_id, channel=channel, at=at, customer_ids=customer_ids)
    )


def offers(
    *, store_id: int, channel: str | None, at: datetime, customer_ids: Collection[int] | None = None
) -> tuple[Offer, ...]:
    """The same with the version of each; `channel` None: of every channel, for a till that reads ahead."""
    wanted = list(customer_ids) if customer_ids else []
    with prepared() as cursor:
        cursor.execute(_RUNNING, {"customers": wanted, "at": at, "store": store_id, "channel": channel})
        rows = cursor.fetchall()
    found = []
    for pk, version, terms, amount_left, count_left, limit, had in rows:
        for_customer = None if limit is None or customer_ids is None else max(limit - had, 0)
        if limit is not None and customer_ids is not None and not customer_ids:
            for_customer = 0
        left = [times for times in (count_left, for_customer) if times is not None]
        text = terms if isinstance(terms, str) else json.dumps(terms, sort_keys=True)
        read = replace(_read(pk, text), budget_left=amount_left, times_left=int(min(left)) if left else None)
        found.append(Offer(read, version))
    return tuple(found)


@lru_cache(maxsize=1000)
def _read(pk: int, terms: str) -> Promotion:
    """Reading takes ten times as long as finding; the same terms are the same object."""
    kept: dict[str, Any] = json.loads(terms)
    return Promotion.read({**kept, "id": pk})


def promotion_at(promotion_id: int, version: int) -> Promotion | None:
    """A promotion as it was worded in that version; None when there is none."""
    row = PromotionVersion.objects.filter(promotion=promotion_id, number=version).first()
    return None if row is None else _read(promotion_id, json.dumps(row.terms, sort_keys=True))
