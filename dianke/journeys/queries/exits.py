"""Everything that decides whether somebody goes on, read with the row itself and in the same statement: what a person
did a moment ago counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from dianke.core.actor import SYSTEM
from dianke.core.errors import DiankeError
from dianke.customers.models import Consent, Customer
from dianke.customers.models import State as CustomerState
from dianke.journeys.models import Passage, Passed
from dianke.journeys.rules.plan import Plan, Test
from dianke.messaging.models import Message
from dianke.promotions.models import Coupon
from dianke.sales.models import Order
from dianke.segments.models import Segment
from dianke.segments.queries.members import members

_NO_PURCHASE = (Order.State.DRAFT, Order.State.CANCELLED)
IN_SEGMENT = "in_segment_{}"


def with_facts(rows: QuerySet[Passage], plan: Plan, *, at: datetime) -> QuerySet[Any]:
    """Passages with `head`, `why_left` ("" goes on) and what the branches ask: `has_bought`, `has_read`,
    `has_redeemed`, `in_segment_7`."""
    found: QuerySet[Any] = rows.annotate(head=Coalesce("customer__merged_into_id", "customer_id"))
    cluster = Customer.objects.filter(
        Q(pk=OuterRef(OuterRef("head"))) | Q(merged_into=OuterRef(OuterRef("head")))
    ).values("pk")
    facts: dict[str, Any] = {"is_double": Exists(_other(cluster))}
    tests = {step.test for step in plan.walk()}
    if plan.exit_bought or Test.BOUGHT in tests:
        facts["has_bought"] = Exists(bought_since(cluster, "entered_at"))
    if plan.purpose != "SERVICE":
        facts["has_refused"] = Exists(
            Consent.objects.filter(
                customer__in=cluster,
                purpose=plan.purpose,
                channel="ANY",
                is_given=False,
                at__gte=OuterRef("entered_at"),
            )
        )
    if Test.READ in tests:
        facts["has_read"] = Exists(
            Message.objects.filter(
                pk__in=Passed.objects.filter(passage=OuterRef(OuterRef("pk"))).values("message_id"),
                read_at__isnull=False,
            )
        )
    if Test.REDEEMED in tests:
        facts["has_redeemed"] = Exists(
            Coupon.objects.filter(pk=OuterRef("coupon_id"), state=Coupon.State.USED)
        )
    found = found.annotate(**facts)
    wanted = {step.segment_id for step in plan.walk() if step.test == Test.SEGMENT}
    for pk in sorted({each for each in (*wanted, plan.exit_segment_id) if each}):
        found = found.annotate(**{IN_SEGMENT.format(pk): _is_in(pk, at)})
    return found.annotate(why_left=_why_left(plan))


def bought_since(cluster: QuerySet[Any], moment: str) -> QuerySet[Order]:
    """What anybody in the profile bought after that moment of the outer row and did not cancel."""
    return Order.objects.filter(customer__in=cluster, occurred_at__gt=OuterRef(moment)).exclude(
        state__in=_NO_PURCHASE
    )


def _other(cluster: QuerySet[Any]) -> QuerySet[Passage]:
    """The passage of somebody merged into the same profile that goes on instead: the one that came first of those
    on the way, or one that had this occasion already."""
    return Passage.objects.filter(
        ~Q(pk=OuterRef("pk")), journey=OuterRef("journey"), customer__in=cluster
    ).filter(
        Q(pk__lt=OuterRef("pk")) & (Q(state=Passage.State.GOING) | Q(occurrence=OuterRef("occurrence")))
        | Q(occurrence=OuterRef("occurrence"), state=Passage.State.DONE)
    )


def _is_in(segment_id: int, at: datetime) -> Any:
    segment = Segment.objects.filter(pk=segment_id).first()
    if segment is None:
        return Value(False, output_field=BooleanField())
    try:
        people = members(segment, actor=SYSTEM, at=at).order_by().values("pk")
    except DiankeError:
        return Value(False, output_field=BooleanField())
    return Case(When(head__in=people, then=Value(True)), default=Value(False))


def _why_left(plan: Plan) -> Case:
    """The first reason that holds."""
    is_in_use = Q(customer__merged_into=None, customer__state=CustomerState.ACTIVE) | Q(
        customer__merged_into__state=CustomerState.ACTIVE
    )
    whens = [When(~is_in_use, then=Value("gone")), When(is_double=True, then=Value("merged"))]
    if plan.purpose != "SERVICE":
        whens.append(When(has_refused=True, then=Value("unsubscribed")))
    if plan.exit_bought:
        whens.append(When(has_bought=True, then=Value("bought")))
    if plan.exit_segment_id:
        whens.append(When(**{IN_SEGMENT.format(plan.exit_segment_id): False}, then=Value("left_segment")))
    return Case(*whens, default=Value(""))


def converted(rows: QuerySet[Passage], goal: Any) -> QuerySet[Any]:
    """Those who bought within `goal` (an interval) of entering."""
    found: QuerySet[Any] = rows.annotate(
        head=Coalesce("customer__merged_into_id", "customer_id"), goal_until=F("entered_at") + goal
    )
    cluster = Customer.objects.filter(
        Q(pk=OuterRef(OuterRef("head"))) | Q(merged_into=OuterRef(OuterRef("head")))
    ).values("pk")
    orders = bought_since(cluster, "entered_at").filter(occurred_at__lt=OuterRef("goal_until"))
    return found.filter(Exists(orders))
