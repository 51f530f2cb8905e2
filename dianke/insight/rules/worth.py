"""What profiles bought, read over everybody merged into them and net of what came back: expressions over a snapshot.
docs/algorithms/metrics.md
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis

from dianke.insight.rules.scores import BEST, GROUPS, NEW, NEW_FROM
from dianke.insight.rules.tables import Expression, Tables

YEAR = timedelta(days=365)
EPOCH = date(1970, 1, 1)
#: Days of buying that a usual interval is told from: two gaps at least.
FEWEST_GAPS = 2
FAVOURITES = 3
SCORED = {"recency_score": "last_date", "frequency_score": "order_count", "money_score": "spend_amount"}


@dataclass(frozen=True, slots=True)
class Terms:
    """Whom and what is counted: orders of stores with this currency; `heads` None is everybody."""

    as_of: date
    currency: str
    heads: Sequence[int] | None = None


def orders_of(t: Tables, terms: Terms) -> Expression:
    """A row per order of a profile in use: when its first goods left, what of it was kept and what it came to."""
    people = t.customers.filter(t.customers.is_in_use)
    if terms.heads is not None:
        people = people.filter(people.head_id.isin(list(terms.heads)) if terms.heads else ibis.literal(False))
    stores = t.stores.filter(t.stores.currency == terms.currency)
    f = t.facts.inner_join(people, "customer_id").semi_join(stores, "store_id")
    return f.group_by(["head_id", "order_id"]).agg(
        order_date=f.business_date.min(where=f.kind == "SOLD"),
        store_id=f.store_id.min(),
        channel=f.channel.min(),
        kept=f.quantity.sum(),
        amount=f.amount.sum(),
        returned=(-f.amount.sum(where=f.kind == "RETURNED")).fill_null(0),
        tax=f.tax_amount.sum(),
        cost=f.cost.sum(),
    )


def figures(orders: Expression, as_of: date) -> Expression:
    """A row per profile that kept something of an order."""
    since = ibis.literal(as_of - YEAR)
    is_kept = orders.kept > 0
    is_late = orders.order_date > since
    found = orders.group_by("head_id").agg(
        order_count=is_kept.sum(),
        order_count_365=(is_kept & is_late).sum(),
        spend_amount=orders.amount.sum(),
        spend_365_amount=orders.amount.sum(where=is_late).fill_null(0),
        returned_amount=orders.returned.sum(),
        revenue=orders.amount.sum() - orders.tax.sum(),
        cost=orders.cost.sum(),
        first_date=orders.order_date.min(where=is_kept),
        last_date=orders.order_date.max(where=is_kept),
    )
    found = found.filter(found.order_count > 0)
    return found.mutate(
        margin_amount=found.revenue - (found.cost * 100).round(0).cast("int64"),
        average_amount=(found.spend_amount / found.order_count).round(0).cast("int64"),
    ).drop("revenue", "cost")


def intervals(orders: Expression) -> Expression:
    """The median of the days between two days of buying; profiles with enough of them."""
    days = orders.filter(orders.kept > 0).select("head_id", "order_date").distinct()
    order = ibis.window(group_by=days.head_id, order_by=days.order_date)
    gaps = days.mutate(gap=days.order_date.delta(days.order_date.lag().over(order), unit="day"))
    found = gaps.group_by("head_id").agg(
        interval_days=gaps.gap.cast("float64").median(), gaps=gaps.gap.count()
    )
    return found.filter(found.gaps >= FEWEST_GAPS).drop("gaps")


def preferred(orders: Expression, column: str, name: str) -> Expression:
    """What most of a profile's kept orders have in `column`; of equals the latest, then the first by value."""
    kept = orders.filter(orders.kept > 0)
    counted = kept.group_by(["head_id", column]).agg(times=kept.count(), latest=kept.order_date.max())
    order = ibis.window(
        group_by=counted.head_id,
        order_by=[counted.times.desc(), counted.latest.desc(), counted[column].asc()],
    )
    ranked = counted.mutate(place=ibis.row_number().over(order))
    return ranked.filter(ranked.place == 0).select("head_id", **{name: ranked[column]})


