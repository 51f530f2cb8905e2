"""Where the room stands in the navigation."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.promotions.models.visible import ISSUE, MANAGE, VIEW
from dianke.web import navigation
from dianke.web.navigation import Page, Place


def register() -> None:
    """Called once, when the app is ready."""
    for page in (
        Page(
            "promotions.promotions",
            pgettext_lazy("place", "Promotions"),
            "promotions:promotions",
            Place.MARKETING,
            VIEW,
            "discount",
            10,
            words=_("discount sale offer money off"),
        ),
        Page(
            "promotions.kinds",
            pgettext_lazy("place", "Kinds of coupons"),
            "promotions:kinds",
            Place.MARKETING,
            VIEW,
            "ticket",
            20,
            words=_("voucher cash coupon gift"),
        ),
        Page(
            "promotions.coupons",
            pgettext_lazy("place", "Coupons given"),
            "promotions:coupons",
            Place.MARKETING,
            VIEW,
            "list",
            30,
            words=_("voucher code used expired"),
        ),
        Page(
            "promotions.lookup",
            _("Look up a coupon"),
            "promotions:lookup",
            Place.MARKETING,
            VIEW,
            "scan",
            40,
            words=_("scan code voucher verify"),
        ),
        Page(
            "promotions.promotion_new",
            _("New promotion"),
            "promotions:promotion-new",
            Place.MARKETING,
            MANAGE,
            "plus",
            is_command=True,
        ),
        Page(
            "promotions.kind_new",
            _("New kind of coupon"),
            "promotions:kind-new",
            Place.MARKETING,
            MANAGE,
            "plus",
            is_command=True,
        ),
        Page(
            "promotions.issue",
            _("Give coupons"),
            "promotions:kinds",
            Place.MARKETING,
            ISSUE,
            "gift",
            is_command=True,
        ),
    ):
        navigation.register(replace(page, module="promotions"))
