"""Who is in a journey, at which step, and what every step did for them."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.journeys.models.journeys import VIEW, Journey, Version


class PassageQuerySet(models.QuerySet["Passage"]):
    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Passages of journeys one may see, of customers one may see."""
        if actor.is_system:
            return self
        seen = Customer.objects.visible_to(actor)
        mine = self.filter(journey__in=Journey.objects.visible_to(actor, permission).values("pk"))
        return mine.filter(customer__in=seen.values("pk")) if seen.query.where else mine

    def going(self) -> Self:
        return self.filter(state=Passage.State.GOING)


class Passage(models.Model):
    """One person's way through a journey, once for an occasion (`occurrence`: "BIRTHDAY:2026"), in the version they
    entered. `step` is where they stand, `due_at` when it is their turn there; `handed_at` is set while the message of
    the step is in the outbox. `round` grows when a pause called it back. `anchor` is the day it is about."""

    class State(models.TextChoices):
        GOING = "GOING", pgettext_lazy("person in a journey", "On the way")
        DONE = "DONE", pgettext_lazy("person in a journey", "Through")
        LEFT = "LEFT", pgettext_lazy("person in a journey", "Left")

    class Arm(models.TextChoices):
        TREATED = "TREATED", pgettext_lazy("group of a journey", "Cared for")
        CONTROL = "CONTROL", pgettext_lazy("group of a journey", "Kept back")

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="passages", db_index=False)
    version = models.ForeignKey(Version, models.PROTECT, related_name="passages", db_index=False)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="journeys", verbose_name=_("customer"), db_index=False
    )
    occurrence = models.CharField(max_length=60)
    arm = models.CharField(_("group"), max_length=7, choices=Arm.choices, default=Arm.TREATED)
    state = models.CharField(_("state"), max_length=5, choices=State.choices, default=State.GOING)
    step = models.CharField(max_length=12, blank=True)
    due_at = models.DateTimeField(_("their turn"))
    anchor = models.DateField(null=True)
    entered_at = models.DateTimeField(_("entered"))
    handed_at = models.DateTimeField(null=True)
    message_id = models.BigIntegerField(null=True)
    round = models.PositiveSmallIntegerField(default=1)
    coupon_id = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    reason = models.CharField(_("why"), max_length=40, blank=True)

    objects = PassageQuerySet.as_manager()

    class Meta:
        verbose_name = _("person in a journey")
        verbose_name_plural = _("people in journeys")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "journey", "occurrence"], name="journeys_passage_once"
            ),
            models.UniqueConstraint(
                fields=["customer", "journey"], condition=Q(state="GOING"), name="journeys_passage_one_going"
            ),
            models.CheckConstraint(
                condition=Q(state="GOING", ended_at=None, step__gt="")
                | Q(~Q(state="GOING"), ended_at__isnull=False, handed_at=None),
                name="journeys_passage_ends",
            ),
            models.CheckConstraint(
                condition=Q(arm="TREATED") | Q(coupon_id=None, handed_at=None),
                name="journeys_passage_control_gets_nothing",
            ),
        ]
        indexes = [
            models.Index(
                fields=["version", "due_at", "id"],
                condition=Q(state="GOING", handed_at=None),
                name="journeys_passage_due",
            ),
            models.Index(
                fields=["version", "id"],
                condition=Q(state="GOING", handed_at__isnull=False),
                name="journeys_passage_handed",
            ),
            models.Index(
                F("journey"), F("entered_at").desc(), F("id").desc(), name="journeys_passage_newest"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id}: {self.customer_id}"


class Passed(models.Model):
    """What a step did for a person, once; never changed."""

    class Outcome(models.TextChoices):
        WAITED = "WAITED", pgettext_lazy("step of a journey", "Waited")
        SENT = "SENT", pgettext_lazy("step of a journey", "Message went out")
        SKIPPED = "SKIPPED", pgettext_lazy("step of a journey", "Left out")
        KEPT = "KEPT", pgettext_lazy("step of a journey", "Kept back")
        YES = "YES", pgettext_lazy("step of a journey", "Yes")
        NO = "NO", pgettext_lazy("step of a journey", "No")
        GIVEN = "GIVEN", pgettext_lazy("step of a journey", "Coupon given")
        TASK = "TASK", pgettext_lazy("step of a journey", "Task made")
        ENDED = "ENDED", pgettext_lazy("step of a journey", "Ended")

    passage = models.ForeignKey(Passage, models.CASCADE, related_name="passed", db_index=False)
    step = models.CharField(max_length=12)
    outcome = models.CharField(max_length=7, choices=Outcome.choices)
    reason = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=8, blank=True)
    message_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("step of a person in a journey")
        constraints = [models.UniqueConstraint(fields=["passage", "step"], name="journeys_passed_once")]

    def __str__(self) -> str:
        return f"{self.passage_id}: {self.step}"


class Known(models.Model):
    """That a profile was in the segment a journey begins with when it was last looked at."""

    journey = models.ForeignKey(Journey, models.CASCADE, related_name="known", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("known in a segment")
        constraints = [models.UniqueConstraint(fields=["journey", "customer"], name="journeys_known_once")]
