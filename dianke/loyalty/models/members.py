"""Who is at which level and why, and what each sale and return did for a member. Rows belong to the customer they
were written for; a profile of several merged customers is read over all of them and parts again as it was.
"""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.loyalty.models.programme import VIEW, Level, Programme


class OfCustomers(models.QuerySet[Any]):
    """Rows with a `customer`: visible with the profile they show up in."""

    def visible_to(self, actor: Actor) -> Self:
        if not actor.can(VIEW):
            return self.none()
        if actor.is_system:
            return self
        heads = Customer.objects.visible_to(actor).values("pk")
        return self.filter(Q(customer__in=heads) | Q(customer__merged_into__in=heads))


def _customer() -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)


class Membership(models.Model):
    """The level of a customer. `reached` is what buying led to, `level` what counts: that, or a better one that was
    given or sold (LevelGrant). `below_since`: since when the rules no longer lead to `reached`; `held_until`: through
    this day it is not lowered.
    """

    customer = models.OneToOneField(Customer, models.PROTECT, primary_key=True, related_name="+")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", db_index=False)
    joined_on = models.DateField(_("member since"))
    level = models.ForeignKey(Level, models.PROTECT, null=True, related_name="members")
    reached = models.ForeignKey(Level, models.PROTECT, null=True, related_name="+", db_index=False)
    since = models.DateField(_("at this level since"))
    below_since = models.DateField(null=True)
    held_until = models.DateField(null=True)

    objects = OfCustomers.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")

    def __str__(self) -> str:
        return f"{self.customer_id} {self.level_id or ''}"


class LevelGrant(models.Model):
    """A level that was given by hand or paid for, through a day (empty: until it is withdrawn)."""

    class Kind(models.TextChoices):
        MANUAL = "MANUAL", pgettext_lazy("level", "Given by hand")
        PAID = "PAID", pgettext_lazy("level", "Paid for")
        IMPORTED = "IMPORTED", pgettext_lazy("level", "Brought along")

    customer = _customer()
    level = models.ForeignKey(Level, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(_("how"), max_length=8, choices=Kind)
    from_date = models.DateField(pgettext_lazy("loyalty", "from"))
    to_date = models.DateField(_("through"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    reference = models.CharField(max_length=120, blank=True)
    run_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    withdrawn_at = models.DateTimeField(null=True)

    objects = OfCustomers.as_manager()

    class Meta:
        verbose_name = _("level given")
        verbose_name_plural = _("levels given")
        constraints = [
            models.UniqueConstraint(
                fields=["reference"], condition=~Q(reference=""), name="loyalty_grant_reference_once"
            ),
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gte=F("from_date")), name="loyalty_grant_days"
            ),
        ]
        indexes = [
            models.Index(fields=["customer"], condition=Q(withdrawn_at=None), name="loyalty_grant_open"),
            models.Index(
                fields=["to_date"],
                condition=Q(withdrawn_at=None, to_date__isnull=False),
                name="loyalty_grant_ending",
            ),
        ]


class LevelChange(models.Model):
    """That the level of a customer changed, when and why. Never changed afterwards."""

    class Why(models.TextChoices):
        JOINED = "JOINED", _("Became a member")
        REACHED = "REACHED", _("Reached by purchases")
        LOWERED = "LOWERED", _("Not reached any more")
        RETURNED = "RETURNED", _("What reached it was returned")
        GIVEN = "GIVEN", pgettext_lazy("level change", "Given by hand")
        PAID = "PAID", pgettext_lazy("level change", "Paid for")
        ENDED = "ENDED", _("The time it was given for ended")
        MERGED = "MERGED", _("Two records became one")
        SEPARATED = "SEPARATED", _("Records were separated")
        IMPORTED = "IMPORTED", pgettext_lazy("level change", "Brought along")

    customer = _customer()
    before = models.ForeignKey(Level, models.PROTECT, null=True, related_name="+", db_index=False)
    after = models.ForeignKey(Level, models.PROTECT, null=True, related_name="+", db_index=False)
    why = models.CharField(max_length=9, choices=Why)
    on = models.DateField()
    at = models.DateTimeField()
    spend_amount = models.BigIntegerField(default=0)
    order_count = models.IntegerField(default=0)
    tier_points = models.BigIntegerField(default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = OfCustomers.as_manager()

    class Meta:
        verbose_name = _("level change")
        verbose_name_plural = _("level changes")
        indexes = [models.Index(fields=["customer", "-id"], name="loyalty_change_of_customer")]


class MemberSale(models.Model):
    """What a sale did for a member: what counts towards levels, points earned per line and used, and how much of each
    was taken back since. `lines` holds per line `paid`, `counts` (what of it earns), `earned` and what is `left` of
    `paid`; `bonuses` the extra points with the amount they ask for. `pending` points become spendable at
    `releases_at`. `followed_at` empty: levels and referrals are still to be looked at.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", db_index=False)
    customer = _customer()
    reference = models.CharField(max_length=120, unique=True)
    store_id = models.BigIntegerField(null=True)
    business_date = models.DateField()
    counted_on = models.DateField()
    occurred_at = models.DateTimeField()
    spend_amount = models.BigIntegerField()
    tier_points = models.BigIntegerField()
    earned_points = models.BigIntegerField()
    redeemed_points = models.BigIntegerField()
    lines = models.JSONField(default=dict)
    bonuses = models.JSONField(default=list)
    spend_back = models.BigIntegerField(default=0)
    tier_points_back = models.BigIntegerField(default=0)
    earned_back = models.BigIntegerField(default=0)
    redeemed_back = models.BigIntegerField(default=0)
    is_returned = models.BooleanField(default=False)
    releases_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    followed_at = models.DateTimeField(null=True)

    objects = OfCustomers.as_manager()

    class Meta:
        verbose_name = _("purchase of a member")
        verbose_name_plural = _("purchases of members")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    spend_back__gte=0,
                    spend_back__lte=F("spend_amount"),
                    earned_back__gte=0,
                    earned_back__lte=F("earned_points"),
                    redeemed_back__gte=0,
                    redeemed_back__lte=F("redeemed_points"),
                    tier_points_back__gte=0,
                    tier_points_back__lte=F("tier_points"),
                ),
                name="loyalty_sale_back_within",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "counted_on"], name="loyalty_sale_of_customer"),
            models.Index(fields=["id"], condition=Q(followed_at=None), name="loyalty_sale_to_follow"),
            models.Index(
                fields=["releases_at"],
                condition=Q(released_at=None, releases_at__isnull=False),
                name="loyalty_sale_to_release",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class MemberReturn(models.Model):
    """What a return did. Never changed. `short_points` could not be taken back: `owed_points` became a debt, or
    `deducted_amount` (minor units) was taken off the refund for them. `lapsed_points` had expired unused and are
    asked of nobody."""

    sale = models.ForeignKey(MemberSale, models.PROTECT, related_name="returns")
    reference = models.CharField(max_length=120, unique=True)
    business_date = models.DateField()
    at = models.DateTimeField()
    left = models.JSONField(default=dict)
    spend_back = models.BigIntegerField()
    earned_back = models.BigIntegerField()
    redeemed_back = models.BigIntegerField()
    lapsed_points = models.BigIntegerField(default=0)
    short_points = models.BigIntegerField(default=0)
    owed_points = models.BigIntegerField(default=0)
    deducted_amount = models.BigIntegerField(default=0)
    policy = models.CharField(max_length=11, choices=Programme.Shortfall)

    objects = models.Manager()

    class Meta:
        verbose_name = _("return of a member")
        verbose_name_plural = _("returns of members")
