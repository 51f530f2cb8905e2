"""Analyses of the whole history, of the same layer as the measures: cohorts, best sellers, stores by day, what is
bought together. Expressions over a snapshot, for any engine.
"""

from __future__ import annotations

from datetime import date

import ibis

from dianke.insight.rules.measures import SOLD
from dianke.insight.rules.tables import Expression, Tables
from dianke.insight.rules.worth import Terms, figures, orders_of, scored


def rfm(t: Tables, terms: Terms) -> Expression:
    """Profiles by recency and frequency: how many, and what they spent net."""
    found = scored(figures(orders_of(t, terms), terms.as_of), ("recency_score", "frequency_score"))
    return found.group_by(["recency_score", "frequency_score"]).agg(
        customers=found.count(), spend_amount=found.spend_amount.sum()
    )


def months_of_buying(t: Tables, terms: Terms) -> Expression:
    """A row per profile and month it bought in, with the month it first did (`cohort`); both as their first day."""
    orders = orders_of(t, terms)
    kept = orders.filter(orders.kept > 0)
    months = kept.select("head_id", month=kept.order_date.truncate("M")).distinct()
    firsts = months.group_by("head_id").agg(cohort=months.month.min())
    return months.inner_join(firsts, "head_id").select("head_id", "month", "cohort")


def cohorts(t: Tables, terms: Terms, visible: Expression | None = None) -> Expression:
    """How many of those who first bought in a month bought in it and in each later month. `visible`: only profiles
    that stand in it (`head_id`)."""
    months = months_of_buying(t, terms)
    if visible is not None:
        months = months.semi_join(visible, "head_id")
    return months.group_by(["cohort", "month"]).agg(customers=months.count()).order_by(["cohort", "month"])


def people_of_cohort(t: Tables, terms: Terms, cohort: date, month: date) -> Expression:
    """Who stands behind one figure of `cohorts`."""
    months = months_of_buying(t, terms)
    return months.filter(months.cohort == ibis.literal(cohort), months.month == ibis.literal(month)).select(
        "head_id"
    )


def best_sellers(t: Tables, first: date, last: date) -> Expression:
    """Products by what was sold of them net, the first by number of equals."""
    f = t.facts.filter(t.facts.business_date.between(ibis.literal(first), ibis.literal(last)))
    f = f.inner_join(t.variants, "variant_id")
    found = f.group_by("product_id").agg(
        amount=f.amount.sum(), quantity=f.quantity.sum(), orders=f.order_id.nunique(where=f.kind == SOLD)
    )
    return found.order_by([found.amount.desc(), found.product_id.asc()])


def stores_by_day(t: Tables, first: date, last: date) -> Expression:
    """Each store's days: orders and net sales."""
    f = t.facts.filter(t.facts.business_date.between(ibis.literal(first), ibis.literal(last)))
    found = f.group_by(["store_id", "business_date"]).agg(
        orders=f.order_id.nunique(where=f.kind == SOLD), amount=f.amount.sum()
    )
    return found.order_by(["store_id", "business_date"])


def bought_together(t: Tables, first: date, last: date, fewest: int) -> Expression:
    """Pairs of products that stood on the same orders, `fewest` at least: how many, the most frequent first."""
    f = t.facts.filter(
        t.facts.kind == SOLD,
        t.facts.business_date.between(ibis.literal(first), ibis.literal(last)),
    )
    f = f.inner_join(t.variants, "variant_id")
    one = f.select("order_id", "product_id").distinct()
    other = one.view()
    pairs = one.join(other, [one.order_id == other.order_id, one.product_id < other.product_id]).select(
        product_id=one.product_id, with_product_id=other.product_id
    )
    counted = pairs.group_by(["product_id", "with_product_id"]).agg(orders=pairs.count())
    return counted.filter(counted.orders >= fewest).order_by(
        [counted.orders.desc(), counted.product_id.asc(), counted.with_product_id.asc()]
    )
