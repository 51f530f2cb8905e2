"""The organisation: one merchant, its legal entities and partners, regions, stores with their registers and
places of stock, opening hours and the business calendar, staff and their postings.

Stores are central: every later row belongs to one of them, and what a person may see follows from where the
person is posted. Periods are half-open `[from_date, to_date)`; an open end is None.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.encrypted_fields import BlindIndexField, EncryptedTextField, Sealed, last_four


class Trade(models.TextChoices):
    """Trade presets; the preset belongs to the store, a merchant may mix them."""

    BEAUTY = "BEAUTY", _("Beauty salon")
    JEWELRY = "JEWELRY", _("Jewelry store")
    FURNITURE = "FURNITURE", _("Furniture store")
    CHAIN = "CHAIN", _("Chain store")
    KEY_ACCOUNT = "KEY_ACCOUNT", _("Key accounts")
    GENERAL = "GENERAL", _("General store")


class Merchant(models.Model):
    """The one merchant of this database."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(_("merchant name"), max_length=80)
    short_name = models.CharField(_("short name"), max_length=20, blank=True)
    trade = models.CharField(_("main trade"), max_length=16, choices=Trade.choices, default=Trade.GENERAL)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("merchant")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="merchant_is_one")]

    def __str__(self) -> str:
        return self.name


