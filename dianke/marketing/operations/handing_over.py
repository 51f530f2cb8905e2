"""Whose turn it is: a batch is judged, money is set aside, coupons are given, messages are put into the outbox. All
of it is one transaction with the row of the campaign locked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from dianke.core.actor import Actor
from dianke.core.copying import update_from
from dianke.customers.models import Purpose
from dianke.customers.queries.consents import consents_of
from dianke.events.operations import operation, record, step, unchanged
from dianke.marketing.models import Campaign, Member, State, Variant
from dianke.marketing.operations.drafting import locked, move
from dianke.marketing.queries.audience import refusals
from dianke.marketing.queries.links import tracked_link
from dianke.marketing.queries.parts import Said, parts_of
from dianke.marketing.queries.readiness import LINK, OF_COUPON, used_in
from dianke.marketing.rules.channels import choose, order_for
from dianke.marketing.rules.costs import coupon_value, how_many_fit, message_cost, whole
from dianke.messaging.models import Channel, Template
from dianke.messaging.operations import Intent, enqueue
from dianke.messaging.queries.preferred import preferred_channels
from dianke.promotions.models import Coupon, CouponKind
from dianke.promotions.operations import CouponsExhausted, KindNotGiven, issue_coupons
from dianke.promotions.rules.coupon_codes import LENGTH, grouped
from dianke.web.addresses import site_address

BATCH = 5_000


@dataclass(slots=True)
class _Turn:
    """A member whose turn has come, and what becomes of it."""

    member: Member
    state: str = ""
    reason: str = ""
    channel: str = ""
    cost: Decimal = Decimal(0)


@operation(None)
def hand_over(*, campaign: Campaign, most: int = BATCH, actor: Actor, now: datetime) -> int:
    """Hand over a batch of those whose turn it is; returns of how many. When the coupons are gone or put away, the
    campaign pauses itself and says why; when the budget is, everybody still to come is left out."""
    campaign = locked(campaign)
    if campaign.state != State.RUNNING:
        unchanged()
        return 0
    due = campaign.members.filter(state=Member.State.PLANNED, due_at__lte=now)
    rows = list(due.select_related("variant__coupon_kind").order_by("due_at", "pk")[:most])
    if not rows:
        unchanged()
        return 0
    turns = [_Turn(row) for row in rows]
    _judge(campaign, turns, now)
    words = _words(campaign, turns)
    is_spent = _set_aside(campaign, turns, words, now)
    try:
        with transaction.atomic():
            coupons = _give_coupons(campaign, turns, actor, now)
    except (CouponsExhausted, KindNotGiven) as error:
        move(campaign, State.PAUSED, actor, now, reason=str(error))
        record(
            "marketing.campaign_paused",
            campaign,
            actor=actor,
            now=now,
            data={"name": campaign.name, "reason": error.code},
        )
        return 0
    _write_messages(campaign, turns, words, coupons, actor, now)
    _settle(turns, coupons, now)
    campaign.spent_amount += whole(sum((turn.cost for turn in turns), Decimal(0)))
    campaign.save(update_fields=["spent_amount"])
    if is_spent:
        left = campaign.members.filter(state=Member.State.PLANNED)
        left.update(state=Member.State.LEFT, reason="budget")
    counts: dict[str, int] = defaultdict(int)
    for turn in turns:
        counts[turn.state] += 1
    record(
        "marketing.campaign_handed_over",
        campaign,
        actor=actor,
        now=now,
        data={"name": campaign.name, "budget_spent": is_spent, **counts},
    )
    return len(turns)


@step
def _judge(campaign: Campaign, turns: Sequence[_Turn], now: datetime) -> None:
    """Both groups alike: whoever may not be written to for good is in neither."""
    ids = [turn.member.customer_id for turn in turns]
    refused = refusals(ids, campaign.channels, campaign.purpose, now)
    preferred = preferred_channels(ids)
    for turn in turns:
        pk = turn.member.customer_id
        order = order_for(campaign.channels, preferred.get(pk))
        chosen = choose(order, {channel: why[pk] for channel, why in refused.items() if pk in why})
        if not chosen.channel:
            turn.state, turn.reason = Member.State.LEFT, chosen.reason
        elif turn.member.arm == Member.Arm.CONTROL:
            turn.state = Member.State.KEPT
        else:
            turn.state, turn.channel = Member.State.HANDED, chosen.channel


@dataclass(frozen=True, slots=True)
class _Words:
    """What is said: (variant, channel) → template, customer → link."""

    templates: Mapping[tuple[int | None, str], Template]
    links: Mapping[int, str]


def _words(campaign: Campaign, turns: Sequence[_Turn]) -> _Words:
    texts = [text for variant in campaign.variants.prefetch_related("texts") for text in variant.texts.all()]
    templates = Template.objects.in_bulk({text.template_id for text in texts})
    links = {}
    if campaign.link_url:
        untracked = _untracked([turn.member.customer_id for turn in turns])
        if not site_address():  # it was there when the campaign was handed in
            untracked = {turn.member.customer_id for turn in turns}
        for turn in turns:
            pk = turn.member.customer_id
            links[pk] = campaign.link_url if pk in untracked else tracked_link(turn.member.pk)
    return _Words({(text.variant_id, text.channel): templates[text.template_id] for text in texts}, links)


@step
def _set_aside(campaign: Campaign, turns: Sequence[_Turn], words: _Words, now: datetime) -> bool:
    """What each of this batch may cost, as far as the budget goes; whether it is spent. Whoever comes after the last
    that fits is left out, those kept back as well: the groups end at the same person. What was set aside before a pause
    is not set aside again."""
    handed = [turn for turn in turns if turn.state == Member.State.HANDED]
    fresh = [turn for turn in handed if turn.member.planned_amount == 0]
    parts = _parts(campaign, fresh, words, now)
    for turn in fresh:
        kind = turn.member.variant.coupon_kind if turn.member.variant else None
        price = Decimal(campaign.prices.get(turn.channel, "0"))
        turn.cost = message_cost(price, parts.get(turn.member.customer_id, 1))
        turn.cost += (coupon_value(kind.terms) or 0) if kind else 0
    left = None if campaign.budget_amount is None else campaign.budget_amount - campaign.spent_amount
    fit, _amount = how_many_fit([turn.cost for turn in handed], left)
    if fit == len(handed):
        return False
    first_out = turns.index(handed[fit])
    for turn in turns[first_out:]:
        turn.state, turn.reason, turn.channel = Member.State.LEFT, "budget", ""
        turn.cost = Decimal(0)
    return True


def _parts(campaign: Campaign, turns: Sequence[_Turn], words: _Words, now: datetime) -> dict[int, int]:
    """Customer → in how many parts their text message goes; only where parts cost something."""
    if not Decimal(campaign.prices.get(Channel.SMS, "0")):
        return {}
    said = []
    for turn in turns:
        if turn.channel != Channel.SMS:
            continue
        kind = turn.member.variant.coupon_kind if turn.member.variant else None
        pk = turn.member.customer_id
        given = {LINK: words.links[pk]} if pk in words.links else {}
        if kind is not None:  # its code comes later; all are of one length
            given |= {"coupon": kind.name, "coupon_code": grouped("0" * LENGTH)}
        said.append(Said(pk, words.templates[turn.member.variant_id, turn.channel], given))
    return parts_of(said, purpose=campaign.purpose, now=now)


@step
def _give_coupons(
    campaign: Campaign, turns: Sequence[_Turn], actor: Actor, now: datetime
) -> dict[int, Coupon]:
    """Customer → their coupon, each once for this campaign. Whoever may have no more of the kind is left out.

    Raises `CouponsExhausted`, `KindNotGiven`.
    """
    kinds: dict[int, CouponKind] = {}
    wanted: dict[int, list[_Turn]] = defaultdict(list)
    for turn in turns:
        kind = turn.member.variant.coupon_kind if turn.member.variant else None
        if turn.state == Member.State.HANDED and kind is not None:
            kinds[kind.pk] = kind
            wanted[kind.pk].append(turn)
    found: dict[int, Coupon] = {}
    for pk in sorted(wanted):
        ids = [turn.member.customer_id for turn in wanted[pk]]
        issue_coupons(
            kind=kinds[pk],
            customer_ids=ids,
            occasion=campaign.source,
            reason=campaign.name,
            actor=actor.as_system(),
            now=now,
        )
        given = Coupon.objects.select_related("kind").filter(
            kind=pk, occasion=campaign.source, customer__among=ids
        )
        by_head = {coupon.customer_id: coupon for coupon in given.exclude(state=Coupon.State.REVOKED)}
        for turn in wanted[pk]:
            coupon = by_head.get(turn.member.customer_id)
            if coupon is None:
                turn.state, turn.reason, turn.channel = Member.State.LEFT, "coupon_limit", ""
                turn.cost = Decimal(0)
            else:
                found[turn.member.customer_id] = coupon
    return found


@step
def _write_messages(
    campaign: Campaign,
    turns: Sequence[_Turn],
    words: _Words,
    coupons: Mapping[int, Coupon],
    actor: Actor,
    now: datetime,
) -> None:
    """One message for each who is handed over: a few statements for each variant and channel."""
    groups: dict[tuple[int, str], list[_Turn]] = defaultdict(list)
    for turn in turns:
        if turn.state == Member.State.HANDED and turn.member.variant_id is not None:
            groups[turn.member.variant_id, turn.channel].append(turn)
    if not groups:
        return
    for key in sorted(groups):
        template = words.templates[key]
        used = used_in(template) & (OF_COUPON | {LINK})
        enqueue(
            source=campaign.source,
            step=_letter(groups[key][0].member.variant),
            channel=key[1],
            purpose=campaign.purpose,
            template=template,
            intents=[
                Intent(
                    turn.member.customer_id,
                    occurrence=str(turn.member.round),
                    values=_values(turn.member.customer_id, used, coupons, words),
                )
                for turn in groups[key]
            ],
            actor=actor.as_system(),
            now=now,
        )


def _letter(variant: Variant | None) -> str:
    return variant.letter if variant else ""


def _values(
    customer_id: int, used: set[str], coupons: Mapping[int, Coupon], words: _Words
) -> dict[str, str] | None:
    """What only the campaign knows, of what the text uses."""
    found = {}
    coupon = coupons.get(customer_id)
    if coupon is not None:
        found = {"coupon": coupon.kind.name, "coupon_code": grouped(coupon.code)}
    if customer_id in words.links:
        found[LINK] = words.links[customer_id]
    return {name: value for name, value in found.items() if name in used} or None


def _untracked(ids: Collection[int]) -> set[int]:
    """Who said no to having their interests followed: their link leads straight to the page and counts nothing."""
    said = consents_of(ids)
    return {pk for pk in ids if said.get(pk, {}).get((Purpose.PROFILING.value, "ANY")) is False}


@step
def _settle(turns: Sequence[_Turn], coupons: Mapping[int, Coupon], now: datetime) -> None:
    """What became of the members of the batch: one statement."""
    update_from(
        "marketing_member",
        len(turns),
        {
            "id": [turn.member.pk for turn in turns],
            "state": [str(turn.state) for turn in turns],
            "reason": [turn.reason for turn in turns],
            "channel": [turn.channel for turn in turns],
            "begun_at": [
                (turn.member.begun_at or now) if turn.state != Member.State.LEFT else None for turn in turns
            ],
            "coupon_id": [
                coupons[turn.member.customer_id].pk
                if turn.state == Member.State.HANDED and turn.member.customer_id in coupons
                else turn.member.coupon_id
                for turn in turns
            ],
            "planned_amount": [turn.member.planned_amount + turn.cost for turn in turns],
        },
    )
