"""What customers have here: points, stored value, sessions, coupons."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.loyalty.models.programme import VIEW as LOYALTY
from dianke.promotions.models import CouponKind
from dianke.promotions.models.visible import VIEW as COUPONS
from dianke.segments.queries.fields import register_fields
from dianke.segments.rules.fields import (
    Choice,
    Context,
    Field,
    Kind,
    Rows,
    Source,
    over_clusters,
    rows_over_clusters,
)

BALANCES = pgettext_lazy("fields of segments", "Balances and coupons")
WALLETS = "wallets.view_wallets"
_HOLDER = "customers.customer:"
_ACCOUNTS = "JOIN LATERAL unnest(ARRAY[t.principal_id, t.bonus_id, t.promotional_id]) AS u (id) ON TRUE"


def _points(at: Context) -> Source:
    sql, _narrow = over_clusters(
        "ledger_account",
        key=f"CASE WHEN starts_with(t.holder, '{_HOLDER}') THEN split_part(t.holder, ':', 2)::bigint END",
        more="JOIN ledger_accountbalance AS b ON b.account_id = t.id",
        where=f"t.code = 'customer_points' AND t.unit = 'POINTS' AND starts_with(t.holder, '{_HOLDER}')",
        fold="sum(b.balance)",
    )
    narrow = (
        f"AND t.holder IN (SELECT '{_HOLDER}' || x.id FROM customers_customer AS x"  # noqa: S608
        " WHERE x.id = {c}.id OR x.merged_into_id = {c}.id)"
    )
    return Rows(sql, narrow, absent=0)


def _stored(at: Context) -> Source:
    return rows_over_clusters(
        "wallets_wallet",
        more=f"{_ACCOUNTS} JOIN ledger_accountbalance AS b ON b.account_id = u.id",
        fold="sum(b.balance)",
        absent=0,
    )


def _stored_moved(at: Context) -> Source:
    last = (
        "SELECT p.transaction_id FROM ledger_posting AS p WHERE p.account_id = u.id ORDER BY 1 DESC LIMIT 1"
    )
    return rows_over_clusters(
        "wallets_wallet",
        more=f"{_ACCOUNTS} JOIN LATERAL ({last}) AS p ON TRUE JOIN ledger_transaction AS j ON j.id = p.transaction_id",
        fold="max(j.business_date)",
    )


_CARDS = (
    "JOIN wallets_carditem AS i ON i.card_id = t.id"
    " JOIN ledger_accountbalance AS b ON b.account_id = i.sessions_id"
)


def _sessions(at: Context) -> Source:
    return rows_over_clusters(
        "wallets_sessioncard",
        more=_CARDS,
        where="t.closed_at IS NULL AND (t.expires_on IS NULL OR t.expires_on >= %s)",
        fold="sum(b.balance)",
        params=(at.today,),
        absent=0,
    )


def _card_ends(at: Context) -> Source:
    return rows_over_clusters(
        "wallets_sessioncard",
        value="t.expires_on",
        more=_CARDS,
        where="t.closed_at IS NULL AND b.balance > 0 AND t.expires_on >= %s",
        params=(at.today,),
    )


_USABLE = "t.state = 'CLAIMED' AND t.customer_id IS NOT NULL AND t.expires_at > %s"


def _coupons(at: Context) -> Source:
    return rows_over_clusters("promotions_coupon", where=_USABLE, fold="count(*)", params=(at.now,), absent=0)


def _coupon_ends(at: Context) -> Source:
    return rows_over_clusters(
        "promotions_coupon",
        value="((t.expires_at - interval '1 second') AT TIME ZONE %s)::date",
        where=_USABLE,
        params=(at.zone, at.now),
    )


def _coupon_kinds(at: Context) -> Source:
    return rows_over_clusters("promotions_coupon", value="t.kind_id", where=_USABLE, params=(at.now,))


def _kinds(actor: Actor) -> Iterable[Choice]:
    rows = CouponKind.objects.visible_to(actor).order_by("-pk")[:200]
    return [(str(row.pk), row.name) for row in rows]


def register() -> None:
    """Called once, when the apps are ready."""
    register_fields(
        Field(
            "balances.points",
            BALANCES,
            pgettext_lazy("segment", "Points"),
            Kind.NUMBER,
            _points,
            permission=LOYALTY,
        ),
        Field("balances.stored", BALANCES, _("Stored value"), Kind.AMOUNT, _stored, permission=WALLETS),
        Field(
            "balances.stored_moved",
            BALANCES,
            _("Stored value last moved"),
            Kind.DATE,
            _stored_moved,
            permission=WALLETS,
        ),
        Field(
            "balances.sessions",
            BALANCES,
            _("Sessions left on cards"),
            Kind.NUMBER,
            _sessions,
            permission=WALLETS,
            unit=pgettext_lazy("count", "times"),
        ),
        Field(
            "balances.card_ends",
            BALANCES,
            _("Session card ends"),
            Kind.COMING,
            _card_ends,
            permission=WALLETS,
            ops=("next", "between", "none"),
        ),
        Field("balances.coupons", BALANCES, _("Usable coupons"), Kind.NUMBER, _coupons, permission=COUPONS),
        Field(
            "balances.coupon_ends",
            BALANCES,
            _("A coupon ends"),
            Kind.COMING,
            _coupon_ends,
            permission=COUPONS,
            ops=("next", "between", "none"),
        ),
        Field(
            "balances.coupon_kind",
            BALANCES,
            _("Has a usable coupon"),
            Kind.CHOICE,
            _coupon_kinds,
            _kinds,
            COUPONS,
            is_id=True,
        ),
    )
