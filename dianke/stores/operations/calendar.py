"""Opening hours and the business calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.events.changes import plain
from dianke.events.operations import operation, record, unchanged
from dianke.stores.models import CalendarDay, OpeningHours, Store
from dianke.stores.rules import Span, overlapping


class HoursOverlap(InvalidInput):
    code = "hours_overlap"
    message = _("%(first)s and %(second)s overlap on the same day. Correct one of them.")


class SpecialHoursMissing(InvalidInput):
    code = "special_hours_missing"
    message = _("Special hours need the time of opening and of closing.")
    default_field = "opens"


@operation("stores.manage_calendar")
def set_opening_hours(
    *, store: Store, weekly: Sequence[tuple[int, time, time]], actor: Actor, now: datetime
) -> list[OpeningHours]:
    """Replace the weekly hours: `(weekday 0-6, opens, closes)`, at most two spans a day. Raises `HoursOverlap`."""
    actor.require("stores.manage_calendar", store_id=store.pk)
    for weekday in range(7):
        clash = overlapping([Span(opens, closes) for day, opens, closes in weekly if day == weekday])
        if clash:
            raise HoursOverlap(
                first=f"{clash[0].opens:%H:%M}–{clash[0].closes:%H:%M}",
                second=f"{clash[1].opens:%H:%M}–{clash[1].closes:%H:%M}",
            )
    before = [[row.weekday, plain(row.opens), plain(row.closes)] for row in store.opening_hours.all()]
    after = [[day, plain(opens), plain(closes)] for day, opens, closes in sorted(weekly)]
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
    if store is not None:
        actor.require("stores.manage_calendar", store_id=store.pk)
    elif actor.stores_for("stores.manage_calendar") is not None:
        actor.require("stores.manage_merchant")
    if kind == CalendarDay.Kind.SPECIAL_HOURS and (opens is None or closes is None):
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
    """Let a day follow the usual pattern again."""
    if marked.store_id is not None:
        actor.require("stores.manage_calendar", store_id=marked.store_id)
    elif actor.stores_for("stores.manage_calendar") is not None:
        actor.require("stores.manage_merchant")
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
