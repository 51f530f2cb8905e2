"""How a ready journey is set."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.journeys.rules.care import Care, Settings
from dianke.journeys.rules.festivals import FESTIVALS
from dianke.messaging.models import Channel
from dianke.promotions.models import CouponKind
from dianke.web.forms import KitForm

CHANNELS = ("PORTAL", "SMS", "EMAIL")


class CareForm(KitForm):
    """Days, hour, channels, coupon; festivals where it is about them."""

    days = forms.IntegerField(min_value=0, max_value=45)
    at = forms.TimeField(
        label=_("At"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), input_formats=["%H:%M"]
    )
    festivals = forms.MultipleChoiceField(
        label=_("Festivals"),
        choices=[(code, each.label) for code, each in FESTIVALS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    channels = forms.MultipleChoiceField(
        label=pgettext_lazy("of a journey", "Channels"),
        choices=[(code, Channel(code).label) for code in CHANNELS],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tried in this order; what a customer prefers and agreed to comes first."),
    )
    coupon_kind_id = forms.ChoiceField(
        label=_("With a coupon"),
        required=False,
        help_text=_("With a coupon it is an offer, and goes only to whoever agreed to offers."),
    )
    has_task = forms.BooleanField(label=_("A task for a colleague, too"), required=False)
    control_percent = forms.IntegerField(
        label=_("Kept back to compare"), min_value=0, max_value=50, initial=0, required=False
    )
    affix = {"days": _("days"), "control_percent": "%"}
    wide = ("festivals", "channels")

    def __init__(self, *args: Any, care: Care, settings: Settings, actor: Actor, **kwargs: Any) -> None:
        days = care.days if settings.days is None else settings.days
        kwargs["initial"] = {
            "days": days,
            "at": settings.at or care.at,
            "festivals": settings.festivals or care.trigger.get("festivals", []),
            "channels": list(settings.channels),
            "coupon_kind_id": str(settings.coupon_kind_id or ""),
            "has_task": settings.has_task,
            "control_percent": settings.control_bp // 100,
        }
        super().__init__(*args, **kwargs)
        kinds = CouponKind.objects.visible_to(actor).filter(state=CouponKind.State.ACTIVE).order_by("-pk")
        self.fields["coupon_kind_id"].choices = [  # type: ignore[attr-defined]
            ("", _("No coupon")),
            *((str(row.pk), row.name) for row in kinds),
        ]
        self.fields["days"].label = care.days_label  # type: ignore[assignment]
        for name, is_there in (
            ("days", care.days is not None),
            ("festivals", care.code == "festival"),
            ("at", care.has_hour),
            ("has_task", bool(care.task)),
        ):
            if not is_there:
                del self.fields[name]

    def settings(self) -> Settings:
        data = self.cleaned_data
        return Settings(
            days=data.get("days"),
            at=data["at"].strftime("%H:%M") if data.get("at") else "",
            channels=tuple(code for code in CHANNELS if code in data["channels"]),
            coupon_kind_id=int(data["coupon_kind_id"]) if data["coupon_kind_id"] else None,
            festivals=tuple(data.get("festivals", ())),
            control_bp=(data["control_percent"] or 0) * 100,
            has_task=bool(data.get("has_task")),
        )
