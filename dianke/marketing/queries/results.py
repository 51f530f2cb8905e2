"""What a campaign came to, read from orders, returns, coupons and messages as they are now: nothing is kept, so a
return next month changes the result of last month. What it means is worked out by `rules/evaluation.py`.

A person is the profile as it is merged today. Whoever has members in both groups after a merge is in neither. An order
belongs to the campaign when it was placed within the window of its person; what came back of it later is taken off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet, Sum

from dianke.marketing.models import Campaign, Variant
from dianke.marketing.rules.costs import message_cost, whole
from dianke.marketing.rules.evaluation import Arm, Result, evaluate
from dianke.messaging.models import OUT, Message

#: Profiles of these campaigns whose turn has come, once for each, with their window; those of both groups are left out.
PEOPLE = """
one AS (
    SELECT m.campaign_id AS campaign, coalesce(c.merged_into_id, c.id) AS head, min(m.arm) AS arm,
        (array_agg(v.position ORDER BY m.id))[1] AS position, min(m.begun_at) AS since, min(m.id) AS member_id
    FROM marketing_member AS m JOIN customers_customer AS c ON c.id = m.customer_id
    LEFT JOIN marketing_variant AS v ON v.id = m.variant_id
    WHERE m.campaign_id = ANY(%(campaigns)s) AND m.begun_at IS NOT NULL
    GROUP BY 1, 2 HAVING count(DISTINCT m.arm) = 1
), cluster AS (
    SELECT campaign, head, head AS customer_id FROM one
    UNION ALL SELECT one.campaign, one.head, c.id FROM one JOIN customers_customer AS c ON c.merged_into_id = one.head
)"""
#: Their orders within the window, net of everything that came back. Margin after coupons, tax off.
ORDERS = """
placed AS (
    SELECT one.campaign, one.head, one.arm, one.position, one.member_id, o.id AS order_id,
        o.currency = b.currency AS is_ours
    FROM cluster AS k JOIN one USING (campaign, head) JOIN marketing_campaign AS b ON b.id = one.campaign
    JOIN sales_order AS o ON o.customer_id = k.customer_id
    WHERE o.state NOT IN ('DRAFT', 'CANCELLED') AND o.occurred_at >= one.since
        AND o.occurred_at < one.since + b.window_days * interval '1 day'
), bought AS (
    SELECT p.campaign, p.head, p.arm, p.position, p.member_id, p.order_id,
        coalesce(sum(t.amount) FILTER (WHERE p.is_ours), 0) AS net,
        coalesce(sum(t.amount - t.tax_amount - t.cost * 100) FILTER (WHERE p.is_ours), 0) AS margin,
        coalesce(sum(t.amount), 0) > 0 AS is_kept
    FROM placed AS p LEFT JOIN sales_turnover AS t ON t.order_id = p.order_id
    GROUP BY 1, 2, 3, 4, 5, 6
)"""
_ARMS = f"""
WITH {PEOPLE}, {ORDERS}, person AS (
    SELECT campaign, head, count(*) AS orders, sum(net) AS net, sum(margin) AS margin, bool_or(is_kept) AS is_kept
    FROM bought GROUP BY campaign, head
)
SELECT one.campaign, one.arm, one.position, count(*), count(p.head), count(*) FILTER (WHERE p.is_kept),
    coalesce(sum(p.orders), 0), coalesce(sum(p.net), 0), coalesce(sum(p.net * p.net), 0),
    round(coalesce(sum(p.margin), 0))
FROM one LEFT JOIN person AS p USING (campaign, head) GROUP BY one.campaign, one.arm, one.position
"""  # noqa: S608 - parts are ours
_COUPONS = """
SELECT m.campaign_id, v.position, count(k.member_id), count(*) FILTER (WHERE c.state = 'USED'),
    coalesce(sum(c.used_amount) FILTER (WHERE c.state = 'USED'), 0)
FROM marketing_member AS m JOIN marketing_variant AS v ON v.id = m.variant_id
LEFT JOIN marketing_click AS k ON k.member_id = m.id LEFT JOIN promotions_coupon AS c ON c.id = m.coupon_id
WHERE m.campaign_id = ANY(%(campaigns)s) GROUP BY m.campaign_id, v.position
"""
#: What a figure is made of, as the first member of each profile that stands behind it.
_BEHIND = {
    "people": "SELECT member_id FROM one",
    "came": "SELECT member_id FROM placed",
    "converted": "SELECT member_id FROM bought WHERE is_kept",
}


@dataclass(frozen=True, slots=True)
class CampaignResult:
    """`result` and whether it can still change by new orders; `is_empty` before anybody's turn has come."""

    result: Result
    is_empty: bool
    letters: Mapping[str, int]


def result_of(campaign: Campaign) -> CampaignResult:
    """Figures by variant and control."""
    return results_of([campaign])[campaign.pk]


