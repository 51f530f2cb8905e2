"""Where a member stands: level, points, what they are worth, and how far it is to the next level."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dianke.core.prepared import prepared
from dianke.customers.models import Customer
from dianke.loyalty.queries.context import Context, read_context
from dianke.loyalty.rules.levels import Next, Span, Sums, current_window, next_level, windows
from dianke.loyalty.rules.terms import LevelTerms, Worth

NO_SUMS = Sums()


@dataclass(frozen=True, slots=True)
class Standing:
    """`points` can be spent now, `pending` later, `owed` are missing. `worth` turns points into money off.
    `programme_id` None: the merchant has no programme, and everything else is empty. `context` is what was read, so
    that `plan_sale` need not read it again."""

    programme_id: int | None
    tier_id: int | None
    tier_code: str
    tier_name: str
    points: int
    pending: int
    owed: int
    worth: Worth | None
    discount_bp: int = 0
    points_bp: int = 10_000
    next_tier: Next | None = None
    sums: Sums = NO_SUMS
    window: Span | None = None
    joined_on: date | None = None
    context: Context | None = None


def standing_of(customer_ids: Sequence[int], *, at: datetime, with_progress: bool = True) -> Standing:
    """Of a profile (head first, then those merged into it) at an instant. Two statements, one without progress."""
    context = read_context(customer_ids)
    terms = context.terms
    if terms is None:
        return Standing(None, None, "", "", 0, 0, 0, None, context=context)
    day = terms.day_of(at)
    level = context.level_at(day)
    joined_on = context.joined_on or day
    sums, window, ahead = Sums(), None, None
    if with_progress:
        window = current_window(terms, joined_on, day)
        sums = sums_in(customer_ids, [window])[window]
        ahead = next_level(context.levels, level.rank if level else -1, sums, window)
    return Standing(
        programme_id=terms.id,
        tier_id=level.id if level else None,
        tier_code=level.code if level else "",
        tier_name=level.name if level else "",
        points=sum(context.spendable(at).values()),
        pending=context.pending,
        owed=context.owed,
        worth=terms.worth,
        discount_bp=level.discount_bp if level else 0,
        points_bp=level.points_bp if level else 10_000,
        next_tier=ahead,
        sums=sums,
        window=window,
        joined_on=context.joined_on,
        context=context,
    )


def sums_in(customer_ids: Collection[int], spans: Sequence[Span]) -> dict[Span, Sums]:
    """What was bought in each of the spans, less what was returned. One statement."""
    with prepared() as cursor:
        cursor.execute(
            """
            SELECT n.place, coalesce(sum(s.spend_amount - s.spend_back), 0)::bigint,
                count(s.id) FILTER (WHERE NOT s.is_returned AND s.spend_amount > s.spend_back),
                coalesce(sum(s.tier_points - s.tier_points_back), 0)::bigint
            FROM unnest(%(firsts)s::date[], %(lasts)s::date[]) WITH ORDINALITY AS n(first, last, place)
            LEFT JOIN loyalty_membersale AS s
              ON s.customer_id = ANY(%(ids)s) AND s.counted_on BETWEEN n.first AND n.last
            GROUP BY n.place
            """,
            {
                "firsts": [span.first for span in spans],
                "lasts": [span.last for span in spans],
                "ids": list(customer_ids),
            },
        )
        found = {place: Sums(amount, orders, points) for place, amount, orders, points in cursor.fetchall()}
    return {span: found.get(number, Sums()) for number, span in enumerate(spans, 1)}


def cluster_of(customer_id: int) -> tuple[int, ...]:
    """The profile a customer shows up in: the head first, then those merged into it by id. One statement."""
    with prepared() as cursor:
        cursor.execute(
            """
            WITH h AS (SELECT coalesce(merged_into_id, id) AS id FROM customers_customer WHERE id = %s)
            SELECT c.id FROM customers_customer AS c, h WHERE c.id = h.id OR c.merged_into_id = h.id
            ORDER BY c.merged_into_id NULLS FIRST, c.id
            """,
            [customer_id],
        )
        return tuple(pk for (pk,) in cursor.fetchall())


def clusters_of(head_ids: Collection[int]) -> dict[int, list[int]]:
    """Head -> its cluster, the head first. One statement."""
    found: dict[int, list[int]] = {pk: [pk] for pk in head_ids}
    rows = Customer.objects.filter(merged_into__in=list(head_ids)).order_by("pk")
    for pk, head_id in rows.values_list("pk", "merged_into_id"):
        found[head_id].append(pk)
    return found


def levels_by_code(codes: Collection[str]) -> Mapping[str, LevelTerms]:
    """Levels in use by code, for rooms that name them."""
    from dianke.loyalty.models import Level

    rows = Level.objects.in_use().filter(code__in=codes, programme__is_default=True)
    return {level.code: LevelTerms.read(level) for level in rows}


def all_windows(context: Context, today: date) -> tuple[Span, ...]:
    """The windows that count for a profile on a day."""
    if context.terms is None:
        return ()
    return windows(context.terms, context.joined_on or today, today)
