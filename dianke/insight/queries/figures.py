"""Figures of sales by any dimension: the one way pages, dashboards, reports and the interface ask."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, NotAllowed
from dianke.insight.models import FIGURES
from dianke.insight.queries.engine import Snapshot, snapshot
from dianke.insight.rules.terms import MEASURES
from dianke.sales.models.turnover import Reach
from dianke.sales.queries.reports.figures import Scope, names_of
from dianke.sales.rules.report_terms import By, Span
from dianke.stores.models import Store

COSTS = "catalog.view_costs"


class CostsHidden(NotAllowed):
    code = "costs_hidden"
    message = _("Cost, profit and margin are only for whoever may see cost prices. Leave them out.")


class TooManyRows(InvalidInput):
    code = "figures_too_many_rows"
    message = _(
        "These figures have more than %(most)s rows. Choose fewer days, narrow them, or tell them by fewer things."
    )
    default_field = "by"


@dataclass(frozen=True, slots=True)
class Answered:
    """`rows`: keys and values as `rules.measures.AnswerRow`; `names`: what the keys are called, per dimension."""

    measures: tuple[str, ...]
    by: tuple[By, ...]
    rows: tuple[Any, ...]
    names: Mapping[By, Mapping[str, str]]
    currency: str
    taken_at: datetime


def stores_of(actor: Actor) -> list[Store]:
    """The stores whose figures the actor may ask for, closed ones too."""
    return list(
        Store.objects.filter(pk__in=Store.objects.visible_to(actor, FIGURES).values("pk"))
        .select_related("legal_entity")
        .order_by("code")
    )


def scope_of(actor: Actor, stores: Iterable[Store] | None = None) -> Scope:
    """Those of the chosen stores that the actor reaches (None: all of them), of the first one's currency."""
    found = scopes_of(actor, stores)
    return found[0] if found else Scope((), frozenset(), actor.user_id, "CNY")


def scopes_of(actor: Actor, stores: Iterable[Store] | None = None) -> list[Scope]:
    """The same, one per currency: amounts of two are never added."""
    every = stores_of(actor)
    wanted = None if stores is None else set(stores)
    chosen = [store for store in every if wanted is None or store in wanted]
    reach = Reach.of(actor, FIGURES)
    found = []
    for currency in dict.fromkeys(store.currency for store in chosen):
        kept = [store for store in chosen if store.currency == currency]
        whole = {store.pk for store in kept} if reach.whole is None else reach.whole
        own = frozenset(store.pk for store in kept if store.pk not in whole)
        found.append(Scope(tuple(kept), own, actor.user_id, currency))
    return found


def ask(
    *,
    measures: Collection[str],
    by: Collection[str] = (),
    span: Span,
    where: Mapping[str, Collection[str]] | None = None,
    scope: Scope,
    actor: Actor,
    on: Snapshot | None = None,
    most_rows: int | None = None,
    within_seconds: float | None = None,
) -> Answered:
    """What the snapshot says. Raises `NoSnapshot`, `UnknownMeasure`, `UnknownDimension`, `TooManyDimensions`,
    `CostsHidden`; whoever lacks the permission is refused. More rows than `most_rows` are refused too (`TooManyRows`),
    and what takes longer than `within_seconds` (`TookTooLong`)."""
    from dianke.insight.rules import measures as layer

    actor.require(FIGURES)
    within = layer.Within(tuple(store.pk for store in scope.stores), scope.own, scope.user_id)
    asked = layer.question(measures=measures, by=by, span=span, within=within, where=where)
    if any(MEASURES[name].shows_costs for name in asked.measures) and not actor.can(COSTS):
        raise CostsHidden
    opened = on or snapshot()
    expression = layer.expression(opened.tables, asked)
    if most_rows is not None:
        expression = expression.limit(most_rows + 1)
    found = opened.rows(expression, within_seconds=within_seconds)
    if most_rows is not None and len(found) > most_rows:
        raise TooManyRows(most=most_rows)
    quantities = layer.quantities(opened.tables, asked)
    in_units = [] if quantities is None else opened.rows(quantities, within_seconds=within_seconds)
    rows = layer.answer(asked, found, in_units)
    names = {
        each: names_of(each, dict.fromkeys(row.keys[n] for row in rows), span)
        for n, each in enumerate(asked.by)
    }
    return Answered(asked.measures, asked.by, tuple(rows), names, scope.currency, opened.taken_at)
