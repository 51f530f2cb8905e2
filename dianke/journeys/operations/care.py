"""Care turned on: the ready journey is written down, its words become templates that can be reworded, and it is
published. Setting it otherwise publishes another version."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext, pgettext_lazy

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, NotFound
from dianke.events.operations import operation, record, step
from dianke.journeys.models import PUBLISH, Journey
from dianke.journeys.operations.drafting import change_journey, draft_journey
from dianke.journeys.operations.locking import require_reach
from dianke.journeys.operations.publishing import publish_journey
from dianke.journeys.rules.care import CARES, MESSAGE, Care, Settings, plan_of, purpose_of, text_of
from dianke.messaging.models import Template
from dianke.messaging.operations.templates import make_template
from dianke.messaging.queries.wording import LANGUAGE
from dianke.promotions.models import CouponKind


class CareUnknown(NotFound):
    code = "care_unknown"
    message = _("There is no such care. Choose one of the list.")


class CareChannelsMissing(InvalidInput):
    code = "care_channels_missing"
    message = pgettext_lazy("journey", "Choose at least one channel.")
    default_field = "channels"


class CareCouponUnknown(InvalidInput):
    code = "care_coupon_unknown"
    message = _("This coupon is not given out at present. Choose another.")
    default_field = "coupon_kind_id"


@operation(PUBLISH)
def turn_on_care(*, code: str, settings: Settings, actor: Actor, now: datetime) -> Journey:
    """Turn on one of the ready journeys, or set it otherwise. Raises `CareUnknown`, `CareChannelsMissing`,
    `CareCouponUnknown`, `JourneyNotReady`, `JourneyOfOtherStores`, `PlanWrong`."""
    care = CARES.get(code)
    if care is None:
        raise CareUnknown
    if not settings.channels:
        raise CareChannelsMissing
    _check_coupon(settings.coupon_kind_id)
    journey = Journey.objects.filter(care=code).first()
    require_reach(journey.store_ids if journey else [], actor, PUBLISH)
    texts = _texts(care, journey, settings, actor, now)
    with override(LANGUAGE):
        plan, name = plan_of(care, settings, texts), str(care.name)
    if journey is None:
        values = {"name": name, "draft": plan}
        journey = draft_journey(values=values, care=code, actor=actor.as_system(), now=now)
    else:
        journey = change_journey(journey=journey, values={"draft": plan}, actor=actor.as_system(), now=now)
    journey = publish_journey(journey=journey, actor=actor, now=now)
    record("journeys.care_turned_on", journey, actor=actor, now=now, data={"name": journey.name})
    return journey


def _check_coupon(pk: int | None) -> None:
    if pk is not None and not CouponKind.objects.filter(pk=pk, state=CouponKind.State.ACTIVE).exists():
        raise CareCouponUnknown


@step
def _texts(
    care: Care, journey: Journey | None, settings: Settings, actor: Actor, now: datetime
) -> dict[str, int]:
    """Channel → template. One the journey says already stays, whoever reworded it; with a coupon there is another
    that names it."""
    with_gift = settings.coupon_kind_id is not None
    kept = _kept(journey, settings.channels) if journey and _had_gift(journey) == with_gift else {}
    found: dict[str, int] = {}
    for channel in settings.channels:
        if channel in kept:
            found[channel] = kept[channel]
            continue
        with override(LANGUAGE):
            name = str(care.name)
            if with_gift:
                name = pgettext("name of a text", "%(care)s with coupon") % {"care": name}
            subject, body = text_of(care, channel, with_gift=with_gift)
        same = Template.objects.filter(name=name, channel=channel, state=Template.State.ACTIVE)
        purpose = purpose_of(care, with_gift=with_gift)
        row = same.filter(purpose=purpose).first() or make_template(
            values={
                "name": _free(name, same),
                "channel": channel,
                "purpose": purpose,
                "subject": subject,
                "body": body,
            },
            actor=actor.as_system(),
            now=now,
        )
        found[channel] = row.pk
    return found


def _free(name: str, same: Collection[Template]) -> str:
    """The merchant has a text of this name for something else."""
    return f"{name} ·" if same else name


def _had_gift(journey: Journey) -> bool:
    return any(one["kind"] == "COUPON" for one in journey.draft.get("steps", []))


def _kept(journey: Journey, channels: Collection[str]) -> dict[str, int]:
    said: dict[str, int] = next(
        (one["texts"] for one in journey.draft.get("steps", []) if one["key"] == MESSAGE), {}
    )
    there = Template.objects.filter(pk__in=list(said.values()), state=Template.State.ACTIVE)
    usable = set(there.values_list("pk", flat=True))
    return {code: pk for code, pk in said.items() if code in channels and pk in usable}
