"""What happens with points outside of sales: exchanges for rewards, members who bring members, gifts on their days,
notices before points expire, points that came with an import.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.customers.models import Customer
from dianke.imports.models import ImportRun
from dianke.loyalty.models.members import MemberSale, OfCustomers, _customer
from dianke.loyalty.models.programme import Gift, Reward


class Redemption(models.Model):
    """Points exchanged for a reward. Handed over goods are GIVEN at once or kept ready."""

    class State(models.TextChoices):
        READY = "READY", pgettext_lazy("redemption", "To be handed over")
        GIVEN = "GIVEN", _("Handed over")
        CANCELLED = "CANCELLED", pgettext_lazy("redemption", "Taken back")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    customer = _customer()
    reward = models.ForeignKey(Reward, models.PROTECT, related_name="redemptions", db_index=False)
    points = models.PositiveIntegerField(_("points"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.READY)
    store_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    given_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)

    objects = OfCustomers.as_manager()

    class Meta:
        verbose_name = _("exchange of points")
        verbose_name_plural = _("exchanges of points")
        indexes = [
            models.Index(fields=["customer", "-id"], name="loyalty_redeem_of_customer"),
            models.Index(fields=["reward", "customer"], name="loyalty_redeem_of_reward"),
        ]

    @property
    def key(self) -> str:
        """How the ledger and other rooms name it."""
        return f"loyalty.redemption:{self.uuid}"


class ReferralCode(models.Model):
    """The word a member passes on."""

    customer = models.OneToOneField(Customer, models.PROTECT, primary_key=True, related_name="+")
    code = models.CharField(max_length=12, unique=True)
    made_at = models.DateTimeField()

    objects = OfCustomers.as_manager()


class Referral(models.Model):
    """That one member brought another. Rewarded once, after the first paid purchase; taken back when that purchase
    is returned. A customer is brought once."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("Waits for the first purchase")
        REWARDED = "REWARDED", pgettext_lazy("referral", "Rewarded")
        REFUSED = "REFUSED", pgettext_lazy("referral", "Not rewarded")
        TAKEN_BACK = "TAKEN_BACK", pgettext_lazy("referral", "Reward taken back")

    class Why(models.TextChoices):
        NONE = "", ""
        SAME_PERSON = "SAME_PERSON", _("The same person")
        SAME_PHONE = "SAME_PHONE", _("The same phone number")
        LIMIT = "LIMIT", _("More than may be rewarded in this time")
        TOO_SMALL = "TOO_SMALL", _("The first purchase was too small")
        RETURNED = "RETURNED", _("The first purchase was returned")

    customer = _customer()  # who brought
    referred = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    why = models.CharField(max_length=11, choices=Why, blank=True, default="")
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    sale = models.ForeignKey(MemberSale, models.PROTECT, null=True, related_name="referrals")
    referrer_points = models.PositiveIntegerField(default=0)
    referred_points = models.PositiveIntegerField(default=0)

    objects = OfCustomers.as_manager()

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints = [
            models.UniqueConstraint(fields=["referred"], name="loyalty_referred_once"),
            models.CheckConstraint(condition=~Q(customer=F("referred")), name="loyalty_referral_of_another"),
        ]
        indexes = [models.Index(fields=["customer", "-id"], name="loyalty_referral_of_customer")]


class GiftGiven(models.Model):
    """That a member got the gift of an occasion; `year` is of the calendar of the date, so a customer gets each
    occasion once a year whatever the date says by then."""

    customer = _customer()
    gift = models.ForeignKey(Gift, models.PROTECT, related_name="given", db_index=False)
    occasion = models.CharField(max_length=8, choices=Gift.Occasion)
    year = models.PositiveSmallIntegerField()
    celebrated_on = models.DateField()
    points = models.PositiveIntegerField()
    at = models.DateTimeField()

    objects = OfCustomers.as_manager()

    class Meta:
        verbose_name = _("gift given")
        verbose_name_plural = _("gifts given")
        constraints = [
            models.UniqueConstraint(fields=["customer", "occasion", "year"], name="loyalty_gift_once_a_year")
        ]
        indexes = [models.Index(fields=["customer", "celebrated_on"], name="loyalty_gift_of_customer")]


class ExpiryNotice(models.Model):
    """That a member was told of points that expire; once per account and instant."""

    customer = _customer()
    account_id = models.BigIntegerField()
    expires_at = models.DateTimeField()
    points = models.BigIntegerField()
    at = models.DateTimeField()

    objects = OfCustomers.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id", "expires_at"], name="loyalty_notice_once"),
        ]
        indexes = [models.Index(fields=["customer", "expires_at"], name="loyalty_notice_of_customer")]


class OpeningPoints(models.Model):
    """Points a file brought along: one per row of a run. Undoing the run takes them back where nothing was spent."""

    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="+", db_index=False)
    row_number = models.PositiveIntegerField()
    customer = _customer()
    points = models.BigIntegerField()
    transaction_id = models.BigIntegerField()

    objects = OfCustomers.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "row_number"], name="loyalty_opening_once"),
        ]
        indexes = [models.Index(fields=["customer"], name="loyalty_opening_of_customer")]
