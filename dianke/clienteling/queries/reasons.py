"""Who has a reason to be contacted on a day, and the numbers behind it: one statement for each reason, over everybody.

A statement answers profile, rank (the smallest first) and facts; of each store so many are kept as its people could
ever call in a day. Rows of customers merged into another count for the profile.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Coalesce

from dianke.clienteling.queries.rules import InForce
from dianke.clienteling.rules.reasons import GONE_AFTER, SLIPS_AFTER
from dianke.core.period import Period
from dianke.customers.models import ImportantDate, State
from dianke.customers.models.life import day_key, day_key_of
from dianke.customers.rules.care import in_period
from dianke.loyalty.queries.context import POINTS_CODE
from dianke.stores.queries import merchant_zone

Facts = Mapping[str, Any]
Found = dict[int, dict[str, Facts]]
#: Of one reason and store.
MOST = 200
#: A quote older than that is forgotten, a purchase is followed up within so many days after its day, a promise to call
#: is remembered so long.
QUOTE_UNTIL, AFTERWARDS, PROMISE_UNTIL = 60, 4, 7

_HEAD = "coalesce(c.merged_into_id, c.id)"
_CAPPED = """
SELECT head, facts FROM (
  SELECT f.head, f.rank, f.facts, row_number() OVER (PARTITION BY h.store_id ORDER BY f.rank, f.head) AS place
  FROM ({sql}) AS f (head, rank, facts) JOIN customers_customer AS h ON h.id = f.head
  WHERE h.state = 'ACTIVE' AND h.merged_into_id IS NULL
) AS t WHERE place <= {most} ORDER BY rank, head
"""

_AGAIN = f"""
SELECT {_HEAD}, o.agreed_date - %(day)s, jsonb_build_object('by', o.user_id, 'on', o.at::date)
FROM clienteling_outcome AS o JOIN customers_customer AS c ON c.id = o.customer_id
WHERE o.kind = 'AGAIN' AND o.taken_back_at IS NULL AND o.agreed_date BETWEEN %(day)s - %(promise)s AND %(day)s
  AND NOT EXISTS (SELECT 1 FROM clienteling_outcome AS n
                  WHERE n.customer_id = o.customer_id AND n.taken_back_at IS NULL AND n.at > o.at)
"""  # noqa: S608
_QUOTE = f"""
SELECT {_HEAD}, -o.total_amount, jsonb_build_object('order', o.id, 'number', o.number, 'amount', o.total_amount,
       'currency', o.currency, 'on', o.business_date, 'days', %(day)s - o.business_date)
FROM sales_order AS o JOIN customers_customer AS c ON c.id = o.customer_id
WHERE o.state = 'DRAFT' AND o.channel = 'QUOTE' AND o.total_amount > 0
  AND o.business_date BETWEEN %(day)s - %(quote_until)s AND %(day)s - %(days)s
"""  # noqa: S608
_CARD = f"""
SELECT {_HEAD}, min(t.expires_on) - %(day)s, jsonb_build_object('count', sum(b.balance), 'on', min(t.expires_on),
       'left', min(t.expires_on) - %(day)s)
FROM wallets_sessioncard AS t JOIN customers_customer AS c ON c.id = t.customer_id
JOIN wallets_carditem AS i ON i.card_id = t.id JOIN ledger_accountbalance AS b ON b.account_id = i.sessions_id
WHERE t.closed_at IS NULL AND b.balance > 0 AND t.expires_on BETWEEN %(day)s AND %(day)s + %(days)s
GROUP BY 1
"""  # noqa: S608
_LOTS = """
SELECT {head}, -sum(l.remaining), jsonb_build_object(
       'count', sum(l.remaining), 'on', {end}, 'left', {end} - %(day)s{more})
FROM ledger_lot AS l {joins}
WHERE l.remaining > 0 AND l.expires_at > %(now)s AND l.expires_at < %(midnight)s + make_interval(days => %(days)s)
GROUP BY 1{group}
"""
_END = "(min(l.expires_at - interval '1 second') AT TIME ZONE %(zone)s)::date"
_POINTS = _LOTS.format(
    head=_HEAD,
    end=_END,
    more="",
    joins="JOIN ledger_account AS a ON a.id = l.account_id AND a.code = %(points)s"
    " JOIN customers_customer AS c ON c.id ="
    " CASE WHEN starts_with(a.holder, 'customers.customer:') THEN split_part(a.holder, ':', 2)::bigint END",
    group="",
)
_BALANCE = _LOTS.format(
    head=_HEAD,
    end=_END,
    more=", 'currency', w.currency",
    joins="JOIN wallets_wallet AS w ON l.account_id IN (w.bonus_id, w.promotional_id)"
    " JOIN customers_customer AS c ON c.id = w.customer_id",
    group=", w.currency",
)
_SLIPPING = """
SELECT m.customer_id, -100 * m.money_score + (%(day)s - m.last_date) / m.interval_days,
       jsonb_build_object('interval', m.interval_days::text, 'days', %(day)s - m.last_date, 'on', m.last_date,
                          'risk', m.churn_risk::text)
