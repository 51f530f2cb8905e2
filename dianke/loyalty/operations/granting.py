"""Levels given by hand and levels sold: through a day, for the days they were paid for, or until they are
withdrawn.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.customers.models import Customer
from dianke.events.operations import operation, record, step, unchanged
from dianke.loyalty.models import Level, LevelGrant
from dianke.loyalty.operations.levels import Changed, Why, look_at
from dianke.loyalty.operations.selling import NoProgramme
from dianke.loyalty.queries.members import House, house
from dianke.loyalty.queries.paid_levels import preview_level_back
from dianke.loyalty.queries.standing import cluster_of

GRANT = "loyalty.grant_levels"


class LevelGone(Conflict):
    code = "loyalty_level_gone"
    message = _("The level “%(name)s” is not in use any more. Choose another one.")
    default_field = "level"


class LevelReasonMissing(InvalidInput):
    code = "loyalty_level_reason_missing"
    message = _("Say why the level is given. The reason stays with the member.")
    default_field = "reason"


class LevelDayPast(InvalidInput):
    code = "loyalty_level_day_past"
    message = _("The last day lies in the past. Choose today or a later day.")
    default_field = "to_date"


class LevelNotForSale(Conflict):
    code = "loyalty_level_not_for_sale"
    message = _("The level “%(name)s” has no price. Give it by hand, or set a price.")
    default_field = "level"


@operation(GRANT)
def grant_level(
    *,
    customer: Customer,
    level: Level,
    reason: str,
    to_date: date | None = None,
    actor: Actor,
    now: datetime,
) -> LevelGrant:
    """Give a level by hand, through `to_date` (None: until it is withdrawn); one given before by hand ends. Raises
    LevelGone, LevelReasonMissing, LevelDayPast, NoProgramme."""
    if not reason.strip():
        raise LevelReasonMissing
    grant, found = _grant(
        customer, level, LevelGrant.Kind.MANUAL, to_date, reason.strip()[:200], "", actor, now
    )
    record(
        "loyalty.level_given",
        f"customers.customer:{customer.head_id}",
        actor=actor,
        now=now,
        data={
            "level": level.code,
            "name": level.name,
            "until": to_date.isoformat() if to_date else "",
            "changed": bool(found),
        },
    )
    return grant


@step
def sell_level(
    *, customer: Customer, level: Level, reference: str, actor: Actor, now: datetime
) -> LevelGrant:
    """A level was paid for: it holds for the days it is sold for, behind what was paid before. Part of a sale; the
    same reference again gives what stands. Raises LevelGone, LevelNotForSale, NoProgramme."""
    standing = LevelGrant.objects.filter(reference=reference).first()
    if standing is not None:
        return standing
    if level.price_amount is None:
        raise LevelNotForSale(name=level.name)
    of = _house_of(level)
    today = of.terms.day_of(now)
    last = (
        LevelGrant.objects.filter(
            customer__in=cluster_of(customer.pk),
            level=level,
            kind=LevelGrant.Kind.PAID,
            withdrawn_at=None,
            to_date__gte=today,
        )
        .order_by("-to_date")
        .first()
    )
    begins = last.to_date + timedelta(days=1) if last is not None and last.to_date else today
    grant = LevelGrant.objects.create(
        customer=customer,
        level=level,
        kind=LevelGrant.Kind.PAID,
        from_date=begins,
        to_date=begins + timedelta(days=level.paid_days - 1),
        reference=reference,
        at=now,
        by_id=actor.user_id,
    )
    look_at(of=of, head_ids=[customer.head_id], actor=actor, now=now, why=Why.PAID)
    return grant


@step
def take_back_level(*, reference: str, sale_reference: str, actor: Actor, now: datetime) -> None:
    """What was paid for a level goes back, so the level ends. Part of a return; what stands is left alone when it was
    withdrawn before. `sale_reference`: the sale it was sold with. Raises LevelUsed, LevelFollowed."""
    back = preview_level_back(reference=reference, sale_reference=sale_reference, now=now)
    of = house()
    if back is None or of is None:
        return
    LevelGrant.objects.filter(pk=back.grant.pk).update(withdrawn_at=now)
    head_id = cluster_of(back.grant.customer_id)[0]
    look_at(of=of, head_ids=[head_id], actor=actor, now=now, why=Why.RETURNED)


@operation(GRANT)
def withdraw_level(*, grant: LevelGrant, actor: Actor, now: datetime) -> None:
    """End a level that was given. Withdrawing it again changes nothing."""
    done = LevelGrant.objects.filter(pk=grant.pk, withdrawn_at=None).update(withdrawn_at=now)
    of = house()
    if not done or of is None:
        unchanged()
        return
    head_id = cluster_of(grant.customer_id)[0]
    look_at(of=of, head_ids=[head_id], actor=actor, now=now, why=Why.ENDED)
    record(
        "loyalty.level_withdrawn",
        f"customers.customer:{head_id}",
        actor=actor,
        now=now,
        data={"level": grant.level.code, "name": grant.level.name},
    )


@step
def _grant(
    customer: Customer,
    level: Level,
    kind: str,
    to_date: date | None,
    reason: str,
    reference: str,
    actor: Actor,
    now: datetime,
) -> tuple[LevelGrant, list[Changed]]:
    of = _house_of(level)
    today = of.terms.day_of(now)
    if to_date is not None and to_date < today:
        raise LevelDayPast
    cluster = cluster_of(customer.pk)
    if kind == LevelGrant.Kind.MANUAL:
        LevelGrant.objects.filter(customer__in=cluster, kind=kind, withdrawn_at=None).update(withdrawn_at=now)
    grant = LevelGrant.objects.create(
        customer=customer,
        level=level,
        kind=kind,
        from_date=today,
        to_date=to_date,
        reason=reason,
        reference=reference,
        at=now,
        by_id=actor.user_id,
    )
    return grant, look_at(of=of, head_ids=[cluster[0]], actor=actor, now=now, why=Why.GIVEN)


def _house_of(level: Level) -> House:
    if level.archived_at is not None:
        raise LevelGone(name=level.name)
    of = house()
    if of is None or of.programme.pk != level.programme_id:
        raise NoProgramme
    return of
