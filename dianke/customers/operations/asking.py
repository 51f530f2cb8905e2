"""Noting who asked about customers they may not see, and how often they may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from dianke.access import limits
from dianke.core.actor import Actor
from dianke.core.errors import TemporarilyUnavailable
from dianke.customers.models import Customer
from dianke.events.operations import operation, record, unchanged

QUESTIONS_PER_HOUR = 20  # about different customers outside one's reach


class TooManyQuestions(TemporarilyUnavailable):
    code = "too_many_questions"
    status = 429
    message = _(
        "You asked about many customers of others within an hour. Wait %(minutes)s minutes, "
        "or let your manager look the customer up."
    )


@operation("customers.view_customers")
def note_question(
    *, customers: Sequence[Customer], asked: Mapping[int, list[str]], actor: Actor, now: datetime
) -> None:
    """Leave a trace on each customer the question touched, once an hour and person; `asked` are the kinds of keys.

    Raises `TooManyQuestions`.
    """
    who = actor.user_id or actor.id or 0
    fresh = [customer for customer in customers if _is_first_time(f"asked:{who}:{customer.pk}", now)]
    if not fresh:
        unchanged()
        return
    try:
        for _customer in fresh:
            limits.consume(f"asking:{who}", limit=QUESTIONS_PER_HOUR, per=timedelta(hours=1), now=now)
    except limits.TooManyTries as error:
        raise TooManyQuestions(**error.params) from error
    record(
        "customers.duplicate_asked",
        fresh[0],
        also=fresh[1:],
        actor=actor,
        now=now,
        store_id=fresh[0].store_id,
        data={"asked": {str(customer.pk): asked.get(customer.pk, []) for customer in fresh}},
    )


def _is_first_time(key: str, now: datetime) -> bool:
    """Whether nobody asked this within the hour: the same number is asked while it is typed and when it is sent."""
    try:
        limits.consume(key, limit=1, per=timedelta(hours=1), now=now)
    except limits.TooManyTries:
        return False
    return True
