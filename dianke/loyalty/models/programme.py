"""What the merchant promises its members: the programme with its numbers, the levels, and how points are earned. The
code that decides is in `rules/`; these rows are only what it is told.
"""

from __future__ import annotations

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor

VIEW = "loyalty.view_members"
MANAGE = "loyalty.manage_programme"


class OfProgramme(models.QuerySet[Any]):
    """The programme and what belongs to it."""

    def visible_to(self, actor: Actor) -> Self:
        """It holds for the whole merchant: who sees members sees it."""
        return self if actor.can(VIEW) else self.none()


class Programme(models.Model):
    """The numbers of one membership programme. One is the default and counts for every sale.

    `time_zone` decides where a day ends. Amounts are minor units. `worth_points` points are worth `worth_amount`;
    they are used in multiples of `redeem_step`, from `redeem_minimum` on, for at most `redeem_cap_bp` of an order and
    `redeem_cap_amount`. Pending points become spendable `pending_days` after the sale. `return_grace_days`: how long
    points may be used that come back from a return after they had expired.
    """

    class Window(models.TextChoices):
        CALENDAR_YEAR = "CALENDAR_YEAR", _("Calendar year")
        ANNIVERSARY = "ANNIVERSARY", _("Year of membership")
        ROLLING = "ROLLING", _("The last days")

    class Downgrade(models.TextChoices):
        ONE_STEP = "ONE_STEP", _("One level down")
        RECOMPUTED = "RECOMPUTED", _("To the level that is reached")
        NEVER = "NEVER", _("Never down")

    class Expiry(models.TextChoices):
        NEVER = "NEVER", _("Never")
        MONTHS = "MONTHS", _("After a number of months")
        END_OF_YEAR = "END_OF_YEAR", _("At the end of a year")

    class Shortfall(models.TextChoices):
        NEGATIVE = "NEGATIVE", _("The customer owes the points")
        DEDUCT_CASH = "DEDUCT_CASH", _("Their worth is taken off the refund")
        BLOCK = "BLOCK", _("The return is refused")

    class StoredValue(models.TextChoices):
        USE = "USE", _("When it is used")
        TOP_UP = "TOP_UP", _("When it is topped up")

    name = models.CharField(pgettext_lazy("loyalty", "name"), max_length=40)
    is_default = models.BooleanField(default=True, editable=False)
    is_active = models.BooleanField(_("in use"), default=True)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    currency = models.CharField(_("currency"), max_length=3, default="CNY")

    window = models.CharField(_("counted over"), max_length=13, choices=Window, default=Window.ROLLING)
    window_days = models.PositiveSmallIntegerField(pgettext_lazy("loyalty", "days"), default=365)
    downgrade = models.CharField(
        _("who no longer reaches it"), max_length=10, choices=Downgrade, default=Downgrade.ONE_STEP
    )
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=30)
    keeps_after_refund = models.BooleanField(
        _("a level reached by what is returned stays until the period ends"), default=False
    )

    pending_days = models.PositiveSmallIntegerField(_("days until points can be used"), default=0)
    expiry = models.CharField(_("points expire"), max_length=11, choices=Expiry, default=Expiry.NEVER)
    expiry_count = models.PositiveSmallIntegerField(_("months, or years after this one"), default=1)
    notice_days = models.PositiveSmallIntegerField(_("days of notice"), default=30)
    worth_points = models.PositiveIntegerField(_("points"), default=100)
    worth_amount = models.BigIntegerField(_("are worth"), default=100)
    redeem_step = models.PositiveIntegerField(_("used in steps of"), default=1)
    redeem_minimum = models.PositiveIntegerField(_("used from"), default=0)
    redeem_cap_bp = models.PositiveIntegerField(_("of an order at most"), default=10_000)
    redeem_cap_amount = models.BigIntegerField(_("at most"), null=True, blank=True)
    shortfall = models.CharField(
        _("when points of a return are spent"), max_length=11, choices=Shortfall, default=Shortfall.NEGATIVE
    )
    return_grace_days = models.PositiveSmallIntegerField(_("days of grace for points given back"), default=30)

    earns_on_tax = models.BooleanField(_("tax earns points"), default=True)
    earns_on_bonus = models.BooleanField(_("bonus of stored value earns points"), default=False)
    earns_on_shipping = models.BooleanField(_("delivery fees earn points"), default=False)
    earns_on_gift_cards = models.BooleanField(_("gift cards earn points when sold"), default=False)
    stored_value_earns = models.CharField(
        _("stored value earns points"), max_length=6, choices=StoredValue, default=StoredValue.USE
    )

    is_referring = models.BooleanField(_("members bring members"), default=False)
    referrer_points = models.PositiveIntegerField(_("points for who brings"), default=0)
    referred_points = models.PositiveIntegerField(_("points for who comes"), default=0)
    referral_least_amount = models.BigIntegerField(_("first purchase of at least"), default=0)
    referral_limit = models.PositiveSmallIntegerField(_("rewards at most"), default=10)
    referral_limit_days = models.PositiveSmallIntegerField(_("within days"), default=30)
    created_at = models.DateTimeField()

    objects = OfProgramme.as_manager()

    class Meta:
        verbose_name = _("membership programme")
        verbose_name_plural = _("membership programmes")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="loyalty_one_default"
            ),
            models.CheckConstraint(
                condition=Q(worth_points__gt=0, worth_amount__gte=0, redeem_step__gt=0),
                name="loyalty_worth_positive",
            ),
            models.CheckConstraint(
                condition=Q(redeem_cap_bp__lte=10_000)
                & (Q(redeem_cap_amount=None) | Q(redeem_cap_amount__gte=0)),
                name="loyalty_redeem_cap",
            ),
            models.CheckConstraint(condition=Q(window_days__gt=0), name="loyalty_window_days"),
        ]

    def __str__(self) -> str:
        return self.name