FROM insight_customermetrics AS m
WHERE m.interval_days >= 1 AND %(day)s - m.last_date BETWEEN %(slips)s * m.interval_days AND %(gone)s * m.interval_days
"""
_DUE = """
SELECT m.customer_id, abs(m.expected_next_date - %(day)s),
       jsonb_build_object('on', m.expected_next_date, 'left', m.expected_next_date - %(day)s)
FROM insight_customermetrics AS m
WHERE m.expected_next_date BETWEEN %(day)s - %(days)s AND %(day)s + %(days)s
  AND (m.interval_days IS NULL OR %(day)s - m.last_date < %(slips)s * m.interval_days)
"""
_THANKS = f"""
SELECT {_HEAD}, -o.earned_amount, jsonb_build_object('order', o.id, 'number', o.number, 'on', o.business_date,
       'days', %(day)s - o.business_date)
FROM sales_order AS o JOIN customers_customer AS c ON c.id = o.customer_id
WHERE o.store_id = ANY(SELECT id FROM stores_store) AND o.state IN ('DELIVERED', 'INSTALLED', 'CLOSED')
  AND o.earned_amount > o.returned_amount
  AND o.business_date BETWEEN %(day)s - %(days)s - %(afterwards)s AND %(day)s - %(days)s
"""  # noqa: S608
_NEW = """
SELECT c.id, extract(epoch FROM %(now)s - c.created_at), jsonb_build_object(
       'days', %(day)s - (c.created_at AT TIME ZONE %(zone)s)::date,
       'on', (c.created_at AT TIME ZONE %(zone)s)::date)
FROM customers_customer AS c
WHERE c.merged_into_id IS NULL AND c.channel <> 'IMPORT'
  AND c.created_at > %(midnight)s - make_interval(days => %(days)s) AND c.created_at < %(midnight)s
"""

_STATEMENTS: Mapping[str, str] = {
    "AGAIN": _AGAIN,
    "QUOTE": _QUOTE,
    "CARD": _CARD,
    "BALANCE": _BALANCE,
    "POINTS": _POINTS,
    "SLIPPING": _SLIPPING,
    "DUE": _DUE,
    "THANKS": _THANKS,
    "NEW": _NEW,
}


def reasons_of_day(in_force: Mapping[str, InForce], *, day: date, now: datetime) -> Found:
    """Profile → reason → facts. One statement for each reason that is in use."""
    found: Found = defaultdict(dict)
    for code, rule in in_force.items():
        if not rule.is_on:
            continue
        rows = _dates(rule.days, day) if code == "DATE" else _ask(_STATEMENTS[code], rule.days, day, now)
        for head, facts in rows:
            found[head].setdefault(code, facts)
    return found


def _ask(sql: str, days: int, day: date, now: datetime) -> list[tuple[int, Facts]]:
    zone = merchant_zone()
    values: dict[str, Any] = {
        "day": day,
        "days": days,
        "now": now,
        "midnight": datetime(day.year, day.month, day.day, tzinfo=zone),
        "zone": str(zone),
        "points": POINTS_CODE,
        "slips": SLIPS_AFTER,
        "gone": GONE_AFTER,
        "promise": PROMISE_UNTIL,
        "quote_until": QUOTE_UNTIL,
        "afterwards": AFTERWARDS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CAPPED.format(sql=sql, most=MOST), values)
        return [(head, json.loads(facts)) for head, facts in cursor.fetchall()]


def _dates(days: int, day: date) -> list[tuple[int, Facts]]:
    """Birthdays and anniversaries, solar and lunar, from today to `days` on."""
    on_of: dict[int, date] = {}
    for each in in_period(Period(day, day + timedelta(days=days + 1))):
        on_of.setdefault(day_key_of(*each.stored), each.on)
    rows = (
        ImportantDate.objects.alias(key=day_key())
        .filter(archived_at=None, key__in=list(on_of))
        .annotate(day_key=F("key"), head=Coalesce("customer__merged_into_id", "customer_id"))
        .values_list("head", "day_key", "kind", "calendar", "month", "day", "is_leap", "customer__state")
    )
    found = []
    for head, key, kind, calendar, month, number, is_leap, state in rows:
        if state == State.ACTIVE:
            on = on_of[key]
            lunar = [month, number, is_leap] if calendar == "LUNAR" else None
            facts = {"kind": kind, "on": on.isoformat(), "left": (on - day).days, "lunar": lunar}
            found.append((head, facts))
    return sorted(found, key=lambda each: (each[1]["left"], each[0]))
