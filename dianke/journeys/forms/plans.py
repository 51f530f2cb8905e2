"""The parts of a plan: what begins it and ends it, and one step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.journeys.models import MANAGE, Journey
from dianke.journeys.queries.wording import BEGINS, TESTS
from dianke.journeys.rules.festivals import FESTIVALS
from dianke.journeys.rules.plan import Again, Begin, Kind
from dianke.messaging.models import Channel, Template
from dianke.promotions.models import CouponKind
from dianke.segments.models import Segment
from dianke.stores.models import Store
from dianke.web.forms import KitForm

CHANNELS = ("PORTAL", "SMS", "EMAIL", "CALL", "WECOM")
PURPOSES = (
    ("CARE", pgettext_lazy("purpose of a journey", "Care")),
    ("MARKETING", pgettext_lazy("purpose of a journey", "Offer")),
    ("SERVICE", pgettext_lazy("purpose of a journey", "Notice about something they bought")),
)
AGAIN = (
    (Again.EACH.value, _("Each time it comes about")),
    (Again.DAYS.value, _("After some days")),
    (Again.NEVER.value, pgettext_lazy("of a journey", "Never")),
)


def _segments(actor: Actor) -> list[tuple[str, str]]:
    return [(str(row.pk), row.name) for row in Segment.objects.visible_to(actor).in_use()]


def _time(**more: Any) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(widget=widget, input_formats=["%H:%M"], **more)


class BeginForm(KitForm):
    """Name, beginning, for whom, channels, what ends it, whether again."""

    name = forms.CharField(label=_("Name of the journey"), max_length=40)
    kind = forms.ChoiceField(
        label=_("Begins when a customer"), choices=[(each.value, BEGINS[each]) for each in Begin]
    )
    days = forms.IntegerField(
        label=_("Days before the day"), min_value=0, max_value=45, initial=0, required=False
    )
    at = _time(label=_("Looked for at"), initial="09:30")
    festivals = forms.MultipleChoiceField(
        label=_("Festivals"),
        choices=[(code, each.label) for code, each in FESTIVALS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    segment_id = forms.ChoiceField(label=_("Segment they come into"), required=False)
    percent = forms.IntegerField(
        label=_("Stays away for"),
        min_value=100,
        max_value=1000,
        initial=200,
        required=False,
        help_text=_("Of the interval each of them usually keeps."),
    )
    audience_segment_id = forms.ChoiceField(label=_("Only those in"), required=False)
    store_ids = forms.MultipleChoiceField(
        label=pgettext_lazy("journey", "Customers of these stores"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    purpose = forms.ChoiceField(label=_("What it is for"), choices=PURPOSES, initial="CARE")
    channels = forms.MultipleChoiceField(
        label=pgettext_lazy("of a journey", "Channels"),
        choices=[(code, Channel(code).label) for code in CHANNELS],
        widget=forms.CheckboxSelectMultiple,
        initial=["PORTAL", "SMS"],
        required=False,
    )
    exit_bought = forms.BooleanField(label=_("Whoever buys leaves"), required=False)
    exit_segment_id = forms.ChoiceField(label=_("Whoever is no longer in it leaves"), required=False)
    again = forms.ChoiceField(
        label=pgettext_lazy("of a journey", "Again"), choices=AGAIN, initial=Again.EACH.value
    )
    again_days = forms.IntegerField(
        label=_("Days until again"), min_value=1, max_value=730, initial=30, required=False
    )
    control_percent = forms.IntegerField(
        label=_("Kept back to compare"), min_value=0, max_value=50, initial=0, required=False
    )
    goal_days = forms.IntegerField(label=_("Purchases count for"), min_value=1, max_value=180, initial=14)
    affix = {"percent": "%", "control_percent": "%", "goal_days": _("days")}
    sections = (
        (
            _("Who enters"),
            ("kind", "days", "at", "festivals", "segment_id", "percent", "audience_segment_id", "store_ids"),
        ),
        (_("What goes out"), ("purpose", "channels")),
        (_("What ends it"), ("exit_bought", "exit_segment_id", "again", "again_days")),
        (_("What it brings"), ("control_percent", "goal_days")),
    )
    wide = ("name", "festivals", "store_ids", "channels")

    def __init__(self, *args: Any, actor: Actor, journey: Journey | None = None, **kwargs: Any) -> None:
        if journey is not None:
            kwargs["initial"] = _initials(journey)
        self.before: dict[str, Any] = dict(journey.draft) if journey else {}
        super().__init__(*args, **kwargs)
        segments = _segments(actor)
        for name, none in (
            ("segment_id", "–"),
            ("audience_segment_id", pgettext_lazy("journey", "Everybody")),
            ("exit_segment_id", "–"),
        ):
            self.fields[name].choices = [("", none), *segments]  # type: ignore[attr-defined]
        reached = actor.stores_for(MANAGE)
        stores = Store.objects.order_by("code")
        if reached is not None:
            stores = stores.filter(pk__in=reached)
            self.fields["store_ids"].required = True
        else:
            self.fields["store_ids"].help_text = _("None ticked: every store.")
        self.fields["store_ids"].choices = [(str(row.pk), row.short_name) for row in stores]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """As operations take them."""
        data = self.cleaned_data
        trigger = {
            "kind": data["kind"],
            "days": data["days"] or 0,
            "at": data["at"].strftime("%H:%M"),
            "festivals": data["festivals"],
            "segment_id": _number(data["segment_id"]),
            "percent": data["percent"] or 200,
        }
        kept = self.before.get("trigger", {})
        draft = {
            "steps": self.before.get("steps", []),
            "trigger": {**{name: value for name, value in kept.items() if name not in trigger}, **trigger},
            "purpose": data["purpose"],
            "channels": [code for code in CHANNELS if code in data["channels"]],
            "audience_segment_id": _number(data["audience_segment_id"]),
            "exits": {"bought": data["exit_bought"], "segment_id": _number(data["exit_segment_id"])},
            "again": {"kind": data["again"], "days": data["again_days"] or 0},
            "control_bp": (data["control_percent"] or 0) * 100,
            "goal_days": data["goal_days"],
        }
        stores = [int(pk) for pk in data["store_ids"]]
        return {"name": data["name"], "store_ids": stores, "draft": draft}


def _initials(journey: Journey) -> dict[str, Any]:
    draft = journey.draft
    trigger, exits, again = (draft.get(name, {}) for name in ("trigger", "exits", "again"))
    return {
        **trigger,
        "name": journey.name,
        "segment_id": str(trigger.get("segment_id") or ""),
        "audience_segment_id": str(draft.get("audience_segment_id") or ""),
        "store_ids": [str(pk) for pk in journey.store_ids],
        "purpose": draft.get("purpose", "CARE"),
        "channels": draft.get("channels", []),
        "exit_bought": exits.get("bought", False),
        "exit_segment_id": str(exits.get("segment_id") or ""),
        "again": again.get("kind", "EACH"),
        "again_days": again.get("days") or 30,
        "control_percent": draft.get("control_bp", 0) // 100,
        "goal_days": draft.get("goal_days", 14),
    }


def _number(text: str) -> int | None:
    return int(text) if text else None


class StepForm(KitForm):
    """One step; only the fields of its kind are there."""

    days = forms.IntegerField(label=_("Days"), min_value=-730, max_value=730, initial=1)
    hours = forms.IntegerField(label=_("Hours"), min_value=0, max_value=23, initial=0, required=False)
    at = _time(label=_("Then until"), required=False)
    test = forms.ChoiceField(
        label=_("What is asked"), choices=[(each.value, text) for each, text in TESTS.items()]
    )
    segment_id = forms.ChoiceField(label=_("Segment"), required=False)
    coupon_kind_id = forms.ChoiceField(label=_("Coupon"))
    title = forms.CharField(label=_("What is to be done"), max_length=80)
    note = forms.CharField(label=_("Note"), max_length=400, required=False, widget=forms.Textarea)
    text_PORTAL = forms.ChoiceField(label=_("Inbox on the member card"), required=False)
    text_SMS = forms.ChoiceField(label=_("Text message"), required=False)
    text_EMAIL = forms.ChoiceField(label=pgettext_lazy("channel", "Email"), required=False)
    text_CALL = forms.ChoiceField(label=_("Phone call"), required=False)
    text_WECOM = forms.ChoiceField(label=pgettext_lazy("channel", "WeCom"), required=False)
    valid_hours = forms.IntegerField(
        label=_("Left out when later than"),
        min_value=1,
        max_value=1440,
        initial=36,
        help_text=_("A greeting that comes days late is worse than none."),
    )
    affix = {"valid_hours": _("hours")}
    _OF = {
        Kind.WAIT: ("days", "hours", "at"),
        Kind.UNTIL: ("days", "at"),
        Kind.MESSAGE: ("text_PORTAL", "text_SMS", "text_EMAIL", "text_CALL", "text_WECOM", "valid_hours"),
        Kind.BRANCH: ("test", "segment_id"),
        Kind.COUPON: ("coupon_kind_id", "valid_hours"),
        Kind.TASK: ("title", "note", "valid_hours"),
        Kind.END: (),
    }

    def __init__(
        self, *args: Any, kind: Kind, data_of: Mapping[str, Any], purpose: str, actor: Actor, **kwargs: Any
    ) -> None:
        self.kind, self.data_of = kind, dict(data_of)
        initial = {name: data_of[name] for name in self._OF[kind] if data_of.get(name) is not None}
        for name in ("segment_id", "coupon_kind_id"):
            if name in initial:
                initial[name] = str(initial[name])
        initial |= {f"text_{code}": str(pk) for code, pk in data_of.get("texts", {}).items()}
        super().__init__(*args, initial=initial, **kwargs)
        for name in set(self.fields) - set(self._OF[kind]):
            del self.fields[name]
        if kind == Kind.UNTIL:
            self.fields["days"].help_text = _("0 on the day itself, below 0 before it.")
        if kind == Kind.BRANCH:
            self.fields["segment_id"].choices = [("", "–"), *_segments(actor)]  # type: ignore[attr-defined]
        if kind == Kind.COUPON:
            kinds = CouponKind.objects.visible_to(actor).filter(state=CouponKind.State.ACTIVE).order_by("-pk")
            self.fields["coupon_kind_id"].choices = [(str(row.pk), row.name) for row in kinds]  # type: ignore[attr-defined]
        if kind == Kind.MESSAGE:
            self._texts(purpose)

    def _texts(self, purpose: str) -> None:
        rows = Template.objects.filter(
            state=Template.State.ACTIVE, purpose=purpose, channel__in=CHANNELS
        ).order_by("-pk")
        by_channel: dict[str, list[tuple[str, str]]] = {code: [] for code in CHANNELS}
        for row in rows:
            by_channel[row.channel].append((str(row.pk), row.name))
        for code, choices in by_channel.items():
            self.fields[f"text_{code}"].choices = [("", "–"), *choices]  # type: ignore[attr-defined]

    def step(self, key: str) -> dict[str, Any]:
        """As a plan keeps it."""
        data = self.cleaned_data
        found: dict[str, Any] = {"key": key, "kind": self.kind.value}
        for name in self._OF[self.kind]:
            value = data.get(name)
            if name.startswith("text_"):
                continue
            if name in ("segment_id", "coupon_kind_id"):
                found[name] = _number(value or "")
            elif name == "at":
                found[name] = value.strftime("%H:%M") if value else ""
            else:
                found[name] = value if value is not None else 0
        if self.kind == Kind.MESSAGE:
            texts = {code: data.get(f"text_{code}") for code in CHANNELS}
            found["texts"] = {code: int(pk) for code, pk in texts.items() if pk}
        return found