def favourites(t: Tables, terms: Terms) -> Expression:
    """Up to three categories a profile spent most on, net, as `favourite_0` …; of equals the first by number."""
    people = t.customers.filter(t.customers.is_in_use)
    if terms.heads is not None:
        people = people.filter(people.head_id.isin(list(terms.heads)) if terms.heads else ibis.literal(False))
    stores = t.stores.filter(t.stores.currency == terms.currency)
    f = (
        t.facts.inner_join(people, "customer_id")
        .inner_join(t.variants, "variant_id")
        .semi_join(stores, "store_id")
    )
    f = f.filter(f.category_id.notnull())
    spent = f.group_by(["head_id", "category_id"]).agg(spent=f.amount.sum())
    spent = spent.filter(spent.spent > 0)
    order = ibis.window(group_by=spent.head_id, order_by=[spent.spent.desc(), spent.category_id.asc()])
    ranked = spent.mutate(place=ibis.row_number().over(order))
    return ranked.group_by("head_id").agg(
        **{f"favourite_{n}": ranked.category_id.max(where=ranked.place == n) for n in range(FAVOURITES)}
    )


def scored(found: Expression, wanted: Collection[str] = tuple(SCORED)) -> Expression:
    """With the wanted of the three scores among all rows (`rules/scores.scores`)."""
    count = found.count().over(ibis.window())
    return found.mutate(
        **{
            score: (1 + (ibis.rank().over(order_by=found[value]) * BEST // count)).cast("int32")
            for score, value in SCORED.items()
            if score in wanted
        }
    )


def scored_by(found: Expression, bounds: Mapping[str, Sequence[Any]]) -> Expression:
    """With the scores that bounds give, which were worked out over everybody before."""
    told = {}
    for score, value in SCORED.items():
        reached = ibis.literal(1)
        for limit in bounds[score]:
            if limit is not None:
                reached = reached + (found[value] >= ibis.literal(limit)).cast("int32")
        told[score] = reached.cast("int32")
    return found.mutate(**told)


def bounds_of(found: Expression) -> Expression:
    """One row: per score, the least value that has 2, 3, 4, 5 or more (`rules/scores.bounds`)."""
    return found.agg(
        **{
            f"{score}_{reached}": found[value].min(where=found[score] >= reached)
            for score, value in SCORED.items()
            for reached in range(2, BEST + 1)
        }
    )


def grouped(found: Expression) -> Expression:
    """With the group of each profile (`rules/scores.group_of`)."""
    mean = (found.frequency_score + found.money_score + 1) // 2
    branches = [((found.order_count == 1) & (found.recency_score >= NEW_FROM), ibis.literal(NEW))]
    branches += [
        ((found.recency_score == recency) & (mean == n), ibis.literal(group))
        for recency, groups in GROUPS.items()
        for n, group in enumerate(groups, 1)
    ]
    return found.mutate(value_group=ibis.cases(*branches, else_=ibis.literal(NEW)))


def worth(t: Tables, terms: Terms, bounds: Mapping[str, Sequence[Any]] | None = None) -> Expression:
    """Everything that is counted about profiles, a row each; scored among all, or by bounds that were."""
    orders = orders_of(t, terms)
    found = figures(orders, terms.as_of)
    found = grouped(scored(found) if bounds is None else scored_by(found, bounds))
    for more in (
        intervals(orders),
        preferred(orders, "channel", "preferred_channel"),
        preferred(orders, "store_id", "preferred_store_id"),
        favourites(t, terms),
    ):
        found = found.left_join(more, "head_id").drop("head_id_right")
    return found


def bought(t: Tables, terms: Terms) -> Expression:
    """What models of buying are fitted to: a row per profile and day it bought on (days since 1970), with what it spent
    net on what it kept."""
    orders = orders_of(t, terms)
    kept = orders.filter(orders.kept > 0)
    days = kept.group_by(["head_id", "order_date"]).agg(amount=kept.amount.sum())
    return days.select("head_id", "amount", day=days.order_date.delta(ibis.literal(EPOCH), unit="day"))


def goods(t: Tables, since: date, most: int) -> Expression:
    """What is learnt from to propose goods: a row per profile, product and day it was bought on since `since` (days
    since 1970), of what was kept; the latest `most`."""
    people = t.customers.filter(t.customers.is_in_use)
    f = t.facts.inner_join(people, "customer_id").inner_join(t.variants, "variant_id")
    lines = f.group_by(["head_id", "order_id", "product_id"]).agg(
        order_date=f.business_date.min(where=f.kind == "SOLD"), kept=f.quantity.sum()
    )
    lines = lines.filter((lines.kept > 0) & (lines.order_date >= ibis.literal(since)))
    days = lines.select(
        "head_id", "product_id", day=lines.order_date.delta(ibis.literal(EPOCH), unit="day")
    ).distinct()
    return days.order_by([days.day.desc(), days.head_id, days.product_id]).limit(most)
