"""Who takes part in a campaign, and who followed its link."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.marketing.models.campaigns import VIEW, Campaign, Variant


class MemberQuerySet(models.QuerySet["Member"]):
    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Members of campaigns one may see who are customers one may see."""
        if actor.is_system:
            return self
        seen = Customer.objects.visible_to(actor)
        mine = self.filter(campaign__in=Campaign.objects.visible_to(actor, permission).values("pk"))
        return mine.filter(customer__in=seen.values("pk")) if seen.query.where else mine

    def treated(self) -> Self:
        return self.filter(arm=Member.Arm.TREATED)


class Member(models.Model):
    """A profile in a campaign, once. PLANNED: not their turn yet. HANDED: in the outbox, or gone from there. LEFT: not
    written to, `reason` says why. `begun_at` is their turn, from which orders count, for those kept back as well: they
    are judged like all others at that moment, so that both groups hold the same people. `round` grows when a message
    that still waited was called back by a pause and is asked for again. `planned_amount` is what was set aside, in
    minor units and fractions of them."""

    class Arm(models.TextChoices):
        TREATED = "TREATED", pgettext_lazy("group of a campaign", "Written to")
        CONTROL = "CONTROL", pgettext_lazy("group of a campaign", "Kept back")

    class State(models.TextChoices):
        PLANNED = "PLANNED", pgettext_lazy("member of a campaign", "Still to come")
        HANDED = "HANDED", pgettext_lazy("member of a campaign", "Handed over")
        KEPT = "KEPT", pgettext_lazy("member of a campaign", "Kept back")
        LEFT = "LEFT", pgettext_lazy("member of a campaign", "Left out")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="members", db_index=False)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="campaigns", verbose_name=_("customer")
    )
    arm = models.CharField(_("group"), max_length=7, choices=Arm.choices)
    variant = models.ForeignKey(
        Variant, models.PROTECT, null=True, related_name="members", verbose_name=_("variant"), db_index=False
    )
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.PLANNED)
    reason = models.CharField(_("why not"), max_length=40, blank=True)
    channel = models.CharField(_("channel"), max_length=8, blank=True)
    round = models.PositiveSmallIntegerField(default=1)
    due_at = models.DateTimeField(_("their turn"))
    begun_at = models.DateTimeField(_("since"), null=True)
    coupon_id = models.BigIntegerField(null=True)
    planned_amount = models.DecimalField(max_digits=14, decimal_places=4, default=0)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of a campaign")
        verbose_name_plural = _("members of campaigns")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "customer"], name="marketing_member_once"),
            models.CheckConstraint(
                condition=Q(arm="CONTROL", variant=None, coupon_id=None, channel="")
                | Q(arm="TREATED", variant__isnull=False),
                name="marketing_member_control_gets_nothing",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["PLANNED", "LEFT"])
                | Q(state="HANDED", arm="TREATED", begun_at__isnull=False)
                | Q(state="KEPT", arm="CONTROL", begun_at__isnull=False),
                name="marketing_member_state_of_arm",
            ),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "due_at", "id"],
                condition=Q(state="PLANNED"),
                name="marketing_member_due",
            ),
            models.Index(fields=["campaign", "state", "id"], name="marketing_member_of_state"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.customer_id}"


class Click(models.Model):
    """That a member followed the link, first and how often. Nothing of the browser is kept."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="click")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("click")
