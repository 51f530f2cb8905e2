"""What surrounds a customer: dates that matter, relatives, household, the contacts of a company."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.expressions import CombinedExpression
from django.utils.translation import gettext_lazy as _

from dianke.core.lunar import LunarDate, SolarDate
from dianke.customers.models.people import Customer
from dianke.customers.models.records import SourceRecord


class DateKind(models.TextChoices):
    BIRTHDAY = "BIRTHDAY", _("Birthday")
    WEDDING = "WEDDING", _("Wedding anniversary")
    CHILD = "CHILD", _("Child's birthday")
    SPOUSE = "SPOUSE", _("Spouse's birthday")
    OTHER = "OTHER", _("Other date")


class Calendar(models.TextChoices):
    SOLAR = "SOLAR", _("Solar")
    LUNAR = "LUNAR", _("Lunar")


#: Lunar days are counted above the solar ones, and those of a leap month above the ordinary ones.
LUNAR_KEYS, LEAP_KEYS = 2000, 4000


def day_key_of(calendar: str, month: int, day: int, is_leap: bool) -> int:
    """A yearly day as one number: month * 100 + day, of lunar days from `LUNAR_KEYS`, of a leap month from `LEAP_KEYS`
    on."""
    base = LEAP_KEYS if is_leap else LUNAR_KEYS if calendar == Calendar.LUNAR else 0
    return base + month * 100 + day


def day_key() -> CombinedExpression:
    """`day_key_of` of a stored date, in the words of its index: what asks by it is answered by index, and one number
    lets PostgreSQL stop reading at a limit, which an OR over calendars, months and days does not. It is an expression
    and no column, so nobody who writes dates can leave it out."""
    base = Case(
        When(is_leap=True, then=Value(LEAP_KEYS)),
        When(calendar=Calendar.LUNAR, then=Value(LUNAR_KEYS)),
        default=Value(0),
    )
    return F("month") * Value(100) + F("day") + base


class ImportantDate(models.Model):
    """A day that comes round every year, kept as it was given: a lunar day is never turned into a solar one.
    `year` is the year of the event where known (of the lunar calendar for lunar days)."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="dates")
    record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="dates", db_index=False)
    kind = models.CharField(_("occasion"), max_length=8, choices=DateKind, default=DateKind.BIRTHDAY)
    label = models.CharField(_("whose or what"), max_length=40, blank=True)
    calendar = models.CharField(_("calendar"), max_length=5, choices=Calendar, default=Calendar.SOLAR)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    month = models.PositiveSmallIntegerField(_("month"))
    day = models.PositiveSmallIntegerField(_("day"))
    is_leap = models.BooleanField(_("leap month"), default=False)
    text = models.CharField(_("as given"), max_length=40, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("important date")
        verbose_name_plural = _("important dates")
        constraints = [
            models.CheckConstraint(
                condition=Q(month__gte=1, month__lte=12, day__gte=1, day__lte=31),
                name="important_date_exists",
            ),
            models.CheckConstraint(
                condition=Q(is_leap=False) | Q(calendar="LUNAR"), name="important_date_leap_is_lunar"
            ),
        ]
        indexes = [
            # Of all rows: PostgreSQL estimates by the statistics of an expression only where its index is not partial.
            models.Index(day_key(), F("customer"), name="important_date_by_key"),
        ]

    @property
    def recurring(self) -> LunarDate | SolarDate:
        """The day as `core.lunar` computes with it."""
        if self.calendar == Calendar.LUNAR:
            return LunarDate(self.month, self.day, self.is_leap, self.text)
        return SolarDate(self.month, self.day)

    def age_on(self, day: date) -> int | None:
        """Full years on `day`, for a solar date with its year; None otherwise."""
        if self.year is None or self.calendar == Calendar.LUNAR:
            return None
        return day.year - self.year - ((day.month, day.day) < (self.month, self.day))


class RelationKind(models.TextChoices):
    SPOUSE = "SPOUSE", _("Spouse")
    PARENT = "PARENT", _("Parent")
    CHILD = "CHILD", _("Child")
    SIBLING = "SIBLING", _("Brother or sister")
    FRIEND = "FRIEND", _("Friend")
    GUARDIAN = "GUARDIAN", _("Guardian")
    REFERRER = "REFERRER", _("Brought by")
    CONTACT = "CONTACT", _("Contact person of the company")


class Relation(models.Model):
    """`other` is the `kind` of `customer`: the spouse, the contact person of the company. The mirror is
    computed.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="relations")
    other = models.ForeignKey(Customer, models.PROTECT, related_name="relations_to")
    kind = models.CharField(_("relation"), max_length=10, choices=RelationKind)
    title = models.CharField(_("role or title"), max_length=40, blank=True)
    is_primary = models.BooleanField(_("first to ask"), default=False)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("relation")
        verbose_name_plural = _("relations")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "other", "kind"], condition=Q(ended_at=None), name="relation_once"
            ),
            models.CheckConstraint(condition=~Q(customer=F("other")), name="relation_to_another"),
        ]


class Household(models.Model):
    """People who live and buy together."""

    name = models.CharField(_("household"), max_length=40)
    members = models.ManyToManyField(Customer, related_name="households")

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")

    def __str__(self) -> str:
        return self.name
