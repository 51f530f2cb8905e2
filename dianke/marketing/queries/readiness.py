"""What is missing before a campaign can be handed in, each with the step of the form where it is mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from dianke.core.errors import Text
from dianke.marketing.models import Campaign
from dianke.marketing.rules.costs import coupon_value
from dianke.messaging.models import Template
from dianke.messaging.queries.limits import has_way_out
from dianke.messaging.queries.reasons import LETTERS_NEED_ADDRESS
from dianke.messaging.queries.variables import given_codes, known_codes
from dianke.messaging.rules.reach import NEEDS_CONSENT
from dianke.messaging.rules.words import read_wording
from dianke.promotions.models import CouponKind
from dianke.segments.models import Segment
from dianke.web.addresses import site_address

#: What a campaign gives to its texts.
OF_COUPON = frozenset({"coupon", "coupon_code"})
LINK = "link"


@dataclass(frozen=True, slots=True)
class Problem:
    """`step`: audience, offer, message or schedule."""

    step: str
    field: str
    text: Text


def problems_of(campaign: Campaign, *, now: datetime) -> list[Problem]:
    """All of them, in the order of the steps; none when it can be handed in."""
    return [
        *_of_audience(campaign, now),
        *_of_offer(campaign),
        *_of_texts(campaign),
        *_of_time(campaign, now),
    ]


def _of_audience(campaign: Campaign, now: datetime) -> list[Problem]:
    wanted = campaign.segment_ids
    there = set(Segment.objects.in_use().filter(pk__in=wanted).values_list("pk", flat=True))
    if there != wanted:
        return [Problem("audience", "segment_id", _("A segment was put away or deleted. Choose another."))]
    return []


def _of_offer(campaign: Campaign) -> list[Problem]:
    found = []
    for variant in campaign.variants.select_related("coupon_kind"):
        kind = variant.coupon_kind
        if kind is None:
            continue
        if kind.state != CouponKind.State.ACTIVE:
            text = _("“%(name)s” is not given out at present. Choose another coupon.")
            found.append(Problem("offer", "coupon_kind", text % {"name": kind.name}))
        elif campaign.budget_amount is not None and coupon_value(kind.terms) is None:
            text = _(
                "“%(name)s” has no highest amount, so no budget can hold it. Set one, or drop the budget."
            )
            found.append(Problem("offer", "coupon_kind", text % {"name": kind.name}))
    return found


def _of_texts(campaign: Campaign) -> list[Problem]:
    if not campaign.channels:
        return [Problem("message", "channels", _("Choose at least one channel."))]
    found = _of_address(campaign)
    variants = list(campaign.variants.prefetch_related("texts"))
    templates = Template.objects.in_bulk([text.template_id for each in variants for text in each.texts.all()])
    for variant in variants:
        texts = {text.channel: templates.get(text.template_id) for text in variant.texts.all()}
        for channel in campaign.channels:
            template = texts.get(channel)
            if template is None or template.state != Template.State.ACTIVE or template.channel != channel:
                text = _("Variant %(letter)s has no text on one of the channels. Choose a template.")
                found.append(Problem("message", f"text_{channel}", text % {"letter": variant.letter}))
                continue
            if template.purpose != campaign.purpose:
                text = _("“%(name)s” was worded for another purpose. Choose another template.")
                found.append(Problem("message", f"text_{channel}", text % {"name": template.name}))
            allowed = (OF_COUPON if variant.coupon_kind_id else frozenset()) | (
                {LINK} if campaign.link_url else set()
            )
            missing = (used_in(template) & given_codes()) - allowed
            if missing:
                text = _(
                    "“%(name)s” says {{ %(word)s }}, which this campaign has not. Give a coupon or a link,"
                    " or choose another template."
                )
                found.append(
                    Problem(
                        "message", f"text_{channel}", text % {"name": template.name, "word": min(missing)}
                    )
                )
    return found


def _of_address(campaign: Campaign) -> list[Problem]:
    """Letters end with a link that stops them, links of ours lead to us: both begin with our own address."""
    found = []
    if campaign.purpose in NEEDS_CONSENT and not all(map(has_way_out, campaign.channels)):
        found.append(Problem("message", "channels", LETTERS_NEED_ADDRESS))
    if campaign.link_url and not site_address():
        text = _(
            "Clicks are counted at this shop's own address, which is not set. Whoever runs Dianke sets"
            " DIANKE_ORIGINS, for example https://shop.example; or leave the link out."
        )
        found.append(Problem("message", "link_url", text))
    return found


def used_in(template: Template) -> set[str]:
    """The variables of its words."""
    return {
        name
        for text in (template.subject, template.body)
        for name in read_wording(text, known_codes()).variables
    }


def _of_time(campaign: Campaign, now: datetime) -> list[Problem]:
    if campaign.starts_at is None:
        return [Problem("schedule", "starts_at", _("Say when it begins."))]
    if campaign.joins_until is not None and campaign.joins_until <= max(campaign.starts_at, now):
        return [
            Problem("schedule", "joins_until", _("People join until a moment after it begins. Set it later."))
        ]
    return []
