"""A campaign in words: what will happen, for whoever makes it, agrees to it, or looks at it later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from dianke.core.errors import Text
from dianke.core.money import Money
from dianke.marketing.models import Campaign, Variant
from dianke.marketing.queries.audience import described
from dianke.messaging.models import Channel, Template
from dianke.messaging.queries.limits import lint_text
from dianke.messaging.queries.reasons import reason_text
from dianke.messaging.queries.variables import known_codes, variables
from dianke.messaging.rules.words import read_wording
from dianke.promotions.rules.wording import joined
from dianke.web import formats

#: Why the campaign itself left somebody out; other reasons are those of messages.
REASONS: dict[str, Text] = {
    "budget": gettext_lazy("the budget was spent"),
    "stopped": gettext_lazy("the campaign was stopped"),
    "coupon_limit": gettext_lazy("has as many of these coupons as one may have"),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of the summary; `step` is where the form changes it."""

    step: str
    label: Text
    text: Text


def reason_words(reason: str) -> str:
    return str(REASONS.get(reason) or reason_text(reason))


def group_name(arm: str, letter: str) -> str:
    """Of a variant, or of those kept back."""
    return _("Kept back") if arm == "CONTROL" else _("Variant %(letter)s") % {"letter": letter}


def summary_of(campaign: Campaign) -> list[Sentence]:
    """What will happen, or happened, in five lines."""
    return [
        Sentence("audience", pgettext("campaign", "To whom"), audience_words(campaign)),
        Sentence("offer", pgettext("campaign", "What they get"), offer_words(campaign)),
        Sentence("message", pgettext("campaign", "What they read"), message_words(campaign)),
        Sentence("schedule", pgettext("campaign", "When"), time_words(campaign)),
        Sentence("schedule", _("What it may cost"), money_words(campaign)),
        Sentence("schedule", _("How it is proven"), proof_words(campaign)),
    ]


def audience_words(campaign: Campaign) -> str:
    text = campaign.words or str(described(campaign)["words"])
    if campaign.joins_until is not None:
        text += _("; who comes in until %(day)s joins") % {"day": formats.dated(campaign.joins_until)}
    return text


def offer_words(campaign: Campaign) -> str:
    names = [
        variant.coupon_kind.name if variant.coupon_kind else _("nothing")
        for variant in campaign.variants.select_related("coupon_kind").order_by("position")
    ]
    if len(names) == 1:
        if names[0] == _("nothing"):
            return _("nothing but the message")
        return _("one coupon “%(name)s” each") % {"name": names[0]}
    whole = sum(campaign.variants.values_list("weight", flat=True))
    parts = [
        _("%(letter)s (%(share)s%%): %(name)s")
        % {"letter": variant.letter, "share": round(100 * variant.weight / whole), "name": name}
        for variant, name in zip(campaign.variants.order_by("position"), names, strict=True)
    ]
    return pgettext("between variants", "; ").join(parts)


def message_words(campaign: Campaign) -> str:
    if not campaign.channels:
        return _("nothing yet")
    names = [str(Channel(channel).label) for channel in campaign.channels]
    if len(names) == 1:
        return _("by %(channel)s, whoever agreed to it") % {"channel": names[0]}
    text = _("by the first of these that is allowed, what the person prefers first: %(channels)s")
    return text % {"channels": pgettext("in this order", ", then ").join(names)}


def time_words(campaign: Campaign) -> str:
    if campaign.starts_at is None:
        return _("no moment yet")
    text = formats.dated(campaign.starts_at)
    if campaign.spread_minutes:
        hours, minutes = divmod(campaign.spread_minutes, 60)
        length = (
            _("%(count)s hours") % {"count": hours}
            if not minutes
            else _("%(count)s minutes") % {"count": campaign.spread_minutes}
        )
        text += _(", spread evenly over %(length)s") % {"length": length}
    return text


def money_words(campaign: Campaign) -> str:
    if campaign.budget_amount is None:
        return _("no budget was set")
    text = _("%(amount)s at most for messages and coupons; when it is spent, nobody more is written to")
    return text % {"amount": amount(campaign.budget_amount, campaign.currency)}


def proof_words(campaign: Campaign) -> str:
    days = ngettext("orders count for %(count)s day", "orders count for %(count)s days", campaign.window_days)
    days %= {"count": campaign.window_days}
    if not campaign.control_bp:
        return _("nobody is kept back, so nothing can be proven; %(days)s") % {"days": days}
    text = _("%(share)s of the people are kept back by chance and compared with; %(days)s")
    return text % {"share": percent(campaign.control_bp), "days": days}


def percent(basis_points: int) -> str:
    value = f"{basis_points / 100:.2f}".rstrip("0").rstrip(".")
    return f"{value}%"


def amount(minor: int, currency: str) -> str:
    return formats.money(Money.from_minor(minor, currency))


def templates_of(campaign: Campaign, *, now: datetime) -> list[dict[str, Any]]:
    """Variants with what they say on each channel, as somebody would read it, and what carriers and laws refuse."""
    variants = list(campaign.variants.select_related("coupon_kind").prefetch_related("texts"))
    templates = Template.objects.in_bulk([text.template_id for each in variants for text in each.texts.all()])
    return [
        {
            "variant": variant,
            "texts": [
                _text(variant, channel, templates.get(_template_on(variant.texts.all(), channel)), now)
                for channel in campaign.channels
            ],
        }
        for variant in variants
    ]


def _text(variant: Variant, channel: str, template: Template | None, now: datetime) -> dict[str, Any]:
    campaign, kind = variant.campaign, variant.coupon_kind
    found: dict[str, Any] = {"channel": Channel(channel).label, "template": template}
    if template is not None:
        examples = {variable.code: str(variable.example) for variable in variables()}
        if kind is not None:
            examples["coupon"] = kind.name
        for part in ("subject", "body"):
            found[part] = read_wording(getattr(template, part), known_codes()).filled(examples)
        found["findings"] = lint_text(template.body, channel=channel, purpose=campaign.purpose, now=now)
    return found


def _template_on(texts: Any, channel: str) -> int:
    return next((text.template_id for text in texts if text.channel == channel), 0)


def channel_names(channels: Sequence[str]) -> str:
    return joined([str(Channel(channel).label) for channel in channels])
