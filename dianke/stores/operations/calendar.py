"""Opening hours and the business calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, NotAllowed
from dianke.events.changes import plain
from dianke.events.operations import operation, record, unchanged
from dianke.stores.models import CalendarDay, OpeningHours, Store
from dianke.stores.rules import SPANS_A_DAY, Span, week_clash

WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))


class HoursOverlap(InvalidInput):
    code = "hours_overlap"
    message = _("%(first_day)s %(first)s and %(second_day)s %(second)s overlap. Correct one of them.")


class TooManySpans(InvalidInput):
    code = "too_many_spans"
    message = _("%(day)s has more than two opening times. Keep two: before and after the break.")


class AllStoresOutOfReach(NotAllowed):
    code = "all_stores_out_of_reach"
    message = _(
        "This day is marked for all stores; only who leads all of them may change it. Mark your own store instead."
    )


class SpecialHoursMissing(InvalidInput):
    code = "special_hours_missing"
    message = _("Special hours need the time of opening and of closing.")
    default_field = "opens"


def may_mark_all(actor: Actor) -> bool:
    """Whether the actor may make a day different for all stores: who leads every store, or changes the merchant."""
    return actor.can("stores.manage_calendar") and (
        actor.stores_for("stores.manage_calendar") is None or actor.can("stores.manage_merchant")
    )


def _check_reach(actor: Actor, store_id: int | None) -> None:
    if store_id is not None:
        actor.require("stores.manage_calendar", store_id=store_id)
    elif not may_mark_all(actor):
        raise AllStoresOutOfReach


@operation("stores.manage_calendar")
def set_opening_hours(
    *, store: Store, weekly: Sequence[tuple[int, time, time]], actor: Actor, now: datetime
) -> list[OpeningHours]:
    """Replace the weekly hours: `(weekday 0-6, opens, closes)`, at most two spans a day; past midnight when
    `closes <= opens`. Raises `HoursOverlap`, `TooManySpans`."""
    actor.require("stores.manage_calendar", store_id=store.pk)
    Store.objects.select_for_update().get(pk=store.pk)  # two savers would otherwise both add their rows
    for weekday in range(7):
        if sum(day == weekday for day, _opens, _closes in weekly) > SPANS_A_DAY:
            raise TooManySpans(day=WEEKDAYS[weekday])
    clash = week_clash((day, Span(opens, closes)) for day, opens, closes in weekly)
    if clash is not None:
        raise HoursOverlap(
            first_day=WEEKDAYS[clash.first_day],
            first=str(clash.first),
            second_day=WEEKDAYS[clash.second_day],
            second=str(clash.second),
        )
    before = [[row.weekday, plain(row.opens), plain(row.closes)] for row in store.opening_hours.all()]
    weekly = sorted(weekly)
    after = [[day, plain(opens), plain(closes)] for day, opens, closes in weekly]
    if before == after:
        unchanged()
        return list(store.opening_hours.all())
    store.opening_hours.all().delete()
    rows = OpeningHours.objects.bulk_create(
        OpeningHours(store=store, weekday=day, opens=opens, closes=closes) for day, opens, closes in weekly
    )
    record(
        "stores.opening_hours_set",
        store,
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"changes": {"opening_hours": [before, after]}},
    )
    return rows


@operation("stores.manage_calendar")
def mark_day(
    *,
    store: Store | None,
    day: date,
    kind: str,
    name: str = "",
    opens: time | None = None,
    closes: time | None = None,
    actor: Actor,
    now: datetime,
) -> CalendarDay:
    """Make a day different, for one store or (None, only who reaches every store) for all. A second mark of the
    day replaces the first."""
    _check_reach(actor, store.pk if store else None)
    if kind != CalendarDay.Kind.SPECIAL_HOURS:
        opens = closes = None
    elif opens is None or closes is None:
        raise SpecialHoursMissing
    marked, _is_new = CalendarDay.objects.update_or_create(
        store=store, day=day, defaults={"kind": kind, "name": name, "opens": opens, "closes": closes}
    )
    record(
        "stores.day_marked",
        marked,
        also=[store] if store else [],
        actor=actor,
        now=now,
        store_id=store.pk if store else None,
        data={"day": str(day), "kind": kind, "name": name, "opens": plain(opens), "closes": plain(closes)},
    )
    return marked


@operation("stores.manage_calendar")
def clear_day(*, marked: CalendarDay, actor: Actor, now: datetime) -> CalendarDay:
    """Let a day follow the usual pattern again. Raises `AllStoresOutOfReach`, `PermissionRefused`."""
    _check_reach(actor, marked.store_id)
    record(
        "stores.day_cleared",
        marked,
        also=[marked.store] if marked.store else [],
        actor=actor,
        now=now,
        store_id=marked.store_id,
        data={
            "day": str(marked.day),
            "kind": marked.kind,
            "name": marked.name,
            "opens": plain(marked.opens),
            "closes": plain(marked.closes),
        },
    )
    marked.delete()
    return marked
