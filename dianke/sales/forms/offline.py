"""Limits of selling without the server, as they are typed."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.forms.parts import AmountField
from dianke.sales.rules.offline import Limits
from dianke.web.forms import KitForm


class LimitsForm(KitForm):
    """What a till may sell offline before it warns and stops."""

    sale_count = forms.IntegerField(
        label=pgettext_lazy("register", "Sales"), min_value=0, max_value=1_000_000
    )
    total_amount = AmountField(label=_("All sales together"))
    sale_amount = AmountField(label=pgettext_lazy("register", "One sale"))
    warn_hours = forms.IntegerField(
        label=_("Warn after"), min_value=0, max_value=720, help_text=_("The till asks to be brought online.")
    )
    block_hours = forms.IntegerField(
        label=_("Stop after"),
        min_value=1,
        max_value=720,
        help_text=_("Then it sells nothing until it is online."),
    )
    points_count = forms.IntegerField(
        label=_("Points that may be spent"),
        min_value=0,
        max_value=10**12,
        help_text=_("0: none. Offline nobody knows whether they are still there."),
    )
    coupon_count = forms.IntegerField(label=_("Coupons that may be used"), min_value=0, max_value=1_000_000)
    wallet_amount = AmountField(label=_("Stored value that may be spent"))
    sections = (
        (pgettext_lazy("limits", "How much"), ("sale_count", "total_amount", "sale_amount")),
        (pgettext_lazy("limits", "How long"), ("warn_hours", "block_hours")),
        (_("What customers have with us"), ("points_count", "coupon_count", "wallet_amount")),
    )
    affix = {"warn_hours": _("hours"), "block_hours": _("hours")}

    def limits(self) -> Limits:
        return Limits(**self.cleaned_data)


class WithdrawForm(KitForm):
    """Why a till may not sell offline any more."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("For instance: the tablet was lost.")
    )
    wide = ("reason",)
