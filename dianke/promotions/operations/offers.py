"""Promotions: drafted, started, changed (which makes a new version once it was started), paused, ended, copied."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged
from dianke.promotions.models import Promotion, PromotionVersion
from dianke.promotions.models.visible import MANAGE
from dianke.promotions.queries.segments import segments
from dianke.promotions.rules import terms as vocabulary
from dianke.promotions.rules.reading import TermUnknown
from dianke.stores.models import Store
from dianke.stores.queries import merchant_zone

#: What is set beside the terms.
COLUMNS = frozenset(
    {"name", "starts_at", "ends_at", "budget_amount", "budget_count", "per_customer_count", "terms"}
)
#: What the tables add to the terms; nobody sends it.
_OWN = ("id", "name", "budget_left", "times_left")
State = Promotion.State


class PeriodBackward(InvalidInput):
    code = "promotion_period_backward"
    message = _("It ends before it begins. Set a later end.")
    default_field = "ends_at"


class PeriodOver(Conflict):
    code = "promotion_period_over"
    message = _("Its time is over. Set a later end, or copy it.")
    default_field = "ends_at"


class BudgetBelowSpent(Conflict):
    """`spent` in minor units or times."""

    code = "promotion_budget_below_spent"
    message = _("So much is spent already: %(spent)s. The budget cannot be lower.")


class LimitNotPositive(InvalidInput):
    code = "promotion_limit_not_positive"
    message = _("A limit is at least 1. Leave it empty for none.")


class NotInThisState(Conflict):
    code = "promotion_not_in_this_state"
    message = _("“%(name)s” is “%(state)s” now, so this cannot be done. Load the page again.")


class NotYourStores(NotAllowed):
    code = "promotion_not_your_stores"
    message = _("You may make offers for your own stores only. Choose among them.")
    default_field = "stores"


class StoreUnknown(InvalidInput):
    code = "promotion_store_unknown"
    message = _("One of the stores does not exist. Choose the stores again.")
    default_field = "stores"


class SegmentUnknown(InvalidInput):
    code = "promotion_segment_unknown"
    message = _("One of the segments is put away or not yours. Choose the segments again.")
    default_field = "segments"


def read_terms(
    terms: Mapping[str, Any], *, name: str, starts_at: datetime | None, ends_at: datetime | None
) -> dict[str, Any]:
    """The terms as they are kept and the engine reads them: with name and period (on the merchant's clock), without id.
    Raises what `terms.Promotion.read` finds wrong, with the path of the entry as field."""
    for taken in _OWN:
        if taken in terms:
            raise TermUnknown(name=taken, field=taken)
    zone = merchant_zone()
    when = dict(terms.get("when") or {})
    for taken in ("from_at", "to_at"):
        if taken in when:
            raise TermUnknown(name=taken, field=f"when.{taken}")
    for key, moment in (("from_at", starts_at), ("to_at", ends_at)):
        if moment is not None:
            when[key] = moment.astimezone(zone).replace(tzinfo=None).isoformat()
    read = vocabulary.Promotion.read({**terms, "id": 0, "name": name, "when": when})
    kept = dict(read.as_dict())
    del kept["id"]
    return kept


def require_reach(store_ids: Collection[int], actor: Actor, permission: str = MANAGE) -> None:
    """Offers for stores the actor works for; for all stores only who works for all. Raises `NotYourStores`,
    `StoreUnknown`."""
    reached = actor.stores_for(permission)
    if reached is not None and (not store_ids or not set(store_ids) <= reached):
        raise NotYourStores
    if store_ids and Store.objects.filter(pk__in=store_ids).count() != len(set(store_ids)):
        raise StoreUnknown


def require_segments(wanted: Mapping[str, Any], before: Mapping[str, Any], actor: Actor) -> None:
    """What terms (as kept) newly name are segments the actor may name; those stay in use until the transaction ends.
    Raises `SegmentUnknown`."""
    added = _segment_ids(wanted) - _segment_ids(before)
    if added and set(segments().taken(added, actor)) != added:
        raise SegmentUnknown


def _segment_ids(terms: Mapping[str, Any]) -> set[int]:
    return set((terms.get("audience") or {}).get("segment_ids", ()))


def _cleaned(values: Mapping[str, Any], row: Promotion) -> dict[str, Any]:
    """Columns to set: what was sent, checked, and what follows from the terms."""
    unknown = set(values) - COLUMNS
    if unknown:
        raise ValueError(unknown)
    cleaned = dict(values)
    name = str(cleaned.get("name", row.name)).strip()
    if "name" in cleaned:
        cleaned["name"] = name
    starts_at = cleaned.get("starts_at", row.starts_at)
    ends_at = cleaned.get("ends_at", row.ends_at)
    if ends_at is not None and ends_at <= starts_at:
        raise PeriodBackward
    for limit in ("budget_amount", "budget_count", "per_customer_count"):
        if cleaned.get(limit) is not None and cleaned[limit] < 1:
            raise LimitNotPositive(field=limit)
    terms = cleaned.get("terms", bare_terms(row))
    kept = read_terms(terms, name=name, starts_at=starts_at, ends_at=ends_at)
    read = vocabulary.Promotion.read({**kept, "id": 0})
    return cleaned | {
        "terms": kept,
        "kind": read.rule.kind,
        "store_ids": sorted(read.audience.store_ids),
        "channels": sorted(read.audience.channels),
        "priority": read.priority,
        "exclusion": str(read.exclusion),
    }


def bare_terms(row: Promotion) -> dict[str, Any]:
    """The terms as they are sent: without the name and the period, which are columns."""
    terms = {key: value for key, value in row.terms.items() if key not in _OWN}
    if "when" in terms:
        when = {key: value for key, value in terms["when"].items() if key not in ("from_at", "to_at")}
        terms = {key: value for key, value in terms.items() if key != "when"} | (
            {"when": when} if when else {}
        )
    return terms


@operation(MANAGE)
def draft_promotion(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> Promotion:
    """A draft. `values`: `name`, `starts_at`, `terms` (docs/algorithms/pricing.md; without id, name and period), and
    maybe `ends_at`, `budget_amount` (minor units), `budget_count`, `per_customer_count`.

    Raises `PeriodBackward`, `LimitNotPositive`, `NotYourStores`, `StoreUnknown`, `SegmentUnknown`, and what is wrong
    with the terms.
    """
    promotion = Promotion(created_at=now, made_by_id=actor.user_id)
    promotion.starts_at = values["starts_at"]
    for name, value in _cleaned(values, promotion).items():
        setattr(promotion, name, value)
    require_reach(promotion.store_ids, actor)
    require_segments(promotion.terms, {}, actor)
    promotion.save()
    record("promotions.promotion_drafted", promotion, actor=actor, now=now, data={"name": promotion.name})
    return promotion


@operation(MANAGE)
def change_promotion(
    *, promotion: Promotion, values: Mapping[str, Any], actor: Actor, now: datetime
) -> Promotion:
    """Change what is named. Once it was started every change of the terms, the name or the period makes a new version;
    sales keep the one they were priced by. Budgets and limits count what was given before.

    Raises as `draft_promotion`, `NotInThisState` when it has ended, `BudgetBelowSpent`.
    """
    # Alone: sales that are giving it finish first, the next ones see the new limits.
    promotion = Promotion.objects.select_for_update().get(pk=promotion.pk)
    if promotion.state == State.ENDED:
        raise _not_now(promotion)
    require_reach(promotion.store_ids, actor)
    before = promotion.terms
    had_budget, had_limit = promotion.has_budget, promotion.per_customer_count is not None
    changes = apply_changes(promotion, _checked(_cleaned(values, promotion), promotion))
    require_reach(promotion.store_ids, actor)
    require_segments(promotion.terms, before, actor)
    if not changes:
        unchanged()
        return promotion
    if promotion.state != State.DRAFT:
        if "terms" in changes:
            promotion.version += 1
            promotion.save(update_fields=["version"])
            _keep_version(promotion, actor, now)
        if promotion.has_budget and not had_budget:
            _count_spent(promotion)
        if promotion.per_customer_count is not None and not had_limit:
            _count_uses(promotion)
    record("promotions.promotion_changed", promotion, actor=actor, now=now, data={"changes": changes})
    return promotion


def _checked(cleaned: dict[str, Any], promotion: Promotion) -> dict[str, Any]:
    """The budget is at least what is spent."""
    spent_amount, spent_count = promotion.spent_amount, promotion.spent_count
    if not promotion.has_budget and promotion.state != State.DRAFT:
        spent_amount, spent_count = _given(promotion)
    for name, spent in (("budget_amount", spent_amount), ("budget_count", spent_count)):
        if cleaned.get(name) is not None and cleaned[name] < spent:
            shown = f"{spent / 100:.2f}" if name == "budget_amount" else spent
            raise BudgetBelowSpent(spent=shown, field=name)
    return cleaned


def _given(promotion: Promotion) -> tuple[int, int]:
    """What the rows of its sales say."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(amount), 0), coalesce(sum(count), 0) FROM promotions_promotiongiven"
            " WHERE promotion_id = %s AND NOT is_beyond",
            [promotion.pk],
        )
        amount, count = cursor.fetchone() or (0, 0)
    return int(amount), int(count)


