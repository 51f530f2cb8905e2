"""Coupons as the till and the customer's phone see them: what they say, until when, and why one cannot be used."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import Text
from dianke.promotions.rules.coupon_codes import read_code
from dianke.promotions.rules.terms import CouponTerms
from dianke.stores.queries import merchant_zone

_COLUMNS = """
SELECT c.id, c.code, v.terms, c.kind_id, c.customer_id, c.state, c.valid_from, c.expires_at, c.used_at, k.store_ids,
       c.version, k.note
FROM promotions_coupon AS c
JOIN promotions_couponkind AS k ON k.id = c.kind_id
JOIN promotions_couponkindversion AS v ON v.kind_id = c.kind_id AND v.number = c.version
"""

#: Code of what keeps a coupon from being used, and its sentence.
WHY_NOT: dict[str, Text] = {
    "used": _("Used on %(when)s."),
    "expired": _("Expired on %(when)s."),
    "revoked": _("Revoked."),
    "not_claimed": _("Not claimed yet: the customer claims it on the phone first."),
    "not_yours": _("Belongs to another customer."),
    "not_yet": _("Good from %(when)s on."),
    "elsewhere": _("Not taken at this store."),
    "other_hour": _("Not at this hour."),
    "other_day": _("Not on this day."),
}


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a coupon cannot be used; `str()` in the language of the moment."""

    code: str
    when: datetime | None = None

    def __str__(self) -> str:
        shown = f"{self.when.astimezone(merchant_zone()):%Y-%m-%d %H:%M}" if self.when else ""
        return str(WHY_NOT[self.code]) % {"when": shown}


@dataclass(frozen=True, slots=True)
class HeldCoupon:
    """One coupon. `customer_id` None: whoever brings the code. `usable` says that its state, its days, its store and
    its owner let it be used; whether it has an effect on a cart is the engine's to say."""

    id: int
    code: str
    terms: CouponTerms
    customer_id: int | None
    expires_at: datetime | None
    usable: bool
    why_not: WhyNot | None
    state: str = ""
    valid_from: datetime | None = None
    version: int = 1
    note: str = ""

    @property
    def source(self) -> str:
        """How an adjustment of the price names it."""
        return f"coupon:{self.id}"


def coupons_of(customer_ids: Collection[int], *, store_id: int | None, at: datetime) -> list[HeldCoupon]:
    """What a customer (all identities of the profile) has in hand: usable now or later or elsewhere, and what is
    offered and not claimed; the first to end first. `store_id` None: wherever. One statement."""
    rows = _rows(
        _COLUMNS
        + "WHERE c.customer_id = ANY(%(customers)s) AND c.state IN ('CLAIMED', 'ISSUED')"
        + " AND (c.expires_at IS NULL OR c.expires_at > %(at)s) ORDER BY c.expires_at NULLS LAST, c.id",
        {"customers": list(customer_ids), "at": at},
    )
    return [_held(row, customer_ids, store_id, at) for row in rows]


def coupon_by_code(
    code: str,
    *,
    at: datetime,
    store_id: int | None = None,
    customer_ids: Collection[int] | None = None,
) -> HeldCoupon | None:
    """The coupon of a code as typed or scanned, in whatever state; None when there is none. `customer_ids`: the cluster
    of who pays; None does not look whose it is. One statement. Raises `CouponCodeWrong` for what cannot be a code."""
    rows = _rows(_COLUMNS + "WHERE c.code = %(code)s", {"code": read_code(code)})
    return next((_held(row, customer_ids, store_id, at) for row in rows), None)


def coupons_by_id(
    coupon_ids: Collection[int],
    *,
    at: datetime,
    store_id: int | None = None,
    customer_ids: Collection[int] | None = None,
) -> list[HeldCoupon]:
    """Those of a cart, in order of their keys. One statement."""
    rows = _rows(_COLUMNS + "WHERE c.id = ANY(%(ids)s) ORDER BY c.id", {"ids": list(coupon_ids)})
    return [_held(row, customer_ids, store_id, at) for row in rows]


def _rows(sql: str, values: dict[str, Any]) -> Iterable[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _held(
    row: Sequence[Any], customer_ids: Collection[int] | None, store_id: int | None, at: datetime
) -> HeldCoupon:
    (
        pk,
        code,
        terms,
        kind_id,
        customer_id,
        state,
        valid_from,
        expires_at,
        used_at,
        store_ids,
        version,
        note,
    ) = row
    text = terms if isinstance(terms, str) else json.dumps(terms, sort_keys=True)
    read = _read(kind_id, text)
    why = _why_not(
        read, state, customer_id, customer_ids, valid_from, expires_at, used_at, store_ids, store_id, at
    )
    return HeldCoupon(
        pk, code, read, customer_id, expires_at, why is None, why, state, valid_from, version, note
    )


@lru_cache(maxsize=1000)
def _read(kind_id: int, terms: str) -> CouponTerms:
    kept: dict[str, Any] = json.loads(terms)
    return CouponTerms.read({**kept, "kind_id": kind_id})


def _why_not(
    terms: CouponTerms,
    state: str,
    customer_id: int | None,
    customer_ids: Collection[int] | None,
    valid_from: datetime | None,
    expires_at: datetime | None,
    used_at: datetime | None,
    store_ids: Collection[int],
    store_id: int | None,
    at: datetime,
) -> WhyNot | None:
    """In the order in which `promotions_redeem` refuses."""
    if state == "USED":
        return WhyNot("used", used_at)
    if state == "REVOKED":
        return WhyNot("revoked")
    if state == "EXPIRED" or (expires_at is not None and expires_at <= at):
        return WhyNot("expired", expires_at)
    if customer_id is not None and customer_ids is not None and customer_id not in customer_ids:
        return WhyNot("not_yours")
    if state == "ISSUED" and customer_id is not None:
        return WhyNot("not_claimed")
    if valid_from is not None and valid_from > at:
        return WhyNot("not_yet", valid_from)
    if store_id is not None and store_ids and store_id not in store_ids:
        return WhyNot("elsewhere")
    shut = terms.why_not_at(at.astimezone(merchant_zone()))
    return WhyNot(shut) if shut in WHY_NOT else None
