"""Kinds of coupons, each wording of a kind, the coupons customers have, and everything that happened to one."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.search_words import FoundByWords, search_words_index
from dianke.promotions.models.visible import OfCustomerQuerySet, OfferQuerySet


class CouponKind(FoundByWords):
    """What a coupon gives and when is `terms`, read by `rules/terms.py`. `store_ids`: where it is given and used; empty
    means everywhere.

    `total_limit`: how many there may ever be; `issued_count` how many there are. A coupon is good on fixed days
    (`valid_from` to `valid_to`, both included, at the merchant's clock) or `valid_days` days after it was claimed,
    beginning `starts_after_days` later. `grace_days`: so many days it is good again when it comes back expired.
    `notice_days`: so many days before the end the customer is told.
    """

    class State(models.TextChoices):
        ACTIVE = "ACTIVE", pgettext_lazy("coupons", "Given out")
        PAUSED = "PAUSED", pgettext_lazy("coupons", "Paused")
        ENDED = "ENDED", pgettext_lazy("coupons", "Put away")

    class Validity(models.TextChoices):
        FIXED = "FIXED", _("On fixed days")
        AFTER_CLAIM = "AFTER_CLAIM", _("Some days from claiming")

    class Giving(models.TextChoices):
        ISSUERS = "ISSUERS", _("Who may give coupons")
        STAFF = "STAFF", _("Everybody who serves customers")
        SYSTEM = "SYSTEM", _("Only programmes, not people")

    words_from = ("name",)

    name = models.CharField(_("name"), max_length=40)
    kind = models.CharField(_("gives"), max_length=16)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ACTIVE)
    version = models.PositiveIntegerField(_("version"), default=1)
    terms = models.JSONField(_("terms"), default=dict)
    note = models.CharField(_("what the customer reads"), max_length=200, blank=True)
    store_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("stores"))
    total_limit = models.BigIntegerField(_("how many at most"), null=True, blank=True)
    issued_count = models.BigIntegerField(default=0, editable=False)
    per_customer_limit = models.PositiveIntegerField(_("for one customer"), null=True, blank=True)
    validity = models.CharField(
        _("good"), max_length=12, choices=Validity.choices, default=Validity.AFTER_CLAIM
    )
    valid_from = models.DateField(_("good from"), null=True, blank=True)
    valid_to = models.DateField(_("good until"), null=True, blank=True)
    valid_days = models.PositiveIntegerField(_("days from claiming"), null=True, blank=True)
    starts_after_days = models.PositiveIntegerField(_("begins after days"), default=0)
    grace_days = models.PositiveIntegerField(_("days of grace"), default=0)
    notice_days = models.PositiveIntegerField(_("told days before"), default=3)
    giving = models.CharField(_("who gives it"), max_length=8, choices=Giving.choices, default=Giving.ISSUERS)
    is_claimable = models.BooleanField(_("customers may claim it themselves"), default=False)
    claim_from = models.DateTimeField(_("claimed from"), null=True, blank=True)
    claim_to = models.DateTimeField(_("claimed until"), null=True, blank=True)
    created_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("kind of coupon")
        verbose_name_plural = _("kinds of coupons")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["ACTIVE", "PAUSED", "ENDED"]), name="promotions_kind_state"
            ),
            models.CheckConstraint(
                condition=Q(total_limit=None, issued_count__gte=0)
                | Q(total_limit__gt=0, issued_count__gte=0, issued_count__lte=F("total_limit")),
                name="promotions_kind_within_limit",
            ),
            models.CheckConstraint(
                condition=Q(validity="FIXED", valid_from__isnull=False, valid_to__gte=F("valid_from"))
                | Q(validity="AFTER_CLAIM", valid_days__gt=0),
                name="promotions_kind_validity",
            ),
            models.CheckConstraint(
                condition=Q(claim_from=None) | Q(claim_to=None) | Q(claim_to__gt=F("claim_from")),
                name="promotions_kind_claim_forward",
            ),
        ]
        indexes = [
            search_words_index("promotions_kind_words"),
            models.Index(fields=["state", "-id"], name="promotions_kind_of_state"),
        ]

    def __str__(self) -> str:
        return self.name


class CouponKindVersion(models.Model):
    """How a kind was worded from `since` on; a coupon keeps the wording it was given with."""

    kind = models.ForeignKey(CouponKind, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    terms = models.JSONField()
    since = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["kind", "number"]
        verbose_name = _("version of a kind of coupon")
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="promotions_kind_version_once")
        ]


class CouponBatch(models.Model):
    """Codes made to be printed: whoever brings one uses it, or claims it first."""

    kind = models.ForeignKey(CouponKind, models.PROTECT, related_name="batches")
    name = models.CharField(_("name"), max_length=40)
    count = models.PositiveIntegerField(_("codes"))
    use_by = models.DateField(_("good until"), null=True, blank=True)
    reference = models.CharField(max_length=100, unique=True)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("printed coupons")
        constraints = [models.CheckConstraint(condition=Q(count__gt=0), name="promotions_batch_not_empty")]

    def __str__(self) -> str:
        return self.name


class CouponQuerySet(OfCustomerQuerySet):
    def open(self) -> Self:
        """Neither used nor expired nor revoked."""
        return self.filter(state__in=["ISSUED", "CLAIMED"])


class Coupon(models.Model):
    """One coupon. ISSUED: given out and not yet anybody's to use but the bearer's (printed), or offered to a customer
    who has not claimed it; CLAIMED: in the customer's hands, the days run. `code` is all one needs to use a printed
    one, so lists show only its end. `occasion` is what it was given for, once: ("birthday:2026", customer) never
    makes two. Amounts are minor units: `used_amount` what it took off, `brought_amount` what was paid for the goods.
    """

    class State(models.TextChoices):
        ISSUED = "ISSUED", pgettext_lazy("coupon", "Not claimed")
        CLAIMED = "CLAIMED", pgettext_lazy("coupon", "Usable")
        USED = "USED", pgettext_lazy("coupon", "Used")
        EXPIRED = "EXPIRED", pgettext_lazy("coupon", "Expired")
        REVOKED = "REVOKED", pgettext_lazy("coupon", "Revoked")

    kind = models.ForeignKey(CouponKind, models.PROTECT, related_name="coupons", db_index=False)
    version = models.PositiveIntegerField()
    code = models.CharField(_("code"), max_length=16, unique=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer"),
        db_index=False,
    )
    batch = models.ForeignKey(
        CouponBatch, models.PROTECT, null=True, blank=True, related_name="coupons", db_index=False
    )
    occasion = models.CharField(max_length=100, blank=True)
    serial = models.PositiveIntegerField(default=1)
    issued_at = models.DateTimeField(_("given"))
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    valid_from = models.DateTimeField(_("good from"), null=True, blank=True)
    expires_at = models.DateTimeField(_("good until"), null=True, blank=True)
    used_at = models.DateTimeField(_("used"), null=True, blank=True)
    used_reference = models.CharField(max_length=100, blank=True)
    used_store_id = models.BigIntegerField(null=True, blank=True)
    used_amount = models.BigIntegerField(_("took off"), default=0)
    brought_amount = models.BigIntegerField(_("paid with it"), default=0)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    noticed_at = models.DateTimeField(null=True, blank=True)

    objects = CouponQuerySet.as_manager()

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "customer", "occasion", "serial"],
                condition=~Q(occasion="") & Q(batch=None),
                name="promotions_coupon_once_per_occasion",
            ),
            models.CheckConstraint(
                condition=Q(state="ISSUED", claimed_at=None, used_at=None)
                | Q(state="CLAIMED", claimed_at__isnull=False, customer__isnull=False, used_at=None)
                | (Q(state="USED", used_at__isnull=False) & ~Q(used_reference=""))
                | Q(state__in=["EXPIRED", "REVOKED"], used_at=None),
                name="promotions_coupon_state",
            ),
            models.CheckConstraint(
                condition=Q(customer__isnull=False) | Q(batch__isnull=False),
                name="promotions_coupon_of_somebody",
            ),
            models.CheckConstraint(
                condition=Q(used_amount__gte=0, brought_amount__gte=0), name="promotions_coupon_amounts"
            ),
        ]
        indexes = [
            models.Index(
                fields=["customer", "state", "expires_at"],
                condition=Q(customer__isnull=False),
                name="promotions_coupon_of",
            ),
            models.Index(fields=["kind", "state"], name="promotions_coupon_of_kind"),
            models.Index(
                fields=["batch", "id"], condition=Q(batch__isnull=False), name="promotions_coupon_of_batch"
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(state__in=["ISSUED", "CLAIMED"], expires_at__isnull=False),
                name="promotions_coupon_expiring",
            ),
            models.Index(
                fields=["used_reference"], condition=~Q(used_reference=""), name="promotions_coupon_used_by"
            ),
            models.Index(fields=["-issued_at", "-id"], name="promotions_coupon_by_issue"),
        ]

    def __str__(self) -> str:
        return f"…{self.code[-4:]}"

    @property
    def tail(self) -> str:
        """The end of the code, as lists show it."""
        return f"···{self.code[-4:]}"


class CouponStep(models.Model):
    """One step of a coupon, never changed: from which state to which, why, by whom, for which sale."""

    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="steps", db_index=False)
    before = models.CharField(max_length=8, blank=True)
    after = models.CharField(max_length=8, choices=Coupon.State.choices)
    at = models.DateTimeField()
    reference = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    amount = models.BigIntegerField(default=0)
    store_id = models.BigIntegerField(null=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["coupon", "id"]
        verbose_name = _("step of a coupon")
        indexes = [models.Index(fields=["coupon", "id"], name="promotions_step_of")]


class CouponTally(models.Model):
    """How many coupons of a kind a customer was given: the row that two claims wait for."""

    kind = models.ForeignKey(CouponKind, models.PROTECT, related_name="tallies", db_index=False)
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="+")
    count = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("coupons of a customer")
        constraints = [
            models.UniqueConstraint(fields=["kind", "customer"], name="promotions_coupon_tally_once"),
            models.CheckConstraint(condition=Q(count__gte=0), name="promotions_coupon_tally_not_below_zero"),
        ]