def _count_spent(promotion: Promotion) -> None:
    """It has a budget from now on: what it gave before counts."""
    promotion.spent_amount, promotion.spent_count = _given(promotion)
    promotion.save(update_fields=["spent_amount", "spent_count"])


def _count_uses(promotion: Promotion) -> None:
    """It is limited per customer from now on: what everybody had before counts."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM promotions_promotiontally WHERE promotion_id = %s", [promotion.pk])
        cursor.execute(
            "INSERT INTO promotions_promotiontally (promotion_id, customer_id, count)"
            " SELECT promotion_id, customer_id, sum(count) FROM promotions_promotiongiven"
            " WHERE promotion_id = %s AND customer_id IS NOT NULL GROUP BY 1, 2",
            [promotion.pk],
        )


@operation(MANAGE)
def start_promotion(*, promotion: Promotion, actor: Actor, now: datetime) -> Promotion:
    """Start a draft, or go on with a paused one; before its period it waits for it. Raises `NotInThisState`,
    `PeriodOver`, `NotYourStores`."""
    promotion = Promotion.objects.select_for_update().get(pk=promotion.pk)
    require_reach(promotion.store_ids, actor)
    if promotion.state == State.RUNNING:
        unchanged()
        return promotion
    if promotion.state == State.ENDED:
        raise _not_now(promotion)
    if promotion.ends_at is not None and promotion.ends_at <= now:
        raise PeriodOver
    if promotion.state == State.DRAFT:
        promotion.started_at = now
        _keep_version(promotion, actor, now)
    promotion.state = State.RUNNING
    promotion.save(update_fields=["state", "started_at"])
    record("promotions.promotion_started", promotion, actor=actor, now=now, data={"name": promotion.name})
    return promotion


@operation(MANAGE)
def pause_promotion(*, promotion: Promotion, actor: Actor, now: datetime) -> Promotion:
    """Stop it for the moment; carts that are open are priced without it when they are paid. Raises `NotInThisState`."""
    promotion = Promotion.objects.select_for_update().get(pk=promotion.pk)
    require_reach(promotion.store_ids, actor)
    if promotion.state == State.PAUSED:
        unchanged()
        return promotion
    if promotion.state != State.RUNNING:
        raise _not_now(promotion)
    promotion.state = State.PAUSED
    promotion.save(update_fields=["state"])
    record("promotions.promotion_paused", promotion, actor=actor, now=now, data={"name": promotion.name})
    return promotion


@operation(MANAGE)
def end_promotion(*, promotion: Promotion, actor: Actor, now: datetime) -> Promotion:
    """End it for good; a copy can be started. What comes back of its sales still comes back to its budget."""
    promotion = Promotion.objects.select_for_update().get(pk=promotion.pk)
    require_reach(promotion.store_ids, actor)
    if promotion.state == State.ENDED:
        unchanged()
        return promotion
    promotion.state, promotion.ended_at = State.ENDED, now
    promotion.save(update_fields=["state", "ended_at"])
    record("promotions.promotion_ended", promotion, actor=actor, now=now, data={"name": promotion.name})
    return promotion


@operation(MANAGE)
def copy_promotion(*, promotion: Promotion, name: str, actor: Actor, now: datetime) -> Promotion:
    """A draft like it, beginning now, with nothing spent. It has as many days as the original, or no end. Raises
    `SegmentUnknown` where it named one that is put away since."""
    length = promotion.ends_at - promotion.starts_at if promotion.ends_at else None
    values = {
        "name": name.strip()[:40],
        "starts_at": now,
        "ends_at": now + length if length else None,
        "terms": bare_terms(promotion),
        "budget_amount": promotion.budget_amount,
        "budget_count": promotion.budget_count,
        "per_customer_count": promotion.per_customer_count,
    }
    copy = Promotion(created_at=now, made_by_id=actor.user_id, starts_at=now)
    for column, value in _cleaned(values, copy).items():
        setattr(copy, column, value)
    require_reach(copy.store_ids, actor)
    require_segments(copy.terms, {}, actor)
    copy.save()
    record(
        "promotions.promotion_copied", copy, also=[promotion], actor=actor, now=now, data={"name": copy.name}
    )
    return copy


def end_those_over(*, actor: Actor, now: datetime) -> int:
    """End every promotion whose period is over, each by its own operation. Returns how many."""
    over = Promotion.objects.filter(ends_at__lte=now, state__in=[State.RUNNING, State.PAUSED]).order_by("pk")
    found = list(over)
    for promotion in found:
        end_promotion(promotion=promotion, actor=actor, now=now)
    return len(found)


def _keep_version(promotion: Promotion, actor: Actor, now: datetime) -> None:
    PromotionVersion.objects.create(
        promotion=promotion,
        number=promotion.version,
        terms=promotion.terms,
        since=now,
        by_id=actor.user_id,
    )


def _not_now(promotion: Promotion) -> NotInThisState:
    return NotInThisState(name=promotion.name, state=promotion.get_state_display())
