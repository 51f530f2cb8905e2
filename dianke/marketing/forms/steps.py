"""One form per step; each gives `values()` as operations take them and, where it is about variants, `variants()`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.forms.parts import AmountField
from dianke.core.actor import Actor
from dianke.marketing.models import MANAGE, Campaign, Purpose
from dianke.marketing.operations import VariantPlan
from dianke.marketing.operations.drafting import plans_of
from dianke.messaging.models import Channel, Template
from dianke.promotions.models import CouponKind
from dianke.segments.models import Segment
from dianke.stores.models import Store
from dianke.web.forms import KitForm

EVERYBODY = ""


class StepForm(KitForm):
    """Base: the person who fills it in, the campaign as it stands (None for a new one)."""

    def __init__(self, *args: Any, actor: Actor, campaign: Campaign | None = None, **kwargs: Any) -> None:
        self.actor, self.campaign = actor, campaign
        self.plans: list[VariantPlan] = plans_of(campaign) if campaign else [VariantPlan()]
        kwargs["initial"] = self.initials() | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)

    def initials(self) -> dict[str, Any]:
        return {}

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

    def variants(self) -> Sequence[VariantPlan] | None:
        return None


class AudienceForm(StepForm):
    """Step one: name, purpose, segment and who is left out of it."""

    name = forms.CharField(label=_("Name of the campaign"), max_length=40)
    purpose = forms.ChoiceField(
        label=_("What it is for"),
        choices=Purpose.choices,
        initial=Purpose.MARKETING,
        widget=forms.RadioSelect,
        help_text=_("Offers and greetings go only to whoever agreed to them."),
    )
    segment_id = forms.ChoiceField(label=_("To whom"), required=False)
    exclude_segment_ids = forms.MultipleChoiceField(
        label=_("But not to"), required=False, widget=forms.CheckboxSelectMultiple
    )
    rest_days = forms.IntegerField(
        label=_("Nobody who had a campaign in the last"),
        min_value=0,
        max_value=365,
        initial=7,
        required=False,
    )
    store_ids = forms.MultipleChoiceField(
        label=_("Customers of these stores"), required=False, widget=forms.CheckboxSelectMultiple
    )
    wide = ("name", "purpose", "segment_id", "exclude_segment_ids", "store_ids")
    affix = {"rest_days": _("days")}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        reached = actor.stores_for(MANAGE)
        super().__init__(*args, actor=actor, **kwargs)
        segments = [(str(row.pk), row.name) for row in Segment.objects.visible_to(actor).in_use()]
        stores = Store.objects.order_by("code")
        if reached is not None:
            stores = stores.filter(pk__in=reached)
        self.fields["segment_id"].choices = [(EVERYBODY, _("Everybody")), *segments]  # type: ignore[attr-defined]
        self.fields["exclude_segment_ids"].choices = segments  # type: ignore[attr-defined]
        self.fields["store_ids"].choices = [(str(row.pk), row.short_name) for row in stores]  # type: ignore[attr-defined]
        self.fields["store_ids"].required = reached is not None
        if reached is None:
            self.fields["store_ids"].help_text = _("None ticked: every store.")
        if not segments:
            del self.fields["exclude_segment_ids"]

    def initials(self) -> dict[str, Any]:
        row = self.campaign
        if row is None:
            return {}
        return {
            "name": row.name,
            "purpose": row.purpose,
            "segment_id": str(row.segment_id or EVERYBODY),
            "exclude_segment_ids": [str(pk) for pk in row.exclude_segment_ids],
            "rest_days": row.rest_days,
            "store_ids": [str(pk) for pk in row.store_ids],
        }

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "name": data["name"],
            "purpose": data["purpose"],
            "segment_id": int(data["segment_id"]) if data["segment_id"] else None,
            "exclude_segment_ids": [int(pk) for pk in data.get("exclude_segment_ids", [])],
            "rest_days": data["rest_days"] or 0,
            "store_ids": [int(pk) for pk in data["store_ids"]],
        }


class OfferForm(StepForm):
    """Step two: one coupon for all, or two variants to be compared."""

    coupon_a = forms.ChoiceField(label=_("Coupon"), required=False)
    is_split = forms.BooleanField(
        label=_("Try two variants against each other"),
        required=False,
        help_text=_("People are shared out by chance; the page of the result compares them."),
    )
    share_b = forms.IntegerField(
        label=_("Share of variant B"), min_value=1, max_value=99, initial=50, required=False
    )
    coupon_b = forms.ChoiceField(label=_("Coupon of variant B"), required=False)
    wide = ("is_split",)
    affix = {"share_b": "%"}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        kinds = CouponKind.objects.visible_to(actor).filter(state=CouponKind.State.ACTIVE).order_by("-pk")
        choices = [("", _("No coupon")), *((str(row.pk), row.name) for row in kinds)]
        for name in ("coupon_a", "coupon_b"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def initials(self) -> dict[str, Any]:
        first = self.plans[0]
        found: dict[str, Any] = {"coupon_a": str(first.coupon_kind_id or "")}
        if len(self.plans) > 1:
            second = self.plans[1]
            whole = first.weight + second.weight
            found |= {
                "is_split": True,
                "share_b": round(100 * second.weight / whole),
                "coupon_b": str(second.coupon_kind_id or ""),
            }
        return found

    def values(self) -> dict[str, Any]:
        return {}

    def variants(self) -> Sequence[VariantPlan]:
        data = self.cleaned_data
        first = replace(self.plans[0], weight=1, coupon_kind_id=_number(data["coupon_a"]))
        if not data["is_split"]:
            return [first]
        share = data["share_b"] or 50
        second = self.plans[1] if len(self.plans) > 1 else VariantPlan(templates=first.templates)
        return [
            replace(first, weight=100 - share),
            replace(second, weight=share, coupon_kind_id=_number(data["coupon_b"])),
        ]


class MessageForm(StepForm):
    """Step three: the channels, what is said on each, where the link leads."""

    first = forms.ChoiceField(
        label=_("First try"),
        choices=Channel.choices,
        help_text=_(
            "Whoever prefers another of the channels, or may not be written to on this one, gets that."
        ),
    )
    link_url = forms.URLField(
        label=_("Where {{ link }} leads"),
        required=False,
        max_length=400,
        assume_scheme="https",
        help_text=_("Who follows it is counted, unless they refused to be."),
    )
    wide = ("first", "link_url")

    def __init__(self, *args: Any, actor: Actor, campaign: Campaign, **kwargs: Any) -> None:
        rows = Template.objects.filter(state=Template.State.ACTIVE, purpose=campaign.purpose).order_by("name")
        of: dict[str, list[tuple[str, str]]] = {}
        for row in rows:
            of.setdefault(row.channel, []).append((str(row.pk), row.name))
        self.names: list[tuple[str, int, str]] = []
        own: dict[str, forms.Field] = {}
        count = campaign.variants.count()
        for position in range(count):
            for channel in Channel.values:
                if channel not in of:
                    continue
                name = f"text_{channel}" if position == 0 else f"text_{channel}_{'ABCD'[position]}"
                label: Any = Channel(channel).label
                if count > 1:
                    label = _("%(channel)s, variant %(letter)s") % {
                        "channel": label,
                        "letter": "ABCD"[position],
                    }
                own[name] = forms.ChoiceField(
                    label=label, required=False, choices=[("", _("Not on this channel")), *of[channel]]
                )
                self.names.append((name, position, channel))
        self.base_fields = self.base_fields | own  # type: ignore[misc]
        super().__init__(*args, actor=actor, campaign=campaign, **kwargs)
        self.fields["first"].choices = [  # type: ignore[attr-defined]
            (value, label) for value, label in Channel.choices if value in of
        ]
        self.sections = ((_("What is said"), tuple(own)),)

    def initials(self) -> dict[str, Any]:
        row = self.campaign
        assert row is not None
        found: dict[str, Any] = {"link_url": row.link_url, "first": row.channels[0] if row.channels else ""}
        for name, position, channel in self.names:
            if position < len(self.plans):
                found[name] = str(self.plans[position].templates.get(channel, ""))
        return found

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        used = [channel for name, position, channel in self.names if position == 0 and data[name]]
        first = data["first"]
        return {
            "channels": [first, *(each for each in used if each != first)] if first in used else used,
            "link_url": data["link_url"],
        }

    def variants(self) -> Sequence[VariantPlan]:
        texts: list[dict[str, int]] = [{} for _plan in self.plans]
        for name, position, channel in self.names:
            if self.cleaned_data[name]:
                texts[position][channel] = int(self.cleaned_data[name])
        return [replace(plan, templates=texts[place]) for place, plan in enumerate(self.plans)]


class ScheduleForm(StepForm):
    """Step four: the moment, who is kept back, what it may cost."""

    starts_at = forms.DateTimeField(label=_("Begins"))
    spread_hours = forms.DecimalField(
        label=_("Spread over"),
        min_value=0,
        max_value=240,
        initial=0,
        required=False,
        decimal_places=1,
        help_text=_("So that not everybody comes at once. Nought: all at once."),
    )
    joins_until = forms.DateTimeField(
        label=_("People join until"),
        required=False,
        help_text=_("Who comes into the group later is written to as well. Empty: nobody."),
    )
    control_percent = forms.DecimalField(
        label=_("Kept back for comparison"),
        min_value=0,
        max_value=90,
        initial=10,
        decimal_places=2,
        help_text=_("Without them nobody can say what the campaign brought. 10% is usual."),
    )
    is_once = forms.BooleanField(
        label=_("Nobody who had an earlier campaign of this series"), required=False, initial=True
    )
    window_days = forms.IntegerField(label=_("Orders count for"), min_value=1, max_value=180, initial=14)
    budget_amount = AmountField(
        label=pgettext_lazy("of a campaign", "Budget"),
        required=False,
        help_text=_("For messages and coupons together. When it is spent, nobody more is written to."),
    )
    sms_price = forms.DecimalField(
        label=_("A text message costs"), min_value=0, max_value=10, initial=Decimal("0.05"), decimal_places=4
    )
    affix = {
        "spread_hours": _("hours"),
        "control_percent": "%",
        "window_days": _("days"),
        "budget_amount": _("yuan"),
        "sms_price": _("yuan"),
    }
    wide = ("is_once",)

    def initials(self) -> dict[str, Any]:
        row = self.campaign
        assert row is not None
        if row.starts_at is None:
            return {}
        return {
            "starts_at": row.starts_at,
            "spread_hours": (Decimal(row.spread_minutes) / 60).quantize(Decimal("0.1")),
            "joins_until": row.joins_until,
            "control_percent": Decimal(row.control_bp) / 100,
            "is_once": row.is_once,
            "window_days": row.window_days,
            "budget_amount": row.budget_amount,
            "sms_price": Decimal(row.prices.get("SMS", "0.05")),
        }

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "starts_at": data["starts_at"],
            "spread_minutes": int((data["spread_hours"] or 0) * 60),
            "joins_until": data["joins_until"],
            "control_bp": int(data["control_percent"] * 100),
            "is_once": data["is_once"],
            "window_days": data["window_days"],
            "budget_amount": data["budget_amount"],
            "prices": {"SMS": data["sms_price"]},
        }


def _number(text: str) -> int | None:
    return int(text) if text else None