def results_of(campaigns: Sequence[Campaign]) -> dict[int, CampaignResult]:
    """Campaign → figures by variant and control. Four statements, whatever the number of campaigns and people."""
    letters: dict[int, dict[str, int]] = {campaign.pk: {} for campaign in campaigns}
    for variant in Variant.objects.filter(campaign__in=list(letters)).order_by("campaign", "position"):
        letters[variant.campaign_id][variant.letter] = variant.position
    arms = {pk: {letter: Arm(letter, 0) for letter in own} for pk, own in letters.items()}
    controls = dict.fromkeys(letters, Arm("", 0))
    for pk, arm, position, *sums in _rows(_ARMS, letters):
        people, came, converted, orders, sales, square, margin = (int(each) for each in sums)
        found = Arm(
            "" if position is None else "ABCD"[position],
            people,
            came=came,
            converted=converted,
            orders=orders,
            sales_amount=sales,
            sales_square=square,
            margin_amount=margin,
        )
        if arm == "CONTROL":
            controls[pk] = found
        else:
            arms[pk][found.code] = found
    for (pk, letter), more in _spent(campaigns).items():
        if letter in arms[pk]:
            arms[pk][letter] = replace(arms[pk][letter], **more)
    return {
        campaign.pk: CampaignResult(
            evaluate(
                list(arms[campaign.pk].values()), controls[campaign.pk] if campaign.control_bp else None
            ),
            not any(arm.people for arm in arms[campaign.pk].values()),
            letters[campaign.pk],
        )
        for campaign in campaigns
    }


def _rows(sql: str, campaign_ids: Iterable[int], **more: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"campaigns": list(campaign_ids), **more})
        return list(cursor.fetchall())


def _spent(campaigns: Sequence[Campaign]) -> dict[tuple[int, str], dict[str, Any]]:
    """(campaign, letter) → what of the messages and coupons is known: reached, clicked, redeemed, costs."""
    of = {campaign.source: campaign for campaign in campaigns}
    found: dict[tuple[int, str], dict[str, Any]] = {}
    costs: dict[tuple[int, str], Decimal] = {}
    sent = _gone_out().filter(source__in=list(of)).order_by()
    for source, letter, channel, people, parts in sent.values_list("source", "step", "channel").annotate(
        n=Count("customer", distinct=True), parts=Sum("segments")
    ):
        campaign = of[source]
        key = campaign.pk, letter
        found.setdefault(key, {"reached": 0})["reached"] += people
        price = Decimal(campaign.prices.get(channel, "0"))
        costs[key] = costs.get(key, Decimal(0)) + message_cost(price, parts)
    for key, cost in costs.items():
        found[key]["message_amount"] = whole(cost)
    for pk, position, clicked, redeemed, worth in _rows(_COUPONS, [each.pk for each in campaigns]):
        more = found.setdefault((pk, "ABCD"[position]), {})
        more |= {"clicked": clicked, "redeemed": redeemed, "coupon_amount": int(worth)}
    return found


def _gone_out() -> QuerySet[Message]:
    return Message.objects.filter(state__in=[*OUT, "UNKNOWN"])


def reached(campaign: Campaign) -> QuerySet[Message]:
    """What went out to the people of a campaign."""
    return _gone_out().filter(source=campaign.source)


def members_behind(campaign: Campaign, figure: str) -> list[int]:
    """The members behind `people`, `came` or `converted`, of both groups, one for each profile. Raises `KeyError` for
    other figures."""
    sql = f"WITH {PEOPLE}, {ORDERS} SELECT DISTINCT member_id FROM ({_BEHIND[figure]}) AS b"  # noqa: S608 - parts are ours
    return [pk for (pk,) in _rows(sql, [campaign.pk])]


def bought_by(campaign: Campaign, head_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Profile → (orders, minor units net) within the window."""
    sql = (
        f"WITH {PEOPLE}, {ORDERS} SELECT head, count(*), sum(net) FROM bought"  # noqa: S608 - parts are ours
        " WHERE head = ANY(%(heads)s) GROUP BY head"
    )
    return {
        head: (int(orders), int(net)) for head, orders, net in _rows(sql, [campaign.pk], heads=list(head_ids))
    }


@dataclass(frozen=True, slots=True)
class Bought:
    """An order behind the sales of a campaign: minor units that count, the group and variant it counts for."""

    net_amount: int
    arm: str
    letter: str


def orders_of(campaign: Campaign, *, arm: str = "", letter: str = "") -> dict[int, Bought]:
    """The orders behind the sales of a campaign, of one group or variant where asked: their sum is its net sales."""
    sql = f"WITH {PEOPLE}, {ORDERS} SELECT order_id, net, arm, position FROM bought"  # noqa: S608 - parts are ours
    found = {
        pk: Bought(int(net), group, "" if position is None else "ABCD"[position])
        for pk, net, group, position in _rows(sql, [campaign.pk])
    }
    return {
        pk: row
        for pk, row in found.items()
        if (not arm or row.arm == arm) and (not letter or row.letter == letter)
    }
