"""What the room's events and rows are called, and what its texts can say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext_lazy, pgettext_lazy

from dianke.events.registry import register_kind, register_rows
from dianke.journeys.models import VIEW, Journey
from dianke.journeys.queries.texts import FESTIVAL
from dianke.loyalty.queries.context import POINTS_CODE, customer_of, holder_of
from dianke.messaging.queries.variables import Variable, register_variable

_EVENTS = {
    "journey_drafted": gettext_lazy("Journey “%(name)s” drafted"),
    "journey_changed": gettext_lazy("Journey “%(name)s” changed"),
    "journey_published": gettext_lazy("Journey “%(name)s” published as version %(version)s"),
    "journey_paused": gettext_lazy("Journey “%(name)s” paused"),
    "journey_resumed": gettext_lazy("Journey “%(name)s” goes on"),
    "journey_stopped": gettext_lazy("Journey “%(name)s” stopped"),
    "care_turned_on": gettext_lazy("Care “%(name)s” turned on"),
    "people_entered": gettext_lazy("%(count)s people entered the journey “%(name)s”"),
    "people_advanced": gettext_lazy("People in the journey “%(name)s” went on"),
    "messages_settled": gettext_lazy("Messages of the journey “%(name)s” ended"),
}
#: Points that expire within so many days are those a text speaks of.
SOON = timedelta(days=45)


def _expiring(members: Mapping[int, Collection[int]], now: datetime) -> Mapping[int, str]:
    """Of each, how many points expire soon."""
    head_of = {pk: head for head, cluster in members.items() for pk in cluster}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.holder, sum(l.remaining)::bigint"
            " FROM ledger_account AS a JOIN ledger_lot AS l ON l.account_id = a.id"
            " WHERE a.code = %s AND a.holder = ANY(%s) AND l.expires_at > %s AND l.expires_at <= %s"
            " GROUP BY a.holder",
            [POINTS_CODE, [holder_of(pk) for pk in head_of], now, now + SOON],
        )
        sums: dict[int, int] = {}
        for holder, points in cursor.fetchall():
            head = head_of[customer_of(holder)]
            sums[head] = sums.get(head, 0) + points
    return {head: str(max(sums.get(head, 0), 0)) for head in members}


def register() -> None:
    """Called once, when the app is ready."""
    for code, label in _EVENTS.items():
        register_kind(f"journeys.{code}", label, permission=VIEW)
    register_rows(
        "journeys.journey",
        lambda actor: Journey.objects.visible_to(actor),
        "name",
        noun=pgettext_lazy("in a sentence", "journey"),
        url_name="journeys:journey",
        permission=VIEW,
    )
    register_variable(Variable("points_expiring", gettext_lazy("Points that expire soon"), "320", _expiring))
    register_variable(
        Variable(FESTIVAL, pgettext_lazy("variable", "Festival"), gettext_lazy("Mid-Autumn Festival"))
    )
