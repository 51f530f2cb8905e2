"""What a sale takes of promotions and coupons: budgets, limits, coupons used once. Steps of the room `sales`, one
statement each, late in its operation; what a named error stops is lost as a whole.

The variants that end in `_late` are for sales that were made and paid without a connection. They refuse nothing that
can be written down and answer what could not be honoured, so that a person looks at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, DiankeError, NotFound
from dianke.events.operations import step
from dianke.promotions.operations.calling import call
from dianke.stores.queries import merchant_zone


class BudgetSpent(Conflict):
    """`promotion_id`; `left_amount` (minor units) and `left_count`, None where there is no such budget."""

    code = "promotion_budget_spent"
    message = _("The budget of “%(name)s” does not last for this. Price the sale again.")


class LimitReached(Conflict):
    """`promotion_id`, `limit`."""

    code = "promotion_limit_reached"
    message = _("“%(name)s”: one customer may have it %(limit)s times, and had it. Price the sale again.")


class CustomerNeeded(Conflict):
    """`promotion_id`."""

    code = "promotion_customer_needed"
    message = _("“%(name)s” is counted per customer. Choose the customer, or price the sale again.")


class PromotionNotRunning(Conflict):
    """`promotion_id`."""

    code = "promotion_not_running"
    message = _("“%(name)s” was paused or ended meanwhile. Price the sale again.")


class PromotionUnknown(NotFound):
    """`promotion_id`."""

    code = "promotion_unknown"
    message = _("A promotion of the sale does not exist. Price the sale again.")


class CouponUsed(Conflict):
    """All errors of coupons have `coupon_id` in `params`."""

    code = "coupon_used"
    message = _("“%(name)s” …%(tail)s was used already, on %(when)s.")


class CouponExpired(Conflict):
    code = "coupon_expired"
    message = _("“%(name)s” …%(tail)s has expired: it was good until %(when)s.")


class CouponNotYet(Conflict):
    code = "coupon_not_yet"
    message = _("“%(name)s” …%(tail)s is good from %(when)s on.")


class CouponRevoked(Conflict):
    code = "coupon_revoked"
    message = _("“%(name)s” …%(tail)s was revoked.")


class CouponNotClaimed(Conflict):
    code = "coupon_not_claimed"
    message = _("“%(name)s” …%(tail)s was not claimed yet. The customer claims it on the phone first.")


class CouponNotYours(Conflict):
    code = "coupon_not_yours"
    message = _("“%(name)s” …%(tail)s belongs to another customer.")


class CouponElsewhere(Conflict):
    code = "coupon_elsewhere"
    message = _("“%(name)s” …%(tail)s is not taken at this store.")


class CouponGone(NotFound):
    code = "coupon_gone"
    message = _("A coupon of the sale does not exist. Price the sale again.")


_COUPON_ERRORS: dict[str, type[DiankeError]] = {
    "used": CouponUsed,
    "expired": CouponExpired,
    "not_yet": CouponNotYet,
    "revoked": CouponRevoked,
    "not_claimed": CouponNotClaimed,
    "not_yours": CouponNotYours,
    "elsewhere": CouponElsewhere,
    "unknown": CouponGone,
}


@dataclass(frozen=True, slots=True)
class PromotionUse:
    """A promotion gave `amount` minor units (>= 0) to a sale, `count` times. `version` it was priced by (None: the
    present one); `brought_amount`: what is paid for the goods it applied to, for reports."""

    promotion_id: int
    amount: int
    count: int = 1
    version: int | None = None
    brought_amount: int = 0


@dataclass(frozen=True, slots=True)
class CouponUse:
    """A coupon took `amount` minor units off; `brought_amount` is what is paid for the order it was used on."""

    coupon_id: int
    amount: int
    brought_amount: int = 0


@step
def take_promotions(
    *,
    uses: Sequence[PromotionUse],
    customer_id: int | None,
    reference: str,
    store_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Take from budgets and limits what promotions give to the sale `reference`; a repeat changes nothing. One
    statement.

    Raises `BudgetSpent`, `LimitReached`, `CustomerNeeded`, `PromotionNotRunning`, `PromotionUnknown`.
    """
    if not uses:
        return
    answer = _take(uses, customer_id, reference, store_id, now, is_late=False)
    if problem := answer.get("problem"):
        raise _refusal(problem)


