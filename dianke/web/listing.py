"""The list kit: a list is declared once and gets search, filters, sort, saved views, column choice, stable
paging, bulk actions and export.

A room subclasses `Listing`, names its columns and filters, and returns the rows the actor may see; the view,
the templates and the export are made from that. Query count is constant: the rows, their (bounded) count, the
totals where amounts stand, and two for the person's views and columns.
"""

from __future__ import annotations

import enum
import functools
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.db.models import Model, Q, QuerySet, Sum
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.paging import Page, keyset_page

Text = str | Promise
COUNT_LIMIT = 10_000
PAGE_SIZES = (25, 50, 100)
MOST_VALUES = 50
MAX_ID_DIGITS = 19  # of a bigint


class Kind(enum.StrEnum):
    """How a column's value is shown, aligned and exported."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    INSTANT = "instant"
    STATUS = "status"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Column:
    """`value` is an attribute path ("region__name") or a function of the row; `sort` a database field path.

    `link` makes the cell open the row; `tone` gives the colour of a STATUS ("good", "wait", "bad", "off");
    `template` renders the cell instead; `total` sums `sort` under the table; `needs` hides the column from actors
    without that permission, in exports too; a column with `is_default=False` appears when chosen.
    """

    code: str
    label: Text
    kind: Kind = Kind.TEXT
    value: str | Callable[[Any], Any] | None = None
    sort: str | None = None
    link: Callable[[Any], str] | None = None
    tone: Callable[[Any], str] | None = None
    template: str | None = None
    total: bool = False
    needs: str | None = None
    is_default: bool = True
    is_title: bool = False

    def of(self, row: Any) -> Any:
        """The plain value of a row (choice labels resolved)."""
        if callable(self.value):
            return self.value(row)
        path = self.value or self.code
        *parents, last = path.split("__")
        for part in parents:
            row = getattr(row, part, None)
        display = getattr(row, f"get_{last}_display", None)
        return display() if display else getattr(row, last, None)


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: Text


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a list. `apply(queryset, value)` narrows, unless the list has a method `filter_<code>` that does;
    `options(actor)` are its choices (none: a text or date field by `kind`); `is_quick` shows the options as chips above
    the list. One that `takes_several` is also told several values with commas between them, by links from elsewhere."""

    code: str
    label: Text
    apply: Callable[[QuerySet[Any], str], QuerySet[Any]]
    options: Callable[[Actor], Iterable[tuple[Any, Text]]] | None = None
    kind: str = "choice"
    is_quick: bool = False
    default: str = ""
    takes_several: bool = False

    def values(self, value: str) -> list[str]:
        """What was chosen, one by one."""
        return value.split(",")[:MOST_VALUES] if self.takes_several else [value]


