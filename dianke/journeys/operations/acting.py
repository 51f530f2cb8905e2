"""What steps do for people: coupons by the one operation that gives them, tasks by the one that makes them, messages
through the outbox, each once for (version, step, person, occasion)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext

from dianke.customers.models import Customer
from dianke.events.operations import step, subject_key
from dianke.journeys.models import Passed
from dianke.journeys.queries.texts import FESTIVAL, OF_COUPON, given_in
from dianke.journeys.rules.festivals import FESTIVALS
from dianke.journeys.rules.plan import Step
from dianke.marketing.rules.channels import choose, order_for
from dianke.messaging.models import Message, Template
from dianke.messaging.operations import Intent, enqueue
from dianke.messaging.queries.allowed import allowed_by_channel
from dianke.messaging.queries.preferred import preferred_channels
from dianke.promotions.models import Coupon, CouponKind
from dianke.promotions.operations import CouponsExhausted, KindNotGiven, issue_coupons
from dianke.promotions.rules.coupon_codes import grouped
from dianke.work.operations import create_task

if TYPE_CHECKING:
    from dianke.journeys.operations.advancing import Batch, Turn

Outcome = Passed.Outcome
TASK_KIND = "care_date"
#: How long somebody has for a task, from when it was due.
TASK_TIME = timedelta(hours=24)


def _skip(turn: Turn, reason: str) -> None:
    turn.outcome, turn.reason = Outcome.SKIPPED, reason


# --- coupons ---------------------------------------------------------------------------------------------------------
@step
def give_coupons(batch: Batch, turns: Sequence[Turn]) -> None:
    """One coupon of the kind each. Whoever may have no more of it, and everybody when there are none left, goes on
    without."""
    kind = CouponKind.objects.filter(pk=turns[0].step.coupon_kind_id or 0).first()
    by_occasion: dict[str, list[Turn]] = defaultdict(list)
    for turn in turns:
        by_occasion[f"{batch.version.source}/{turn.step.key}/{turn.row.occurrence}"].append(turn)
    for occasion, group in sorted(by_occasion.items()):
        given = _given(batch, kind, occasion, group) if kind is not None else {}
        for turn in group:
            turn.coupon_id = given.get(turn.row.head)
            if turn.coupon_id is None:
                _skip(turn, "no_coupon")
            else:
                turn.outcome = Outcome.GIVEN


def _given(batch: Batch, kind: CouponKind, occasion: str, turns: Sequence[Turn]) -> dict[int, int]:
    """Profile → its coupon."""
    heads = [turn.row.head for turn in turns]
    try:
        with transaction.atomic():
            issue_coupons(
                kind=kind,
                customer_ids=heads,
                occasion=occasion,
                reason=batch.version.journey.name,
                actor=batch.actor.as_system(),
                now=batch.now,
            )
    except (CouponsExhausted, KindNotGiven):
        return {}
    rows = Coupon.objects.filter(kind=kind, occasion=occasion, customer__among=heads)
    return dict(rows.exclude(state=Coupon.State.REVOKED).values_list("customer_id", "pk"))


# --- tasks -----------------------------------------------------------------------------------------------------------
@step
def make_tasks(batch: Batch, turns: Sequence[Turn]) -> None:
    """One task each, for whoever looks after the customer or, by the rules of work, a colleague of their store."""
    heads = Customer.objects.select_related("store", "owner").in_bulk([turn.row.head for turn in turns])
    for turn in turns:
        head = heads[turn.row.head]
        owner = head.owner if head.owner is not None and head.owner.is_active else None
        # Colleagues of another partner see the store's tasks: a partner's customer is named by number there.
        who = head.member_number if head.partner_id else str(head)
        create_task(
            title=gettext("%(what)s: %(customer)s") % {"what": turn.step.title, "customer": who},
            note=turn.step.note,
            kind=TASK_KIND,
            owner=owner,
            store=head.store,
            subject=subject_key(head),
            due_at=max(turn.row.due_at, batch.now) + TASK_TIME,
            auto_assign=owner is None,
            reference=f"{batch.version.source}/{turn.step.key}/{turn.row.pk}",
            actor=batch.actor.as_system(),
            now=batch.now,
        )
        turn.outcome = Outcome.TASK


# --- messages --------------------------------------------------------------------------------------------------------
@step
def write_messages(batch: Batch, turns: Sequence[Turn]) -> None:
    """Into the outbox, on the channel the person prefers of those that are allowed; a few statements for each."""
    the_step = turns[0].step
    templates = _templates(the_step)
    channels = [code for code in batch.plan.channels if code in templates]
    if not channels:
        for turn in turns:
            _skip(turn, "no_text")
        return
    heads = [turn.row.head for turn in turns]
    verdicts = allowed_by_channel(heads, channels=channels, purpose=batch.plan.purpose, at=batch.now)
    preferred = preferred_channels(heads)
    coupons = Coupon.objects.select_related("kind").in_bulk(
        {turn.row.coupon_id for turn in turns if turn.row.coupon_id}
    )
    groups: dict[tuple[str, Any], list[tuple[Turn, Intent]]] = defaultdict(list)
    for turn in turns:
        refused = {
            code: str(found[turn.row.head].reasons[0])
            for code, found in verdicts.items()
            if not found[turn.row.head].is_allowed and not found[turn.row.head].is_passing
        }
        chosen = choose(order_for(channels, preferred.get(turn.row.head)), refused)
        if not chosen.channel:
            _skip(turn, chosen.reason)
            continue
        needed = given_in(templates[chosen.channel])
        values = _values(turn, coupons)
        if needed - values.keys():
            _skip(turn, "no_coupon" if needed & OF_COUPON - values.keys() else "no_value")
            continue
        expires = _whole_hour(turn.row.due_at + timedelta(hours=the_step.valid_hours))
        intent = Intent(
            turn.row.head,
            occurrence=turn.row.occurrence
            if turn.row.round == 1
            else f"{turn.row.occurrence}#{turn.row.round}",
            values={name: values[name] for name in needed} or None,
        )
        turn.channel = chosen.channel
        groups[chosen.channel, expires].append((turn, intent))
    for (channel, expires), group in sorted(groups.items()):
        enqueue(
            source=batch.version.source,
            step=the_step.key,
            channel=channel,
            purpose=batch.plan.purpose,
            template=templates[channel],
            intents=[intent for _turn, intent in group],
            expires_at=expires,
            actor=batch.actor.as_system(),
            now=batch.now,
        )
        _hand(batch, the_step, group)


def _whole_hour(moment: datetime) -> datetime:
    """The end of its hour: people who came a minute after each other go in one statement."""
    return moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


@step
def _hand(batch: Batch, the_step: Step, group: Sequence[tuple[Turn, Intent]]) -> None:
    """They stand at the step until their message has ended."""
    rows = Message.objects.filter(
        source=batch.version.source,
        step=the_step.key,
        customer__among=[intent.customer_id for _turn, intent in group],
    )
    message_of = {
        (customer, occurrence): pk
        for pk, customer, occurrence in rows.values_list("pk", "customer_id", "occurrence")
    }
    for turn, intent in group:
        pk = message_of.get((intent.customer_id, intent.occurrence))
        if pk is None:
            _skip(turn, "gone")
        else:
            turn.handed, turn.message_id = True, pk


def _templates(the_step: Step) -> dict[str, Template]:
    rows = Template.objects.filter(pk__in=list(the_step.texts.values()), state=Template.State.ACTIVE)
    found = {row.pk: row for row in rows}
    return {
        code: found[pk] for code, pk in the_step.texts.items() if pk in found and found[pk].channel == code
    }


def _values(turn: Turn, coupons: Mapping[int, Coupon]) -> dict[str, str]:
    found: dict[str, str] = {}
    coupon = coupons.get(turn.row.coupon_id)
    if coupon is not None:
        found |= {"coupon": coupon.kind.name, "coupon_code": grouped(coupon.code)}
    if turn.row.anchor is not None:
        found["date"] = date_format(turn.row.anchor, "MONTH_DAY_FORMAT")
    festival = FESTIVALS.get(turn.row.occurrence.partition(":")[0])
    if festival is not None:
        found[FESTIVAL] = str(festival.label)
    return found
