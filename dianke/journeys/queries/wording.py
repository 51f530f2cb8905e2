"""Journeys in words: what begins them, what each step is, why something was left out."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from dianke.journeys.rules.festivals import FESTIVALS
from dianke.journeys.rules.plan import Begin, Kind, Plan, Step, Test
from dianke.messaging.models import Template
from dianke.messaging.queries.reasons import REASONS as OF_MESSAGES
from dianke.promotions.models import CouponKind
from dianke.promotions.rules.wording import joined
from dianke.segments.models import Segment

REASONS: Mapping[str, str | Promise] = {
    **OF_MESSAGES,
    "stale": gettext_lazy("it was too late for it"),
    "no_coupon": gettext_lazy("there was no coupon for them"),
    "no_value": gettext_lazy("a value for its text is missing"),
    "no_text": gettext_lazy("there is no text for any channel"),
    "bought": gettext_lazy("bought"),
    "left_segment": gettext_lazy("not in the segment any more"),
    "unsubscribed": gettext_lazy("wants no more of it"),
    "merged": gettext_lazy("the same person was on the way already"),
    "stopped": gettext_lazy("the journey was stopped"),
}
BEGINS: Mapping[Begin, str | Promise] = {
    Begin.REGISTERED: gettext_lazy("Becomes a customer"),
    Begin.FIRST_PURCHASE: gettext_lazy("Buys for the first time"),
    Begin.PURCHASE: gettext_lazy("Buys something"),
    Begin.RETURN: gettext_lazy("Brings something back"),
    Begin.LEVEL: gettext_lazy("Reaches a level"),
    Begin.BIRTHDAY: gettext_lazy("Birthday, solar or lunar"),
    Begin.ANNIVERSARY: gettext_lazy("Anniversary"),
    Begin.FESTIVAL: pgettext_lazy("journey", "Festival"),
    Begin.POINTS: gettext_lazy("Points expire"),
    Begin.DORMANT: gettext_lazy("Stays away longer than usual"),
    Begin.SEGMENT: gettext_lazy("Comes into a segment"),
}
KINDS: Mapping[Kind, str | Promise] = {
    Kind.WAIT: pgettext_lazy("step", "Wait"),
    Kind.UNTIL: gettext_lazy("Wait until the day"),
    Kind.MESSAGE: gettext_lazy("Send a message"),
    Kind.BRANCH: gettext_lazy("Two ways"),
    Kind.COUPON: gettext_lazy("Give a coupon"),
    Kind.TASK: gettext_lazy("A task for a colleague"),
    Kind.END: pgettext_lazy("step", "End"),
}
ICONS: Mapping[Kind, str] = {
    Kind.WAIT: "clock",
    Kind.UNTIL: "calendar",
    Kind.MESSAGE: "send",
    Kind.BRANCH: "arrows-split",
    Kind.COUPON: "ticket",
    Kind.TASK: "checkbox",
    Kind.END: "flag",
}
TESTS: Mapping[Test, str | Promise] = {
    Test.BOUGHT: gettext_lazy("Bought since entering?"),
    Test.READ: gettext_lazy("Read a message?"),
    Test.REDEEMED: gettext_lazy("Used the coupon of this journey?"),
    Test.SEGMENT: gettext_lazy("In a segment?"),
}


def reason_words(code: str) -> str:
    """In words; the code itself when there are none."""
    return str(REASONS.get(code, code))


def begin_words(plan: Plan) -> str:
    """What lets somebody in, in one line."""
    trigger = plan.trigger
    text = str(BEGINS[trigger.kind])
    if trigger.kind == Begin.FESTIVAL:
        text = joined([str(FESTIVALS[code].label) for code in trigger.festivals if code in FESTIVALS]) or text
    if trigger.kind in (Begin.BIRTHDAY, Begin.ANNIVERSARY, Begin.FESTIVAL, Begin.POINTS) and trigger.days:
        before = ngettext("%(count)s day before", "%(count)s days before", trigger.days)
        text = _("%(what)s, %(when)s") % {"what": text, "when": before % {"count": trigger.days}}
    if trigger.kind == Begin.DORMANT:
        text = _("Stays away for %(percent)s%% of the usual interval (%(days)s days where none is known)") % {
            "percent": trigger.percent,
            "days": trigger.usual_days,
        }
    return text


class Names:
    """What the steps of a plan name, read at once: three statements."""

    def __init__(self, plan: Plan) -> None:
        steps = list(plan.walk())
        self.templates = Template.objects.in_bulk({pk for step in steps for pk in step.texts.values()})
        self.coupons = CouponKind.objects.in_bulk(
            {step.coupon_kind_id for step in steps if step.coupon_kind_id}
        )
        self.segments = Segment.objects.in_bulk({step.segment_id for step in steps if step.segment_id})

    def of(self, step: Step) -> str:
        """What the step does, in one line."""
        if step.kind == Kind.WAIT:
            return _wait(step)
        if step.kind == Kind.UNTIL:
            return _until(step)
        if step.kind == Kind.MESSAGE:
            rows = [self.templates[pk] for pk in step.texts.values() if pk in self.templates]
            parts = [f"{row.get_channel_display()}: {row.name}" for row in rows]
            return " · ".join(parts) or _("no text chosen yet")
        if step.kind == Kind.BRANCH:
            segment = self.segments.get(step.segment_id or 0)
            if step.test == Test.SEGMENT and segment is not None:
                return _("In “%(name)s”?") % {"name": segment.name}
            return str(TESTS[step.test])
        if step.kind == Kind.COUPON:
            kind = self.coupons.get(step.coupon_kind_id or 0)
            return kind.name if kind else _("no coupon chosen yet")
        return step.title


def _wait(step: Step) -> str:
    parts = []
    if step.days:
        parts.append(ngettext("%(count)s day", "%(count)s days", step.days) % {"count": step.days})
    if step.hours:
        parts.append(ngettext("%(count)s hour", "%(count)s hours", step.hours) % {"count": step.hours})
    text = " ".join(parts)
    if step.at is None:
        return text
    at = step.at.strftime("%H:%M")
    return (
        _("%(span)s, then until %(hour)s") % {"span": text, "hour": at}
        if text
        else _("until %(hour)s") % {"hour": at}
    )


def _until(step: Step) -> str:
    hour = step.at.strftime("%H:%M") if step.at else "09:00"
    if step.days == 0:
        return _("On the day, %(hour)s") % {"hour": hour}
    if step.days < 0:
        text = ngettext("%(count)s day before it, %(hour)s", "%(count)s days before it, %(hour)s", -step.days)
        return text % {"count": -step.days, "hour": hour}
    text = ngettext("%(count)s day after it, %(hour)s", "%(count)s days after it, %(hour)s", step.days)
    return text % {"count": step.days, "hour": hour}
