"""Showing one hidden value in full: logged, with a reason, and only so many in an hour."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from dianke.access import limits
from dianke.access.fields import rule_of
from dianke.access.models import SignInPolicy
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, TemporarilyUnavailable
from dianke.events.operations import operation, record


class ReasonMissing(InvalidInput):
    code = "reason_missing"
    default_field = "reason"
    message = _("Say in a few words what you need it for.")


class TooManyReveals(TemporarilyUnavailable):
    code = "too_many_reveals"
    status = 429
    message = _(
        "You revealed %(limit)s hidden values within an hour, which is the limit here. "
        "Wait %(minutes)s minutes, or ask your administrator to raise it."
    )


@operation(None)
def reveal_field(*, code: str, subject: models.Model, reason: str, actor: Actor, now: datetime) -> str:
    """The full value of a masked field. `code` as registered in `dianke.access.fields`.

    Raises `PermissionRefused`, `ReasonMissing`, `TooManyReveals`. The event names field, subject and reason,
    never the value.
    """
    rule = rule_of(code)
    actor.require(rule.reveal, store_id=rule.store_of(subject))
    if not reason.strip():
        raise ReasonMissing
    limit = SignInPolicy.current().reveals_per_hour
    if actor.user_id is not None:
        try:
            limits.consume(f"reveal:{actor.user_id}", limit=limit, per=timedelta(hours=1), now=now)
        except limits.TooManyTries as error:
            raise TooManyReveals(limit=limit, **error.params) from error
    record(
        "access.field_revealed",
        subject,
        actor=actor,
        now=now,
        store_id=rule.store_of(subject),
        data={"field": code, "reason": reason.strip()[:200]},
    )
    return rule.read(subject)
