"""What happens to coupons that are out: revoked with a reason, expired by the clock, told of before they expire."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, step, unchanged
from dianke.promotions.models import Coupon, CouponStep
from dianke.promotions.models.visible import ISSUE

State = Coupon.State
#: Coupons one run of the clock changes in one transaction.
AT_ONCE = 2000
MOST_REVOKED = 1000


class CouponNotRevocable(Conflict):
    code = "coupon_not_revocable"
    message = _("“%(name)s” …%(tail)s is “%(state)s”: only coupons that are still good are revoked.")


class RevokeReasonMissing(InvalidInput):
    code = "coupon_revoke_reason_missing"
    message = _("Say why. The customer may ask.")
    default_field = "reason"


class NothingToRevoke(InvalidInput):
    code = "coupons_nothing_to_revoke"
    message = _("No coupon is chosen. Choose at least one, at most %(most)s.")


@operation(ISSUE)
def revoke_coupons(*, coupons: Collection[Coupon], reason: str, actor: Actor, now: datetime) -> int:
    """Take coupons back that are not used yet; who had one may be given another. Revoked ones are passed over. Returns
    how many were taken back.

    Raises `RevokeReasonMissing`, `NothingToRevoke`, `CouponNotRevocable`.
    """
    if not reason.strip():
        raise RevokeReasonMissing
    ids = {coupon.pk for coupon in coupons}
    if not 1 <= len(ids) <= MOST_REVOKED:
        raise NothingToRevoke(most=MOST_REVOKED)
    rows = Coupon.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=ids)
    found = [row for row in rows.select_related("kind").order_by("pk") if row.state != State.REVOKED]
    if not found:
        unchanged()
        return 0
    steps = []
    for row in found:
        if row.state not in (State.ISSUED, State.CLAIMED):
            raise CouponNotRevocable(name=row.kind.name, tail=row.code[-4:], state=row.get_state_display())
        steps.append(
            CouponStep(
                coupon=row,
                before=row.state,
                after=State.REVOKED,
                at=now,
                reason=reason.strip()[:200],
                user_id=actor.user_id,
            )
        )
        row.state, row.reason = State.REVOKED, reason.strip()[:200]
    Coupon.objects.bulk_update(found, ["state", "reason"])
    CouponStep.objects.bulk_create(steps)
    _count_fewer([(row.kind_id, row.customer_id) for row in found if row.customer_id is not None])
    customers = sorted({row.customer_id for row in found if row.customer_id is not None})
    record(
        "promotions.coupons_revoked",
        found[0] if len(found) == 1 else found[0].kind,
        also=[
            *([found[0].kind] if len(found) == 1 else []),
            *(f"customers.customer:{pk}" for pk in customers[:100]),
        ],
        actor=actor,
        now=now,
        data={"count": len(found), "name": found[0].kind.name, "reason": reason.strip()[:200]},
    )
    return len(found)


def _count_fewer(pairs: Collection[tuple[int, int]]) -> None:
    """Who lost one may be given another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE promotions_coupontally AS t SET count = greatest(t.count - w.n, 0) FROM"
            " (SELECT k, c, count(*) AS n FROM unnest(%s::bigint[], %s::bigint[]) AS u (k, c) GROUP BY 1, 2) AS w"
            " WHERE t.kind_id = w.k AND t.customer_id = w.c",
            [[kind for kind, _c in pairs], [customer for _k, customer in pairs]],
        )


@operation(None)
def expire_coupons(*, actor: Actor, now: datetime) -> int:
    """The coupons whose time is over become expired, up to `AT_ONCE`; those a sale is using at this moment are left for
    the next run. Returns how many. By the clock only (`actor` is the system)."""
    actor.require(ISSUE)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH over AS (SELECT id, state FROM promotions_coupon WHERE state IN ('ISSUED', 'CLAIMED')"
            " AND expires_at IS NOT NULL AND expires_at <= %(now)s ORDER BY expires_at LIMIT %(most)s"
            " FOR NO KEY UPDATE SKIP LOCKED),"
            " gone AS (UPDATE promotions_coupon AS c SET state = 'EXPIRED' FROM over WHERE c.id = over.id),"
            " told AS (INSERT INTO promotions_couponstep (coupon_id, before, after, at, reference, reason, amount)"
            " SELECT id, state, 'EXPIRED', %(now)s, '', '', 0 FROM over ORDER BY id)"
            " SELECT count(*) FROM over",
            {"now": now, "most": AT_ONCE},
        )
        row = cursor.fetchone()
    count = int(row[0]) if row else 0
    if not count:
        unchanged()
        return 0
    record("promotions.coupons_expired", "promotions.coupon", actor=actor, now=now, data={"count": count})
    return count


@operation(None)
def note_expiring(*, actor: Actor, now: datetime) -> int:
    """Tell, once each, of usable coupons that end within the days their kind says; up to 500 at a time, as one event
    that names coupons and customers. What is done about it (a message, a task) follows from the event. Returns how
    many."""
    actor.require(ISSUE)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH soon AS (SELECT c.id, c.customer_id FROM promotions_coupon AS c"
            " JOIN promotions_couponkind AS k ON k.id = c.kind_id"
            " WHERE c.state = 'CLAIMED' AND c.noticed_at IS NULL AND c.expires_at > %(now)s"
            " AND c.expires_at <= %(now)s + interval '60 days' AND k.notice_days > 0"
            " AND c.expires_at <= %(now)s + make_interval(days => k.notice_days) ORDER BY c.expires_at LIMIT 500"
            " FOR NO KEY UPDATE OF c SKIP LOCKED),"
            " told AS (UPDATE promotions_coupon AS c SET noticed_at = %(now)s FROM soon WHERE c.id = soon.id)"
            " SELECT array_agg(id ORDER BY id), array_agg(DISTINCT customer_id) FROM soon",
            {"now": now},
        )
        row = cursor.fetchone()
    coupons, customers = row if row and row[0] else ([], [])
    if not coupons:
        unchanged()
        return 0
    record(
        "promotions.coupons_expire_soon",
        "promotions.coupon",
        also=[f"customers.customer:{pk}" for pk in customers],
        actor=actor,
        now=now,
        data={"coupons": coupons, "customers": customers, "count": len(coupons)},
    )
    return len(coupons)


@step
def erase_coupons(customer_ids: Collection[int], now: datetime) -> int:
    """What can still be used cannot be used any more; what was used stays with its sale, under a number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH gone AS (UPDATE promotions_coupon SET state = 'EXPIRED', reason = ''"
            " WHERE customer_id = ANY(%(ids)s) AND state IN ('ISSUED', 'CLAIMED') RETURNING id, claimed_at)"
            " INSERT INTO promotions_couponstep (coupon_id, before, after, at, reference, reason, amount)"
            " SELECT id, CASE WHEN claimed_at IS NULL THEN 'ISSUED' ELSE 'CLAIMED' END, 'EXPIRED', %(now)s, '', '', 0"
            " FROM gone ORDER BY id",
            {"ids": list(customer_ids), "now": now},
        )
        ended = int(cursor.rowcount)
    Coupon.objects.filter(customer__in=customer_ids).exclude(reason="").update(reason="")
    return ended