@step
def take_promotions_late(
    *,
    uses: Sequence[PromotionUse],
    customer_id: int | None,
    reference: str,
    store_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> list[int]:
    """The same for a sale made without a connection, which is never refused: ids of the promotions whose budget did not
    last; they gave beyond it. Limits per customer count on. Raises `PromotionUnknown`."""
    if not uses:
        return []
    answer = _take(uses, customer_id, reference, store_id, now, is_late=True)
    if problem := answer.get("problem"):
        raise _refusal(problem)
    return [int(pk) for pk in answer.get("beyond", ())]


def _take(
    uses: Sequence[PromotionUse],
    customer_id: int | None,
    reference: str,
    store_id: int | None,
    now: datetime,
    *,
    is_late: bool,
) -> dict[str, Any]:
    if len({use.promotion_id for use in uses}) < len(uses):
        raise ValueError("one use per promotion: add them up first")
    return call(
        "promotions_take",
        {
            "uses": [
                {
                    "p": use.promotion_id,
                    "v": use.version,
                    "a": use.amount,
                    "c": use.count,
                    "b": use.brought_amount,
                }
                for use in uses
            ],
            "customer": customer_id,
            "reference": reference,
            "store": store_id,
            "at": now.isoformat(),
            "late": is_late,
        },
    )


def _refusal(problem: dict[str, Any]) -> DiankeError:
    values = {"promotion_id": problem["promotion"], "name": problem.get("name") or ""}
    match problem["code"]:
        case "budget_spent":
            left = {"left_amount": problem["left_amount"], "left_count": problem["left_count"]}
            return BudgetSpent(**values, **left)
        case "limit_reached":
            return LimitReached(**values, limit=problem["limit"])
        case "customer_needed":
            return CustomerNeeded(**values)
        case "not_running":
            return PromotionNotRunning(**values)
    return PromotionUnknown(**values)


@step
def redeem_coupons(
    *,
    uses: Sequence[CouponUse],
    customer_ids: Sequence[int],
    reference: str,
    store_id: int | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Use coupons on the sale `reference`, each once, all or none; a repeat changes nothing. `customer_ids`: the
    cluster of who pays, empty for nobody known (printed coupons only). One statement.

    Raises the first of `CouponUsed`, `CouponExpired`, `CouponNotYet`, `CouponRevoked`, `CouponNotClaimed`,
    `CouponNotYours`, `CouponElsewhere`, `CouponGone`.
    """
    if not uses:
        return
    answer = _redeem(uses, customer_ids, reference, store_id, actor, now, is_late=False)
    if refused := answer.get("refused"):
        raise coupon_error(refused[0])


@step
def redeem_coupons_late(
    *,
    uses: Sequence[CouponUse],
    customer_ids: Sequence[int],
    reference: str,
    store_id: int | None,
    actor: Actor,
    now: datetime,
) -> dict[int, DiankeError]:
    """The same for a sale made without a connection at `now`: what cannot be used any more is answered by coupon with
    the reason, the others are used."""
    if not uses:
        return {}
    answer = _redeem(uses, customer_ids, reference, store_id, actor, now, is_late=True)
    return {int(row["coupon"]): coupon_error(row) for row in answer.get("refused", ())}


def _redeem(
    uses: Sequence[CouponUse],
    customer_ids: Sequence[int],
    reference: str,
    store_id: int | None,
    actor: Actor,
    now: datetime,
    *,
    is_late: bool,
) -> dict[str, Any]:
    if len({use.coupon_id for use in uses}) < len(uses):
        raise ValueError("a coupon is used once")
    return call(
        "promotions_redeem",
        {
            "uses": [{"c": use.coupon_id, "a": use.amount, "b": use.brought_amount} for use in uses],
            "customers": list(customer_ids),
            "reference": reference,
            "store": store_id,
            "user": actor.user_id,
            "at": now.isoformat(),
            "late": is_late,
        },
    )


def coupon_error(row: dict[str, Any]) -> DiankeError:
    """The named error of a coupon that was refused."""
    moment = parse_datetime(row["at"]) if row.get("at") else None
    when = f"{moment.astimezone(merchant_zone()):%Y-%m-%d %H:%M}" if moment else ""
    values = {"coupon_id": row["coupon"], "name": row.get("name") or "", "tail": row.get("tail") or ""}
    return _COUPON_ERRORS[row["code"]](**values, when=when)