def as_id(text: str) -> int:
    """The id a filter was given; 0, which no row has, for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < MAX_ID_DIGITS else 0


def choice_filter(
    code: str, label: Text, choices: Iterable[tuple[str, Text]], *, lookup: str = "", quick: bool = False
) -> Filter:
    """Rows whose field (`lookup`, else `code`) has the chosen value."""
    listed = tuple(choices)
    known = {str(value) for value, _label in listed}
    path = lookup or code
    return Filter(
        code,
        label,
        lambda qs, v: qs.filter(**{path: v}) if v in known else qs,
        lambda actor: listed,
        is_quick=quick,
    )


def relation_filter(
    code: str, label: Text, rows: Callable[[Actor], QuerySet[Any]], *, lookup: str = "", quick: bool = False
) -> Filter:
    """Rows related to the chosen one; `rows(actor)` are those the actor may choose."""
    path = lookup or code

    def apply(qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        # As a subquery: a join along many rows would show a row once for each of them and break the paging.
        return qs.filter(pk__in=qs.model._default_manager.filter(**{path: as_id(value)}).values("pk"))

    return Filter(
        code,
        label,
        apply,
        lambda actor: [(row.pk, str(row)) for row in rows(actor)],
        is_quick=quick,
    )


def yes_no_filter(
    code: str, label: Text, *, condition: Q, yes: Text, no: Text, default: str = "", quick: bool = False
) -> Filter:
    """Rows that fulfil `condition`, or those that do not."""

    def apply(qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.filter(condition) if value == "yes" else qs.exclude(condition) if value == "no" else qs

    return Filter(
        code, label, apply, lambda actor: (("yes", yes), ("no", no)), is_quick=quick, default=default
    )


def date_filter(code: str, label: Text, *, lookup: str, instants: bool = False) -> Filter:
    """Rows in a range of days "2026-11-01..2026-11-30", both ends included as people mean it; either may be open.
    Days of instants begin by the active time zone."""

    def apply(qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        first, _sep, last = value.partition("..")
        for text, suffix, shift in ((first, "gte", 0), (last, "lt", 1)):
            try:
                day = date.fromisoformat(text) + timedelta(days=shift)
            except ValueError:
                continue
            edge: date | datetime = day
            if instants:
                edge = datetime.combine(day, time(), timezone.get_current_timezone())
            qs = qs.filter(**{f"{lookup}__{suffix}": edge})
        return qs

    return Filter(code, label, apply, kind="dates")


@dataclass(frozen=True, slots=True)
class BulkAction:
    """An act on the selected rows, posted to `url_name` as `ids=…`; `confirm` asks first."""

    code: str
    label: Text
    url_name: str
    permission: str
    confirm: Text = ""
    icon: str = ""
    is_danger: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """What the query string of a list says."""

    query: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    cursor: str | None = None
    size: int = 50

    def query_string(self, *, without: Sequence[str] = (), **changes: str) -> str:
        """The state as a query string, paging left out, with `changes` applied."""
        values = {"q": self.query, "sort": self.sort, **self.filters}
        values.update(changes)
        params = QueryDict(mutable=True)
        for name, value in values.items():
            if value and name not in without:
                params[name] = value
        if self.size != 50:
            params["size"] = str(self.size)
        return params.urlencode()


@dataclass(frozen=True, slots=True)
class Result:
    """What a list shows: a page of rows, how many there are (`count` is capped at `COUNT_LIMIT`), the totals."""

    page: Page[Any]
    count: int
    totals: Mapping[str, Any]

    @property
    def is_capped(self) -> bool:
        return self.count > COUNT_LIMIT


class Listing:
    """Base of a list. Subclasses set the class attributes and `queryset`."""

    code: ClassVar[str]
    title: ClassVar[Text]
    permission: ClassVar[str]
    columns: ClassVar[Sequence[Column]]
    filters: ClassVar[Sequence[Filter]] = ()
    search_fields: ClassVar[Sequence[str]] = ()
    search_hint: ClassVar[Text] = _("Search")
    default_sort: ClassVar[str] = "-pk"
    bulk_actions: ClassVar[Sequence[BulkAction]] = ()
    can_export: ClassVar[bool] = True
    #: shown when there is nothing at all: (icon, sentence, button label, url name, permission)
    empty: ClassVar[tuple[str, Text, Text, str, str] | None] = None
    #: primary action: (label, url name, permission, icon)
    action: ClassVar[tuple[Text, str, str, str] | None] = None
    opens_drawer: ClassVar[bool] = False

    def __init__(self, actor: Actor, now: datetime) -> None:
        self.actor = actor
        self.now = now

    # --- for subclasses ------------------------------------------------------------------------------------------

    def queryset(self) -> QuerySet[Any]:
        """All rows the actor may see, with what the columns touch already joined."""
        raise TypeError(f"{type(self).__name__} must say which rows it lists")

    def search(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Rows that match what was typed: every word in one of `search_fields`."""
        for word in text.split():
            condition = Q()
            for name in self.search_fields:
                condition |= Q(**{f"{name}__icontains": word})
            queryset = queryset.filter(condition)
        return queryset

    def dressed(self, rows: Iterable[Any]) -> Iterable[Any]:
        """The rows of an export with what the columns need besides the query; read in batches, as they may be many."""
        return rows

    # --- made from it --------------------------------------------------------------------------------------------

    def allowed_columns(self) -> list[Column]:
        return [c for c in self.columns if c.needs is None or self.actor.can(c.needs)]

    def chosen_columns(self, codes: Sequence[str] | None) -> list[Column]:
        """The person's columns in their order; the default ones without a choice."""
        allowed = {c.code: c for c in self.allowed_columns()}
        chosen = [allowed[code] for code in codes or () if code in allowed]
        return chosen or [c for c in allowed.values() if c.is_default]

    def state(self, params: QueryDict) -> State:
        """Reads a query string; what it does not know it leaves out."""
        sorts = {c.sort for c in self.allowed_columns() if c.sort}
        sort = params.get("sort", "")
        size = params.get("size", "")
        return State(
            query="".join(c for c in params.get("q", "") if c.isprintable()).strip()[:100],
            filters={f.code: value for f in self.filters if (value := _chosen(f, params))},
            sort=sort if sort.removeprefix("-") in sorts else "",
            cursor=params.get("cursor") or None,
            size=int(size) if size.isdecimal() and int(size) in PAGE_SIZES else 50,
        )

    def rows(self, state: State) -> QuerySet[Any]:
        """The filtered and searched rows, unsorted."""
        queryset = self.queryset()
        for each in self.filters:
            if value := state.filters.get(each.code):
                apply = getattr(self, f"filter_{each.code}", each.apply)
                queryset = any_of(queryset, each.values(value), apply)
        return self.search(queryset, state.query) if state.query and self.search_fields else queryset

    def order(self, state: State) -> list[str]:
        return [state.sort or self.default_sort]

    def result(self, state: State) -> Result:
        """One page, the bounded count and the totals."""
        rows = self.rows(state)
        page: Page[Model] = keyset_page(rows, order=self.order(state), cursor=state.cursor, limit=state.size)
        on_one_page = state.cursor is None and page.next_cursor is None
        count = len(page.items) if on_one_page else rows.order_by()[: COUNT_LIMIT + 1].count()
        # Prefixed, as an aggregate must not bear the name of the annotation it sums.
        summed = {f"total_{c.code}": Sum(c.sort or c.code) for c in self.allowed_columns() if c.total}
        found = rows.order_by().aggregate(**summed) if summed and page.items else {}
        totals = {name.removeprefix("total_"): value for name, value in found.items()}
        return Result(page=page, count=count, totals=totals)


