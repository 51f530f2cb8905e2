"""What is missing before a journey can be published, each with the step it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dianke.core.errors import Text
from dianke.journeys.queries.texts import GIVEN, given_in
from dianke.journeys.rules.plan import ANCHORED, Begin, Kind, Plan, Step, Test
from dianke.messaging.models import Template
from dianke.messaging.queries.limits import has_way_out
from dianke.messaging.queries.reasons import LETTERS_NEED_ADDRESS
from dianke.messaging.rules.reach import NEEDS_CONSENT
from dianke.promotions.models import CouponKind
from dianke.segments.models import Segment


@dataclass(frozen=True, slots=True)
class Problem:
    """`step` is the key of a step, or "" for the journey as a whole."""

    step: str
    text: Text


def problems_of(plan: Plan) -> list[Problem]:
    """All of them; none when it can be published. Three statements."""
    steps = list(plan.walk())
    if not steps:
        return [Problem("", _("Add a first step."))]
    found = _of_beginning(plan)
    gives_coupon = any(step.kind == Kind.COUPON for step in steps)
    templates = Template.objects.in_bulk({pk for step in steps for pk in step.texts.values()})
    kinds = CouponKind.objects.in_bulk({step.coupon_kind_id for step in steps if step.coupon_kind_id})
    there = set(Segment.objects.in_use().filter(pk__in=plan.segment_ids()).values_list("pk", flat=True))
    if plan.trigger.segment_id and plan.trigger.segment_id not in there:
        found.append(Problem("", _("The segment it begins with was put away. Choose another.")))
    for pk in (plan.audience_segment_id, plan.exit_segment_id):
        if pk and pk not in there:
            found.append(Problem("", _("A segment was put away or deleted. Choose another.")))
    for step in steps:
        if step.kind == Kind.MESSAGE:
            found += _of_message(plan, step, templates)
        elif step.kind == Kind.COUPON:
            kind = kinds.get(step.coupon_kind_id or 0)
            if kind is None or kind.state != CouponKind.State.ACTIVE:
                found.append(Problem(step.key, _("Choose a coupon that is given out at present.")))
        elif step.kind == Kind.TASK and not step.title.strip():
            found.append(Problem(step.key, _("Say in a few words what the task is.")))
        elif step.kind == Kind.UNTIL and plan.trigger.kind not in ANCHORED:
            found.append(
                Problem(step.key, _("This journey is about no day it could wait for. Wait some days."))
            )
        elif step.kind == Kind.BRANCH and step.test == Test.REDEEMED and not gives_coupon:
            found.append(
                Problem(step.key, _("No step of this journey gives a coupon. Add one, or ask otherwise."))
            )
        elif step.kind == Kind.BRANCH and step.test == Test.SEGMENT and step.segment_id not in there:
            found.append(Problem(step.key, _("Choose the segment that decides.")))
    return found


def _of_beginning(plan: Plan) -> list[Problem]:
    found = []
    if plan.trigger.kind == Begin.FESTIVAL and not plan.trigger.festivals:
        found.append(Problem("", _("Choose at least one festival.")))
    if plan.trigger.kind == Begin.SEGMENT and plan.trigger.segment_id is None:
        found.append(Problem("", _("Choose the segment it begins with.")))
    if any(step.kind == Kind.MESSAGE for step in plan.walk()) and not plan.channels:
        found.append(Problem("", pgettext("journey", "Choose at least one channel.")))
    if plan.purpose in NEEDS_CONSENT and not all(map(has_way_out, plan.channels)):
        found.append(Problem("", LETTERS_NEED_ADDRESS))
    return found


def _of_message(plan: Plan, step: Step, templates: Mapping[int, Template]) -> list[Problem]:
    found = []
    has_coupon = any(one.kind == Kind.COUPON for one in plan.walk())
    can = {
        "coupon": has_coupon,
        "anchor": plan.trigger.kind in ANCHORED,
        "festival": plan.trigger.kind == Begin.FESTIVAL,
    }
    texts = {code: templates.get(pk) for code, pk in step.texts.items()}
    usable = [
        row
        for code, row in texts.items()
        if row is not None
        and row.state == Template.State.ACTIVE
        and row.channel == code
        and code in plan.channels
    ]
    if not usable:
        found.append(Problem(step.key, _("Choose a text for one of the channels.")))
    for row in usable:
        if row.purpose != plan.purpose:
            text = _("“%(name)s” was worded for another purpose. Choose another text.")
            found.append(Problem(step.key, text % {"name": row.name}))
        missing = sorted(name for name in given_in(row) if not can.get(GIVEN.get(name, ""), False))
        if missing:
            text = _("“%(name)s” says {{ %(word)s }}, which this journey has not. Choose another text.")
            found.append(Problem(step.key, text % {"name": row.name, "word": missing[0]}))
    return found
