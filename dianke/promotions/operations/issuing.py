"""Giving coupons out: to customers, on paper, and claimed by customers themselves. Given is not yet claimed, claimed is
not yet used: docs/algorithms/coupons.md."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from secrets import randbelow

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.events.operations import operation, record, unchanged
from dianke.promotions.models import CouponBatch, CouponKind
from dianke.promotions.models.visible import ISSUE, VIEW
from dianke.promotions.operations.calling import call
from dianke.promotions.operations.offers import NotYourStores
from dianke.promotions.queries.validity import period_for
from dianke.promotions.rules.coupon_codes import new_code
from dianke.promotions.rules.validity import midnight
from dianke.stores.queries import merchant_zone

MOST_AT_ONCE = 50_000
MOST_EACH = 20
#: Customers whose timeline shows that they were given something; of more the list of coupons tells.
MOST_TOLD = 100


class CouponsExhausted(Conflict):
    """`left` and `wanted` in coupons."""

    code = "coupons_exhausted"
    message = _("Only %(left)s of “%(name)s” are left, %(wanted)s wanted. Raise the limit, or give fewer.")


class KindNotGiven(Conflict):
    code = "coupon_kind_not_given"
    message = _("“%(name)s” is not given out at present. Ask whoever looks after promotions.")


class CouponLimitReached(Conflict):
    code = "coupon_limit_reached"
    message = _("“%(name)s”: one customer may have %(limit)s, and has them.")


class NotForPeople(NotAllowed):
    code = "coupon_not_for_people"
    message = _("“%(name)s” is given by programmes only. Choose another coupon.")


class TooManyAtOnce(InvalidInput):
    code = "coupons_too_many_at_once"
    message = _("At most %(most)s coupons at once. Give them in several parts.")


class NobodyChosen(InvalidInput):
    code = "coupons_for_nobody"
    message = _("Nobody is chosen. Choose customers first.")
    default_field = "customers"


class MemberNumberUnknown(InvalidInput):
    code = "coupons_member_number_unknown"
    message = _("Nobody has these member numbers: %(numbers)s. Compare them.")
    default_field = "numbers"


class BatchTaken(Conflict):
    code = "coupon_batch_taken"
    message = _("Codes were made under this reference already, of another kind or number.")


@dataclass(frozen=True, slots=True)
class Issued:
    """`given` holds (coupon id, customer id); `already` had one for the occasion, `full` have as many as one may have,
    `left_out` were erased, removed or asked to be."""

    given: tuple[tuple[int, int], ...] = ()
    already: int = 0
    full: int = 0
    left_out: int = 0

    @property
    def coupon_ids(self) -> list[int]:
        return [pk for pk, _customer in self.given]


def require_giving(kind: CouponKind, actor: Actor) -> None:
    """Who may give this kind. Raises `PermissionRefused`, `NotForPeople`, `NotYourStores`."""
    if actor.is_system:
        return
    if kind.giving == CouponKind.Giving.SYSTEM:
        raise NotForPeople(name=kind.name)
    permission = VIEW if kind.giving == CouponKind.Giving.STAFF else ISSUE
    actor.require(permission)
    reached = actor.stores_for(permission)
    if reached is not None and kind.store_ids and reached.isdisjoint(kind.store_ids):
        raise NotYourStores(field=None)


@operation(None)
def issue_coupons(
    *,
    kind: CouponKind,
    customer_ids: Collection[int],
    occasion: str = "",
    each: int = 1,
    to_be_claimed: bool = False,
    reason: str = "",
    store_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> Issued:
    """Give `each` coupons of a kind to every one of these customers, to the profile they belong to.

    `occasion` ("birthday:2026", "sales.order:…/gift") makes it once per customer, however often it is called: whoever
    had one for it is passed over. `to_be_claimed`: the customer takes it on the phone first; the days run from then on.
    Whoever has as many as one may have is passed over too, and counted. All or none for the rest.

    Raises `PermissionRefused`, `NotForPeople`, `NotYourStores`, `CouponsExhausted`, `KindNotGiven`, `TooManyAtOnce`,
    `NobodyChosen`.
    """
    require_giving(kind, actor)
    wanted = sorted(set(customer_ids))
    if not wanted:
        raise NobodyChosen
    if not 1 <= each <= MOST_EACH or len(wanted) * each > MOST_AT_ONCE:
        raise TooManyAtOnce(most=MOST_AT_ONCE)
    issued = issue_step(kind, wanted, occasion, each, not to_be_claimed, reason, store_id, actor, now)
    if not issued.given:
        unchanged()
        return issued
    customers = sorted({customer for _pk, customer in issued.given})
    record(
        "promotions.coupons_issued",
        kind,
        also=[f"customers.customer:{pk}" for pk in customers[:MOST_TOLD]],
        store_id=store_id,
        actor=actor,
        now=now,
        data={
            "name": kind.name,
            "count": len(issued.given),
            "customers": len(customers),
            "occasion": occasion,
            "reason": reason,
            "coupons": issued.coupon_ids[:MOST_TOLD],
        },
    )
    return issued


def issue_step(
    kind: CouponKind,
    wanted: list[int],
    occasion: str,
    each: int,
    is_claimed: bool,
    reason: str,
    store_id: int | None,
    actor: Actor,
    now: datetime,
) -> Issued:
    begin, end = period_for(kind, now) if is_claimed else (None, _claim_by(kind))
    answer = call(
        "promotions_issue",
        {
            "kind": kind.pk,
            "customers": wanted,
            "codes": [new_code(randbelow) for _n in range(len(wanted) * each)],
            "occasion": occasion[:100],
            "each": each,
            "claimed": is_claimed,
            "at": now.isoformat(),
            "valid_from": begin.isoformat() if begin else None,
            "expires_at": end.isoformat() if end else None,
            "reason": reason[:200],
            "store": store_id,
            "user": actor.user_id,
        },
    )
    if problem := answer.get("problem"):
        if problem["code"] == "exhausted":
            raise CouponsExhausted(
                name=problem["name"], left=max(problem["left"], 0), wanted=problem["wanted"]
            )
        raise KindNotGiven(name=problem["name"])
    return Issued(
        tuple((pk, customer) for pk, customer in answer["given"]),
        answer["already"],
        answer["full"],
        answer["left_out"],
    )


def _claim_by(kind: CouponKind) -> datetime | None:
    """Until when one that is offered can be claimed: while its days or the time of claiming last."""
    if kind.valid_to is not None and kind.validity == CouponKind.Validity.FIXED:
        return midnight(kind.valid_to + timedelta(days=1), merchant_zone())
    return kind.claim_to


# --- on paper --------------------------------------------------------------------------------------------------------
@operation(ISSUE)
def print_coupons(
    *,
    kind: CouponKind,
    count: int,
    name: str,
    reference: str,
    use_by: date | None = None,
    actor: Actor,
    now: datetime,
) -> CouponBatch:
    """Make `count` codes to be printed. Whoever brings one uses it, until the end of `use_by` (kinds with fixed days:
    at the latest their last); a customer may claim it before, then it is theirs. The same `reference` again makes no
    more.

    Raises `CouponsExhausted`, `KindNotGiven`, `TooManyAtOnce`, `BatchTaken`, and as `issue_coupons` on who may.
    """
    require_giving(kind, actor)
    standing = CouponBatch.objects.filter(reference=reference).first()
    if standing is not None:
        if (standing.kind_id, standing.count) != (kind.pk, count):
            raise BatchTaken
        unchanged()
        return standing
    if not 1 <= count <= MOST_AT_ONCE:
        raise TooManyAtOnce(most=MOST_AT_ONCE)
    batch = CouponBatch.objects.create(
        kind=kind,
        name=name.strip()[:40],
        count=count,
        use_by=use_by,
        reference=reference,
        made_at=now,
        made_by_id=actor.user_id,
    )
    begin, end = _days_on_paper(kind, use_by)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH made AS (INSERT INTO promotions_coupon (kind_id, version, code, state, batch_id, occasion, serial,"
            " issued_at, valid_from, expires_at, used_reference, used_amount, brought_amount, reason)"
            " SELECT k.id, k.version, c.code, 'ISSUED', %(batch)s, '', c.place, %(now)s, %(begin)s, %(end)s, '', 0, 0,"
            " ''"
            " FROM promotions_couponkind AS k CROSS JOIN unnest(%(codes)s::text[]) WITH ORDINALITY AS c (code, place)"
            " WHERE k.id = %(kind)s RETURNING id)"
            " INSERT INTO promotions_couponstep (coupon_id, before, after, at, reference, reason, amount, user_id)"
            " SELECT id, '', 'ISSUED', %(now)s, %(reference)s, '', 0, %(user)s FROM made ORDER BY id",
            {
                "batch": batch.pk,
                "now": now,
                "begin": begin,
                "end": end,
                "codes": [new_code(randbelow) for _n in range(count)],
                "kind": kind.pk,
                "reference": reference,
                "user": actor.user_id,
            },
        )
    _take_from_limit(kind, count)
    record(
        "promotions.coupons_printed",
        batch,
        also=[kind],
        actor=actor,
        now=now,
        data={"name": kind.name, "count": count},
    )
    return batch


def _days_on_paper(kind: CouponKind, use_by: date | None) -> tuple[datetime | None, datetime | None]:
    zone = merchant_zone()
    is_fixed = kind.validity == CouponKind.Validity.FIXED
    begin = midnight(kind.valid_from, zone) if is_fixed and kind.valid_from else None
    last = min((day for day in (use_by, kind.valid_to if is_fixed else None) if day), default=None)
    return begin, midnight(last + timedelta(days=1), zone) if last else None


def _take_from_limit(kind: CouponKind, count: int) -> None:
    """Last, because its row stays locked. Raises `CouponsExhausted`, `KindNotGiven`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE promotions_couponkind SET issued_count = issued_count + %(count)s WHERE id = %(kind)s"
            " AND state = 'ACTIVE' AND (total_limit IS NULL OR issued_count + %(count)s <= total_limit)",
            {"count": count, "kind": kind.pk},
        )
        if cursor.rowcount:
            return
    kind.refresh_from_db()
    if kind.state != CouponKind.State.ACTIVE:
        raise KindNotGiven(name=kind.name)
    raise CouponsExhausted(name=kind.name, left=(kind.total_limit or 0) - kind.issued_count, wanted=count)
