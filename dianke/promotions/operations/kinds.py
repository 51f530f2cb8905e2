"""Kinds of coupons: made, changed (coupons that are out keep their wording), paused, put away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged
from dianke.promotions.models import CouponKind, CouponKindVersion
from dianke.promotions.models.visible import MANAGE
from dianke.promotions.operations.offers import LimitNotPositive, require_reach, require_segments
from dianke.promotions.rules import terms as vocabulary
from dianke.promotions.rules.reading import TermUnknown

COLUMNS = frozenset(
    {
        "name",
        "note",
        "terms",
        "total_limit",
        "per_customer_limit",
        "validity",
        "valid_from",
        "valid_to",
        "valid_days",
        "starts_after_days",
        "grace_days",
        "notice_days",
        "giving",
        "is_claimable",
        "claim_from",
        "claim_to",
    }
)
_OWN = ("kind_id", "name")
MOST_DAYS = 3650


class ValidityMissing(InvalidInput):
    code = "coupon_validity_missing"
    message = _("Say how long a coupon is good: its days, or how many days from claiming.")


class ValidityBackward(InvalidInput):
    code = "coupon_validity_backward"
    message = _("It ends before it begins. Set a later end.")
    default_field = "valid_to"


class ClaimBackward(InvalidInput):
    code = "coupon_claim_backward"
    message = _("Claiming ends before it begins. Set a later end.")
    default_field = "claim_to"


class LimitBelowIssued(Conflict):
    code = "coupon_limit_below_issued"
    message = _("So many are out already: %(issued)s. The limit cannot be lower.")
    default_field = "total_limit"


class ClaimNeedsLimit(InvalidInput):
    code = "coupon_claim_needs_limit"
    message = _("What customers claim themselves needs a limit for one customer. Set one, 1 for instance.")
    default_field = "per_customer_limit"


class KindPutAway(Conflict):
    code = "coupon_kind_put_away"
    message = _("“%(name)s” is put away. Use it again before you change it.")


def read_terms(terms: Mapping[str, Any], *, name: str) -> dict[str, Any]:
    """The terms as they are kept: with the name, without id. Raises what `terms.CouponTerms.read` finds wrong."""
    for taken in _OWN:
        if taken in terms:
            raise TermUnknown(name=taken, field=taken)
    for taken in ("from_at", "to_at"):
        if taken in (terms.get("when") or {}):
            raise TermUnknown(name=taken, field=f"when.{taken}")
    kept = dict(vocabulary.CouponTerms.read({**terms, "kind_id": 0, "name": name}).as_dict())
    del kept["kind_id"]
    return kept


def bare_terms(row: CouponKind) -> dict[str, Any]:
    """The terms as they are sent."""
    return {key: value for key, value in row.terms.items() if key not in _OWN}


def _cleaned(values: Mapping[str, Any], row: CouponKind) -> dict[str, Any]:
    unknown = set(values) - COLUMNS
    if unknown:
        raise ValueError(unknown)
    cleaned = dict(values)

    def now_is(name: str) -> Any:
        return cleaned.get(name, getattr(row, name))

    if "name" in cleaned:
        cleaned["name"] = str(cleaned["name"]).strip()
    _check_validity(now_is)
    for limit in ("total_limit", "per_customer_limit"):
        if cleaned.get(limit) is not None and cleaned[limit] < 1:
            raise LimitNotPositive(field=limit)
    if cleaned.get("total_limit") is not None and cleaned["total_limit"] < row.issued_count:
        raise LimitBelowIssued(issued=row.issued_count)
    if now_is("is_claimable") and now_is("per_customer_limit") is None:
        raise ClaimNeedsLimit
    kept = read_terms(cleaned.get("terms", bare_terms(row)), name=now_is("name"))
    read = vocabulary.CouponTerms.read({**kept, "kind_id": 0})
    return cleaned | {
        "terms": kept,
        "kind": read.rule.kind,
        "store_ids": sorted(read.audience.store_ids),
    }


def _check_validity(now_is: Any) -> None:
    if now_is("validity") == CouponKind.Validity.FIXED:
        if now_is("valid_from") is None or now_is("valid_to") is None:
            raise ValidityMissing(field="valid_from" if now_is("valid_from") is None else "valid_to")
        if now_is("valid_to") < now_is("valid_from"):
            raise ValidityBackward
    elif not now_is("valid_days"):
        raise ValidityMissing(field="valid_days")
    begins, ends = now_is("claim_from"), now_is("claim_to")
    if begins and ends and ends <= begins:
        raise ClaimBackward


@operation(MANAGE)
def make_kind(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> CouponKind:
    """A kind of coupon. `values`: `name`, `terms` (docs/algorithms/pricing.md; without id and name), how long a
    coupon is good (`validity` with `valid_from`/`valid_to` or `valid_days`), and what else is known (`COLUMNS`).

    Raises `ValidityMissing`, `ValidityBackward`, `ClaimBackward`, `ClaimNeedsLimit`, `LimitNotPositive`,
    `NotYourStores`, `SegmentUnknown`, and what is wrong with the terms.
    """
    kind = CouponKind(created_at=now, made_by_id=actor.user_id)
    for name, value in _cleaned(values, kind).items():
        setattr(kind, name, value)
    require_reach(kind.store_ids, actor)
    require_segments(kind.terms, {}, actor)
    kind.save()
    _keep_version(kind, actor, now)
    record("promotions.kind_made", kind, actor=actor, now=now, data={"name": kind.name})
    return kind


@operation(MANAGE)
def change_kind(*, kind: CouponKind, values: Mapping[str, Any], actor: Actor, now: datetime) -> CouponKind:
    """Change what is named. Coupons that are out keep wording and days; those given from now on have the new ones.

    Raises as `make_kind`, `LimitBelowIssued`, `KindPutAway`.
    """
    kind = CouponKind.objects.select_for_update().get(pk=kind.pk)
    require_reach(kind.store_ids, actor)
    if kind.state == CouponKind.State.ENDED:
        raise KindPutAway(name=kind.name)
    before = kind.terms
    changes = apply_changes(kind, _cleaned(values, kind))
    require_reach(kind.store_ids, actor)
    require_segments(kind.terms, before, actor)
    if not changes:
        unchanged()
        return kind
    if "terms" in changes:
        kind.version += 1
        kind.save(update_fields=["version"])
        _keep_version(kind, actor, now)
    record("promotions.kind_changed", kind, actor=actor, now=now, data={"changes": changes})
    return kind


@operation(MANAGE)
def set_kind_state(*, kind: CouponKind, state: str, actor: Actor, now: datetime) -> CouponKind:
    """Give it out, pause that, or put it away. Coupons that are out stay good in any case."""
    if state not in CouponKind.State.values:
        raise ValueError(state)
    kind = CouponKind.objects.select_for_update().get(pk=kind.pk)
    require_reach(kind.store_ids, actor)
    changes = apply_changes(kind, {"state": state})
    if not changes:
        unchanged()
        return kind
    record(
        "promotions.kind_state_set", kind, actor=actor, now=now, data={"changes": changes, "name": kind.name}
    )
    return kind


def _keep_version(kind: CouponKind, actor: Actor, now: datetime) -> None:
    CouponKindVersion.objects.create(
        kind=kind, number=kind.version, terms=kind.terms, since=now, by_id=actor.user_id
    )