class LegalEntity(models.Model):
    """A company or sole trader that owns stores, receives money and employs people."""

    class Kind(models.TextChoices):
        COMPANY = "COMPANY", _("Company")
        SOLE_TRADER = "SOLE_TRADER", _("Sole trader")
        PARTNERSHIP = "PARTNERSHIP", _("Partnership")

    name = models.CharField(_("registered name"), max_length=80, unique=True)
    short_name = models.CharField(_("short name"), max_length=20)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.COMPANY)
    credit_code = models.CharField(_("unified social credit code"), max_length=18, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["short_name", "id"]
        verbose_name = _("legal entity")
        verbose_name_plural = _("legal entities")
        constraints = [
            models.UniqueConstraint(
                fields=["credit_code"], condition=~Q(credit_code=""), name="legal_entity_credit_code_unique"
            )
        ]

    def __str__(self) -> str:
        return self.short_name


class Partner(models.Model):
    """A person who owns part of a legal entity (股东/合伙人); may also sign in."""

    name = models.CharField(_("name"), max_length=80)
    user = models.OneToOneField(
        "access.User",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="partner",
        verbose_name=_("account"),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("partner")
        verbose_name_plural = _("partners")

    def __str__(self) -> str:
        return self.name


class Holding(models.Model):
    """A partner's share of a legal entity over a period, in basis points (10000 = 100 %)."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="holdings")
    legal_entity = models.ForeignKey(LegalEntity, on_delete=models.PROTECT, related_name="holdings")
    share_basis_points = models.PositiveIntegerField(_("share"))
    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("to"), null=True, blank=True)

    class Meta:
        ordering = ["legal_entity", "-share_basis_points", "id"]
        verbose_name = _("holding")
        verbose_name_plural = _("holdings")
        constraints = [
            models.CheckConstraint(
                condition=Q(share_basis_points__gt=0, share_basis_points__lte=10_000),
                name="holding_share_in_range",
            ),
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gt=F("from_date")), name="holding_period_forward"
            ),
        ]

    @property
    def share_percent(self) -> str:
        """"33.33", without trailing zeros."""
        return f"{self.share_basis_points / 100:g}"


class Region(models.Model):
    """A group of stores; regions nest."""

    name = models.CharField(_("region"), max_length=40, unique=True)
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        verbose_name=_("part of"),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("region")
        verbose_name_plural = _("regions")

    def __str__(self) -> str:
        return self.name


class StoreQuerySet(models.QuerySet["Store"]):
    def visible_to(self, actor: Actor, permission: str = "stores.view_organisation") -> Self:
        """Stores the actor's grants of `permission` reach."""
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(pk__in=reached)

    def open_on(self, day: date) -> Self:
        return self.filter(Q(opened_on__lte=day), Q(closed_on=None) | Q(closed_on__gt=day))


class Store(models.Model):
    """A place where customers are served. `closing_hour` (0-11) ends the business day: at 2, a sale at 01:30
    belongs to the day before."""

    code = models.CharField(_("code"), max_length=12, unique=True)
    name = models.CharField(_("store name"), max_length=60)
    short_name = models.CharField(_("short name"), max_length=20)
    trade = models.CharField(_("trade"), max_length=16, choices=Trade.choices)
    legal_entity = models.ForeignKey(
        LegalEntity, on_delete=models.PROTECT, related_name="stores", verbose_name=_("legal entity")
    )
    region = models.ForeignKey(
        Region,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="stores",
        verbose_name=_("region"),
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    closing_hour = models.PositiveSmallIntegerField(_("day closes at"), default=0)
    province = models.CharField(_("province"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=20, blank=True)
    district = models.CharField(_("district"), max_length=20, blank=True)
    street = models.CharField(_("street and number"), max_length=120, blank=True)
    telephone = models.CharField(_("telephone"), max_length=32, blank=True)
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    is_demo = models.BooleanField(default=False, editable=False)

    objects = StoreQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        constraints = [
            models.CheckConstraint(condition=Q(closing_hour__lt=12), name="store_closing_hour_before_noon"),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                name="store_closes_after_opening",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name

    @property
    def address(self) -> str:
        return f"{self.province}{self.city}{self.district}{self.street}"


class OfStoreQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor, permission: str = "stores.view_organisation") -> Self:
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(store_id__in=reached)


class Register(models.Model):
    """A till or counter of a store."""

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="registers", verbose_name=_("store")
    )
    code = models.CharField(_("code"), max_length=12)
    name = models.CharField(_("name"), max_length=40)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        ordering = ["store", "code"]
        verbose_name = _("register")
        verbose_name_plural = _("registers")
        constraints = [
            models.UniqueConstraint(fields=["store", "code"], name="register_code_unique_in_store")
        ]

    def __str__(self) -> str:
        return self.name


class StockPlace(models.Model):
    """A named place of stock: the shop floor, a warehouse, the safe. Stock itself is the room `inventory`'s."""

    class Kind(models.TextChoices):
        SHOP_FLOOR = "SHOP_FLOOR", _("Shop floor")
        WAREHOUSE = "WAREHOUSE", _("Warehouse")
        SAFE = "SAFE", _("Safe")
        CUSTODY = "CUSTODY", _("Customers' goods")

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="stock_places", verbose_name=_("store")
    )
    name = models.CharField(_("name"), max_length=40)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.SHOP_FLOOR)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        ordering = ["store", "id"]
        verbose_name = _("place of stock")
        verbose_name_plural = _("places of stock")
        constraints = [
            models.UniqueConstraint(fields=["store", "name"], name="stock_place_name_unique_in_store")
        ]

    def __str__(self) -> str:
        return self.name


class OpeningHours(models.Model):
    """Hours of a weekday (0 Monday … 6 Sunday); `closes <= opens` means closing after midnight. Two rows of a
    weekday are a day with a break."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ["store", "weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="opening_hours_weekday_in_range"),
            models.UniqueConstraint(fields=["store", "weekday", "opens"], name="opening_hours_unique"),
        ]


class CalendarDay(models.Model):
    """A day that differs from the weekly pattern, for one store or (store None) for all: closed, or other
    hours. Public holidays and make-up days come from the national calendar unless a row here says else."""

    class Kind(models.TextChoices):
        CLOSED = "CLOSED", _("Closed")
        SPECIAL_HOURS = "SPECIAL_HOURS", _("Special hours")
        HOLIDAY = "HOLIDAY", _("Holiday")
        WORKDAY = "WORKDAY", _("Make-up working day")

    store = models.ForeignKey(
        Store, null=True, blank=True, on_delete=models.CASCADE, related_name="calendar_days"
    )
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    opens = models.TimeField(_("opens"), null=True, blank=True)
    closes = models.TimeField(_("closes"), null=True, blank=True)
    name = models.CharField(_("occasion"), max_length=40, blank=True)

    class Meta:
        ordering = ["day", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "day"], nulls_distinct=False, name="calendar_day_unique_in_store"
            ),
            models.CheckConstraint(
                condition=~Q(kind="SPECIAL_HOURS") | Q(opens__isnull=False, closes__isnull=False),
                name="calendar_day_special_hours_given",
            ),
        ]


class StaffQuerySet(models.QuerySet["Staff"]):
    def visible_to(self, actor: Actor, permission: str = "stores.view_organisation") -> Self:
        """People with a posting (past, present or coming) that touches a store the actor reaches; oneself always."""
        reached = actor.stores_for(permission)
        if reached is None:
            return self
        touching = Posting.objects.filter(Posting.touching(reached)).values("staff_id")
        return self.filter(Q(pk__in=touching) | Q(user_id=actor.user_id))

    def employed_on(self, day: date) -> Self:
        return self.filter(Q(hired_on__lte=day), Q(left_on=None) | Q(left_on__gt=day))


class Staff(Sealed):
    """A person who works for the merchant. `left_on` is the first day no longer employed; the phone is encrypted."""

    user = models.OneToOneField(
        "access.User", on_delete=models.PROTECT, related_name="staff", verbose_name=_("account")
    )
    number = models.CharField(_("staff number"), max_length=16, unique=True)
    name = models.CharField(_("name"), max_length=80)
    title = models.CharField(_("job title"), max_length=40, blank=True)
    legal_entity = models.ForeignKey(
        LegalEntity, on_delete=models.PROTECT, related_name="staff", verbose_name=_("employer")
    )
    phone = EncryptedTextField(_("mobile phone"), max_length=32, blank=True, null=True)
    phone_exact = BlindIndexField(source="phone")
    phone_last4 = BlindIndexField(source="phone", index="last4", bits=13, normalise=last_four)
    hired_on = models.DateField(_("hired on"))
    left_on = models.DateField(_("left on"), null=True, blank=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        constraints = [
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=F("hired_on")), name="staff_leaves_after_hiring"
            )
        ]

    def __str__(self) -> str:
        return self.name


class PostingQuerySet(models.QuerySet["Posting"]):
    def in_force(self, day: date) -> Self:
        return self.filter(Q(from_date__lte=day), Q(to_date=None) | Q(to_date__gt=day))


class Posting(models.Model):
    """Where a person works in which role, from when to when. The place is one store, one region, one legal
    entity or (none given) the whole merchant."""

    staff = models.ForeignKey(
        Staff, on_delete=models.PROTECT, related_name="postings", verbose_name=_("staff member")
    )
    role = models.ForeignKey(
        "access.Role", on_delete=models.PROTECT, related_name="postings", verbose_name=_("role")
    )
    store = models.ForeignKey(
        Store,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="postings",
        verbose_name=_("store"),
    )
    region = models.ForeignKey(
        Region,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="postings",
        verbose_name=_("region"),
    )
    legal_entity = models.ForeignKey(
        LegalEntity,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="postings",
        verbose_name=_("legal entity"),
    )
    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("to"), null=True, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        ordering = ["staff", "-from_date", "id"]
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gt=F("from_date")), name="posting_period_forward"
            ),
            models.CheckConstraint(
                condition=(
                    Q(store=None, region=None)
                    | Q(store=None, legal_entity=None)
                    | Q(region=None, legal_entity=None)
                ),
                name="posting_at_one_place",
            ),
        ]

    @property
    def place_name(self) -> str:
        """Where: the store, the region, the legal entity, or the whole merchant."""
        return str(self.store or self.region or self.legal_entity or _("Whole merchant"))

    @staticmethod
    def touching(store_ids: frozenset[int]) -> Q:
        """Postings at these stores themselves (not those of regions or the merchant above them)."""
        return Q(store_id__in=store_ids)
