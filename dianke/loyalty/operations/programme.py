"""What the merchant decides: the programme, its levels, earning rules, gifts and rewards. Changes count from the
next sale and the next night; what was earned stays as it was decided then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import models
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, step, unchanged
from dianke.loyalty.models import EarningRule, Gift, Level, LevelGrant, Membership, Programme, Reward
from dianke.loyalty.models.programme import MANAGE
from dianke.loyalty.operations.selling import NoProgramme

Row = TypeVar("Row", Level, EarningRule, Gift, Reward)


_CHANGED: dict[type[models.Model], str] = {
    Level: "loyalty.level_terms_changed",
    EarningRule: "loyalty.rule_changed",
    Gift: "loyalty.gift_changed",
    Reward: "loyalty.reward_changed",
}


class LevelTaken(Conflict):
    code = "loyalty_level_taken"
    message = _("There is a level with this code, name or rank already. Choose another.")
    default_field = "name"


class LevelInUse(Conflict):
    code = "loyalty_level_in_use"
    message = _(
        "%(count)s members are at this level. Change what it asks for, or give them another one first."
    )


class ValueOutOfRange(InvalidInput):
    code = "loyalty_value_out_of_range"
    message = _("This number does not fit. %(why)s")


class TimeZoneUnknown(InvalidInput):
    code = "loyalty_time_zone_unknown"
    message = _("There is no time zone “%(name)s”. Write it like Asia/Shanghai.")
    default_field = "time_zone"


class CouponMissing(InvalidInput):
    code = "loyalty_coupon_missing"
    message = _("Choose which kind of coupon is given.")
    default_field = "coupon_kind"


@dataclass(frozen=True, slots=True)
class LevelSpec:
    """A level to begin with: reached with `least_amount` minor units; `points_bp` 12000 earns 1.2 times the
    points.
    """

    code: str
    name: str
    least_amount: int
    points_bp: int = 10_000


@operation(MANAGE)
def begin_programme(
    *,
    name: str,
    levels: Sequence[LevelSpec] = (),
    values: Mapping[str, Any] | None = None,
    actor: Actor,
    now: datetime,
) -> Programme:
    """Make the programme with its levels and one rule: a point for each yuan. Where there is one, nothing changes
    and it is given; so trade presets may ask as often as they are brought in. Raises TimeZoneUnknown,
    ValueOutOfRange.
    """
    standing = Programme.objects.filter(is_default=True).first()
    if standing is not None:
        unchanged()
        return standing
    values = dict(values or {})
    _check_programme(values)
    programme = Programme.objects.create(name=name.strip()[:40], created_at=now, **values)
    Level.objects.bulk_create(
        Level(
            programme=programme,
            code=each.code,
            name=each.name,
            rank=number * 10,
            least_amount=each.least_amount,
            points_bp=each.points_bp,
        )
        for number, each in enumerate(levels)
    )
    EarningRule.objects.create(
        programme=programme, name=str(_("A point for each yuan")), points=1, per_amount=100
    )
    record(
        "loyalty.programme_begun",
        programme,
        actor=actor,
        now=now,
        data={"name": programme.name, "levels": len(levels)},
    )
    return programme


@operation(MANAGE)
def change_programme(
    *, programme: Programme, values: Mapping[str, Any], actor: Actor, now: datetime
) -> Programme:
    """Change numbers of the programme. Raises TimeZoneUnknown, ValueOutOfRange."""
    programme = Programme.objects.select_for_update().get(pk=programme.pk)
    _check_programme(values)
    changes = apply_changes(programme, values)
    if not changes:
        unchanged()
        return programme
    record("loyalty.programme_changed", programme, actor=actor, now=now, data={"changes": changes})
    return programme


def _check_programme(values: Mapping[str, Any]) -> None:
    if "time_zone" in values:
        try:
            ZoneInfo(values["time_zone"])
        except (ZoneInfoNotFoundError, ValueError):
            raise TimeZoneUnknown(name=values["time_zone"]) from None
    for name, least in (("worth_points", 1), ("redeem_step", 1), ("window_days", 1)):
        if name in values and values[name] < least:
            raise ValueOutOfRange(why=_("It must be at least %(least)s.") % {"least": least}, field=name)
    if values.get("redeem_cap_bp", 0) > 10_000:
        raise ValueOutOfRange(why=_("It must be at most 100 percent."), field="redeem_cap_bp")


# --- levels -------------------------------------------------------------------------------------------------
@operation(MANAGE)
def add_level(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> Level:
    """A new level, the highest unless `rank` says otherwise. Raises LevelTaken, ValueOutOfRange, NoProgramme."""
    programme = _programme()
    values = dict(values)
    if values.get("rank") is None:
        highest = Level.objects.in_use().filter(programme=programme).aggregate(highest=Max("rank"))["highest"]
        values["rank"] = 0 if highest is None else highest + 10
    level = Level(programme=programme, **values)
    _check_level(level)
    level.save()
    record(
        "loyalty.level_added",
        level,
        actor=actor,
        now=now,
        data={"name": level.name, "code": level.code},
    )
    return level


@operation(MANAGE)
def change_level(*, level: Level, values: Mapping[str, Any], actor: Actor, now: datetime) -> Level:
    """Change a level; its code never changes, since prices and promotions name it. Members are looked at the next
    night. Raises LevelTaken, ValueOutOfRange.
    """
    level = Level.objects.select_for_update().get(pk=level.pk)
    values = {name: value for name, value in values.items() if name != "code"}
    for name, value in values.items():
        setattr(level, name, value)
    _check_level(level)
    level.refresh_from_db()
    return _change(level, values, actor, now)


@operation(MANAGE)
def archive_level(*, level: Level, actor: Actor, now: datetime) -> Level:
    """Put a level away that nobody is at. Raises LevelInUse."""
    level = Level.objects.select_for_update().get(pk=level.pk)
    if level.archived_at is not None:
        unchanged()
        return level
    count = Membership.objects.filter(level=level).count()
    count += LevelGrant.objects.filter(level=level, withdrawn_at=None).count()
    if count:
        raise LevelInUse(count=count)
    level.archived_at = now
    level.save(update_fields=["archived_at"])
    record("loyalty.level_archived", level, actor=actor, now=now, data={"name": level.name})
    return level


def _check_level(level: Level) -> None:
    if not level.code.strip() or not level.name.strip():
        raise ValueOutOfRange(why=_("Enter a name and a code."), field="name")
    if not 0 <= level.discount_bp <= 10_000:
        raise ValueOutOfRange(why=_("It must be at most 100 percent."), field="discount_bp")
    others = Level.objects.filter(programme=level.programme_id).exclude(pk=level.pk)
    taken = others.filter(code=level.code) | others.in_use().filter(name=level.name)
    if taken.exists() or others.in_use().filter(rank=level.rank).exists():
        raise LevelTaken


# --- rules, gifts, rewards ----------------------------------------------------------------------------------
@operation(MANAGE)
def add_rule(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> EarningRule:
    """A new earning rule. Raises ValueOutOfRange, NoProgramme."""
    return _add(EarningRule(programme=_programme(), **values), "loyalty.rule_added", actor, now)


@operation(MANAGE)
def change_rule(*, rule: EarningRule, values: Mapping[str, Any], actor: Actor, now: datetime) -> EarningRule:
    """Change a rule, or stop it (`is_active`). Raises ValueOutOfRange."""
    return _changed(rule, values, actor, now)


@operation(MANAGE)
def add_gift(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> Gift:
    """A gift for an occasion. Raises ValueOutOfRange, NoProgramme."""
    return _add(Gift(programme=_programme(), **values), "loyalty.gift_added", actor, now)


@operation(MANAGE)
def change_gift(*, gift: Gift, values: Mapping[str, Any], actor: Actor, now: datetime) -> Gift:
    """Change a gift, or stop it (`is_active`). Raises ValueOutOfRange."""
    return _changed(gift, values, actor, now)


@operation(MANAGE)
def add_reward(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> Reward:
    """A reward for the catalogue. Raises CouponMissing, ValueOutOfRange, NoProgramme."""
    return _add(Reward(programme=_programme(), **values), "loyalty.reward_added", actor, now)


@operation(MANAGE)
def change_reward(*, reward: Reward, values: Mapping[str, Any], actor: Actor, now: datetime) -> Reward:
    """Change a reward, or stop it (`is_active`). Raises CouponMissing, ValueOutOfRange."""
    return _changed(reward, values, actor, now)


@step
def _add(row: Row, kind: str, actor: Actor, now: datetime) -> Row:
    _check(row)
    row.save()
    record(kind, row, actor=actor, now=now, data={"name": row.name})
    return row


@step
def _changed(row: Row, values: Mapping[str, Any], actor: Actor, now: datetime) -> Row:
    row = type(row).objects.select_for_update().get(pk=row.pk)
    for name, value in values.items():
        setattr(row, name, value)
    _check(row)
    row.refresh_from_db()
    return _change(row, values, actor, now)


@step
def _change(row: Row, values: Mapping[str, Any], actor: Actor, now: datetime) -> Row:
    changes = apply_changes(row, values)
    if not changes:
        unchanged()
        return row
    record(
        _CHANGED[type(row)],
        row,
        actor=actor,
        now=now,
        data={"name": row.name, "changes": changes},
    )
    return row


def _check(row: models.Model) -> None:
    least = _("It must be at least %(least)s.") % {"least": 1}
    if isinstance(row, EarningRule):
        if row.per_amount < 1:
            raise ValueOutOfRange(why=least, field="per_amount")
        if row.from_date and row.to_date and row.to_date < row.from_date:
            raise ValueOutOfRange(why=_("The last day lies before the first."), field="to_date")
        if any(not 0 <= day <= 6 for day in row.weekdays):
            raise ValueOutOfRange(why=_("Days of the week go from 0, Monday, to 6."), field="weekdays")
    if isinstance(row, Reward):
        if row.points < 1:
            raise ValueOutOfRange(why=least, field="points")
        if row.kind == Reward.Kind.COUPON and not row.coupon_kind:
            raise CouponMissing
    if isinstance(row, Gift):
        if row.days_before > 60:
            raise ValueOutOfRange(why=_("At most 60 days before."), field="days_before")
        if not row.points and not row.coupon_kind:
            raise ValueOutOfRange(why=_("Enter points, or choose a coupon."), field="points")


def _programme() -> Programme:
    programme = Programme.objects.filter(is_default=True).first()
    if programme is None:
        raise NoProgramme
    return programme