class LevelQuerySet(OfProgramme):
    def in_use(self) -> Self:
        """Those that can still be reached or given."""
        return self.filter(archived_at=None)


class Level(models.Model):
    """A level of membership. `code` is what price lists and promotions name; `rank` orders, higher is better.

    It is reached by what is bought inside the programme's window: `least_amount`, `least_orders`, `least_points`
    (empty: not asked), all of them or any. With none of them it is only given by hand or sold (`price_amount` for
    `paid_days`). `points_bp` 12000 earns 1.2 times the points; `discount_bp` 500 takes five percent off.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="levels", db_index=False)
    code = models.CharField(_("code"), max_length=24)
    name = models.CharField(pgettext_lazy("loyalty", "name"), max_length=20)
    rank = models.PositiveSmallIntegerField(_("rank"))
    least_amount = models.BigIntegerField(_("spent at least"), null=True, blank=True)
    least_orders = models.PositiveIntegerField(_("purchases at least"), null=True, blank=True)
    least_points = models.PositiveIntegerField(_("level points at least"), null=True, blank=True)
    needs_all = models.BooleanField(_("all of it"), default=False)
    price_amount = models.BigIntegerField(_("sold for"), null=True, blank=True)
    paid_days = models.PositiveSmallIntegerField(_("days it is sold for"), default=365)
    points_bp = models.PositiveIntegerField(_("points"), default=10_000)
    discount_bp = models.PositiveIntegerField(_("discount"), default=0)
    benefits = ArrayField(
        models.CharField(max_length=60), verbose_name=_("benefits"), default=list, blank=True
    )
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = LevelQuerySet.as_manager()

    class Meta:
        ordering = ["rank"]
        verbose_name = pgettext_lazy("of membership", "level")
        verbose_name_plural = pgettext_lazy("of membership", "levels")
        constraints = [
            models.UniqueConstraint(fields=["programme", "code"], name="loyalty_level_code_once"),
            models.UniqueConstraint(
                fields=["programme", "rank"],
                condition=Q(archived_at=None),
                name="loyalty_level_rank_once",
            ),
            models.UniqueConstraint(
                fields=["programme", "name"], condition=Q(archived_at=None), name="loyalty_level_name_once"
            ),
            models.CheckConstraint(condition=Q(discount_bp__lte=10_000), name="loyalty_level_discount"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_by_rule(self) -> bool:
        """Whether buying leads to it."""
        return (self.least_amount, self.least_orders, self.least_points) != (None, None, None)


class EarningRule(models.Model):
    """How points are earned. RATE: `points` per `per_amount`; the first that fits a line counts. MULTIPLY: that many
    times as much (`factor_bp`); the largest that fits a line counts. BONUS: `points` once (or each time) what fits
    reaches `per_amount`. Empty conditions fit everything.
    """

    class Kind(models.TextChoices):
        RATE = "RATE", _("Points for each amount")
        MULTIPLY = "MULTIPLY", _("Times as many points")
        BONUS = "BONUS", _("Extra points from an amount on")

    class Birthday(models.TextChoices):
        ANY = "", pgettext_lazy("earning rule", "Any day")
        DAY = "DAY", _("On the birthday")
        MONTH = "MONTH", _("In the month of the birthday")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="earning_rules", db_index=False)
    name = models.CharField(pgettext_lazy("loyalty", "name"), max_length=40)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.RATE)
    position = models.PositiveSmallIntegerField(default=100)
    points = models.PositiveIntegerField(_("points"), default=1)
    per_amount = models.BigIntegerField(_("for each"), default=100)
    factor_bp = models.PositiveIntegerField(_("times"), default=10_000)
    is_repeated = models.BooleanField(_("each time the amount is reached"), default=False)
    category_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    product_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    store_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    level_codes = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    birthday = models.CharField(_("birthday"), max_length=5, choices=Birthday, blank=True, default="")
    from_date = models.DateField(pgettext_lazy("loyalty", "from"), null=True, blank=True)
    to_date = models.DateField(_("through"), null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = OfProgramme.as_manager()

    class Meta:
        ordering = ["kind", "position", "id"]
        verbose_name = _("earning rule")
        verbose_name_plural = _("earning rules")
        constraints = [
            models.CheckConstraint(condition=Q(per_amount__gt=0), name="loyalty_rule_per_amount"),
            models.CheckConstraint(
                condition=Q(from_date=None) | Q(to_date=None) | Q(to_date__gte=models.F("from_date")),
                name="loyalty_rule_days",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Gift(models.Model):
    """What members get on an occasion, once per year of its calendar: points that can be used for `valid_days`, and
    perhaps a coupon (`coupon_kind`, the key of the kind at the room that has coupons).
    """

    class Occasion(models.TextChoices):
        BIRTHDAY = "BIRTHDAY", _("Birthday")
        WEDDING = "WEDDING", _("Wedding anniversary")
        JOINING = "JOINING", _("Anniversary of membership")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="gifts", db_index=False)
    name = models.CharField(pgettext_lazy("loyalty", "name"), max_length=40)
    occasion = models.CharField(pgettext_lazy("loyalty", "occasion"), max_length=8, choices=Occasion)
    level_codes = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    points = models.PositiveIntegerField(_("points"), default=0)
    valid_days = models.PositiveSmallIntegerField(_("days to use them"), default=60)
    coupon_kind = models.CharField(_("kind of coupon"), max_length=80, blank=True)
    days_before = models.PositiveSmallIntegerField(_("days before"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = OfProgramme.as_manager()

    class Meta:
        ordering = ["occasion", "id"]
        verbose_name = _("gift")
        verbose_name_plural = _("gifts")
        constraints = [
            models.CheckConstraint(condition=Q(days_before__lte=60), name="loyalty_gift_days_before"),
        ]

    def __str__(self) -> str:
        return self.name


class Reward(models.Model):
    """What points can be exchanged for besides money off: goods, a service, a coupon. `left_count` is lowered with
    each exchange (empty: as many as asked for)."""

    class Kind(models.TextChoices):
        GOODS = "GOODS", _("Goods")
        SERVICE = "SERVICE", pgettext_lazy("kind of reward", "A service")
        COUPON = "COUPON", _("A coupon")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="rewards", db_index=False)
    name = models.CharField(pgettext_lazy("loyalty", "name"), max_length=40)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.GOODS)
    note = models.CharField(_("note"), max_length=120, blank=True)
    points = models.PositiveIntegerField(_("points"))
    variant_id = models.BigIntegerField(null=True, blank=True)
    coupon_kind = models.CharField(_("kind of coupon"), max_length=80, blank=True)
    level_codes = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    left_count = models.PositiveIntegerField(_("left"), null=True, blank=True)
    limit_per_member = models.PositiveSmallIntegerField(_("at most per member"), null=True, blank=True)
    from_date = models.DateField(pgettext_lazy("loyalty", "from"), null=True, blank=True)
    to_date = models.DateField(_("through"), null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = OfProgramme.as_manager()

    class Meta:
        ordering = ["points", "id"]
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="loyalty_reward_points"),
            models.CheckConstraint(
                condition=~Q(kind="COUPON") | ~Q(coupon_kind=""), name="loyalty_reward_names_coupon"
            ),
        ]

    def __str__(self) -> str:
        return self.name
