"""Staff, and where they are posted: what a person may see follows from it."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.encrypted_fields import BlindIndexField, EncryptedTextField, Sealed, last_four
from dianke.core.phone import parse as parse_phone
from dianke.core.search_words import FoundByWords, search_words_index
from dianke.stores.models.organisation import LegalEntity, Region
from dianke.stores.models.places import Store


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


class Staff(FoundByWords, Sealed):
    """A person who works for the merchant. `left_on` is the first day no longer employed; what is still held on that
    day goes to `successor`. The phone is encrypted."""

    words_from = ("name", "number")

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
    successor = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("taken over by"),
    )

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
        indexes = [search_words_index("staff_search_words")]

    def __str__(self) -> str:
        return self.name

    @property
    def masked_phone(self) -> str:
        """ "138****8000"; empty when none is known."""
        return parse_phone(self.phone).masked() if self.phone else ""


class PostingQuerySet(models.QuerySet["Posting"]):
    def visible_to(self, actor: Actor, permission: str = "stores.view_organisation") -> Self:
        """Postings of the people the actor may see."""
        reached = actor.stores_for(permission)
        if reached is None:
            return self
        return self.filter(staff__in=Staff.objects.visible_to(actor, permission))

    def not_over(self, day: date) -> Self:
        """In force on `day`, or to come."""
        return self.filter(Q(to_date=None) | Q(to_date__gt=day))

    def in_force(self, day: date) -> Self:
        return self.filter(Q(from_date__lte=day), Q(to_date=None) | Q(to_date__gt=day))


def _only(name: str) -> Func:
    """The range that holds just the number in a column (0 where there is none)."""
    number = Coalesce(F(name), Value(0, models.BigIntegerField()))
    return Func(number, number, Value("[]"), function="int8range")


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
            # Whole numbers as ranges of one: GiST compares those without an extension.
            ExclusionConstraint(
                name="posting_once_at_a_time",
                expressions=[
                    (_only("staff_id"), RangeOperators.OVERLAPS),
                    (_only("role_id"), RangeOperators.OVERLAPS),
                    (_only("store_id"), RangeOperators.OVERLAPS),
                    (_only("region_id"), RangeOperators.OVERLAPS),
                    (_only("legal_entity_id"), RangeOperators.OVERLAPS),
                    (Func(F("from_date"), F("to_date"), function="daterange"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def is_in_force(self, day: date) -> bool:
        return self.from_date <= day and (self.to_date is None or day < self.to_date)

    @property
    def place_name(self) -> str:
        """Where: the store, the region, the legal entity, or the whole merchant."""
        return str(self.store or self.region or self.legal_entity or _("Whole merchant"))

    @staticmethod
    def touching(store_ids: frozenset[int]) -> Q:
        """Postings at these stores themselves (not those of regions or the merchant above them)."""
        return Q(store_id__in=store_ids)
