"""Coupons where customers are looked after: on their page, on their phone, in merges, in copies of their data, and
what becomes of them when somebody is erased."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from dianke.core.errors import Text
from dianke.customers.operations.import_undo import register_hold
from dianke.customers.queries.export import register_export
from dianke.customers.queries.export_tables import ExportPart, instant
from dianke.customers.queries.panels import (
    Section,
    Step,
    Value,
    register_next_step,
    register_section,
    register_value,
)
from dianke.customers.queries.portal import PortalSection, register_portal_section
from dianke.customers.queries.profile import Profile
from dianke.customers.queries.rights import ErasurePart, register_erasure
from dianke.customers.rules.merging import register_account_view
from dianke.promotions.models import Coupon
from dianke.promotions.models.visible import ISSUE, VIEW
from dianke.promotions.operations.coupons import erase_coupons
from dianke.promotions.queries.figures import expiring_soon
from dianke.promotions.queries.held import coupons_of
from dianke.promotions.queries.names import names_for
from dianke.promotions.queries.portal import card_of
from dianke.promotions.rules.wording import coupon_text
from dianke.web import formats
from dianke.web.components import Stat

SHOWN = 6


# --- the page of a customer ------------------------------------------------------------------------------------------
def _figure(profile: Profile) -> Stat | None:
    rows = Coupon.objects.filter(customer__in=profile.member_ids, state=Coupon.State.CLAIMED)
    count = rows.filter(expires_at__gt=profile.now).count()
    return Stat(_("Coupons"), str(count), note=_("usable"), url="#coupons") if count else None


def _section(profile: Profile) -> Mapping[str, Any] | None:
    held = coupons_of(profile.member_ids, store_id=None, at=profile.now)
    names = names_for(coupon.terms.as_dict() for coupon in held[:SHOWN])
    may_give = profile.actor.can(ISSUE) and not profile.is_frozen
    if not held and not may_give:
        return None
    return {
        "rows": [
            {
                "coupon": coupon,
                "text": coupon_text(coupon.terms, names),
                "tail": coupon.code[-4:],
                "until": formats.held_until(coupon.expires_at, profile.now) if coupon.expires_at else "",
            }
            for coupon in held[:SHOWN]
        ],
        "more": max(len(held) - SHOWN, 0),
        "all_url": f"{reverse('promotions:coupons')}?q={profile.head.member_number}",
        "give_url": f"{reverse('promotions:give')}?customer={profile.head.pk}" if may_give else "",
    }


def _use_soon(profile: Profile) -> Step | None:
    coupon = expiring_soon(profile.member_ids, now=profile.now)
    if coupon is None or coupon.expires_at is None:
        return None
    day = timezone.localtime(coupon.expires_at).date()
    left = (day - profile.today).days
    return Step(
        _("Remind of the coupon “%(name)s”") % {"name": coupon.kind.name},
        _("It ends on %(day)s.") % {"day": formats.day(day, profile.today)},
        "#coupons",
        "ticket",
        weight=55 - max(left, 0),
    )


# --- merges, copies, erasure -----------------------------------------------------------------------------------------
def _count_for(customer_ids: Collection[int]) -> Mapping[int, Text]:
    rows = Coupon.objects.open().filter(customer__in=customer_ids).values("customer_id")
    return {
        row["customer_id"]: ngettext("%(count)s coupon", "%(count)s coupons", row["n"]) % {"count": row["n"]}
        for row in rows.annotate(n=Count("pk")).order_by()
    }


def _rows_for(customer_ids: Collection[int]) -> Iterable[dict[str, Any]]:
    rows = Coupon.objects.filter(customer__in=customer_ids).select_related("kind").order_by("pk")
    for row in rows:
        yield {
            "name": row.kind.name,
            "state": str(row.get_state_display()),
            "given_at": instant(row.issued_at),
            "claimed_at": instant(row.claimed_at),
            "good_until": instant(row.expires_at),
            "used_at": instant(row.used_at),
            "took_off": f"{row.used_amount / 100:.2f}" if row.used_amount else None,
            "sale": row.used_reference or None,
            "reason": row.reason or None,
        }


# --- the customer's phone --------------------------------------------------------------------------------------------
def _on_the_phone(customer_ids: Sequence[int], now: datetime) -> Mapping[str, Any] | None:
    card = card_of(customer_ids, now=now)
    return card if card["held"] or card["offered"] or card["can_enter"] else None


def register() -> None:
    """Called once, when the app is ready."""
    register_value(Value("promotions.coupons", VIEW, _figure, order=240))
    register_section(
        Section(
            "promotions.coupons",
            gettext_lazy("Coupons"),
            "promotions/panels/customer.html",
            VIEW,
            _section,
            order=240,
        )
    )
    register_next_step("promotions.use_soon", VIEW, _use_soon)
    register_account_view("promotions.coupons", gettext_lazy("Coupons"), _count_for)
    register_export(
        ExportPart(
            "coupons",
            gettext_lazy("Coupons"),
            {
                "name": gettext_lazy("Coupon"),
                "state": gettext_lazy("State"),
                "given_at": pgettext_lazy("of a coupon", "Given on"),
                "claimed_at": gettext_lazy("Claimed"),
                "good_until": gettext_lazy("Good until"),
                "used_at": gettext_lazy("Used"),
                "took_off": gettext_lazy("Took off"),
                "sale": gettext_lazy("Sale"),
                "reason": gettext_lazy("Reason"),
            },
            _rows_for,
        )
    )
    register_erasure(
        ErasurePart(
            "coupons",
            gettext_lazy("Coupons that could still be used"),
            erase_coupons,
            gettext_lazy(
                "Used coupons stay with their sale; they hold the number of the customer and no name."
            ),
        )
    )
    for table in (
        "promotions_coupon",
        "promotions_promotiongiven",
        "promotions_promotiontally",
        "promotions_coupontally",
    ):
        register_hold(table, "customer_id")
    register_portal_section(
        PortalSection(
            "promotions.coupons",
            gettext_lazy("My coupons"),
            "promotions/portal/section.html",
            _on_the_phone,
            order=30,
        )
    )
