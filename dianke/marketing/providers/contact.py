"""Who answered a message of a campaign: they followed its link, or used its coupon after it came."""

# ruff: noqa: S608  only declared texts are put together

from __future__ import annotations

from dianke.insight.queries.contact import Asked, register_asked
from dianke.messaging.queries.preferred import WENT_OUT

#: What had neither a link nor a coupon asked for nothing that could be seen; nobody follows a link on the phone.
ASKED = f"""
SELECT m.customer_id, m.channel, x.member_id IS NOT NULL
    OR k.state = 'USED' AND k.used_reference <> '' AND k.used_at >= m.sent_at
FROM marketing_member AS b
JOIN marketing_campaign AS g ON g.id = b.campaign_id
JOIN messaging_message AS m ON m.customer_id = b.customer_id AND m.source = 'campaign:' || b.campaign_id
LEFT JOIN marketing_click AS x ON x.member_id = b.id
LEFT JOIN promotions_coupon AS k ON k.id = b.coupon_id
WHERE {WENT_OUT} AND (b.coupon_id IS NOT NULL OR g.link_url <> '' AND m.channel <> 'CALL')
"""


def register() -> None:
    """Called once, when the apps are ready."""
    register_asked(Asked("marketing.campaigns", ASKED))
