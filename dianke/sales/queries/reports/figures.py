"""Reports of sales as values: rows with names, the whole, what is left between them, and the same a period before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import get_day_names
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dianke.access.models import User
from dianke.catalog.models import Brand, Category, Product, Unit
from dianke.core.actor import Actor
from dianke.customers.models import Tag
from dianke.loyalty.models import Level
from dianke.sales.models import Order, OrderLine, Tender
from dianke.sales.models.turnover import REPORTS, Reach
from dianke.sales.queries.reports.quantities import units_of
from dianke.sales.queries.reports.statement import grouped, total
from dianke.sales.rules.quantities import NOTHING, Quantities
from dianke.sales.rules.report_terms import LASTING, TIMES, By, Figures, Span, rest_of
from dianke.stores.models import Store
from dianke.web.formats import calendar_day, locale

#: The key of what no row tells.
REST = "*"
_NO_GOODS = frozenset(OrderLine.Kind.values)
_MODELS: Mapping[By, Any] = {
    By.STORE: Store,
    By.PRODUCT: Product,
    By.CATEGORY: Category,
    By.BRAND: Brand,
    By.STAFF: User,
    By.LEVEL: Level,
    By.TAG: Tag,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Which stores: those of `own` only with the lines `user_id` had a share of. One currency."""

    stores: tuple[Store, ...]
    own: frozenset[int]
    user_id: int | None
    currency: str
    other_currencies: tuple[str, ...] = ()

    def values(self, span: Span, by: By | None) -> dict[str, Any]:
        return {
            "stores": [store.pk for store in self.stores],
            "own": sorted(self.own),
            "user": self.user_id,
            "first": span.first,
            "last": span.last,
            "by_person": by is By.STAFF,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """`before` is None where the same key means nothing a period before."""

    key: str
    label: str
    figures: Figures
    before: Figures | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Rows come to `whole`, `rest` included (its papers are not counted). `units`: those of its quantities."""

    by: By
    span: Span
    compared: Span
    whole: Figures
    before: Figures
    rows: tuple[Row, ...]
    units: tuple[Unit, ...]


def stores_of(actor: Actor) -> list[Store]:
    """The stores the actor reads reports of, closed ones too. One statement."""
    return list(
        Store.objects.filter(pk__in=Store.objects.visible_to(actor, REPORTS).values("pk"))
        .select_related("legal_entity")
        .order_by("code")
    )


def scope_of(actor: Actor, stores: Sequence[Store], every: Sequence[Store]) -> Scope:
    """The chosen stores (none: every one the actor reaches), those of the first one's currency."""
    chosen = list(stores or every)
    currencies = list(dict.fromkeys(store.currency for store in chosen))
    kept = [store for store in chosen if store.currency == currencies[0]] if chosen else []
    reach = Reach.of(actor)
    whole = {s.pk for s in kept} if reach.whole is None else reach.whole
    own = frozenset(store.pk for store in kept if store.pk not in whole)
    return Scope(
        tuple(kept), own, actor.user_id, currencies[0] if currencies else "CNY", tuple(currencies[1:])
    )


def report_of(*, by: By, scope: Scope, span: Span, compared: Span) -> Report:
    """The report: two statements for the whole, two for the rows (one where days are other days), two for the names."""
    whole, before = figures_of(scope, span), figures_of(scope, compared)
    found = rows_of(by, scope, span)
    earlier = rows_of(by, scope, compared) if by in LASTING else {}
    if by in (By.DAY, By.WEEK, By.MONTH):
        found = _filled(by, span, found)
    keys = [*found, *(key for key in earlier if key not in found)]
    names = names_of(by, keys, span)
    nothing = Figures()
    rows = [
        Row(
            key,
            names.get(key, key),
            found.get(key, nothing),
            earlier.get(key, nothing) if by in LASTING else None,
        )
        for key in keys
    ]
    if by in TIMES:
        rows.sort(key=lambda row: int(row.key) if by in (By.HOUR, By.WEEKDAY) else row.key)
    else:
        rows.sort(key=lambda row: (-row.figures.net_amount, row.label))
    rest = rest_of(whole, [row.figures for row in rows])
    if by is By.TENDER:  # goods and costs are not paid by one tender or the other
        rest = replace(rest, list_amount=0, cost=nothing.cost, counted_quantity=nothing.counted_quantity)
        rest = replace(rest, sold_quantity=NOTHING, returned_quantity=NOTHING)
    if not rest.is_nothing:
        label = _("Counted in several groups") if by is By.TAG else pgettext("rest of a report", "Others")
        rows.append(Row(REST, label, rest))
    quantities = [whole.quantity, before.quantity, *(row.figures.quantity for row in rows)]
    return Report(by, span, compared, whole, before, tuple(rows), units_of(quantities))


def figures_of(scope: Scope, span: Span) -> Figures:
    """The sums of all. One statement."""
    found = _read(total(is_shared=bool(scope.own)), scope.values(span, None))
    return found.get("", Figures())


def rows_of(by: By, scope: Scope, span: Span) -> dict[str, Figures]:
    """The sums by key. One statement."""
    return _read(grouped(by, is_shared=bool(scope.own)), scope.values(span, by))


def _read(sql: str, values: Mapping[str, Any]) -> dict[str, Figures]:
    if not values["stores"]:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        told: dict[str, Figures] = {}
        for key, *sums, units, sold, returned in cursor.fetchall():
            every: tuple[Any, ...] = (*sums, _in_units(units, sold), _in_units(units, returned))
            told[key] = Figures(*every)
        return told


def _in_units(units: Sequence[int], quantities: Sequence[Decimal]) -> Quantities:
    return Quantities.summed(zip(units, quantities, strict=True))


def _filled(by: By, span: Span, found: Mapping[str, Figures]) -> dict[str, Figures]:
    """Every day, week or month of the span, also those without a sale."""
    days = (span.first + timedelta(days=n) for n in range(span.days))
    keys = dict.fromkeys(begin_of(by, day).isoformat() for day in days)
    return {key: found.get(key, Figures()) for key in keys}


def begin_of(by: By, day: date) -> date:
    """The first day of its week or month; of a day itself."""
    if by is By.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if by is By.MONTH else day


# --- names --------------------------------------------------------------------------------------------------------
def names_of(by: By, keys: Iterable[str], span: Span) -> dict[str, str]:
    """What the keys are called. One statement at most."""
    keys = list(keys)
    if by is By.HOUR:
        return {key: f"{int(key):02}:00–{int(key):02}:59" for key in keys}
    if by is By.WEEKDAY:
        days = get_day_names("wide", locale=locale())
        return {key: days[int(key) - 1] for key in keys}
    if by in TIMES:
        return {key: _day_name(by, date.fromisoformat(key), span) for key in keys}
    if by is By.CHANNEL:
        return {key: str(Order.Channel(key).label) for key in keys}
    if by is By.TENDER:
        named = dict(Tender.objects.filter(code__in=keys).values_list("code", "name"))
        return named | {"": _("Not paid yet, or nothing to pay")}
    if by is By.NOVELTY:
        return {"NEW": _("New customers"), "KNOWN": _("Returning customers"), "": _not_known()}
    named = {key: str(OrderLine.Kind(key).label) for key in keys if key in _NO_GOODS}
    ids = [int(key) for key in keys if key.isdecimal()]
    rows = _MODELS[by].objects.filter(pk__in=ids)
    if by is By.STORE:
        found = {str(row.pk): row.short_name or row.name for row in rows}
    else:
        found = {str(pk): name for pk, name in rows.values_list("pk", "name")}
    return named | found | {"": _without(by), "NONE": _without_of_customer(by)}


def _day_name(by: By, day: date, span: Span) -> str:
    if by is By.MONTH:
        return f"{day:%Y-%m}"
    if by is By.WEEK:
        last = min(day + timedelta(days=6), span.last)
        return f"{calendar_day(max(day, span.first), span.last)} – {calendar_day(last, span.last)}"
    return calendar_day(day, span.last)


def _not_known() -> str:
    return _("Customer not known")


def _without(by: By) -> str:
    return {
        By.CATEGORY: _("Without a category"),
        By.BRAND: _("Without a brand"),
        By.STAFF: _("Nobody named"),
    }.get(by, _not_known())


def _without_of_customer(by: By) -> str:
    return _("Without a tag") if by is By.TAG else _("Not a member")


# --- the books ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Books:
    """What the ledger calls revenue of the stores and days: by sales and returns, by sessions used, by the rest."""

    sales: int
    sessions: int
    other: int

    @property
    def revenue(self) -> int:
        return self.sales + self.sessions + self.other


def books_of(scope: Scope, span: Span) -> Books:
    """Held against the report: `sales` is its revenue to the minor unit, where every line is the reader's. One
    statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(sum(p.amount) FILTER (WHERE t.kind LIKE 'sales.%%'), 0)::bigint,
                   coalesce(sum(p.amount) FILTER (WHERE t.kind LIKE 'wallets.%%'), 0)::bigint,
                   coalesce(sum(p.amount), 0)::bigint
            FROM ledger_account AS a JOIN ledger_posting AS p ON p.account_id = a.id
            JOIN ledger_transaction AS t ON t.id = p.transaction_id
            WHERE a.code = 'revenue' AND a.store_id = ANY(%(stores)s)
              AND t.business_date BETWEEN %(first)s AND %(last)s
            """,
            scope.values(span, None),
        )
        sales, sessions, every = cursor.fetchone()
    return Books(sales, sessions, every - sales - sessions)
