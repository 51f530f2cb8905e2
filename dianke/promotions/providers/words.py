"""What the room's events and rows are called, and what can need a second person."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from dianke.events.registry import register_kind, register_rows
from dianke.promotions.models import Coupon, CouponBatch, CouponKind, Promotion
from dianke.promotions.models.visible import MANAGE, VIEW
from dianke.promotions.operations.offers import start_promotion
from dianke.promotions.queries.names import promotion_sentence
from dianke.promotions.rules.wording import yuan
from dianke.work.providers.approvables.rows import found
from dianke.work.registry import Approvable, Line, register_approvable

_EVENTS = {
    "promotion_drafted": gettext_lazy("Promotion “%(name)s” drafted"),
    "promotion_changed": gettext_lazy("Promotion changed"),
    "promotion_started": gettext_lazy("Promotion “%(name)s” started"),
    "promotion_paused": gettext_lazy("Promotion “%(name)s” paused"),
    "promotion_ended": gettext_lazy("Promotion “%(name)s” ended"),
    "promotion_copied": gettext_lazy("Promotion “%(name)s” drafted from another"),
    "kind_made": gettext_lazy("Kind of coupon “%(name)s” made"),
    "kind_changed": gettext_lazy("Kind of coupon changed"),
    "kind_state_set": gettext_lazy("Kind of coupon “%(name)s” paused, put away or given out again"),
    "coupons_issued": gettext_lazy("%(count)s coupons “%(name)s” given"),
    "coupons_printed": gettext_lazy("%(count)s codes of “%(name)s” made to be printed"),
    "coupon_claimed": gettext_lazy("Coupon “%(name)s” claimed"),
    "coupons_revoked": gettext_lazy("%(count)s coupons “%(name)s” revoked: %(reason)s"),
    "coupons_expired": gettext_lazy("%(count)s coupons expired"),
    "coupons_expire_soon": gettext_lazy("%(count)s coupons expire soon"),
}


def _lines(arguments: Mapping[str, Any]) -> list[Line]:
    promotion: Promotion = arguments["promotion"]
    budget = promotion.budget_amount
    return [
        Line(pgettext("of an offer", "What it does"), promotion_sentence(promotion.terms)),
        Line(pgettext("period", "From"), f"{promotion.starts_at:%Y-%m-%d %H:%M}"),
        Line(
            pgettext("period", "To"),
            f"{promotion.ends_at:%Y-%m-%d %H:%M}" if promotion.ends_at else _("no end"),
        ),
        Line(_("Budget"), f"¥{yuan(budget)}" if budget is not None else _("none set")),
    ]


def _amount(arguments: Mapping[str, Any]) -> Decimal:
    """What may be given away; one without a budget may give away anything."""
    budget = arguments["promotion"].budget_amount
    return Decimal(10**9) if budget is None else Decimal(budget) / 100


def _start() -> Approvable:
    return Approvable(
        operation="promotions.start_promotion",
        label=gettext_lazy("Start of a promotion"),
        permission=MANAGE,
        run=start_promotion,
        pack=lambda a: {"promotion": a["promotion"].pk},
        unpack=lambda data, lock: {"promotion": found(Promotion, data["promotion"], lock)},
        summary=lambda a: _("Start the promotion “%(name)s”") % {"name": a["promotion"].name},
        lines=_lines,
        state=lambda a: [
            a["promotion"].terms,
            a["promotion"].budget_amount,
            a["promotion"].budget_count,
            a["promotion"].per_customer_count,
        ],
        subject=lambda a: f"promotions.promotion:{a['promotion'].pk}",
        store_id=lambda a: a["promotion"].store_ids[0] if len(a["promotion"].store_ids) == 1 else None,
        amount=_amount,
        amount_label=gettext_lazy("yuan of budget"),
        suggested_limit=Decimal(20_000),
        icon="discount",
    )


def register() -> None:
    """Called once, when the app is ready."""
    for code, label in _EVENTS.items():
        register_kind(f"promotions.{code}", label, permission=VIEW)
    register_rows(
        "promotions.promotion",
        lambda actor: Promotion.objects.visible_to(actor),
        "name",
        noun=gettext_lazy("promotion"),
        url_name="promotions:promotion",
        permission=VIEW,
    )
    register_rows(
        "promotions.couponkind",
        lambda actor: CouponKind.objects.visible_to(actor),
        "name",
        noun=gettext_lazy("kind of coupon"),
        url_name="promotions:kind",
        permission=VIEW,
    )
    register_rows(
        "promotions.coupon",
        lambda actor: Coupon.objects.visible_to(actor),
        "kind__name",
        noun=gettext_lazy("coupon"),
        url_name="promotions:coupon",
        permission=VIEW,
    )
    register_rows(
        "promotions.couponbatch",
        lambda actor: CouponBatch.objects.filter(kind__in=CouponKind.objects.visible_to(actor)),
        "name",
        noun=gettext_lazy("printed coupons"),
    )
    register_approvable(_start())