def any_of(
    rows: QuerySet[Any], values: Sequence[str], apply: Callable[[QuerySet[Any], str], QuerySet[Any]]
) -> QuerySet[Any]:
    """The rows that `apply` leaves for any of the values."""
    if len(values) == 1:
        return apply(rows, values[0])
    plain = rows.order_by()
    narrowed = [apply(plain, value) for value in values]
    if any(each is plain for each in narrowed):  # one of them leaves everything
        return rows
    return rows.filter(functools.reduce(operator.or_, (Q(pk__in=each.values("pk")) for each in narrowed)))


def _chosen(each: Filter, params: QueryDict) -> str:
    """The value of one filter; a range of days comes as two fields of the form or as one in a saved view."""
    if each.kind == "dates" and (f"{each.code}_from" in params or f"{each.code}_to" in params):
        first, last = params.get(f"{each.code}_from", ""), params.get(f"{each.code}_to", "")
        return f"{first}..{last}" if first or last else ""
    return str(params.get(each.code, each.default))


_listings: dict[str, type[Listing]] = {}


def register(listing: type[Listing]) -> type[Listing]:
    """Class decorator: lists are known by their code, for saved views and exports run by the worker."""
    if _listings.setdefault(listing.code, listing) is not listing:
        raise ValueError(f"two lists have the code {listing.code}")
    return listing


def listing_by_code(code: str) -> type[Listing] | None:
    return _listings.get(code)
